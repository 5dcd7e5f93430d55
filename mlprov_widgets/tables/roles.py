"""What a column of a table is for, whatever it holds."""

from __future__ import annotations

from typing import Literal

Role = Literal["class", "number", "text", "time", "group", "id", "none"]

# class: one of a few values; number: a quantity; text: words to be read; time: a moment; group:
# what several rows belong to; id: another value in each row; none: of no use.
ROLES: tuple[Role, ...] = ("class", "number", "text", "time", "group", "id", "none")
# A column of these can be a feature as it is, and be predicted.
USED: tuple[Role, ...] = ("class", "number")
