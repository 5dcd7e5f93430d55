"""A record as PROV-JSON: the one place that says which element and relation stands for what.

The container is built directly, not through `prov`: importing that library and its serializers
takes longer than all of capture may. Every other format is made from it (`document.to_prov`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mlprov_widgets.provenance.container import Document, qualified, texts
from mlprov_widgets.provenance.lineage import Event, events
from mlprov_widgets.provenance.literals import Literal, display, encode, time_text
from mlprov_widgets.provenance.record import Cell, Record, Step
from mlprov_widgets.provenance.vocabulary import (
    ORCID,
    RUN,
    local_name,
    orcid_id,
    run_iri,
)

FORMAT = 1

# Groups of fields that become one entity each: local name, our type, further types.
GROUPS: dict[str, tuple[str, tuple[str, ...]]] = {
    "experiment_info": ("mlprov:Experiment", ("mls:Experiment",)),
    "hardware_info": ("mlprov:Hardware", ()),
    "notebook": ("mlprov:Notebook", ("prov:Plan", "p-plan:Plan", "prov:Collection")),
    "environment": ("mlprov:Environment", ()),
    "git": ("mlprov:SourceRevision", ()),
    "pack": ("mlprov:Pack", ("prov:Plan",)),
    "values": ("mlprov:ParameterValues", ()),
    "fingerprints": ("mlprov:Fingerprints", ()),
    "original": ("mlprov:OriginalRun", ()),
    "started_from": ("mlprov:StartingPoint", ()),
}
# Groups that tell of an earlier run: the prefix of what that run is made of in its own file.
EARLIER = {"original": "original", "started_from": "start"}
# What a step's values describe in the ML Schema.
STEP_TYPES = {
    "data_ingestion": ("mls:DatasetCharacteristic",),
    "data_segregation": ("mls:EvaluationProcedure",),
    "model_parameters": ("mls:Implementation",),
    "model_training": ("mls:HyperParameterSetting",),
    "model_evaluation": ("mls:EvaluationSpecification",),
}


def _group_local(group: str) -> str:
    return "experiment" if group == "experiment_info" else group.removesuffix("_info")


def _times(step: Step) -> dict[str, Literal]:
    moments = {"mlprov:start_time": step.start, "mlprov:end_time": step.end}
    found: dict[str, Literal] = {
        name: {"$": time_text(moment), "type": "xsd:dateTime"}
        for name, moment in moments.items()
        if moment is not None
    }
    if len(found) == 2 and (step.start.tzinfo is None) == (step.end.tzinfo is None):  # type: ignore[union-attr]
        found["mlprov:execution_time"] = encode(step.execution_time, "execution_time")
    return found


def to_prov_json(record: Record) -> dict[str, Any]:
    """Describe a record as a PROV-JSON container.

    Parameters
    ----------
    record : Record
        What a run left behind, whether it came to its end or not.

    Returns
    -------
    dict
        Ready for `json.dumps`; it holds no NaN and nothing but ASCII names.

    Raises
    ------
    RecordError
        If a value of the record is nothing that JSON can say.
    """
    document = Document(record)
    _run(document)
    groups = _groups(document)
    run = f"{RUN}:run"
    document.generate(groups["experiment_info"], run)
    for group in ("hardware_info", "environment", "git"):
        if group in groups:
            document.use(run, groups[group])
    for group in ("pack", "values"):
        if group in groups:
            document.derive(groups["notebook"], groups[group])
    _earlier(document, groups)
    if "fingerprints" in groups:
        document.derive(groups["experiment_info"], groups["fingerprints"])
    if record.packages:
        groups["packages"] = _packages(document, run)
    _functions(document, groups)
    cells = _cells(document, groups["notebook"])
    data = _data(document)
    happened = _executions(document, data)
    _influences(document, cells, data)
    _results(document, data, happened)
    return document.container


def _run(document: Document) -> None:
    record = document.record
    attributes: dict[str, Literal] = {"mlprov:status": encode(record.status, "status")}
    if record.start is not None:
        attributes["prov:startTime"] = time_text(record.start)
    if record.end is not None:
        attributes["prov:endTime"] = time_text(record.end)
    run = document.element("activity", "run", ["mlprov:Run"], f"run ({record.status})", attributes)
    person = f"{RUN}:person"
    digits = orcid_id(str(record.agent.get("orcid", "")))
    if digits:
        document.container["prefix"]["orcid"] = ORCID
        person = f"orcid:{digits}"
    document.element(
        "agent",
        person,
        ["prov:Person", "mlprov:Experimenter"],
        str(record.agent.get("name", "")) or "unknown person",
        document.fields("agent", record.agent),
    )
    software = document.element(
        "agent",
        "mlprov-widgets",
        ["prov:SoftwareAgent", "mlprov:CaptureSoftware"],
        "mlprov-widgets",
        {
            "schema:name": "mlprov-widgets",
            "schema:softwareVersion": encode(record.software, "software"),
        },
    )
    document.relate(
        "wasAssociatedWith",
        activity=run,
        agent=person,
        plan=f"{RUN}:notebook",
        role=qualified("mlprov:experimenter"),
    )
    document.relate(
        "wasAssociatedWith",
        activity=run,
        agent=software,
        role=qualified("mlprov:capture"),
    )
    document.relate("actedOnBehalfOf", delegate=software, responsible=person, activity=run)
    document.relate("wasAttributedTo", entity=f"{RUN}:experiment", agent=person)


def _groups(document: Document) -> dict[str, str]:
    record = document.record
    found = {}
    for group, (kind, others) in GROUPS.items():
        values = getattr(record, group)
        declared = record.parameters if group == "values" else []
        if not (values or declared) and group not in ("experiment_info", "notebook"):
            continue
        attributes = document.fields(group, values)
        if declared:
            attributes["mlprov:declared"] = encode(declared, "parameters")
        label = group.removesuffix("_info").replace("_", " ")
        if group == "experiment_info":
            attributes["dct:identifier"] = encode(record.run_id, "run_id")
            attributes["mlprov:format"] = encode(FORMAT, "format")
            label = str(values.get("title") or "experiment")
        elif group in ("notebook", "pack"):
            label = str(values.get("name") or group)
        found[group] = document.element(
            "entity", _group_local(group), [kind, *others], label, attributes
        )
    return found


def _earlier(document: Document, groups: dict[str, str]) -> None:
    """The runs that this one goes back to, under the names that they have in their own files."""
    own, record = run_iri(document.record.run_id), document.record
    for group, prefix in EARLIER.items():
        if group not in groups:
            continue
        document.relate("wasInfluencedBy", influencee=f"{RUN}:run", influencer=groups[group])
        values = getattr(record, group)
        run_id = values.get("run_id")
        iri = run_iri(run_id) if isinstance(run_id, str) and run_id else own
        if iri == own:
            document.derive(groups["experiment_info"], groups[group])
            continue
        name = f"{document.prefix(prefix, iri)}:experiment"
        label = values.get("name")
        document.element(
            "entity",
            name,
            ["mlprov:EarlierExperiment", "mls:Experiment"],
            label if isinstance(label, str) and label else "earlier run",
        )
        document.derive(groups["experiment_info"], name)
        document.derive(groups[group], name)


def _packages(document: Document, run: str) -> str:
    packages = document.element(
        "entity", "packages", ["mlprov:Packages", "prov:Collection"], "packages"
    )
    document.use(run, packages)
    for name, version in document.record.packages.items():
        package = document.element(
            "entity",
            f"package.{local_name(name)}",
            ["mlprov:Package", "mls:Software"],
            f"{name} {version}",
            {
                "schema:name": encode(name, "packages"),
                "schema:softwareVersion": encode(version, f"packages.{name}"),
                "schema:sameAs": {
                    "$": display(f"pkg:pypi/{name.lower()}@{version}"),
                    "type": "xsd:anyURI",
                },
            },
        )
        document.relate("hadMember", collection=packages, entity=package)
    return packages


def _functions(document: Document, groups: dict[str, str]) -> None:
    """What each environment value came from: a call that generated it."""
    for key, function in document.record.functions.items():
        group, _, name = key.partition(".")
        attributes: dict[str, Literal] = {"mlprov:field": encode(key, "functions")}
        values = getattr(document.record, group, None) if group in (*GROUPS, "packages") else None
        if isinstance(values, dict) and name in values:
            attributes["prov:value"] = encode(values[name], key)
        value = document.element(
            "entity", f"field.{local_name(key)}", ["mlprov:Field"], name or key, attributes
        )
        call = document.element(
            "activity",
            f"function.{local_name(function)}",
            ["mlprov:FunctionCall"],
            function,
            {"mlprov:function": encode(function, f"functions.{key}")},
        )
        document.generate(value, call)
        document.relate("wasAssociatedWith", activity=call, agent=f"{RUN}:mlprov-widgets")
        if group in groups:
            document.derive(groups[group], value)


def _cell_label(at: int, cell: Cell) -> str:
    return f"cell {at + 1}" + (f": {cell.step.replace('_', ' ')}" if cell.step else "")


def _cells(document: Document, notebook: str) -> list[str]:
    names: list[str] = []
    before = ""
    for at, cell in enumerate(document.record.cells):
        where = f"cells[{at}]"
        attributes: dict[str, Literal] = {
            "mlprov:order": encode(at + 1, where),
            "mlprov:cell_id": encode(cell.id, where),
            "mlprov:kind": encode(cell.kind, where),
            "mlprov:origin": encode(cell.origin, where),
        }
        if cell.step:
            attributes["mlprov:step"] = encode(cell.step, where)
        if cell.generated is not None:
            attributes["mlprov:generated"] = encode(cell.generated, where)
        types = ["mlprov:Cell"]
        if cell.kind == "code":
            types.append("p-plan:Step")
            attributes["p-plan:isStepOfPlan"] = qualified(notebook)
            if before:
                attributes["p-plan:isPrecededBy"] = qualified(before)
        name = document.element(
            "entity", f"cell.{at + 1}", types, _cell_label(at, cell), attributes
        )
        document.relate("hadMember", collection=notebook, entity=name)
        if cell.kind == "code":
            before = name
        names.append(name)
    return names


def _data(document: Document) -> dict[str, str]:
    """One entity a step, with the values that the step really had."""
    found = {}
    for at, (step, content) in enumerate(document.record.steps.items()):
        found[step] = document.element(
            "entity",
            f"data.{local_name(step)}",
            ["mlprov:StepData", *STEP_TYPES.get(step, ())],
            f"{step.replace('_', ' ')} data",
            {
                "mlprov:step": encode(step, "steps"),
                "mlprov:order": encode(at + 1, "steps"),
                **_times(content),
                **document.fields(f"steps.{step}", content.values),
            },
        )
    return found


def _executions(document: Document, data: dict[str, str]) -> dict[str, str]:
    """Write what ran; return the activity that made each step's data."""
    cells = document.record.cells
    happened = events(cells)
    last = {cells[event.cell].step: place for place, event in enumerate(happened)}
    names = [f"{RUN}:execution.{event.cell + 1}.{event.number + 1}" for event in happened]
    made: dict[int, str] = {}
    for place, event in enumerate(happened):
        step = cells[event.cell].step
        own = step in data and last[step] == place
        _execution(document, event, names[place], step)
        if own:
            result = made[place] = data[step]
            document.generate(result, names[place])
        elif event.execution.binds or step in data:
            result = made[place] = document.element(
                "entity",
                f"result.{event.cell + 1}.{event.number + 1}",
                ["mlprov:Result"],
                display(", ".join(event.execution.binds), 60) or f"result of {step}",
                {"mlprov:names": texts(event.execution.binds, "binds")},
            )
            document.generate(result, names[place])
        for source, read in event.sources.items():
            document.relate("wasInformedBy", informed=names[place], informant=names[source])
            document.relate(
                "used",
                activity=names[place],
                entity=made[source],
                **{"role": encode(display(", ".join(read)), "reads")},
            )
            if place in made:
                document.derive(made[place], made[source])
    for place, event in enumerate(happened):
        step = cells[event.cell].step
        if step in data and place in made:
            document.derive(data[step], made[place])
    makers = {step: names[place] for step, place in last.items() if step in data}
    for step, entity in data.items():
        if step not in makers:
            makers[step] = f"{RUN}:run"
            document.generate(entity, makers[step])
    return makers


def _execution(document: Document, event: Event, name: str, step: str) -> None:
    execution, cell = event.execution, f"{RUN}:cell.{event.cell + 1}"
    where = f"cells[{event.cell}].executions[{event.number}]"
    attributes: dict[str, Literal] = {
        "mlprov:order": encode(event.number + 1, where),
        "mlprov:status": encode(execution.status, where),
        "mlprov:source": encode(execution.source, where),
        "mlprov:reads": texts(execution.reads, where),
        "mlprov:binds": texts(execution.binds, where),
        "p-plan:correspondsToStep": qualified(cell),
        # PROV has no part-whole relation between activities.
        "dct:isPartOf": qualified(f"{RUN}:run"),
    }
    if execution.count is not None:
        attributes["mlprov:count"] = encode(execution.count, where)
    if execution.error:
        attributes["mlprov:error"] = encode(execution.error, where)
    if execution.start is not None:
        attributes["prov:startTime"] = time_text(execution.start)
    if execution.end is not None:
        attributes["prov:endTime"] = time_text(execution.end)
    types = ["mlprov:Execution", "p-plan:Activity"]
    if step == "model_training":
        types.append("mls:Run")
    label = f"execution {event.number + 1} of cell {event.cell + 1}"
    document.element("activity", name, types, label, attributes)
    started: dict[str, Literal] = {"activity": name, "trigger": cell}
    if execution.start is not None:
        started["time"] = time_text(execution.start)
    document.relate("wasStartedBy", **started)


def _influences(document: Document, cells: list[str], data: dict[str, str]) -> None:
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


def _results(document: Document, data: dict[str, str], makers: dict[str, str]) -> None:
    """The dataset, the model and each metric as entities of the ML Schema."""
    record = document.record
    prints = record.fingerprints
    dataset = model = ""
    if "data_ingestion" in data:
        values = record.steps["data_ingestion"].values
        attributes = _printed(prints, "data")
        dataset = document.element(
            "entity",
            "dataset",
            ["mls:Dataset", "schema:Dataset"],
            str(values.get("dataset_id") or "dataset"),
            attributes,
        )
        document.use(makers["data_ingestion"], dataset)
        document.derive(data["data_ingestion"], dataset)
    if "model_training" in data:
        values = record.steps.get("model_parameters", Step()).values
        model = document.element(
            "entity",
            "model",
            ["mls:Model"],
            str(values.get("model_name") or "model"),
            _printed(prints, "weights"),
        )
        document.generate(model, makers["model_training"])
        document.derive(model, *_present(data.get("model_parameters"), dataset))
    metrics = record.metrics if "model_evaluation" in data else {}
    for key, value in metrics.items():
        name = str(key)
        metric = document.element(
            "entity",
            f"metric.{local_name(name)}",
            ["mls:ModelEvaluation"],
            name.replace("_", " "),
            {
                "mls:specifiedBy": encode(name, "evaluation_metrics"),
                "prov:value": encode(value, f"evaluation_metrics.{name}"),
            },
        )
        document.generate(metric, makers["model_evaluation"])
        document.derive(metric, *_present(model, dataset))


def _printed(prints: dict[str, str], name: str) -> dict[str, Literal]:
    return {"mlprov:sha256": encode(prints[name], name)} if name in prints else {}


def _present(*names: str | None) -> Iterator[str]:
    return (name for name in names if name)
