"""A record as PROV-JSON: the one place that says which element and relation stands for what.

The container is built directly, not through `prov`: importing that library and its serializers
takes longer than all of capture may. Every other format is made from it (`document.to_prov`).
"""

from __future__ import annotations

from typing import Any

from mlprov_widgets.provenance.cell_elements import (
    write_cells,
    write_edits,
    write_executions,
    write_influences,
    write_step_data,
)
from mlprov_widgets.provenance.container import Document, qualified
from mlprov_widgets.provenance.lineage import events
from mlprov_widgets.provenance.literals import Literal, display, encode, time_text
from mlprov_widgets.provenance.observed_elements import ObservedElements
from mlprov_widgets.provenance.result_elements import write_results
from mlprov_widgets.provenance.vocabulary import ORCID, RUN, local_name, orcid_id, run_iri
from mlprov_widgets.record import Record

FORMAT = 2
# Those that are read: of the first, names of variables alone say what came from what.
FORMATS = (1, 2)

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
    cells = write_cells(document, groups["notebook"])
    data = write_step_data(document)
    happened = events(record.cells)
    names = {event.execution.id: event.name for event in happened if event.execution.id}
    makers = write_executions(document, data, happened, names)
    seen = ObservedElements(document, names)
    seen.write()
    write_edits(document)
    write_influences(document, cells, data)
    write_results(document, data, makers, seen)
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
    if digits := orcid_id(str(record.agent.get("orcid", ""))):
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
    role = qualified("mlprov:capture")
    document.relate("wasAssociatedWith", activity=run, agent=software, role=role)
    document.relate("actedOnBehalfOf", delegate=software, responsible=person, activity=run)
    document.relate("wasAttributedTo", entity=f"{RUN}:experiment", agent=person)


def _groups(document: Document) -> dict[str, str]:
    record = document.record
    found = {}
    for group, (kind, others) in GROUPS.items():
        values = getattr(record, group)
        declared = record.parameters if group == "values" else []
        meanings = record.declared if group == "values" else {}
        if not (values or declared or meanings) and group not in ("experiment_info", "notebook"):
            continue
        attributes = document.fields(group, values)
        if declared:
            attributes["mlprov:declared"] = encode(declared, "parameters")
        if meanings:
            attributes["mlprov:declaredMeanings"] = encode(meanings, "declared")
        label = group.removesuffix("_info").replace("_", " ")
        if group == "experiment_info":
            attributes["dct:identifier"] = encode(record.run_id, "run_id")
            attributes["mlprov:format"] = encode(FORMAT, "format")
            if record.incomparable:
                reasons = encode(record.incomparable, "incomparable")
                attributes["mlprov:incomparableReasons"] = reasons
            label = str(values.get("title") or "experiment")
        elif group in ("notebook", "pack"):
            label = str(values.get("name") or group)
        local = "experiment" if group == "experiment_info" else group.removesuffix("_info")
        found[group] = document.entity(local, [kind, *others], label, attributes)
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
        label = values.get("name")
        name = document.entity(
            f"{document.prefix(prefix, iri)}:experiment",
            ["mlprov:EarlierExperiment", "mls:Experiment"],
            label if isinstance(label, str) and label else "earlier run",
        )
        document.derive(groups["experiment_info"], name)
        document.derive(groups[group], name)


def _packages(document: Document, run: str) -> str:
    packages = document.entity("packages", ["mlprov:Packages", "prov:Collection"], "packages")
    document.use(run, packages)
    for name, version in document.record.packages.items():
        address = display(f"pkg:pypi/{name.lower()}@{version}")
        package = document.entity(
            f"package.{local_name(name)}",
            ["mlprov:Package", "mls:Software"],
            f"{name} {version}",
            {
                "schema:name": encode(name, "packages"),
                "schema:softwareVersion": encode(version, f"packages.{name}"),
                "schema:sameAs": {"$": address, "type": "xsd:anyURI"},
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
        call = document.element(
            "activity",
            f"function.{local_name(function)}",
            ["mlprov:FunctionCall"],
            function,
            {"mlprov:function": encode(function, f"functions.{key}")},
        )
        local, types = f"field.{local_name(key)}", ["mlprov:Field"]
        value = document.entity(local, types, name or key, attributes, by=call)
        document.relate("wasAssociatedWith", activity=call, agent=f"{RUN}:mlprov-widgets")
        if group in groups:
            document.derive(groups[group], value)
