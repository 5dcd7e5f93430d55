"""What a notebook does with its run: whether it starts, records and finishes it as it should."""

from __future__ import annotations

import ast
import difflib
from collections.abc import Iterator
from dataclasses import dataclass, field

from mlprov_widgets.authoring.cells import WrittenCell
from mlprov_widgets.errors import PackError
from mlprov_widgets.packs import Pack
from mlprov_widgets.record.run import STEPS


@dataclass
class RunCalls:
    """Calls of a run in one notebook, in the order of its cells; each with its cell.

    Parameters
    ----------
    starts, finishes, records : list of tuple of int, WrittenCell and ast.Call
        With the place of the cell in the notebook.
    names : set of str
        What the run is called.
    closes_itself : bool
        Whether it is started in a ``with`` statement.
    """

    starts: list[tuple[int, WrittenCell, ast.Call]] = field(default_factory=list)
    finishes: list[tuple[int, WrittenCell, ast.Call]] = field(default_factory=list)
    records: list[tuple[int, WrittenCell, ast.Call]] = field(default_factory=list)
    names: set[str] = field(default_factory=set)
    closes_itself: bool = False


def calls_of(cells: list[WrittenCell]) -> RunCalls:
    """The calls that start, use and finish a run."""
    found = RunCalls()
    for cell in cells:
        for node in ast.walk(cell.tree):
            if isinstance(node, ast.Assign) and _is_start(node.value):
                found.names |= {one.id for one in node.targets if isinstance(one, ast.Name)}
            elif isinstance(node, ast.withitem) and _is_start(node.context_expr):
                found.closes_itself = True
                if isinstance(node.optional_vars, ast.Name):
                    found.names.add(node.optional_vars.id)
    for at, cell in enumerate(cells):
        calls = [node for node in ast.walk(cell.tree) if isinstance(node, ast.Call)]
        for call in sorted(calls, key=lambda call: (call.lineno, call.col_offset)):
            if _is_start(call):
                found.starts.append((at, cell, call))
            elif (method := _method(call, found.names)) in ("finish", "record"):
                kept = found.finishes if method == "finish" else found.records
                kept.append((at, cell, call))
    return found


def run_faults(
    pack: Pack, calls: RunCalls, notebook: str, when: str
) -> Iterator[tuple[tuple[object, ...], PackError]]:
    """What is wrong with a run, and by what each fault is known for the same.

    Parameters
    ----------
    pack : Pack
    calls : RunCalls
    notebook : str
        The name of the notebook.
    when : str
        When a notebook is like this.
    """
    if not calls.starts:
        yield ("run_never_started",), PackError("run_never_started", pack.folder, when=when)
        return
    (first, _, call), *others = calls.starts
    yield from _name_faults(calls.starts[0][1], call, notebook)
    for _, cell, other in others:
        yield (cell.file, "twice"), cell.error("run_started_twice", other.lineno)
    if not calls.finishes and not calls.closes_itself:
        yield ("run_never_finished",), PackError("run_never_finished", pack.folder, when=when)
    last = max((at for at, _, _ in calls.finishes), default=None)
    steps = {cell.step for cell in pack.cells}
    for at, cell, record in calls.records:
        if at < first:
            yield (cell.file, "early"), cell.error("recorded_before_start", record.lineno)
        if last is not None and at > last:
            yield (cell.file, "late"), cell.error("recorded_after_finish", record.lineno)
        if not record.args:
            yield (cell.file, "step"), cell.error("recorded_without_step", record.lineno)
        elif (step := _text(record.args[0])) is not None and step not in steps:
            near = difflib.get_close_matches(step, sorted(steps | set(STEPS)), 1)
            if near and near != [step]:
                said = {"step": step, "near": near}
                yield (cell.file, step), cell.error("step_misspelt", record.lineno, **said)


def _name_faults(
    cell: WrittenCell, call: ast.Call, notebook: str
) -> Iterator[tuple[tuple[object, ...], PackError]]:
    given = [*call.args, *(one.value for one in call.keywords if one.arg == "notebook")]
    # What comes by stars may be it.
    unknown = any(one.arg is None for one in call.keywords)
    if not given and not unknown:
        yield (cell.file, "name"), cell.error("run_without_name", call.lineno)
    elif given and (name := _text(given[0])) is not None and name != notebook:
        yield (cell.file, "name"), cell.error("run_of_fixed_name", call.lineno, name=name)


def recorded_terms(calls: RunCalls) -> dict[str, set[str]]:
    """The terms that are written out for each step; ``**`` for a step whose terms are not all."""
    found: dict[str, set[str]] = {}
    for _, _, call in calls.records:
        step = (_text(call.args[0]) if call.args else None) or "**"
        found.setdefault(step, set()).update(one.arg or "**" for one in call.keywords)
    return found


def _is_start(node: ast.AST | None) -> bool:
    if not isinstance(node, ast.Call):
        return False
    return "start_run" in (getattr(node.func, "id", ""), getattr(node.func, "attr", ""))


def _method(call: ast.Call, names: set[str]) -> str:
    """What is called of a run; empty for a call of anything else."""
    match call.func:
        case ast.Attribute(value=ast.Name(id=name), attr=method) if name in names:
            return method
    return ""


def _text(node: ast.expr) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None
