"""Cells to a notebook or a script, and from there safely onto the disk."""

from __future__ import annotations

import ast
import hashlib
import json
import os
import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlprov_widgets import _files
from mlprov_widgets.errors import MlprovError, NameTakenError
from mlprov_widgets.notebooks.manifest import KEY, SCRIPT_MARK, Manifest, is_starting_point
from mlprov_widgets.notebooks.rendering import RenderedCell, check_templates, render_cells
from mlprov_widgets.packs import Pack, complete_values, find_pack
from mlprov_widgets.packs.looking import expand_home

if TYPE_CHECKING:
    from nbformat import NotebookNode

SUFFIXES = (".ipynb", ".py")


def make_manifest(
    pack: Pack,
    values: Mapping[str, Any],
    cells: Iterable[RenderedCell],
    started_from: Mapping[str, Any] | None = None,
) -> Manifest:
    """What the notebook says about how it was made.

    Raises
    ------
    MlprovError
        If `started_from` is not a run with its changes.
    """
    start = dict(started_from or {})
    if isinstance(changes := start.get("changes"), Mapping):
        start["changes"] = {name: _as_list(pair) for name, pair in changes.items()}
    if not is_starting_point(start):
        raise MlprovError(
            "started_from needs run_id and name (texts), and changes: "
            "parameter name to a list of what the value was and what it is."
        )
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
        generated=[
            {
                "id": cell.id,
                "kind": cell.kind,
                "step": cell.step,
                "sha256": hashlib.sha256(cell.source.encode("utf-8", "surrogatepass")).hexdigest(),
                "source": cell.source,
            }
            for cell in cells
        ],
        started_from=start,
    )


def _as_list(pair: Any) -> Any:
    return list(pair) if isinstance(pair, tuple) else pair


def to_notebook(cells: Iterable[RenderedCell], manifest: Manifest) -> NotebookNode:
    """A valid notebook (nbformat 4.5) of these cells."""
    from nbformat import v4

    notebook = v4.new_notebook(
        metadata={
            "kernelspec": {
                "display_name": "Python 3 (ipykernel)",
                "language": "python",
                "name": "python3",
            },
            "language_info": {"name": "python"},
            KEY: manifest.to_dict(),
        }
    )
    for cell in cells:
        new = v4.new_code_cell if cell.kind == "code" else v4.new_markdown_cell
        # papermill looks for the tag; the step tells a reader of the file what the cell is for.
        metadata: dict[str, Any] = {KEY: {"step": cell.step}}
        if cell.step == "parameters" and cell.kind == "code":
            metadata["tags"] = ["parameters"]
        notebook.cells.append(new(source=cell.source, id=cell.id, metadata=metadata))
    return notebook


def to_script(cells: Iterable[RenderedCell], manifest: Manifest) -> str:
    """The same cells as a Python script in the percent format, which editors and Jupytext read."""
    text, after_function = "", False
    for cell in cells:
        if cell.kind == "markdown":
            lines = (f"# {line}".rstrip() for line in cell.source.splitlines())
            part, starts, ends = "# %% [markdown]\n" + "\n".join(lines), False, False
        else:
            part = f"# %%\n{cell.source}"
            starts, ends = _is_function_at(cell.source, 0), _is_function_at(cell.source, -1)
        # PEP 8's blank lines: two around a function, one elsewhere.
        gap = ("\n" if starts or after_function else "") + "\n"
        text += (gap if text else "") + part + "\n"
        after_function = ends
    data = json.dumps(manifest.to_dict(sources=False), separators=(",", ":"))
    return f"{text}\n{SCRIPT_MARK}{data}\n"


def _is_function_at(source: str, place: int) -> bool:
    try:
        body = ast.parse(source).body
    except SyntaxError:  # a line for IPython alone
        return False
    return bool(body) and isinstance(body[place], (ast.FunctionDef, ast.ClassDef))


def generate(
    task: Pack | Path | str,
    values: Mapping[str, Any] | None = None,
    out: Path | str | None = None,
    folders: Iterable[Path | str] = (),
    *,
    started_from: Mapping[str, Any] | None = None,
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
    folders : iterable of Path or str
        Further folders with packs.
    started_from : Mapping, optional
        The earlier run whose values these are but for some changes: ``run_id``, ``name`` and
        ``changes`` (parameter name to a list of what the value was and what it is). The notebook's
        run records it.

    Returns
    -------
    Path
        The new file. A file that exists already is never written over.

    Raises
    ------
    InvalidValuesError
        If a value is not allowed.
    MlprovError
        If the file exists or cannot be written.
    """
    pack = task if isinstance(task, Pack) else find_pack(task, folders)
    place = Path(out) if out is not None else Path()
    parent = free_name(place, pack.name).parent
    complete = complete_values(pack, _with_files_found(pack, values or {}), parent)
    return write_free(
        place,
        pack.name,
        lambda path: write_generated(pack, complete, path, started_from=started_from),
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
) -> Path:
    """Write the notebook or script for complete values to a file that does not exist yet.

    `started_from` is as in `generate`.

    Raises
    ------
    MlprovError
        If the file exists or cannot be written.
    """
    check_templates(pack)
    cells = render_cells(pack, values, path.name)
    manifest = make_manifest(pack, values, cells, started_from)
    write_new(path, as_text(cells, manifest, path.suffix))
    return path


def as_text(cells: Iterable[RenderedCell], manifest: Manifest, suffix: str) -> str:
    """The text of the notebook (``.ipynb``) or the script (``.py``)."""
    if suffix == ".py":
        return to_script(cells, manifest)
    import nbformat

    notebook = to_notebook(cells, manifest)
    nbformat.validate(notebook)
    return nbformat.writes(notebook) + "\n"


def free_name(out: Path, stem: str, suffix: str = ".ipynb") -> Path:
    """The file to write: `out` itself, or a new name in it if it is a folder.

    Raises
    ------
    MlprovError
        If `out` exists, has another ending than ``.ipynb`` or ``.py``, or its folder is missing.
    """
    if len(os.fsencode(out.name)) > 255:
        raise MlprovError(
            f"The name {out.name[:60]}… is too long for a file; choose a shorter one."
        )
    if out.is_dir():
        stem = _files.cut_name(re.sub(r"[^\w.-]+", "-", stem).strip("-.")) or "notebook"
        number = 1
        while True:
            path = out / f"{stem}{'' if number == 1 else f'-{number}'}{suffix}"
            # A link that leads nowhere takes the name too.
            if not os.path.lexists(path):
                return path
            number += 1
    if out.suffix not in SUFFIXES:
        raise MlprovError(f"{out} must end in .ipynb for a notebook or in .py for a script.")
    if out.exists():
        raise MlprovError(f"{out} exists already; choose another name, nothing was written.")
    if not out.parent.is_dir():
        raise MlprovError(f"There is no folder {out.parent}; make it first, or choose another.")
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
        raise NameTakenError(
            f"{path} exists already; choose another name, nothing was written."
        ) from None
    except (OSError, ValueError) as error:
        raise MlprovError(f"{path} cannot be written: {_files.reason(error)}.") from None
