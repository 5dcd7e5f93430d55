"""What is said of a run at first glance; how it is drawn is decided elsewhere."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from mlprov_widgets.graph.document.texts import duration, number, one_line, short
from mlprov_widgets.provenance.record import STEPS, Cell, Record

# Step to its title and its telling fields: label, field of the step, kind of value.
_BOXES: dict[str, tuple[str, tuple[tuple[str, tuple[str, ...]], ...]]] = {
    "data_ingestion": (
        "Data",
        (
            ("", ("dataset_id",)),
            ("rows", ("samples_total", "samples", "rows")),
            ("features", ("feature_dimensions",)),
            ("classes", ("dataset_classes",)),
        ),
    ),
    "data_preparation": ("Preparation", (("", ("operations",)),)),
    "data_segregation": (
        "Split",
        (
            ("train", ("training_split", "training_dataset")),
            ("validation", ("validation_split",)),
            ("test", ("testing_split", "testing_dataset")),
        ),
    ),
    "data_exploration": ("Exploration", ()),
    "model_parameters": (
        "Model",
        (
            ("", ("model_name",)),
            ("activation", ("activation_function",)),
            ("loss", ("loss_function",)),
            ("optimizer", ("optimizer",)),
            ("rate", ("optimizer_learning_rate", "learning_rate")),
        ),
    ),
    "model_training": (
        "Training",
        (("epochs", ("epochs",)), ("batch", ("batch_size",)), ("seed", ("random_seed", "seed"))),
    ),
    "model_evaluation": ("Result", ()),
}
# The modules that a class or a function is in.
_MODULES = re.compile(r"^(?:[A-Za-z_]\w*\.)+(?=[A-Z])|^(?:[A-Za-z_]\w*\.){2,}(?=[a-z_])")
# How MLProvCodeGen told the parts of images: as torchvision writes a data set.
_POINTS = re.compile(r"Number of datapoints: (\d{1,12})\b")
# Of more changed cells, the summary says only how many there are.
_NAMED = 3
_ORIGINAL = "compared with the original run"
STARTED_FROM = "started from"
_METRICS = (
    ("accuracy", ("accuracy",)),
    ("loss", ("loss", "test_loss")),
    ("F1 macro", ("f1_macro", "macro_f1", "f1", "f1_score")),
    ("ROC-AUC", ("roc_auc", "auc", "auc_score")),
)


@dataclass
class Box:
    """One pipeline step in the picture.

    Parameters
    ----------
    step : str
        The step's name.
    title : str
        What people call it.
    lines : list of tuple of str
        Label (may be empty) and value.
    headline : str
        The value that matters most; empty where none does.
    state : str
        ``done``, ``result``, ``failed`` or ``missing`` (not reached).
    note : str
        Such as ``edited``.
    """

    step: str
    title: str
    lines: list[tuple[str, str]] = field(default_factory=list)
    headline: str = ""
    headline_label: str = ""
    state: str = "done"
    note: str = ""


@dataclass
class Overview:
    """What is said of a run at first glance.

    Parameters
    ----------
    title : str
        Title of the experiment.
    status : str
        As in the record.
    sentence : str
        How the run ended, in words.
    facts : list of tuple of str
        Label and value for the summary strip.
    boxes : list of Box
        The pipeline, in order.
    """

    title: str
    status: str
    sentence: str
    facts: list[tuple[str, str]]
    boxes: list[Box]


def overview(record: Record) -> Overview:
    """Choose what an analyst wants to see of a run first.

    Parameters
    ----------
    record : Record
        Of a run, whether it came to its end or not.

    Returns
    -------
    Overview
        Values as short texts, not yet escaped for any format.
    """
    title = record.experiment_info.get("title") or record.notebook.get("name") or "Experiment"
    return Overview(
        title=one_line(title, 120),
        status=record.status,
        sentence=sentence(record),
        facts=_facts(record),
        boxes=_boxes(record),
    )


def failing_cell(record: Record) -> tuple[int, Cell] | None:
    """The cell (and its number from 1) whose last execution raised or was stopped."""
    for at, cell in enumerate(record.cells):
        if cell.executions and cell.executions[-1].status != "ok":
            return at + 1, cell
    return None


def sentence(record: Record) -> str:
    """How a run ended, and where it failed, in words."""
    if record.status == "finished":
        verdict = record.original.get("verdict")
        return f"finished; {_ORIGINAL}: {short(verdict)}" if verdict else "finished"
    if record.status == "unfinished":
        return "did not come to its end"
    failing = failing_cell(record)
    what = "failed" if record.status == "failed" else "was interrupted"
    if failing is None:
        return what
    at, cell = failing
    step = f" ({cell.step.replace('_', ' ')})" if cell.step else ""
    error = cell.executions[-1].error
    return one_line(f"{what} in cell {at}{step}" + (f": {error}" if error else ""), 300)


def _facts(record: Record) -> list[tuple[str, str]]:
    status = "finished" if record.status == "finished" else sentence(record)
    facts = [("status", status)]
    metrics = record.metrics
    for label, names in _METRICS:
        value = _pick(metrics, names)
        if value is not None:
            facts.append((label, short(value)))
    if record.start is not None:
        facts.append(("started", record.start.strftime("%Y-%m-%d %H:%M")))
        if record.end is not None:
            facts.append(("took", _took(record.start, record.end)))
    name = record.agent.get("name")
    if name:
        facts.append(("by", one_line(name, 60)))
    changes = _changes(record)
    if changes:
        facts.append(("changed by hand", changes))
    if record.original:
        facts.append(("reproduces", one_line(record.original.get("name") or "another run", 60)))
        if record.original.get("verdict"):
            facts.append((_ORIGINAL, short(record.original["verdict"])))
    if record.started_from:
        facts.append((STARTED_FROM, _start(record.started_from)))
    return facts


def _start(start: dict[str, Any]) -> str:
    """The earlier run, and what was changed since: ``a.ipynb with 1 change: epochs 20 → 40``."""
    name = one_line(start.get("name") or "another run", 60)
    changes = start.get("changes")
    if not isinstance(changes, dict) or not changes:
        return f"{name} without changes"
    told = [
        f"{one_line(parameter, 40)} {short(pair[0], 24)} → {short(pair[1], 24)}"
        for parameter, pair in list(changes.items())[:_NAMED]
        if isinstance(pair, list) and len(pair) == 2
    ]
    more = f", and {len(changes) - len(told):,} more" if told and len(changes) > len(told) else ""
    count = f"{len(changes):,} change{'s' if len(changes) != 1 else ''}"
    return f"{name} with {count}" + (f": {', '.join(told)}{more}" if told else "")


def _changes(record: Record) -> str:
    """Which cells were edited and added; of many, how many."""
    parts = []
    for origin in ("edited", "added"):
        cells = [
            at
            for at, cell in enumerate(record.cells, 1)
            if cell.kind == "code" and cell.origin == origin
        ]
        if cells:
            few = ", ".join(map(str, cells)) if len(cells) <= _NAMED else ""
            which = f"cell{'s' if len(cells) > 1 else ''} {few}" if few else f"{len(cells):,} cells"
            parts.append(f"{which} {origin}")
    return ", ".join(parts)


def _took(start: Any, end: Any) -> str:
    try:
        return duration((end - start).total_seconds())
    except TypeError:  # one with a time zone, one without
        return "unknown"


def _pick(values: dict[str, Any], names: tuple[str, ...]) -> Any:
    lower = {str(name).lower(): value for name, value in values.items()}
    return next((lower[name] for name in names if lower.get(name) is not None), None)


def _boxes(record: Record) -> list[Box]:
    # Cells also belong to parts of the notebook that are no steps of the pipeline, such as imports.
    reached = [cell.step for cell in record.cells if cell.step in STEPS]
    order = {cell.step: at for at, cell in reversed(list(enumerate(record.cells)))}
    steps = sorted(
        dict.fromkeys([*record.steps, *reached]), key=lambda step: order.get(step, len(order))
    )
    boxes = [box for box in (_box(record, step) for step in steps) if box is not None]
    failing = failing_cell(record)
    if failing is not None and record.status in ("failed", "interrupted"):
        at, cell = failing
        box = next((box for box in boxes if cell.step and box.step == cell.step), None)
        if box is None:
            box = Box(cell.step, title_of(cell.step) if cell.step else f"Cell {at}")
            earlier = [one for one in boxes if order.get(one.step, at) < at]
            boxes.insert(len(earlier), box)
        box.state = "failed"
        # As short as that, because the box cuts what is longer.
        box.headline = f"cell {at} {'failed' if record.status == 'failed' else 'stopped'}"
        error = cell.executions[-1].error or cell.executions[-1].status
        box.lines = [*box.lines[:3], ("", one_line(error, 90))]
    return boxes


def title_of(step: str) -> str:
    """What people call a step of the pipeline."""
    return _BOXES[step][0] if step in _BOXES else one_line(step.replace("_", " "), 24).capitalize()


def _box(record: Record, step: str) -> Box | None:
    wanted = _BOXES[step][1] if step in _BOXES else ()
    cells = [cell for cell in record.cells if cell.step == step and cell.kind == "code"]
    box = Box(step, title_of(step))
    if any(cell.origin == "edited" for cell in cells):
        box.note = "edited"
    found = record.steps.get(step)
    if found is None:
        if any(cell.executions for cell in cells):
            return None if step == "data_exploration" else box
        box.state = "missing"
        box.lines = [("", "not reached")]
        return box
    values = found.values
    for label, names in wanted:
        value = _pick(values, names)
        if value is not None and value != []:
            if isinstance(value, list) and label == "features":
                label = "shape"
            told = _shown(step, label, value)
            # A model that is called "Model" is not told by saying so again.
            if label or told.lower() != box.title.lower():
                box.lines.append((label, told))
    if step == "data_ingestion" and not any(label == "rows" for label, _ in box.lines):
        parts = [values.get(f"{part}_samples") for part in ("training", "validation", "testing")]
        rows = sum(part for part in parts if isinstance(part, int) and not isinstance(part, bool))
        if rows:
            box.lines.insert(1, ("rows", short(rows)))
    if step == "model_training":
        _training(box, values)
        if found.start and found.end:
            box.lines.append(("time", _took(found.start, found.end)))
    if step == "model_evaluation":
        _result(box, record.metrics)
    elif step not in _BOXES:
        scalars = [(name, value) for name, value in values.items() if not isinstance(value, dict)]
        box.lines = [(one_line(name, 20), short(value, 24)) for name, value in scalars[:4]]
    if not box.lines and step == "data_exploration":
        return None
    return box


def _training(box: Box, values: dict[str, Any]) -> None:
    """Say how many of the epochs were run, where training was stopped early."""
    wanted, ran = values.get("epochs"), values.get("epochs_run")
    if isinstance(wanted, int) and isinstance(ran, int) and wanted != ran:
        line = ("epochs", f"{number(ran)} of {number(wanted)}")
        box.lines = [line if label == "epochs" else (label, text) for label, text in box.lines]


def _shown(step: str, label: str, value: Any) -> str:
    if step == "data_segregation" and isinstance(value, int | float) and 0 <= value <= 1:
        return f"{100 * value:.3g} %"
    if label == "shape":
        return short(" × ".join(short(size, 20) for size in value[:6]), 40)
    if label == "seed" and isinstance(value, int):
        return short(str(value) if abs(value) < 1e15 else value)
    if step == "data_segregation" and (points := _POINTS.search(str(value)[:200])):
        return number(int(points[1]))
    if isinstance(value, list):
        texts = [one_line(_last_part(str(item).removesuffix("()")), 40) for item in value[:4]]
        return one_line(", ".join(texts) + (", …" if value[4:] else ""), 40)
    if isinstance(value, str) and step in ("data_preparation", "model_parameters"):
        value = _last_part(value)
    return short(value, 40)


def _last_part(name: str) -> str:
    """``StandardScaler`` of ``sklearn.preprocessing.StandardScaler``, which is what tells."""
    return _MODULES.sub("", name, count=1)


def _result(box: Box, metrics: dict[str, Any]) -> None:
    found = [(label, _pick(metrics, names)) for label, names in _METRICS]
    shown = [(label, number(value)) for label, value in found if isinstance(value, int | float)]
    if not shown:
        shown = [
            (one_line(name, 24), number(value))
            for name, value in metrics.items()
            if isinstance(value, int | float)
        ][:4]
    if shown:
        box.state = "result"
        (box.headline_label, box.headline), *box.lines = shown
