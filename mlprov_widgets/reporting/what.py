"""What was run, for its report: data, preparation, split, model, training, and what was seen."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from pathlib import Path

from mlprov_widgets.errors import MlprovError
from mlprov_widgets.packs import check_values, readable_packs
from mlprov_widgets.present.blocks import Block, CodeBlock, DataTable, FieldTable, Pairs, Paragraph
from mlprov_widgets.record import Value
from mlprov_widgets.record.entries import Entry
from mlprov_widgets.record.fields import title_of
from mlprov_widgets.record.hyperparameters import hyperparameters_of
from mlprov_widgets.record.story import Story
from mlprov_widgets.record.strip import changed_values
from mlprov_widgets.wording import format_count, format_number, format_value, one_line, paragraphs

MAX_VALUES = 200
MAX_MODEL = 6000
_MAX_OPERATIONS = 40
_MAX_FIELDS = 60
_MAX_PARAMETERS = 200
# Of what an operation came to, what tells most.
_TELLING = ("rows", "features", "epochs", "steps", "batch_size", "value")
_FINGERPRINTS = {
    "data_ingestion": (("data", "SHA-256 of the data as used"),),
    "data_segregation": (("split", "SHA-256 of the split"),),
    "model_parameters": (
        ("initial_weights", "SHA-256 of the initial weights"),
        ("weights", "SHA-256 of the trained model"),
    ),
}


def what_was_run(story: Story, folders: Iterable[Path | str] = ()) -> list[Block]:
    """All that is known of it, each value with where it stands.

    Parameters
    ----------
    story : Story
    folders : iterable of Path or str
        Further folders with packs, for the values that count.
    """
    blocks: list[Block] = [table for table in _tables(story) if table.rows]
    blocks += [*_description(story), *_values(story, folders), *_seen(story)]
    return blocks or [Paragraph(_nothing(story), "fair")]


def _tables(story: Story) -> Iterator[FieldTable | DataTable]:
    for step in (
        "data_ingestion",
        "data_preparation",
        "data_segregation",
        "model_parameters",
        "model_training",
    ):
        rows = story.entries(step)
        if step == "data_segregation":
            rows += _stratified(story)
        yield FieldTable(title_of(step), [*rows, *_fingerprints(story, step)])
        if step == "model_parameters":
            yield from _hyperparameters(story)
    yield FieldTable("Constants that the cells read", list(_constants(story)))
    yield FieldTable("Started from another run", list(_started(story)))


def _fingerprints(story: Story, step: str) -> Iterator[Entry]:
    for name, label in _FINGERPRINTS.get(step, ()):
        if text := format_value(story.record.fingerprints.get(name)):
            yield Entry(label, text, f"fingerprints.{name}")


def _stratified(story: Story) -> list[Entry]:
    """By the wizard's word, where the record does not say how it knows its values."""
    value = story.record.values.get("stratify")
    if story.is_observed or value is None or story.text("data_segregation", "stratified"):
        return []
    return [Entry("Stratified by class", format_value(value), "values.stratify")]


def _hyperparameters(story: Story) -> Iterator[DataTable]:
    """Of an estimator that has no layers: each by itself, for they are many."""
    found = hyperparameters_of(story.record)
    # Records of formats before do not say which are defaults.
    columns = 3 if any(one.is_default is not None for one in found) else 2
    rows = [
        (one_line(one.name, 80), format_value(one.value) or "none", one.default)[:columns]
        for one in found[:_MAX_PARAMETERS]
    ]
    left = len(found) - len(rows)
    note = f"{left:,} more are in the record." if left else ""
    if rows:
        head = ("Parameter", "Value", "Default")[:columns]
        yield DataTable("Hyperparameters", head, rows, note)


def _description(story: Story) -> Iterator[CodeBlock]:
    """How the model writes itself: a network layer by layer."""
    told = story.value("model_parameters", "model_description")
    if isinstance(told, str) and "\n" in told:
        title = "Layers of the model" if story.has_layers else "The estimator as it writes itself"
        yield CodeBlock(paragraphs(told, MAX_MODEL), "text", title)


def _constants(story: Story) -> Iterator[Entry]:
    for name, step in story.record.steps.items():
        for constant, value in list(step.constants.items())[:_MAX_FIELDS]:
            yield Entry(one_line(constant, 80), format_value(value), f"steps.{name}")


def _started(story: Story) -> Iterator[Entry]:
    """The run whose values were the starting point, and what was changed since."""
    start = story.record.started_from
    for label, name in (("Notebook of that run", "name"), ("Its id", "run_id")):
        if text := format_value(start.get(name)):
            yield Entry(label, text, f"started_from.{name}")
    for name, pair in list(changed_values(story.record).items())[:_MAX_FIELDS]:
        was, now = (format_value(one) or "nothing" for one in pair)
        yield Entry(f"Changed: {one_line(name, 60)}", f"{was} → {now}", "started_from.changes")


def _of_steps(value: Value) -> Value:
    """A setting; of steps that each have a name, as those of a pipeline, the steps alone."""
    pairs = value if isinstance(value, list) else []
    named = all(isinstance(one, list) and len(one) > 1 and isinstance(one[0], str) for one in pairs)
    return [one[1] for one in pairs] if pairs and named else value


def _seen(story: Story) -> Iterator[Block]:
    """What libraries were seen to do, in the order of time."""
    operations = story.record.operations
    rows = []
    for one in operations[:_MAX_OPERATIONS]:
        parts = ", ".join(
            f"{one_line(name, 40)}: {format_number(n)}" for name, n in one.parts.items()
        )
        values = {name: one.values[name] for name in _TELLING if name in one.values}
        came_to = ["failed"] if one.status != "ok" else []
        came_to += [format_value(values)] if values else []
        name = one_line(one.name.rpartition(".")[2], 80)
        # What somebody has set; all of a model are in a table of their own.
        set_ = {key: value for key, value in one.settings.items() if not one.defaults.get(key)}
        settings = {key: _of_steps(value) for key, value in set_.items()}
        rows.append((one.kind, name, parts, format_value(settings), ", ".join(came_to)))
    left = len(operations) - len(rows)
    note = f"{left:,} more are in the record." if left else ""
    if any(True in one.defaults.values() for one in operations[:_MAX_OPERATIONS]):
        note = f"Settings that are defaults are left out. {note}".rstrip()
    head = ("Seen", "By", "Rows of", "Settings", "Came to")
    if rows:
        yield DataTable("What libraries were seen to do", head, rows, note)


def _values(story: Story, folders: Iterable[Path | str]) -> Iterator[Block]:
    """All values of the task that count, as far as the pack here says which do."""
    record = story.record
    values, notes = dict(record.values), []
    pack = readable_packs(folders).get(str(record.pack.get("name", "")))
    if pack is not None:
        with contextlib.suppress(MlprovError, TypeError, ValueError):
            shown = check_values(pack, values, look=False).shown
            idle = [name for name in values if name in pack.parameters and name not in shown]
            if idle:
                values = {name: value for name, value in values.items() if name not in idle}
                notes.append(
                    f"Left out: {format_count(len(idle), 'parameter')} without effect beside these."
                )
    pairs = [(one_line(name, 80), format_value(value) or "–") for name, value in values.items()]
    if len(pairs) > MAX_VALUES:
        notes.append(f"{len(pairs) - MAX_VALUES} more are in the record.")
    if pairs:
        # Cells may have been changed since; what they did is told above.
        observed = "What the notebook was generated with"
        title = observed if story.is_observed else "All values of the task"
        yield Pairs(title, pairs[:MAX_VALUES], " ".join(notes))


def _nothing(story: Story) -> str:
    """Why there is nothing to tell of what was run."""
    ran = sum(bool(cell.executions) for cell in story.record.cells if cell.kind == "code")
    if not ran:
        return "The run ended before anything of it was recorded."
    return (
        f"The record has the source of {format_count(ran, 'code cell')} that ran, but neither data "
        "nor a model were told, or seen in use."
    )
