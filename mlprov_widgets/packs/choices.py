"""One value that can be chosen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Choice:
    """One value that a parameter with choices can take.

    Parameters
    ----------
    value : str
        As it stands in files, on the command line and in the record.
    label : str
        As it is shown.
    help : str
        What it means, in a sentence.
    code : str
        The Python name or expression that templates write for it; the only way in which a
        choice can become code.
    sets : Mapping
        Defaults that other parameters take when this is chosen.
    """

    value: str
    label: str
    help: str = ""
    code: str = ""
    sets: Mapping[str, Any] = field(default_factory=dict)
