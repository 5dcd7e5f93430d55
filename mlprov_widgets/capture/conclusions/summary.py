"""Operations and parts as a record has them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from itertools import combinations
from typing import Any

from mlprov_widgets.capture.objects.fingerprint import fingerprint
from mlprov_widgets.capture.observations import Observation, SplitPart
from mlprov_widgets.capture.values import numpy, plain
from mlprov_widgets.record import Operation, Part

_MOST_TEXT = 20_000  # characters of the ranges of row numbers


def list_operations(
    seen: Iterable[Observation], parts_of: Callable[[Observation], dict[str, int] | None]
) -> list[Operation]:
    """What was seen, in the order of time; its versions have their ids already."""
    found = []
    numbers: Counter[str] = Counter()
    for one in sorted(seen, key=lambda each: each.start):
        numbers[one.kind] += 1
        found.append(
            Operation(
                id=f"{one.kind}.{numbers[one.kind]}",
                kind=one.kind,
                execution=one.execution,
                name=one.name,
                start=one.start,
                end=one.end,
                status=one.status,
                used=[version.id for version in one.used if version.id],
                made=[version.id for version in one.made if version.id],
                settings=plain(one.settings),
                defaults=dict(one.defaults),
                values=plain(one.values),
                parts=parts_of(one) or {},
            )
        )
    return found


def list_parts(parts: Mapping[str, SplitPart]) -> list[Part]:
    """The parts, with the rows that two of them share."""
    found = {
        name: Part(
            name,
            part.size or 0,
            part.known,
            fingerprint(part.numbers if part.numbers is not None else part.forms[:1]) or "",
            _ranges(part.numbers),
            [one.current.id for one in part.objects if one.current.id],
        )
        for name, part in parts.items()
    }
    for first, second in combinations(parts, 2):
        both = parts[first].shared_rows(parts[second])
        if both:
            found[first].overlap[second] = found[second].overlap[first] = both
    return list(found.values())


def _ranges(numbers: Any) -> str:
    """Row numbers as ``0-3,7``; empty where there are too many."""
    if numbers is None or not len(numbers):
        return ""
    ordered = numpy.sort(numbers)
    breaks = numpy.flatnonzero(numpy.diff(ordered) != 1)
    starts = ordered[numpy.concatenate(([0], breaks + 1))].tolist()
    ends = ordered[numpy.concatenate((breaks, [len(ordered) - 1]))].tolist()
    text = ",".join(
        str(start) if start == end else f"{start}-{end}"
        for start, end in zip(starts, ends, strict=True)
    )
    return text if len(text) <= _MOST_TEXT else ""
