"""What a sweep tries: values of parameters, each held against what the pack allows."""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mlprov_widgets.errors import InvalidValueError, InvalidValuesError, MlprovError, Problem
from mlprov_widgets.packs import Pack, Parameter, complete_values

# The term of the parameter that seeds a model and its training.
SEED_TERM = "random_seed"
MOST_TRIALS = 100_000
_NUMBERS = ("integer", "number")


@dataclass(frozen=True)
class Range:
    """All numbers from one to another.

    Parameters
    ----------
    low, high : float
        Both are among them.
    log : bool
        Whether equal factors, and not equal steps, are equally likely.
    whole : bool
        Whether only whole numbers are meant.
    """

    low: float
    high: float
    log: bool = False
    whole: bool = False

    def draw(self, chance: random.Random) -> float:
        """One of them."""
        if self.log:
            # Whole numbers have their share on both sides.
            rest = 0.5 if self.whole else 0.0
            low, high = math.log(self.low - rest), math.log(self.high + rest)
            value = math.exp(chance.uniform(low, high))
        elif self.whole:
            return chance.randint(int(self.low), int(self.high))
        else:
            value = chance.uniform(self.low, self.high)
        value = min(max(value, self.low), self.high)
        return round(value) if self.whole else value

    def to_dict(self) -> dict[str, Any]:
        """As `Space.read` takes it."""
        return {"low": self.low, "high": self.high, **({"log": True} if self.log else {})}


@dataclass(frozen=True)
class Space:
    """The values that a sweep tries, and those that stay.

    Parameters
    ----------
    pack : Pack
    fixed : dict
        Values of parameters that are the same in all trials.
    over : dict
        Parameter name to a tuple of values, or a `Range`.
    seeds : tuple of int
        With each of which all is tried; empty where the one among the values is taken.
    seed_parameter : str
        The parameter that takes them.
    """

    pack: Pack
    fixed: dict[str, Any] = field(default_factory=dict)
    over: dict[str, tuple[Any, ...] | Range] = field(default_factory=dict)
    seeds: tuple[int, ...] = ()
    seed_parameter: str = ""

    @classmethod
    def read(
        cls,
        pack: Pack,
        values: Mapping[str, Any],
        over: Mapping[str, Any],
        seeds: int | Sequence[int] | None,
    ) -> Space:
        """Check what a caller gave.

        Parameters
        ----------
        pack : Pack
        values : mapping
            Some values that stay.
        over : mapping
            Parameter name to a list of values, or to a mapping with ``low``, ``high`` and perhaps
            ``log``.
        seeds : int or sequence of int, optional
            How many seeds, counted from the one among the values, or which.

        Raises
        ------
        InvalidValuesError
            If a value is not allowed.
        MlprovError
            If there is nothing to try, or the pack has no seed.
        """
        problems: list[Problem] = []
        read: dict[str, tuple[Any, ...] | Range] = {}
        for name, given in over.items():
            try:
                parameter = pack.parameters.get(name)
                if parameter is None:
                    raise InvalidValueError(
                        "sweep_parameter_unknown", parameter=name, pack=pack.name
                    )
                read[name] = _read(parameter, given)
            except InvalidValueError as error:
                problems.append(Problem.of(str(name), error))
        if problems:
            raise InvalidValuesError(problems)
        seed = next((p for p in pack.parameters.values() if SEED_TERM in (p.term, p.name)), None)
        numbers: tuple[int, ...] = ()
        if seeds is not None:
            if seed is None:
                raise MlprovError("sweep_without_seed", pack=pack.name)
            if seed.name in read:
                raise MlprovError("sweep_seed_twice", parameter=seed.name)
            first = values.get(seed.name, seed.default)
            listed = range(first, first + seeds) if isinstance(seeds, int) else seeds
            numbers = tuple(seed.check(one) for one in listed)
            if not numbers or len(set(numbers)) < len(numbers):
                raise MlprovError("sweep_seeds_wrong")
        if not read and not numbers:
            raise MlprovError("sweep_of_nothing")
        fixed = {name: one for name, one in values.items() if name not in read}
        return cls(pack, fixed, read, numbers, seed.name if seed is not None else "")

    @property
    def repeats(self) -> list[dict[str, Any]]:
        """What each point is tried with."""
        return [{self.seed_parameter: one} for one in self.seeds] or [{}]

    @property
    def seed_parameters(self) -> set[str]:
        """Parameters that are nothing but seeds: what differs in them alone is a repeat."""
        names = (SEED_TERM, "random_state", "seed")
        parameters = self.pack.parameters.values()
        return {p.name for p in parameters if p.name in names or p.term in names}

    def complete(self, point: Mapping[str, Any], folder: Path) -> dict[str, Any]:
        """All values of a trial.

        Raises
        ------
        InvalidValuesError
            If they do not go together.
        """
        return complete_values(self.pack, {**self.fixed, **point}, folder)

    def grid(self) -> Iterator[dict[str, Any]]:
        """All combinations, the last parameter changing fastest.

        Raises
        ------
        MlprovError
            If a range has no end of values, or there are too many combinations.
        """
        for name, one in self.over.items():
            if isinstance(one, Range):
                raise MlprovError("sweep_range_in_grid", parameter=name)
        lists = [one for one in self.over.values() if not isinstance(one, Range)]
        number = math.prod(map(len, lists))
        if number > MOST_TRIALS:
            raise MlprovError("sweep_too_large", count=number, most=MOST_TRIALS)
        for values in itertools.product(*lists):
            yield dict(zip(self.over, values, strict=True))

    def random(self, number: int, seed: int) -> list[dict[str, Any]]:
        """Some combinations, drawn at random; none twice where there are only lists.

        Parameters
        ----------
        number : int
            How many; all, where there are no more.
        seed : int
            The same draws the same.
        """
        chance = random.Random(seed)
        if not any(isinstance(one, Range) for one in self.over.values()):
            every = list(self.grid())
            return chance.sample(every, min(number, len(every)))
        return [
            {
                name: one.draw(chance) if isinstance(one, Range) else chance.choice(one)
                for name, one in self.over.items()
            }
            for _ in range(number)
        ]

    def to_dict(self) -> dict[str, Any]:
        """As plain JSON values."""
        return {
            name: one.to_dict() if isinstance(one, Range) else list(one)
            for name, one in self.over.items()
        }


def _read(parameter: Parameter, given: Any) -> tuple[Any, ...] | Range:
    if isinstance(given, Mapping):
        if parameter.type not in _NUMBERS or not {"low", "high"} <= set(given) <= {
            *("low", "high", "log")
        }:
            raise InvalidValueError("sweep_range_wrong", parameter=parameter.name)
        low, high = parameter.check(given["low"]), parameter.check(given["high"])
        log = given.get("log", False)
        if not isinstance(log, bool) or low >= high or (log and low <= 0):
            raise InvalidValueError("sweep_range_wrong", parameter=parameter.name)
        return Range(low, high, log, parameter.type == "integer")
    if isinstance(given, str) or not isinstance(given, Sequence):
        given = [given]
    values: list[Any] = []
    for one in given:
        value = parameter.check(one)
        # True is no 1 here: what is written in the notebook differs.
        if not any(value == other and type(value) is type(other) for other in values):
            values.append(value)
    if not values:
        raise InvalidValueError("sweep_no_values", parameter=parameter.name)
    return tuple(values)
