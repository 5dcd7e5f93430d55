"""What differed between two runs besides their results, the most likely cause first."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mlprov_widgets.provenance.record import Value
from mlprov_widgets.reproduction.outcome import Outcome

# From the most to the least likely cause of another result. Thread counts and CPU capability come
# before versions: they change weights on one and the same machine, without any sign in the metrics.
KINDS = (
    "data",
    "value",
    "code",
    "threads",
    "CPU capability",
    "library",
    "GPU",
    "environment",
    "package",
    "hardware",
)

_LIBRARIES = ("torch", "torchvision", "numpy", "scikit-learn", "scipy", "pandas")
_ENVIRONMENT = (
    ("threads", re.compile(r"thread", re.IGNORECASE)),
    ("CPU capability", re.compile(r"capability|simd|mkldnn|onednn", re.IGNORECASE)),
    ("GPU", re.compile(r"gpu|cuda|cudnn|cublas|tf32|driver|device", re.IGNORECASE)),
)
# Environment values that repeat what packages say would name one cause twice.
_VERSION = re.compile(r"^(torch|torchvision|numpy|sklearn|scikit_learn|scipy|pandas)_?version$")
_ABSENT = object()


@dataclass(frozen=True)
class Difference:
    """One thing that differed between two runs.

    Parameters
    ----------
    kind : str
        One of `KINDS`.
    name : str
        The value, cell, setting, package or device.
    new, original : Value
        None where a run did not have it.
    """

    kind: str
    name: str
    new: Value
    original: Value


def find_differences(new: Outcome, original: Outcome) -> list[Difference]:
    """What differed, the most likely cause first; names in alphabetical order within a kind."""
    found = [*_data(new, original), *_values(new, original), *_code(new, original)]
    for key, mine, theirs in _unlike(new.environment, original.environment):
        if not _VERSION.match(key):
            kinds = (kind for kind, pattern in _ENVIRONMENT if pattern.search(key))
            found.append(Difference(next(kinds, "environment"), key, mine, theirs))
    for key, mine, theirs in _unlike(new.packages, original.packages):
        found.append(Difference("library" if key in _LIBRARIES else "package", key, mine, theirs))
    for key, mine, theirs in _unlike(new.hardware_info, original.hardware_info):
        kind = "GPU" if "gpu" in key.lower() else "hardware"
        found.append(Difference(kind, key, mine, theirs))
    return sorted(found, key=lambda difference: KINDS.index(difference.kind))


def _data(new: Outcome, original: Outcome) -> Iterator[Difference]:
    mine, theirs = new.fingerprints.get("data"), original.fingerprints.get("data")
    if mine and theirs and mine != theirs:
        yield Difference("data", "data", mine, theirs)


def _values(new: Outcome, original: Outcome) -> Iterator[Difference]:
    named: set[str] = set()
    if new.values and original.values:
        for key, mine, theirs in _unlike(new.values, original.values):
            named.add(key)
            yield Difference("value", key, mine, theirs)
    # What a step really had shows a change made in the notebook; where one run did not get to a
    # value, there is nothing to compare.
    for key in sorted(new.recorded.keys() & original.recorded.keys()):
        mine, theirs = new.recorded[key], original.recorded[key]
        if mine != theirs and key.partition(".")[2] not in named:
            yield Difference("value", key, mine, theirs)


def _code(new: Outcome, original: Outcome) -> Iterator[Difference]:
    for name in ("name", "version", "sha256"):
        before, now = original.pack.get(name), new.pack.get(name)
        if before and now and before != now:
            yield Difference("code", f"pack {name}", now, before)
            break
    if not new.cells or not original.cells:
        return
    pairs, only_new, only_original = _matched(new.cells, original.cells)
    last_run = max((row for row, cell in enumerate(new.cells) if cell.get("ran")), default=-1)
    for row, here, there in pairs:
        if here["sha256"] != there["sha256"]:
            yield Difference("code", _cell(row, here), here["sha256"], there["sha256"])
        elif there.get("ran") and not here.get("ran") and row < last_run:
            # Cells after the last that ran may still run: the comparison is made in one of them.
            yield Difference("code", _cell(row, here), "not run", "run")
    for row, added in only_new:
        if added.get("ran"):
            yield Difference("code", _cell(row, added), "added", None)
    for row, left_out in only_original:
        if left_out.get("ran"):
            yield Difference("code", _cell(row, left_out) + " of the original", None, "run")


_Cells = list[dict[str, Any]]


def _matched(
    new: _Cells, original: _Cells
) -> tuple[
    list[tuple[int, dict[str, Any], dict[str, Any]]],
    list[tuple[int, dict[str, Any]]],
    list[tuple[int, dict[str, Any]]],
]:
    """Pairs by id, then by source (ids of added cells may be made up), and what is left over."""
    left = dict(enumerate(original))
    pairs, unmatched = [], []
    places = {cell.get("id"): row for row, cell in reversed(list(left.items()))}
    for row, cell in enumerate(new):
        place = places.get(cell.get("id"))
        if place is not None and place in left:
            pairs.append((row, cell, left.pop(place)))
        else:
            unmatched.append((row, cell))
    only_new = []
    for row, cell in unmatched:
        same = (place for place, other in left.items() if other["sha256"] == cell["sha256"])
        place = next(same, None)
        if place is None:
            only_new.append((row, cell))
        else:
            pairs.append((row, cell, left.pop(place)))
    return sorted(pairs, key=lambda pair: pair[0]), only_new, list(left.items())


def _cell(row: int, cell: Mapping[str, Any]) -> str:
    step = str(cell.get("step") or "").replace("_", " ")
    return f"code cell {row + 1}" + (f" ({step})" if step else "")


def _unlike(
    new: Mapping[str, Value], original: Mapping[str, Value]
) -> Iterator[tuple[str, Value, Value]]:
    for key in sorted(new.keys() | original.keys(), key=str):
        mine, theirs = new.get(key, _ABSENT), original.get(key, _ABSENT)
        if mine != theirs:
            yield key, None if mine is _ABSENT else mine, None if theirs is _ABSENT else theirs
