"""Options that several commands have."""

from __future__ import annotations

import click

LEVELS = ("bit-identical", "metric-identical", "within-tolerance")

pack_folders = click.option(
    "--pack-folder",
    "folders",
    multiple=True,
    metavar="DIR",
    help="A pack, or a folder of packs, beside the bundled ones. Can be given several times.",
)
as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON, for scripts.")
at_least = click.option(
    "--at-least",
    type=click.Choice(LEVELS),
    default="bit-identical",
    show_default=True,
    help="The least that counts as the same.",
)
# In Python, to accept is said of cells.
accept = click.option("--accept", type=click.Choice(LEVELS), hidden=True)
relative = click.option(
    "--relative",
    type=click.FloatRange(min=0),
    show_default="1e-06",
    help="Tolerance: the largest difference, as a part of the larger number.",
)
absolute = click.option(
    "--absolute",
    type=click.FloatRange(min=0),
    show_default="1e-08",
    help="Tolerance: the largest difference of numbers near 0.",
)


def level_of(at_least: str, accept: str | None) -> str:
    """The verdict that a choice of ``--at-least``, or of its old name, stands for."""
    if accept is not None:
        click.echo("Warning: --accept is called --at-least now; the old name will go.", err=True)
    return (accept or at_least).replace("within-", "within ")
