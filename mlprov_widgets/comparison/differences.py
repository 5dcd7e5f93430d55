"""What differed between two runs besides their results, the most likely cause first."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from mlprov_widgets.comparison.comparer import same
from mlprov_widgets.comparison.distributions import distribution_name
from mlprov_widgets.comparison.execution_order import order_differences
from mlprov_widgets.comparison.items import IDENTICAL, MISSING, ComparedItem
from mlprov_widgets.comparison.outcome import Outcome
from mlprov_widgets.comparison.same_cells import same_cells
from mlprov_widgets.record import STEPS, Value

# From the most to the least likely cause of another result. Thread counts and CPU capability come
# before versions: they change weights on one and the same machine, without any sign in the metrics.
KINDS = (
    "data",
    "value",
    "code",
    "order",
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
    (
        "CPU capability",
        re.compile(r"capability|simd|mkldnn|onednn|cbwr|instructions|coretype", re.I),
    ),
    ("GPU", re.compile(r"gpu|cuda|cudnn|cublas|tf32|driver|device", re.IGNORECASE)),
    ("library", re.compile(r"^(python|blas)$")),
)
# Environment values that repeat what packages say would name one cause twice.
_VERSION = re.compile(r"^(torch|torchvision|numpy|sklearn|scikit_learn|scipy|pandas)_?version$")
_DEVICE = re.compile(r"\.(device|gpu_enable)$")
# What a run prints, draws or keeps changes no number in it.
_SHOWS_ONLY = {"print_every", "print_progress", "plots", "save_checkpoint"}
# The steps that make what is compared.
_MADE_IN = {
    "data": "data_ingestion",
    "split": "data_segregation",
    "initial_weights": "model_parameters",
    "history": "model_training",
    "weights": "model_training",
    "predictions": "model_evaluation",
}
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
    step : str
        The pipeline step that it belongs to; empty where it belongs to none or to all.
    beside : bool
        Whether it cannot be the cause, because of where along the pipeline the two part.
    """

    kind: str
    name: str
    new: Value
    original: Value
    step: str = ""
    beside: bool = False

    @property
    def is_likely(self) -> bool:
        """Whether such a thing changes results."""
        return self.kind not in UNLIKELY and not self.beside


def ranked(differences: list[Difference], items: list[ComparedItem]) -> list[Difference]:
    """The same, the most likely cause of what is not the same first.

    A cell of a step after the one where the two part cannot be the cause, nor can one that only ran
    more often in a step whose result is still the same.
    """
    unlike = next((item for item in items if item.verdict not in {IDENTICAL, MISSING}), None)
    before = items[: items.index(unlike)] if unlike is not None else []
    parting, still_same = len(STEPS), -1
    # Where the order is another one, or already the data are, every cell may have had a part in it.
    out_of_order = any(one.kind == "order" and not one.step for one in differences)
    if unlike is not None and unlike.name != "data" and not out_of_order:
        parting = _place(_MADE_IN.get(unlike.name, STEPS[-1]))
    for item in before:
        if item.verdict == IDENTICAL:
            still_same = max(still_same, _place(_MADE_IN.get(item.name, "")))

    def beside(one: Difference) -> bool:
        if one.kind not in ("code", "order") or one.step not in STEPS:
            return one.beside
        again = one.kind == "order" and _place(one.step) < still_same
        return one.beside or again or _place(one.step) > parting

    def rank(one: Difference) -> tuple[bool, int, bool, bool]:
        # Among values those of later steps come last, and how long a run trained, because it seldom
        # changes the epochs that both have; of cells those of the very step come first.
        length = one.name.rpartition(".")[2] == "epochs"
        later = one.kind == "value" and (length or _place(one.step) > parting)
        elsewhere = one.kind == "code" and parting < len(STEPS) and _place(one.step) != parting
        return one.beside, KINDS.index(one.kind), later, elsewhere

    return sorted((replace(one, beside=beside(one)) for one in differences), key=rank)


def _place(step: str) -> int:
    """The place of a step in the pipeline; -1 of what belongs to none."""
    return STEPS.index(step) if step in STEPS else -1


def find_differences(new: Outcome, original: Outcome) -> list[Difference]:
    """What differed, by kind as in `KINDS`; names in alphabetical order within a kind.

    Where one of the runs was recorded by another tool, only what both say is compared.
    """
    foreign = not (new.environment.keys() - {"python"} and original.environment.keys() - {"python"})
    found = [*_values(new, original, foreign), *_code(new, original)]
    found += _environment(new.environment, original.environment, foreign)
    found += _packages(new.packages, original.packages, foreign)
    for key, mine, theirs in _unlike(new.hardware_info, original.hardware_info, foreign):
        kind = "GPU" if "gpu" in key.lower() else "hardware"
        if not foreign or key in ("CPU", "GPUs"):
            found.append(Difference(kind, key, mine, theirs))
    # PyTorch's own number of threads says more than those of the libraries below it.
    return sorted(found, key=lambda one: (KINDS.index(one.kind), "torch" not in one.name))


def _values(new: Outcome, original: Outcome, foreign: bool) -> Iterator[Difference]:
    prints = [one.fingerprints.get("data") for one in (new, original)]
    other_data = all(prints) and prints[0] != prints[1]
    same_data = all(prints) and not other_data
    if other_data:
        yield Difference("data", "data", prints[0], prints[1])
    named = [
        Difference("value", key, mine, theirs, beside=key in _SHOWS_ONLY)
        for key, mine, theirs in _unlike(new.values, original.values, foreign)
        if new.values and original.values
    ]
    yield from named
    told: list[Difference] = []
    # What a step really had shows a change made in the notebook; where one run did not get to a
    # value, there is nothing to compare.
    for key in sorted(new.recorded.keys() & original.recorded.keys()):
        mine, theirs = new.recorded[key], original.recorded[key]
        step, _, field = key.partition(".")
        if same(mine, theirs) or any(_repeats(field, mine, theirs, one) for one in named):
            continue
        if foreign and (_IN_WORDS.search(field) or str(mine).casefold() == str(theirs).casefold()):
            continue
        kind = "data" if other_data and key.startswith("data_ingestion.") else "value"
        kind = "device" if _DEVICE.search(key) else kind
        # Other bytes that hold the same data, such as other ends of lines.
        beside = field in _SHOWS_ONLY or (field == "source_sha256" and same_data)
        found = Difference(kind, key, mine, theirs, step, beside)
        # The same value may stand under the names of the notebook and of the paper's table.
        if not any(_says(other, field, found) for other in told):
            told.append(found)
    yield from told


def _repeats(field: str, new: Value, original: Value, one: Difference) -> bool:
    """Whether a difference says it already: ``epochs``, ``optimizer_learning_rate``."""
    if field == one.name:
        return True
    return field.endswith(f"_{one.name}") and same(new, one.new) and same(original, one.original)


def _says(other: Difference, field: str, found: Difference) -> bool:
    """Whether one of two recorded differences is the other under a longer or shorter name."""
    name = other.name.partition(".")[2]
    alike = name == field or field.endswith(f"_{name}") or name.endswith(f"_{field}")
    return alike and same(other.new, found.new) and same(other.original, found.original)


def _code(new: Outcome, original: Outcome) -> Iterator[Difference]:
    for name in ("name", "version", "sha256"):
        before, now = original.pack.get(name), new.pack.get(name)
        if before and now and before != now:
            # Where the cells are known, they say what of the same pack has changed.
            known = name != "name" and bool(new.cells and original.cells)
            yield Difference("code", f"pack {name}", now, before, beside=known)
            break
    if not new.cells or not original.cells:
        return
    rows = (
        {row: (cell.get("id"), cell["sha256"]) for row, cell in enumerate(run.cells)}
        for run in (new, original)
    )
    same, only_original = same_cells(*rows)
    pairs = [(row, new.cells[row], original.cells[place]) for row, place in same.items()]
    last_run, until = _last_run(new), _last_run(original)
    for row, here, there in pairs:
        found = Difference("code", _cell(row, here), here["sha256"], there["sha256"], _step(here))
        if not _same_source(here, there):
            yield found
        elif there.get("ran") and not here.get("ran") and row < last_run:
            # A run that was stopped says nothing about the cells that it did not get to.
            yield replace(found, new="not run", original="run")
        elif here.get("ran") and not there.get("ran") and same[row] < until:
            yield replace(found, new="run", original="not run")
    for row, added in enumerate(new.cells):
        if row not in same and added.get("ran"):
            yield Difference("code", _cell(row, added), "added", None, _step(added))
    for row in only_original:
        left = original.cells[row]
        if left.get("ran"):
            name = _cell(row, left) + " of the original"
            yield Difference("code", name, None, "run", _step(left))
    for at, mine, theirs in order_differences(pairs):
        name = "order of the code cells" if at is None else _cell(at, new.cells[at])
        yield Difference("order", name, mine, theirs, "" if at is None else _step(new.cells[at]))


def _last_run(run: Outcome) -> int:
    """The row up to which a run may be held to account for cells that did not run."""
    if run.status == "finished":
        return len(run.cells)
    return max((row for row, cell in enumerate(run.cells) if cell.get("ran")), default=-1)


def _same_source(new: Mapping[str, Any], original: Mapping[str, Any]) -> bool:
    if new["sha256"] == original["sha256"]:
        return True
    return bool(new.get("nameless")) and new["nameless"] == original.get("nameless")


def _step(cell: Mapping[str, Any]) -> str:
    step = cell.get("step")
    return step if isinstance(step, str) else ""


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
            other = {"architecture": "CPU capability", "version": "library"}
            kind = other.get(name.rpartition(" ")[2], "threads")
            yield Difference(kind, name, mine, theirs)
    for key, mine, theirs in _unlike(new, original, foreign):
        if _VERSION.match(key) or (key == "thread_pools" and all(pools)):
            continue
        if key == "python":
            mine, theirs = (_version(one) for one in (mine, theirs))
            if mine == theirs:
                continue
        kinds = (kind for kind, pattern in _ENVIRONMENT if pattern.search(key))
        yield Difference(next(kinds, "environment"), key, mine, theirs)


def _pools(value: Value) -> dict[str, str]:
    """``openblas num_threads`` and the like to their values, of threadpoolctl's list."""
    found: dict[str, dict[str, None]] = {}
    for pool in value if isinstance(value, list) else ():
        if not isinstance(pool, Mapping):
            return {}
        name = str(pool.get("internal_api") or pool.get("user_api") or "library")
        for key in ("num_threads", "architecture", "version"):
            # Of several pools of one kind, the differing one is what counts.
            if key in pool:
                found.setdefault(f"{name} {key}", {})[str(pool[key])] = None
    return {name: ", ".join(distinct) for name, distinct in found.items()}


def _packages(
    new: Mapping[str, str], original: Mapping[str, str], foreign: bool
) -> Iterator[Difference]:
    mine, theirs = (
        {distribution_name(name): version for name, version in one.items()}
        for one in (new, original)
    )
    for key, here, there in _unlike(mine, theirs, foreign):
        if isinstance(here, str) and isinstance(there, str) and _same_release(here, there):
            continue
        yield Difference("library" if key in _LIBRARIES else "package", key, here, there)


def _same_release(new: str, original: str) -> bool:
    """``2.9.0`` and ``2.9.0+cpu``: a module may tell of its build, its distribution does not."""
    here, there = (version.partition("+") for version in (new, original))
    return here[0] == there[0] and not (here[2] and there[2])


def _version(value: Value) -> Value:
    """``3.11.7`` of ``3.11.7.final.0 (64 bit)``."""
    return value.partition(" ")[0].partition(".final")[0] if isinstance(value, str) else value


def _unlike(
    new: Mapping[str, Value], original: Mapping[str, Value], common: bool = False
) -> Iterator[tuple[str, Value, Value]]:
    """Entries that are not the same; with `common`, only of names that both have."""
    names = new.keys() & original.keys() if common else new.keys() | original.keys()
    for key in sorted(names, key=str):
        mine, theirs = new.get(key, _ABSENT), original.get(key, _ABSENT)
        if not same(mine, theirs):
            yield key, None if mine is _ABSENT else mine, None if theirs is _ABSENT else theirs
