"""What the text of a cell may mean: numbers, dates, missing values and their many spellings."""

from __future__ import annotations

import re
from collections.abc import Collection

# What pandas.read_csv takes for missing without being told.
# fmt: off
PANDAS_MISSING = frozenset((
    "", "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN",
    "<NA>", "N/A", "NA", "NULL", "NaN", "None", "n/a", "nan", "null",
))
# Compared without regard to case; these mean "missing" in any column ...
_MISSING = frozenset((
    "?", "??", "nan", "-nan", "null", "n/a", "#n/a", "#na", "<na>", r"\n", "#null!", "#div/0!",
    "#value!", "#ref!", "#num!", "#name?", "(null)", "[null]", "<null>",
))
# ... and these only where everything else is a number.
_MISSING_AMONG_NUMBERS = frozenset((
    "-", "--", "---", "–", "—", ".", "..", "...", "…", "*", "**", "/", "na", "nd", "n.d.", "n.d",
    "n/d", "n.a.", "n.a", "n. a.", "none", "nil", "missing", "unknown", "unk", "void", "undefined",
    "unavailable", "not_available", "not available", "not applicable", "no data", "tbd", "tba",
    "k.a.", "k. a.", "s.d.", "n.v.", "nv",
))
# fmt: on
# Longer cells are not matched against patterns, which could take very long.
_LONGEST_NUMBER = 80

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_COMMA_NUMBER = re.compile(r"[+-]?(\d+,?\d*|,\d+)([eE][+-]?\d+)?", re.ASCII)
_INFINITE = re.compile(r"[+-]?inf(inity)?", re.IGNORECASE)
_GROUPS = {
    sign: re.compile(rf"[+-]?[1-9]\d{{0,2}}({re.escape(sign)}\d{{3}})+", re.ASCII) for sign in ",."
}
_ANY_NUMBER = r"[+-]?[\d.,'’_ \u00a0\u202f]*\d[.,]?"
_GROUPED = re.compile(
    r"\(?[+-]?\d{1,3}([,.' ’_\u00a0\u202f]\d{2,3})+([.,]\d+)?\)?|[+-]?\d+[.,]\d+[.,]\d+", re.ASCII
)
_SIGN = r"[$€£¥₹¢₽₩₺₴฿]|(?:USD|EUR|GBP|CHF|JPY|CNY|INR|SEK|NOK|DKK|PLN|CZK|BRL|AUD|CAD|R\$|kr|zł)"
_CURRENCY = re.compile(rf"[-+(]*\s*(?:(?:{_SIGN})\s*{_ANY_NUMBER}|{_ANY_NUMBER}\s*(?:{_SIGN}))\)?")
_IN_BRACKETS = re.compile(rf"\({_ANY_NUMBER}\)|\[{_ANY_NUMBER}\]")
_PERCENT = re.compile(rf"\(?{_ANY_NUMBER}\s*[%‰]\)?")
_UNIT = re.compile(rf"{_ANY_NUMBER}\s?([a-zA-Zµμ°²³/]{{1,6}})")
_CLOCK = r"\d{1,2}:\d{2}(:\d{2}([.,]\d+)?)?\s?([aApP]\.?[mM]\.?)?"
_ZONE = r"\s?(Z|UTC|GMT|[+-]\d{2}:?\d{2}|[+-]\d{2})?"
_DAY = (
    r"(\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.](\d{4}|\d{2})"
    r"|\d{1,2}\.?[ -]?[^\W\d_]{3,10}\.?,?[ -]?(\d{4}|\d{2})"
    r"|[^\W\d_]{3,10}\.? \d{1,2}(st|nd|rd|th)?,? \d{4}"
    r"|[^\W\d_]{3,10}-\d{1,2}-(1[5-9]|20)\d\d"
    r"|(1[5-9]|20)\d\d([-/](0?[1-9]|1[0-2])|[ -]?[Qq][1-4]|-?W\d\d))"
)
_DATE = re.compile(rf"([^\W\d_]{{2,10}}\.?,? )?{_DAY}([T ,]+{_CLOCK})?{_ZONE}|{_CLOCK}{_ZONE}")
_DIGIT_DAY = re.compile(r"(\d{1,4})[-/.]\d{1,2}[-/.]\d{1,4}")
_DAY_OR_MONTH = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](?:\d{4}|\d{2})(?!\d)")
_DIGIT_DATE = re.compile(r"(19|20)\d\d(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])", re.ASCII)

_YES_OR_NO = (
    "true/false yes/no y/n t/f on/off ja/nein j/n oui/non si/no sí/no sì/no sim/não tak/nie да/нет"
)


def is_point_number(text: str) -> bool:
    """Whether pandas reads this as a finite or infinite number, with a decimal point."""
    return _is(_NUMBER, text)


def is_comma_number(text: str) -> bool:
    """Whether this is a number with a decimal comma, or a whole number."""
    return _is(_COMMA_NUMBER, text)


def is_any_number(text: str) -> bool:
    """Whether this is a number, with a decimal point or a decimal comma."""
    return is_point_number(text) or is_comma_number(text)


def _is(number: re.Pattern[str], text: str) -> bool:
    stripped = text.strip()
    if len(stripped) > _LONGEST_NUMBER:
        return False
    return bool(number.fullmatch(stripped) or _INFINITE.fullmatch(stripped))


def is_missing(text: str) -> bool:
    """Whether this means "no value" in any column."""
    stripped = text.strip()
    return stripped in PANDAS_MISSING or stripped.casefold() in _MISSING


def is_missing_among_numbers(text: str) -> bool:
    """Whether this means "no value" in a column that holds numbers otherwise."""
    return is_missing(text) or text.strip().casefold() in _MISSING_AMONG_NUMBERS


def are_groups(values: Collection[str], sign: str) -> bool:
    """Whether every comma, or every point, may stand between thousands, as in 1,037."""
    signed = [value.strip() for value in values if sign in value]
    return bool(signed) and all(map(_GROUPS[sign].fullmatch, signed))


def are_dates(values: Collection[str]) -> bool:
    """Whether (nearly) all of these are dates or times of day."""
    hits = sum(
        len(value) <= _LONGEST_NUMBER and bool(_DATE.fullmatch(value.strip())) for value in values
    )
    return bool(values) and hits >= 0.95 * len(values)


def unlike_dates(values: Collection[str]) -> str:
    """The first of these dates that is written in another way than the first of all, if any is."""
    ways = ((re.sub(r"\d+", "0", day), value) for value in values if (day := _day_of(value)))
    first, _ = next(ways, ("", ""))
    return next((value for way, value in ways if way != first), "")


def _day_of(value: str) -> str:
    """The day in digits of a date, with the year in front as four; empty if there is none."""
    found = _DIGIT_DAY.match(value.strip()[:_LONGEST_NUMBER])
    if not found:
        return ""
    return found[0] if len(found[1]) < 3 else found[0].replace(found[1], "Y", 1)


def may_have_month_first(values: Collection[str]) -> bool:
    """Whether it cannot be told of dates whether the day or the month stands in front."""
    days = [found for value in values if (found := _DAY_OR_MONTH.match(value.strip()))]
    pairs = [(int(found[1]), int(found[2])) for found in days]
    return bool(pairs) and all(max(pair) <= 12 for pair in pairs) and any(a != b for a, b in pairs)


def are_digit_dates(values: Collection[str]) -> bool:
    """Whether all of these, of which there are several, are days such as 20240131."""
    return len(values) > 2 and all(_DIGIT_DATE.fullmatch(value.strip()) for value in values)


def is_boolean_pair(values: Collection[str]) -> bool:
    """Whether the values are yes and no, in one of several languages, or one of the two."""
    found = {value.strip().casefold() for value in values}
    return any(found == set(pair.split("/")) for pair in _YES_OR_NO.split())


def decorated_numbers(values: Collection[str]) -> tuple[str, str]:
    """What keeps a column from being numbers: ``percent signs`` and the like, or nothing.

    Returns
    -------
    tuple of str
        In words, and a value as an example.
    """
    if any(len(value) > _LONGEST_NUMBER for value in values):
        return "", ""
    stripped = [value.strip() for value in values]
    plain = set(filter(is_any_number, stripped))
    for pattern, what in (
        (_PERCENT, "percent signs"),
        (_CURRENCY, "currency signs"),
        (_IN_BRACKETS, "brackets around them"),
        (_GROUPED, "signs between thousands"),
    ):
        hits = [value for value in stripped if pattern.fullmatch(value)]
        # 0.07 could be grouped, but is a plain number first, unless all points are for thousands.
        if pattern is _GROUPED and not (are_groups(hits, ",") or are_groups(hits, ".")):
            hits = [value for value in hits if value not in plain]
        if hits and len(plain.union(hits)) >= 0.9 * len(set(stripped)):
            return what, hits[0]
    units = {value: match[1] for value in stripped if (match := _UNIT.fullmatch(value))}
    few = len(set(units.values())) <= 3 and len(set(stripped)) > 3
    # A letter at some of the numbers, such as 12a and 12b, makes a code of each.
    codes = any(len(unit) == 1 and value[-2].isdigit() for value, unit in units.items())
    if codes and (plain or len(set(units.values())) > 1):
        return "", ""
    if units and few and len(units.keys() | plain) >= 0.9 * len(set(stripped)):
        return "units", next(value for value in stripped if value in units)
    return "", ""
