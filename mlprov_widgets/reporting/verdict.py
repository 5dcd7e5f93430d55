"""Whether a run reproduces another, and how it is reproduced itself, for its report."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

from mlprov_widgets.provenance.record import Record
from mlprov_widgets.reporting.blocks import (
    Block,
    Code,
    Fact,
    Facts,
    Paragraph,
    Table,
    plain,
    say,
)
from mlprov_widgets.reproduction.outcome import plain_file_name
from mlprov_widgets.reproduction.rebuild import new_stem
from mlprov_widgets.reproduction.report import (
    difference_cells,
    item_cells,
    shown_items,
    what_differed,
)
from mlprov_widgets.reproduction.requirements import install_command, python_of
from mlprov_widgets.reproduction.verify import VERDICTS, Verification

_REPRODUCTION = re.compile(r"-reproduction(?:-(\d{1,9}))?$")
_MEANING = {
    "bit-identical": (
        "Bit-identical: data, split, weights, predictions and every metric are the same.",
        "good",
    ),
    "metric-identical": ("Metric-identical: every metric is the same to the last digit.", "good"),
    "within tolerance": ("Within tolerance: no metric differs by more than the tolerance.", "fair"),
    "different": ("Different: at least one metric is not the same, or is missing.", "bad"),
}


def verdict_of(record: Record, found: Verification | None) -> str:
    """The verdict of the comparison, or the recorded one; empty where there is none."""
    if found is not None:
        return found.verdict
    verdict = record.original.get("verdict")
    return verdict if verdict in VERDICTS else ""


def verification(record: Record, found: Verification | None) -> list[Block]:
    """The comparison number by number, or what the record says of one, or that there is none."""
    if found is not None:
        return _compared(found)
    verdict = verdict_of(record, None)
    original = record.original
    if verdict:
        text, tone = _MEANING[verdict]
        rows = [
            Fact("Original run", say(original.get("name")), "original.name"),
            Fact("Its id", say(original.get("run_id")), "original.run_id"),
            Fact("Its provenance file", say(original.get("provenance_file")), "original"),
            Fact("Tolerance", say(original.get("tolerance")), "original.tolerance"),
            Fact("First difference", say(original.get("first_difference")), "original"),
            Fact("Where", say(original.get("first_difference_at")), "original"),
            Fact("Likely cause", say(original.get("cause")), "original.cause"),
        ]
        return [
            Paragraph(
                f"When it ended, the run compared itself with the original run. {text}", tone
            ),
            Facts("The comparison that the record holds", [row for row in rows if row.value]),
        ]
    if original:
        name = say(original.get("name")) or "another run"
        return [Paragraph(f"It was run to reproduce {name}, but was not compared with it.", "fair")]
    return [
        Paragraph(
            "This run was not yet reproduced. The next section says how; the report of the new "
            "run then holds the comparison of the two, number by number."
        )
    ]


def _compared(found: Verification) -> list[Block]:
    text, tone = _MEANING[found.verdict]
    name = plain(found.original_name, 120)
    blocks: list[Block] = [
        Paragraph(f"Compared with the original run{f' of {name}' if name else ''}. {text}", tone)
    ]
    blocks += [Paragraph(plain(one, 600)) for one in found.conclusion.sentences]
    rows, left = shown_items(found.items)
    note = f"Tolerance: {found.relative:g} of a number, or {found.absolute:g}."
    note = f"{left} more were compared. {note}" if left else note
    head = ("", "this run", "original", "")
    blocks.append(Table("Number by number", head, [item_cells(one) for one in rows], note))
    if found.differences:
        cells = [difference_cells(one) for one in found.differences[:100]]
        blocks.append(Table(what_differed(found), ("", "this run", "original"), cells))
    return blocks


def commands(record: Record, file: Path | None) -> list[Block]:
    """What to type to run it again, and to see whether it is the same."""
    name = file.name if file is not None else _file_name(record)
    given = _quoted(name)
    if not record.cells:
        return [
            Paragraph(
                "The record holds no code, so the run cannot be repeated exactly. Its values can "
                "be taken as a starting point: mlprov-widgets writes today’s notebook from them, "
                "and the end of the new run compares its metrics with those recorded here."
            ),
            Code(f"mlprov reproduce {given}", "bash"),
        ]
    again = _next_stem(say(record.notebook.get("name")))
    needs = f"{again}-requirements.txt"
    program = _quoted(f"{again}-env/bin/mlprov")
    lines = [
        "# the notebook as it ran, and the recorded packages",
        f"mlprov reproduce {given} -o {_quoted(f'{again}.ipynb')} --requirements",
        "# an environment of them",
        install_command(needs, python_of(record)),
        "# run it again there; it ends with the comparison",
        f"{program} run {_quoted(f'{again}.ipynb')}",
        "# the report on the new run, with the comparison number by number",
        f"{program} report {_quoted(f'{again}.prov.json')} --against {given} -o "
        + _quoted(f"{again}.html"),
    ]
    blocks: list[Block] = []
    if record.status != "finished":
        blocks.append(
            Paragraph("This run did not come to its end; running it again may take it further.")
        )
    blocks.append(
        Paragraph(
            f"This takes the provenance file {plain(name, 120)} and mlprov-widgets. Cells that "
            "were changed by hand are shown first and have to be accepted, for they are somebody’s "
            "code."
        )
    )
    place = record.steps.get("data_ingestion")
    source = say(place.values.get("source_sha256")) if place else ""
    if source:
        where = say(place.values.get("root_location")) if place else ""
        blocks.append(
            Paragraph(f"The data file {where} has to lie where it lay, with SHA-256 {source}.")
        )
    return [*blocks, Code("\n".join(lines), "bash")]


def _next_stem(name: str) -> str:
    """What the next reproduction is called; that of a reproduction is not called as this one is."""
    found = _REPRODUCTION.search(name.removesuffix(".ipynb").removesuffix(".py"))
    return f"{new_stem(name)}-{int(found[1] or 1) + 1}" if found else new_stem(name)


def _quoted(name: str) -> str:
    """A file name as one word for a shell that is no option."""
    return shlex.quote(f"./{name}" if name.startswith("-") else name)


def _file_name(record: Record) -> str:
    name = plain_file_name(str(record.notebook.get("name", ""))[:200])
    stem = name.removesuffix(".ipynb").removesuffix(".py") or "run"
    return f"{stem}.prov.json"
