"""A new pack: one that works at once and teaches by its comments, or one made of existing code."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path

from mlprov_widgets._files import reason, write_new
from mlprov_widgets.authoring.conversion import converted
from mlprov_widgets.errors import MlprovError, PackError
from mlprov_widgets.packs.rows import NAME
from mlprov_widgets.packs.trust import trust_folder
from mlprov_widgets.wording import capitalize, humanize


def new_pack(folder: Path | str, source: Path | str | None = None) -> Path:
    """Write a new pack, which is one's own and trusted.

    Parameters
    ----------
    folder : Path or str
        A folder that does not exist yet; its name is that of the pack.
    source : Path or str, optional
        A notebook or script whose cells become the pack's, and whose named constants its
        parameters; by default the pack is a small experiment, commented to learn from.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    PackError
        If the name is not allowed, or the folder exists.
    RecordError
        If the source cannot be read.
    MlprovError
        If the folder cannot be written.
    """
    folder = Path(folder).expanduser()
    name = folder.resolve().name
    if not NAME.match(name):
        raise PackError("pack_name_not_allowed", folder)
    title = capitalize(humanize(name))
    texts = _template(title) if source is None else converted(Path(source), title)
    _write(folder, texts)
    # Where settings cannot be kept, it is asked about like any other.
    with contextlib.suppress(MlprovError):
        trust_folder(folder)
    return folder


def _template(title: str) -> dict[str, str]:
    place = files("mlprov_widgets").joinpath("authoring/template")
    texts = {one.name: one.read_text(encoding="utf-8") for one in place.iterdir() if one.is_file()}
    texts["pack.toml"] = texts["pack.toml"].replace("@TITLE@", title)
    return texts


def _write(folder: Path, texts: Mapping[str, str]) -> None:
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        folder.mkdir()
        for name, text in texts.items():
            write_new(folder / name, text.encode("utf-8"))
    except FileExistsError:
        raise PackError("pack_folder_exists", folder) from None
    except OSError as error:
        raise MlprovError("file_not_writable", file=folder, reason=reason(error)) from None
