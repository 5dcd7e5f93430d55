"""A notebook or script as a pack: its cells as templates, its named constants as parameters."""

from __future__ import annotations

import ast
import json
import keyword
import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

from IPython.core.inputtransformer2 import TransformerManager

from mlprov_widgets.authoring.paragraphs import docstring, paragraphs
from mlprov_widgets.capture.cells.names import names_of
from mlprov_widgets.errors import PackError
from mlprov_widgets.notebooks.formats import SourceCell, read_document
from mlprov_widgets.notebooks.rendering import TEMPLATE_NAMES
from mlprov_widgets.packs.rows import NAME
from mlprov_widgets.wording import capitalize, humanize

_CONSTANT = re.compile(r"[A-Z][A-Z0-9_]*\Z")
_MARKS = ("{{", "{%", "{#")
_TYPES = {int: "integer", float: "number", str: "text", bool: "flag"}
# What a cell of a step calls, the most telling steps first.
_CALLS = {
    "model_training": {"fit", "fit_predict", "fit_generator", "backward", "train"},
    "model_evaluation": {"predict", "predict_proba", "score", "evaluate"},
    "data_segregation": {"train_test_split", "random_split", "KFold", "StratifiedKFold"},
    "data_preparation": {"fit_transform", "transform"},
    "model_parameters": {"Sequential", "Adam", "SGD", "make_pipeline"},
    "data_ingestion": {"read_csv", "read_excel", "read_parquet", "loadtxt", "Dataset"},
    "data_exploration": {"plot", "subplots", "hist", "describe", "imshow"},
}
# What a cell of a step uses of scikit-learn, by the module that it is imported from.
_MODULES = {
    "sklearn.metrics": "model_evaluation",
    "sklearn.model_selection": "data_segregation",
    "sklearn.preprocessing": "data_preparation",
    "sklearn.impute": "data_preparation",
    "sklearn.pipeline": "model_parameters",
}
_LOADERS = ("load_", "fetch_", "make_")
_SEEDS = ("SEED", "RANDOM_STATE", "RANDOM_SEED")
_FIRST_STEP, _IMPORTS = "data_ingestion", "imports"
_BEFORE = ("title", _IMPORTS, "parameters")


class _Constant(NamedTuple):
    name: str
    value: Any
    step: str


class _Head(NamedTuple):
    title: str
    source: str
    words: str


@dataclass(frozen=True)
class _Part:
    """A cell on its way into a template; one of ours is not in a plain notebook."""

    cell: SourceCell
    step: str
    is_ours: bool = False


def converted(source: Path, title: str) -> dict[str, str]:
    """The files of a pack that writes what a notebook or script holds.

    Parameters
    ----------
    source : Path
        Read, and not executed.
    title : str
        Of the pack.

    Returns
    -------
    dict of str to str
        Name of a file to its text: ``pack.toml``, and a template for each cell.

    Raises
    ------
    RecordError
        If the source cannot be read.
    PackError
        If it has no code.
    """
    cells = read_document(source).cells
    is_whole = source.suffix == ".py" and [cell.kind for cell in cells] == ["code"]
    words = docstring(cells[0].source) if is_whole else ""
    if is_whole:
        cells = paragraphs(cells[0].source, title)
    parts = [_Part(cell, step) for cell, step in _steps(cells)]
    if is_whole:
        parts = list(_joined(parts))
    if not any(part.cell.kind == "code" for part in parts):
        raise PackError("source_without_code", source)
    parts = _with_run(parts)
    constants: dict[str, _Constant] = {}
    texts: dict[str, str] = {}
    for number, part in enumerate(parts, 1):
        kind = "md" if part.cell.kind == "markdown" else "py"
        place = 10 * number if len(parts) < 100 else number
        name = f"{place:03d}_{part.step}.{kind}.jinja"
        text = _template(part, constants)
        if part.is_ours:
            text = f"{{% if not plain %}}\n{text}\n{{% endif %}}"
        texts[name] = text + "\n"
    steps = list(dict.fromkeys(part.step for part in parts))
    head = _Head(title, source.name, words.split("\n")[0])
    return {"pack.toml": _declaration(head, steps, constants.values()), **texts}


def _joined(parts: list[_Part]) -> Iterator[_Part]:
    """Paragraphs of one step, one after the other, as one cell."""
    for (_, step), group in groupby(parts, lambda part: (part.cell.kind, part.step)):
        first, *others = [part.cell for part in group]
        source = first.source
        for one in others:
            # PEP 8's blank lines: two around a function or a class.
            is_apart = _defines(_parsed(first), -1) or _defines(_parsed(one), 0)
            source, first = f"{source}{chr(10) * (3 if is_apart else 2)}{one.source}", one
        yield _Part(replace(first, source=source), step)


def _defines(code: ast.Module, place: int) -> bool:
    """Whether its first, or last, statement is a function or a class."""
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    return bool(code.body) and isinstance(code.body[place], kinds)


# -- steps ------------------------------------------------------------------------------------


def _steps(cells: list[SourceCell]) -> Iterator[tuple[SourceCell, str]]:
    """Each cell with its step: its own, else what it calls, else that of the cell before it."""
    last, origins = "title", _origins(cells)
    for at, cell in enumerate(cells):
        step = _own_step(cell)
        if cell.kind == "markdown" and not step:
            # Words belong to the code below them.
            below = next((one for one in cells[at:] if one.kind == "code"), None)
            of_below = _step_of(below, origins) if below is not None else ""
            step = "title" if at == 0 else of_below or last
        after = _FIRST_STEP if last in _BEFORE else last
        last = step or _step_of(cell, origins) or after
        yield cell, last


def _own_step(cell: SourceCell) -> str:
    """The step that the file gives a cell, if it can be part of a file's name."""
    return cell.step if NAME.match(cell.step) else ""


def _parsed(cell: SourceCell) -> ast.Module:
    """Its code; nothing of a cell that is none."""
    try:
        return ast.parse(TransformerManager().transform_cell(cell.source))
    except (SyntaxError, ValueError, RecursionError):
        return ast.Module([], [])


def _origins(cells: list[SourceCell]) -> dict[str, str]:
    """Name to the module that it is imported from, in whatever cell."""
    code = (cell for cell in cells if cell.kind == "code")
    imports = (node for cell in code for node in ast.walk(_parsed(cell)))
    return {
        name.asname or name.name: node.module
        for node in imports
        if isinstance(node, ast.ImportFrom) and node.module
        for name in node.names
    }


def _step_of(cell: SourceCell, origins: dict[str, str]) -> str:
    if step := _own_step(cell):
        return step
    tree = _parsed(cell)
    if tree.body and all(isinstance(one, ast.Import | ast.ImportFrom) for one in tree.body):
        return _IMPORTS
    if tree.body and all(map(_target_of, tree.body)):
        return "parameters"
    called = {
        getattr(node.func, "attr", getattr(node.func, "id", ""))
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
    }
    modules = {_MODULES.get(origins.get(name, "")) for name in called}
    found = (step for step, names in _CALLS.items() if names & called or step in modules)
    loads = any(name.startswith(_LOADERS) for name in called)
    return next(found, "data_ingestion" if loads else "")


def _with_run(parts: list[_Part]) -> list[_Part]:
    """The cells with those that start and finish a run, where they have none."""
    code = [part.cell.source for part in parts if part.cell.kind == "code"]
    if any("start_run" in names_of(TransformerManager().transform_cell(one)).uses for one in code):
        return parts
    # After the imports and the constants, or before everything else.
    place = next((at for at, part in enumerate(parts) if part.step not in _BEFORE), 0)
    seed = next(filter(None, (_seed_in(part.cell) for part in parts[:place])), "")
    given = f", seed={seed}" if seed else ""
    # The name is put in where the templates are made, as in a call that was there before.
    start = f'from mlprov_widgets import start_run\n\nrun = start_run(""{given})'
    begin = _Part(SourceCell("", "code", start), "start", is_ours=True)
    end = _Part(SourceCell("", "code", "run.finish()"), "provenance", is_ours=True)
    return [*parts[:place], begin, *parts[place:], end]


def _seed_in(cell: SourceCell) -> str:
    """The constant of a cell that seeds what is random; empty where there is none."""
    for statement in _parsed(cell).body:
        if (found := _constant_of(statement)) and found[0] in _SEEDS:
            value = ast.literal_eval(found[1])
            if type(value) is int and 0 <= value < 2**64:
                return found[0]
    return ""


# -- templates --------------------------------------------------------------------------------


def _template(part: _Part, constants: dict[str, _Constant]) -> str:
    source = part.cell.source.strip("\n")
    if any(mark in source for mark in _MARKS):
        return f"{{% raw %}}\n{source}\n{{% endraw %}}"
    if part.cell.kind != "code":
        return source
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError):  # a line for IPython alone
        return source
    lines = [line.encode() for line in source.split("\n")]
    found = [_replacement(statement, part.step, constants) for statement in tree.body]
    # From the end on, so that what comes before keeps its place.
    for node, text in filter(None, reversed(found)):
        line = lines[node.lineno - 1]
        lines[node.lineno - 1] = line[: node.col_offset] + text + line[node.end_col_offset :]
    return b"\n".join(lines).decode()


def _replacement(
    statement: ast.stmt, step: str, constants: dict[str, _Constant]
) -> tuple[ast.expr, bytes] | None:
    """What stands in a statement for a value that can be chosen, or for the notebook's name."""
    if (found := _constant_of(statement)) and found[0].lower() not in constants:
        name, node = found
        constants[name.lower()] = _Constant(name.lower(), ast.literal_eval(node), step)
        return node, f"{{{{ {name.lower()} }}}}".encode()
    call = getattr(statement, "value", None)
    if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "start_run" and call.args:
        given = call.args[0]
        if isinstance(given, ast.Constant) and given.lineno == given.end_lineno:
            return given, b"{{ notebook }}"
    return None


def _constant_of(statement: ast.stmt) -> tuple[str, ast.expr] | None:
    """Name and value of a statement such as ``EPOCHS = 20``; None for any other."""
    target = _target_of(statement)
    if target is None or not isinstance(statement, ast.Assign):
        return None
    name, node = target.lower(), statement.value
    if keyword.iskeyword(name) or name in TEMPLATE_NAMES or node.lineno != node.end_lineno:
        return None
    try:
        value = ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return None
    return (target, node) if type(value) in _TYPES and _can_be_a_default(value) else None


def _can_be_a_default(value: Any) -> bool:
    """Whether a parameter of its type takes this value."""
    if isinstance(value, float):
        return math.isfinite(value)
    return not isinstance(value, int) or abs(value) < 2**63


def _target_of(statement: ast.stmt) -> str | None:
    """The name of the constant that a statement gives a value, if that is all it does."""
    match statement:
        case ast.Assign(targets=[ast.Name(id=name)]) if _CONSTANT.match(name):
            return name
    return None


# -- pack.toml --------------------------------------------------------------------------------


def _declaration(head: _Head, steps: list[str], constants: Iterable[_Constant]) -> str:
    rows = [
        f"# Made of {_toml(head.source)}.",
        "[pack]",
        f"title = {_toml(head.title)}",
        f"summary = {_toml(head.words or 'Say in a sentence what this experiment does.')}",
        'version = "1"',
        f"task_type = {_toml(head.title.title().replace(' ', ''))}",
        "",
        "[[pages]]",
        'name = "settings"',
        'title = "Settings"',
        f"steps = {_toml([step for step in steps if step != 'title'])}",
    ]
    for one in constants:
        rows += [
            "",
            "[[parameters]]",
            f"name = {_toml(one.name)}",
            f"label = {_toml(capitalize(humanize(one.name)))}",
            f'type = "{_TYPES[type(one.value)]}"',
            'page = "settings"',
            f"step = {_toml(one.step)}",
            f"default = {_toml(one.value)}",
            "constant = true",
        ]
    return "\n".join(rows) + "\n"


def _toml(value: Any) -> str:
    """A value as TOML writes it, which is as JSON does but for what no file should hold."""
    text = json.dumps(value, ensure_ascii=False).encode("utf-8", "replace").decode()
    return text.replace("\x7f", "\\u007f")
