"""A notebook run to its end."""

from __future__ import annotations

from typing import Any

from mlprov_widgets.notebooks.execution import ExecutionResult, NotebookRun


def run_notebook(*arguments: Any, **options: Any) -> ExecutionResult:
    """Run a notebook, as `NotebookRun` takes it, and wait for its end."""
    return NotebookRun(*arguments, **options).start().wait()
