"""From bytes to text: which encoding a file has, and where it is broken."""

from __future__ import annotations

import codecs
import re

from mlprov_widgets.errors import TableError
from mlprov_widgets.messages import Note
from mlprov_widgets.tables.source import line_of, refuse_other_text

# The marks that a text may begin with; that of UTF-32 begins with one of UTF-16.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    ((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE), "utf-32"),
    ((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE), "utf-16"),
)
# One character in UTF-8 beyond ASCII.
_UTF8_CHARACTER = re.compile(
    rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}"
)
_ASCII = bytes(range(128))
_WINDOWS_ONLY = bytes(set(range(256)) - set(range(0x80, 0xA0)))  # what is deleted to find these
# Words with a letter beyond ASCII in them.
_WORDS = re.compile(r"(?<![^\W\d_])[a-zA-Z]*+[^\x00-\x7f\W\d_][^\W\d_]*")
# What an encoding is guessed from: so many bytes around the first that is odd, so many characters.
_AROUND = 5_000_000
_MOST_CHARACTERS = 200_000
# Signs that stand after a letter without surprise; others stand beside blanks, digits and ends.
_AFTER_LETTERS = "°²³®©™’”»…–—ªº"
_BEFORE_LETTERS = "‘“„«¿¡µ©®§–—"
_NEVER = "ÿþÞðÐ\xad"
# Bytes that text files have no use for: control characters other than \t \n \v \f \r and escape.
_CONTROL = bytes(set(range(32)) - set(b"\0\t\n\v\f\r\x1b"))


def decode_table(data: bytes, file: str) -> tuple[str, str, list[Note]]:
    """Decode the bytes of a table.

    Parameters
    ----------
    data : bytes
        The whole file.
    file : str
        The file's name for messages.

    Returns
    -------
    text : str
        Without a byte order mark.
    encoding : str
        The codec with which pandas reads the same text.
    notes : list of Note
        What a person should know about it.

    Raises
    ------
    TableError
        If the bytes are no text, or text with a broken byte in it.
    """
    notes: list[Note] = []
    encoding = next((name for mark, name in _MARKS if data.startswith(mark)), "")
    if not encoding and b"\0" in data:
        encoding = _unmarked_utf16(data)
        if not encoding:
            raise TableError("table_nul_byte", file=file, line=line_of(data, data.index(b"\0")))
        notes.append(Note("encoding_not_marked", encoding=encoding))
    elif not encoding:
        controls = len(data) - len(data.translate(None, _CONTROL))
        if controls > max(2, len(data) // 1000):
            raise TableError("table_binary", file=file)
    try:
        text = data.decode(encoding or "utf-8")
    except UnicodeDecodeError as error:
        if encoding:
            # What was decoded does not begin with the mark of UTF-8.
            raise _broken(
                data[len(data) - len(error.object) :], encoding, error.start, file
            ) from None
        encoding, notes = _guess_encoding(data, error.start, file)
        text = data.decode(encoding)
    if "\0" in text:
        line = line_of(text, text.index("\0"))
        raise TableError("table_nul_character", file=file, line=line)
    refuse_other_text(text, file)
    return text, encoding or "utf-8", notes


def _unmarked_utf16(data: bytes) -> str:
    """UTF-16 of mostly Western text has a NUL in nearly every second byte, always the same one."""
    sample = data[:100_000]
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    half = len(sample) / 2
    if odd > 0.8 * half and even < 0.02 * half:
        return "utf-16-le"
    if even > 0.8 * half and odd < 0.02 * half:
        return "utf-16-be"
    return ""


def _broken(data: bytes, encoding: str, position: int, file: str) -> TableError:
    whole = data[:position].decode(encoding, "ignore")
    return TableError(
        "table_byte_not_valid",
        file=file,
        line=line_of(whole, len(whole)),
        byte=f"0x{data[position]:02x}",
        encoding=encoding.removesuffix("-sig").upper(),
    )


def _guess_encoding(data: bytes, position: int, file: str) -> tuple[str, list[Note]]:
    """Name the codec of a text that is not UTF-8.

    Parameters
    ----------
    data : bytes
        The whole file.
    position : int
        Where decoding it as UTF-8 failed first.
    file : str
        The file's name for messages.

    Returns
    -------
    encoding : str
        ``latin-1``, ``cp1252`` or what charset-normalizer found.
    notes : list of Note
        One where a person should have a look.

    Raises
    ------
    TableError
        If it is UTF-8 but for a broken byte, or nothing fits.
    """
    broken = TableError(
        "table_byte_not_utf8",
        file=file,
        line=line_of(data, position),
        byte=f"0x{data[position]:02x}",
    )
    total = len(data.translate(None, _ASCII))
    around = data[max(0, position - _AROUND) : position + _AROUND]
    in_utf8 = sum(len(found.group()) for found in _UTF8_CHARACTER.finditer(around))
    cut_off = total == 1 and position == len(data) - 1
    if in_utf8 * 2 >= len(around.translate(None, _ASCII)) or cut_off:
        raise broken
    western = "cp1252" if data.translate(None, _WINDOWS_ONLY) else "latin-1"
    if _reads_as_western(data, western, total):
        if total > 1:
            return western, []
        line = line_of(data, position)
        return western, [Note("encoding_one_character", line=line, encoding=western)]
    found = _ask_charset_normalizer(data, around) if total >= 8 else ""
    if not found:
        raise broken
    return found, [Note("encoding_guessed", encoding=found)]


def _reads_as_western(data: bytes, encoding: str, total: int) -> bool:
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        return False
    doubtful = 0
    for number, match in enumerate(re.finditer(r"[^\x00-\x7f]", text), start=1):
        at = match.start()
        if number > _MOST_CHARACTERS:
            text, total = text[:at], _MOST_CHARACTERS
            break
        before = text[at - 1] if at else " "
        after = text[at + 1] if at + 1 < len(text) else " "
        doubtful += not _is_plausible(match.group(), before, after)
    # Three letters beyond ASCII in a row are common in other alphabets, and rare in Western words.
    foreign = sum(
        len(word)
        for word in map(re.Match.group, _WORDS.finditer(text))
        if re.search(r"[^\x00-\x7f]{3}", word)
        or (len(word) > 1 and not re.search("[a-zA-Z]", word))
    )
    return doubtful <= 0.05 * total and foreign <= 0.2 * total


def _is_plausible(character: str, before: str, after: str) -> bool:
    if character in _NEVER:
        return False
    if character.isalpha() and character not in "ªºµ":
        if character.isupper():
            # A capital inside a word of small letters is how a lost UTF-8 byte reads.
            return not before.islower()
        return before.isalpha() or after.isalpha() or not (before + after).strip("\"',;\t| \r\n()")
    if before.isalpha() and before.isascii() and character not in _AFTER_LETTERS:
        return False
    return not after.isalpha() or character in _BEFORE_LETTERS + _AFTER_LETTERS


def _ask_charset_normalizer(data: bytes, around: bytes) -> str:
    from charset_normalizer import from_bytes

    lines = [line for line in around.splitlines() if not line.isascii()]
    best = from_bytes(b"\n".join(lines)[:50_000]).best()
    if best is None or best.encoding in ("ascii", "utf_8") or best.chaos > 0.1:
        return ""
    try:
        data.decode(best.encoding)
    except (UnicodeDecodeError, LookupError):
        return ""
    return best.encoding.replace("_", "-")
