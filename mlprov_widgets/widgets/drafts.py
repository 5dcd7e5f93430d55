"""Choices kept between two lives of a kernel, in one small file per notebook."""

from __future__ import annotations

import contextlib
import hashlib
import json
from pathlib import Path
from typing import Any

from mlprov_widgets._files import write_over
from mlprov_widgets.errors import MlprovError

MAX_SAVED = 1_000_000


class Draft:
    """Where the choices of one notebook are kept.

    Parameters
    ----------
    folder : Path
        Where the notebook is.
    name : str
        What tells the notebook from others in the folder.
    store : Path, optional
        Folder for drafts, by default the one that the system keeps for an application's state.
    """

    def __init__(self, folder: Path, name: str, store: Path | None = None) -> None:
        if store is None:
            from platformdirs import user_state_path

            store = user_state_path("mlprov-widgets") / "drafts"
        key = hashlib.sha256(f"{folder.resolve()}\0{name}".encode("utf-8", "replace")).hexdigest()
        self.path = store / f"{key[:32]}.json"
        self._text = ""

    def keep(self, data: dict[str, Any]) -> None:
        """Write the choices; a full or read-only disk only means that nothing is kept."""
        text = json.dumps(data)
        if text == self._text or len(text) > MAX_SAVED:
            return
        with contextlib.suppress(OSError):
            self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            write_over(self.path, text.encode())
            self._text = text

    def read(self) -> Any:
        """The choices that were kept; None if there are none that can be read."""
        try:
            return parse_saved(self.path.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, MlprovError):
            return None


def parse_saved(text: str) -> Any:
    """Saved choices from the text of a file.

    Raises
    ------
    MlprovError
        If it is too large or not JSON.
    """
    if len(text) > MAX_SAVED:
        raise MlprovError("The file is too large to be one of saved choices.")
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise MlprovError("The file is not one of saved choices: it is not valid JSON.") from None
