"""What the calls of ``run.record`` have said about each step, the last word counting."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from mlprov_widgets.capture.describe import Findings
from mlprov_widgets.capture.plain import is_plain, plain
from mlprov_widgets.provenance.record import Value

_CONSTANT = re.compile(r"^[A-Z][A-Z0-9_]*$")
_SECRET = re.compile(r"(^|_)(TOKEN|PASSWORD|PASSWD|SECRET|KEY|CREDENTIALS?)$")


@dataclass
class _Contribution:
    step: str
    cell: object
    execution: object
    findings: Findings
    uses: dict[str, frozenset[str]]
    constants: dict[str, dict[str, Value]] = field(default_factory=dict)


class Contributions:
    """Values of all steps, from all calls so far.

    Parameters
    ----------
    parameters : sequence of dict
        The manifest's rows: ``name``, ``constant``, ``step``, ``term``.
    """

    def __init__(self, parameters: Sequence[Mapping[str, str]]) -> None:
        self._parameters = {row["constant"]: row for row in parameters if row.get("constant")}
        self._all: list[_Contribution] = []

    def add(
        self,
        step: str,
        findings: Findings,
        uses: Mapping[str, frozenset[str]],
        namespace: Mapping[str, Any],
        cell: object,
        execution: object,
    ) -> None:
        """Take over what one call found.

        Parameters
        ----------
        step : str
        findings : Findings
        uses : mapping
            Step to the global names that its code since the last call used.
        namespace : mapping
            The global names and their present values.
        cell, execution : object
            Tell the call's cell from others, and this execution of it from earlier ones: what an
            earlier execution of the same cell said about the step no longer counts.
        """
        new = _Contribution(step, cell, execution, findings, dict(uses))
        kept = []
        for one in self._all:
            if one.step == step and one.cell == cell and one.execution is not execution:
                # Functions that the step's other cells defined are still in use.
                for used_in, names in one.uses.items():
                    new.uses[used_in] = names | new.uses.get(used_in, frozenset())
            else:
                kept.append(one)
        for used_in, names in new.uses.items():
            for name in sorted(names):
                if _CONSTANT.match(name) and name in namespace and not _SECRET.search(name):
                    value = namespace[name]
                    if is_plain(value):
                        self._add_constant(new, used_in, name, plain(value))
        self._all = [*kept, new]

    def _add_constant(self, one: _Contribution, used_in: str, name: str, value: Value) -> None:
        row = self._parameters.get(name, {})
        terms = dict.fromkeys(term for term in (name.lower(), row.get("term")) if term)
        # The paper's table may have the value in another step than the one that uses it.
        for step in dict.fromkeys((used_in, row.get("step") or used_in)):
            one.constants.setdefault(step, {}).update(dict.fromkeys(terms, value))

    @property
    def steps(self) -> list[str]:
        """Steps that a call named, in the order of their last calls."""
        return list(dict.fromkeys(one.step for one in self._all))

    def values(self) -> dict[str, dict[str, Value]]:
        """Step to values: what was told before what was found, that before constants."""
        result: dict[str, dict[str, Value]] = {}
        layers = (
            [one.constants for one in self._all],
            [one.findings.found for one in self._all],
            [one.findings.told for one in self._all],
        )
        for layer in layers:
            for part in layer:
                for step, values in part.items():
                    result.setdefault(step, {}).update(values)
        return result

    def fingerprints(self) -> dict[str, str]:
        """Name to SHA-256, of the last call that had one."""
        result: dict[str, str] = {}
        for one in self._all:
            result.update(one.findings.fingerprints)
        return result
