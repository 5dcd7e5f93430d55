"""What the calls of ``run.record`` have said about each step, the last word counting."""

from __future__ import annotations

from dataclasses import dataclass

from mlprov_widgets.capture.calls.terms import Description
from mlprov_widgets.record import Value

TOLD, OBSERVED = "told", "observed"
# Described like objects, and still no more than what the notebook says.
_GIVEN = {"history", "epochs_run", "evaluation_metrics"}


@dataclass
class _Contribution:
    step: str
    cell: object
    execution: str
    description: Description


class Contributions:
    """Values of all steps, from all calls so far."""

    def __init__(self) -> None:
        self._all: list[_Contribution] = []

    def add(self, step: str, description: Description, cell: object, execution: str) -> None:
        """Take over what one call found.

        Parameters
        ----------
        step : str
        description : Description
        cell : object
            Tells the call's cell from others: what an earlier execution of the same cell said
            about the step no longer counts.
        execution : str
            Id of the execution that calls.
        """
        self._all = [
            one
            for one in self._all
            if one.step != step or one.cell != cell or one.execution == execution
        ]
        self._all.append(_Contribution(step, cell, execution, description))

    @property
    def steps(self) -> list[str]:
        """Steps that a call named, in the order of their last calls."""
        return list(dict.fromkeys(one.step for one in self._all))

    def executions(self, step: str) -> list[str]:
        """Executions that called for a step, in the order of time."""
        return list(dict.fromkeys(one.execution for one in self._all if one.step == step))

    def values(self) -> tuple[dict[str, dict[str, Value]], dict[str, dict[str, str]]]:
        """Step to values, what was told before what was found; and how each of them is known."""
        values: dict[str, dict[str, Value]] = {}
        known: dict[str, dict[str, str]] = {}
        for how in (OBSERVED, TOLD):
            for one in self._all:
                layer = one.description.found if how == OBSERVED else one.description.told
                for step, found in layer.items():
                    values.setdefault(step, {}).update(found)
                    known.setdefault(step, {}).update(
                        {name: TOLD if name in _GIVEN else how for name in found}
                    )
        return values, known

    def declared(self, step: str) -> dict[str, Value]:
        """What the calls for a step itself found for it, before anything was used."""
        found = (one.description.found.get(step, {}) for one in self._all if one.step == step)
        return {name: value for values in found for name, value in values.items()}

    def incomparable(self) -> dict[str, str]:
        """Name of what has no fingerprint to why, by the last call that said it."""
        result: dict[str, str] = {}
        for one in self._all:
            for name in one.description.fingerprints:
                result.pop(name, None)
            result.update(one.description.incomparable)
        return result

    def fingerprints(self) -> dict[str, str]:
        """Name to SHA-256, of the last call that had one."""
        found = (one.description.fingerprints for one in self._all)
        return {name: digest for digests in found for name, digest in digests.items()}
