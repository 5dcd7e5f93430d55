"""Choices as they were before the last changes, to go back to and forth again."""

from __future__ import annotations

import json
from typing import Any

from mlprov_widgets.widgets.state import WizardState

_MOST_KEPT = 200


class History:
    """Undo and redo of choices: values, task and the run that they began with.

    Parameters
    ----------
    state : WizardState
        Whose choices they are.
    """

    def __init__(self, state: WizardState) -> None:
        self._state = state
        self._past: list[dict[str, Any]] = []
        self._future: list[dict[str, Any]] = []
        self._now = _choices(state)
        self._typed_in = ""

    @property
    def can_undo(self) -> bool:
        """Whether there is something to take back; what is wrong in a field is, too."""
        return bool(self._past or self._state.wrong)

    @property
    def can_redo(self) -> bool:
        """Whether something was taken back."""
        return bool(self._future)

    def keep(self, typed_in: str = "") -> None:
        """Take note of the choices as they are now.

        Parameters
        ----------
        typed_in : str, optional
            Name of the parameter whose field somebody types in: one step, however many keys.
        """
        now = _choices(self._state)
        if now == self._now:
            return
        if not typed_in or typed_in != self._typed_in:
            self._past = [*self._past[1 - _MOST_KEPT :], self._now]
        self._future.clear()
        self._now, self._typed_in = now, typed_in

    def undo(self) -> None:
        """Take the last change back."""
        if self._state.wrong:
            self._turn(self._now)
        elif self._past:
            self._future.append(self._now)
            self._turn(self._past.pop())

    def redo(self) -> None:
        """Make the change again that was taken back last."""
        if self._future:
            self._past.append(self._now)
            self._turn(self._future.pop())

    def _turn(self, choices: dict[str, Any]) -> None:
        visited = set(self._state.visited)
        self._state.restore(json.dumps({**choices, "page": self._state.page}))
        self._state.visited |= visited & {page.name for page in self._state.pages}
        self._now, self._typed_in = _choices(self._state), ""


def _choices(state: WizardState) -> dict[str, Any]:
    """What is chosen, without the page that is looked at."""
    return {name: value for name, value in state.to_dict().items() if name != "page"}
