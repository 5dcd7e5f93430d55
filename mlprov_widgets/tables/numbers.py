"""How the numbers of a table are written: decimal signs, signs between thousands, endless ones."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from mlprov_widgets.messages import Note
from mlprov_widgets.tables.amounts import BLANK, OTHER_BLANKS, Style, find_style
from mlprov_widgets.tables.values import (
    are_dates,
    are_groups,
    is_comma_number,
    is_missing_among_numbers,
    is_point_number,
)
from mlprov_widgets.wording import format_list, quote

if TYPE_CHECKING:
    from mlprov_widgets.tables.reading import Reading

# Larger numbers overflow 32-bit floating point as soon as a model computes with them.
LARGEST_NUMBER = 1e30
# Whole numbers up to this are told apart as floating-point numbers; of larger ones not all are.
LARGEST_EXACT = 2**53
_MOST_SPELLINGS = 200


def filled(texts: list[str]) -> list[str]:
    """The cells that have a value, where the column holds numbers otherwise."""
    return [text for text in texts if not is_missing_among_numbers(text)]


def are_numbers(texts: list[str], number: Callable[[str], bool]) -> bool:
    """Whether all cells are numbers with one decimal sign, or say that there is none."""
    found = filled(texts)
    # Where the sign is a comma, a column may have points instead, but not both.
    if number is is_comma_number and any("." in text for text in found):
        number = is_point_number
    return bool(found) and all(map(number, found))


def find_decimal(reading: Reading, values: dict[str, list[str]]) -> None:
    """Set the decimal sign: a comma if numbers are written with one that is not for thousands."""
    present = {name: filled(texts) for name, texts in values.items()}
    with_commas = {
        name: texts
        for name, texts in present.items()
        if all(map(is_comma_number, texts)) and any("," in text for text in texts)
    }
    if not with_commas:
        return
    every_comma = [text for texts in with_commas.values() for text in texts]
    pointed = {
        name: texts
        for name, texts in reading.texts(reading.floats()).items()
        if any("." in text for text in texts)
    }
    if are_groups(every_comma, ","):
        if reading.format["sep"] == "," or pointed:
            return
        example = next(text for text in every_comma if "," in text)
        reading.notes.append(Note("comma_is_decimal", columns=list(with_commas), example=example))
    reading.format["decimal"] = ","
    values |= pointed
    reading.grouped = {
        name
        for name, texts in (present | pointed).items()
        if name not in with_commas and are_groups(filled(texts), ".")
    }
    if mixed := [name for name in pointed if name not in reading.grouped]:
        reading.notes.append(Note("decimal_signs_mixed", commas=list(with_commas), points=mixed))


def note_point_groups(reading: Reading) -> None:
    """Say where points were read as decimal signs that look like signs between thousands."""
    suspects = []
    for name in reading.floats():
        present = reading.frame[name].dropna().abs()
        broken = present[present % 1 != 0]
        # Cheap, and enough to pass over nearly all columns: 1.037 is 1037 thousandths.
        if len(broken) > 2 and broken.min() >= 1 and broken.max() < 1000:
            thousandths = broken * 1000
            if bool(((thousandths - thousandths.round()).abs() < 1e-6).all()):
                suspects.append(name)
    found = {}
    for name, texts in reading.texts(suspects).items():
        present = filled(texts)
        whole = [text for text in present if "." not in text]
        # A column of 1.037 alone is often one of thousandths; beside 950 it seldom is.
        if are_groups(present, ".") and whole and all(len(text.strip("+- ")) < 4 for text in whole):
            found[name] = next(text for text in present if "." in text)
    if found:
        example = next(iter(found.values()))
        reading.notes.append(Note("point_is_decimal", columns=list(found), example=example))


def find_long(reading: Reading, values: dict[str, list[str]]) -> None:
    """Read whole numbers as text that floating-point numbers cannot tell apart."""
    frame = reading.frame
    texts = reading.texts([n for n in reading.floats() if (frame[n].abs() > LARGEST_EXACT).any()])
    texts |= {name: cells for name, cells in values.items() if are_numbers(cells, is_point_number)}
    for name, cells in texts.items():
        if name not in reading.format["text"] and are_too_long(whole_numbers(cells)):
            reading.format["text"] = [*reading.format["text"], name]
            values[name] = cells


def whole_numbers(cells: list[str]) -> Iterator[int]:
    """Those of the cells that are whole numbers, of bearable length."""
    for cell in filled(cells):
        digits = cell.strip()
        if len(digits) < 40 and digits.lstrip("+-").isdecimal():
            yield int(digits)


def are_too_long(whole: Iterable[int]) -> bool:
    """Whether whole numbers, more than a few, are not the same as floating-point numbers."""
    exact = set(whole)
    changed = sum(int(float(number)) != number for number in exact)
    return changed > len(exact) / 4 or len(set(map(float, exact))) < len(exact)


def find_amounts(reading: Reading, values: dict[str, list[str]], plain: set[str]) -> None:
    """Find columns whose numbers have signs between thousands, or minus in an unusual way.

    Parameters
    ----------
    reading : Reading
    values : dict of str to list of str
        The different cells of the columns that are no numbers to pandas.
    plain : set of str
        Those of them that are numbers but for missing values.
    """
    format = reading.format
    styles: dict[str, Style] = {}
    for name, texts in values.items():
        if name in plain or name in format["text"]:
            continue
        grouped = name in reading.grouped
        style = find_style(filled(texts), format["decimal"], grouped=grouped)
        if style is not None and not are_dates(filled(texts)):
            styles[name] = style
    if not styles:
        return
    if all(one.decimal == "," for one in styles.values()) and not _has_points(reading, values):
        format["decimal"] = ","
    _set_thousands(reading, values, styles)
    format["amounts"] = {
        **format["amounts"],
        **{name: one.format for name, one in styles.items() if not _by_pandas(one, format)},
    }
    _note_amounts(reading, values, styles)
    reading.styles = styles


def _has_points(reading: Reading, values: dict[str, list[str]]) -> bool:
    """Whether there are numbers with a decimal point."""
    texts = values | reading.texts(reading.floats())
    numbers = (cells for cells in texts.values() if are_numbers(cells, is_point_number))
    return any("." in cell for cells in numbers for cell in filled(cells))


def _by_pandas(style: Style, format: dict[str, object]) -> bool:
    """Whether `pandas.read_csv` reads it with the options of the whole table."""
    options = (format["thousands"], format["decimal"], "")
    return (style.thousands, style.decimal, style.minus) == options


def _set_thousands(
    reading: Reading, values: dict[str, list[str]], styles: dict[str, Style]
) -> None:
    """Set the sign that most columns have, if pandas can take it; it then counts in all columns."""
    format = reading.format
    signs = Counter(
        one.thousands
        for one in styles.values()
        if one.thousands.isascii() and (one.decimal, one.minus) == (format["decimal"], "")
    )
    signs.pop("", None)
    signs.pop(format["quotechar"], None)
    if not signs:
        return
    sign = max(signs, key=lambda one: signs[one])
    if sign == BLANK and any(
        blank in text for name in styles for text in values[name] for blank in OTHER_BLANKS
    ):
        return  # pandas takes the usual blank only
    format["thousands"] = sign
    for name, texts in values.items():
        if name in styles or name in format["text"]:
            continue
        # What would become a number without the sign, such as 01.02.2024.
        found = filled(texts)
        without = [text.replace(sign, "") for text in found]
        if any(sign in text for text in found) and are_numbers(without, _any_number):
            points = format["decimal"] == "," and all(map(is_point_number, found))
            key = "numeric" if points else "text"
            format[key] = [*format[key], name]


def _any_number(text: str) -> bool:
    return is_point_number(text) or is_comma_number(text)


def _note_amounts(reading: Reading, values: dict[str, list[str]], styles: dict[str, Style]) -> None:
    """Say what was read as what, with a cell of each style as an example."""
    columns: dict[Style, list[str]] = {}
    for name, style in styles.items():
        columns.setdefault(style, []).append(name)
    for style, names in columns.items():
        texts = filled(values[names[0]])
        example = max(texts, key=style.marks)
        number = f"{style.number(example):.15g}"
        reading.notes.append(
            Note("amounts_read", columns=names, example=example.strip(), number=number)
        )


def find_infinite(reading: Reading, values: dict[str, list[str]], numbers: set[str]) -> None:
    """Take numbers without bound, or too large to compute with, for missing values."""
    frame = reading.frame
    texts = reading.texts(
        [name for name in reading.floats() if (frame[name].abs() > LARGEST_NUMBER).any()]
    )
    unlike_text = numbers - set(reading.format["text"])
    texts |= {name: cells for name, cells in values.items() if name in unlike_text}
    found: list[str] = []
    for name, cells in texts.items():
        large = {cell for cell in cells if _is_too_large(cell)}
        if len(large) > min(_MOST_SPELLINGS, max(2, len(cells) // 2)):
            # Not a few odd cells but what the column is: as text it does no harm.
            reading.format["text"] = [*reading.format["text"], name]
            numbers.discard(name)
            example = min(large, key=len)
            reading.notes.append(Note("numbers_too_large", column=name, example=example))
        elif large:
            reading.spellings.setdefault(name, set()).update(large)
            found.append(f"{quote(name)} ({format_list(map(quote, sorted(large)), 3)})")
    if found:
        reading.notes.append(Note("numbers_taken_for_missing", columns=found))


def _is_too_large(cell: str) -> bool:
    try:
        return abs(float(cell.strip().replace(",", "."))) > LARGEST_NUMBER
    except ValueError:
        return False
