"""Where the running code comes from: its notebook or script, and what that says about itself."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from mlprov_widgets.provenance.record import Value, source_hash

METADATA = "mlprov"
SCRIPT_MARK = "# mlprov-widgets: "
CELL_MARK = "# %%"
_MAX_BYTES = 100_000_000
_MAX_NEIGHBOURS = 40  # notebooks in the folder that are looked into
_MAX_NEIGHBOUR_BYTES = 10_000_000  # all together


@dataclass(frozen=True)
class SourceCell:
    """A cell as a file has it.

    Parameters
    ----------
    id : str
        The nbformat cell id; empty where the file has none.
    kind : str
        ``code`` or ``markdown``.
    source : str
    step : str
        The pipeline step, where the cell was generated.
    line : int
        Its first line in a script, from 1; 0 in a notebook.
    """

    id: str
    kind: str
    source: str
    step: str = ""
    line: int = 0


@dataclass
class Origin:
    """A notebook or script, and what its manifest says; empty where neither was found.

    Parameters
    ----------
    path : Path or None
    cells : list of SourceCell
        As they are in the file.
    generated : list of SourceCell
        As they were generated.
    kernel : str
        The kernel that a notebook asks for.
    title, task_type : str
    pack : dict
        ``name``, ``version``, ``sha256``.
    values : dict
        Parameter name to value.
    parameters : list of dict
        ``name``, ``constant``, ``step``, ``term``.
    original : dict
        What a reproduction is compared with.
    started_from : dict
        The run whose values were the starting point, and what has been changed since.
    stamp : tuple of int
        Time of the last change and size of the file when it was read.
    """

    path: Path | None = None
    cells: list[SourceCell] = field(default_factory=list)
    generated: list[SourceCell] = field(default_factory=list)
    kernel: str = ""
    title: str = ""
    task_type: str = ""
    pack: dict[str, str] = field(default_factory=dict)
    values: dict[str, Value] = field(default_factory=dict)
    parameters: list[dict[str, str]] = field(default_factory=list)
    original: dict[str, Value] = field(default_factory=dict)
    started_from: dict[str, Value] = field(default_factory=dict)
    stamp: tuple[int, int] = (0, 0)

    @property
    def has_manifest(self) -> bool:
        return bool(self.generated)

    def refreshed(self) -> Origin:
        """The same with the cells of the file as it is now: a person may have saved it since."""
        if self.path is None or _stamp(self.path) == self.stamp:
            return self
        found = read_origin(self.path)
        return self if found is None else replace(self, cells=found.cells, stamp=found.stamp)


def read_origin(path: Path) -> Origin | None:
    """Read a notebook or script; None where it is no such thing. Never raises for its content."""
    stamp = _stamp(path)
    if stamp[1] > _MAX_BYTES:
        return None
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return None
    read = _read_notebook if path.suffix == ".ipynb" else _read_script
    origin = read(path, text)
    return None if origin is None else replace(origin, stamp=stamp)


def _stamp(path: Path) -> tuple[int, int]:
    try:
        status = path.stat()
    except OSError:
        return (0, 0)
    return status.st_mtime_ns, status.st_size


def find_notebook(name: str, running: str, names: Mapping[str, Any], folder: Path) -> Origin:
    """The notebook that runs.

    Parameters
    ----------
    name : str
        The name that the notebook gave.
    running : str
        Source of the cell that runs now: only a file with such a cell can be the one. A kernel
        inherits the environment of whatever started it, so a variable alone proves nothing.
    names : mapping
        The notebook's global names.
    folder : Path
        The working directory.

    Returns
    -------
    Origin
        An empty one where no file fits.
    """
    weaker: Origin | None = None
    for path in _candidates(name, names, folder):
        origin = read_origin(path)
        if origin is None:
            continue
        if _holds(origin, running):
            return origin
        # Edited since the last save: it still calls start_run somewhere.
        if weaker is None and any("start_run" in cell.source for cell in origin.cells):
            weaker = origin
    if weaker is not None:
        return weaker
    for path in _neighbours(folder):
        origin = read_origin(path)
        if origin is not None and origin.has_manifest and _holds(origin, running):
            return origin
    return Origin()


def _holds(origin: Origin, running: str) -> bool:
    digest = source_hash(running)
    return any(source_hash(cell.source) == digest for cell in origin.cells)


def _candidates(name: str, names: Mapping[str, Any], folder: Path) -> Iterator[Path]:
    told = (
        os.environ.get("MLPROV_NOTEBOOK"),
        names.get("__vsc_ipynb_file__"),
        os.environ.get("JPY_SESSION_NAME"),
        # A copy still gives the old name; who runs it, as nbconvert does, was told the new one.
        *_named_to_the_runner(),
        Path(name).name,
    )
    seen = set()
    for place in told:
        if not isinstance(place, str) or not place:
            continue
        path = folder / place
        if path.suffix == ".ipynb" and path not in seen and path.is_file():
            seen.add(path)
            yield path


def _named_to_the_runner() -> list[str]:
    """Notebooks on the command line of the program that started this process."""
    import psutil

    try:
        parent = psutil.Process().parent()
        words, folder = (parent.cmdline(), parent.cwd()) if parent else ([], "")
    except (psutil.Error, OSError):
        return []
    return [os.path.join(folder, word) for word in words if word.endswith(".ipynb")]  # noqa: PTH118


def _neighbours(folder: Path) -> list[Path]:
    found = []
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.name.endswith(".ipynb") and entry.is_file():
                    status = entry.stat()
                    found.append((-status.st_mtime, entry.path, status.st_size))
    except OSError:
        return []
    left, result = _MAX_NEIGHBOUR_BYTES, []
    for _, path, size in sorted(found)[:_MAX_NEIGHBOURS]:
        if size <= left:
            left -= size
            result.append(Path(path))
    return result


def _read_notebook(path: Path, text: str) -> Origin | None:
    try:
        notebook = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(notebook, dict) or not isinstance(notebook.get("cells"), list):
        return None
    metadata = _mapping(notebook.get("metadata"))
    origin = Origin(path, kernel=_text(_mapping(metadata.get("kernelspec")).get("name")))
    for cell in _mappings(notebook["cells"]):
        source = cell.get("source")
        lines = source if isinstance(source, list) else [source]
        if cell.get("cell_type") in ("code", "markdown"):
            content = "".join(_text(line) for line in lines)
            origin.cells.append(SourceCell(_text(cell.get("id")), cell["cell_type"], content))
    _read_manifest(origin, metadata.get(METADATA))
    return origin


def _read_script(path: Path, text: str) -> Origin:
    origin = Origin(path)
    lines = text.splitlines()
    manifest: object = None
    for line in reversed(lines):
        if line.startswith(SCRIPT_MARK):
            with suppress(ValueError, RecursionError):
                manifest = json.loads(line.removeprefix(SCRIPT_MARK))
            break
    code = [line for line in lines if not line.startswith(SCRIPT_MARK)]
    origin.cells = list(_percent_cells(code))
    _read_manifest(origin, manifest)
    return origin


def _percent_cells(lines: list[str]) -> Iterator[SourceCell]:
    marks = [at for at, line in enumerate(lines) if line.startswith(CELL_MARK)]
    for start, end in zip([-1, *marks], [*marks, len(lines)], strict=True):
        body = lines[start + 1 : end]
        while body and not body[0].strip():
            body, start = body[1:], start + 1
        while body and not body[-1].strip():
            body = body[:-1]
        head = lines[start] if start >= 0 else ""
        kind = "markdown" if head.startswith(CELL_MARK) and "[markdown]" in head else "code"
        if kind == "markdown":
            body = [line.removeprefix("#").removeprefix(" ") for line in body]
        if body:
            yield SourceCell("", kind, "\n".join(body), line=start + 2)


def _read_manifest(origin: Origin, data: object) -> None:
    """Take over what is of the right type, and nothing else: the file may be anybody's."""
    manifest = _mapping(data)
    origin.title, origin.task_type = _text(manifest.get("title")), _text(manifest.get("task_type"))
    origin.pack = _texts(manifest.get("pack"))
    origin.values = _mapping(manifest.get("values"))
    origin.original = _mapping(manifest.get("original"))
    start = _mapping(manifest.get("started_from"))
    texts = {key: item for key, item in _texts(start).items() if key in ("run_id", "name")}
    origin.started_from = {**texts, "changes": _mapping(start.get("changes"))} if texts else {}
    origin.parameters = [_texts(row) for row in _mappings(manifest.get("parameters"))]
    rows = [_texts(row) for row in _mappings(manifest.get("generated"))]
    by_hash: dict[str, list[str]] = {}
    for cell in origin.cells:
        by_hash.setdefault(source_hash(cell.source), []).append(cell.source)
    for row in rows:
        source = row.get("source")
        if source is None:
            # A script has each source only once: in itself, unless it was edited there.
            source = (by_hash.get(row.get("sha256", "")) or [""]).pop(0)
        kind = "markdown" if row.get("kind") == "markdown" else "code"
        origin.generated.append(SourceCell(row.get("id", ""), kind, source, row.get("step", "")))


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _mapping(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _mappings(value: object) -> Iterable[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _texts(value: object) -> dict[str, str]:
    return {key: item for key, item in _mapping(value).items() if isinstance(item, str)}
