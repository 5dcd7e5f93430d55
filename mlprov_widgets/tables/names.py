"""Names of columns: repaired where a person could not tell them apart, and shown in sentences."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable

LONGEST_NAME = 100
# Line breaks are visible enough, and tabs are blanks; all other control and format characters
# (zero-width blanks, marks that turn the direction of writing) can make one name look like another.
_INVISIBLE = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def _is_invisible(character: str) -> bool:
    return character not in "\n\r\t" and unicodedata.category(character) in _INVISIBLE


def show(text: str, limit: int = 40) -> str:
    """Text in quotes for a sentence: at most `limit` characters, nothing invisible in it."""
    short = text if len(text) <= limit else text[: limit - 1] + "…"
    plain = "".join(
        character.encode("unicode_escape", "surrogatepass").decode("ascii")
        if character in "\n\r\t" or _is_invisible(character)
        else character
        for character in short
    )
    return f"'{plain}'"


def listed(items: Iterable[str], limit: int = 6) -> str:
    """Names for a sentence: the first few in quotes, then how many more there are."""
    names = list(items)
    text = ", ".join(show(name) for name in names[:limit])
    return text if len(names) <= limit else f"{text} and {len(names) - limit} more"


def _clean(name: str) -> str:
    visible = "".join(character for character in name if not _is_invisible(character)).strip()
    return visible if len(visible) <= LONGEST_NAME else visible[:60] + "…"


def repair_names(header: list[str]) -> tuple[list[str], list[str]]:
    """Give every column a name of its own that can be read and told apart.

    Parameters
    ----------
    header : list of str
        The names as they are in the file.

    Returns
    -------
    names : list of str
        As many names, all different. A name that needs no repair stays as it is.
    notes : list of str
        What was changed and why, in sentences.
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
            if not clean:
                reason = "without a name"
            elif name == clean:
                reason = "with a name that occurs more than once"
            elif len(clean) < min(len(name), LONGEST_NAME) and clean == name.strip():
                reason = "with blanks around the name"
            elif len(name) > LONGEST_NAME:
                reason = "with a very long name"
            else:
                reason = "with characters in the name that cannot be seen"
            changes.setdefault(reason, []).append(
                f"column {position} {show(name)} is called {show(new)} here"
            )
        used.add(new)
        names.append(new)
    notes = []
    for reason, sentences in changes.items():
        columns = "A column" if len(sentences) == 1 else f"{len(sentences)} columns"
        more = f"; and {len(sentences) - 4} more" if len(sentences) > 4 else ""
        notes.append(f"{columns} {reason}: {'; '.join(sentences[:4])}{more}.")
    return names, notes
