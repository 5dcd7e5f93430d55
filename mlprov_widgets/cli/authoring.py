"""For authors of packs."""

from __future__ import annotations

from pathlib import Path

import click

from mlprov_widgets.cli.group import main
from mlprov_widgets.cli.options import as_json, with_packs
from mlprov_widgets.cli.printing import print_json
from mlprov_widgets.cli.trusting import ask_trust
from mlprov_widgets.wording import format_count, visible


@main.command("check-pack")
@click.argument("folder")
@click.option("--run", "run_it", is_flag=True, help="Run each example, and reproduce it.")
@as_json
@click.pass_context
def check_pack(ctx: click.Context, folder: str, run_it: bool, as_json: bool) -> None:
    """Say what is wrong with the pack in FOLDER: with file, line, field, and what to do.

    Its notebooks are written in memory for the defaults, for each example and for each choice, and
    looked at. Nothing of it is executed unless --run is given: then each example is run,
    reproduced from its record, run again, and both are compared.

    Exit codes: 0 nothing is wrong; 1 something is.
    """
    from mlprov_widgets.authoring import check_pack as check
    from mlprov_widgets.authoring.trial import try_examples

    found = check(folder)
    faults = list(found.faults)
    if not as_json:
        for fault in faults:
            click.echo(visible(str(fault)))
    if run_it and found.pack is not None and not faults:
        ask_trust(found.pack)
        for name, wrong in try_examples(found.pack):
            if not as_json:
                said = f"{name}: runs, and comes out the same once more."
                click.echo(visible(said if wrong is None else str(wrong)))
            faults += [wrong] if wrong is not None else []
    if as_json:
        print_json(
            {
                "pack": found.pack.name if found.pack is not None else None,
                "notebooks": found.notebooks,
                "faults": [
                    {
                        "code": one.code,
                        "file": str(one.file) if one.file else None,
                        "line": one.line,
                        "field": one.field or None,
                        "message": str(one),
                    }
                    for one in faults
                ],
            }
        )
    elif not faults:
        number = format_count(found.notebooks, "notebook")
        click.echo(f"Nothing is wrong with {folder}: {number} looked at.")
    if faults:
        ctx.exit(1)


@main.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--port", type=click.IntRange(1, 65535), default=8867, show_default=True)
def preview(folder: Path, port: int) -> None:
    """Serve the wizard with the pack in FOLDER, as a page that follows its files.

    Each change shows as soon as a file is saved: questions, choices, the cells beside them, and
    what is wrong. Notebooks can be run there; of a pack that is not trusted, none is written.
    """
    from mlprov_widgets.extras import needed

    with needed():
        from mlprov_widgets.server.preview import serve_preview

    click.echo(
        f"The pack is at http://127.0.0.1:{port}/ and follows what you save; Ctrl+C ends it."
    )
    serve_preview(folder.resolve(), port)


@main.command("new-pack")
@click.argument("folder")
@click.option(
    "--from", "source", metavar="FILE", help="A notebook or script to make it of; it is not run."
)
@click.pass_context
def new_pack(ctx: click.Context, folder: str, source: str | None) -> None:
    """Write a new pack, an experiment of one's own, to FOLDER.

    It works at once. By default it is a small experiment with comments to learn from; with --from
    its cells are those of FILE, and the named constants in them its parameters.
    """
    from mlprov_widgets.authoring import check_pack as check
    from mlprov_widgets.authoring import new_pack as write

    made = write(folder, source)
    click.echo(made)
    faults = check(made).faults
    for fault in faults:
        click.echo(visible(str(fault)), err=True)
    click.echo(
        f"Next: mlprov check-pack {made} --run, and mlprov preview {made} while you write.",
        err=True,
    )
    if faults:
        ctx.exit(1)


@main.command()
@click.argument("pack", required=False)
@with_packs
def schema(pack: str | None, packs: tuple[str, ...]) -> None:
    """Print the JSON Schema of the values that PACK takes, or of a pack.toml.

    `mlprov generate PACK --values -` reads such values; an editor completes and checks a pack.toml
    with the other one.
    """
    from mlprov_widgets.packs import find_pack
    from mlprov_widgets.packs.schema import declaration_schema, parameters_schema

    if pack is None:
        print_json(declaration_schema())
    else:
        print_json(parameters_schema(find_pack(pack, packs)))
