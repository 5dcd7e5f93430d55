"""The same doors from a shell: each command is a thin layer over one Python function."""

from __future__ import annotations

import signal
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mlprov_widgets._cli_report import (
    ask_for_cells,
    cell_name,
    clean,
    print_edits,
    print_failure,
    print_json,
    print_result,
    result_facts,
)
from mlprov_widgets._cli_values import pack_facts, pack_text, settings_of, values_of
from mlprov_widgets._version import __version__
from mlprov_widgets.errors import ExecutionError, MlprovError

if TYPE_CHECKING:
    from mlprov_widgets.notebooks.execution import ExecutionResult
    from mlprov_widgets.reproduction import Verification

LEVELS = ("bit-identical", "metric-identical", "within-tolerance")


class Commands(click.Group):
    """Errors that are meant for people are one sentence and exit code 2, never a traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        for stream in (sys.stdout, sys.stderr):
            # A terminal that cannot show a character must not end the command.
            if hasattr(stream, "reconfigure"):
                stream.reconfigure(errors="replace")
        try:
            return super().invoke(ctx)
        except MlprovError as error:
            message = str(error)
        except BrokenPipeError:
            raise
        except OSError as error:
            where = f"{error.filename}: " if error.filename else ""
            message = f"{where}{error.strerror or error}."
        click.echo(f"Error: {clean(message)}", err=True)
        ctx.exit(2)


pack_folders = click.option(
    "--pack-folder",
    "folders",
    multiple=True,
    metavar="DIR",
    help="A pack, or a folder of packs, beside the bundled ones. Can be given several times.",
)
as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON, for scripts.")
accept = click.option(
    "--accept",
    type=click.Choice(LEVELS),
    default="bit-identical",
    show_default=True,
    help="The least that counts as the same.",
)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="mlprov", message="%(prog)s %(version)s")
def main() -> None:
    """Write machine-learning notebooks that record their own provenance, run them, look at what
    they recorded, and reproduce them exactly.

    Exit codes: 0 all went well; 1 a cell failed, two runs differ or a file is not valid; 2 the
    command could not do what was asked, and says why.
    """


@main.command()
@click.argument("pack", required=False)
@pack_folders
@as_json
def tasks(pack: str | None, folders: tuple[str, ...], as_json: bool) -> None:
    """List the experiments there are, or the parameters of PACK."""
    from mlprov_widgets.packs import discover_packs, find_pack

    if pack is not None:
        found = find_pack(pack, folders)
        print_json(pack_facts(found)) if as_json else click.echo(pack_text(found))
        return
    packs = discover_packs(folders).values()
    if as_json:
        print_json(
            [
                {"name": p.name, "title": p.title, "version": p.version, "summary": p.summary}
                for p in packs
            ]
        )
        return
    for one in packs:
        click.echo(f"{one.name}  ({one.title}, version {one.version})")
        click.echo(click.wrap_text(one.summary, 80, "    ", "    "))
    click.echo("\nThe parameters of one:  mlprov tasks PACK")


@main.command(add_help_option=False)
@click.argument("pack", required=False)
@click.option(
    "-s", "--set", "settings", multiple=True, metavar="NAME=VALUE", help="Value of one parameter."
)
@click.option(
    "--values", "values_file", metavar="FILE", help="Values from a JSON or TOML file; -s wins."
)
@click.option(
    "-o",
    "--out",
    metavar="OUT",
    help="New file ending in .ipynb or .py, or a folder. By default a new notebook, named after "
    "the task, in this folder.",
)
@pack_folders
@as_json
@click.option("-h", "--help", "show_help", is_flag=True, help="Show this, and PACK's parameters.")
@click.pass_context
def generate(
    ctx: click.Context,
    pack: str | None,
    settings: tuple[str, ...],
    values_file: str | None,
    out: str | None,
    folders: tuple[str, ...],
    as_json: bool,
    show_help: bool,
) -> None:
    """Write the notebook (or the script) of an experiment.

    `mlprov generate PACK --help` also lists the parameters of PACK. A file that exists is never
    written over.
    """
    from mlprov_widgets import notebooks
    from mlprov_widgets.packs import check_values, find_pack

    if show_help or pack is None:
        if not show_help:
            raise click.UsageError("Missing argument 'PACK'; `mlprov tasks` lists them.", ctx)
        click.echo(ctx.get_help())
        if pack is not None:
            click.echo("\n" + pack_text(find_pack(pack, folders)))
        return
    found = find_pack(pack, folders)
    values = {**values_of(values_file), **settings_of(found, settings)}
    file = notebooks.generate(found, values, out, folders)
    # The table was looked at a moment ago: looking again costs nothing.
    notes = [note.message for note in check_values(found, values, file.parent).notes]
    for note in notes:
        click.echo(f"Note: {clean(note)}", err=True)
    print_json({"file": str(file), "notes": notes}) if as_json else click.echo(file)


@main.command()
@click.argument("notebook")
@click.option(
    "-o",
    "--out",
    metavar="OUT.ipynb",
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
    notebook keeps the outputs up to there.
    """
    result, error = _run(Path(notebook), out, timeout)
    if as_json:
        print_json(result_facts(result, error))
    elif error is None:
        print_result(result)
    if error is not None:
        print_failure(result, error)
        ctx.exit(1)


@main.command()
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

    options: dict[str, Any] = {"folders": folders, "requirements": requirements}
    try:
        rebuilt = rebuild(file, out, accept=yes or keep, restore=restore, **options)
        print_edits(rebuilt.edited, rebuilt.notes)
    except EditsNotAcceptedError as refusal:
        print_edits(refusal.edited, refusal.notes)
        if not sys.stdin.isatty():
            raise MlprovError(
                f"{clean(refusal.source)}: {refusal.counts}, and nothing was written, because it "
                "is somebody else's code. Read it above; then use --yes, or --keep ID and "
                "--restore ID."
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
    if not run_it:
        if as_json:
            print_json(facts)
        return
    result, error = _run(rebuilt.file, None, None)
    found: Verification | None = None
    manifest = read_manifest(rebuilt.file)
    if error is None and result.provenance_file and manifest and manifest.original:
        found = compare(result.provenance_file, manifest.original)
    if as_json:
        facts |= {"run": result_facts(result, error)}
        facts |= {"verification": found.to_dict() if found else None}
        print_json(facts)
    elif error is None:
        print_result(result)
        click.echo("\n" + (found.to_text() if found else "There is nothing to compare it with."))
    if error is not None:
        print_failure(result, error)
    if error is not None or (found and not found.is_at_least(_level(accept))):
        ctx.exit(1)


@main.command()
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


@main.command()
@click.argument("new")
@click.argument("original")
@accept
@click.option("--relative", type=click.FloatRange(min=0), default=1e-6, show_default=True)
@click.option("--absolute", type=click.FloatRange(min=0), default=1e-8, show_default=True)
@as_json
@click.pass_context
def verify(
    ctx: click.Context,
    new: str,
    original: str,
    accept: str,
    relative: float,
    absolute: float,
    as_json: bool,
) -> None:
    """Compare the run NEW with the run ORIGINAL, number by number.

    Each is a provenance file, of ours or of MLProvCodeGen, or a notebook that was run and has its
    provenance file beside it. Numbers that are not equal are within tolerance if they differ by no
    more than --relative times the larger of them, or by no more than --absolute.

    Exit codes: 0 the two are the same, at least as far as --accept asks; 1 they are not; 2 one of
    them is no run that can be read.
    """
    from mlprov_widgets.reproduction import verify as compare

    found = compare(Path(new), Path(original), relative=relative, absolute=absolute)
    print_json(found.to_dict()) if as_json else click.echo(found.to_text())
    if not found.is_at_least(_level(accept)):
        ctx.exit(1)


@main.command()
@click.argument("file")
@as_json
@click.pass_context
def validate(ctx: click.Context, file: str, as_json: bool) -> None:
    """Check a provenance file: PROV-JSON's own schema, then the shape of our records."""
    from mlprov_widgets.provenance import validate as check

    path = Path(file)
    path.open("rb").close()  # what cannot be read is an error of the command, not of the file
    problems = check(path)
    if as_json:
        print_json({"file": str(path), "valid": not problems, "problems": problems})
    elif problems:
        for problem in problems:
            click.echo(clean(problem))
    else:
        click.echo(f"{path} is valid.")
    if problems:
        ctx.exit(1)


@main.command()
@click.argument("file")
@click.option("-o", "--out", metavar="OUT", help="New file ending in .svg, .png, .html or .dot.")
@click.option(
    "--level",
    type=click.Choice(["analyst", "engineer"]),
    default="analyst",
    show_default=True,
    help="What is shown (first): the steps of the run, or the whole PROV graph.",
)
def view(file: str, out: str | None, level: str) -> None:
    """Show a provenance file in a few lines, or write it as a picture, or as a page with the
    viewer and everything in it, which opens in any browser.
    """
    from mlprov_widgets import graph
    from mlprov_widgets.notebooks import write_new

    source = Path(file)
    if out is None:
        click.echo(graph.view(source).to_text())
        return
    target = Path(out)
    match target.suffix.lower():
        case ".png":
            graph.to_png(source, target, level)
        case ".svg":
            write_new(target, graph.to_svg(source, level))
        case ".dot":
            write_new(target, graph.to_dot(source, level))
        case ".html":
            write_new(target, graph.view(source).to_page(level))
        case _:
            raise MlprovError(f"{target} must end in .svg, .png, .html or .dot.")
    click.echo(target)


def _run(
    path: Path, out: str | None, timeout: float | None
) -> tuple[ExecutionResult, ExecutionError | None]:
    from mlprov_widgets.notebooks.execution import NotebookRun

    began = {"cell": time.monotonic()}

    def on_cell(index: int, total: int, cell: Any, state: str) -> None:
        if state == "start":
            began["cell"] = time.monotonic()
            return
        seconds = time.monotonic() - began["cell"]
        mark = "" if state == "done" else f"  {state}"
        click.echo(f"[{index}/{total}] {cell_name(cell)}  {seconds:.1f} s{mark}", err=True)

    notebook_run = NotebookRun(path, out, on_cell=on_cell, timeout=timeout)

    def stop(number: int, frame: Any) -> None:
        raise KeyboardInterrupt

    previous = signal.signal(signal.SIGTERM, stop)
    error = None
    try:
        notebook_run.start().wait()
    except ExecutionError as caught:
        error = caught
    except KeyboardInterrupt:
        click.echo("Stopping.", err=True)
        notebook_run.stop()
        notebook_run.wait()
        raise
    finally:
        signal.signal(signal.SIGTERM, previous)
    assert notebook_run.result is not None
    return notebook_run.result, error


def _level(accepted: str) -> str:
    return accepted.replace("within-", "within ")


if __name__ == "__main__":
    main()
