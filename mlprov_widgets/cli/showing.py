"""A run to look at."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from mlprov_widgets.cli.group import main
from mlprov_widgets.cli.options import tolerances, with_packs
from mlprov_widgets.errors import MlprovError


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
        click.echo(graph.static_view(source).to_text())
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
            write_new(target, graph.static_view(source).to_page(level))
        case _:
            raise MlprovError(
                "suffix_not_offered", file=target, suffixes=[".svg", ".png", ".html", ".dot"]
            )
    click.echo(target)


@main.command()
@click.argument("run")
@click.option(
    "--against", metavar="ORIGINAL", help="The run that RUN reproduces, to compare it with."
)
@click.option(
    "-o", "--out", metavar="OUT", help="New file ending in .html or .md; else Markdown is printed."
)
@tolerances
@with_packs
def report(run: str, against: str | None, out: str | None, **options: Any) -> None:
    """Report on RUN for an appendix or a reviewer: what was run, with what, what came of it, how
    it is reproduced and whether it was, and which items of the checklists of NeurIPS and ACL its
    record answers.

    RUN and ORIGINAL are provenance files, of ours or of MLProvCodeGen, or notebooks that were run
    and have their provenance files beside them.
    """
    from mlprov_widgets.notebooks import write_new
    from mlprov_widgets.reporting import run_report

    target = Path(out) if out is not None else None
    ending = target.suffix.lower() if target is not None else ".md"
    if ending not in (".html", ".md"):
        raise MlprovError("suffix_not_offered", file=target, suffixes=[".html", ".md"])
    found = run_report(run, against, **options)
    text = found.to_html() if ending == ".html" else found.to_markdown()
    if target is None:
        click.echo(text, nl=False)
        return
    write_new(target, text)
    click.echo(target)
