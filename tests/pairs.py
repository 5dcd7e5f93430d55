"""Value sets in which every two choices of a pack meet: far fewer than all combinations."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from itertools import combinations, product
from typing import Any

from allpairspy import AllPairs

from mlprov_widgets.packs import Pack


def every_two(
    pack: Pack, options: Mapping[str, list[Any]], without: Collection[str] = ()
) -> list[dict[str, Any]]:
    """Pairwise combinations of all choices and flags of a pack, and of some other values.

    Parameters
    ----------
    pack : Pack
    options : mapping of str to list
        Values to try of parameters by name; None leaves a parameter to its default. Those given
        here for a choice stand in the place of all there are.
    without : collection of str
        Parameters that keep their defaults.

    Returns
    -------
    list of dict
    """
    every = dict(options)
    for name, parameter in pack.parameters.items():
        if name in every or name in without:
            continue
        if parameter.type == "choice":
            every[name] = [choice.value for choice in parameter.choices]
        elif parameter.type == "flag":
            every[name] = [True, False]
    names = list(every)

    def allowed(row: list[Any]) -> bool:
        some = dict(zip(names, row, strict=False))
        # Early stopping has nothing to go by without a validation part.
        return not (some.get("early_stopping") and some.get("validation_size") == 0.0)

    rows = list(AllPairs(list(every.values()), filter_func=allowed))
    met = {
        (first, row[first], second, row[second])
        for row in rows
        for first, second in combinations(range(len(names)), 2)
    }
    # With a filter the generator stops before every pair was met.
    for first, second in combinations(range(len(names)), 2):
        for pair in product(every[names[first]], every[names[second]]):
            row = list(rows[0])
            row[first], row[second] = pair
            if (first, pair[0], second, pair[1]) not in met and allowed(row):
                rows.append(row)
    return [
        {name: value for name, value in zip(names, row, strict=True) if value is not None}
        for row in rows
    ]
