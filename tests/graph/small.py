"""Small models and documents for the tests of search, lineage and details."""

from __future__ import annotations

from typing import Any

from mlprov_widgets.graph.document.model import Edge, Model, Node
from mlprov_widgets.graph.document.sources import Source, open_source
from mlprov_widgets.graph.levels.two_levels import Levels


def levels_of(source: Source) -> Levels:
    """The levels of whatever `view` takes."""
    return Levels(open_source(source))


def model(nodes: dict[str, str], edges: str = "", **bodies: dict[str, Any]) -> Model:
    """A model of an engineer's level.

    Parameters
    ----------
    nodes : dict
        Id to kind; the title is the id.
    edges : str
        ``source relation target`` with commas between them.
    **bodies
        Id to attributes.
    """
    made = {
        id: Node(id, kind, id, name=f"ex:{id}", body=bodies.get(id, {}))
        for id, kind in nodes.items()
    }
    parts = [edge.split() for edge in edges.split(",") if edge.strip()]
    return Model("engineer", made, [Edge(source, target, kind) for source, kind, target in parts])


def literal(value: Any, kind: str) -> dict[str, Any]:
    return {"$": value, "type": kind}


def legacy_document() -> dict[str, Any]:
    """A run as MLProvCodeGen 1.x describes one."""
    integer = "xsd:int"
    return {
        "prefix": {
            "ex": "https://github.com/TarekAlMustafa/MLProvCodeGen1.0/",
            "foaf": "http://xmlns.com/foaf/0.1/",
        },
        "entity": {
            "ex:MLProvCodeGen": {"prov:type": literal("prov:Plan", "prov:QUALIFIED_NAME")},
            "ex:notebook": {"ex:name": "wine.ipynb", "ex:creation_date": "2022-03-01"},
            "ex:Cell Experiment Info": {"ex:type": ["p-plan:step", "notebook_cell"]},
            "ex:Experiment Info Data": {
                "ex:title": "Wine",
                "ex:creation_date": "2022-03-02",
                "ex:task_type": "MulticlassClassification",
            },
            "ex:Cell Data Ingestion": {"ex:type": ["p-plan:step", "notebook_cell"]},
            "ex:Data Ingestion Data": {
                "ex:dataset_id": "Wine",
                "ex:classes": literal("3", integer),
                "ex:samples_total": "178",
                "ex:training_samples": "    Number of datapoints: 142>",
                "ex:root_location": "    Root location: ./data",
            },
            "ex:Cell Training": {"ex:type": ["p-plan:step", "notebook_cell"]},
            "ex:Training Data": {
                "ex:epochs": [literal(10, integer), literal(20, integer)],
                "ex:seed": literal(2, integer),
                "ex:resulting_model_seed": "\tseed: 872583848",
            },
            "ex:Cell Model Parameters": {"ex:type": ["p-plan:step", "notebook_cell"]},
            "ex:Model Parameters Data": {
                "ex:gpu_enable": literal(1, integer),
                "ex:modelParameters": "Net(\n  (layer1): Linear(in_features=13)\n)",
                "ex:loss_function": "nn.CrossEntropyLoss()",
                "ex:optimizer": "torch.optim.Adam(",
                "ex:optimizer_learning_rate": "None",
                "ex:activation_function": "F.softmax(self.layer3(x), dim=1)",
            },
            "ex:Cell Evaluation": {"ex:type": ["p-plan:step", "notebook_cell"]},
            "ex:Evaluation Data": {
                "ex:Accuracy": 0.9333333373069763,
                "ex:Loss": literal("0.25", "xsd:double"),
                "ex:AUC": literal(0.98, "xsd:double"),
                "ex:F1 Score": "[0.96296296 0.875      1.]",
                "ex:Confusion Matrix": "[[13  1  0]\n [ 0  7  1]\n [ 0  0 18]]",
                "ex:Mean Absolute Error": 0.0667,
            },
        },
        "activity": {
            "ex:set_experiment_info()": {},
            "ex:date.today()": {},
            "ex:set_data_ingestion()": {},
            "ex:set_model_parameters()": {},
            "ex:set_training()": {
                "prov:startTime": "2022-03-02T10:00:00.5",
                "prov:endTime": "2022-03-02T10:00:02.5",
            },
            "ex:set_evaluation()": {},
        },
        "agent": {"ex:Ada": {"foaf:givenName": "Ada Lovelace"}},
        "wasGeneratedBy": {
            f"_:g{at}": {
                "prov:entity": f"ex:{entity} Data",
                "prov:activity": f"ex:set_{activity}()",
            }
            for at, (entity, activity) in enumerate(
                {
                    "Experiment Info": "experiment_info",
                    "Data Ingestion": "data_ingestion",
                    "Model Parameters": "model_parameters",
                    "Training": "training",
                    "Evaluation": "evaluation",
                }.items()
            )
        },
        "wasInformedBy": {
            "_:i1": {
                "prov:informed": "ex:set_experiment_info()",
                "prov:informant": "ex:date.today()",
            }
        },
        "wasStartedBy": {
            "_:s1": {
                "prov:activity": "ex:set_experiment_info()",
                "prov:trigger": "ex:Cell Experiment Info",
                "prov:time": "2022-03-02T09:59:00",
            },
            "_:s2": {"prov:activity": "ex:set_evaluation()", "prov:trigger": "ex:Cell Evaluation"},
        },
        "wasInfluencedBy": {
            "_:f1": {"prov:influencee": "ex:Cell Evaluation", "prov:influencer": "ex:Training Data"}
        },
        "hadMember": {
            "_:m1": {"prov:collection": "ex:notebook", "prov:entity": "ex:Cell Experiment Info"},
            "_:m2": {"prov:collection": "ex:notebook", "prov:entity": "ex:Cell Evaluation"},
        },
    }
