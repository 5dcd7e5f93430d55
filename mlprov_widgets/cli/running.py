"""Run a notebook, and show how far it is."""

from __future__ import annotations

import signal
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mlprov_widgets.cli.group import main
from mlprov_widgets.cli.options import as_json
from mlprov_widgets.cli.printing import (
    cell_name,
    print_failure,
    print_json,
    print_known,
    print_result,
    result_facts,
)
from mlprov_widgets.errors import ExecutionError, MlprovError, NotSavedError
from mlprov_widgets.notebooks.formats import DEFAULT
from mlprov_widgets.wording import format_duration, visible

if TYPE_CHECKING:
    from mlprov_widgets.notebooks.results import ExecutionResult


@main.command()
@click.argument("notebook")
@click.option(
    "-o",
    "--out",
    metavar=f"OUT{DEFAULT.suffix}",
    help="New file for the executed notebook; by default NOTEBOOK itself gets the outputs.",
)
@click.option("--timeout", type=click.FloatRange(min=0, min_open=True), metavar="SECONDS")
@as_json
@click.pass_context
def run(
    ctx: click.Context, notebook: str, out: str | None, timeout: float | None, as_json: bool
) -> None:
    """Run a notebook from top to bottom; print its provenance file and its metrics.

    Progress goes to standard error. If a cell fails, it is shown and the exit code is 1; the
    notebook keeps the outputs up to there. If its folder cannot be written, nothing is run; if
    that happens only during the run, notebook and record go to another folder, which is said. The
    exit code is 1 then too.
    """
    result, error = run_notebook(Path(notebook), out, timeout)
    if as_json:
        print_json(result_facts(result, error))
    else:
        print_result(result, error)
        print_known(result)
    if error is not None:
        print_failure(result, error)
        ctx.exit(1)


def run_notebook(
    path: Path, out: str | None, timeout: float | None
) -> tuple[ExecutionResult, ExecutionError | NotSavedError | None]:
    """Run a notebook to its end or until it is stopped, with a line a cell on standard error."""
    from mlprov_widgets.notebooks.execution import NotebookRun

    began = {"cell": time.monotonic()}

    def on_cell(index: int, total: int, cell: Any, state: str) -> None:
        if state == "start":
            began["cell"] = time.monotonic()
            return
        duration = format_duration(time.monotonic() - began["cell"])
        mark = "" if state == "done" else f"  {state}"
        click.echo(f"[{index}/{total}] {cell_name(cell)}  {duration}{mark}", err=True)

    notebook_run = NotebookRun(path, out, on_cell=on_cell, timeout=timeout)

    previous = signal.signal(signal.SIGTERM, signal.default_int_handler)
    error: ExecutionError | NotSavedError | None = None
    try:
        notebook_run.start().wait()
    except (ExecutionError, NotSavedError) as caught:
        error = caught
    except KeyboardInterrupt:
        click.echo("Stopping.", err=True)
        notebook_run.stop()
        try:
            notebook_run.wait()
        except NotSavedError as caught:
            click.echo(f"Error: {visible(str(caught))}", err=True)
        raise
    finally:
        signal.signal(signal.SIGTERM, previous)
    if notebook_run.result is None:
        raise MlprovError("result_unknown", file=path)
    return notebook_run.result, error
