"""Source code for reading: its tokens, and what a person changed in it."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from mlprov_widgets.wording import visible

if TYPE_CHECKING:
    from pygments.lexer import Lexer

MAX_CODE = 20_000
# Pygments and difflib take quadratic time on lines that no person writes.
MAX_LINE = 2_000
MAX_DIFF_LINES = 1_500


def cut(text: str, limit: int = MAX_CODE) -> str:
    """Text fit to be shown: hidden characters as escapes, and a note where it was cut."""
    shown = visible(text[:limit].replace("\r\n", "\n").replace("\r", "\n"))
    if len(text) <= limit:
        return shown
    return f"{shown}\n… {len(text) - limit:,} more characters are in the file"


def tokens(source: str, language: str = "python") -> list[tuple[str, str]]:
    """Split source code into coloured pieces.

    Parameters
    ----------
    source : str
        At most `MAX_CODE` characters of it are shown.
    language : str, default "python"
        Name of a Pygments lexer; for an unknown one the text stays uncoloured.

    Returns
    -------
    list of tuple of str
        Pygments' short class (empty for plain text) and text; together they are the shown text.
    """
    from pygments.token import STANDARD_TYPES, Token

    text = cut(source)
    lexer = _lexer(language)
    if lexer is None or any(len(line) > MAX_LINE for line in text.split("\n")):
        return [("", text)]
    found: list[tuple[str, str]] = []
    for kind, piece in lexer.get_tokens(text):
        while kind not in STANDARD_TYPES and kind is not Token:
            kind = kind.parent
        name = STANDARD_TYPES.get(kind, "")
        if name in ("w", "n"):
            name = ""
        if found and found[-1][0] == name:
            found[-1] = (name, found[-1][1] + piece)
        elif piece:
            found.append((name, piece))
    return found


def _lexer(language: str) -> Lexer | None:
    from pygments.lexers import get_lexer_by_name
    from pygments.util import ClassNotFound

    try:
        lexer: Lexer = get_lexer_by_name(language, stripnl=False, ensurenl=False)
    except ClassNotFound:
        return None
    return lexer


def difference(before: str, after: str) -> list[tuple[str, str]]:
    """Compare two versions of a text line by line.

    Parameters
    ----------
    before, after : str
        At most `MAX_CODE` characters of each are compared.

    Returns
    -------
    list of tuple of str
        `` `` (in both), ``-`` (only before) or ``+`` (only after), and the line without its end.
    """
    old, new = cut(before.rstrip()).split("\n"), cut(after.rstrip()).split("\n")
    if len(old) > MAX_DIFF_LINES or len(new) > MAX_DIFF_LINES:
        return [("-", line) for line in old] + [("+", line) for line in new]
    lines: list[tuple[str, str]] = []
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    for kind, a, b, c, d in matcher.get_opcodes():
        lines += [(" " if kind == "equal" else "-", line) for line in old[a:b]]
        lines += [("+", line) for line in new[c:d] if kind != "equal"]
    return lines
