"""A run to look at."""

from __future__ import annotations

from pathlib import Path

import click

from mlprov_widgets.errors import MlprovError


@click.command()
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
