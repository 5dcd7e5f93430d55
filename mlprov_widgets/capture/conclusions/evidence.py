"""What conclusions are drawn from, and what has been concluded so far."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from mlprov_widgets.capture.calls.contributions import OBSERVED, Contributions
from mlprov_widgets.capture.calls.roles import Roles
from mlprov_widgets.capture.conclusions.trained import main_model, trained_models
from mlprov_widgets.capture.objects.rows import Membership
from mlprov_widgets.capture.objects.tracking import Tracked, is_among
from mlprov_widgets.capture.observations import Observation, Observations
from mlprov_widgets.capture.values import numpy, plain
from mlprov_widgets.record import Finding, Step, Value

_Seen = Iterable[Observation]


class Evidence:
    """The values of all steps: what calls gave at first, and what was observed in the end.

    Parameters
    ----------
    observations : Observations
    roles : Roles
    contributions : Contributions

    Attributes
    ----------
    steps : dict
        Name to `Step`, with its values, how each of them is known, and where it was done.
    findings : list of Finding
    models : list of TrainedModel
        All that were trained.
    model : TrainedModel or None
        The one that the run is about; None where that cannot be said.
    measured : list of Observation
        The predictions that the metrics are of; empty where that is not known.
    membership : Membership
        Which rows are of which part.
    """

    def __init__(
        self, observations: Observations, roles: Roles, contributions: Contributions
    ) -> None:
        self.observations = observations
        self.roles = roles
        self.contributions = contributions
        self.steps = contributions.steps()
        self.findings: list[Finding] = []
        self.models = trained_models(observations)
        self.model = main_model(self.models, roles)
        self.measured: list[Observation] = []
        self.membership = Membership(
            {name: part.forms for name, part in observations.parts.items() if part.forms},
            observations.aliases,
        )

    # -- steps --------------------------------------------------------------------------------

    def step(self, name: str) -> Step:
        """A step as far as it is known."""
        return self.steps.setdefault(name, Step())

    def of(self, step: str) -> dict[str, Value]:
        """The values of a step; empty where it has none."""
        return self.step(step).values

    def set(
        self, step: str, values: Mapping[str, Value], how: str = OBSERVED, seen: _Seen = ()
    ) -> None:
        """Take over values of a step, instead of those that it has, and where they were `seen`."""
        self.of(step).update(values)
        self.step(step).known.update(dict.fromkeys(values, how))
        self.add_executions(step, (one.execution for one in seen))

    def drop(self, step: str, fields: Iterable[str]) -> None:
        """Forget fields of a step."""
        for name in fields:
            self.of(step).pop(name, None)
            self.step(step).known.pop(name, None)

    def add_executions(self, step: str, executions: Iterable[str]) -> None:
        """Note executions in which a step was done."""
        known = self.step(step).executions
        known += [one for one in executions if one not in known]

    def find(
        self, code: str, step: str, execution: str = "", *, kind: str = "warning", **said: Value
    ) -> None:
        """Add a finding.

        Parameters
        ----------
        code : str
            As in `record.findings`.
        step, execution : str
        kind : str, default "warning"
            ``leak``, ``warning`` or ``note``.
        **said : Value
            What its sentence names.
        """
        arguments = {name: plain(one) for name, one in said.items()}
        self.findings.append(Finding(code, kind, step, execution, arguments))

    def seen(self, kind: str) -> list[Observation]:
        """What was seen of a kind, in the order of time."""
        return [one for one in self.observations.seen if one.kind == kind]

    @property
    def estimators(self) -> list[Tracked]:
        """All estimators that are known."""
        return [one for one in self.observations.objects.all if one.kind == "estimator"]

    @property
    def computed(self) -> list[tuple[Observation, float]]:
        """What was computed of answers, and its values, in the order of time."""
        return [
            (one, value)
            for one in self.seen("evaluate")
            if isinstance(value := one.values.get("value"), int | float)
        ]

    # -- rows ---------------------------------------------------------------------------------

    def covers(self, one: Observation, name: str) -> bool:
        """Whether all rows of a part went in."""
        forms = self.observations.parts[name].forms
        return any(bool(numpy.isin(form, one.rows).all()) for form in forms)

    def parts_of(self, one: Observation) -> dict[str, int] | None:
        """How many rows of which part went in; None where that is not known."""
        parts = self.observations.parts
        if not parts:
            return None
        if one.rows is not None and self.membership.names:
            counts = self.membership.count_as_one(one.rows)
            if one.kind == "train" and len(counts) > 1:
                # Of equal rows, in one part or in two, only one was counted.
                for name in set(counts) & set(parts):
                    if self.covers(one, name):
                        counts[name] = parts[name].size or counts[name]
            return counts if set(counts) != {"other"} else None
        for name, part in parts.items():
            versions = [version for tracked in part.objects for version in tracked.versions]
            if any(is_among(version, versions) for version in one.used):
                return {name: int(one.values.get("rows", 0)) or part.size or 0}
        return None


def metric_name(one: Observation) -> str:
    """Name of a metric: of scikit-learn's function, with the average that it took."""
    name, average = one.name.rpartition(".")[2].removesuffix("_score"), one.settings.get("average")
    return f"{name}_{average}" if isinstance(average, str) else name
