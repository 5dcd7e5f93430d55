"""Options that several commands have."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from typing import Any, TypeVar

import click

from mlprov_widgets.notebooks.formats import suffixes

Command = TypeVar("Command", bound=Callable[..., Any])


def grouped(*options: Callable[[Any], Any]) -> Callable[[Command], Command]:
    """Options as one decorator; help lists them in this order."""

    def decorate(command: Command) -> Command:
        return reduce(lambda decorated, option: option(decorated), reversed(options), command)

    return decorate


def new_file(or_else: str) -> Callable[[Command], Command]:
    """Where a notebook or script is written, and in words what is done if nobody says."""
    words = f"New file ending in {' or '.join(suffixes())}, or a folder{or_else}"
    return click.option("-o", "--out", metavar="OUT", help=words)


_LEVELS = ("bit-identical", "metric-identical", "within-tolerance")

with_packs = click.option(
    "--packs",
    "--pack-folder",
    "packs",
    multiple=True,
    metavar="DIR",
    help="A pack, or a folder of packs, beside the bundled ones. Can be given several times.",
)
as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON, for scripts.")
_at_least = click.option(
    "--at-least",
    type=click.Choice(_LEVELS),
    default="bit-identical",
    show_default=True,
    help="The least that counts as the same.",
)
# In Python, to accept is said of cells.
_accept = click.option("--accept", type=click.Choice(_LEVELS), hidden=True)
_relative = click.option(
    "--relative",
    type=click.FloatRange(min=0),
    show_default="1e-06",
    help="Tolerance: the largest difference, as a part of the larger number.",
)
_absolute = click.option(
    "--absolute",
    type=click.FloatRange(min=0),
    show_default="1e-08",
    help="Tolerance: the largest difference of numbers near 0.",
)
tolerances = grouped(_relative, _absolute)
comparison = grouped(_at_least, _accept, tolerances)


def level_of(at_least: str, accept: str | None) -> str:
    """The verdict that a choice of ``--at-least``, or of its old name, stands for."""
    if accept is not None:
        click.echo("Warning: --accept is called --at-least now; the old name will go.", err=True)
    return (accept or at_least).replace("within-", "within ")
