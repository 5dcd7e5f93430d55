"""Everything that is known of several runs, a row a field, a value for each run."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from mlprov_widgets.comparison.outcome import of_one_run
from mlprov_widgets.record import STEPS, Record, Value
from mlprov_widgets.record.hyperparameters import hyperparameters_of
from mlprov_widgets.record.story import Story
from mlprov_widgets.several.columns import Column
from mlprov_widgets.several.metrics import NOT_RECORDED
from mlprov_widgets.several.runs import ComparedRun
from mlprov_widgets.store.facts import is_simple, seed_names
from mlprov_widgets.wording import capitalize, format_value, humanize, one_line

CHOSEN, SEEDS, OBSERVED = "Chosen parameters", "Seeds", "Observed in the run"
DATA, ENVIRONMENT, CODE = "Data", "Environment", "Code"
_MAX_FIELDS = 1000
_MAX_SETTINGS = 60
_LIMIT = 160
_OBSERVED_STEPS = tuple(
    step for step in STEPS if step not in ("data_ingestion", "model_evaluation")
)
_SHARE = 12


class Known(NamedTuple):
    """What a run has of a field: the value as recorded, and for reading."""

    raw: str
    text: str


@dataclass(frozen=True)
class FieldRow:
    """A field of several runs.

    Parameters
    ----------
    group : str
        One of the groups of this module.
    label : str
    where : str
        Where it stands in a record.
    values : tuple of Known or None
        One for each run; None where it was not recorded.
    aside : bool
        Whether it is only told side by side: a result, what is never the same, what says in other
        words what other fields say.
    term : str
        Of what was chosen, where a record has what was seen of it; empty where it has nothing.
    """

    group: str
    label: str
    where: str
    values: tuple[Known | None, ...]
    aside: bool = False
    term: str = ""

    @property
    def differs(self) -> bool:
        """Whether two runs that have it do not have the same."""
        return len({one.raw for one in self.values if one is not None}) > 1

    @property
    def is_partial(self) -> bool:
        """Whether some runs have it, and others not."""
        return None in self.values and any(one is not None for one in self.values)


class _Found(NamedTuple):
    group: str
    label: str
    where: str
    known: Known
    aside: bool = False
    term: str = ""


def field_rows(runs: Sequence[ComparedRun]) -> list[FieldRow]:
    """All fields that any of the runs has, in the order in which they are told.

    Parameters
    ----------
    runs : sequence of ComparedRun
    """
    rows: dict[tuple[str, str], list[Known | None]] = {}
    about: dict[tuple[str, str], _Found] = {}
    for at, run in enumerate(runs):
        for one in _fields(run):
            key = one.group, one.where
            if key not in rows:
                if len(rows) >= _MAX_FIELDS:
                    continue
                rows[key], about[key] = [None] * len(runs), one
            rows[key][at] = one.known
    made = [
        FieldRow(key[0], about[key].label, key[1], tuple(values), about[key].aside, about[key].term)
        for key, values in rows.items()
    ]
    order = (CHOSEN, SEEDS, OBSERVED, DATA, ENVIRONMENT, CODE)
    # What is recorded of more runs tells more.
    sorted_rows = sorted(made, key=lambda one: order.index(one.group))
    return [_readable(one) for one in _once(sorted_rows)]


def _known(value: Value, text: str = "") -> Known:
    # A whole number is the same with and without its point.
    whole = isinstance(value, float) and value.is_integer() and abs(value) < 1e15
    raw = json.dumps(int(value) if whole else value, sort_keys=True, default=str)
    return Known(raw, one_line(text or format_value(value, _LIMIT) or "none", _LIMIT))


def _fields(run: ComparedRun) -> Iterator[_Found]:
    story = run.story
    if story is None:
        for name, value in run.facts.parameters.items():
            yield _Found(CHOSEN, capitalize(humanize(name)), f"values.{name}", _known(value))
        return
    yield from _chosen(run, story)
    yield from _observed(story)
    yield from _data(story)
    yield from _environment(story)
    yield from _code(story.record)


def _chosen(run: ComparedRun, story: Story) -> Iterator[_Found]:
    """What was chosen and counts; of a notebook of somebody's own the constants of its cells."""
    seeds = seed_names(story)
    rows = {str(row.get("name")): row for row in story.record.parameters}
    for name, value in run.facts.parameters.items():
        row = rows.get(name, {})
        term = f"{row['step']}.{row['term']}" if row.get("step") and row.get("term") else ""
        group = SEEDS if name in seeds else CHOSEN
        label = capitalize(humanize(name))
        yield _Found(group, label, f"values.{name}", _known(value), term=one_line(term))


def _observed(story: Story) -> Iterator[_Found]:
    for step in _OBSERVED_STEPS:
        for declared in story.vocabulary.fields_of(step):
            entry = story.entry_of(declared) if declared.report else None
            if entry is None:
                continue
            group = SEEDS if declared.kind == "identifier" else OBSERVED
            value = story.value(step, declared.name)
            own = of_one_run(declared.name)
            if isinstance(value, dict):
                # Of many settings only those that differ are to be seen.
                for name, each in list(value.items())[:_MAX_SETTINGS]:
                    key = one_line(name, 80)
                    label, where = f"{entry.label}: {key}", f"{entry.where}.{key}"
                    yield _Found(group, label, where, _known(each), own)
                continue
            yield _Found(group, entry.label, entry.where, _known(value, entry.text), own)
    for one in hyperparameters_of(story.record):
        where = f"model_parameters.hyperparameters.{one_line(one.name, 80)}"
        aside = not is_simple(one.value)
        yield _Found(OBSERVED, one_line(one.name, 80), where, _known(one.value), aside)


def _data(story: Story) -> Iterator[_Found]:
    for declared in story.vocabulary.fields_of("data_ingestion"):
        if declared.kind == "identifier":
            continue
        entry = story.entry_of(declared)
        if entry is not None:
            value = story.value("data_ingestion", declared.name)
            own = of_one_run(declared.name)
            yield _Found(DATA, entry.label, entry.where, _known(value, entry.text), own)
    for name, label in (("data", "SHA-256 of the data"), ("split", "SHA-256 of the split")):
        digest = story.record.fingerprints.get(name)
        if digest:
            shown = Known(digest, one_line(digest[:_SHARE], _SHARE))
            yield _Found(DATA, label, f"fingerprints.{name}", shown)


def _environment(story: Story) -> Iterator[_Found]:
    if story.python:
        yield _Found(ENVIRONMENT, "Python", "environment.python", _known(story.python))
    for group in ("hardware_info", "environment"):
        values = getattr(story.record, group)
        for entry in story.group(group):
            name = entry.where.partition(".")[2]
            if entry.where != "environment.python":
                known = _known(values.get(name), entry.text)
                yield _Found(ENVIRONMENT, capitalize(entry.label), entry.where, known)
    for name, version in sorted(story.record.packages.items()):
        label = one_line(name, 80)
        yield _Found(ENVIRONMENT, label, f"packages.{label}", _known(version))
    if story.recorded_by:
        yield _Found(ENVIRONMENT, "Recorded by", "software", _known(story.recorded_by))


def _code(record: Record) -> Iterator[_Found]:
    for name, label in (("name", "Pack"), ("version", "Version of the pack")):
        if record.pack.get(name):
            yield _Found(CODE, label, f"pack.{name}", _known(record.pack[name]))
    digest = record.pack.get("sha256")
    if digest:
        shown = Known(digest, one_line(digest[:_SHARE], _SHARE))
        yield _Found(CODE, "SHA-256 of the pack", "pack.sha256", shown)
    for name, label in (("commit", "Git commit"), ("dirty", "Changes not committed")):
        if record.git.get(name) is not None:
            known = _known(record.git[name])
            text = known.text[:_SHARE] if name == "commit" else known.text
            yield _Found(CODE, label, f"git.{name}", replace_text(known, text))


def replace_text(known: Known, text: str) -> Known:
    """The same value, for reading."""
    return known._replace(text=text)


def _once(rows: Sequence[FieldRow]) -> list[FieldRow]:
    """Without what was seen of something that was chosen, where it has the very values."""
    seen = {one.where: one for one in rows if one.group in (OBSERVED, DATA)}
    seeds = [one for one in rows if one.group == SEEDS and one.where.startswith("values.")]
    told: set[str] = set()
    found = []
    for row in rows:
        twin = seen.get(row.term) if row.group == CHOSEN else None
        if twin is not None and _covers(row, twin):
            # Told once, by the name that the field has everywhere.
            told.add(twin.where)
            row = replace(row, label=twin.label)
        # What was seen of a seed that was chosen says nothing more.
        elif _is_seen_seed(row) and any(_covers(one, row) for one in seeds):
            continue
        found.append(row)
    return [row for row in found if row.group == CHOSEN or row.where not in told]


def _is_seen_seed(row: FieldRow) -> bool:
    return row.group == SEEDS and not row.where.startswith("values.")


def _covers(one: FieldRow, two: FieldRow) -> bool:
    """Whether one has the very values of the other in every run in which the other has any."""
    pairs = [(a, b) for a, b in zip(one.values, two.values, strict=True) if b and b.raw != "null"]
    return all(a is not None and a.raw == b.raw for a, b in pairs)


def _readable(row: FieldRow) -> FieldRow:
    """With values that are not the same told so that this is seen."""
    by_text: dict[str, set[str]] = {}
    for one in row.values:
        if one is not None:
            by_text.setdefault(one.text, set()).add(one.raw)
    alike = {text for text, raws in by_text.items() if len(raws) > 1}
    if not alike:
        return row
    values = tuple(
        replace_text(one, one_line(one.raw, _LIMIT)) if one and one.text in alike else one
        for one in row.values
    )
    if len({one.text for one in values if one}) < len({one.raw for one in values if one}):
        numbers = {raw: at for at, raw in enumerate(dict.fromkeys(v.raw for v in values if v), 1)}
        values = tuple(
            replace_text(one, f"{one.text} (variant {numbers[one.raw]})")
            if (one and one.text in alike) or (one and len(one.raw) > _LIMIT)
            else one
            for one in values
        )
    return replace(row, values=values)


def differing(rows: Sequence[FieldRow]) -> list[FieldRow]:
    """The fields that are not the same, each once, without what is never the same.

    What was observed and has the very values of something that was chosen says nothing more.
    """
    found: list[FieldRow] = []
    for row in rows:
        if not row.differs or row.aside or (row.group == OBSERVED and row.is_partial):
            continue
        # What was chosen comes before what was seen of it.
        if row.group != OBSERVED or not any(_covers(one, row) for one in found):
            found.append(row)
    return found


def cells_of(
    row: FieldRow, columns: Sequence[Column], place: Callable[[ComparedRun], int]
) -> tuple[str, ...]:
    """What stands in each column: the value, or those that its runs have.

    Parameters
    ----------
    row : FieldRow
    columns : sequence of Column
    place : callable
        The number of a run in the row.
    """
    values = [[row.values[place(run)] for run in one.runs] for one in columns]
    if row.where.startswith("fingerprints."):
        return _digests(values, columns)
    return tuple(map(_cell, values))


def _digests(
    values: Sequence[Sequence[Known | None]], columns: Sequence[Column]
) -> tuple[str, ...]:
    """Digests, which nobody reads: of several, how many there are, and whether as before."""
    told: dict[frozenset[str], str] = {}
    cells = []
    for column, known in zip(columns, values, strict=True):
        digests = frozenset(one.raw for one in known if one is not None)
        if len(digests) < 2:
            cells.append(_cell(known))
            continue
        before = told.setdefault(digests, column.key)
        same = f"the same {len(digests)} as {before}"
        cells.append(same if before != column.key else f"{len(digests)} different")
    return tuple(cells)


def _cell(values: Sequence[Known | None]) -> str:
    texts = list(dict.fromkeys(one.text if one is not None else NOT_RECORDED for one in values))
    if len(texts) == 1:
        return texts[0]
    if len(texts) > 8 or sum(map(len, texts)) > _LIMIT:
        return f"{len(texts)} different: {', '.join(texts[:3])}, …"
    return ", ".join(texts)
