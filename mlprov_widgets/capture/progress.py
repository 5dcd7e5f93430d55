"""The progress bar of a generated notebook: tqdm's, which leaves nothing behind."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Any

from tqdm.auto import tqdm

# How many bars were made in this process.
made = 0
# Called with what a bar is told of an epoch.
listeners: list[Callable[[Mapping[str, Any]], None]] = []


class progress(tqdm):
    """tqdm's bar for people who watch, and nothing for a file that is read later.

    A widget cannot be shown without its kernel: a notebook that is saved with tqdm's own bars
    says "model not found" in their places. Under continuous integration (``CI`` is set) no bar is
    drawn; ``TQDM_DISABLE`` does the same.

    Parameters
    ----------
    *arguments, **options
        As for `tqdm.auto.tqdm`; `leave` is False unless given.
    """

    # Of one whose making was interrupted, which is closed like any other.
    _shown: Any = None
    disable = True

    def __init__(self, *arguments: Any, **options: Any) -> None:
        global made
        made += 1
        options.setdefault("leave", False)
        # tqdm itself reads the second one only where it draws with letters.
        if "CI" in os.environ or os.environ.get("TQDM_DISABLE", "0") not in ("", "0"):
            options["disable"] = True
        if not _draws_widgets():
            super().__init__(*arguments, **options)
            return
        super().__init__(*arguments, display=False, **options)
        if not self.disable:
            from IPython.display import display

            self._shown = display(self.container, display_id=True)

    def set_postfix(
        self, ordered_dict: Any = None, refresh: bool | None = True, **kwargs: Any
    ) -> None:
        """Show numbers beside the bar, and tell whoever listens.

        Parameters
        ----------
        ordered_dict : mapping, optional
        refresh : bool, default True
            Whether the bar is drawn at once.
        **kwargs
            More numbers.
        """
        for listener in listeners:
            listener({**(ordered_dict or {}), **kwargs})
        if not self.disable:
            super().set_postfix(ordered_dict, refresh, **kwargs)

    def close(self) -> None:
        """Take the bar away, also out of the notebook's outputs."""
        super().close()
        if self._shown is not None and not self.leave:
            self._shown.update({}, raw=True)
            self._shown = None


def _draws_widgets() -> bool:
    from tqdm.notebook import tqdm_notebook

    return issubclass(tqdm, tqdm_notebook)
