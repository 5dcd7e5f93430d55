"""A report on one run, for an appendix or a reviewer, as a single HTML or Markdown file."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlprov_widgets.errors import MlprovError, RecordError
from mlprov_widgets.packs import check_values, readable_packs
from mlprov_widgets.provenance.beside import read_run
from mlprov_widgets.provenance.record import Record
from mlprov_widgets.reporting.as_html import to_html
from mlprov_widgets.reporting.as_markdown import to_markdown
from mlprov_widgets.reporting.blocks import (
    Block,
    Code,
    Names,
    Page,
    Paragraph,
    Section,
    plain,
    say,
    visible,
)
from mlprov_widgets.reporting.changes import changes
from mlprov_widgets.reporting.checklist import State, checklists
from mlprov_widgets.reporting.facts import RunFacts
from mlprov_widgets.reporting.results import results
from mlprov_widgets.reporting.verdict import commands, verdict_of, verification
from mlprov_widgets.reproduction.outcome import tolerance_of
from mlprov_widgets.reproduction.verify import Verification, verify

MAX_PACKAGES = 500
MAX_VALUES = 200
MAX_MODEL = 6000

_STATUS = {
    "finished": ("Finished", "good"),
    "failed": ("Failed", "bad"),
    "interrupted": ("Interrupted", "fair"),
    "unfinished": ("Did not come to its end", "fair"),
}


@dataclass(frozen=True)
class RunReport:
    """A report on a run; it holds what is said, the two forms only draw it.

    Parameters
    ----------
    page : Page
        Title, summary and sections, as plain text.
    """

    page: Page

    def to_html(self) -> str:
        """A whole page: one file, without scripts and without anything from elsewhere."""
        return to_html(self.page)

    def to_markdown(self) -> str:
        """The same as Markdown with tables, as GitHub and Pandoc read them."""
        return to_markdown(self.page)

    def __str__(self) -> str:
        return self.to_markdown()

    def __repr__(self) -> str:
        return f"<RunReport: {self.page.title}, {self.page.subtitle}>"

    def _repr_html_(self) -> str:
        return to_html(self.page, whole=False)


def run_report(
    run: Any,
    original: Any = None,
    *,
    folders: Iterable[Path | str] = (),
    relative: float | None = None,
    absolute: float | None = None,
) -> RunReport:
    """Tell of a run all that a reader of a paper or a reviewer may ask and its record answers.

    Parameters
    ----------
    run : Record, FinishedRun or path
        What `Run.finish` gave back, a record, a provenance file of ours or of MLProvCodeGen 1.x,
        or a notebook that was run and has its provenance file beside it.
    original : the same, optional
        The run that this one reproduces, to compare it with.
    folders : iterable of Path or str
        Further folders with packs, to find what was changed by hand.
    relative, absolute : float, optional
        The tolerance of the comparison, as `verify` takes it.

    Raises
    ------
    RecordError
        If a file holds no record of a run.
    ValueError
        If a tolerance is negative or no number.
    """
    try:
        return _report(run, original, list(folders), tolerance_of(relative, absolute))
    except RecursionError:
        raise RecordError("The record is nested too deeply to be that of a run.") from None


def _report(
    run: Any, original: Any, folders: list[Path | str], tolerance: dict[str, float]
) -> RunReport:
    record, file = _read(run)
    found: Verification | None = None
    if original is not None:
        other = _path(original)
        found = verify(
            record if file is None else file,
            _read(original)[0] if other is None else other,
            **tolerance,
        )
    elif not isinstance(run, Record | str | Path):
        found = getattr(run, "verification", None)
    facts = RunFacts(record)
    changed, edited = changes(record, folders)
    state = State(verdict_of(record, found), edited)
    sections = [
        Section("what", "What was run", _what(facts, folders)),
        Section("results", "Results", results(facts)),
        Section("with", "With what it was run", _with(facts)),
        Section("changes", "Changes made by hand", changed),
        Section("reproduces", "Does it reproduce?", verification(record, found)),
        Section("reproduce", "How to reproduce it", commands(record, file)),
        Section("checklists", "Checklists", [_about_checklists(), *checklists(facts, state)]),
    ]
    return RunReport(
        Page(
            facts.title,
            _subtitle(facts),
            [_status(record), *_badges(state)],
            _tiles(facts, state),
            _summary(facts),
            sections,
            _footer(record, file),
        )
    )


def _read(run: Any) -> tuple[Record, Path | None]:
    if isinstance(run, Record):
        return run, None
    if isinstance(run, str | Path):
        path = _path(run)
        assert path is not None
        return read_run(path)
    record, file = getattr(run, "record", None), getattr(run, "file", None)
    if isinstance(record, Record):
        return record, file if isinstance(file, Path) else None
    raise RecordError(
        "A report is made of a run: its provenance file, its notebook, its record, or what "
        "finish() gave back."
    )


def _path(run: Any) -> Path | None:
    if not isinstance(run, str | Path):
        return None
    try:
        return Path(run).expanduser()
    except (ValueError, RuntimeError) as error:
        raise RecordError(f"{str(run)[:200]!r} is not a path: {error}.") from None


def _what(facts: RunFacts, folders: list[Path | str]) -> list[Block]:
    blocks: list[Block] = list(facts.what_was_run())
    layers = facts.value("model_parameters", "model_description")
    if isinstance(layers, str) and "\n" in layers:
        blocks.append(Code(visible(layers, MAX_MODEL), "text", "Layers of the model"))
    blocks += _values(facts.record, folders)
    if not blocks:
        blocks.append(Paragraph("The run ended before anything of it was recorded.", "fair"))
    return blocks


def _values(record: Record, folders: list[Path | str]) -> Iterator[Block]:
    """All values of the task that count, as far as the pack here says which do."""
    values, notes = dict(record.values), []
    pack = readable_packs(folders).get(str(record.pack.get("name", "")))
    if pack is not None:
        with contextlib.suppress(MlprovError, TypeError, ValueError):
            shown = check_values(pack, values, look=False).shown
            idle = [name for name in values if name in pack.parameters and name not in shown]
            if idle:
                values = {name: value for name, value in values.items() if name not in idle}
                notes.append(f"{len(idle)} that do not count beside these are left out.")
    pairs = [(plain(str(name), 80), say(value) or "–") for name, value in values.items()]
    if len(pairs) > MAX_VALUES:
        notes.append(f"{len(pairs) - MAX_VALUES} more are in the record.")
    if pairs:
        yield Names("All values of the task", pairs[:MAX_VALUES], " ".join(notes))


def _with(facts: RunFacts) -> list[Block]:
    blocks: list[Block] = list(facts.with_what())
    packages = [
        (plain(str(name), 80), plain(str(version), 60))
        for name, version in sorted(facts.record.packages.items(), key=lambda one: str(one[0]))
    ]
    if packages:
        left = len(packages) - MAX_PACKAGES
        note = f"{left} more are in the record." if left > 0 else ""
        title = f"Packages ({len(packages):,})"
        blocks.append(Names(title, packages[:MAX_PACKAGES], note))
    return blocks or [Paragraph("The record does not say with what it was run.", "fair")]


def _about_checklists() -> Paragraph:
    return Paragraph(
        "What the record can answer is filled in below, with the section of this report that has "
        "the values. “In part” means that the authors have something to add. The items are named "
        "in words of our own; the wording that counts is that of the sources."
    )


def _status(record: Record) -> tuple[str, str]:
    return _STATUS.get(record.status, ("Did not come to its end", "fair"))


def _badges(state: State) -> list[tuple[str, str]]:
    badges = []
    if state.verdict:
        tone = {"different": "bad", "within tolerance": "fair"}.get(state.verdict, "good")
        words = "Different from the original" if state.verdict == "different" else state.verdict
        badges.append((words[0].upper() + words[1:], tone))
    else:
        badges.append(("Not yet reproduced", ""))
    if state.edited:
        badges.append(
            (f"{state.edited} cell{'s' if state.edited > 1 else ''} changed by hand", "fair")
        )
    return badges


def _tiles(facts: RunFacts, state: State) -> list[tuple[str, str]]:
    tiles = []
    for name, label in (("accuracy", "Accuracy"), ("loss", "Loss"), ("f1_macro", "F1 (macro)")):
        if text := facts.metric(name):
            tiles.append((label, text))
    for label, text in (
        ("Data", facts.data),
        ("Parameters", facts.parameters),
        ("Whole run", facts.duration),
    ):
        if text:
            tiles.append((label, plain(text, 28)))
    return tiles


def _subtitle(facts: RunFacts) -> str:
    record = facts.record
    when = record.start.strftime("%Y-%m-%d %H:%M") if record.start else ""
    zone = (
        " UTC"
        if when and record.start and record.start.tzinfo and not record.start.utcoffset()
        else ""
    )
    parts = (facts.name, when + zone, say(record.agent.get("name")), say(record.agent.get("orcid")))
    return " · ".join(part for part in parts if part)


def _summary(facts: RunFacts) -> str:
    """The run in sentences, of the parts that are known."""
    model, data = facts.text("model_parameters", "model_name"), facts.data
    size = f" with {facts.parameters} parameters" if facts.parameters else ""
    counts = [f"{facts.samples} samples" if facts.samples else ""]
    counts.append(f"{facts.classes} classes" if facts.classes else "")
    about = ", ".join(part for part in counts if part)
    epochs = facts.text("model_training", "epochs_run", "epochs")
    if model in ("Sequential", "Model"):  # what any network may be called
        model = f"A network ({model})"
    trained = "was trained" if epochs else "was set up"
    sentences = []
    if model or data:
        text = f"{model or 'A model'}{size} {trained}"
        text += f" on {data}{f' ({about})' if about else ''}" if data else ""
        if epochs:
            text += f" for {epochs} epoch{'' if epochs == '1' else 's'}"
        optimizer = facts.text("model_parameters", "optimizer")
        if optimizer:
            rate = facts.text("model_parameters", "optimizer_learning_rate", "learning_rate")
            text += f" with {optimizer}" + (f" at a learning rate of {rate}" if rate else "")
        batch = facts.text("model_training", "batch_size")
        text += f", in batches of {batch}" if batch and epochs else ""
        sentences.append(text + ".")
    told = [
        f"{article} {label} of {text}"
        for name, article, label in (
            ("accuracy", "an", "accuracy"),
            ("loss", "a", "loss"),
            ("f1_macro", "a", "macro F1"),
        )
        if (text := facts.metric(name))
    ]
    if told:
        tested = facts.text("model_evaluation", "number_of_predictions")
        listed = " and ".join([", ".join(told[:-1]), told[-1]] if len(told) > 1 else told)
        on = f"Evaluated on {tested} samples, it" if tested else "It"
        sentences.append(f"{on} reached {listed}.")
    failed = _failure(facts.record)
    if failed:
        sentences.append(failed)
    if facts.duration:
        on = f" on {facts.hardware}" if facts.hardware else ""
        sentences.append(f"The whole run took {facts.duration}{on}.")
    return " ".join(sentences)


def _failure(record: Record) -> str:
    for cell in reversed(record.cells):
        for execution in reversed(cell.executions):
            if execution.status != "ok" and record.status != "finished":
                step = f" ({plain(cell.step, 60).replace('_', ' ')})" if cell.step else ""
                what = "was interrupted" if execution.status == "interrupted" else "failed"
                why = f" with {plain(execution.error, 200)}" if execution.error else ""
                return f"The run {what} in a cell{step}{why}."
    return "" if record.status == "finished" else "The run did not come to its end."


def _footer(record: Record, file: Path | None) -> str:
    parts = [f"Every value is read from the provenance record of run {plain(record.run_id, 80)}"]
    if file is not None:
        parts.append(f"file {plain(file.name, 120)}")
        with contextlib.suppress(OSError):
            parts.append(f"SHA-256 {hashlib.sha256(file.read_bytes()).hexdigest()}")
    return ", ".join(parts) + "."
