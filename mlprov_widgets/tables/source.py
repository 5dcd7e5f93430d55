"""The bytes of a file; what is plainly no table of text is recognised and refused here."""

from __future__ import annotations

import json
import re
import stat
from pathlib import Path

from mlprov_widgets._files import reason
from mlprov_widgets.errors import TableError

LARGEST_FILE = 2**30

_SIGNATURES = (
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"II*\x00", "a TIFF picture"),
    (b"MM\x00*", "a TIFF picture"),
    (b"%PDF", "a PDF document"),
    (b"\x1f\x8b", "a file compressed with gzip; unpack it first"),
    (b"BZh", "a file compressed with bzip2; unpack it first"),
    (b"\xfd7zXZ\x00", "a file compressed with xz; unpack it first"),
    (b"\x28\xb5\x2f\xfd", "a file compressed with zstd; unpack it first"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive; unpack it first"),
    (b"Rar!\x1a\x07", "a RAR archive; unpack it first"),
    (
        b"PK\x03\x04",
        "an Excel workbook (XLSX), an OpenDocument sheet or a ZIP archive; open it in a "
        "spreadsheet program and save it as CSV, or unpack it",
    ),
    (b"PK\x05\x06", "an empty ZIP archive"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook (XLS); open it and save it as CSV"),
    (b"PAR1", "a Parquet file; save it as CSV"),
    (b"ARROW1", "an Arrow file; save it as CSV"),
    (b"FEA1", "a Feather file; save it as CSV"),
    (b"\x89HDF", "an HDF5 file; save its table as CSV"),
    (b"\x93NUMPY", "a NumPy array; save it as CSV"),
    (b"SQLite format 3\x00", "an SQLite database; save its table as CSV"),
    (b"\x7fELF", "a program"),
)
_HTML = re.compile(r"\s*<(!doctype|html|head|body|table|div|script|svg|\?xml|!--)", re.IGNORECASE)
# pandas unpacks a file with one of these endings, whatever is in it.
_PACKED_ENDINGS = (".gz", ".bz2", ".zip", ".xz", ".zst", ".tar", ".tar.gz", ".tar.xz", ".tar.bz2")


def line_of(data: bytes | str, position: int) -> int:
    """Number of the line, from 1, that holds a position; CRLF, LF and a bare CR end lines."""
    before = data[:position]
    if isinstance(before, str):
        before = before.encode("utf-8", "surrogatepass")
    return before.count(b"\n") + before.count(b"\r") - before.count(b"\r\n") + 1


def table_bytes(path: Path) -> bytes:
    """Read a file that may be a table.

    Raises
    ------
    TableError
        If it cannot be read, is empty, too large, or of another kind than text.
    """
    file = path.name or str(path)
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            raise TableError("table_is_folder", file=file)
        if not stat.S_ISREG(status.st_mode):
            raise TableError("table_not_ordinary", file=file)
        if status.st_size > LARGEST_FILE:
            raise TableError("table_too_large", file=file, size=status.st_size, most=LARGEST_FILE)
        data = path.read_bytes()
    except FileNotFoundError:
        raise TableError("table_missing", file=file, folder=path.parent) from None
    except PermissionError:
        raise TableError("table_no_permission", file=file) from None
    except (OSError, ValueError) as error:
        raise TableError("table_unreadable", file=file, reason=reason(error)) from None
    if not data.strip(b"\0 \t\r\n\xef\xbb\xbf"):
        raise TableError("table_empty", file=file)
    for signature, kind in _SIGNATURES:
        if data.startswith(signature):
            raise TableError("table_of_another_kind", file=file, kind=kind)
    if path.name.lower().endswith(_PACKED_ENDINGS):
        raise TableError("table_called_like_packed", file=file)
    return data


def refuse_other_text(text: str, file: str) -> None:
    """Refuse text that is plainly no table: HTML, JSON, RTF, ARFF."""
    if _HTML.match(text):
        raise TableError("table_is_html", file=file)
    start = text[:200].lstrip()
    if start.startswith(("{\\rtf", "{\\urtf")):
        raise TableError("table_is_rtf", file=file)
    if start[:1] in ("{", "["):
        first_line = text.lstrip().splitlines()[0]
        for candidate in (first_line, text):
            try:
                found = json.loads(candidate)
            except (ValueError, RecursionError):
                continue
            if isinstance(found, dict | list):
                raise TableError("table_is_json", file=file)
    if re.search(r"^\s*@relation\b", text[:20_000], re.IGNORECASE | re.MULTILINE):
        raise TableError("table_is_arff", file=file)
