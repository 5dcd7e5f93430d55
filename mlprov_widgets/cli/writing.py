"""The experiments that there are, and their notebooks."""

from __future__ import annotations

import click

from mlprov_widgets.cli.group import main
from mlprov_widgets.cli.options import as_json, new_file, with_packs
from mlprov_widgets.cli.printing import print_json
from mlprov_widgets.cli.trusting import ask_trust
from mlprov_widgets.cli.values import pack_facts, pack_summary, pack_text, settings_of, values_of
from mlprov_widgets.wording import visible


@main.command()
@click.argument("pack", required=False)
@with_packs
@as_json
def tasks(pack: str | None, packs: tuple[str, ...], as_json: bool) -> None:
    """List the experiments there are, or the parameters of PACK."""
    from mlprov_widgets.packs import find_pack
    from mlprov_widgets.packs.discovery import packs_and_errors

    if pack is not None:
        found = find_pack(pack, packs)
        print_json(pack_facts(found)) if as_json else click.echo(pack_text(found))
        return
    known, errors = packs_and_errors(packs)
    for error in errors.values():
        click.echo(f"Left out: {visible(str(error))}", err=True)
    if as_json:
        print_json([{**pack_summary(one), "name": name} for name, one in known.items()])
        return
    for name, one in known.items():
        click.echo(visible(f"{name}  ({one.title}, version {one.version})"))
        comes = "" if one.source.is_bundled else f" Comes {one.source.text}."
        click.echo(click.wrap_text(visible(one.summary + comes), 80, "    ", "    "))
    click.echo("\nThe parameters of one:  mlprov tasks PACK")


@main.command(add_help_option=False)
@click.argument("pack", required=False)
@click.option(
    "-s", "--set", "settings", multiple=True, metavar="NAME=VALUE", help="Value of one parameter."
)
@click.option(
    "--values",
    "values_file",
    metavar="FILE",
    help="Values from a JSON or TOML file, or - to read JSON; -s wins.",
)
@new_file(". By default a new notebook, named after the task, in this folder.")
@with_packs
@click.option("--plain", is_flag=True, help="Only clean code, which records nothing.")
@as_json
@click.option("-h", "--help", "show_help", is_flag=True, help="Show this, and PACK's parameters.")
@click.pass_context
def generate(
    ctx: click.Context,
    pack: str | None,
    settings: tuple[str, ...],
    values_file: str | None,
    out: str | None,
    packs: tuple[str, ...],
    plain: bool,
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
            click.echo("\n" + pack_text(find_pack(pack, packs)))
        return
    found = find_pack(pack, packs)
    ask_trust(found)
    values = {**values_of(values_file), **settings_of(found, settings)}
    file = notebooks.generate(found, values, out, packs, plain=plain)
    # The table was looked at a moment ago: looking again costs nothing.
    notes = [note.message for note in check_values(found, values, file.parent).notes]
    for note in notes:
        click.echo(f"Note: {visible(note)}", err=True)
    print_json({"file": str(file), "notes": notes}) if as_json else click.echo(file)
