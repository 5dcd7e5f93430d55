"""What reached training that must not, each told only where its rows were seen."""

from __future__ import annotations

from itertools import combinations
from typing import Any

from mlprov_widgets.capture.conclusions.evidence import Evidence
from mlprov_widgets.capture.conclusions.trained import TrainedModel
from mlprov_widgets.capture.objects.tracking import Tracked
from mlprov_widgets.capture.observations import Observation, SplitPart
from mlprov_widgets.capture.values import numpy
from mlprov_widgets.record import PARTS

_FEW_DUPLICATES = 0.05  # of the rows of a part
_MOST_FORMS = 20


def find_leaks(evidence: Evidence) -> None:
    """Add a finding for each leak, in the pipeline's order."""
    _targets(evidence)
    _parts(evidence)
    _groups(evidence)
    _fits(evidence)
    _seen_rows(evidence)


def _targets(evidence: Evidence) -> None:
    for column in evidence.roles.target_columns:
        evidence.find("target_in_features", "data_ingestion", feature=column, kind="leak")


def _parts(evidence: Evidence) -> None:
    parts = evidence.observations.parts
    for first, second in combinations([name for name in PARTS if name in parts], 2):
        one, other = parts[first], parts[second]
        both = one.shared_rows(other)
        if both:
            evidence.find(
                "parts_overlap", "data_segregation", kind="leak",
                first=first, second=second, rows=both,
            )  # fmt: skip
            continue
        mine, theirs = _exact(one), _exact(other)
        both = 0 if mine is None or theirs is None else int(numpy.isin(theirs, mine).sum())
        if both:
            # Many a data set has a few equal rows: they are worth knowing, no more.
            few = both <= _FEW_DUPLICATES * len(theirs)
            evidence.find(
                "duplicates_across_parts", "data_segregation", kind="note" if few else "leak",
                first=first, second=second, rows=both,
            )  # fmt: skip


def _groups(evidence: Evidence) -> None:
    parts = evidence.observations.parts
    numbered = {name: parts[name].numbers for name in PARTS if name in parts}
    unknown = any(rows is None for rows in numbered.values())
    if evidence.roles.groups is None or not numpy or unknown:
        return
    groups = numpy.asarray(evidence.roles.groups)
    held = {name: set(groups[rows].tolist()) for name, rows in numbered.items()}
    split = {group for one, other in combinations(held.values(), 2) for group in one & other}
    if split:
        evidence.find(
            "groups_split", "data_segregation", column="groups", groups=len(split), kind="leak"
        )


# -- preprocessing ------------------------------------------------------------------------


def _fits(evidence: Evidence) -> None:
    if "training" not in evidence.membership.names:
        return
    for one in _feeding_fits(evidence):
        outside = _outside(evidence, one.rows)
        if outside:
            evidence.find(
                "fitted_outside_training", "data_preparation", one.execution, kind="leak",
                what=one.name.rpartition(".")[2], rows=len(one.rows), outside=outside,
            )  # fmt: skip


def _outside(evidence: Evidence, rows: Any) -> int:
    """How many rows are of parts that are held out, and not of the training part."""
    parts = evidence.observations.parts
    distinct, counts = numpy.unique(rows, return_counts=True)
    most = 0
    for form in _forms(evidence, parts["training"]):
        known, numbers = numpy.unique(form, return_counts=True)
        _, mine, theirs = numpy.intersect1d(distinct, known, return_indices=True)
        # Of two equal rows one may be in training, and the other one held out.
        most = max(most, int(numpy.minimum(counts[mine], numbers[theirs]).sum()))
    # What was different before it was transformed may look the same afterwards.
    most = min(most, parts["training"].size or most)
    held = evidence.membership.count(rows, "training")
    others = held.get("other", 0)
    return max(0, len(rows) - most - others)


def _forms(evidence: Evidence, part: SplitPart) -> list[Any]:
    """A part's rows as they were split, and as they were before they were transformed."""
    forms = list(part.forms)
    for before, after in reversed(evidence.observations.aliases):
        for form in list(forms[:_MOST_FORMS]):
            inside = numpy.isin(after, form)
            if inside.sum() >= len(numpy.unique(form)):
                forms.append(before[inside])
    return forms


def _feeding_fits(evidence: Evidence) -> list[Observation]:
    """Fits of preprocessing out of which rows came that the model had to do with."""
    learned = _learned_by_any(evidence)
    if learned is None:
        return []
    # What the metrics are of must not have been prepared by what it is itself like, either.
    measured = [one.rows for one in evidence.measured if one.rows is not None]
    learned = numpy.unique(numpy.concatenate([learned, *measured]))
    # These rows, and what they were before they were transformed once more.
    came_in = learned
    for before, after in reversed(evidence.observations.aliases):
        became = numpy.isin(after, came_in)
        if became.any():
            came_in = numpy.union1d(came_in, before[became])
    last: dict[Tracked, Observation] = {}
    found: dict[int, Observation] = {}
    for one in evidence.observations.seen:
        tracked = one.subject
        if tracked is None or one.status != "ok" or one.rows is None:
            continue
        if one.kind == "fit" and tracked.role == "preprocessing":
            last[tracked] = one
        elif (
            one.kind == "transform"
            and tracked in last
            and one.became is not None
            and bool(numpy.isin(one.became, came_in).any())
        ):
            found[id(last[tracked])] = last[tracked]
    return list(found.values())


def _learned_by_any(evidence: Evidence) -> Any:
    """Rows that a model was trained with which was given none of the held-out ones."""
    model = _only_model(evidence)
    if model is not None:
        return _learned(model)
    found = [_learned(one) for one in evidence.models]
    kept = [
        rows
        for rows in found
        if rows is not None and set(evidence.membership.count(rows, "training")) == {"training"}
    ]
    return numpy.unique(numpy.concatenate(kept)) if kept else None


def _only_model(evidence: Evidence) -> TrainedModel | None:
    """The model that the run is about, or the only one."""
    return evidence.models[0] if len(evidence.models) == 1 else evidence.model


def _learned(model: TrainedModel) -> Any:
    """Rows that a model was trained with, in the form that it was given; None if unknown."""
    found = [one.batches.hashes() for one in model.trainings if one.batches]
    found += [one.rows for one in model.fits if one.rows is not None]
    return numpy.unique(numpy.concatenate(found)) if found else None


# -- evaluation ---------------------------------------------------------------------------


def _seen_rows(evidence: Evidence) -> None:
    """Rows that a model was evaluated on after it had learned from them."""
    model = _only_model(evidence)
    learned = _learned(model) if model is not None else None
    if learned is None or model is None or "testing" not in evidence.observations.parts:
        return
    answers = [one for one in evidence.seen("predict") if one.subject is model.tracked]
    mine = evidence.measured or answers
    last = next((one for one in reversed(mine) if one.rows is not None), None)
    if last is None:
        return
    # Equal rows that both parts have are told as duplicates.
    counts, seen_before = evidence.membership.count_as_one(last.rows), 0
    if set(counts) == {"testing"}:
        seen_before = evidence.membership.count(learned, "training").get("testing", 0)
    elif evidence.measured and set(counts) <= {"training"}:
        seen_before = int(numpy.isin(last.rows, learned).sum())
    if seen_before:
        evidence.find(
            "measured_on_seen_rows", "model_evaluation", last.execution, kind="leak",
            rows=seen_before, of=len(last.rows),
        )  # fmt: skip


def _exact(part: SplitPart) -> Any:
    """A part's rows as they can be compared with those of another one; None where they cannot."""
    if part.exact is not None:
        return part.exact
    return part.forms[0] if part.forms and part.known == "observed" else None
