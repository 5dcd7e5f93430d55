"""Live objects of PyTorch, scikit-learn, pandas and NumPy, described as what they really are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from sklearn.compose import ColumnTransformer, make_column_selector
from sklearn.datasets import load_iris, make_moons
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import FeatureUnion, make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, RobustScaler, StandardScaler
from sklearn.tree import DecisionTreeClassifier
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from mlprov_widgets.capture.calls.terms import describe
from mlprov_widgets.capture.descriptions.preprocessing import list_operations


def values(step: str, **terms: Any) -> dict[str, Any]:
    findings = describe(step, terms)
    return {**findings.found.get(step, {}), **findings.told.get(step, {})}


# ---------------------------------------------------------------------------------------- data


def test_a_data_frame_with_class_names() -> None:
    iris = load_iris(as_frame=True)
    found = values("data_ingestion", source=load_iris, features=iris.data, labels=iris.target)
    assert found["feature_dimensions"] == 4
    assert found["dataset_classes"] == 3
    assert found["samples_total"] == 150
    assert found["dataset_id"] == "iris"
    assert found["root_location"] == "sklearn.datasets.load_iris"
    assert found["data_format"] == "pandas.DataFrame float64"
    assert found["feature_names"] == list(iris.data.columns)
    assert found["dataset_description"] == "Load and return the iris dataset (classification)."


def test_what_a_loader_returned() -> None:
    iris = load_iris()
    found = values("data_ingestion", source=iris, features=iris.data, labels=iris.target)
    assert found["dataset_description"] == iris.DESCR
    assert found["dataset_id"] == "iris"
    assert found["data_format"] == "numpy.ndarray float64"


def test_a_file(tmp_path: Path) -> None:
    file = tmp_path / "plants.csv"
    file.write_text("a,b\n1,x\n", encoding="utf-8")
    table = pd.read_csv(file)
    found = values("data_ingestion", source=file, features=table[["a"]], labels=table["b"])
    assert found["dataset_id"] == "plants"
    assert found["data_format"] == "CSV"
    assert found["root_location"] == str(file)
    assert len(found["source_sha256"]) == 64
    assert found["dataset_classes"] == 1


def test_what_is_told_counts_more_than_what_is_found() -> None:
    found = values(
        "data_ingestion", source=make_moons, features=np.zeros((5, 2)), dataset_id="mine"
    )
    assert found["dataset_id"] == "mine"
    assert found["feature_dimensions"] == 2


@pytest.mark.parametrize(
    ("features", "expected"),
    [
        (np.zeros((7, 3)), 3),
        (np.zeros(7), 1),
        (torch.zeros(7, 1, 28, 28), [1, 28, 28]),
        ([[1, 2], [3, 4]], 2),
        (pd.Series([1, 2]), 1),
        (TensorDataset(torch.zeros(7, 3, 8), torch.zeros(7)), [3, 8]),
    ],
)
def test_feature_dimensions(features: Any, expected: Any) -> None:
    assert values("data_ingestion", features=features)["feature_dimensions"] == expected


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        (np.array([0, 1, 2, 1]), 3),
        (np.array([0.0, 1.0, 1.0]), 2),
        (np.array(["a", "b"], dtype=object), 2),
        (pd.Series(["a", None, "b"]), 2),
        (pd.Series(["a", "b"], dtype="category"), 2),
        (torch.tensor([3, 3, 4]), 2),
        (np.eye(4), 4),
        (np.array([True, False]), 2),
        (["x", "y", "x"], 2),
        (np.array([0.1, 0.2, 0.3]), None),
        (np.arange(500.0), None),
    ],
)
def test_classes(labels: Any, expected: Any) -> None:
    assert values("data_ingestion", labels=labels).get("dataset_classes") == expected


def test_parts_as_rows_masks_sets_and_loaders() -> None:
    loader = DataLoader(TensorDataset(torch.zeros(60, 2)), batch_size=16)
    mask = np.array([True] * 20 + [False] * 80)
    findings = describe(
        "data_segregation", {"training": loader, "validation": mask, "testing": range(20)}
    )
    found = findings.found["data_segregation"]
    assert (found["training_samples"], found["validation_samples"]) == (60, 20)
    assert found["training_split"] == pytest.approx(0.6)
    assert found["testing_split"] == pytest.approx(0.2)
    assert findings.found["data_ingestion"]["testing_samples"] == 20
    assert findings.found["model_training"]["batch_size"] == 16


def test_without_a_validation_part() -> None:
    found = values("data_segregation", training=np.arange(8), testing=np.arange(8, 10))
    assert found["validation_samples"] == 0
    assert found["validation_split"] == 0
    assert found["training_split"] == 0.8


def test_folds() -> None:
    found = values("data_segregation", training=[np.arange(8), np.arange(7)], testing=np.arange(2))
    assert found["training_samples"] == [8, 7]
    assert "training_split" not in found


def test_the_split_is_told_apart_by_its_rows() -> None:
    def mark(rows: Any) -> str:
        terms = {"training": rows, "testing": np.arange(9, 10)}
        return describe("data_segregation", terms).fingerprints["split"]

    assert mark(np.array([1, 2])) == mark(np.array([1, 2]))
    assert mark(np.array([1, 2])) != mark(np.array([2, 1]))
    # Another scaler makes other rows of the same split.
    prepared = {"training": np.array([[0.5], [1.0]]), "testing": np.array([[0.1]])}
    assert "split" not in describe("data_preparation", prepared).fingerprints


# ----------------------------------------------------------------------------------- operations


def test_operations_of_a_column_transformer() -> None:
    numeric = make_pipeline(SimpleImputer(strategy="median"), RobustScaler())
    table = pd.DataFrame({"a": [1.0, 2], "b": ["x", "y"], "c": [1.0, 2]})
    transformer = ColumnTransformer(
        [
            ("numeric", numeric, make_column_selector(dtype_include="number")),
            ("text", OneHotEncoder(handle_unknown="ignore"), ["b"]),
        ]
    )
    assert list_operations(transformer) == [
        "SimpleImputer(strategy='median') on make_column_selector(dtype_include='number')",
        "RobustScaler() on make_column_selector(dtype_include='number')",
        "OneHotEncoder(handle_unknown='ignore') on b",
    ]
    # Once fitted it knows the columns.
    assert list_operations(transformer.fit(table))[0].endswith("on a, c")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (StandardScaler(), ["StandardScaler()"]),
        (FunctionTransformer(), []),
        (FunctionTransformer(np.log1p), ["FunctionTransformer(func=<ufunc 'log1p'>)"]),
        (None, []),
        ("none", []),
        ("passthrough", []),
        (["drop duplicates", StandardScaler()], ["drop duplicates", "StandardScaler()"]),
        (
            FeatureUnion([("one", StandardScaler()), ("two", RobustScaler())]),
            ["StandardScaler()", "RobustScaler()"],
        ),
        (np.log1p, ["numpy.log1p"]),
        (make_moons, ["sklearn.datasets.make_moons"]),
    ],
)
def test_operations(value: Any, expected: list[str]) -> None:
    found = values("data_preparation", operations=value)
    assert found == {"number_of_operations": len(expected), "operations": expected}


# --------------------------------------------------------------------------------------- models


def test_a_sequential_model() -> None:
    model = nn.Sequential(nn.Linear(4, 50), nn.Tanh(), nn.Linear(50, 3), nn.Softmax(dim=1))
    found = values("model_parameters", model=model)
    assert found["model_name"] == "Sequential"
    assert found["model_description"] == str(model)
    assert found["activation_function"] == "Tanh, Softmax"
    assert found["output_activation"] == "Softmax"
    assert found["output_neurons"] == 3
    assert found["number_of_parameters"] == 4 * 50 + 50 + 50 * 3 + 3
    assert found["gpu_enable"] is False
    assert found["pretrained"] is False


def test_activations_that_are_called_as_functions() -> None:
    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.first, self.second = nn.Linear(2, 5), nn.Linear(5, 2)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return torch.sigmoid(self.second(nn.functional.leaky_relu(self.first(x))))

    class Named(Net):
        """With the forward() of another class."""

    for kind in (Net, Named):
        found = values("model_parameters", model=kind())
        assert set(found["activation_function"].split(", ")) == {"Sigmoid", "LeakyReLU"}
    found = values("model_parameters", model=Net())
    assert found["model_name"] == "Net"
    # Which of its layers is the last one, only its forward() knows.
    assert "output_neurons" not in found
    assert "output_activation" not in found


def test_the_order_of_layers_is_not_guessed() -> None:
    """Only forward() knows that this activation is applied before the last layer."""

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.first, self.second, self.bend = nn.Linear(2, 5), nn.Linear(5, 2), nn.ReLU()

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return self.second(self.bend(self.first(x)))

    for model in (Net(), nn.Sequential(nn.Linear(2, 2), Net())):
        found = values("model_parameters", model=model)
        assert found["activation_function"] == "ReLU"
        assert "output_activation" not in found
    nested = nn.Sequential(nn.Sequential(), nn.Sequential(nn.Linear(2, 2), nn.Tanh()))
    assert values("model_parameters", model=nested)["output_activation"] == "Tanh"


def test_a_linear_model_has_no_activation() -> None:
    found = values("model_parameters", model=nn.Linear(3, 2))
    assert found["activation_function"] == "none"


@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no GPU")
def test_a_model_on_a_gpu() -> None:
    model = nn.Linear(3, 2).cuda()
    found = values("model_parameters", model=model)
    assert found["gpu_enable"] is True
    assert found["device"] == "cuda:0"
    assert describe("model_training", {"model": model}).fingerprints["weights"]


def test_the_real_device_decides() -> None:
    findings = describe("model_training", {"model": nn.Linear(3, 2, device="meta")})
    assert findings.found["model_parameters"] == {"gpu_enable": False, "device": "meta"}


@pytest.mark.parametrize("name", ["Adam", "Adadelta", "Adagrad", "Adamax", "RMSprop", "SGD"])
def test_optimizers(name: str) -> None:
    model = nn.Linear(3, 2)
    optimizer = getattr(torch.optim, name)(model.parameters(), lr=0.25)
    found = values("model_parameters", optimizer=optimizer)
    assert found["optimizer"] == name
    assert found["optimizer_learning_rate"] == 0.25
    assert found["optimizer_parameters"]["weight_decay"] == optimizer.defaults["weight_decay"]


def test_the_learning_rate_is_the_one_before_any_schedule() -> None:
    optimizer = torch.optim.SGD(nn.Linear(3, 2).parameters(), lr=0.5)
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size=1, gamma=0.1)
    optimizer.step()
    scheduler.step()
    assert optimizer.param_groups[0]["lr"] != 0.5
    found = values("model_parameters", optimizer=optimizer)
    assert found["optimizer_learning_rate"] == 0.5
    schedule = values("model_training", scheduler=scheduler)
    assert schedule["lr_scheduler"] == "StepLR"
    assert schedule["lr_scheduler_parameters"]["gamma"] == 0.1


def test_groups_with_rates_of_their_own() -> None:
    one, other = nn.Linear(1, 1), nn.Linear(1, 1)
    groups = [{"params": one.parameters()}, {"params": other.parameters(), "lr": 0.3}]
    found = values("model_parameters", optimizer=torch.optim.SGD(groups, lr=0.1))
    assert found["optimizer_learning_rate"] == [0.1, 0.3]


@pytest.mark.parametrize(
    ("loss", "expected"),
    [
        (nn.NLLLoss(), "NLLLoss"),
        (nn.functional.cross_entropy, "cross_entropy"),
        ("log loss", "log loss"),
        (nn.CrossEntropyLoss(label_smoothing=0.1), "CrossEntropyLoss"),
    ],
)
def test_losses(loss: Any, expected: str) -> None:
    assert values("model_parameters", loss_function=loss)["loss_function"] == expected


@pytest.mark.parametrize(("classes", "outputs"), [(3, 3), (2, 1)])
def test_only_an_estimator_that_is_a_network_has_neurons(classes: int, outputs: int) -> None:
    data = load_iris()
    rows = data.target < classes
    model = MLPClassifier([5], max_iter=5).fit(data.data[rows], data.target[rows])
    found = values("model_parameters", model=model)
    assert (found["output_neurons"], found["activation_function"]) == (outputs, "relu")
    tree = DecisionTreeClassifier().fit(data.data[rows], data.target[rows])
    assert "output_neurons" not in values("model_parameters", model=tree)


def test_an_estimator() -> None:
    iris = load_iris()
    model = LogisticRegression(max_iter=500).fit(iris.data, iris.target)
    found = values("model_parameters", model=model)
    assert found["model_name"] == "LogisticRegression"
    assert "output_neurons" not in found
    assert "activation_function" not in found
    assert found["gpu_enable"] is False
    assert found["hyperparameters"]["max_iter"] == 500
    assert values("model_parameters", model=MLPClassifier())["activation_function"] == "relu"
    assert describe("model_training", {"model": model}).fingerprints["weights"]


@pytest.mark.parametrize(
    "history",
    [
        [{"loss": np.float32(0.5)}, {"loss": torch.tensor(0.25)}],
        {"loss": [0.5, 0.25]},
        pd.DataFrame({"loss": [0.5, 0.25]}),
        [0.5, 0.25],
    ],
)
def test_histories(history: Any) -> None:
    found = values("model_training", history=history)
    assert found["history"] == [{"loss": 0.5}, {"loss": 0.25}]
    assert found["epochs_run"] == 2


def test_metrics_become_plain_values() -> None:
    metrics = {
        "accuracy": np.float64(0.5),
        "confusion_matrix": np.array([[1, 2], [3, 4]]),
        "loss": torch.tensor(1.5),
        "f1": {0: np.float32(1), "all": None},
        "nan": float("nan"),
    }
    found = values("model_evaluation", evaluation_metrics=metrics)["evaluation_metrics"]
    assert found["accuracy"] == 0.5
    assert type(found["accuracy"]) is float
    assert found["confusion_matrix"] == [[1, 2], [3, 4]]
    assert found["loss"] == 1.5
    assert found["f1"] == {"0": 1.0, "all": None}
    assert found["nan"] != found["nan"]


def test_huge_values_are_described_not_written_out() -> None:
    found = values("data_ingestion", table=np.zeros((10_000, 100)), words=["x"] * 1_000_000)
    assert found["table"] == "numpy.ndarray float64, 10000 × 100"
    assert len(found["words"]) < 60_000
    assert "more" in found["words"][-1]
    assert len(values("x", text="y" * 10**7)["text"]) <= 100_000
