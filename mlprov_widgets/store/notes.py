"""What people say of runs: a small file a run, which travels with the folder of the records."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from mlprov_widgets._files import read_bytes, reason, write_over
from mlprov_widgets.errors import MlprovError, RecordError
from mlprov_widgets.wording import visible

FOLDER = Path(".mlprov") / "notes"
MAX_NOTE = 5_000
_MOST = 50_000  # bytes
_MOST_FILES = 100_000


@dataclass(frozen=True)
class RunNote:
    """What somebody has said of a run.

    Parameters
    ----------
    run_id : str
    marked : bool
        Whether it is one to come back to.
    text : str
    """

    run_id: str
    marked: bool = False
    text: str = ""


def write_note(folder: Path, note: RunNote) -> None:
    """Keep a note; one that says nothing is removed.

    Parameters
    ----------
    folder : Path
        Of the store.
    note : RunNote

    Raises
    ------
    MlprovError
        If it cannot be kept, or is too long.
    """
    if len(note.text) > MAX_NOTE:
        raise MlprovError("note_too_long", most=MAX_NOTE)
    file = _file(folder, note.run_id)
    try:
        if not note.marked and not note.text:
            file.unlink(missing_ok=True)
            return
        file.parent.mkdir(parents=True, exist_ok=True)
        told = {"run_id": note.run_id, "marked": note.marked, "note": note.text}
        write_over(file, (json.dumps(told, indent=2, ensure_ascii=False) + "\n").encode())
    except (OSError, UnicodeEncodeError) as error:
        why = reason(error) if isinstance(error, OSError) else "it holds characters of no text"
        raise MlprovError("file_not_writable", file=file, reason=why) from None


def read_notes(folder: Path, problems: list[str]) -> list[RunNote]:
    """All notes in a store.

    Parameters
    ----------
    folder : Path
    problems : list of str
        Gets a sentence for each file that holds none.
    """
    found = []
    for file in sorted((folder / FOLDER).glob("*.json"))[:_MOST_FILES]:
        try:
            told = json.loads(read_bytes(file, _MOST))
            run_id, marked, text = told["run_id"], told.get("marked"), told.get("note")
            if not isinstance(run_id, str) or not isinstance(text, str):
                raise TypeError
        except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
            problems.append(f"{FOLDER.as_posix()}/{file.name} is no note on a run.")
        except RecordError as error:
            problems.append(str(error))
        else:
            found.append(RunNote(run_id, marked is True, visible(text[:MAX_NOTE])))
    return found


def _file(folder: Path, run_id: str) -> Path:
    # An id may be anybody's text.
    digest = hashlib.sha256(run_id.encode("utf-8", "replace")).hexdigest()
    return folder / FOLDER / f"{digest[:32]}.json"
