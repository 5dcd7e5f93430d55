"""The steps of two runs in one view: which are in both, and what changed in them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from mlprov_widgets.record.pipeline import StepStory
from mlprov_widgets.wording import format_count

SAME, CHANGED, ADDED, REMOVED = "same", "changed", "added", "removed"
_MAX_SAME = 3


@dataclass(frozen=True)
class MergedStep:
    """A step of one or both of two runs.

    Parameters
    ----------
    step, title : str
    change : str
        ``same``, ``changed``, ``added`` (only the second has it) or ``removed``.
    lines : list of tuple of str
        Label, value in the first run and in the second; empty where one does not have it.
    state : str
        As in `StepStory`; the worse of both.
    """

    step: str
    title: str
    change: str
    lines: list[tuple[str, str, str]]
    state: str

    @property
    def changed(self) -> list[tuple[str, str, str]]:
        """The lines that are not the same."""
        return [one for one in self.lines if one[1] != one[2]]


def merged_steps(first: Sequence[StepStory], second: Sequence[StepStory]) -> list[MergedStep]:
    """The steps of two runs, those of one name together, in the order of the first.

    Parameters
    ----------
    first, second : sequence of StepStory
        As `Story.steps` gives them.
    """
    there = {one.step: one for one in second}
    here = {one.step: one for one in first}
    order = [one.step for one in first]
    for at, one in enumerate(second):
        if one.step not in here:
            # Behind what it comes after in its own run.
            before = next((s.step for s in reversed(second[:at]) if s.step in order), None)
            order.insert(order.index(before) + 1 if before is not None else 0, one.step)
    return [_merged(here.get(step), there.get(step)) for step in order]


def _merged(one: StepStory | None, two: StepStory | None) -> MergedStep:
    known = one or two
    assert known is not None
    before, after = _values(one), _values(two)
    lines = [
        (key[0], before.get(key, ""), after.get(key, ""))
        for key in dict.fromkeys([*before, *after])
    ]
    if one is None or two is None:
        return MergedStep(
            known.step, known.title, ADDED if one is None else REMOVED, lines, known.state
        )
    differs = before != after or one.state != two.state
    state = one.state if one.state in ("failed", "missing") else two.state
    return MergedStep(known.step, known.title, CHANGED if differs else SAME, lines, state)


def _values(step: StepStory | None) -> dict[tuple[str, int], str]:
    """What a card says, each line under its label; lines of one label are counted."""
    if step is None:
        return {}
    lines = list(step.lines)
    if step.headline:
        lines.insert(0, (step.headline_label, step.headline))
    if step.note:
        lines.append(("note", step.note))
    seen: Counter[str] = Counter()
    found = {}
    for label, value in lines:
        # How long something took is never the same.
        if label != "time":
            found[label, seen[label]] = value
            seen[label] += 1
    return found


MARKS = {
    SAME: "= same",
    CHANGED: "≠ changed",
    ADDED: "+ only in {second}",
    REMOVED: "− only in {first}",
}


def step_lines(step: MergedStep) -> list[tuple[str, str]]:
    """What a box says of a step of both: of one that changed only what did, with an arrow.

    Parameters
    ----------
    step : MergedStep
    """
    alone = step.change in (ADDED, REMOVED)
    lines: list[tuple[str, str]] = []
    if alone:
        lines = [(label, two or one) for label, one, two in step.lines]
    elif step.change == SAME:
        lines = [(label, one) for label, one, _ in step.lines[:_MAX_SAME]]
    else:
        lines = [(label, f"{one or '–'} → {two or '–'}") for label, one, two in step.changed]
        same = len(step.lines) - len(step.changed)
        if same:
            lines.append(("", f"{format_count(same, 'value')} the same"))
    return lines
