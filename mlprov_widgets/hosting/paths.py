"""What is said to visitors, without the folders of the server."""

from __future__ import annotations

import os
import re
import sys
from functools import lru_cache
from pathlib import Path

from mlprov_widgets.hosting import session
from mlprov_widgets.hosting.limits import hosted

_START = r"(?:(?<![\w.-])|(?<=\x1b\[\dm)|(?<=\x1b\[\d\dm)|(?<=\x1b\[\d;\d\dm))"


def without_server_paths(text: str) -> str:
    """A text as it may be shown to a visitor; at one's own computer, the text itself."""
    if not hosted():
        return text
    try:
        working = str(Path.cwd())
    except OSError:  # it was removed
        working = ""
    return _pattern(working, session.own_folders()).sub(
        lambda found: "" if found[0].endswith(os.sep) else "the folder of this app", text
    )


@lru_cache(maxsize=8)
def _pattern(working: str, own: tuple[Path, ...]) -> re.Pattern[str]:
    """Folders of the server that could turn up in a message, the longest first."""
    # At one's own computer nobody should wait for these.
    import sysconfig
    import tempfile

    found = {
        working,
        tempfile.gettempdir(),
        str(Path.home()),
        str(Path(__file__).resolve().parents[2]),
        *(path for path in sys.path if path),
        sys.prefix,
        sys.base_prefix,
        *sysconfig.get_paths().values(),
        *map(str, own),
    }
    if own:
        found.add(str(own[0].parents[1]))
    found |= {os.path.realpath(path) for path in found}
    roots = sorted((path for path in found if len(path) > 1), key=len, reverse=True)
    either, end = "|".join(map(re.escape, roots)), re.escape(os.sep)
    # Quoted it is a folder that is named, else the beginning of a path, of which a terminal's
    # colours may be the last that stands before it.
    return re.compile(rf"'(?:{either})'|{_START}(?:{either})(?:{end}|(?![\w.-]))")
