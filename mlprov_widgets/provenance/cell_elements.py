"""Cells, their executions and the values of steps as elements of a PROV document."""

from __future__ import annotations

from mlprov_widgets.provenance.container import Document, qualified, text_list
from mlprov_widgets.provenance.lineage import Event
from mlprov_widgets.provenance.literals import Literal, display, encode, time_text
from mlprov_widgets.provenance.terms import attributes_of
from mlprov_widgets.provenance.vocabulary import RUN, local_name
from mlprov_widgets.record import Step, source_hash
from mlprov_widgets.wording import seconds_between

# What a step's values describe in the ML Schema.
STEP_TYPES = {
    "data_ingestion": ("mls:DatasetCharacteristic",),
    "data_segregation": ("mls:EvaluationProcedure",),
    "model_parameters": ("mls:Implementation",),
    "model_training": ("mls:HyperParameterSetting",),
    "model_evaluation": ("mls:EvaluationSpecification",),
}


def write_cells(document: Document, notebook: str) -> list[str]:
    names: list[str] = []
    before = ""
    for at, cell in enumerate(document.record.cells):
        attributes = attributes_of(cell, f"cells[{at}]", order=at + 1)
        types = ["mlprov:Cell"]
        if cell.kind == "code":
            types.append("p-plan:Step")
            attributes["p-plan:isStepOfPlan"] = qualified(notebook)
            if before:
                attributes["p-plan:isPrecededBy"] = qualified(before)
        label = f"cell {at + 1}" + (f": {cell.step.replace('_', ' ')}" if cell.step else "")
        name = document.entity(f"cell.{at + 1}", types, label, attributes)
        document.relate("hadMember", collection=notebook, entity=name)
        if cell.kind == "code":
            before = name
        names.append(name)
    return names


def write_step_data(document: Document) -> dict[str, str]:
    """One entity a step, with the values that the step really had."""
    found = {}
    for at, (step, content) in enumerate(document.record.steps.items()):
        found[step] = document.entity(
            f"data.{local_name(step)}",
            ["mlprov:StepData", *STEP_TYPES.get(step, ())],
            f"{step.replace('_', ' ')} data",
            {
                "mlprov:step": encode(step, "steps"),
                "mlprov:order": encode(at + 1, "steps"),
                **_times(content),
                **_known(content),
                **document.fields(f"steps.{step}", content.values),
            },
        )
    return found


def _times(step: Step) -> dict[str, Literal]:
    moments = {"mlprov:start_time": step.start, "mlprov:end_time": step.end}
    found: dict[str, Literal] = {
        name: {"$": time_text(moment), "type": "xsd:dateTime"}
        for name, moment in moments.items()
        if moment is not None
    }
    if (seconds := seconds_between(step.start, step.end)) is not None:
        found["mlprov:execution_time"] = encode(seconds, "execution_time")
    return found


def _known(step: Step) -> dict[str, Literal]:
    """How the values of a step are known, and which constants its cells read."""
    found: dict[str, Literal] = {}
    for how in ("observed", "told"):
        if fields := [name for name, known in step.known.items() if known == how]:
            found[f"mlprov:{how}Fields"] = text_list(fields, "known")
    if step.constants:
        found["mlprov:constantsRead"] = encode(step.constants, "constants")
    if step.executions:
        found["mlprov:stepExecutions"] = text_list(step.executions, "executions")
    return found


def write_executions(
    document: Document, data: dict[str, str], happened: list[Event], by_id: dict[str, str]
) -> dict[str, str]:
    """Write what ran; return the activity that made each step's data."""
    cells = document.record.cells
    last = _last_of_steps(document, happened, by_id)
    of_place: dict[int, list[str]] = {}
    for step, place in last.items():
        if step in data:
            of_place.setdefault(place, []).append(step)
    made: dict[int, str] = {}
    for place, event in enumerate(happened):
        step, name = cells[event.cell].step, event.name
        _execution(document, event, step)
        for own in of_place.get(place, ()):
            document.generate(data[own], name)
        if place in of_place and (step in of_place[place] or not by_id):
            made[place] = data[step]
        elif event.execution.binds or step in data:
            made[place] = document.entity(
                f"result.{event.cell + 1}.{event.number + 1}",
                ["mlprov:Result"],
                display(", ".join(event.execution.binds), 60) or f"result of {step}",
                {"mlprov:names": text_list(event.execution.binds, "binds")},
                by=name,
            )
        for source, read in event.sources.items():
            document.relate("wasInformedBy", informed=name, informant=happened[source].name)
            role = encode(display(", ".join(read)), "reads")
            document.relate("used", activity=name, entity=made[source], role=role)
            if place in made:
                document.derive(made[place], made[source])
    for place, event in enumerate(happened):
        step = cells[event.cell].step
        told = not by_id or event.execution.id in document.record.steps.get(step, Step()).executions
        if step in data and place in made and told:
            document.derive(data[step], made[place])
    makers = dict.fromkeys(data, f"{RUN}:run")
    for step, entity in data.items():
        if step in last:
            makers[step] = happened[last[step]].name
        else:
            document.generate(entity, makers[step])
        _constants(document, step, entity)
    return makers


def _last_of_steps(
    document: Document, happened: list[Event], names: dict[str, str]
) -> dict[str, int]:
    """For each step the event that its values are of."""
    cells = document.record.cells
    last = {cells[event.cell].step: place for place, event in enumerate(happened)}
    places = {event.execution.id: place for place, event in enumerate(happened)}
    for step, content in document.record.steps.items():
        if known := [places[one] for one in content.executions if one in names]:
            last[step] = max(known)
        elif names:
            last.pop(step, None)  # what nobody told or saw, no execution made
    return last


def _execution(document: Document, event: Event, step: str) -> None:
    execution, cell = event.execution, f"{RUN}:cell.{event.cell + 1}"
    attributes = attributes_of(
        execution,
        f"cells[{event.cell}].executions[{event.number}]",
        order=event.number + 1,
        cell=cell,
        run=f"{RUN}:run",
        used=execution.used if execution.id else None,
    )
    types = ["mlprov:Execution", "p-plan:Activity"]
    if step == "model_training" and not document.record.operations:
        types.append("mls:Run")
    label = f"execution {event.number + 1} of cell {event.cell + 1}"
    document.element("activity", event.name, types, label, attributes)
    started: dict[str, Literal] = {"activity": event.name, "trigger": cell}
    if execution.start is not None:
        started["time"] = time_text(execution.start)
    document.relate("wasStartedBy", **started)


def _constants(document: Document, step: str, data: str) -> None:
    for name, value in document.record.steps[step].constants.items():
        document.entity(
            f"constant.{local_name(step)}.{local_name(name)}",
            ["mlprov:Constant"],
            f"{name} = {display(str(value), 60)}",
            {
                "mlprov:constantName": encode(name, "constants"),
                "prov:value": encode(value, f"constants.{name}"),
                "mlprov:aboutStep": encode(step, "constants"),
                "mlprov:readBy": qualified(data),
            },
            by=f"{RUN}:run",
        )


def write_edits(document: Document) -> None:
    """Sources that ran and are not what was generated: revisions of it."""
    for at, cell in enumerate(document.record.cells):
        if cell.generated is None or cell.kind != "code":
            continue
        known: dict[str, str] = {source_hash(cell.generated): ""}
        generated = ""
        for number, execution in enumerate(cell.executions):
            digest = source_hash(execution.source)
            if digest not in known:
                if not generated:
                    generated = _source(document, f"source.{at + 1}.generated", cell.generated)
                name = f"source.{at + 1}.{number + 1}"
                known[digest] = _source(document, name, execution.source)
                document.revise(known[digest], generated)
            if known[digest]:
                document.use(f"{RUN}:execution.{at + 1}.{number + 1}", known[digest])


def _source(document: Document, local: str, source: str) -> str:
    label = "generated source" if local.endswith("generated") else "edited source"
    return document.entity(
        local,
        ["mlprov:CellSource"],
        f"{label} of cell {local.split('.')[1]}",
        {"mlprov:text": encode(source, local)},
    )


def write_influences(document: Document, cells: list[str], data: dict[str, str]) -> None:
    """Each code cell is influenced by the data of the steps whose work its executions used."""
    record = document.record
    if not record.objects:
        _influences_by_order(document, cells, data)
        return
    steps = {
        execution: step
        for step, content in record.steps.items()
        for execution in content.executions
    }
    for cell in record.cells:
        for execution in cell.executions:
            steps.setdefault(execution.id, cell.step)
    made_in = {
        version.id: steps.get(version.execution, "")
        for one in record.objects
        for version in one.versions
    }
    for cell, name in zip(record.cells, cells, strict=True):
        for execution in cell.executions:
            for version in execution.used:
                step = made_in.get(version, "")
                if step in data and step != cell.step:
                    document.relate("wasInfluencedBy", influencee=name, influencer=data[step])


def _influences_by_order(document: Document, cells: list[str], data: dict[str, str]) -> None:
    """Each code cell is influenced by the data of the step before its own."""
    current = before = ""
    for cell, name in zip(document.record.cells, cells, strict=True):
        if cell.kind != "code":
            continue
        if cell.step in data and cell.step != current:
            before, current = current, cell.step
        source = before if cell.step == current else current
        if source in data:
            document.relate("wasInfluencedBy", influencee=name, influencer=data[source])
