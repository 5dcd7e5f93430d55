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
accept = click.option(
    "--accept",
    type=click.Choice(LEVELS),
    default="bit-identical",
    show_default=True,
    help="The least that counts as the same.",
)
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


def level_of(accepted: str) -> str:
    """The verdict that a choice of ``--accept`` stands for."""
    return accepted.replace("within-", "within ")
