"""What stands beside each other: the runs, or where there are many, their configurations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from mlprov_widgets.several.runs import ComparedRun
from mlprov_widgets.store.facts import RunFacts
from mlprov_widgets.store.repeats import Repeats, names_of, repeats_of
from mlprov_widgets.wording import format_count, one_line

# Beyond so many, runs are told by their configurations; so many of these have a column.
MAX_COLUMNS = 12
_NAME = 80
_IN_SENTENCE = 60


@dataclass(frozen=True)
class Column:
    """A run, or the runs of one configuration.

    Parameters
    ----------
    key : str
        A letter, with a number where the configuration has several columns.
    name : str
        What tells it from the others.
    runs : tuple of ComparedRun
        The first to be run first.
    """

    key: str
    name: str
    runs: tuple[ComparedRun, ...]

    @property
    def title(self) -> str:
        """Key and name in one line."""
        return f"{self.key}  {self.name}"

    @property
    def head(self) -> str:
        """The same with how many runs it stands for, where they are several."""
        count = f" ({format_count(len(self.runs), 'run')})" if len(self.runs) > 1 else ""
        return f"{self.title}{count}"

    @property
    def ended(self) -> tuple[ComparedRun, ...]:
        """The runs that have come to their end; of one that was run again, the first."""
        found: dict[object, ComparedRun] = {}
        for one in self.runs:
            if one.facts.status == "finished":
                # Without a seed and a split nobody knows that it is the same again.
                key = (one.facts.seeds, one.facts.split) if one.is_told_apart else id(one)
                found.setdefault(key, one)
        return tuple(found.values())


def key_of(number: int) -> str:
    """A, B, … Z, AA, AB, …"""
    key = ""
    number += 1
    while number:
        number, rest = divmod(number - 1, 26)
        key = chr(ord("A") + rest) + key
    return key


def configurations_of(runs: Sequence[ComparedRun], metric: str) -> list[Column]:
    """The runs put together by what was configured, the best first where that is known.

    Parameters
    ----------
    runs : sequence of ComparedRun
    metric : str
        What they are ranked by; those without it come last.
    """
    groups: dict[str, list[ComparedRun]] = {}
    for run in runs:
        groups.setdefault(run.facts.configuration, []).append(run)
    ranked = repeats_of([run.facts for run in runs], metric)
    place = {one.runs[0].configuration: at for at, one in enumerate(ranked)}
    order = sorted(groups, key=lambda key: place.get(key, len(place)))
    names = names_of([groups[key][0].facts for key in order], _IN_SENTENCE)
    columns = []
    for at, (key, name) in enumerate(zip(order, names, strict=True)):
        inside = tuple(sorted(groups[key], key=_began))
        # What only a number would tell apart has a name of its own: that of its file.
        if len(inside) == 1 and (name.endswith(f" ({at + 1})") or not name):
            name = inside[0].name
        name = one_line(name, _NAME) or f"Configuration {at + 1}"
        columns.append(Column(key_of(at), name, inside))
    return columns


def _began(run: ComparedRun) -> tuple[float, str]:
    return run.facts.started or 0.0, run.name


def columns_of(configurations: Sequence[Column]) -> list[Column]:
    """A column for each run; for each configuration where all of them, or many, were repeated."""
    number = sum(len(one.runs) for one in configurations)
    repeated = len(configurations) > 1 and all(len(one.runs) > 1 for one in configurations)
    if repeated or number > MAX_COLUMNS:
        return list(configurations)
    columns: list[Column] = []
    for one in configurations:
        if len(one.runs) == 1:
            columns.append(one)
            continue
        for at, run in enumerate(one.runs, 1):
            columns.append(Column(f"{one.key}{at}", run.name, (run,)))
    return columns


def repeats_in(configurations: Sequence[Column], metric: str) -> list[tuple[Column, Repeats]]:
    """What each configuration came to, the best first; those without the metric are left out.

    Parameters
    ----------
    configurations : sequence of Column
    metric : str
    """
    # Two folders may have files of one name; the facts themselves are each there once.
    owner = {id(run.facts): one for one in configurations for run in one.runs}
    facts: list[RunFacts] = [run.facts for one in configurations for run in one.runs]
    ranked = repeats_of(facts, metric) if metric else []
    # Among those that are left, less may tell one from the others.
    names = names_of([one.runs[0] for one in ranked], _IN_SENTENCE)
    found = []
    for one, name in zip(ranked, names, strict=True):
        column = owner[id(one.runs[0])]
        name = column.name if name.endswith(")") or not name else name
        found.append((column, replace(one, name=f"{column.key} ({one_line(name, _IN_SENTENCE)})")))
    return found
