"""Several runs beside each other."""

from __future__ import annotations

from pathlib import Path

import click

from mlprov_widgets.cli.group import main
from mlprov_widgets.cli.options import as_json
from mlprov_widgets.cli.printing import print_json
from mlprov_widgets.errors import MlprovError

_ENDINGS = [".html", ".md", ".csv"]


@main.command()
@click.argument("runs", nargs=-1, required=True, metavar="RUN...")
@click.option("--metric", default="", metavar="NAME", help="Judge by it; by default the first.")
@click.option("-o", "--out", metavar="OUT", help="New file ending in .html, .md or .csv.")
@as_json
def compare(runs: tuple[str, ...], metric: str, out: str | None, as_json: bool) -> None:
    """Compare RUNs: what differs, which is better, and whether that is more than chance.

    RUN is a provenance file, of ours or of MLProvCodeGen, a notebook that was run and has its
    provenance file beside it, or a folder: all runs in it and below it. Runs that differ in their
    seeds alone are told as one configuration, with mean and deviation; a difference is tested on
    runs with the same seeds and splits. OUT that exists is never written over.
    """
    from mlprov_widgets.notebooks import write_new
    from mlprov_widgets.several import compare_runs

    target = Path(out) if out is not None else None
    if target is not None and target.suffix.lower() not in _ENDINGS:
        raise MlprovError("suffix_not_offered", file=target, suffixes=_ENDINGS)
    found = compare_runs(*runs, metric=metric)
    if target is None:
        print_json(found.to_dict()) if as_json else click.echo(found.to_text())
        return
    forms = {".html": found.to_html, ".md": found.to_markdown, ".csv": found.to_csv}
    write_new(target, forms[target.suffix.lower()]())
    print_json({"file": str(target)}) if as_json else click.echo(target)
