"""What rebuilding a notebook gives: a file, or the differences that nobody has accepted."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

from mlprov_widgets.errors import RecordError
from mlprov_widgets.present import blocks_to_html
from mlprov_widgets.present.blocks import Block, CodeBlock, Folded, Paragraph
from mlprov_widgets.rebuild.edited_cells import ADDED, EDITED, MOVED, REMOVED, EditedCell
from mlprov_widgets.rebuild.pack_versions import BY_PACK
from mlprov_widgets.wording import capitalize, format_count, humanize

BY_HAND = "Of this, as the file says, the following was changed by hand"


@dataclass(frozen=True)
class Reproduction:
    """A rebuilt notebook; nothing in it has been run.

    It stands for its file wherever a path is expected.

    Parameters
    ----------
    file : Path
        The new notebook or script.
    source : Path
        What it was rebuilt from.
    edited : list of EditedCell
        Code cells in it that are not what the pack writes for the recorded values, and were
        accepted: they are to be read before they are run.
    notes : list of str
        What else a person should know.
    requirements : Path, optional
        The file with the recorded versions, where one was asked for.
    """

    file: Path
    source: Path
    edited: list[EditedCell] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    requirements: Path | None = None

    @property
    def warning(self) -> str:
        """One sentence if there is code that no pack here has written; else empty."""
        counts = _counted(self.edited)
        them = "it" if len(self.edited) == 1 else "them"
        return f"{counts}; read {them} before running." if counts else ""

    def __fspath__(self) -> str:
        return os.fspath(self.file)

    def __str__(self) -> str:
        return str(self.file)

    @property
    def to_read(self) -> list[Block]:
        """What a person should read before running it."""
        warning = [Paragraph(self.warning, "fair")] if self.warning else []
        cells = [Folded(describe(one), [CodeBlock(whole_diff(one), "diff")]) for one in self.edited]
        return [*warning, *map(Paragraph, self.notes), *cells]

    def _repr_html_(self) -> str:
        made = Paragraph(f"Rebuilt from {self.source.name}, not run: {self.file}")
        return blocks_to_html([made, *self.to_read], "mlprov-reproduction")


class EditsNotAcceptedError(RecordError):
    """Cells that no pack here writes, and that nobody has accepted; nothing was written.

    Parameters
    ----------
    source : str
        Name of the file.
    edited : list of EditedCell
        Those that are neither accepted nor restored.
    notes : list of str
        What else a person should know.

    Attributes
    ----------
    counts : str
        ``2 cells were edited by hand and 1 cell was removed``.
    why : str
        Why they have to be accepted: ``it is somebody else's code``.
    """

    def __init__(self, source: str, edited: list[EditedCell], notes: list[str]) -> None:
        self.source, self.edited, self.notes = source, edited, notes
        self.counts = _counted(edited)
        by_pack = all(edit.change in BY_PACK for edit in edited)
        self.why = (
            "nothing but the file vouches for that" if by_pack else "it is somebody else's code"
        )
        super().__init__(
            "edits_not_accepted", file=source, edits=self.counts, why=capitalize(self.why)
        )

    def _render_traceback_(self) -> list[str]:
        """What a notebook shows: the sentence, and below it each difference."""
        diffs = [f"{describe(cell)}, id {cell.id!r}\n{whole_diff(cell)}" for cell in self.edited]
        return [str(self), *(f"\n{text}" for text in [*self.notes, *diffs])]


def describe(cell: EditedCell) -> str:
    """Which cell, and what has become of it, in a few words."""
    where = f"Cell {cell.number}" if cell.number else "A cell"
    step = f" ({humanize(cell.step, 60)})" if cell.step else ""
    return f"{where}{step}: {cell.change}"


def whole_diff(cell: EditedCell) -> str:
    """All of its difference and, by the file's own word, what of that was done by hand."""
    if not cell.by_hand:
        return cell.diff
    return f"{cell.diff}\n\n{BY_HAND}:\n{cell.by_hand}"


def _counted(edited: list[EditedCell]) -> str:
    """How many cells were edited, removed, …: ``2 cells were edited by hand``; empty for none."""
    changes = [cell.change for cell in edited]
    numbers = {
        "edited by hand": sum(change in {EDITED, ADDED} for change in changes),
        "removed": changes.count(REMOVED),
        "moved": changes.count(MOVED),
        "different in another version of the pack, as the file says": sum(
            change in BY_PACK for change in changes
        ),
    }
    numbers["not checked, for want of the pack"] = len(changes) - sum(numbers.values())
    return " and ".join(
        f"{format_count(number, 'cell was', 'cells were')} {what}"
        for what, number in numbers.items()
        if number
    )
