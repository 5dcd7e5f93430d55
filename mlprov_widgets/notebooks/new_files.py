"""New files: a name that is free, and never one written over."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from itertools import count
from pathlib import Path

from mlprov_widgets import _files
from mlprov_widgets.errors import MlprovError, NameTakenError
from mlprov_widgets.notebooks.formats import DEFAULT, endings, suffixes


def free_name(out: Path, stem: str) -> Path:
    """The file to write: `out` itself, or a new name in it if it is a folder.

    Raises
    ------
    MlprovError
        If `out` exists, has an ending that no format has, or its folder is missing.
    """
    if len(os.fsencode(out.name)) > 255:
        raise MlprovError("file_name_too_long", name=out.name)
    if out.is_dir():
        stem = _files.cut_name(re.sub(r"[^\w.-]+", "-", stem).strip("-.")) or "notebook"
        paths = (out / f"{stem}{'' if one == 1 else f'-{one}'}{DEFAULT.suffix}" for one in count(1))
        # A link that leads nowhere takes the name too.
        return next(path for path in paths if not os.path.lexists(path))
    if out.suffix not in suffixes():
        raise MlprovError("output_suffix_unknown", file=out, endings=endings())
    if out.exists():
        raise MlprovError("output_exists", file=out)
    if not out.parent.is_dir():
        raise MlprovError("output_folder_missing", folder=out.parent)
    return out


def write_free(out: Path, stem: str, write: Callable[[Path], object]) -> Path:
    """Write to `out`, or to a name that is free in it, also where others choose names there too.

    Parameters
    ----------
    out : Path
        A new file, or a folder.
    stem : str
        How the name in a folder begins.
    write : callable
        Takes the path of the new file and writes it, or raises `NameTakenError`.

    Returns
    -------
    Path
        The file that was written.

    Raises
    ------
    MlprovError
        As `free_name` and `write` raise it.
    """
    while True:
        path = free_name(out, stem)
        try:
            write(path)
        except NameTakenError:
            if path == out:
                raise
        else:
            return path


def write_new(path: Path, text: str) -> None:
    """Write a whole file under a name that is not taken, or nothing at all.

    Raises
    ------
    NameTakenError
        If the name is taken.
    MlprovError
        If the folder cannot be written to.
    """
    try:
        _files.write_new(path, text.encode("utf-8"))
    except FileExistsError:
        raise NameTakenError("output_exists", file=path) from None
    except (OSError, ValueError) as error:
        raise MlprovError("file_not_writable", file=path, reason=_files.reason(error)) from None
