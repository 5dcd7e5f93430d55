"""What a file holds, and the same experiment again."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from mlprov_widgets.cli.options import (
    absolute,
    accept,
    as_json,
    level_of,
    pack_folders,
    relative,
)
from mlprov_widgets.cli.printing import (
    ask_for_cells,
    clean,
    print_edits,
    print_failure,
    print_json,
    print_result,
    result_facts,
)
from mlprov_widgets.cli.running import run_notebook
from mlprov_widgets.errors import ExecutionError, MlprovError

if TYPE_CHECKING:
    from mlprov_widgets.reproduction import Verification


@click.command()
@click.argument("file")
@click.option(
    "-o",
    "--out",
    metavar="OUT",
    help="New file ending in .ipynb or .py, or a folder; by default FILE's folder.",
)
@click.option("--run", "run_it", is_flag=True, help="Run it too, and verify it.")
@click.option("-y", "--yes", is_flag=True, help="Take all cells over as they ran, unasked.")
@click.option(
    "--keep", multiple=True, metavar="ID", help="Take this cell over as it ran. Can be repeated."
)
@click.option(
    "--restore",
    multiple=True,
    metavar="ID",
    help="Have this cell as the pack here writes it. Can be repeated.",
)
@click.option("--requirements", is_flag=True, help="Write the recorded versions beside it.")
@accept
@relative
@absolute
@pack_folders
@as_json
@click.pass_context
def reproduce(
    ctx: click.Context,
    file: str,
    out: str | None,
    run_it: bool,
    yes: bool,
    keep: tuple[str, ...],
    restore: tuple[str, ...],
    requirements: bool,
    accept: str,
    relative: float | None,
    absolute: float | None,
    folders: tuple[str, ...],
    as_json: bool,
) -> None:
    """Rebuild the notebook of an earlier run from FILE: its provenance file, the notebook itself or
    an exported script.

    Nothing is executed unless --run is given. Cells that are not what the pack here writes for
    the recorded values are somebody else's code: they are shown as a diff, and nothing is written
    until each of them is kept or restored (asked for in a terminal, else with --yes, --keep and
    --restore).
    """
    from mlprov_widgets.notebooks import read_manifest
    from mlprov_widgets.reproduction import EditsNotAcceptedError
    from mlprov_widgets.reproduction import reproduce as rebuild
    from mlprov_widgets.reproduction import verify as compare

    if run_it and out is not None and out.lower().endswith(".py"):
        raise MlprovError(
            f"{clean(out)}: --run runs notebooks. Leave --run out and run the script with Python, "
            "or write a notebook."
        )
    options: dict[str, Any] = {"folders": folders, "requirements": requirements}
    options |= {"relative": relative, "absolute": absolute}
    try:
        rebuilt = rebuild(file, out, accept=yes or keep, restore=restore, **options)
        print_edits(rebuilt.edited, rebuilt.notes)
    except EditsNotAcceptedError as refusal:
        print_edits(refusal.edited, refusal.notes)
        if not sys.stdin.isatty():
            raise MlprovError(
                f"{clean(refusal.source)}: {refusal.counts}, and nothing was written, because "
                f"{refusal.why}. Read it above; then use --yes, or --keep ID and --restore ID."
            ) from None
        kept, undone = ask_for_cells(refusal.edited)
        rebuilt = rebuild(file, out, accept=[*keep, *kept], restore=[*restore, *undone], **options)
    if rebuilt.warning:
        click.echo(f"Warning: {rebuilt.warning}", err=True)
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
    if not run_it:
        if as_json:
            print_json(facts)
        return
    result, error = run_notebook(rebuilt.file, None, None)
    found: Verification | None = None
    manifest = read_manifest(rebuilt.file)
    failed = isinstance(error, ExecutionError)
    if not failed and result.provenance_file and manifest and manifest.original:
        found = compare(result.provenance_file, manifest.original)
    if as_json:
        facts |= {"run": result_facts(result, error)}
        facts |= {"verification": found.to_dict() if found else None}
        print_json(facts)
    else:
        print_result(result, error)
        if not failed:
            told = found.to_text() if found else "There is nothing to compare it with."
            click.echo(f"\n{told}")
    if error is not None:
        print_failure(result, error)
    if error is not None or (found and not found.is_at_least(level_of(accept))):
        ctx.exit(1)


@click.command()
@click.argument("file")
@pack_folders
@as_json
def inspect(file: str, folders: tuple[str, ...], as_json: bool) -> None:
    """Say what FILE holds, before anything is made of it.

    FILE is a provenance file (MLProvCodeGen's too), a generated notebook or an exported script.
    Told are what was run, when, by whom and where, which values go into which field of the pack
    and which into none, whether the data are the same, what differs on this machine, and which
    cells are not what the pack here writes.
    """
    from mlprov_widgets.inspection import inspect_run

    found = inspect_run(file, folders=folders)
    if as_json:
        print_json(found.to_dict())
        return
    click.echo(found.to_text())
    print_edits(found.edits, [])
