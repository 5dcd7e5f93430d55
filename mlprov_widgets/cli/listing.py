"""All runs in a folder."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mlprov_widgets.cli.group import main
from mlprov_widgets.cli.options import as_json
from mlprov_widgets.cli.printing import print_json
from mlprov_widgets.wording import format_count, visible

if TYPE_CHECKING:
    from mlprov_widgets.store import Query, RunStore


@main.command()
@click.argument("folders", nargs=-1)
@click.option("-w", "--where", default="", metavar="CONDITION", help='Such as "duration < 60".')
@click.option("--search", "words", default="", metavar="WORDS", help="Words that all occur in it.")
@click.option("--sort", default="", metavar="NAME", help="A column, metric or parameter.")
@click.option("--ascending", is_flag=True, help="The smallest first.")
@click.option("--columns", default="", metavar="NAMES", help="What is shown, with commas between.")
@click.option("-n", "--limit", type=click.IntRange(1), default=50, show_default=True)
@click.option("--group-by", default="", metavar="NAME", help="A column of text or a parameter.")
@click.option("--repeats", is_flag=True, help="Put runs that differ in seeds alone together.")
@click.option("--metric", default="", metavar="NAME", help="For --repeats; by default the first.")
@click.option("-o", "--out", metavar="OUT", help="New file ending in .csv, .jsonl or .parquet.")
@as_json
def runs(
    folders: tuple[str, ...],
    where: str,
    words: str,
    sort: str,
    ascending: bool,
    columns: str,
    limit: int,
    group_by: str,
    repeats: bool,
    metric: str,
    out: str | None,
    as_json: bool,
) -> None:
    """List the runs whose records lie in FOLDERS, by default in this one, and in those below.

    The newest come first. Records of MLProvCodeGen and runs in MLflow's file store are listed too.
    CONDITION compares columns, metrics and parameters with numbers and texts, joined by and, or,
    not; with -o all runs that it holds for are written. With --repeats it is said of each
    configuration what its runs come to, and which differences are more than chance.
    """
    from mlprov_widgets.present.blocks import DataTable
    from mlprov_widgets.present.text import blocks_to_text
    from mlprov_widgets.store import Query, RunStore
    from mlprov_widgets.store.exporting import export_runs, flat
    from mlprov_widgets.store.table import table_of

    store = RunStore(*folders)
    told = store.refresh()
    for problem in told.problems:
        click.echo(f"Note: {visible(problem)}", err=True)
    query = Query(where, words, sort or "started", not ascending)
    if out is not None:
        click.echo(export_runs(store.runs(query), Path(out)))
        return
    if repeats:
        from mlprov_widgets.store.summary import summary_of

        click.echo(blocks_to_text(summary_of((row.facts for row in store.runs(query)), metric)))
        return
    if group_by:
        _print_groups(store, group_by, query, limit, as_json)
        return
    page = store.page(query, limit)
    if as_json:
        print_json([flat(row) for row in page.rows])
        return
    if not page.rows:
        click.echo("There is no such run." if where or words else "There are no runs here.")
        return
    table = table_of([row.facts for row in page.rows], store.names_in(columns))
    click.echo(blocks_to_text([DataTable("", table.head, table.rows)]))
    if page.following is not None:
        total = format_count(store.count(query), "run")
        click.echo(f"\nThe first {limit} of {total}; -n shows more.", err=True)


def _print_groups(store: RunStore, by: str, query: Query, limit: int, as_json: bool) -> None:
    from mlprov_widgets.present.blocks import DataTable
    from mlprov_widgets.present.text import blocks_to_text
    from mlprov_widgets.store.grouping import table_of_groups
    from mlprov_widgets.store.table import shared_metrics

    runs = [row.facts for row in store.page(query).rows]
    metrics = shared_metrics(runs)
    groups = store.groups(by, query, metrics, limit)
    if as_json:
        print_json([asdict(one) for one in groups])
        return
    table = table_of_groups(groups, by, metrics, runs)
    click.echo(blocks_to_text([DataTable("", table.head, table.rows)]))
