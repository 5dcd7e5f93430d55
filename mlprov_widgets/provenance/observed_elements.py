"""Objects, operations, parts and findings as PROV: what happened, beside what the cells say."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any

from mlprov_widgets.provenance.container import Document, qualified
from mlprov_widgets.provenance.literals import Literal, display, encode
from mlprov_widgets.provenance.terms import attributes_of
from mlprov_widgets.provenance.vocabulary import RUN, field_term, local_name
from mlprov_widgets.record import Operation, Part, Step, TrackedObject, Value
from mlprov_widgets.record.findings import sentence
from mlprov_widgets.record.results import counter_of

# What a row of a history is, by what it is counted by.
_ROWS = {
    "epoch": "mlprov:Epoch",
    "fold": "mlprov:Fold",
    "trial": "mlprov:Trial",
    "step": "mlprov:TrainingStep",
}
_MOST_EPOCHS = 1_000  # rows of a history that are entities of their own
# What an object is in the ML Schema, by its role.
_ROLES = {
    "model": ("mls:Model",),
    "preprocessing": ("mls:Implementation",),
    "optimizer": ("mls:Implementation",),
}


def version_name(version: str) -> str:
    """Name of the entity that stands for a version of an object."""
    return f"{RUN}:object.{local_name(version)}"


def operation_name(operation: str) -> str:
    """Name of the activity that stands for an operation."""
    return f"{RUN}:operation.{local_name(operation)}"


def part_name(part: str) -> str:
    """Name of the entity that stands for a part of the data."""
    return f"{RUN}:part.{local_name(part)}"


class ObservedElements:
    """Writes what was observed.

    Parameters
    ----------
    document : Document
    executions : dict
        Id of an execution to the name of its activity.
    """

    def __init__(self, document: Document, executions: dict[str, str]) -> None:
        self._document = document
        self._record = document.record
        self._executions = executions
        self.models = self._record.model_versions
        self._trainings = self._record.trainings
        made = chain.from_iterable(one.versions for one in self._record.objects)
        self._makers = {version.id: version.execution for version in made}
        self._settings: dict[tuple[object, ...], str] = {}

    def write(self) -> None:
        """Write all of it."""
        for place, one in enumerate(self._record.objects, 1):
            self._object(one, place)
        for place, part in enumerate(self._record.parts, 1):
            self._part(part, place)
        for place, operation in enumerate(self._record.operations, 1):
            self._operation(operation, place)
        self._uses()
        self._findings()
        self._epochs()

    def trainer(self) -> str:
        """The activity that trained the model last; empty where that was not seen."""
        found = self._trainings
        return self._executions.get(found[-1].execution, "") if found else ""

    def trained(self) -> str:
        """The last version of the model that training made; empty where none was seen."""
        found = [made for one in self._trainings for made in one.made if made in self.models]
        return found[-1] if found else ""

    # -- objects ------------------------------------------------------------------------------

    def _object(self, one: TrackedObject, number: int) -> None:
        document = self._document
        whole = document.entity(
            f"object.{local_name(one.id)}.all",
            ["mlprov:Object"],
            one.id,
            attributes_of(one, f"objects.{one.id}", order=number),
        )
        before = ""
        for place, version in enumerate(one.versions, 1):
            attributes = attributes_of(version, f"objects.{version.id}", object=one.id, order=place)
            types = ["mlprov:ObjectVersion", *_ROLES.get(one.role, ())]
            label = one.id if len(one.versions) == 1 else f"{one.id}, version {place}"
            maker = self._executions.get(version.execution, "")
            name = document.entity(version_name(version.id), types, label, attributes, by=maker)
            document.relate("specializationOf", specificEntity=name, generalEntity=whole)
            if before:
                document.revise(name, before)
            before = name

    def _uses(self) -> None:
        for execution in chain.from_iterable(cell.executions for cell in self._record.cells):
            activity = self._executions.get(execution.id)
            for version in execution.used:
                if activity and version in self._makers:
                    self._document.use(activity, version_name(version))
                    maker = self._executions.get(self._makers[version])
                    if maker and maker != activity:
                        self._document.relate("wasInformedBy", informed=activity, informant=maker)

    # -- parts --------------------------------------------------------------------------------

    def _part(self, part: Part, number: int) -> None:
        attributes = attributes_of(part, f"parts.{part.name}", order=number)
        if part.overlap:
            others = [qualified(part_name(other)) for other in part.overlap]
            attributes["mlprov:sharesRowsWith"] = others
        ran = self._record.steps.get("data_segregation", Step()).executions
        name = self._document.entity(
            part_name(part.name),
            ["mlprov:Part", "mls:Dataset"],
            f"{part.name} part",
            attributes,
            by=self._executions.get(ran[-1], "") if ran else "",
        )
        for version in self._names(part.objects):
            self._document.relate("alternateOf", alternate1=version, alternate2=name)

    # -- operations ---------------------------------------------------------------------------

    def _operation(self, one: Operation, number: int) -> None:
        document, where = self._document, f"operations.{one.id}"
        attributes = attributes_of(one, where, order=number, defaults=one.defaults or None)
        if one.execution in self._executions:
            attributes["dct:isPartOf"] = qualified(self._executions[one.execution])
        known = {part.name for part in self._record.parts}
        parts = [name for name in one.parts if name in known]
        inputs = [*(part_name(name) for name in parts), *self._names(one.used)]
        types = ["mlprov:Operation"]
        training = one.id in {each.id for each in self._trainings}
        if training:
            types.append("mls:Run")
            attributes |= self._training(one, inputs)
            if "training" in parts:
                attributes["fair4ml:trainedOn"] = qualified(part_name("training"))
        if one.kind in ("evaluate", "predict") and parts:
            attributes["mlprov:measuredOn"] = [qualified(part_name(name)) for name in parts]
        for name, value in one.values.items():
            if isinstance(value, bool | int | float | str):
                attributes[field_term("operation", name)] = encode(value, f"{where}.{name}")
        label = f"{one.kind}: {one.name.rpartition('.')[2]}"
        name = document.element("activity", operation_name(one.id), types, label, attributes)
        document.use(name, *inputs)

    def _names(self, versions: Iterable[str]) -> list[str]:
        return [version_name(one) for one in versions if one in self._makers]

    def _training(self, one: Operation, inputs: list[str]) -> dict[str, Literal]:
        """Algorithm and hyperparameters of a training, each as something that can be asked for."""
        algorithm = self._document.entity(
            f"algorithm.{local_name(one.name)}",
            ["mlprov:Algorithm", "mls:Implementation"],
            one.name.rpartition(".")[2],
            {"mlprov:function": encode(one.name, f"operations.{one.id}")},
        )
        settings = [self._setting(one, name, value) for name, value in _flat(one.settings)]
        given = [qualified(name) for name in (*inputs, *settings)]
        found: dict[str, Literal] = {"mls:executes": qualified(algorithm)}
        if given:
            found["mls:hasInput"] = given
        if made := self._names(one.made):
            found["mls:hasOutput"] = list(map(qualified, made))
        return found

    def _setting(self, one: Operation, name: str, value: Value) -> str:
        """A setting with its value: one element for all trainings that had it."""
        document, where = self._document, f"operations.{one.id}.{name}"
        is_default = one.defaults.get(name)
        same = (name, type(value), repr(value), is_default)
        if same in self._settings:
            return self._settings[same]
        parameter = document.entity(
            f"hyperparameter.{local_name(name)}",
            ["mlprov:HyperParameter", "mls:HyperParameter"],
            name,
            {"mlprov:parameterName": encode(name, where)},
        )
        attributes: dict[str, Literal] = {
            "mls:specifiedBy": qualified(parameter),
            "mls:hasValue": encode(value, where),
        }
        if is_default is not None:
            attributes["mlprov:isDefault"] = encode(is_default, where)
        self._settings[same] = document.entity(
            f"setting.{local_name(one.id)}.{local_name(name)}",
            ["mlprov:HyperParameterSetting", "mls:HyperParameterSetting"],
            f"{name} = {display(str(value), 60)}",
            attributes,
        )
        return self._settings[same]

    # -- findings and epochs ------------------------------------------------------------------

    def _findings(self) -> None:
        for place, one in enumerate(self._record.findings, 1):
            where = f"findings[{place}]"
            types = ["mlprov:Leak", "mlprov:Finding"] if one.kind == "leak" else ["mlprov:Finding"]
            attributes = attributes_of(one, where, order=place)
            attributes["mlprov:sentence"] = encode(display(sentence(one), 500), where)
            label = one.code.replace("_", " ")
            maker = self._executions.get(one.execution, f"{RUN}:run")
            self._document.entity(f"finding.{place}", types, label, attributes, by=maker)

    def _epochs(self) -> None:
        history = self._record.steps.get("model_training", Step()).values.get("history")
        counter = counter_of(history)
        for place, row in enumerate(history[:_MOST_EPOCHS] if isinstance(history, list) else (), 1):
            if not isinstance(row, dict):
                continue
            number = row.get(counter)
            attributes: dict[str, Literal] = {
                f"mlprov:{counter}Number": encode(
                    number if isinstance(number, int) else place, counter
                )
            }
            for name, value in row.items():
                if isinstance(value, (int, float)) and str(name) != counter:
                    term = field_term("history", str(name))
                    attributes[term] = encode(float(value), f"history.{name}")
            maker, label = self.trainer() or f"{RUN}:run", f"{counter} {place}"
            self._document.entity(
                f"{counter}.{place}", [_ROWS[counter]], label, attributes, by=maker
            )


def _flat(settings: dict[str, Any]) -> Iterator[tuple[str, Value]]:
    """Settings one by one, those of several groups of parameters with the group's name."""
    for name, value in settings.items():
        if isinstance(value, dict) and name.startswith("group "):
            yield from ((f"{name} {inner}", item) for inner, item in value.items())
        else:
            yield name, value
