"""Provenance as MLProvCodeGen 1.x wrote it, made up here, with its odd encodings."""

from __future__ import annotations

from typing import Any

EX = "https://github.com/TarekAlMustafa/MLProvCodeGen1.0/"


def typed(value: Any, kind: str = "int") -> dict[str, Any]:
    """A literal with its type, where numbers are no text."""
    return {"$": value, "type": f"xsd:{kind}"}


MULTICLASS: dict[str, dict[str, Any]] = {
    "Experiment Info": {
        "title": "Multiclass Classification",
        "creation_date": "2022-05-19",
        "task_type": "MulticlassClassification",
    },
    "Hardware Info": {"CPU": "A CPU", "RAM": "15.95GB", "GPUs": "[(0, 'NVIDIA GeForce')]"},
    "Packages": {"numpy": "1.22.2", "torch": "1.10.2+cpu", "py-cpuinfo": "py-cpuinfo     8.0.0"},
    "Data Ingestion": {
        "dataset_id": "Iris",
        "description": "function: load_iris().DESCR",
        "output_dimensions": typed(3),
        "samples_total": typed(150),
    },
    "Data Preparation": {
        "number_operations": typed(1),
        "transformation": "sklearn.preprocessing.StandardScaler",
    },
    "Data Segregation": {
        "test_size": typed(0.2, "double"),
        "train_size": typed(0.8, "double"),
        "random_state": typed(2),
    },
    "Model Parameters": {
        "gpu_enable": typed(1),
        "neuron_number": typed(50),
        "loss_function": "nn.CrossEntropyLoss()",
        "optimizer": "torch.optim.Adam(",
        "optimizer_default_learning_rate": typed(1),
        "optimizer_learning_rate": "None",
        "activation_function": "F.softmax(self.layer3(x), dim=1)",
    },
    "Training": {"epochs": typed(50), "numberOfParameters": typed(2953)},
    "Evaluation": {
        "Accuracy": 0.9333333373069763,
        "Loss": 0.6593589782714844,
        "Confusion Matrix": "[[13  1  0]\n [ 0  7  1]\n [ 0  0  8]]",
        "AUC": typed(0.98111, "double"),
        "F1 Score": "[0.96296296 0.875      0.94117647]",
    },
}

IMAGES: dict[str, dict[str, Any]] = {
    "Experiment Info": {
        "title": "ImageClassification_PyTorch.ipynb",
        "file size": "26.27KB",
        "task_type": "ImageClassification_pytorch",
    },
    "Hardware Info": {"CPU": "A CPU", "RAM": "23.54GB", "GPUs": "[]"},
    "Packages": {"torch": "2.1.0", "torchvision": "0.16.0"},
    "Data Ingestion": {
        "data_format": "Public dataset",
        "dataset_id": "MNIST",
        "classes": typed(10),
        "training_samples": "    Number of datapoints: 64",
        "root_location": "    Root location: ./data",
    },
    "Data Preparation": {
        "preprocessing": "Compose(\n    Resize(size=256)\n    CenterCrop(size=(224, 224))\n)",
        "number_operations": typed(2),
    },
    "Data Segregation": {"testing_dataset": "    Number of datapoints: 64    Split: Test"},
    "Model Parameters": {
        "model_name": "resnet18",
        "save_checkpoint": typed(0),
        "pretrained": typed(0),
        "gpu_enable": typed(1),
        "loss_function": "CrossEntropyLoss",
        "optimizer": "Adam",
        "optimizer_learning_rate": typed(0.001, "double"),
        "output_neurons": typed(10),
    },
    "Training": {
        "batch_size": typed(32),
        "epochs": typed(1),
        "print_progress": typed(1),
        "seed": typed(2),
        "resulting_model_seed": "\tseed: 972756495",
    },
    "Evaluation": {"accuracy": typed(0.109375, "double"), "loss": typed(2.448, "double")},
}


def legacy(data: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """A whole document of these "... Data" entities, with its cells, calls and relations."""
    document: dict[str, Any] = {
        "prefix": {"ex": EX, "foaf": "http://xmlns.com/foaf/0.1/"},
        "entity": {
            "ex:MLProvCodeGen": {"prov:type": {"$": "prov:Plan", "type": "prov:QUALIFIED_NAME"}},
            "ex:notebook": {
                "ex:programming_language_version": "3.9.7.final.0 (64 bit)",
                "ex:fileformat": ".ipynb",
                "ex:name": "MulticlassClassification.ipynb",
                "prov:type": "prov:Collection",
            },
        },
        "agent": {"ex:A Person": {"foaf:givenName": "A Person"}},
        "activity": {},
        "wasGeneratedBy": {},
        "wasStartedBy": {},
        "hadMember": {},
    }
    for number, (name, values) in enumerate(data.items(), start=1):
        cell, call = f"ex:Cell {name}", f"ex:set_{name.lower().replace(' ', '_')}()"
        document["entity"][cell] = {"ex:type": ["p-plan:step", "notebook_cell"]}
        body = {f"ex:{key}": value for key, value in values.items()}
        document["entity"][f"ex:{name} Data"] = body
        document["activity"][call] = {
            "prov:startTime": "2022-05-19T15:42:58.521769",
            "prov:endTime": "2022-05-19T15:42:59",
        }
        document["wasGeneratedBy"][f"_:g{number}"] = {
            "prov:entity": f"ex:{name} Data",
            "prov:activity": call,
        }
        document["wasStartedBy"][f"_:s{number}"] = {
            "prov:activity": call,
            "prov:trigger": cell,
            "prov:time": "2022-05-19T15:42:58.521769",
        }
        document["hadMember"][f"_:m{number}"] = {
            "prov:collection": "ex:notebook",
            "prov:entity": cell,
        }
    return document
