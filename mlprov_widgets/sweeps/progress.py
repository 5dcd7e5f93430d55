"""How far a sweep is, and how long the rest will take."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from mlprov_widgets.sweeps.order import Trial

# Seconds between two lines where nobody can take a line back.
_SELDOM = 20.0


@dataclass(frozen=True)
class State:
    """How far a sweep is.

    Parameters
    ----------
    total : int
        Trials that there will be.
    ended, finished, running : int
        Of these, those that have ended, those of them that came to their end, and those that run.
    seconds : float
        Since it began, or was gone on with.
    left : float or None
        Seconds that the rest will take if it goes on like this; None while that is not known.
    """

    total: int
    ended: int
    finished: int
    running: int
    seconds: float
    left: float | None


Progress = Callable[[State], None]
Told = Callable[[list[Trial], int, int], None]


def follow(progress: Progress | bool) -> Told:
    """What a sweep calls whenever a trial begins or ends.

    Parameters
    ----------
    progress : bool or callable
        What shows it; True for a bar.
    """
    if progress is False:
        return lambda _trials, _running, _total: None
    show = Bar() if progress is True else progress
    began, first = time.monotonic(), -1

    def told(trials: Sequence[Trial], running: int, total: int) -> None:
        nonlocal first
        ended = [one for one in trials if one.outcome is not None]
        if first < 0:
            first = len(ended)  # those of before say nothing of how fast it is now
        seconds, done = time.monotonic() - began, len(ended) - first
        left = seconds / done * (total - len(ended)) if done else None
        finished = sum(one.is_finished for one in ended)
        show(State(total, len(ended), finished, running, seconds, left))

    return told


class Bar:
    """A bar in the notebook or the shell; where neither is watched, a line now and then."""

    def __init__(self) -> None:
        self._bar: Any = None

    def __call__(self, state: State) -> None:
        """Show how far it is."""
        from mlprov_widgets.capture.progress import progress

        if self._bar is None:
            often = 0.1 if sys.stderr.isatty() or "ipykernel" in sys.modules else _SELDOM
            self._bar = progress(
                total=state.total, initial=state.ended, unit="trial", mininterval=often
            )
        bar = self._bar
        if failed := state.ended - state.finished:
            bar.set_postfix_str(f"{failed} did not finish", refresh=False)
        bar.update(state.ended - bar.n)
        if state.ended >= state.total and not state.running:
            bar.close()
