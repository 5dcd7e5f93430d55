"""All that is watched and told in one run, put together for its record."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from mlprov_widgets.capture.calls.contributions import Contributions
from mlprov_widgets.capture.calls.roles import Roles
from mlprov_widgets.capture.calls.terms import DESCRIBERS, describe, named
from mlprov_widgets.capture.cells.arrangement import CapturedExecution
from mlprov_widgets.capture.cells.names import names_of
from mlprov_widgets.capture.cells.reach import constants_in, reachable
from mlprov_widgets.capture.conclusions import conclude
from mlprov_widgets.capture.conclusions.evidence import Evidence
from mlprov_widgets.capture.conclusions.summary import list_operations, list_parts
from mlprov_widgets.capture.notices import print_notice
from mlprov_widgets.capture.objects.fingerprint import weights_fingerprint
from mlprov_widgets.capture.objects.tracking import ObjectTracker
from mlprov_widgets.capture.observations import Observations
from mlprov_widgets.capture.observers import Observers
from mlprov_widgets.capture.values import loaded
from mlprov_widgets.record import PARTS, STEPS, Finding, Record, Step, Value

# Steps during whose work the data should still be what they were when they came in.
_USING_DATA = {"data_preparation", "data_segregation", "model_parameters", "model_training"}


class Recorder:
    """What one run sees and is told.

    Parameters
    ----------
    execution : callable
        Gives the id of the execution that runs now.
    namespace : mapping
        The global names of the notebook or script.
    seed : int or None
        What the generators were seeded with at the start.
    """

    def __init__(
        self, execution: Callable[[], str], namespace: Mapping[str, Any], seed: int | None
    ) -> None:
        self._execution = execution
        self._namespace = namespace
        self._seed = seed
        self.objects = ObjectTracker()
        self.observations = Observations(self.objects, execution)
        self.contributions = Contributions()
        self.roles = Roles(self.observations, namespace)
        self.observers = Observers(self.observations)
        self.findings: list[Finding] = []
        self._unknown: set[str] = set()
        self._constants: dict[str, dict[str, Value]] = {}
        self._bars = _bars_made()
        self._showed: set[str] = set()

    # -- cells --------------------------------------------------------------------------------

    def cell_began(self, captured: CapturedExecution) -> None:
        """A cell is about to run."""
        self.observers.catch_up()
        later = names_of(captured.parsed).later
        names = sorted(later | reachable(captured.parsed, self._namespace))
        # What is there and was not seen before, no cell of this run has made.
        self.objects.track(names, self._namespace, "")
        for name in names:
            tracked = self.objects.find(self._namespace.get(name))
            if tracked is not None:
                captured.known[name] = tracked.current

    def cell_ended(self, captured: CapturedExecution) -> None:
        """A cell has ended."""
        execution, namespace = captured.execution.id, self._namespace
        self.observers.catch_up()
        self.observers.cell_ended()
        reached = reachable(captured.parsed, namespace)
        self.objects.track(sorted({*reached, *captured.execution.binds}), namespace, execution)
        used = (captured.known[name] for name in sorted(reached) if name in captured.known)
        captured.used = list({id(one): one for one in used}.values())
        captured.known.clear()
        captured.constants = constants_in(reached, namespace)
        self._look_for_bars(execution)

    # -- calls --------------------------------------------------------------------------------

    def record(self, step: str, given: Mapping[str, Any], cell: object) -> None:
        """Take over one call of ``run.record``."""
        execution = self._execution()
        self.observers.catch_up()
        # In a script, and in one long cell, nothing else says that a training is over.
        self.observers.cell_ended()
        terms = named(given)
        self._look_for_bars(execution)
        self._name_unknown(step, terms)
        if step == "data_preparation":
            # What preparation makes of the features is no change behind the record's back.
            self.roles.prepared()
        if step in _USING_DATA and "model_training" not in self.contributions.called:
            self._look_at_data(execution)
        self.roles.assign(step, terms)
        seen = self.observers.read_terms(step, terms)
        if step == "model_evaluation":
            self._compare_weights(terms)
        description = describe(step, terms)
        if step == "model_training" and self._seed is not None:
            description.told[step].setdefault("random_seed", self._seed)
        description.add(step, seen)
        self.contributions.add(step, description, cell, execution)

    def add_constants(self, step: str, constants: Mapping[str, Value]) -> None:
        """Take over constants that code outside of any cell has read for a step."""
        self._constants.setdefault(step, {}).update(constants)

    def _look_for_bars(self, execution: str) -> None:
        made = _bars_made()
        if made > self._bars:
            self._showed.add(execution)
        self._bars = made

    def _name_unknown(self, step: str, terms: Mapping[str, Any]) -> None:
        if step not in STEPS and step not in self._unknown:
            alike = [one for one in STEPS if one.replace("_", "") == step.replace("_", "").lower()]
            if alike:
                self._unknown.add(step)
                self._find("unknown_step", "", step=step)
                print_notice("step_unknown", step=step, alike=alike[0])
        for term in terms:
            close = _close_term(term)
            if close and term not in self._unknown:
                self._unknown.add(term)
                self._find("unknown_term", step, term=term, step=step)
                print_notice("term_unknown", term=term, alike=close)

    def _find(self, code: str, about: str, kind: str = "note", **said: Value) -> None:
        self.findings.append(Finding(code, kind, about, self._execution(), said))

    def _look_at_data(self, execution: str) -> None:
        changed = self.roles.changed_data()
        if changed:
            found = describe("data_ingestion", changed)
            self.contributions.add("data_ingestion", found, "data", execution)
            self._find("data_changed_after_ingestion", "data_ingestion", "warning")

    def _compare_weights(self, terms: Mapping[str, Any]) -> None:
        model = terms.get("model")
        if model is None:
            tracked = self.roles.get("model", "model_training", "model_parameters")
            model = tracked.value if tracked is not None else None
        trainings = self.observations.trainings_of(model)
        last = trainings[-1].weights if trainings else ""
        if last and last != (weights_fingerprint(model) or last):
            self._find("changed_after_training", "model_evaluation", "warning", what="weights")

    # -- the record ---------------------------------------------------------------------------

    def fill(self, record: Record, captured: list[CapturedExecution]) -> None:
        """Complete a record that has its cells.

        Parameters
        ----------
        record : Record
            Changed in place.
        captured : list of CapturedExecution
            What ran.
        """
        found = Evidence(self.observations, self.roles, self.contributions)
        conclude(found)
        seen = [one for one in self.observations.seen if one.kind != "train" or one.values]
        record.objects = self.objects.to_record()
        for one in captured:
            one.execution.used = [version.id for version in one.used if version.id]
        record.operations = list_operations(seen, found.parts_of)
        record.parts = list_parts(self.observations.parts)
        record.findings = [*self.findings, *found.findings]
        record.fingerprints = self.contributions.fingerprints()
        record.incomparable = self.contributions.incomparable()
        model = found.model
        if model is not None:
            if self.roles.get("model", "model_parameters") not in (None, model.tracked):
                # Those of another model than the one that was trained.
                record.fingerprints.pop("initial_weights", None)
            if model.trainings and model.trainings[-1].weights:
                record.fingerprints.setdefault("weights", model.trainings[-1].weights)
        if self._showed & {*found.step("model_training").executions}:
            found.set("model_training", {"print_progress": True})
        record.steps = self._steps(record, found, captured)

    def _steps(
        self, record: Record, found: Evidence, captured: list[CapturedExecution]
    ) -> dict[str, Step]:
        steps = {name: found.step(name) for name in dict.fromkeys((*STEPS, *found.steps))}
        for name, step in steps.items():
            step.executions = [one for one in step.executions if one]
            step.constants |= self._constants.get(name, {})
        constants = {one.execution.id: one.constants for one in captured}
        for cell in record.cells:
            if cell.step not in steps or not cell.executions:
                continue
            step = steps[cell.step]
            step.constants |= constants.get(cell.executions[-1].id, {})
            times = [(one.start, one.end) for one in cell.executions if one.start and one.end]
            for start, end in times[-1:]:
                step.start = min(step.start or start, start)
                step.end = max(step.end or end, end)
        called = self.contributions.called
        return {
            name: step
            for name, step in steps.items()
            if name in called or step.values or step.start or step.constants
        }

    def stop(self) -> None:
        """Look at what nothing has ended yet, and watch no more."""
        self.observers.cell_ended()
        self.observers.stop()


def _bars_made() -> int:
    module = loaded("mlprov_widgets.capture.progress")
    return int(getattr(module, "made", 0))


def _close_term(term: str) -> str:
    """The term that was meant, where one was misspelt by little."""
    from difflib import get_close_matches

    if term in DESCRIBERS or term in (*PARTS, "split"):
        return ""
    found = get_close_matches(term, DESCRIBERS, n=1, cutoff=0.85)
    return found[0] if found and abs(len(found[0]) - len(term)) <= 2 else ""
