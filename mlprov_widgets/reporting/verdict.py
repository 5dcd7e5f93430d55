"""Whether a run reproduces another, and how it is reproduced itself, for its report."""

from __future__ import annotations

import contextlib
import re
import shlex
from collections.abc import Iterable
from pathlib import Path

from mlprov_widgets.comparison.outcome import plain_file_name
from mlprov_widgets.comparison.verification import VERDICTS, Verification, tone_of
from mlprov_widgets.errors import PackError
from mlprov_widgets.notebooks.formats import DEFAULT, stem_of
from mlprov_widgets.packs import pack_as_recorded
from mlprov_widgets.present.blocks import Block, CodeBlock, FieldTable, Paragraph
from mlprov_widgets.rebuild.requirements import install_command, python_of
from mlprov_widgets.rebuild.writing import new_stem
from mlprov_widgets.record import Record
from mlprov_widgets.record.entries import Entry
from mlprov_widgets.wording import capitalize, format_value, one_line

_REPRODUCTION = re.compile(r"-reproduction(?:-(\d{1,9}))?$")
_MEANING = {
    "bit-identical": "data, split, weights, predictions and every metric are the same",
    "metric-identical": "every metric is the same to the last digit",
    "within tolerance": "no metric differs by more than the tolerance",
    "different": "at least one metric is not the same, or is missing",
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
        rows = [
            Entry("Original run", format_value(original.get("name")), "original.name"),
            Entry("Its id", format_value(original.get("run_id")), "original.run_id"),
            Entry("Its provenance file", format_value(original.get("provenance_file")), "original"),
            Entry("Tolerance", format_value(original.get("tolerance")), "original.tolerance"),
            Entry("First difference", format_value(original.get("first_difference")), "original"),
            Entry("Where", format_value(original.get("first_difference_at")), "original"),
            Entry("Likely cause", format_value(original.get("cause")), "original.cause"),
        ]
        told = f"When it ended, the run compared itself with the original run. {_meaning(verdict)}"
        table = FieldTable(
            "The comparison that the record holds", [row for row in rows if row.text]
        )
        return [Paragraph(told, tone_of(verdict)), table]
    if original:
        name = format_value(original.get("name")) or "another run"
        return [Paragraph(f"It was run to reproduce {name}, but was not compared with it.", "fair")]
    return [
        Paragraph(
            "This run was not yet reproduced. The next section says how; the report of the new "
            "run then holds the comparison of the two, number by number."
        )
    ]


def _meaning(verdict: str) -> str:
    return f"{capitalize(verdict)}: {_MEANING[verdict]}."


def _compared(found: Verification) -> list[Block]:
    text = f"{found.title}." if found.why_uncomparable else _meaning(found.verdict)
    name = one_line(found.original_name, 120)
    told = f"Compared with the original run{f' of {name}' if name else ''}. {text}"
    blocks = [Paragraph(told, found.tone)]
    blocks += [Paragraph(one_line(one, 600)) for one in found.conclusion.sentences]
    return [*blocks, *found.to_know_blocks(), *found.tables()]


def commands(record: Record, file: Path | None, folders: Iterable[Path | str] = ()) -> list[Block]:
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
            CodeBlock(f"mlprov reproduce {given}", "bash"),
        ]
    again = _next_stem(format_value(record.notebook.get("name")))
    notebook, needs = f"{again}{DEFAULT.suffix}", f"{again}-requirements.txt"
    program = _quoted(f"{again}-env/bin/mlprov")
    packs, about_packs = _packs(record, folders)
    lines = [
        "# the notebook as it ran, and the recorded packages",
        f"mlprov reproduce {given} -o {_quoted(notebook)} --requirements{packs}",
        "# an environment of them",
        install_command(needs, python_of(record)),
        "# run it again there; it ends with the comparison",
        f"{program} run {_quoted(notebook)}",
        "# the report on the new run, with the comparison number by number",
        f"{program} report {_quoted(f'{again}.prov.json')} --against {given} -o "
        + _quoted(f"{again}.html"),
    ]
    told = []
    if _has_seed(record):
        lines += [
            "# the same with five seeds: mean, deviation and interval of its metrics",
            f"mlprov repeat {given} --seeds 5{packs}",
        ]
        told.append(
            "This is one run with one seed, and does not say how much of its results is chance; "
            "the last command runs it with five."
        )
    if record.status != "finished":
        told.append("This run did not come to its end; running it again may take it further.")
    told.append(
        f"This takes the provenance file {one_line(name, 120)} and mlprov-widgets. Cells that were "
        "changed by hand are shown first and have to be accepted, for they are somebody’s code."
    )
    told += about_packs
    place = record.steps.get("data_ingestion")
    source = format_value(place.values.get("source_sha256")) if place else ""
    if source:
        where = format_value(place.values.get("root_location")) if place else ""
        told.append(f"The data file {where} has to lie where it lay, with SHA-256 {source}.")
    return [*map(Paragraph, told), CodeBlock("\n".join(lines), "bash")]


def _has_seed(record: Record) -> bool:
    """Whether a pack wrote all its code, with a seed that can be another one."""
    as_written = all(one.origin == "generated" for one in record.cells if one.kind == "code")
    terms = {one.get("term") or one.get("name") for one in record.parameters}
    return bool(record.pack) and as_written and "random_seed" in terms


def _packs(record: Record, folders: Iterable[Path | str]) -> tuple[str, list[str]]:
    """The option that names the folder of a pack which does not come with this package, and why."""
    name = one_line(record.pack.get("name") or "", 60)
    pack = None
    with contextlib.suppress(PackError):
        pack = pack_as_recorded(name, record.pack.get("sha256") or "", folders)
    if not name or (pack is not None and pack.source.is_bundled):
        return "", []
    version = one_line(record.pack.get("version") or "", 40)
    text = (
        f"The cells are those of the pack {name}{f' (version {version})' if version else ''}, "
        "which does not come with mlprov-widgets. Its folder is named with --packs; without it, "
        "every cell has to be accepted."
    )
    return f" --packs {_quoted(name)}", [text]


def _next_stem(name: str) -> str:
    """What the next reproduction is called; that of a reproduction is not called as this one is."""
    found = _REPRODUCTION.search(stem_of(name))
    return f"{new_stem(name)}-{int(found[1] or 1) + 1}" if found else new_stem(name)


def _quoted(name: str) -> str:
    """A file name as one word for a shell that is no option."""
    return shlex.quote(f"./{name}" if name.startswith("-") else name)


def _file_name(record: Record) -> str:
    name = plain_file_name(str(record.notebook.get("name", ""))[:200])
    stem = stem_of(name) or "run"
    return f"{stem}.prov.json"
