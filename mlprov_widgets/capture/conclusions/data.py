"""What is known of the data, of their parts, and of how they were prepared."""

from __future__ import annotations

from itertools import chain

from mlprov_widgets.capture.conclusions.evidence import Evidence
from mlprov_widgets.capture.observations import Observation
from mlprov_widgets.capture.values import numpy
from mlprov_widgets.record import PARTS, Value


def conclude_data(evidence: Evidence) -> None:
    """Go through the steps in the pipeline's order."""
    _data(evidence)
    _segregation(evidence)
    _preparation(evidence)


def _data(evidence: Evidence) -> None:
    loads = evidence.seen("load")
    values = evidence.of("data_ingestion")
    place = values.get("root_location")
    if isinstance(place, str) and place.startswith("sklearn.datasets.") and loads:
        names = {one.name for one in loads}
        if place not in names:
            evidence.find(
                "not_this_source", "data_ingestion",
                named=place, reason=f"{', '.join(sorted(names))} was called",
            )  # fmt: skip
            evidence.drop("data_ingestion", ("dataset_id", "root_location", "dataset_description"))
            if len(loads) == 1:
                evidence.set("data_ingestion", _load_fields(loads[0]))
    elif len(loads) == 1 and "dataset_id" not in values and "root_location" not in values:
        evidence.set("data_ingestion", _load_fields(loads[0]), seen=loads)


def _load_fields(load: Observation) -> dict[str, Value]:
    fields: dict[str, Value] = {"root_location": load.settings.get("path", load.name)}
    told = ("dataset_id", "data_format", "source_sha256")
    fields |= {name: load.values[name] for name in told if name in load.values}
    if "rows" in load.values:
        fields["samples_total"] = load.values["rows"]
    return fields


def _segregation(evidence: Evidence) -> None:
    parts = evidence.observations.parts
    splits = evidence.seen("split")
    mine = set(evidence.step("data_segregation").executions)
    of_step = [one for one in splits if one.execution in mine] or splits
    if parts and of_step and "stratified" not in evidence.of("data_segregation"):
        every: Value = all(one.values.get("stratified") is True for one in of_step)
        single = evidence.roles.single_classes
        if every and single:
            every = f"all but {len(single)} class" + ("es" if len(single) > 1 else "")
            evidence.find(
                "not_stratified", "data_segregation", kind="note",
                classes=single, reason="a class with a single row is in one part only",
            )  # fmt: skip
        evidence.set("data_segregation", {"stratified": every})
    if evidence.of("data_segregation").get("stratified") and not _is_stratified(evidence):
        evidence.set("data_segregation", {"stratified": False})
    if not parts or "training_samples" in evidence.of("data_segregation"):
        return
    sizes = {name: parts[name].size for name in PARTS if name in parts}
    samples = {f"{name}_samples": size for name, size in sizes.items() if size is not None}
    if samples:
        evidence.set("data_segregation", samples, seen=splits)


def _is_stratified(evidence: Evidence) -> bool:
    """Whether classes have about equal shares in all parts, as far as that is known."""
    codes, parts = evidence.roles.classes, evidence.observations.parts
    rows = [parts[name].numbers for name in PARTS if name in parts]
    if codes is None or not rows or any(one is None for one in rows):
        return True
    if max((int(one.max()) for one in rows if len(one)), default=0) >= len(codes):
        return True
    counts = numpy.array([numpy.bincount(codes[one], minlength=codes.max() + 1) for one in rows])
    totals, sizes = counts.sum(axis=0), counts.sum(axis=1, keepdims=True)
    expected = totals * sizes / max(1, sizes.sum())
    # Rounding moves a row with each split; a class with a single row is no matter of shares.
    return bool((abs(counts - expected)[:, totals > 1] <= len(rows)).all())


def _operations(fit: Observation) -> list[str]:
    """The names of what a fit has prepared the data with, those of a pipeline one by one."""
    found = fit.described.get("model_parameters", {})
    inside = ", ".join(found.get("estimators", ()))
    name = found.get("model_name", fit.name.rpartition(".")[2])
    return found.get("pipeline") or [f"{name}({inside})" if inside else name]


def _preparation(evidence: Evidence) -> None:
    told = evidence.roles.get("operations", "data_preparation")
    fits = [
        one
        for one in evidence.seen("fit")
        if one.status == "ok" and one.subject is not None
        if one.subject is told or (told is None and one.subject.role == "preprocessing")
    ]
    if told is None and fits and "operations" not in evidence.of("data_preparation"):
        operations: list[Value] = list(dict.fromkeys(chain.from_iterable(map(_operations, fits))))
        found = {"operations": operations, "number_of_operations": len(operations)}
        evidence.set("data_preparation", found, seen=fits)
        if len(fits) > 1:
            return
    if fits and isinstance(fits[-1].values.get("rows"), int):
        evidence.set("data_preparation", {"fitted_rows": fits[-1].values["rows"]})
