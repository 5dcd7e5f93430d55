"""Whether two runs are the same, whether a file is what it claims to be, and other formats."""

from __future__ import annotations

from pathlib import Path

import click

from mlprov_widgets.cli.group import main
from mlprov_widgets.cli.options import as_json, comparison, level_of
from mlprov_widgets.cli.printing import print_json
from mlprov_widgets.wording import visible


@main.command()
@click.argument("new")
@click.argument("original")
@comparison
@as_json
@click.pass_context
def verify(
    ctx: click.Context,
    /,
    new: str,
    original: str,
    at_least: str,
    accept: str | None,
    as_json: bool,
    **tolerances: float | None,
) -> None:
    """Compare the run NEW with the run ORIGINAL, number by number.

    Each is a provenance file, of ours or of MLProvCodeGen, or a notebook that was run and has its
    provenance file beside it. Numbers that are not equal are within tolerance if they differ by no
    more than --relative times the larger of them, or by no more than --absolute.

    Exit codes: 0 the two are the same, at least as far as --at-least asks; 1 they are not; 2 one of
    them is no run that can be read.
    """
    from mlprov_widgets.comparison import verify as compare

    found = compare(Path(new), Path(original), **tolerances)
    print_json(found.to_dict()) if as_json else click.echo(found.to_text())
    if not found.is_at_least(level_of(at_least, accept)):
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
        click.echo("\n".join(map(visible, problems)))
    else:
        click.echo(f"{path} is valid.")
    if problems:
        ctx.exit(1)


@main.command()
@click.argument("file")
@click.option("-o", "--out", metavar="OUT", required=True, help="Its ending says the format.")
@click.option("--force", is_flag=True, help="Write over OUT if it is there.")
def export(file: str, out: str, force: bool) -> None:
    """Write a provenance file in another format of PROV.

    OUT ends in .provn, .xml, .ttl, .trig, .nt, .rdf, .jsonld or .json. FILE may be in any of these
    too, and of any tool.
    """
    from mlprov_widgets.provenance.exporting import export as write

    click.echo(str(write(Path(file), Path(out), force=force)))
