"""How words are taken that may mean that there is no value, as NA does, or be a value."""

from __future__ import annotations

from typing import Literal

# As it seems, column by column, or all of a table in one way.
Words = Literal["", "words", "missing"]
WORDS: tuple[Words, ...] = ("", "words", "missing")
