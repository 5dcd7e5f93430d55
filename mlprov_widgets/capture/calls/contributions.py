"""What the calls of ``run.record`` have said about each step, the last word counting."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from mlprov_widgets.capture.calls.terms import Description
from mlprov_widgets.record import Step, Value
from mlprov_widgets.record.results import COUNTERS

TOLD, OBSERVED = "told", "observed"
# Described like objects, and still no more than what the notebook says.
_GIVEN = {"history", *(f"{counter}s_run" for counter in COUNTERS), "evaluation_metrics"}


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
    def called(self) -> set[str]:
        """Steps that a call named."""
        return {one.step for one in self._all}

    def steps(self) -> dict[str, Step]:
        """Steps with their values, what was told before what was found, and who called for them."""
        steps: defaultdict[str, Step] = defaultdict(Step)
        for how in (OBSERVED, TOLD):
            for one in self._all:
                layer = one.description.found if how == OBSERVED else one.description.told
                for step, found in layer.items():
                    steps[step].values |= found
                    steps[step].known |= {name: TOLD if name in _GIVEN else how for name in found}
        for one in self._all:
            if one.execution not in steps[one.step].executions:
                steps[one.step].executions.append(one.execution)
        return dict(steps)

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
