"""The kinds of files that cells are read from and written to: one module and one line each."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from mlprov_widgets._files import decode_text, naming, read_bytes, reason
from mlprov_widgets.errors import RecordError
from mlprov_widgets.notebooks.formats.document import Document as Document
from mlprov_widgets.notebooks.formats.document import NotebookFormat as NotebookFormat
from mlprov_widgets.notebooks.formats.document import SourceCell as SourceCell
from mlprov_widgets.notebooks.formats.ipynb import JupyterNotebook
from mlprov_widgets.notebooks.formats.percent import PercentScript

MAX_BYTES = 200_000_000

# What is written where nothing else is asked for, and what Python runs without Jupyter.
DEFAULT: NotebookFormat = JupyterNotebook()
SCRIPT: NotebookFormat = PercentScript()

_formats: dict[str, NotebookFormat] = {}


def register(one: NotebookFormat) -> Callable[[], None]:
    """Let files of a further format be read and written wherever notebooks are.

    Parameters
    ----------
    one : NotebookFormat
        In place of the one with the same suffix, if there is one.

    Returns
    -------
    callable
        Takes it back.
    """
    earlier = _formats.get(one.suffix)
    _formats[one.suffix] = one

    def undo() -> None:
        del _formats[one.suffix]
        if earlier is not None:
            _formats[one.suffix] = earlier

    return undo


register(DEFAULT)
register(SCRIPT)


def format_of(path: Path | str) -> NotebookFormat | None:
    """The format that the name of a file promises; None where it is none with cells."""
    return _formats.get(Path(path).suffix.lower())


def is_notebook(path: Path | str) -> bool:
    """Whether the name of a file promises what Jupyter opens and runs."""
    one = format_of(path)
    return one is not None and one.is_notebook


def suffixes() -> tuple[str, ...]:
    """How names of files with cells end, notebooks first."""
    return tuple(_formats)


def endings() -> list[str]:
    """The suffixes with what they are for: ``.ipynb for a notebook``."""
    return [f"{suffix} for a {one.noun}" for suffix, one in _formats.items()]


def stem_of(name: str) -> str:
    """The name of a file with cells without its suffix; any other name as it is."""
    one = format_of(name)
    return name if one is None else name[: -len(one.suffix)]


def read_text(path: Path) -> str:
    """Text of a file of reasonable size, with lines that end in a line feed.

    Raises
    ------
    RecordError
        If it is not there, too large or not text.
    """
    try:
        text = decode_text(read_bytes(path, MAX_BYTES))
    except UnicodeDecodeError:
        raise RecordError("document_not_utf8", file=path) from None
    except (OSError, ValueError) as error:
        raise RecordError("file_not_readable", file=path, reason=reason(error)) from None
    return text.replace("\r\n", "\n").replace("\r", "\n")


def read_document(
    path: Path, *, strict: bool = False, otherwise: NotebookFormat = DEFAULT
) -> Document:
    """What a notebook or script holds.

    Parameters
    ----------
    path : Path
    strict : bool, default False
        Whether to refuse what only looks like a file of its format.
    otherwise : NotebookFormat
        How to read a file whose name promises nothing.

    Raises
    ------
    RecordError
        If it cannot be read as what its name says.
    """
    with naming(path):
        return (format_of(path) or otherwise).read(read_text(path), strict=strict)
