"""The data set, the model and the metrics of a run as elements of a PROV document."""

from __future__ import annotations

from mlprov_widgets.provenance.container import Document, qualified
from mlprov_widgets.provenance.literals import Literal, encode
from mlprov_widgets.provenance.observed_elements import ObservedElements, part_name, version_name
from mlprov_widgets.provenance.vocabulary import local_name
from mlprov_widgets.record import Step, Value
from mlprov_widgets.record.fields import OTHER_PARTS, Metric, vocabulary_of


def write_results(
    document: Document, data: dict[str, str], makers: dict[str, str], seen: ObservedElements
) -> None:
    """The dataset, the model and each metric as entities of the ML Schema."""
    record = document.record
    prints = record.fingerprints
    dataset = model = ""
    if "data_ingestion" in data:
        values = record.steps["data_ingestion"].values
        dataset = document.entity(
            "dataset",
            ["mls:Dataset", "schema:Dataset"],
            str(values.get("dataset_id") or "dataset"),
            _printed(prints, "data"),
        )
        document.use(makers["data_ingestion"], dataset)
        document.derive(data["data_ingestion"], dataset)
    if "model_training" in data:
        values = record.steps.get("model_parameters", Step()).values
        model = document.entity(
            "model",
            ["mls:Model"],
            str(values.get("model_name") or "model"),
            _printed(prints, "weights"),
            by=seen.trainer() or makers["model_training"],
        )
        if seen.trained():
            trained = version_name(seen.trained())
            document.relate("alternateOf", alternate1=model, alternate2=trained)
        document.derive(model, *filter(None, (data.get("model_parameters"), dataset)))
    on = _measured_on(document)
    metrics, known = record.metrics if "model_evaluation" in data else {}, vocabulary_of(record)
    for name, value in metrics.items():
        metric = _metric(document, known.metric_of(str(name)), str(name), value, on)
        document.generate(metric, makers["model_evaluation"])
        document.derive(metric, *filter(None, (model, dataset)))


def _metric(
    document: Document, declared: Metric, name: str, value: Value, on: dict[str, Literal]
) -> str:
    """A metric, and what it came to for each class."""
    declares: dict[str, Literal] = {}
    if declared.direction:
        declares["mlprov:direction"] = encode(declared.direction, name)
    if declared.unit:
        declares["schema:unitText"] = encode(declared.unit, name)
    metric = document.entity(
        f"metric.{local_name(name)}",
        ["mls:ModelEvaluation"],
        name.replace("_", " "),
        {
            "mls:specifiedBy": encode(name, "evaluation_metrics"),
            "prov:value": encode(value, f"evaluation_metrics.{name}"),
            **declares,
            # Of what was measured elsewhere, the rows of the evaluation are not those.
            **({} if declared.part in OTHER_PARTS else on),
        },
    )
    for key, single in value.items() if isinstance(value, dict) else ():
        if isinstance(single, int | float):
            one = document.entity(
                f"metric.{local_name(name)}.{local_name(str(key))}",
                ["mlprov:ClassEvaluation"],
                f"{name.replace('_', ' ')}: {key}",
                {"mlprov:className": encode(str(key), name), "prov:value": encode(single, name)},
            )
            document.derive(one, metric)
    return metric


def _measured_on(document: Document) -> dict[str, Literal]:
    """The parts of the data that metrics were measured on."""
    step = document.record.steps.get("model_evaluation", Step())
    told = step.values.get("measured_on")
    names = [part.name for part in document.record.parts]
    found = [part_name(one) for one in str(told).split(", ") if one in names] if told else []
    return {"mlprov:measuredOn": [qualified(name) for name in found]} if found else {}


def _printed(prints: dict[str, str], name: str) -> dict[str, Literal]:
    return {"mlprov:sha256": encode(prints[name], name)} if name in prints else {}
