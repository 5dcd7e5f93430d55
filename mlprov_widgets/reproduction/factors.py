"""What differed between two runs besides their results, the most likely cause first."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mlprov_widgets.provenance.record import Value
from mlprov_widgets.reproduction.comparing import same
from mlprov_widgets.reproduction.outcome import Outcome

# From the most to the least likely cause of another result. Thread counts and CPU capability come
# before versions: they change weights on one and the same machine, without any sign in the metrics.
KINDS = (
    "data",
    "value",
    "code",
    "device",
    "threads",
    "CPU capability",
    "library",
    "GPU",
    "environment",
    "package",
    "hardware",
)
# What differs of these kinds only hardly ever changes a result.
UNLIKELY = ("environment", "package", "hardware")

_LIBRARIES = ("python", "torch", "torchvision", "numpy", "scikit-learn", "scipy", "pandas")
_ENVIRONMENT = (
    ("threads", re.compile(r"thread", re.IGNORECASE)),
    ("CPU capability", re.compile(r"capability|simd|mkldnn|onednn", re.IGNORECASE)),
    ("GPU", re.compile(r"gpu|cuda|cudnn|cublas|tf32|driver|device", re.IGNORECASE)),
    ("library", re.compile(r"^(python|blas)$")),
)
# Environment values that repeat what packages say would name one cause twice.
_VERSION = re.compile(r"^(torch|torchvision|numpy|sklearn|scikit_learn|scipy|pandas)_?version$")
_DEVICE = re.compile(r"\.(device|gpu_enable)$")
# Tools call a distribution by the name that it is imported under.
_DISTRIBUTIONS = {"sklearn": "scikit-learn", "pil": "pillow", "cv2": "opencv-python"}
# What another tool says in words of its own.
_IN_WORDS = re.compile(
    r"description|format|operation|method|number_of|dataset$|print|model_name|gpu"
)
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
    """What differed, the most likely cause first; names in alphabetical order within a kind.

    Where one of the runs was recorded by another tool, only what both say is compared.
    """
    foreign = not (new.environment.keys() - {"python"} and original.environment.keys() - {"python"})
    found = [*_data(new, original), *_values(new, original, foreign), *_code(new, original)]
    found += _environment(new.environment, original.environment, foreign)
    found += _packages(new.packages, original.packages, foreign)
    for key, mine, theirs in _unlike(new.hardware_info, original.hardware_info, foreign):
        kind = "GPU" if "gpu" in key.lower() else "hardware"
        if not foreign or key in ("CPU", "GPUs"):
            found.append(Difference(kind, key, mine, theirs))
    # PyTorch's own number of threads says more than those of the libraries below it.
    return sorted(found, key=lambda one: (KINDS.index(one.kind), "torch" not in one.name))


def _data(new: Outcome, original: Outcome) -> Iterator[Difference]:
    mine, theirs = new.fingerprints.get("data"), original.fingerprints.get("data")
    if mine and theirs and mine != theirs:
        yield Difference("data", "data", mine, theirs)


def _values(new: Outcome, original: Outcome, foreign: bool) -> Iterator[Difference]:
    named: list[Difference] = []
    if new.values and original.values:
        for key, mine, theirs in _unlike(new.values, original.values, foreign):
            named.append(Difference("value", key, mine, theirs))
    yield from named
    prints = [one.fingerprints.get("data") for one in (new, original)]
    other_data = all(prints) and prints[0] != prints[1]
    # What a step really had shows a change made in the notebook; where one run did not get to a
    # value, there is nothing to compare.
    for key in sorted(new.recorded.keys() & original.recorded.keys()):
        mine, theirs = new.recorded[key], original.recorded[key]
        field = key.partition(".")[2]
        if same(mine, theirs) or any(_repeats(field, mine, theirs, one) for one in named):
            continue
        if foreign and (_IN_WORDS.search(field) or str(mine).casefold() == str(theirs).casefold()):
            continue
        kind = "data" if other_data and key.startswith("data_ingestion.") else "value"
        yield Difference("device" if _DEVICE.search(key) else kind, key, mine, theirs)


def _repeats(field: str, new: Value, original: Value, one: Difference) -> bool:
    """Whether a difference says it already: ``epochs``, ``optimizer_learning_rate``."""
    if field == one.name:
        return True
    return field.endswith(f"_{one.name}") and same(new, one.new) and same(original, one.original)


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
    alike: dict[str, list[int]] = {}
    for place, other in reversed(list(left.items())):
        alike.setdefault(other["sha256"], []).append(place)
    for row, cell in unmatched:
        if alike.get(cell["sha256"]):
            pairs.append((row, cell, left.pop(alike[cell["sha256"]].pop())))
        else:
            only_new.append((row, cell))
    return sorted(pairs, key=lambda pair: pair[0]), only_new, list(left.items())


def _cell(row: int, cell: Mapping[str, Any]) -> str:
    step = str(cell.get("step") or "").replace("_", " ")
    return f"code cell {row + 1}" + (f" ({step})" if step else "")


def _environment(
    new: Mapping[str, Value], original: Mapping[str, Value], foreign: bool
) -> Iterator[Difference]:
    pools = [_pools(one.get("thread_pools")) for one in (new, original)]
    for name in sorted(pools[0].keys() & pools[1].keys()):
        mine, theirs = pools[0][name], pools[1][name]
        if mine != theirs:
            kind = name.rpartition(" ")[2]
            yield Difference(
                {"architecture": "CPU capability", "version": "library"}.get(kind, "threads"),
                name,
                mine,
                theirs,
            )
    for key, mine, theirs in _unlike(new, original, foreign):
        if _VERSION.match(key) or (key == "thread_pools" and all(pools)):
            continue
        if key == "python":
            mine, theirs = (_version(one) for one in (mine, theirs))
            if mine == theirs:
                continue
        kinds = (kind for kind, pattern in _ENVIRONMENT if pattern.search(key))
        yield Difference(next(kinds, "environment"), key, mine, theirs)


def _pools(value: Value) -> dict[str, Value]:
    """``openblas num_threads`` and the like to their values, of threadpoolctl's list."""
    found: dict[str, Value] = {}
    for pool in value if isinstance(value, list) else ():
        if not isinstance(pool, Mapping):
            return {}
        name = str(pool.get("internal_api") or pool.get("user_api") or "library")
        for key in ("num_threads", "architecture", "version"):
            # Of several pools of one kind, the differing one is what counts.
            if key in pool:
                values = found.setdefault(f"{name} {key}", [])
                values.append(pool[key])
    return {
        name: distinct[0]
        if len(distinct := list(dict.fromkeys(map(str, values)))) == 1
        else ", ".join(distinct)
        for name, values in found.items()
    }


def _packages(
    new: Mapping[str, str], original: Mapping[str, str], foreign: bool
) -> Iterator[Difference]:
    mine, theirs = (
        {_distribution(name): version for name, version in one.items()} for one in (new, original)
    )
    for key, here, there in _unlike(mine, theirs, foreign):
        if isinstance(here, str) and isinstance(there, str) and _same_release(here, there):
            continue
        yield Difference("library" if key in _LIBRARIES else "package", key, here, there)


def _distribution(name: str) -> str:
    plain = name.lower().replace("_", "-")
    return _DISTRIBUTIONS.get(plain, plain)


def _same_release(new: str, original: str) -> bool:
    """``2.9.0`` and ``2.9.0+cpu``: a module may tell of its build, its distribution does not."""
    here, there = (version.partition("+") for version in (new, original))
    return here[0] == there[0] and not (here[2] and there[2])


def _version(value: Value) -> Value:
    """``3.11.7`` of ``3.11.7.final.0 (64 bit)``."""
    return value.partition(".final")[0] if isinstance(value, str) else value


def _unlike(
    new: Mapping[str, Value], original: Mapping[str, Value], common: bool = False
) -> Iterator[tuple[str, Value, Value]]:
    """Entries that are not the same; with `common`, only of names that both have."""
    names = new.keys() & original.keys() if common else new.keys() | original.keys()
    for key in sorted(names, key=str):
        mine, theirs = new.get(key, _ABSENT), original.get(key, _ABSENT)
        if not same(mine, theirs):
            yield key, None if mine is _ABSENT else mine, None if theirs is _ABSENT else theirs
