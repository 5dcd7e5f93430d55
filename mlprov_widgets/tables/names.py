"""Names of columns: repaired where a person could not tell them apart, and shown in sentences."""

from __future__ import annotations

import unicodedata
from collections import Counter

from mlprov_widgets.messages import Note
from mlprov_widgets.wording import quote

LONGEST_NAME = 100
# Line breaks are visible enough, and tabs are blanks; all other control and format characters
# (zero-width blanks, marks that turn the direction of writing) can make one name look like another.
_INVISIBLE = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def _is_invisible(character: str) -> bool:
    return character not in "\n\r\t" and unicodedata.category(character) in _INVISIBLE


def _clean(name: str) -> str:
    visible = "".join(character for character in name if not _is_invisible(character)).strip()
    return visible if len(visible) <= LONGEST_NAME else visible[:60] + "…"


def repair_names(header: list[str]) -> tuple[list[str], list[Note]]:
    """Give every column a name of its own that can be read and told apart.

    Parameters
    ----------
    header : list of str
        The names as they are in the file.

    Returns
    -------
    names : list of str
        As many names, all different. A name that needs no repair stays as it is.
    notes : list of Note
        What was changed and why.
    """
    cleaned = [_clean(name) for name in header]
    taken = Counter(name for name, clean in zip(header, cleaned, strict=True) if name == clean)
    names: list[str] = []
    used: set[str] = set()
    reached: dict[str, int] = {}
    changes: dict[str, list[str]] = {}
    for position, (name, clean) in enumerate(zip(header, cleaned, strict=True), start=1):
        new = clean or f"column_{position}"
        stem, dot = new, "." if name == clean else "_"
        # Goes on where it came to for the last column of this name, or a thousand take seconds.
        start = number = reached.get(f"{stem}{dot}", 1)
        while new in used or ((number > start or name != clean) and new in taken):
            new = f"{stem}{dot}{number}"
            number += 1
        reached[f"{stem}{dot}"] = number
        if new != name:
            changes.setdefault(_reason(name, clean), []).append(
                f"column {position} {quote(name)} is called {quote(new)} here"
            )
        used.add(new)
        names.append(new)
    return names, [
        Note("names_repaired", columns=len(clauses), reason=reason, changes=joined(clauses, 4))
        for reason, clauses in changes.items()
    ]


def _reason(name: str, clean: str) -> str:
    if not clean:
        return "without a name"
    if name == clean:
        return "with a name that occurs more than once"
    if len(clean) < min(len(name), LONGEST_NAME) and clean == name.strip():
        return "with blanks around the name"
    if len(name) > LONGEST_NAME:
        return "with a very long name"
    return "with characters in the name that cannot be seen"


def joined(clauses: list[str], most: int) -> str:
    """The first clauses with semicolons between them, then how many more there are."""
    more = [f"and {len(clauses) - most:,} more"] if len(clauses) > most else []
    return "; ".join([*clauses[:most], *more])
