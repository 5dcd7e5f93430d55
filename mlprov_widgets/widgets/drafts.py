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
FORMAT = 1


def parse_saved(text: str) -> dict[str, Any]:
    """What the text of a file says was chosen, as far as it can be checked without a pack.

    Returns
    -------
    dict
        ``values``, and ``task``, ``page``, ``origin`` and ``written`` where they are known.

    Raises
    ------
    MlprovError
        If it is nothing that a wizard has saved, or of a newer version.
    """
    if len(text) > MAX_SAVED:
        raise MlprovError("choices_too_large")
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        raise MlprovError("choices_not_json") from None
    if not isinstance(data, dict) or not isinstance(data.get("values"), dict):
        raise MlprovError("choices_incomplete")
    version = data.get("format", FORMAT)
    if type(version) is not int or version > FORMAT:
        raise MlprovError("choices_newer")
    if not isinstance(data.get("task", ""), str):
        raise MlprovError("choices_of_other_task", task=data["task"])
    texts = ("page", "written")
    return {name: one for name, one in data.items() if name not in texts or isinstance(one, str)}


class Draft:
    """Where the choices of one notebook are kept.

    Parameters
    ----------
    folder : Path
        Where the notebook is.
    name : str
        What tells the notebook from others in the folder.
    """

    def __init__(self, folder: Path, name: str) -> None:
        from platformdirs import user_state_path

        # The folder that the system keeps for an application's state.
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

    def read(self) -> str:
        """The text of what was kept; empty if there is none that can be read."""
        with contextlib.suppress(OSError, UnicodeDecodeError):
            return self.path.read_text(encoding="utf-8")
        return ""
