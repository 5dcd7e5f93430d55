"""Whether a text is prose: asked only of what is no table, to say so."""

from __future__ import annotations

import re

from mlprov_widgets.tables.dialect import sample_lines

_WORD = re.compile(r"[^\W\d_]{2,}")
_END = re.compile(r"[.!?:]['\")]?(\s|$)")
_FEWEST_WORDS = 3
_MOST_WORDS_OF_A_NAME = 3
# Where an end of a sentence is in one line of so many, and digits are rare, people write.
_LINES_OF_A_SENTENCE = 4
_MOST_DIGITS = 0.1


def is_prose(text: str) -> bool:
    """Whether a text that is no table consists of sentences."""
    lines = [line.strip() for line in sample_lines(text) if line.strip()]
    if not lines or _has_names(lines[0]):
        return False
    shown = " ".join(lines)
    words = len(_WORD.findall(shown))
    digits = sum(character.isdigit() for character in shown)
    ends = sum(_END.search(line) is not None for line in lines)
    return (
        words >= _FEWEST_WORDS * len(lines)
        and ends * _LINES_OF_A_SENTENCE >= len(lines)
        and digits <= _MOST_DIGITS * len(shown)
    )


def _has_names(line: str) -> bool:
    """Whether a line could be a header: names of a few words, and no sentence."""
    return any(
        len(cells) > 1
        and all(cell.strip() and len(cell.split()) <= _MOST_WORDS_OF_A_NAME for cell in cells)
        and not _END.search(line)
        for cells in (line.split(sep) for sep in ",;\t|")
    )
