"""A report on one run, for an appendix or a reviewer, as a single HTML or Markdown file."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlprov_widgets.comparison import Verification, verify
from mlprov_widgets.comparison.outcome import tolerance_of
from mlprov_widgets.comparison.verification import tone_of
from mlprov_widgets.deprecation import renamed_parameters
from mlprov_widgets.errors import RecordError
from mlprov_widgets.notebooks.beside import read_run
from mlprov_widgets.present import to_html, to_markdown
from mlprov_widgets.present.blocks import Block, Page, Pairs, Paragraph, Section
from mlprov_widgets.record import Record
from mlprov_widgets.record.findings import LEAKS, TO_KNOW, leaks, others, sentence, without_leaks
from mlprov_widgets.record.story import Story
from mlprov_widgets.record.summary import summary_of
from mlprov_widgets.reporting.changes import changes
from mlprov_widgets.reporting.checklist import State, checklists
from mlprov_widgets.reporting.results import results_of
from mlprov_widgets.reporting.surroundings import with_what
from mlprov_widgets.reporting.verdict import commands, verdict_of, verification
from mlprov_widgets.reporting.what import what_was_run
from mlprov_widgets.wording import capitalize, format_count, one_line

MAX_PACKAGES = 500
_TILE = 28
_ABOUT_CHECKLISTS = Paragraph(
    "What the record can answer is filled in below, with the section of this report that has "
    "the values. “In part” means that the authors have something to add. The items are named "
    "in words of our own; the wording that counts is that of the sources."
)


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


@renamed_parameters(folders="packs", pack_folders="packs")
def run_report(
    run: Any,
    original: Any = None,
    *,
    packs: Iterable[Path | str] = (),
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
    packs : iterable of Path or str
        Further folders with packs, to find what was changed by hand.
    relative, absolute : float, optional
        The tolerance of the comparison, as `verify` takes it.

    Returns
    -------
    RunReport

    Raises
    ------
    RecordError
        If a file holds no record of a run.
    ValueError
        If a tolerance is negative or no number.
    """
    try:
        return _report(run, original, list(packs), tolerance_of(relative, absolute))
    except RecursionError:
        raise RecordError("record_too_deep") from None


def _report(
    run: Any, original: Any, folders: list[Path | str], tolerance: dict[str, float]
) -> RunReport:
    record, file = _read(run)
    found: Verification | None = getattr(run, "verification", None)
    if original is not None:
        other, other_file = _read(original)
        found = verify(file or record, other_file or other, **tolerance)
    story = Story(record)
    changed, edited = changes(record, folders)
    state = State(verdict_of(record, found), edited, len(leaks(record)))
    sections = [
        *_known(record),
        Section("what", "What was run", what_was_run(story, folders)),
        Section("results", "Results", results_of(story)),
        Section("with", "With what it was run", _with(story)),
        Section("changes", "Changes made by hand", changed),
        Section("reproduces", "Does it reproduce?", verification(record, found)),
        Section("reproduce", "How to reproduce it", commands(record, file, folders)),
        Section("checklists", "Checklists", [_ABOUT_CHECKLISTS, *checklists(story, state)]),
    ]
    agent = (story.agent, one_line(record.agent.get("orcid") or "", 60))
    page = Page(
        "Report on a run",
        story.title,
        " · ".join(part for part in (story.name, story.began, *agent) if part),
        [(capitalize(story.status), story.tone), *_badges(state)],
        _tiles(story),
        summary_of(story),
        sections,
        _footer(record, file),
    )
    return RunReport(page)


def _known(record: Record) -> Iterator[Section]:
    """What has to be known before the numbers are believed, and leaks by themselves."""
    told: list[Block] = [
        Paragraph(one_line(sentence(one), 400), "fair" if one.kind == "warning" else "")
        for one in others(record)
    ]
    if told:
        yield Section("findings", TO_KNOW, told)
    found: list[Block] = [Paragraph(one_line(sentence(one), 400), "bad") for one in leaks(record)]
    found = found or [Paragraph(one_line(one, 400)) for one in without_leaks(record)]
    if found:
        yield Section("leaks", LEAKS, found)


def _read(run: Any) -> tuple[Record, Path | None]:
    if isinstance(run, Record):
        return run, None
    if isinstance(run, str | Path):
        try:
            path = Path(run).expanduser()
        except (ValueError, RuntimeError) as error:
            raise RecordError("path_invalid", path=str(run), reason=error) from None
        return read_run(path)
    record, file = getattr(run, "record", None), getattr(run, "file", None)
    if isinstance(record, Record):
        return record, file if isinstance(file, Path) else None
    raise RecordError("report_of_no_run")


def _with(story: Story) -> list[Block]:
    blocks: list[Block] = list(with_what(story))
    packages = [
        (one_line(name, 80), one_line(version, 60))
        for name, version in sorted(story.record.packages.items(), key=lambda one: str(one[0]))
    ]
    if packages:
        left = len(packages) - MAX_PACKAGES
        note = f"{left} more are in the record." if left > 0 else ""
        blocks.append(Pairs(f"Packages ({len(packages):,})", packages[:MAX_PACKAGES], note))
    return blocks or [Paragraph("The record does not say with what it was run.", "fair")]


def _badges(state: State) -> list[tuple[str, str]]:
    badges = []
    if state.leaks:
        badges.append((format_count(state.leaks, "leak"), "bad"))
    if state.verdict:
        words = "Different from the original" if state.verdict == "different" else state.verdict
        badges.append((capitalize(words), tone_of(state.verdict)))
    else:
        badges.append(("Not yet reproduced", ""))
    if state.edited:
        badges.append((f"{format_count(state.edited, 'cell')} changed by hand", "fair"))
    return badges


def _tiles(story: Story) -> list[tuple[str, str]]:
    # Of weights that are no numbers, no metric is one that a reader looks for.
    tiles = [(one.described, one.text) for one in story.headlines]
    if story.is_diverged:
        tiles = [("Training", "diverged")]
    known = (("Data", story.data), ("Parameters", story.parameters), ("Whole run", story.duration))
    return [*tiles, *((label, one_line(text, _TILE)) for label, text in known if text)]


def _footer(record: Record, file: Path | None) -> str:
    parts = [f"Every value is read from the provenance record of run {one_line(record.run_id, 80)}"]
    if file is not None:
        parts.append(f"file {one_line(file.name, 120)}")
        with contextlib.suppress(OSError):
            parts.append(f"SHA-256 {hashlib.sha256(file.read_bytes()).hexdigest()}")
    return ", ".join(parts) + "."
