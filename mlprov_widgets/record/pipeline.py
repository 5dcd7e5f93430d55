"""The steps of a run's pipeline, each as a card has room for it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mlprov_widgets.record.entries import MAX_CARD
from mlprov_widgets.record.fields import is_declared, title_of
from mlprov_widgets.record.results import headline_metrics
from mlprov_widgets.record.run import PARTS, STEPS, Value
from mlprov_widgets.wording import (
    format_count,
    format_duration,
    format_number,
    format_value,
    one_line,
    seconds_between,
)

if TYPE_CHECKING:
    from mlprov_widgets.record.story import Story

# Of more models, only how many there are is told.
_MAX_MODELS = 4
_MAX_METRICS = 4


@dataclass
class StepStory:
    """One step of the pipeline.

    Parameters
    ----------
    step, title : str
        The step, and what people call it.
    lines : list of tuple of str
        Label, which may be empty, and value of what its card shows.
    headline, headline_label : str
        The value that matters most and its name; empty where none does.
    state : str
        ``done``, ``result``, ``failed`` or ``missing`` (not reached).
    note : str
        A few words, such as ``edited`` or ``1 leak``.
    """

    step: str
    title: str
    lines: list[tuple[str, str]] = field(default_factory=list)
    headline: str = ""
    headline_label: str = ""
    state: str = "done"
    note: str = ""


def steps_of(story: Story) -> list[StepStory]:
    """The steps of the pipeline, in the order of the notebook."""
    cells = story.record.cells
    # Cells also belong to parts of the notebook that are no steps, such as imports.
    reached = [cell.step for cell in cells if cell.step in STEPS]
    order = {cell.step: at for at, cell in reversed(list(enumerate(cells)))}
    names = sorted(
        dict.fromkeys([*story.record.steps, *reached]), key=lambda step: _place(step, order)
    )
    found = [one for one in (_step(story, one) for one in names) if one is not None]
    if story.failing_cell is not None and story.record.status in ("failed", "interrupted"):
        _fail(story, found, order)
    return found


def _place(step: str, order: dict[str, int]) -> tuple[float, int]:
    """Where the cells of a step are; of a step without cells, before those that come after it."""
    if step in order:
        return order[step], 0
    at = STEPS.index(step) if step in STEPS else len(STEPS)
    later = [order[one] for one in STEPS[at + 1 :] if one in order]
    return min(later, default=len(order)) - 0.5, at


def _fail(story: Story, steps: list[StepStory], order: dict[str, int]) -> None:
    assert story.failing_cell is not None
    at, cell = story.failing_cell
    found = next((one for one in steps if cell.step and one.step == cell.step), None)
    if found is None:
        found = StepStory(cell.step, title_of(cell.step) if cell.step else f"Cell {at}")
        earlier = [one for one in steps if order.get(one.step, at) < at]
        steps.insert(len(earlier), found)
    found.state = "failed"
    # As short as that, because a card cuts what is longer.
    found.headline_label = ""
    found.headline = f"cell {at} {'failed' if story.record.status == 'failed' else 'stopped'}"
    error = cell.executions[-1].error or cell.executions[-1].status
    found.lines = [*found.lines[:3], ("", one_line(error, 90))]


def _step(story: Story, step: str) -> StepStory | None:
    cells = [cell for cell in story.record.cells if cell.step == step and cell.kind == "code"]
    told = StepStory(step, title_of(step))
    if any(cell.origin == "edited" for cell in cells):
        told.note = "edited"
    found = story.record.steps.get(step)
    if found is None:
        if any(cell.executions for cell in cells):
            return None if step == "data_exploration" else told
        told.state, told.lines = "missing", [("", "not reached")]
        return told
    if is_declared(step):
        told.lines = _card(story, told)
    else:
        plain = [(n, v) for n, v in found.values.items() if not isinstance(v, dict)][:4]
        told.lines = [(one_line(name, 20), format_value(one, 24)) for name, one in plain]
    told.note = _warned(story, step) or told.note
    if step == "model_training":
        told.lines += _models(story, found.values.get("models"))
        if took := format_duration(seconds_between(found.start, found.end)):
            told.lines.append(("time", took))
    if step == "model_evaluation" and story.headlines:
        told.state = "result"
        first, *others = story.headlines[:_MAX_METRICS]
        told.headline_label, told.headline = first.term, first.text
        told.lines = [("baseline", first.baseline)] if first.baseline else []
        told.lines += [(one.metric.term, one.text) for one in others]
    return None if not told.lines and step == "data_exploration" else told


def _card(story: Story, told: StepStory) -> list[tuple[str, str]]:
    entries = [
        story.entry_of(one) for one in story.vocabulary.fields_of(told.step) if one.card is not None
    ]
    lines = []
    for one in entries:
        # A model that is called "Model" is not told by saying so again.
        if one is None or (not one.card and one.short.lower() == told.title.lower()):
            continue
        short = _epochs_on_card(story) if one.where == "model_training.epochs" else ""
        lines.append((one.card or "", short or one.short))
    if told.step == "data_ingestion" and not any(label == "samples" for label, _ in lines):
        values = story.record.steps[told.step].values
        parts = [values.get(f"{one}_samples") for one in PARTS]
        samples = sum(one for one in parts if isinstance(one, int) and not isinstance(one, bool))
        if samples:
            lines.insert(1, ("samples", format_number(samples)))
    return lines


def _epochs_on_card(story: Story) -> str:
    """How many of the epochs were run, where training was stopped early or went on."""
    step = story.record.steps["model_training"]
    wanted, ran = step.values.get("epochs"), step.values.get("epochs_run")
    if step.known:
        rows = story.record.parameters
        names = [row.get("constant", "") for row in rows if row.get("term") == "epochs"]
        wanted = next((step.constants[one] for one in names if one in step.constants), None)
        ran = step.values.get("epochs")
    if not isinstance(ran, int):
        return ""
    if story.executions > 1:
        return f"{format_number(ran)} in {format_number(story.executions)} executions"
    if isinstance(wanted, int) and wanted > ran:
        return f"{format_number(ran)} of {format_number(wanted)}"
    return ""


def _warned(story: Story, step: str) -> str:
    """How many leaks a step has, else how many warnings; a card has room for one of both."""
    about = [one for one in story.record.findings if one.step == step and one.kind != "note"]
    leaking = sum(one.kind == "leak" for one in about)
    if leaking:
        return format_count(leaking, "leak")
    return format_count(len(about), "warning") if about else ""


def _models(story: Story, models: Value) -> list[tuple[str, str]]:
    """Each of several models, with its first metric."""
    if not isinstance(models, list):
        return []
    shown = []
    for one in models[:_MAX_MODELS]:
        if isinstance(one, dict) and isinstance(one.get("model_name"), str):
            metrics = one.get("metrics")
            first = (
                headline_metrics(metrics, story.vocabulary)[:1] if isinstance(metrics, dict) else []
            )
            name = one_line(one["model_name"], MAX_CARD)
            shown += [(name, f"{value.metric.term} {value.text}") for value in first] or [
                ("", name)
            ]
    more = story.number_of_models - _MAX_MODELS
    return [*shown, ("", f"and {more:,} more")] if more > 0 else shown
