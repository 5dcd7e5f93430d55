"""Runs edited notebooks in forks of one warm process, and asks the records what happened.

A kernel takes seconds to import what a notebook needs; a fork has it all.
"""

from __future__ import annotations

import contextlib
import io
import json
import multiprocessing
import os
import sys
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.watchdog import WATCHDOG

Cells = list[tuple[str, str]]
Edit = Callable[[Cells], Cells]
SMALL = {
    "multiclass_classification": {"epochs": 4, "plots": False},
    "image_classification": {"epochs": 2, "plots": False, "threads": 1},
}
_CONTEXT = multiprocessing.get_context("fork")


@dataclass(frozen=True)
class Told:
    """What ``mlprov inspect --json`` says of a run.

    Parameters
    ----------
    data : dict
    text : str
        What it says without ``--json``.
    output : str
        What the notebook printed.
    failed : list of str
        Errors of its cells.
    """

    data: dict[str, Any]
    text: str
    output: str = ""
    failed: list[str] = field(default_factory=list)

    def value(self, step: str, name: str) -> Any:
        """A fact; None where it is not known. Constants are no facts."""
        one = self.data["steps"].get(step, {}).get(name, {})
        return one.get("value") if one.get("known") in ("observed", "told") else None

    def constant(self, step: str, name: str) -> Any:
        one = self.data["steps"].get(step, {}).get(name, {})
        return one.get("value") if one.get("known") == "constant" else None

    def facts(self) -> list[Any]:
        """Every single fact, whatever its step."""
        found: list[Any] = []
        for step in self.data["steps"].values():
            for one in step.values():
                if one.get("known") in ("observed", "told"):
                    found += _single(one["value"])
        return found

    @property
    def codes(self) -> set[str]:
        """Codes of all findings but notes."""
        return {one["code"] for one in self.data["findings"] if one["kind"] == "warning"}

    @property
    def leaks(self) -> set[str]:
        return {one["code"] for one in self.data["leaks"]}

    def finding(self, code: str) -> dict[str, Any]:
        """What the first finding of a code says."""
        every = [*self.data["findings"], *self.data["leaks"]]
        found = next((one["arguments"] for one in every if one["code"] == code), None)
        assert found is not None, sorted(one["code"] for one in every)
        return dict(found)

    def sentences(self) -> str:
        return "\n".join(one["sentence"] for one in [*self.data["findings"], *self.data["leaks"]])


def _single(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [one for item in value.values() for one in _single(item)]
    if isinstance(value, list):
        return [one for item in value for one in _single(item)]
    return [value]


# -- edits ------------------------------------------------------------------------------------


def replace(old: str, new: str) -> Edit:
    """Another text for one that has to be there."""

    def edit(cells: Cells) -> Cells:
        edited = [(id, source.replace(old, new)) for id, source in cells]
        assert edited != cells, f"{old!r} is in no cell"
        return edited

    return edit


def before(mark: str, code: str) -> Edit:
    """Lines in front of the line that begins with a text."""

    def edit(cells: Cells) -> Cells:
        edited = []
        for id, source in cells:
            lines = source.split("\n")
            for at, line in enumerate(lines):
                if line.startswith(mark):
                    lines[at:at] = code.split("\n")
                    break
            edited.append((id, "\n".join(lines)))
        assert edited != cells, f"no line begins with {mark!r}"
        return edited

    return edit


def after_cell(mark: str, code: str) -> Edit:
    """A new cell behind the one that has a text."""

    def edit(cells: Cells) -> Cells:
        edited = []
        for id, source in cells:
            edited.append((id, source))
            if mark in source:
                edited.append(("", code))
        assert len(edited) > len(cells), f"{mark!r} is in no cell"
        return edited

    return edit


def without(mark: str) -> Edit:
    """No cell that has this text."""

    def edit(cells: Cells) -> Cells:
        edited = [(id, source) for id, source in cells if mark not in source]
        assert len(edited) < len(cells), f"{mark!r} is in no cell"
        return edited

    return edit


def again(mark: str) -> Edit:
    """The cell that has this text a second time, as a person runs it again."""

    def edit(cells: Cells) -> Cells:
        edited = []
        for id, source in cells:
            edited.append((id, source))
            if mark in source:
                edited.append((id, source))
        assert len(edited) > len(cells), f"{mark!r} is in no cell"
        return edited

    return edit


def both(*edits: Edit) -> Edit:
    """One edit after the other."""

    def edit(cells: Cells) -> Cells:
        for one in edits:
            cells = one(cells)
        return cells

    return edit


# -- running ----------------------------------------------------------------------------------


def warm_up() -> None:
    """Import what all notebooks import, for the forks to have it."""
    os.environ["MPLBACKEND"] = "Agg"
    import matplotlib.pyplot
    import pandas
    import sklearn.datasets
    import sklearn.ensemble
    import sklearn.linear_model
    import sklearn.metrics
    import sklearn.model_selection
    import sklearn.pipeline
    import sklearn.preprocessing
    import torch
    import torchvision.transforms.v2
    from IPython.core.interactiveshell import InteractiveShell

    import mlprov_widgets.datasets
    import mlprov_widgets.inspection
    import mlprov_widgets.notebooks

    # The first optimizer imports PyTorch's compiler; a fork must not begin with busy threads.
    torch.set_num_threads(1)
    torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.1)
    assert all((matplotlib, pandas, sklearn, InteractiveShell, mlprov_widgets, torchvision))


def run_edited(
    folder: Path, task: str, edit: Edit | None = None, values: dict[str, Any] | None = None
) -> Told:
    """Generate, edit and run a notebook, and inspect its record.

    Parameters
    ----------
    folder : Path
        Where it is run.
    task : str
        The pack.
    edit : callable, optional
    values : dict, optional
        Of the pack.
    """
    from mlprov_widgets.notebooks import generate

    path = generate(task, {**SMALL[task], **(values or {})}, folder / "study.ipynb")
    notebook = json.loads(path.read_text(encoding="utf-8"))
    cells = [
        (cell["id"], "".join(cell["source"]))
        for cell in notebook["cells"]
        if cell["cell_type"] == "code"
    ]
    return run_cells(folder, edit(cells) if edit is not None else cells)


def run_cells(folder: Path, cells: Sequence[tuple[str, str]], name: str = "study") -> Told:
    """Run cells in a fork, and inspect the record that they left."""
    receiving, sending = _CONTEXT.Pipe(duplex=False)
    child = _CONTEXT.Process(target=_in_fork, args=(folder, list(cells), name, sending))
    child.start()
    sending.close()
    try:
        assert receiving.poll(WATCHDOG), "the notebook did not come to its end"
        found = receiving.recv()
    except EOFError:
        raise AssertionError(f"the process died with {child.exitcode}") from None
    finally:
        child.join(10)
        if child.is_alive():
            child.kill()
    if isinstance(found, str):
        raise AssertionError(found)
    return Told(*found)


def _in_fork(folder: Path, cells: list[tuple[str, str]], name: str, sending: Any) -> None:
    try:
        sending.send(_run(folder, cells, name))
    except BaseException:
        sending.send(traceback.format_exc())
    sending.close()
    # Nothing of pytest's is for this process to finish.
    os._exit(0)


def _run(folder: Path, cells: list[tuple[str, str]], name: str) -> tuple[Any, ...]:
    from IPython.core.interactiveshell import InteractiveShell

    from mlprov_widgets.inspection import inspect_run

    os.chdir(folder)
    sys.path.insert(0, str(folder))
    os.environ["MLPROV_AGENT_NAME"] = "A. Person"
    InteractiveShell.clear_instance()
    shell = InteractiveShell.instance()
    output, failed = io.StringIO(), []
    with contextlib.redirect_stdout(output), contextlib.redirect_stderr(output):
        for id, source in cells:
            result = shell.run_cell(source, store_history=True, cell_id=id or None)
            error = result.error_before_exec or result.error_in_exec
            if error is not None:
                failed.append(f"{type(error).__name__}: {error}")
                break
    records = sorted(folder.glob(f"{name}*.prov.json"), key=lambda one: one.stat().st_mtime_ns)
    found = inspect_run(records[-1])
    return found.to_dict(), found.to_text(), output.getvalue(), failed
