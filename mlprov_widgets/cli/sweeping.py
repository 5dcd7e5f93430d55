"""Several values of an experiment, and one with several seeds."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mlprov_widgets.cli.group import main
from mlprov_widgets.cli.options import as_json, grouped, with_packs
from mlprov_widgets.cli.printing import print_json
from mlprov_widgets.cli.trusting import ask_trust
from mlprov_widgets.cli.values import settings_of, values_of
from mlprov_widgets.errors import MlprovError
from mlprov_widgets.wording import visible

if TYPE_CHECKING:
    from mlprov_widgets.packs import Pack
    from mlprov_widgets.sweeps import SweepResult

_SIZES = {"": 1, "k": 10**3, "M": 10**6, "G": 10**9}
_RANGE = re.compile(r"(log:)?([^,]+?)\.\.([^,]+)")


class Seeds(click.ParamType[Any]):
    """A number of seeds, or the seeds themselves with commas between."""

    name = "seeds"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The number, or the list."""
        if not isinstance(value, str):
            return value
        try:
            numbers = [int(one) for one in value.split(",")]
        except ValueError:
            self.fail(f"{value!r} is neither a number of seeds nor a list of them.", param, ctx)
        return numbers if "," in value else numbers[0]


class Size(click.ParamType[Any]):
    """A number of bytes, perhaps with a unit: ``2GB``."""

    name = "size"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The number."""
        if not isinstance(value, str):
            return value
        found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([kMG]?)B?", value.strip())
        if found is None:
            self.fail(f"{value!r} is no size, such as 2GB.", param, ctx)
        return int(float(found[1]) * _SIZES[found[2]])


_running = grouped(
    click.option("--workers", type=click.IntRange(1), help="Trials at a time; one a processor."),
    click.option("--dask", metavar="ADDRESS", help="A Dask cluster that runs the trials."),
    click.option(
        "--time-limit",
        type=click.FloatRange(min=0, min_open=True),
        metavar="SECONDS",
        help="That a trial has.",
    ),
    click.option("--memory-limit", type=Size(), metavar="SIZE", help="That a trial has: 2GB."),
    click.option("-o", "--out", "folder", metavar="FOLDER", help="A new folder for all of it."),
    click.option("--notebooks", is_flag=True, help="Keep the notebook of each trial."),
    with_packs,
    as_json,
)


@main.command()
@click.argument("pack")
@click.option(
    "--over",
    multiple=True,
    metavar="NAME=VALUES",
    help="Values to try, as 0.1,0.01; or all numbers in 0.001..0.1 or log:0.001..0.1.",
)
@click.option("--seeds", type=Seeds(), metavar="N", help="With how many seeds, or which (1,2,3).")
@click.option("-s", "--set", "settings", multiple=True, metavar="NAME=VALUE", help="A fixed value.")
@click.option("--values", "values_file", metavar="FILE", help="Fixed values from JSON or TOML.")
@click.option(
    "--search",
    type=click.Choice(["grid", "random", "optuna"]),
    default="grid",
    show_default=True,
    help="All combinations, some at random, or those that Optuna suggests.",
)
@click.option("--trials", type=click.IntRange(1), help="Combinations of random and optuna.")
@click.option("--search-seed", type=click.IntRange(0), default=0, show_default=True)
@click.option(
    "--window",
    type=click.IntRange(1),
    help="Combinations that Optuna suggests before it is told of the first; by default 4.",
)
@click.option("--metric", default="", help="Of the validation part or of folds; to compare by.")
@click.option(
    "--pruner",
    type=click.Choice(["median", "halving"]),
    help="With optuna: stop trials early that are worse after an epoch than those before.",
)
@click.option("--resume", is_flag=True, help="Go on with the sweep in FOLDER.")
@_running
@click.pass_context
def sweep(
    ctx: click.Context,
    /,
    pack: str,
    over: tuple[str, ...],
    settings: tuple[str, ...],
    values_file: str | None,
    packs: tuple[str, ...],
    as_json: bool,
    **options: Any,
) -> None:
    """Run several values of the experiment PACK, and say which are best.

    Each trial is a run like any other, with its own record in FOLDER; that of the sweep is
    FOLDER/sweep.prov.json. Given as PACK, it is done again and compared. Stopped with Ctrl-C or
    killed, a sweep goes on with --resume and the same options. The exit code is 1 if a trial did
    not come to its end, or a sweep that was done again came to something else.
    """
    with _stoppable():
        result = _swept(pack, over, settings, values_file, packs, options)
    _tell(ctx, result, as_json)


def _swept(
    pack: str,
    over: tuple[str, ...],
    settings: tuple[str, ...],
    values_file: str | None,
    packs: tuple[str, ...],
    options: dict[str, Any],
) -> SweepResult:
    from mlprov_widgets.packs import find_pack
    from mlprov_widgets.sweeps import sweep as run_sweep

    if pack.endswith(".json"):
        asked = {"over": over, "set": settings, "values": values_file, **options}
        return run_sweep(pack, packs=packs, **_only_running(asked))
    found = find_pack(pack, packs)
    ask_trust(found)
    values = {**values_of(values_file), **settings_of(found, settings)}
    options["pruner"] = options["pruner"] or ""
    return run_sweep(found, values, tried(found, over), packs=packs, **options)


@contextmanager
def _stoppable() -> Iterator[None]:
    """Say how a sweep that is stopped with Ctrl-C goes on."""
    try:
        yield
    except KeyboardInterrupt:
        click.echo("\nStopped. With --resume and its folder (-o) it goes on.", err=True)
        raise


@main.command()
@click.argument("file")
@click.option(
    "--seeds", type=Seeds(), metavar="N", default=5, show_default=True, help="How many, or which."
)
@_running
@click.pass_context
def repeat(
    ctx: click.Context, /, file: str, packs: tuple[str, ...], as_json: bool, **options: Any
) -> None:
    """Run the experiment of FILE, a record or a generated notebook, with several seeds.

    Said are the mean of each metric, its standard deviation and its 95 % interval: what one run
    with one seed cannot say. The values are those that FILE was generated with.
    """
    from mlprov_widgets.sweeps import repeat as run_repeats

    _tell(ctx, run_repeats(Path(file), packs=packs, **options), as_json)


def _only_running(options: dict[str, Any]) -> dict[str, Any]:
    """Options of a sweep that is done again: what it does stands in its record."""
    kept = ("workers", "dask", "folder", "notebooks")
    given = {name: one for name, one in options.items() if one and name not in kept}
    for name in given.keys() - {"search"}:
        raise MlprovError("sweep_again_with", option=f"--{name.replace('_', '-')}")
    return {name: options[name] for name in kept}


def tried(pack: Pack, over: tuple[str, ...]) -> dict[str, Any]:
    """The values to try in ``NAME=VALUES``; a wrong one stays text, and the check names it."""
    found: dict[str, Any] = {}
    for one in over:
        name, equals, text = one.partition("=")
        name = name.strip()
        if not equals or not name:
            raise MlprovError("setting_invalid", setting=one)
        if (span := _RANGE.fullmatch(text.strip())) is not None:
            low, high = (_value(pack, name, end) for end in span.groups()[1:])
            found[name] = {"low": low, "high": high, **({"log": True} if span[1] else {})}
        else:
            listed = found.setdefault(name, [])
            if not isinstance(listed, list):
                raise MlprovError("setting_invalid", setting=one)
            listed += [_value(pack, name, value) for value in text.split(",")]
    return found


def _value(pack: Pack, name: str, text: str) -> Any:
    return settings_of(pack, (f"{name}={text}",))[name]


def _tell(ctx: click.Context, result: SweepResult, as_json: bool) -> None:
    if as_json:
        print_json(result.to_dict())
    else:
        click.echo(visible_lines(result.to_text()))
    if result.differences or not all(one.is_finished or one.is_pruned for one in result.trials):
        ctx.exit(1)


def visible_lines(text: str) -> str:
    """A text for a terminal, line by line."""
    return "\n".join(visible(line) for line in text.split("\n"))
