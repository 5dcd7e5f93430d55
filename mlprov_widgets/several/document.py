"""A comparison as a page of blocks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from mlprov_widgets.messages import Note
from mlprov_widgets.present.blocks import (
    Beside,
    Block,
    Bullets,
    CodeBlock,
    DataTable,
    Folded,
    Legend,
    Page,
    Pairs,
    Paragraph,
    Section,
)
from mlprov_widgets.record.findings import NOTE, TO_KNOW, leaks, others, sentence
from mlprov_widgets.several.columns import MAX_COLUMNS, Column
from mlprov_widgets.several.fields import (
    CHOSEN,
    CODE,
    DATA,
    ENVIRONMENT,
    OBSERVED,
    SEEDS,
    FieldRow,
    cells_of,
    differing,
)
from mlprov_widgets.several.figures import curves_of, dots_of, matrices_of, parallel_of
from mlprov_widgets.several.graph import graphs_of
from mlprov_widgets.several.metrics import BEST
from mlprov_widgets.wording import format_count, format_list, format_number, shorten

if TYPE_CHECKING:
    from mlprov_widgets.several.comparison import RunComparison

MAX_DIFFERENT = 30
MAX_ROWS = 200
MAX_CELLS = 60
MAX_TESTS = 12
FEW_TESTS = 3
# With more columns each has its letter alone as its head.
NAMED_COLUMNS = 5
_MEAN = (
    "A line is the mean of a configuration's runs as far as all of them went, the area their range."
)
_STAR = "★ is the best mean of its row; the last column says whether that is more than chance."


def page_of(told: RunComparison) -> Page:
    """The page of a comparison.

    Parameters
    ----------
    told : RunComparison
    """
    shown = told.columns[:MAX_COLUMNS]
    sections = [
        Section("answer", "Which is better, and is it noise?", _answer(told)),
        Section("differs", "Only what differs", _differs(told, shown)),
        Section("metrics", "Metrics", _metrics(told, shown)),
    ]
    if curves := curves_of(shown):
        several = any(len(one.runs) > 1 for one in shown)
        note = _MEAN if several else ""
        blocks = [*_legend(shown, note), Beside([*curves])]
        sections.append(Section("curves", "Curves", blocks))
    parallel = parallel_of(
        told.configurations,
        told.fields,
        told.place,
        list(dict.fromkeys([told.metric, *told.metric_names])),
    )
    if parallel is not None:
        sections.append(Section("parallel", "All configurations at once", [parallel]))
    if matrices := matrices_of(shown):
        sections.append(Section("matrices", "Confusion matrices", matrices))
    for key, title, groups in (
        ("parameters", "Parameters", (CHOSEN, SEEDS, OBSERVED)),
        ("data", "Data", (DATA,)),
        ("environment", "Environment", (ENVIRONMENT,)),
    ):
        sections.append(Section(key, title, _beside(told, shown, groups)))
    sections.append(Section("code", "Code", _code(told, shown)))
    if graph := _graph(told):
        sections.append(Section("graph", "Both provenance graphs in one", graph))
    return Page(
        "Comparison of runs",
        _title(told),
        _subtitle(told),
        [told.answer.badge, *_badges(told)],
        [],
        # It stands in the first section, with what it rests on.
        "",
        sections,
        "Every value is read from the records of these runs: "
        + format_list([run.name for run in told.runs], 20)
        + ".",
        broad=True,
    )


def text_sections(page: Page) -> list[Section]:
    """The sections as a terminal has room for them: nothing that is folded."""
    return [
        replace(one, blocks=[block for block in one.blocks if not isinstance(block, Folded)])
        for one in page.sections
    ]


def _title(told: RunComparison) -> str:
    runs = format_count(len(told.runs), "run")
    number = len(told.configurations)
    if number == len(told.runs):
        return f"{runs} compared"
    return f"{runs} of {format_count(number, 'configuration')}"


def _subtitle(told: RunComparison) -> str:
    tasks = dict.fromkeys(one.facts.title for one in told.runs if one.facts.title)
    data = dict.fromkeys(one.facts.data for one in told.runs if one.facts.data)
    parts = (format_list(tasks, 3), format_list(data, 3))
    return " · ".join(part for part in parts if part)


def _badges(told: RunComparison) -> list[tuple[str, str]]:
    broken = sum(one.facts.status != "finished" for one in told.runs)
    badges = [(f"{format_count(broken, 'run')} without a result", "bad")] if broken else []
    leaking = sum(run.record is not None and bool(leaks(run.record)) for run in told.runs)
    if leaking:
        badges.append((f"{format_count(leaking, 'run')} with a leak", "bad"))
    parts = told.part
    if told.metric:
        badges.append((f"Judged by {told.known_metric.term}{f', {parts}' if parts else ''}", ""))
    return badges


# -- the answer -------------------------------------------------------------------------------


def _answer(told: RunComparison) -> list[Block]:
    answer = told.answer
    tone = answer.badge[1]
    blocks: list[Block] = [Paragraph(answer.text, tone)]
    dots = dots_of(answer, told.known_metric, told.part) if told.metric else None
    if dots is not None:
        blocks.append(dots)
    if answer.rests_on:
        left = len(answer.rests_on) - MAX_TESTS
        more = [f"{left:,} more tests."] if left > 0 else []
        tests = Bullets("What this rests on", [*answer.rests_on[:MAX_TESTS], *more])
        few = len(answer.rests_on) <= FEW_TESTS
        blocks.append(tests if few else Folded("What this rests on", [replace(tests, title="")]))
    blocks[1:1] = [Paragraph(one, "bad") for one in _leaks(told)]
    cautions = [*answer.cautions, *_confounded(told)]
    if cautions:
        blocks.append(Bullets("To bear in mind", cautions))
    if known := _to_know(told):
        blocks.append(Bullets(TO_KNOW, known))
    if told.problems:
        blocks.append(Bullets("Passed over", told.problems[:20]))
    return blocks


def _confounded(told: RunComparison) -> list[str]:
    """What differs besides the configuration, and may be the cause as well."""
    counted = {id(facts) for _, one in told.answer.ranked for facts in one.runs}
    places = [told.place(run) for run in told.runs if id(run.facts) in counted]
    rows = [row for row in differing(told.fields) if row.group == ENVIRONMENT]
    names = [
        row.label
        for row in rows
        if len({known.raw for at in places if (known := row.values[at]) is not None}) > 1
    ]
    return [Note("caution_environment", names=names)] if names else []


def _leaks(told: RunComparison) -> list[str]:
    found: dict[str, list[str]] = {}
    for run in told.runs:
        for one in leaks(run.record) if run.record is not None else ():
            found.setdefault(sentence(one), []).append(run.name)
    return [f"Leak in {format_list(names, 4)}: {text}" for text, names in list(found.items())[:5]]


def _to_know(told: RunComparison) -> list[str]:
    """Warnings of the runs, each with the runs that it is about."""
    found: dict[str, list[str]] = {}
    for run in told.runs:
        known = others(run.record) if run.record is not None else ()
        for one in known:
            if one.kind != NOTE:
                found.setdefault(sentence(one), []).append(run.name)
    lines = [f"{format_list(names, 4)}: {text}" for text, names in found.items()]
    more = len(lines) - 10
    return [*lines[:10], f"{more:,} more."] if more > 0 else lines


# -- what differs -----------------------------------------------------------------------------


def _differs(told: RunComparison, shown: Sequence[Column]) -> list[Block]:
    rows = differing(told.fields)
    different, more = rows[:MAX_DIFFERENT], len(rows) - MAX_DIFFERENT
    partial = sum(row.is_partial and row not in rows for row in told.fields)
    some = f"Recorded of some alone, and below: {format_count(partial, 'field')}."
    if not rows and not told.code.changes:
        nothing = "Nothing that was recorded of all these runs differs but their results."
        return [Paragraph(nothing), *([Paragraph(some)] if partial else [])]
    cells = [(row.label, *cells_of(row, shown, told.place)) for row in different]
    groups = [row.group for row in different]
    single = all(len(one.runs) == 1 for one in shown)
    if single or len(shown) > NAMED_COLUMNS:
        texts = [one.runs[0].name if single else f"{len(one.runs):,}" for one in shown]
        cells.insert(0, ("File" if single else "Number", *texts))
        groups.insert(0, "Runs")
    code = _code_row(told, shown)
    if code is not None:
        cells.append(code)
        groups.append(CODE)
    notes = [_left_columns(told, shown)]
    if more > 0:
        notes.append(f"{format_count(more, 'more field')} below.")
    notes += [some] if partial else []
    equal = sum(not row.differs and not row.is_partial for row in told.fields)
    notes.append(f"Equal in all: {format_count(equal, 'field')}.")
    note = " ".join(one for one in notes if one)
    legend: list[Block] = _legend(shown, "") if len(shown) > NAMED_COLUMNS else []
    return [*legend, DataTable("", _head(shown), cells, note, groups=groups)]


def _head(shown: Sequence[Column], first: str = "") -> tuple[str, ...]:
    """The names of the columns; of many their letters alone, which pictures and legends name."""
    if len(shown) <= NAMED_COLUMNS:
        return (first, *(one.head for one in shown))
    return (first, *(one.key for one in shown))


def _left_columns(told: RunComparison, shown: Sequence[Column]) -> str:
    left = len(told.columns) - len(shown)
    if left <= 0:
        return ""
    return f"The {len(shown)} best have a column; {left:,} more are in the CSV file."


def _code_row(told: RunComparison, shown: Sequence[Column]) -> tuple[str, ...] | None:
    code = told.code
    if not code.changes:
        return None
    first = next(one for one in shown if one not in code.unknown)
    texts = []
    for column in shown:
        if column in code.unknown:
            texts.append("not recorded")
        elif column is first:
            texts.append(format_count(code.cells, "cell"))
        else:
            number = sum(column.key in change.keys for change in code.changes)
            texts.append(
                f"{format_count(number, 'cell')} unlike {first.key}" if number else "the same"
            )
    return ("Code cells", *texts)


# -- metrics ----------------------------------------------------------------------------------


def _metrics(told: RunComparison, shown: Sequence[Column]) -> list[Block]:
    if not told.metrics:
        return [Paragraph("None of these runs has recorded a metric.", "fair")]
    tested = any(row.chance for row in told.metrics)
    rows, groups = [], []
    for row in told.metrics:
        unit = f" ({row.metric.unit})" if row.metric.unit else ""
        arrow = {"maximize": " ↑", "minimize": " ↓"}.get(row.metric.direction, "")
        arrow = "" if row.metric.baseline_of else arrow
        texts = [text + (BEST if at == row.best else "") for at, text in enumerate(row.texts)][
            : len(shown)
        ]
        chance = (row.chance or "–",) if tested else ()
        rows.append((f"{row.metric.label}{unit}{arrow}", *texts, *chance))
        groups.append(f"On the {row.part}" if row.part else "Part not recorded")
    rows, groups = _grouped(rows, groups)
    head = (*_head(shown), *(("More than chance?",) if tested else ()))
    several = any(len(one.runs) > 1 for one in shown)
    note = _STAR if tested else ""
    note += " ↑ higher is better, ↓ lower is better."
    if several:
        note += " Mean ± standard deviation of the runs."
    if tested and len(told.metrics) > 1:
        note += " Each metric is tested by itself: among many, some differ by chance."
    return [
        DataTable("", head, rows, f"{note} {_left_columns(told, shown)}".strip(), groups=groups)
    ]


def _grouped(
    rows: list[tuple[str, ...]], groups: list[str]
) -> tuple[list[tuple[str, ...]], list[str]]:
    """Rows of one group beside each other, in the order of the first of each."""
    order = list(dict.fromkeys(groups))
    places = sorted(range(len(rows)), key=lambda at: order.index(groups[at]))
    return [rows[at] for at in places], [groups[at] for at in places]


def _legend(shown: Sequence[Column], note: str) -> list[Block]:
    """What the letters stand for."""
    return [Legend([(one.key, shorten(one.name, 60)) for one in shown], note)]


# -- side by side -----------------------------------------------------------------------------


def _beside(told: RunComparison, shown: Sequence[Column], groups: Sequence[str]) -> list[Block]:
    rows = [row for row in told.fields if row.group in groups]
    if not rows:
        return [Paragraph("The records say nothing of this.", "fair")]
    unlike = [row for row in rows if row.differs or row.is_partial]
    equal = [row for row in rows if row not in unlike]
    blocks: list[Block] = []
    if unlike:
        few = unlike[:MAX_ROWS]
        cells = [(row.label, *cells_of(row, shown, told.place)) for row in few]
        left = len(unlike) - len(few)
        note = f"{format_count(left, 'more field')} in the CSV file." if left > 0 else ""
        names = [row.group for row in few] if len(groups) > 1 else ()
        blocks.append(DataTable("", _head(shown), cells, note, groups=names))
    else:
        blocks.append(Paragraph("All that was recorded of this is equal."))
    if equal:
        pairs = [(row.label, _equal(row)) for row in equal]
        blocks.append(
            Folded(f"{format_count(len(equal), 'field')} equal in all", [Pairs("", pairs)])
        )
    return blocks


def _equal(row: FieldRow) -> str:
    return next(one.text for one in row.values if one is not None)


# -- code and graph ---------------------------------------------------------------------------


def _code(told: RunComparison, shown: Sequence[Column]) -> list[Block]:
    code = told.code
    blocks: list[Block] = []
    if code.unknown:
        names = format_list([one.key for one in code.unknown], 12)
        blocks.append(Paragraph(f"The code of {names} was not recorded.", "fair"))
    if len(told.columns) - len(code.unknown) < 2:
        return blocks
    if not code.changes:
        cells = format_count(code.cells, "code cell")
        return [*blocks, Paragraph(f"All {cells} are the same, but for the notebook's name.")]
    first = next(one for one in told.columns if one not in code.unknown)
    changed = format_count(len({one.title.partition(":")[0] for one in code.changes}), "code cell")
    about = (
        f"{changed} of {format_number(code.cells)} differ from {first.key}; + are lines of the "
        f"other, − are lines of {first.key}."
    )
    if any(len(one.runs) > 1 for one in told.columns):
        about += " Of each configuration a run with the same seeds is shown, where there is one."
    blocks.append(Paragraph(about))
    blocks += [CodeBlock(one.diff, "diff", one.title) for one in code.changes[:MAX_CELLS]]
    left = len(code.changes) - MAX_CELLS
    if left > 0:
        blocks.append(Paragraph(f"… and {format_count(left, 'more difference')}."))
    return blocks


def _graph(told: RunComparison) -> list[Block]:
    """Of two columns, their graphs; of more there is no one view that could be read."""
    if told.pair is None:
        return []
    first, second, one, two, *names = told.pair
    blocks = graphs_of(first, second, one, two)
    if all(len(column.runs) == 1 for column in told.columns):
        return blocks
    words = Note("compare_graph_of", first=names[0], second=names[1])
    return [Paragraph(words), *blocks]
