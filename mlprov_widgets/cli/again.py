"""What a file holds, and the same experiment again."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from mlprov_widgets.cli.group import main
from mlprov_widgets.cli.options import (
    as_json,
    comparison,
    grouped,
    level_of,
    new_file,
    with_packs,
)
from mlprov_widgets.cli.printing import (
    ask_for_cells,
    print_edits,
    print_failure,
    print_json,
    print_result,
    result_facts,
)
from mlprov_widgets.cli.running import run_notebook
from mlprov_widgets.errors import ExecutionError, MlprovError
from mlprov_widgets.notebooks.formats import format_of, is_notebook

if TYPE_CHECKING:
    from mlprov_widgets.comparison import Verification
    from mlprov_widgets.rebuild import EditedCell, Reproduction


_cells = grouped(
    click.option("-y", "--yes", is_flag=True, help="Take all cells over as they ran, unasked."),
    click.option(
        "--keep",
        multiple=True,
        metavar="ID",
        help="Take this cell over as it ran. Can be repeated.",
    ),
    click.option(
        "--restore",
        multiple=True,
        metavar="ID",
        help="Have this cell as the pack here writes it. Can be repeated.",
    ),
)


@main.command()
@click.argument("file")
@new_file("; by default FILE's folder.")
@click.option("--run", "run_it", is_flag=True, help="Run it too, and verify it.")
@_cells
@click.option("--requirements", is_flag=True, help="Write the recorded versions beside it.")
@comparison
@with_packs
@as_json
@click.pass_context
def reproduce(
    ctx: click.Context,
    /,
    file: str,
    out: str | None,
    run_it: bool,
    yes: bool,
    keep: tuple[str, ...],
    restore: tuple[str, ...],
    at_least: str,
    accept: str | None,
    as_json: bool,
    **options: Any,
) -> None:
    """Rebuild the notebook of an earlier run from FILE: its provenance file, the notebook itself or
    an exported script.

    Nothing is executed unless --run is given. Cells that are not what the pack here writes for
    the recorded values are somebody else's code: they are shown as a diff, and nothing is written
    until each of them is kept or restored (asked for in a terminal, else with --yes, --keep and
    --restore).
    """
    if run_it and out and format_of(out) and not is_notebook(out):
        raise MlprovError("run_option_for_notebooks", file=out)
    rebuilt = _rebuild(file, out, True if yes else keep, restore, options)
    facts: dict[str, Any] = {
        "file": str(rebuilt.file),
        "edited": [vars(cell) for cell in rebuilt.edited],
        "notes": rebuilt.notes,
        "requirements": str(rebuilt.requirements) if rebuilt.requirements else None,
    }
    if not as_json:
        click.echo(rebuilt.file)
    if rebuilt.requirements is not None:
        click.echo(
            f"The recorded versions are in {rebuilt.requirements}; its first lines say how to make "
            "an environment of them.",
            err=True,
        )
    is_same = not run_it or _run_and_compare(
        rebuilt.file, facts, as_json, level_of(at_least, accept)
    )
    if as_json:
        print_json(facts)
    if not is_same:
        ctx.exit(1)


def _rebuild(
    file: str,
    out: str | None,
    accept: Literal[True] | tuple[str, ...],
    restore: tuple[str, ...],
    options: dict[str, Any],
) -> Reproduction:
    """The rebuilt notebook; in a terminal, cells that nobody has decided on are asked for."""
    from mlprov_widgets.rebuild import EditsNotAcceptedError
    from mlprov_widgets.rebuild import reproduce as rebuild

    try:
        rebuilt = rebuild(file, out, accept=accept, restore=restore, **options)
        print_edits(rebuilt.edited, rebuilt.notes)
    except EditsNotAcceptedError as refusal:
        print_edits(refusal.edited, refusal.notes)
        if not sys.stdin.isatty():
            raise MlprovError(
                "cells_not_decided", file=refusal.source, counts=refusal.counts, why=refusal.why
            ) from None
        kept, undone = ask_for_cells(refusal.edited)
        accepted: list[str | EditedCell] = [*(() if accept is True else accept), *kept]
        rebuilt = rebuild(file, out, accept=accepted, restore=[*restore, *undone], **options)
    if rebuilt.warning:
        click.echo(f"Warning: {rebuilt.warning}", err=True)
    return rebuilt


def _run_and_compare(file: Path, facts: dict[str, Any], as_json: bool, at_least: str) -> bool:
    """Whether the rebuilt notebook ran and its run is the same as the original, so far as asked."""
    from mlprov_widgets.comparison import verify
    from mlprov_widgets.notebooks import read_manifest

    result, error = run_notebook(file, None, None)
    found: Verification | None = None
    manifest = read_manifest(file)
    failed = isinstance(error, ExecutionError)
    if not failed and result.provenance_file and manifest and manifest.original:
        found = verify(result.provenance_file, manifest.original)
    facts["run"] = result_facts(result, error)
    facts["verification"] = found.to_dict() if found else None
    if not as_json:
        print_result(result, error)
        if not failed:
            told = found.to_text() if found else "There is nothing to compare it with."
            click.echo(f"\n{told}")
    if error is not None:
        print_failure(result, error)
    return error is None and (found is None or found.is_at_least(at_least))


@main.command()
@click.argument("file")
@with_packs
@as_json
def inspect(file: str, packs: tuple[str, ...], as_json: bool) -> None:
    """Say what FILE holds, before anything is made of it.

    FILE is a provenance file (MLProvCodeGen's too), a generated notebook or an exported script.
    Told are what was run, when, by whom and where, which values go into which field of the pack
    and which into none, whether the data are the same, what differs on this machine, and which
    cells are not what the pack here writes.
    """
    from mlprov_widgets.inspection import inspect_run

    found = inspect_run(file, packs=packs)
    if as_json:
        print_json(found.to_dict())
        return
    click.echo(found.to_text())
    print_edits(found.edits, [])
