"""Pack and values to the text of a notebook or a script, with the manifest that it carries."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from mlprov_widgets.deprecation import renamed_parameters
from mlprov_widgets.errors import MlprovError
from mlprov_widgets.notebooks.formats import DEFAULT, SourceCell, format_of
from mlprov_widgets.notebooks.manifest import Manifest, is_starting_point
from mlprov_widgets.notebooks.new_files import free_name, write_free, write_new
from mlprov_widgets.notebooks.plain import check_plain
from mlprov_widgets.notebooks.rendering import render_cells
from mlprov_widgets.notebooks.template_names import check_templates
from mlprov_widgets.packs import Pack, check_trust, complete_values, find_pack
from mlprov_widgets.packs.types.paths import expand_home
from mlprov_widgets.record import text_hash


def make_manifest(
    pack: Pack,
    values: Mapping[str, Any],
    cells: Iterable[SourceCell],
    started_from: Mapping[str, Any] | None = None,
    folder: Path | None = None,
) -> Manifest:
    """What the notebook says about how it was made.

    Parameters
    ----------
    pack : Pack
    values : mapping
    cells : iterable of SourceCell
    started_from : mapping, optional
        As in `generate`.
    folder : Path, optional
        Where the notebook will be: the data that lie there are looked at.

    Raises
    ------
    MlprovError
        If `started_from` is not a run with its changes.
    """
    start = dict(started_from or {})
    if isinstance(changes := start.get("changes"), Mapping):
        start["changes"] = {
            name: list(pair) if isinstance(pair, tuple) else pair for name, pair in changes.items()
        }
    if not is_starting_point(start):
        raise MlprovError("starting_point_wrong")
    return Manifest(
        title=pack.title,
        task_type=pack.task_type,
        pack={"name": pack.name, "version": pack.version, "sha256": pack.sha256},
        values=dict(values),
        parameters=[
            {
                "name": parameter.name,
                "constant": parameter.symbol if parameter.constant else "",
                "step": parameter.step,
                "term": parameter.term,
            }
            for parameter in pack.parameters.values()
            if parameter.when(values)
        ],
        declared=pack.declared,
        data=_fingerprints(pack, values, folder) if folder is not None else {},
        generated=[
            {
                "id": cell.id,
                "kind": cell.kind,
                "step": cell.step,
                "sha256": text_hash(cell.source),
                "source": cell.source,
            }
            for cell in cells
        ],
        started_from=start,
    )


def _fingerprints(pack: Pack, values: Mapping[str, Any], folder: Path) -> dict[str, dict[str, Any]]:
    """What the user's data are; of what cannot be looked at, nothing."""
    found = {}
    for parameter in pack.parameters.values():
        path = values[parameter.name]
        if parameter.is_path and path and parameter.when(values):
            members = [one for one in pack.parameters.values() if one.table == parameter.name]
            with contextlib.suppress(MlprovError, OSError):
                known = parameter.kind.fingerprint(folder / expand_home(path), members, values)
                if known:
                    found[path] = known
    return found


@renamed_parameters(folders="packs", pack_folders="packs")
def generate(
    task: Pack | Path | str,
    values: Mapping[str, Any] | None = None,
    out: Path | str | None = None,
    packs: Iterable[Path | str] = (),
    *,
    started_from: Mapping[str, Any] | None = None,
    plain: bool = False,
) -> Path:
    """Write the notebook, or script, for these values.

    Parameters
    ----------
    task : Pack, Path or str
        A pack, its name or its folder.
    values : Mapping, optional
        Some of its parameters; the others take their defaults.
    out : Path or str, optional
        The file to write, ending in ``.ipynb`` or ``.py``, or the folder to write it into.
        By default a new file, named after the task, in the working directory.
    packs : iterable of Path or str
        Further folders with packs.
    started_from : Mapping, optional
        The earlier run whose values these are but for some changes: ``run_id``, ``name`` and
        ``changes`` (parameter name to a list of what the value was and what it is). The notebook's
        run records it.
    plain : bool, default False
        Whether it is to record nothing, and to do without this package: clean code and no more,
        which comes to the same weights and metrics. It cannot be reproduced from a record.

    Returns
    -------
    Path
        The new file. A file that exists already is never written over.

    Raises
    ------
    InvalidValuesError
        If a value is not allowed.
    PackError
        If there is no such pack, or if it is somebody else's and nobody has trusted it.
    MlprovError
        If the file exists or cannot be written.
    """
    pack = task if isinstance(task, Pack) else find_pack(task, packs)
    place = Path(out) if out is not None else Path()
    parent = free_name(place, pack.name).parent
    complete = complete_values(pack, _with_files_found(pack, values or {}), parent)
    return write_free(
        place,
        pack.name,
        lambda path: write_generated(pack, complete, path, started_from=started_from, plain=plain),
    )


def _with_files_found(pack: Pack, values: Mapping[str, Any]) -> dict[str, Any]:
    """A caller's relative paths start in the working directory, wherever the notebook goes."""
    found = dict(values)
    for name, value in values.items():
        parameter = pack.parameters.get(name)
        if parameter and parameter.is_path and isinstance(value, str) and value:
            found[name] = str(Path.cwd() / expand_home(value))
    return found


def write_generated(
    pack: Pack,
    values: Mapping[str, Any],
    path: Path,
    *,
    started_from: Mapping[str, Any] | None = None,
    plain: bool = False,
) -> Path:
    """Write the notebook or script for complete values to a file that does not exist yet.

    `started_from` and `plain` are as in `generate`.

    Raises
    ------
    PackError
        If the pack is not trusted, or if the file is to be plain and needs this package.
    MlprovError
        If the file exists or cannot be written.
    """
    check_trust(pack)
    check_templates(pack)
    cells = render_cells(pack, values, path.name, plain)
    if plain:
        check_plain(pack, cells)
        manifest = None
    else:
        manifest = make_manifest(pack, values, cells, started_from, path.parent)
    write_new(path, as_text(cells, manifest, path))
    return path


def as_text(cells: Iterable[SourceCell], manifest: Manifest | None, path: Path | str) -> str:
    """The text of a file of these cells, in the format that its name promises."""
    return (format_of(path) or DEFAULT).write(cells, manifest)
