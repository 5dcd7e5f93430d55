"""Where a wizard is shown: whose folder it may write to, and how a front end opens a file there."""

from __future__ import annotations

import importlib.util
import json
import os
import re
from collections.abc import Callable, Sequence
from pathlib import Path

from IPython.core.getipython import get_ipython

from mlprov_widgets._files import reason, write_new
from mlprov_widgets.errors import MlprovError
from mlprov_widgets.hosting import Place, current_session, hosted, inside
from mlprov_widgets.notebooks.formats import format_of, suffixes

_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?\Z", re.IGNORECASE)


def working_place(folder: Path | str | None = None) -> Place:
    """Where a wizard reads and writes.

    Parameters
    ----------
    folder : Path or str, optional
        At one's own computer the folder to work in, by default that of the notebook. In a hosted
        app each visitor works in a private one, and this one they may only read.

    Raises
    ------
    MlprovError
        If there is no such folder, or no room for another visitor.
    """
    given = Path(folder).expanduser().resolve() if folder is not None else None
    # One that may not be seen is none, and Path.is_dir raises for it.
    if given is not None and not os.path.isdir(given):  # noqa: PTH112
        raise MlprovError("output_folder_missing", folder=given)
    if not hosted():
        return Place(given or notebook_folder().resolve())
    session = current_session()
    if given is not None:
        session.offer(given)
    return session.place


def check_room() -> None:
    """Check that a visitor of a hosted app may keep another file.

    Raises
    ------
    MlprovError
        If their folder is full.
    """
    if hosted():
        current_session().place.check_room()


def notebook_folder() -> Path:
    """Folder of the notebook that this kernel belongs to, else the working directory."""
    for name in (os.environ.get("JPY_SESSION_NAME", ""), _vscode_notebook()):
        path = Path(name)
        if name and path.is_absolute() and path.parent.is_dir():
            return path.parent
    return Path.cwd()


def notebook_name() -> str:
    """Whatever tells this notebook from others, for keeping its draft; may be empty."""
    return os.environ.get("JPY_SESSION_NAME", "") or _vscode_notebook()


def _vscode_notebook() -> str:
    from IPython.core.getipython import get_ipython

    shell = get_ipython()
    found = shell.user_ns.get("__vsc_ipynb_file__", "") if shell is not None else ""
    return found if isinstance(found, str) else ""


def server_path(path: Path) -> str | None:
    """The file's path as the Jupyter server knows it; None where there is no such server.

    The server says its root folder in a small file of its own; that file's other entries are
    none of our business.
    """
    from jupyter_core.paths import jupyter_runtime_dir

    if hosted():
        return None
    parent = os.environ.get("JPY_PARENT_PID", "")
    if not parent.isdigit():
        return None
    file = Path(jupyter_runtime_dir()) / f"jpserver-{parent}.json"
    try:
        root = Path(json.loads(file.read_text(encoding="utf-8"))["root_dir"]).resolve()
        return path.resolve().relative_to(root).as_posix()
    except (OSError, ValueError, KeyError, TypeError):
        return None


def with_ending(name: str) -> str:
    """A file's name as a person typed it, with a notebook's ending where it has none.

    Parameters
    ----------
    name : str

    Returns
    -------
    str
        Without blanks around it. One with another ending stays as it is, to be refused.
    """
    name = name.strip()
    bare = name.rstrip(". ")
    # A number behind a point, as in "run 1.2", is no ending.
    if not bare or re.search(r"\.[A-Za-z]\w*\Z", bare):
        return name
    return f"{bare}{suffixes()[0]}"


def new_file(folder: Path, name: str) -> Path:
    """The path of a file to be written, checked.

    Parameters
    ----------
    folder : Path
        Where it has to be.
    name : str
        As a person typed it: a file name, or a path below the folder.

    Returns
    -------
    Path

    Raises
    ------
    MlprovError
        If the name leads elsewhere, is taken, or cannot be a file's name.
    """
    endings = suffixes()
    if not name.strip():
        raise MlprovError("name_needed", endings=endings)
    odd = not name.isprintable() or any(char in name for char in '\\:*?"<>|')
    # File systems count bytes: a name of 150 accented letters is too long for most.
    if odd or len(name.encode()) > 200:
        raise MlprovError("name_impossible")
    path = folder / name
    if Path(name).is_absolute() or not inside(folder, name):
        raise MlprovError("name_leads_out")
    if path.suffix not in endings or not path.stem.strip(". "):
        raise MlprovError("name_ending_wrong", endings=endings)
    if path.name.startswith(".") or _RESERVED.match(path.name):
        raise MlprovError("name_hidden")
    if _is_module_file(path) and _is_module(path.stem):
        raise MlprovError("name_of_module", module=path.stem)
    try:
        parent, taken = path.parent.is_dir(), path.exists() or path.is_symlink()
    except OSError as error:
        raise MlprovError("name_not_usable", reason=reason(error)) from None
    if not parent:
        raise MlprovError("name_folder_missing", folder=path.parent.name)
    if taken:
        raise MlprovError("name_exists", name=name)
    return path


def _is_module_file(path: Path | str) -> bool:
    one = format_of(path)
    return one is not None and one.is_module


def _is_module(name: str) -> bool:
    """Whether ``import name`` means something already, so that a script beside it would hide it."""
    if not name.isidentifier():
        return False
    try:
        return importlib.util.find_spec(name) is not None
    except (ImportError, ValueError):  # a module that is loaded without a place of its own
        return True


def _stem(name: str) -> tuple[str, str]:
    """A harmless stem for an uploaded file, and the ending that it came with."""
    base = re.split(r"[\\/]", name)[-1]
    stem, dot, suffix = base.rpartition(".")
    ending = f".{suffix.lower()}" if dot else ""
    # A provenance file keeps the ending by which people and other tools know it.
    if ending == ".json" and stem.lower().endswith(".prov"):
        stem, ending = stem[: -len(".prov")], ".prov.json"
    stem = re.sub(r"[^\w-]+", "-", stem if dot else base, flags=re.ASCII).strip("-_")[:60]
    return stem or "upload", ending


def folder_name(name: str) -> str:
    """A name for the folder of an uploaded zip file, which neither system nor Python misreads.

    Parameters
    ----------
    name : str
        As the browser gave it: anything.

    Returns
    -------
    str
    """
    stem, _ending = _stem(name)
    # A folder called torch could be imported; the hyphen also keeps devices' names out.
    return f"{stem}-images" if stem.isidentifier() else stem


def store(place: Place, name: str, content: bytes, endings: Sequence[str]) -> Path:
    """Keep an uploaded file under a safe name that is not taken.

    Parameters
    ----------
    place : Place
    name : str
        As the browser gave it: anything.
    content : bytes
    endings : sequence of str
        What the new name may end in; anything else becomes the first of them.

    Returns
    -------
    Path
        The new file.

    Raises
    ------
    MlprovError
        If the folder cannot be written to, or there is no room left for a visitor's file.
    """
    place.check_room(len(content))
    folder = place.folder
    stem, ending = _stem(name)
    if not ending.endswith(tuple(endings)):
        ending = endings[0]
    # Kernels look for modules in this folder first: nobody's torch.py may be found there.
    if _RESERVED.match(stem) or _is_module_file(f"x{ending}"):
        stem = f"upload-{stem}"
    for number in range(1, 10_000):
        path = folder / f"{stem}{'' if number == 1 else f'-{number}'}{ending}"
        try:
            write_new(path, content)
        except FileExistsError:
            continue
        except OSError as error:
            raise MlprovError("upload_not_kept", folder=folder, reason=reason(error)) from None
        return path
    raise MlprovError("uploads_too_many", name=stem, folder=folder)


def when_shown(do: Callable[[], None]) -> None:
    """Do it as soon as the cell that is running has shown what it shows.

    Outside of notebooks there is nothing to wait for, and nobody who sees it.
    """
    if get_ipython() is None:
        return
    import asyncio

    try:
        asyncio.get_running_loop().call_soon(do)
    except RuntimeError:  # a kernel that runs cells in another way
        do()
