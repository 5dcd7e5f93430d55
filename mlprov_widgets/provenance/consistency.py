"""Whether a record can be true: makers that ran, times in order, parts that share nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mlprov_widgets.record import Execution, Operation, Record
from mlprov_widgets.wording import seconds_between


def contradictions(record: Record, container: dict[str, Any]) -> Iterator[str]:
    """What in a record contradicts itself, one sentence each.

    Parameters
    ----------
    record : Record
    container : dict
        The PROV-JSON that it was read from.
    """
    yield from _makers(record)
    yield from _times(record)
    yield from _influences(container)
    yield from _parts(record)


def _makers(record: Record) -> Iterator[str]:
    ran = {one.id for cell in record.cells for one in cell.executions if one.id}
    versions = {one.id for thing in record.objects for one in thing.versions}
    for thing in record.objects:
        for one in thing.versions:
            if one.execution and one.execution not in ran:
                yield f"{one.id}: the execution {one.execution} that made it is not in the record."
    for operation in record.operations:
        if operation.execution and operation.execution not in ran:
            yield f"{operation.id}: the execution {operation.execution} is not in the record."
        for name in {*operation.used, *operation.made} - versions:
            yield f"{operation.id}: there is no version {name} of an object."
    for name, step in record.steps.items():
        for execution in step.executions:
            if execution not in ran:
                yield f"{name}: the execution {execution} is not in the record."


def _times(record: Record) -> Iterator[str]:
    things: list[tuple[str, Execution | Operation | Record]] = [
        *((f"execution {one.id}", one) for cell in record.cells for one in cell.executions),
        *((one.id, one) for one in record.operations),
        ("the run", record),
    ]
    for name, one in things:
        if (seconds_between(one.start, one.end) or 0) < 0:
            yield f"{name}: it ends before it begins."


def _influences(container: dict[str, Any]) -> Iterator[str]:
    """A cell that was influenced by a step's data must have used something of that step."""
    used: dict[str, set[str]] = {}
    for one in container.get("used", {}).values():
        used.setdefault(str(one.get("prov:activity")), set()).add(str(one.get("prov:entity")))
    if not any(":object." in entity for found in used.values() for entity in found):
        return
    cells = {
        str(one.get("prov:activity")): str(one.get("prov:trigger"))
        for one in container.get("wasStartedBy", {}).values()
    }
    using = {cells.get(activity) for activity in used}
    for one in container.get("wasInfluencedBy", {}).values():
        cell = str(one.get("prov:influencee"))
        if cell in set(cells.values()) and cell not in using:
            yield f"{cell}: it was influenced by something, and used nothing."


def _parts(record: Record) -> Iterator[str]:
    told = {
        frozenset((str(one.arguments.get("first")), str(one.arguments.get("second"))))
        for one in record.findings
        if one.code in ("parts_overlap", "duplicates_across_parts")
    }
    names = {part.name for part in record.parts}
    for part in record.parts:
        for other, rows in part.overlap.items():
            if other not in names:
                yield f"{part.name}: there is no part {other} that it could share rows with."
            elif part.name < other and frozenset((part.name, other)) not in told:
                yield f"{part.name} and {other} share {rows} rows, and no finding says so."
