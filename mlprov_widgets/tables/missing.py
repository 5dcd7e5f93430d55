"""Which cells have no value, and which only look so: NA may be a region."""

from __future__ import annotations

import re
import statistics
from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING

from mlprov_widgets.errors import TableError
from mlprov_widgets.messages import Note
from mlprov_widgets.tables.source import line_of
from mlprov_widgets.tables.values import (
    PANDAS_MISSING,
    are_dates,
    decorated_numbers,
    is_any_number,
    is_boolean_pair,
    is_missing,
    is_missing_among_numbers,
)

if TYPE_CHECKING:
    from mlprov_widgets.tables.reading import Reading
    from mlprov_widgets.tables.words import Words

# Such words, compared without regard to case. A program that has no value writes some of them, too.
_MAYBE_WORDS = frozenset(("na", "none", "null", "n/a", "nan", "nil"))
# Hardly ever a word of its own.
_SELDOM_WORDS = frozenset(("nan",))
_MOST_CATEGORIES = 50
NaValues = list[str] | dict[str, list[str]]
# How databases write that there is no value, and what pandas makes of it where quotes are escaped.
ESCAPED_NULL, PANDAS_NULL = r"\N", "N"
_ENDS = rb"[,;\t|\r\n]"
_NULL_CELL = re.compile(rb"(?:^|(?<=" + _ENDS + rb"))\\N(?=" + _ENDS + rb"|$)")
_N_CELL = re.compile(rb"(?:^|(?<=" + _ENDS + rb'))"?N"?(?=' + _ENDS + rb"|$)")
_FEWEST = 3
# So much of what the other words have on average, and a word is one of them.
_AS_OFTEN = 0.2
_REPEATED = 2


def missing_texts(texts: list[str], among_numbers: bool) -> set[str]:
    """The cells that mean "missing" and that pandas does not take for missing by itself."""
    test = is_missing_among_numbers if among_numbers else is_missing
    return {text for text in texts if text not in PANDAS_MISSING and test(text)}


def has_escaped_nulls(data: bytes) -> bool:
    r"""Whether there are cells of \N, in a text whose quotes have a backslash before them.

    Raises
    ------
    TableError
        If there are cells of N as well: pandas could not tell them apart.
    """
    found = _NULL_CELL.search(data)
    if found and _N_CELL.search(data):
        raise TableError("escaped_nulls", line=line_of(data, found.start()))
    return found is not None


def find_words(
    reading: Reading, values: Mapping[str, list[str]], numbers: set[str], wanted: Words
) -> dict[str, set[str]]:
    """The cells that are words although they look as if there was no value, by column.

    Parameters
    ----------
    reading : Reading
        Gets a note on what was taken for what.
    values : mapping of str to list of str
        The different cells of the columns that are no numbers to pandas.
    numbers : set of str
        Those of them that are numbers but for missing values.
    wanted : str
        What a person says: ``words``, ``missing``, or nothing.
    """
    doubtful = {
        name: found
        for name, texts in values.items()
        if name not in numbers and (found := set(filter(_may_be_word, texts)))
    }
    # Where numbers are missing, the same sign is likely to mean the same in words.
    signs = _signs_among_numbers(reading, values, numbers) if doubtful and not wanted else set()
    words: dict[str, set[str]] = {}
    for name, texts in doubtful.items():
        counts = Counter(reading.cells(name))
        if wanted:
            kept = texts if wanted == "words" else set()
        elif len(values[name]) > _MOST_CATEGORIES:
            kept = set()
        else:
            kept = {one for one in texts - signs if _is_word(one, counts)}
            kept -= {one for one in kept if _is_unlike_quoted(one, counts, reading)}
        for taken, code in ((kept, "words_kept"), (texts - kept, "words_missing")):
            if taken:
                rows = sum(counts[text] for text in taken)
                shown = sorted({text.strip() for text in taken})
                given = {"words": shown, "words_count": len(shown), "rows": rows}
                reading.notes.append(Note(code, column=name, **given))
        if kept:
            words[name] = kept
        reading.doubtful[name] = sorted({text.strip() for text in texts})
    return words


def _may_be_word(text: str) -> bool:
    return text.strip().casefold() in _MAYBE_WORDS and is_missing(text)


def _signs_among_numbers(
    reading: Reading, values: Mapping[str, list[str]], numbers: set[str]
) -> set[str]:
    frame = reading.frame
    others = [n for n in reading.columns if n not in values and frame[n].isna().any()]
    texts = reading.texts(others) | {name: values[name] for name in numbers}
    return {cell for cells in texts.values() for cell in cells if _may_be_word(cell)}


def _is_word(text: str, counts: Mapping[str, int]) -> bool:
    """Whether a cell stands beside other words as often as these, and as one of them."""
    others = {one: n for one, n in counts.items() if not is_missing(one)}
    if not others or text.strip().casefold() in _SELDOM_WORDS or not _are_words(list(others)):
        return False
    usual = statistics.fmean(others.values())
    # Texts that hardly repeat are no classes, one of which this could be.
    return usual >= _REPEATED and counts[text] >= max(_FEWEST, _AS_OFTEN * usual)


def _are_words(texts: list[str]) -> bool:
    """Whether these are words, rather than yes and no, dates, or numbers with something to them."""
    if is_boolean_pair(texts) or are_dates(texts) or decorated_numbers(texts)[0]:
        return False
    return sum(map(is_any_number, texts)) < len(texts) / 2


def _is_unlike_quoted(text: str, counts: Mapping[str, int], reading: Reading) -> bool:
    """Whether a cell stands without quotes where other words have them: R writes NA like that."""
    format = reading.format
    others = [one for one in counts if not is_missing(one)]
    common = max(others, key=lambda one: counts[one])

    def is_there(cell: str) -> bool:
        try:
            return cell.encode(format["encoding"]) in reading.data
        except UnicodeError:
            return False

    sep, quote = format["sep"], format["quotechar"]
    quoted = [is_there(f"{quote}{one}{quote}") for one in (text, common)]
    bare = any(is_there(f"{sep}{common}{end}") for end in (sep, "\n", "\r"))
    return quoted == [False, True] and not bare


def set_missing(
    reading: Reading, values: Mapping[str, list[str]], words: Mapping[str, set[str]]
) -> None:
    """Set the keys of the format that say which cells have no value."""
    format, spellings = reading.format, reading.spellings
    if not words:
        format["na_values"] = _for_pandas(_na_values(spellings, values), reading)
        return
    # What pandas takes for missing by itself has to be said as well.
    format["keep_default_na"] = False
    frame = reading.frame
    others = [n for n in reading.columns if n not in values and frame[n].isna().any()]
    texts = {**values, **reading.texts(others)}
    every = {}
    for name in reading.columns:
        known = {text for text in texts.get(name, ()) if text in PANDAS_MISSING}
        every[name] = (known | spellings.get(name, set()) | {""}) - words.get(name, set())
    format["na_values"] = _for_pandas(_na_values(every, texts), reading)


def _for_pandas(spellings: NaValues, reading: Reading) -> NaValues:
    """The same without the backslash that pandas takes away before it compares."""
    if not reading.has_escaped_nulls:
        return spellings
    if isinstance(spellings, dict):
        return {name: _without_backslash(texts) for name, texts in spellings.items()}
    return _without_backslash(spellings)


def _without_backslash(texts: list[str]) -> list[str]:
    return [PANDAS_NULL if text == ESCAPED_NULL else text for text in texts]


def _na_values(spellings: Mapping[str, set[str]], values: Mapping[str, list[str]]) -> NaValues:
    """One list for the whole table, unless a text means "missing" in some columns only."""
    every = set().union(*spellings.values())
    for name, texts in values.items():
        if every.intersection(texts) - spellings.get(name, set()):
            return {name: sorted(texts) for name, texts in spellings.items()}
    return sorted(every)
