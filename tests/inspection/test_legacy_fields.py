"""The values of an MLProvCodeGen 1.x run find their fields, and what finds none is said."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import nbformat
import pytest

from mlprov_widgets.errors import RecordError
from mlprov_widgets.inspection import Inspection, inspect_run
from mlprov_widgets.notebooks import read_manifest
from mlprov_widgets.provenance import validate
from mlprov_widgets.rebuild import reproduce

SHARED = Path(__file__).resolve().parents[3] / "shared/data/legacy"

MULTICLASS = {
    "Experiment Info": {
        "ex:title": "Multiclass Classification",
        "ex:task_type": "MulticlassClassification",
    },
    "Data Ingestion": {"ex:dataset_id": "Spiral", "ex:feature_dimensions": 2, "ex:classes": 3},
    "Data Preparation": {"ex:preprocessing": "sklearn.preprocessing.MinMaxScaler()"},
    "Data Segregation": {"ex:trainSize": 0.7, "ex:testSize": 0.3, "ex:random_state": 5},
    "Model Parameters": {
        "ex:neuron_number": {"$": 64, "type": "xsd:int"},
        "ex:activation_function": "F.sigmoid(self.layer3(x))",
        "ex:optimizer": "torch.optim.RMSprop(",
        "ex:loss_function": "nn.NLLLoss()",
        "ex:optimizer_learning_rate": "None",
        "ex:model_parameters": "Model((layer1): Linear(2, 64) (layer2): Linear(64, 3))",
    },
    "Training": {"ex:epochs": {"$": "50", "type": "xsd:int"}},
    "Evaluation": {"ex:accuracy": 0.75, "ex:loss": 0.5},
}
IMAGES = {
    "Experiment Info": {"ex:task_type": "ImageClassification_pytorch"},
    "Data Ingestion": {"ex:dataset_id": "CIFAR10", "ex:root_location": "./pictures"},
    "Data Preparation": {
        "ex:transformation": "Compose(\n Resize(size=256)\n CenterCrop(size=(224, 224))\n)"
    },
    "Model Parameters": {
        "ex:gpu_enable": 1,
        "ex:pretrained": 0,
        "ex:model_name": "shufflenet",
        "ex:optimizer": "optim.Adagrad(",
        "ex:loss_function": "nn.CrossEntropyLoss()",
        "ex:optimizer_learning_rate": {"$": "0.02", "type": "xsd:double"},
    },
    "Training": {"ex:seed": 7, "ex:batch_size": 16, "ex:epochs": [3, 4], "ex:print_progress": 10},
}


def document(entities: dict[str, dict[str, Any]]) -> dict[str, Any]:
    named = {f"ex:{name} Data": values for name, values in entities.items()}
    return {
        "prefix": {"ex": "http://example.org/MLProvCodeGen"},
        "entity": named,
        "activity": {"ex:set_evaluation()": {}},
    }


def inspected(folder: Path, entities: dict[str, dict[str, Any]]) -> Inspection:
    path = folder / "old.json"
    path.write_text(json.dumps(document(entities)))
    return inspect_run(path)


def changed(base: dict[str, dict[str, Any]], entity: str, **values: Any) -> dict[str, Any]:
    told = {f"ex:{name}": value for name, value in values.items()}
    return {**base, entity: {**base.get(entity, {}), **told}}


def test_a_multiclass_run(tmp_path: Path) -> None:
    found = inspected(tmp_path, MULTICLASS)
    assert (found.kind, found.pack, found.ways) == (
        "MLProvCodeGen",
        "multiclass_classification",
        ("start",),
    )
    assert found.values == {
        "dataset": "spiral",
        "scaler": "MinMaxScaler",
        "test_size": 0.3,
        "validation_size": 0.0,
        "random_state": 5,
        "stratify": False,
        "hidden_layers": 1,
        "hidden_neurons": 64,
        "output_activation": "sigmoid",
        "loss_function": "NLLLoss",
        "optimizer": "RMSprop",
        "epochs": 50,
        "batch_size": 0,
    }
    # None is the optimizer's own rate, as in PyTorch.
    (rate,) = [one for one in found.fields if one.parameter == "learning_rate"]
    assert rate.value == 0.01
    # Every value ends in a field, or is told why not.
    told = {one.name: one.reason for one in found.unmapped}
    assert told.keys() == {
        "data_ingestion.feature_dimensions",
        "data_ingestion.dataset_classes",
        "data_segregation.training_split",
        "model_parameters.model_name",
        "model_evaluation.evaluation_metrics",
    }
    assert told["model_evaluation.evaluation_metrics"].startswith("It is a result")
    assert told["data_segregation.training_split"].startswith("It follows")


def test_an_image_run(tmp_path: Path) -> None:
    found = inspected(tmp_path, IMAGES)
    assert found.pack == "image_classification"
    assert found.values == {
        "dataset": "CIFAR10",
        "data_root": "pictures",
        "image_size": 224,
        "model": "shufflenet_v2_x1_0",
        "pretrained": False,
        "loss_function": "CrossEntropyLoss",
        "optimizer": "Adagrad",
        "learning_rate": 0.02,
        "use_gpu": True,
        "epochs": 4,  # of a cell that ran twice, the last counts
        "batch_size": 16,
        "seed": 7,
        "print_every": 10,
    }


@pytest.mark.parametrize(
    ("entities", "name", "reason"),
    [
        (changed(MULTICLASS, "Data Ingestion", dataset_id="mine.csv"), "dataset_id", "CSV file"),
        (changed(MULTICLASS, "Model Parameters", optimizer="Shampoo("), "optimizer", "not offer"),
        (changed(MULTICLASS, "Training", epochs=-4), "epochs", "from 1 to"),
        (changed(MULTICLASS, "Training", epochs="many"), "epochs", "whole number"),
        (
            changed(MULTICLASS, "Model Parameters", optimizer_learning_rate=10**400),
            "learning_rate",
            "too large",
        ),
        (changed(MULTICLASS, "Data Segregation", testSize=30), "testing_split", "share"),
        (changed(MULTICLASS, "Training", momentum=0.9), "momentum", "no field"),
        (
            changed(MULTICLASS, "Model Parameters", loss_function="nn.NLLLoss(weight=w, dim=0)"),
            "loss_function_settings",
            "no field",
        ),
        (changed(IMAGES, "Data Ingestion", root_location="/etc"), "root_location", "machine"),
        (changed(IMAGES, "Data Ingestion", root_location="../.."), "root_location", "machine"),
        (changed(IMAGES, "Model Parameters", model_name="exec('x')"), "model", ""),
        (changed(IMAGES, "Model Parameters", gpu_enable="perhaps"), "gpu_enable", "neither"),
        (changed(IMAGES, "Training", batch_size=1), "batch_size", "from 2"),
    ],
)
def test_what_finds_no_field_is_said(
    tmp_path: Path, entities: dict[str, Any], name: str, reason: str
) -> None:
    found = inspected(tmp_path, entities)
    assert any(name in one.name and reason in one.reason for one in found.unmapped), found.unmapped


@pytest.mark.parametrize(
    ("optimizer", "settings"),
    [
        (
            "SGD (\nParameter Group 0\n    dampening: 0\n    lr: 0.01\n    momentum: 0.9\n    "
            "nesterov: False\n    weight_decay: 0.0005\n)",
            "momentum: 0.9, weight_decay: 0.0005",
        ),
        ("torch.optim.Adam(model.parameters(), lr=1e-3, betas=(0.8, 0.99))", "betas: (0.8, 0.99)"),
        ("torch.optim.Adam(", None),
        ("torch.optim.SGD(params=net.parameters(), lr=0.05)", None),
    ],
)
def test_what_an_optimizer_was_given_besides_its_rate_is_not_lost(
    tmp_path: Path, optimizer: str, settings: str | None
) -> None:
    found = inspected(tmp_path, changed(MULTICLASS, "Model Parameters", optimizer=optimizer))
    left = {one.name: (one.value, one.reason) for one in found.unmapped}
    said = left.get("model_parameters.optimizer_settings")
    assert said == (settings and (settings, "There is no field for it here."))


def the_fields(found: Inspection) -> dict[str, Any]:
    return {one.parameter: one.value for one in found.fields}


@pytest.mark.parametrize(
    ("entity", "values", "expected"),
    [
        # PyTorch had no rate of its own for SGD, so the old notebooks had one.
        ("Model Parameters", {"optimizer": "torch.optim.SGD("}, ("learning_rate", 1.0)),
        (
            "Model Parameters",
            {"optimizer": "torch.optim.SGD(", "optimizer_learning_rate": "0.05"},
            ("learning_rate", 0.05),
        ),
        ("Model Parameters", {"optimizer_learning_rate": "0.001,"}, ("learning_rate", 0.001)),
        (
            "Model Parameters",
            {"optimizer": "torch.optim.SGD(model.parameters(), lr=0.05)"},
            ("learning_rate", 0.05),
        ),
        (
            "Model Parameters",
            {"optimizer": "SGD (\nParameter Group 0\n    lr: 1e-02\n)"},
            ("learning_rate", 0.01),
        ),
        ("Model Parameters", {"model_parameters": "str(model)TODO"}, ("hidden_layers", 2)),
        ("Data Preparation", {"preprocessing": "[MinMaxScaler()]"}, ("scaler", "MinMaxScaler")),
        (
            "Data Preparation",
            {"preprocessing": "[RobustScaler(quantile_range=(25.0, 75.0), copy=True)]"},
            ("scaler", "RobustScaler"),
        ),
        (
            "Data Preparation",
            {"preprocessing": "None", "number_operations": {"$": 0, "type": "xsd:int"}},
            ("scaler", "none"),
        ),
        ("Training", {"epochs": '{"$": 70, "type": "xsd:int"}'}, ("epochs", 70)),
        ("Training", {"epochs": "{'$': '70', 'type': 'xsd:int'}"}, ("epochs", 70)),
    ],
)
def test_what_the_old_notebooks_meant(
    tmp_path: Path, entity: str, values: dict[str, Any], expected: tuple[str, Any]
) -> None:
    found = the_fields(inspected(tmp_path, changed(MULTICLASS, entity, **values)))
    assert found[expected[0]] == expected[1]


@pytest.mark.parametrize(
    "said",
    ["tensor(0.75)", "tensor(0.75, device='cuda:0', dtype=torch.float64)", "np.float64(0.75)"],
)
def test_results_as_they_were_printed(tmp_path: Path, said: str) -> None:
    printed = {"accuracy": said, "Confusion Matrix": "array([[1, 0],\n       [0, 2]], dtype=int64)"}
    found = inspected(tmp_path, changed(MULTICLASS, "Evaluation", **printed))
    assert found.record is not None
    assert found.record.metrics["accuracy"] == 0.75
    assert found.record.metrics["confusion_matrix"] == [[1, 0], [0, 2]]


def test_data_that_had_another_size(tmp_path: Path) -> None:
    sizes = {"dataset_id": "R15", "classes": 8, "samples_total": 320}
    found = inspected(tmp_path, changed(MULTICLASS, "Data Ingestion", **sizes))
    told = {one.name: one.reason for one in found.unmapped}
    assert "15 classes here" in told["data_ingestion.dataset_classes"]
    assert "600 samples here" in told["data_ingestion.samples_total"]


def test_made_images(tmp_path: Path) -> None:
    entities = changed(
        IMAGES,
        "Data Ingestion",
        dataset_id="FakeData",
        training_samples="    Number of datapoints: 100>",
        classes={"$": 5, "type": "xsd:int"},
    )
    said = "    Number of datapoints: 10no_datano_data"
    found = inspected(tmp_path, changed(entities, "Data Segregation", testing_dataset=said))
    assert the_fields(found)["n_samples"] == 110
    assert the_fields(found)["test_size"] == pytest.approx(10 / 110, abs=1e-6)
    told = {one.name: one.reason for one in found.unmapped}
    assert "data_ingestion.training_samples" not in told
    assert "10 classes here" in told["data_ingestion.dataset_classes"]


def test_images_of_a_notebook_that_was_called_like_the_other(tmp_path: Path) -> None:
    """Their size stands only in what the data set printed, and only the data tell the task."""
    said = "<bound method\n  Resize(size=256, antialias=None)\n   CenterCrop(size=(224, 224))\n )>"
    entities = changed(IMAGES, "Data Preparation", transformation="[]")
    entities = changed(entities, "Data Segregation", training_dataset=said)
    del entities["Experiment Info"]
    path = tmp_path / "old.json"
    old = document(entities)
    old["entity"]["ex:notebook"] = {"ex:name": "MulticlassClassification.ipynb"}
    path.write_text(json.dumps(old))
    found = inspect_run(path)
    assert found.pack == "image_classification"
    assert the_fields(found)["image_size"] == 224
    old["entity"]["ex:Experiment Info Data"] = {"ex:task_type": "ImageClassification_pytorch"}
    path.write_text(json.dumps(old))
    assert reproduce(path).file.name == "ImageClassification_pytorch-reproduction.ipynb"


def test_a_loss_that_was_no_number(tmp_path: Path) -> None:
    """Older versions of `prov` wrote what JSON does not have."""
    path = tmp_path / "old.json"
    path.write_text(json.dumps(document(changed(MULTICLASS, "Evaluation", loss=float("nan")))))
    found = inspect_run(path)
    assert found.record is not None
    assert found.record.metrics == {"accuracy": 0.75}
    assert validate(path) == ["It is not valid JSON: NaN is not JSON."]
    path.write_text('{"entity": {"ex:Training Data": {"ex:epochs": NaN}}}')
    with pytest.raises(RecordError, match="NaN is not JSON"):
        inspect_run(path)


def test_what_stands_in_for_a_value_that_was_left_out_is_said(tmp_path: Path) -> None:
    path = tmp_path / "old.json"
    path.write_text(json.dumps(document(changed(MULTICLASS, "Data Ingestion", dataset_id="User"))))
    assert any(note.endswith("The notebook has 'iris'.") for note in reproduce(path).notes)


def test_it_gives_todays_notebook_for_the_values(tmp_path: Path) -> None:
    path = tmp_path / "old.json"
    path.write_text(json.dumps(document(changed(MULTICLASS, "Data Ingestion", dataset_id="Iris"))))
    made = reproduce(path)
    notebook = nbformat.read(made.file, as_version=4)
    code = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "code")
    assert "EPOCHS = 50" in code
    assert "torch.optim.RMSprop" in code
    assert "LEARNING_RATE = 0.01" in code
    manifest = read_manifest(made.file)
    assert manifest is not None
    assert manifest.original["metrics"] == {"accuracy": 0.75, "loss": 0.5}
    assert made.edited == []
    assert any("none of its code" in note for note in made.notes)


def test_values_never_become_code(tmp_path: Path) -> None:
    evil = "iris'); open('PWNED', 'w') #"
    entities = {name: dict.fromkeys(values, evil) for name, values in MULTICLASS.items()}
    (tmp_path / "old.json").write_text(json.dumps(document(entities)))
    try:
        made = reproduce(tmp_path / "old.json")
    except RecordError:
        return
    code = [c.source for c in nbformat.read(made.file, as_version=4).cells if c.cell_type == "code"]
    assert not any("PWNED" in source for source in code)


@pytest.mark.skipif(not SHARED.is_dir(), reason="needs the published files in ../shared")
@pytest.mark.parametrize("name", ["multiclass_iris_2022-05-19.json", "image_mnist_resnet18.json"])
def test_the_published_files(tmp_path: Path, name: str) -> None:
    found = inspect_run(SHARED / name)
    assert found.values["optimizer"] == "Adam"
    assert found.values["learning_rate" if "image" in name else "hidden_neurons"]
    made = reproduce(SHARED / name, tmp_path)
    assert made.file.parent == tmp_path
    nbformat.validate(nbformat.read(made.file, as_version=4))
