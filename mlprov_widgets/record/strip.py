"""What is told of a run first, as labels and values."""

from __future__ import annotations

from mlprov_widgets.record.findings import WARNING, leaks, sentence
from mlprov_widgets.record.run import Record, Value
from mlprov_widgets.record.story import Story
from mlprov_widgets.wording import format_count, format_value, one_line

# Of more changed cells or values, only how many there are is told.
_MAX_NAMED = 3


def strip_of(story: Story) -> list[tuple[str, str]]:
    """Label and value of what is told first: how it ended, numbers, who and when, caveats."""
    found = [("status", story.ended)]
    found += [(one.metric.term, one.text) for one in story.headlines]
    found += [("started", story.began), ("took", story.duration), ("by", story.agent)]
    warned = [one for one in story.record.findings if one.kind == WARNING]
    for label, about in (("leaks", leaks(story.record)), ("to know", warned)):
        if about:
            more = f" (and {len(about) - 1} more)" if len(about) > 1 else ""
            found.append((label, one_line(sentence(about[0]), 160) + more))
    found.append(("changed by hand", changed_cells(story)))
    if story.record.original:
        found.append(("reproduces", one_line(story.record.original.get("name") or "a run", 60)))
        found.append(("compared with the original run", story.verdict))
    found.append(("started from", started_from(story.record)))
    return [(label, text) for label, text in found if text]


def changed_cells(story: Story) -> str:
    """Which cells were edited and added; of many, how many."""
    if not story.record.pack:
        return ""  # nothing was generated that a person could have changed
    parts = []
    for origin in ("edited", "added"):
        cells = [
            at
            for at, cell in enumerate(story.record.cells, 1)
            if cell.kind == "code" and cell.origin == origin
        ]
        if len(cells) > _MAX_NAMED:
            parts.append(f"{len(cells):,} cells {origin}")
        elif cells:
            few = ", ".join(map(str, cells))
            parts.append(f"cell{'s' if len(cells) > 1 else ''} {few} {origin}")
    return ", ".join(parts)


def started_from(record: Record) -> str:
    """The earlier run and what was changed: ``a.ipynb with 1 change: epochs 20 → 40``."""
    start = record.started_from
    if not start:
        return ""
    name = one_line(start.get("name") or "another run", 60)
    changes = start.get("changes")
    if not isinstance(changes, dict) or not changes:
        return f"{name} without changes"
    told = [
        f"{one_line(parameter, 40)} {format_value(was, 24)} → {format_value(now, 24)}"
        for parameter, (was, now) in list(changed_values(record).items())[:_MAX_NAMED]
    ]
    more = f", and {len(changes) - len(told):,} more" if len(changes) > len(told) else ""
    count = format_count(len(changes), "change")
    return f"{name} with {count}" + (f": {', '.join(told)}{more}" if told else "")


def changed_values(record: Record) -> dict[str, tuple[Value, Value]]:
    """Parameter to its value in the run that was the starting point, and in this one."""
    changes = record.started_from.get("changes")
    pairs = changes.items() if isinstance(changes, dict) else ()
    return {
        str(name): (pair[0], pair[1])
        for name, pair in pairs
        if isinstance(pair, list) and len(pair) == 2
    }
