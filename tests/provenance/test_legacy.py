"""Files of MLProvCodeGen 1.x say the same under our names."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlprov_widgets.provenance import to_prov
from mlprov_widgets.provenance.legacy import field_of, functions_of, is_legacy, legacy_record
from mlprov_widgets.provenance.legacy.values import array_in, plain_value
from mlprov_widgets.provenance.prov_json import to_prov_json
from tests.provenance.sample import sample

EX = "https://github.com/TarekAlMustafa/MLProvCodeGen1.0/"


def document(**data: dict[str, Any]) -> dict[str, Any]:
    """A file with the given "... Data" entities; underscores of their names are blanks."""
    entities = {f"ex:{name.replace('_', ' ')} Data": body for name, body in data.items()}
    return {"prefix": {"ex": EX}, "entity": entities, "activity": {}}


def values(step: str, **data: dict[str, Any]) -> dict[str, Any]:
    return legacy_record(document(**data)).steps[step].values


def integer(value: Any) -> dict[str, Any]:
    return {"$": value, "type": "xsd:int"}


def test_its_files_are_recognised() -> None:
    assert is_legacy(document(Evaluation={"ex:Accuracy": 0.9}))
    other = document(Evaluation={"ex:Accuracy": 0.9}, Training={})
    other["prefix"] = {"ex": "http://example.org/"}
    assert not is_legacy(other)
    other["activity"]["ex:set_evaluation()"] = {}
    assert is_legacy(other)


@pytest.mark.parametrize(
    "container",
    [
        {},
        None,
        [],
        {"entity": None},
        {"entity": {"ex:a": {}}},
        {"prefix": {"ex": EX}, "entity": {"ex:notebook": {}}},
        to_prov_json(sample()),
    ],
)
def test_other_documents_are_not(container: Any) -> None:
    assert not is_legacy(container)


def test_the_experiment_and_what_determined_its_fields() -> None:
    made = document(
        Experiment_Info={
            "ex:title": "Wine",
            "ex:creation_date": "2022-03-02",
            "ex:file size": "26.27KB",
        }
    )
    made["wasGeneratedBy"] = {
        "_:1": {
            "prov:entity": "ex:Experiment Info Data",
            "prov:activity": "ex:set_experiment_info()",
        }
    }
    made["wasInformedBy"] = {
        f"_:{call}": {"prov:informed": "ex:set_experiment_info()", "prov:informant": f"ex:{call}"}
        for call in ("os.path.getmtime", "os.path.getctime", "os.path.getsize()")
    }
    record = legacy_record(made)
    assert record.experiment_info == {
        "title": "Wine",
        "creation_date": "2022-03-02",
        "file_size": "26.27KB",
    }
    assert record.functions == {
        "experiment_info.creation_date": "os.path.getctime",
        "experiment_info.file_size": "os.path.getsize()",
    }


def test_hardware_packages_and_notebook() -> None:
    made = document(
        Hardware_Info={
            "ex:CPU": "AMD",
            "ex:RAM": "15.95GB",
            "ex:Operating System": "Windows 10",
            "ex:GPUs": "[(0, 'NVIDIA GeForce GTX 1060 6GB'), (1, 'Tesla')]",
        },
        Packages={"ex:torch": "1.10.2+cpu", "ex:py-cpuinfo": "py-cpuinfo         8.0.0"},
    )
    made["entity"]["ex:notebook"] = {
        "ex:name": "a.ipynb",
        "ex:fileformat": ".ipynb",
        "ex:last_modified": "TODO",
        "prov:type": ["prov:Collection"],
    }
    made["agent"] = {"ex:Ada Lovelace": {"foaf:givenName": "Ada Lovelace"}}
    record = legacy_record(made)
    assert record.hardware_info == {
        "CPU": "AMD",
        "RAM": "15.95GB",
        "Operating_System": "Windows 10",
        "GPUs": ["NVIDIA GeForce GTX 1060 6GB", "Tesla"],
    }
    assert record.packages == {"torch": "1.10.2+cpu", "py-cpuinfo": "8.0.0"}
    assert record.notebook == {"name": "a.ipynb", "file_format": ".ipynb"}
    assert record.agent == {"name": "Ada Lovelace"}


def test_data_and_its_odd_texts() -> None:
    found = values(
        "data_ingestion",
        Data_Ingestion={
            "ex:dataset_id": "MNIST",
            "ex:feature_classes": integer("10"),
            "ex:training_samples": "    Number of datapoints: 60000>no_data",
            "ex:testing_samples": integer(10000),
            "ex:root_location": "    Root location: ./data",
            "ex:description": "no_data",
        },
    )
    assert found == {
        "dataset_id": "MNIST",
        "dataset_classes": 10,
        "training_samples": 60000,
        "testing_samples": 10000,
        "root_location": "./data",
    }


def test_preparation_and_split() -> None:
    composed = "Compose(\n    Resize(size=256)\n    CenterCrop(size=(224, 224))\n)"
    assert values("data_preparation", Data_Preparation={"ex:preprocessing": composed}) == {
        "operations": ["Resize(size=256)", "CenterCrop(size=(224, 224))"]
    }
    assert values("data_preparation", Data_Preparation={"ex:preprocessing": "[]"}) == {
        "operations": []
    }
    found = values(
        "data_segregation",
        Data_Segregation={
            "ex:test_size": {"$": "0.2", "type": "xsd:double"},
            "ex:train_size": "0.8",
            "ex:random_state": integer(2),
        },
    )
    assert found == {"testing_split": 0.2, "training_split": 0.8, "random_state": 2}


def test_a_model_that_is_described_by_its_code() -> None:
    found = values(
        "model_parameters",
        Model_Parameters={
            "ex:gpu_enable": integer(1),
            "ex:pretrained": integer("0"),
            "ex:modelParameters": "Model(\n  (layer1): Linear(in_features=4)\n)",
            "ex:loss_function": "nn.CrossEntropyLoss()",
            "ex:optimizer": "torch.optim.Adam(",
            "ex:optimizer_learning_rate": "None",
            "ex:activation_function": "F.softmax(self.layer3(x), dim=1)",
        },
    )
    assert found == {
        "gpu_enable": True,
        "pretrained": False,
        "model_description": "Model(\n  (layer1): Linear(in_features=4)\n)",
        "model_name": "Model",
        "loss_function": "CrossEntropyLoss",
        "optimizer": "Adam",
        "activation_function": "softmax",
    }


def test_metrics_under_our_names() -> None:
    record = legacy_record(
        document(
            Evaluation={
                "ex:Accuracy": 0.93,
                "ex:Loss": {"$": "0.25", "type": "xsd:double"},
                "ex:AUC": integer(1),
                "ex:F1 Score": "[0.5 0.75\n 1.]",
                "ex:Confusion Matrix": "[[13  1]\n [ 0  7]]",
                "ex:Mean Squared Error": "0.0625",
                "ex:Something Else": "kept",
            }
        )
    )
    assert record.metrics == {
        "accuracy": 0.93,
        "loss": 0.25,
        "roc_auc": 1,
        "f1_per_class": [0.5, 0.75, 1.0],
        "confusion_matrix": [[13, 1], [0, 7]],
        "mean_squared_error": 0.0625,
    }
    assert record.steps["model_evaluation"].values["something_else"] == "kept"
    assert record.status == "finished"
    assert legacy_record(document(Training={"ex:epochs": 1})).status == "unfinished"


def test_of_a_cell_that_ran_twice_the_last_values_count() -> None:
    made = document(Training={"ex:epochs": [integer(10), integer(20)]})
    made["entity"]["ex:Evaluation Data"] = [{"ex:Accuracy": 0.5}, {"ex:Accuracy": 0.75}]
    made["activity"]["ex:set_training()"] = {
        "prov:startTime": ["2022-03-02T10:00:00", "2022-03-02T11:00:00"],
        "prov:endTime": ["2022-03-02T11:00:03", "2022-03-02T10:00:01"],
    }
    record = legacy_record(made)
    training = record.steps["model_training"]
    assert training.values == {"epochs": 20}
    assert training.execution_time == 3
    assert record.metrics == {"accuracy": 0.75}
    assert record.start == datetime(2022, 3, 2, 10)
    assert record.end == datetime(2022, 3, 2, 11, 0, 3)


def test_steps_are_in_the_order_of_the_pipeline() -> None:
    record = legacy_record(document(Evaluation={}, Training={}, Data_Ingestion={}))
    assert list(record.steps) == ["data_ingestion", "model_training", "model_evaluation"]


def test_the_same_document_has_the_same_id() -> None:
    one, other = document(Training={"ex:epochs": 1}), document(Training={"ex:epochs": 2})
    assert legacy_record(one).run_id == legacy_record(json.loads(json.dumps(one))).run_id
    assert legacy_record(one).run_id != legacy_record(other).run_id


def test_what_was_read_can_be_written_as_one_of_ours() -> None:
    record = legacy_record(document(Evaluation={"ex:Accuracy": 0.9}, Packages={"ex:a b": "1"}))
    assert len(list(to_prov(record).get_records())) > 5


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[[13  1  0]\n [ 0  7  1]]", [[13, 1, 0], [0, 7, 1]]),
        ("[0.96296296 0.875      0.94117647]", [0.96296296, 0.875, 0.94117647]),
        ("[1. .5 -2.e-3]", [1.0, 0.5, -0.002]),
        ("[[1, 2], [3, 4]]", [[1, 2], [3, 4]]),
        ("tensor([[1, 2],\n        [3, 4]])", [[1, 2], [3, 4]]),
        ("[]", []),
        ("[1 2", None),
        ("[a b]", None),
        ("[(0, 'GPU')]", None),
        ("12", None),
        ("", None),
    ],
)
def test_arrays_that_were_printed(text: str, expected: Any) -> None:
    assert array_in(text) == expected


@pytest.mark.parametrize("text", ["[1" + " " * 99_000 + "]", "[" * 90_000, "[1 " * 30_000])
def test_long_texts_that_look_like_arrays_do_no_harm(text: str) -> None:
    array_in(text)
    legacy_record(document(Evaluation={"ex:Confusion Matrix": text, "ex:F1 Score": text}))
    legacy_record(document(Data_Preparation={"ex:preprocessing": f"Compose({' ' * 90_000}"}))


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (integer(50), 50),
        (integer("50"), 50),
        ({"$": "0.001", "type": "xsd:double"}, 0.001),
        ("0.5", 0.5),
        ("None", None),
        ("TODO", None),
        (None, None),
        ([], None),
        ([integer(1), "None"], 1),
        ({"$": "true", "type": "xsd:boolean"}, True),
        ("1" * 500, "1" * 500),
        ("text", "text"),
    ],
)
def test_values_of_all_encodings(raw: Any, expected: Any) -> None:
    assert plain_value(raw) == expected


def test_names_that_other_formats_escape_are_the_same() -> None:
    made = document()
    made["entity"] = {"ex:Evaluation%20Data": {"ex:Confusion%20Matrix": "[[1 0]\n [0 1]]"}}
    assert is_legacy(made)
    assert legacy_record(made).metrics == {"confusion_matrix": [[1, 0], [0, 1]]}


def test_only_functions_that_were_called_determined_a_field() -> None:
    assert field_of("hardware_info", "ex:Operating System") == "Operating_System"
    called = ["platform.uname()", "svmem.total"]
    assert functions_of("hardware_info", "Operating_System", called) == ["platform.uname()"]
    assert functions_of("hardware_info", "CPU", called) == []


HOSTILE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["ex:Evaluation Data", "ex:Accuracy", "ex:GPUs", "$", "type", "prov:startTime"]
            )
            | st.text(max_size=5),
            inner,
            max_size=3,
        )
    ),
    max_leaves=15,
)


@settings(deadline=None, max_examples=200)
@given(
    st.dictionaries(
        st.sampled_from(
            ["entity", "activity", "agent", "wasGeneratedBy", "wasInformedBy", "wasStartedBy"]
        ),
        HOSTILE,
    ),
    HOSTILE,
)
def test_any_shape_is_read(container: dict[str, Any], body: Any) -> None:
    container["prefix"] = {"ex": EX}
    is_legacy(container)
    if isinstance(container.get("entity", {}), dict):
        container.setdefault("entity", {})["ex:Evaluation Data"] = body
        assert is_legacy(container)
    legacy_record(container)


@pytest.mark.parametrize(
    ("file", "dataset", "accuracy", "epochs", "model"),
    [
        ("multiclass_iris_2022-05-19.json", "Iris", 0.9333333373069763, 100, "Model"),
        ("image_mnist_resnet18.json", "MNIST", 0.109375, 1, "resnet18"),
    ],
)
def test_published_files(
    shared_data: Path, file: str, dataset: str, accuracy: float, epochs: int, model: str
) -> None:
    container = json.loads((shared_data / "legacy" / file).read_text(encoding="utf-8"))
    assert is_legacy(container)
    record = legacy_record(container)
    assert record.steps["data_ingestion"].values["dataset_id"] == dataset
    assert record.metrics["accuracy"] == accuracy
    assert record.steps["model_training"].values["epochs"] == epochs
    assert record.steps["model_parameters"].values["model_name"] == model
    assert record.status == "finished"
    assert record.agent["name"]
    assert all(step.execution_time is not None for step in record.steps.values())
    assert set(record.functions) >= {"experiment_info.creation_date", "hardware_info.CPU"}
