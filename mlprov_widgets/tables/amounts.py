"""Numbers as people write amounts: signs between thousands, and minus in more ways than one."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

BLANK = " "
# What may stand between thousands; all kinds of blanks are one.
THOUSANDS = ("", ",", ".", BLANK, "'", "’", "_")
# How minus may be written other than by a hyphen in front, with the search that makes it one.
MINUS = {
    "": ("", ""),
    "()": (r"^\((.*)\)$", r"-\1"),
    "( )": (r"^\( *(.*?) *\)$", r"-\1"),
    "1-": (r"^(.*)-$", r"-\1"),
    "- ": ("- ", "-"),
    "−": ("−", "-"),
    "–": ("–", "-"),
}
_PATTERNS = {"()", "( )", "1-"}
OTHER_BLANKS = "\u00a0\u2009\u202f"
_LONGEST = 60
_DIGITS = r"\d+"


@dataclass(frozen=True)
class Style:
    """How the numbers of a column are written.

    Parameters
    ----------
    thousands : str
        What stands between thousands, one of `THOUSANDS`.
    decimal : str
        A point or a comma.
    minus : str
        How minus is written, one of `MINUS`: ``()`` as accountants do, perhaps with blanks inside,
        ``1-`` behind the number, with a blank behind it, by a dash of typesetters, or as usual.
    """

    thousands: str = ""
    decimal: str = "."
    minus: str = ""

    @property
    def format(self) -> dict[str, str]:
        """The same as a value of ``amounts`` in `Table.format`."""
        return asdict(self)

    def number(self, text: str) -> float:
        """The number that a cell means."""
        plain = text.strip()
        for old, new, is_pattern in self.replacements():
            plain = re.sub(old, new, plain) if is_pattern else plain.replace(old, new)
        return float(plain)

    def marks(self, text: str) -> int:
        """How many of the signs that are peculiar to this style a cell has."""
        signs = (self.thousands, self.decimal, self.minus[:1].replace("1", "-"))
        return sum(bool(sign) and sign in text for sign in signs)

    def replacements(self) -> list[tuple[str, str, bool]]:
        """What is replaced by what to make it a number, and whether that is a pattern."""
        found: list[tuple[str, str, bool]] = []
        if self.thousands == BLANK:
            found.append((r"\s", "", True))
        elif self.thousands:
            found.append((self.thousands, "", False))
        if self.decimal == ",":
            found.append((",", ".", False))
        if self.minus:
            old, new = MINUS[self.minus]
            found.append((old, new, self.minus in _PATTERNS))
        return found


def is_style(value: Any) -> bool:
    """Whether a value, which may come from a stranger, says how numbers are written."""
    if not isinstance(value, dict) or set(value) != {"thousands", "decimal", "minus"}:
        return False
    return (
        value["thousands"] in THOUSANDS
        and value["decimal"] in (".", ",")
        and value["minus"] in list(MINUS)
        and value["thousands"] != value["decimal"]
    )


def to_amounts(column: pd.Series, style: Style) -> pd.Series:
    """What the notebook does with the columns in ``amounts``."""
    import pandas as pd

    texts = column.str.strip()
    for old, new, is_pattern in style.replacements():
        texts = texts.str.replace(old, new, regex=is_pattern)
    return pd.to_numeric(texts)


def find_style(texts: Collection[str], decimal: str, *, grouped: bool = False) -> Style | None:
    """How the numbers of a column are written, None if these are none or just plain ones.

    Parameters
    ----------
    texts : collection of str
        The filled cells.
    decimal : str
        The decimal sign of the table, which is the likelier one.
    grouped : bool, default False
        Whether a sign is known to stand between thousands although it might be a decimal sign.
    """
    if not texts or max(map(len, texts)) > _LONGEST:
        return None
    stripped = [_with_one_blank(text.strip()) for text in texts]
    minus, bare = _without_minus(stripped)
    if minus is None:
        return None
    for sign in (decimal, "." if decimal == "," else ","):
        for thousands in THOUSANDS:
            style = Style(thousands, sign, minus)
            if style == Style("", sign) or thousands == sign or (grouped and not thousands):
                continue
            if _fits(bare, style):
                return style
    return None


def _with_one_blank(text: str) -> str:
    for blank in OTHER_BLANKS:
        text = text.replace(blank, BLANK)
    return text


def _without_minus(texts: Sequence[str]) -> tuple[str | None, list[str]]:
    """The manner in which minus is written, and the texts without it; None if there are several."""
    found = set()
    bare = []
    for text in texts:
        minus, inner = next(_minus_of(text), ("", text))
        found.add(minus)
        bare.append(inner.strip())
    manners = found - {""}
    if manners == {"()", "( )"}:
        manners = {"( )"}
    if len(manners) > 1:
        return None, []
    minus = next(iter(manners), "")
    if minus[:1] == "(" and all(text.startswith("(") for text in texts):
        return None, []  # numbers in brackets are footnotes, unless some have none
    if minus == "1-" and not any(re.search(r"\d{3}|[.,]\d", text) for text in texts):
        return None, []  # such as the marks 1- and 2
    return minus, bare


def _minus_of(text: str) -> Iterator[tuple[str, str]]:
    """The manners in which minus may be written here, each with what is left."""
    for minus, (pattern, _) in MINUS.items():
        if minus in _PATTERNS:
            match = re.fullmatch(pattern, text)
            # Blanks inside the brackets need a manner of their own.
            if match and (minus != "()" or match[1] == match[1].strip()):
                yield minus, match[1]
        elif minus and text.startswith(pattern):
            yield minus, text.removeprefix(pattern)


def _fits(texts: list[str], style: Style) -> bool:
    """Whether all of these are numbers of a style, and some have what it says."""
    decimal = re.escape(style.decimal)
    whole = _DIGITS
    if style.thousands:
        sign = re.escape(style.thousands)
        whole = rf"(?:{_DIGITS}|[1-9]\d{{0,2}}(?:{sign}\d{{2,3}})*{sign}\d{{3}})"
    number = re.compile(rf"[+-]?(?:{whole}(?:{decimal}\d*)?|{decimal}\d+)", re.ASCII)
    if not all(map(number.fullmatch, texts)):
        return False
    return not style.thousands or any(style.thousands in text for text in texts)
