"""What rebuilding a notebook gives: a file, or the differences that nobody has accepted."""

from __future__ import annotations

import html
import os
from dataclasses import dataclass, field
from pathlib import Path

from mlprov_widgets.errors import RecordError
from mlprov_widgets.reproduction.differences import ADDED, EDITED, MOVED, REMOVED, EditedCell
from mlprov_widgets.reproduction.versions import BY_PACK

BY_HAND = "Of this, as the file says, the following was changed by hand"

_STYLE = """
.mlprov-reproduction { color: var(--jp-ui-font-color1, CanvasText);
  font: var(--jp-ui-font-size1, 13px)/1.5 var(--jp-ui-font-family, system-ui, sans-serif); }
.mlprov-reproduction code, .mlprov-reproduction pre {
  font-family: var(--jp-code-font-family, monospace); overflow-x: auto; }
.mlprov-reproduction .warning { border-left: 3px solid var(--jp-warn-color1, #d9822b);
  padding-left: .6em; }
.mlprov-reproduction p { margin: .2em 0; }
"""


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

    def _repr_html_(self) -> str:
        parts = [
            f'<div class="mlprov-reproduction"><style>{_STYLE}</style>',
            f"<p>Rebuilt from <code>{html.escape(self.source.name)}</code>, not run: "
            f"<code>{html.escape(str(self.file))}</code></p>",
        ]
        if self.warning:
            parts.append(f'<p class="warning">{html.escape(self.warning)}</p>')
        parts += [f"<p>{html.escape(note)}</p>" for note in self.notes]
        for cell in self.edited:
            title = html.escape(describe(cell))
            parts.append(
                f"<details><summary>{title}</summary><pre>{html.escape(whole_diff(cell))}</pre></details>"
            )
        return "".join([*parts, "</div>"])


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
            f"{source}: {self.counts}. {self.why[0].upper()}{self.why[1:]}, so nothing was "
            "written. Read what differs; then accept it with accept=True, or name the cells with "
            "accept=[…] to keep and restore=[…] to have them as the pack writes them."
        )

    def _render_traceback_(self) -> list[str]:
        """What a notebook shows: the sentence, and below it each difference."""
        diffs = [f"{describe(cell)}, id {cell.id!r}\n{whole_diff(cell)}" for cell in self.edited]
        return [str(self), *(f"\n{text}" for text in [*self.notes, *diffs])]


def describe(cell: EditedCell) -> str:
    """Which cell, and what has become of it, in a few words."""
    where = f"Cell {cell.number}" if cell.number else "A cell"
    step = "".join(char for char in cell.step.replace("_", " ") if char.isprintable())[:60]
    return f"{where}{f' ({step})' if step else ''}: {cell.change}"


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
    return " and ".join(f"{_count(number)} {what}" for what, number in numbers.items() if number)


def _count(number: int) -> str:
    return f"{number} cell was" if number == 1 else f"{number} cells were"
