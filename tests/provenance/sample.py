"""A record as a run of the multiclass pack on Iris leaves it behind, for the tests of all rooms."""

from __future__ import annotations

from copy import deepcopy
from datetime import UTC, datetime, timedelta

from mlprov_widgets.record import Cell, Execution, Record, Step

START = datetime(2026, 11, 22, 16, 30, 0, 123456, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


# id, kind, step, source, reads, binds, seconds from start to end
_CELLS = [
    ("c-title", "markdown", "", "# Multiclass classification of iris\n", "", "", None),
    (
        "c-imports",
        "code",
        "",
        "import torch\nfrom torch import nn\nfrom sklearn.datasets import load_iris",
        "",
        "torch nn load_iris start_run view",
        (None, None),
    ),
    (
        "c-parameters",
        "code",
        "",
        'SEED = 1\nLEARNING_RATE = 0.01\nEPOCHS = 100\nTITLE = "größer   "   ',
        "",
        "SEED LEARNING_RATE EPOCHS TITLE",
        (None, None),
    ),
    (
        "c-start",
        "code",
        "",
        'run = start_run("iris.ipynb", seed=SEED)',
        "start_run SEED",
        "run",
        (0, 0.04),
    ),
    (
        "c-ingest",
        "code",
        "data_ingestion",
        'iris = load_iris()\nrun.record("data_ingestion", features=iris.data, labels=iris.target)',
        "load_iris run",
        "iris features labels",
        (0.1, 0.15),
    ),
    (
        "c-prepare",
        "code",
        "data_preparation",
        "preprocessing = StandardScaler()\n"
        'run.record("data_preparation", operations=preprocessing)',
        "run features",
        "preprocessing",
        (0.2, 0.22),
    ),
    (
        "c-split",
        "code",
        "data_segregation",
        "train_rows, test_rows = train_test_split(features, labels, test_size=0.2)",
        "features labels preprocessing run",
        "train_rows test_rows",
        (0.3, 0.31),
    ),
    (
        "c-model",
        "code",
        "model_parameters",
        "model = nn.Sequential(nn.Linear(4, 50), nn.ReLU(), nn.Linear(50, 3))\n"
        "optimizer = torch.optim.Adam(model.parameters(), lr=LEARNING_RATE)",
        "torch nn LEARNING_RATE run",
        "model loss_function optimizer",
        (0.4, 0.42),
    ),
    (
        "c-train",
        "code",
        "model_training",
        "for epoch in progress(range(EPOCHS)):\n    train_one_epoch(model, train_rows)",
        "EPOCHS model train_rows optimizer loss_function run",
        "history epoch",
        (0.5, 3.75),
    ),
    (
        "c-evaluate",
        "code",
        "model_evaluation",
        "predictions = model(test_rows).argmax(dim=1)",
        "model test_rows labels run",
        "predictions metrics",
        (3.8, 3.9),
    ),
    ("c-view", "code", "", "view(run.finish())", "view run", "", (4.0, 4.1)),
]

_VALUES = {
    "data_ingestion": {
        "data_format": "numpy.ndarray",
        "dataset_id": "iris",
        "dataset_classes": 3,
        "class_names": ["setosa", "versicolor", "virginica"],
        "feature_dimensions": 4,
        "samples_total": 150,
        "dataset_description": ".. _iris_dataset:\n\nIris plants dataset\n\t4 numeric features\n",
        "root_location": "sklearn.datasets.load_iris",
        "training_samples": 96,
        "validation_samples": 24,
        "testing_samples": 30,
    },
    "data_preparation": {"number_of_operations": 1, "operations": ["StandardScaler()"]},
    "data_segregation": {
        "training_split": 0.64,
        "validation_split": 0.16,
        "testing_split": 0.2,
        "stratify": True,
    },
    "model_parameters": {
        "gpu_enable": False,
        "pretrained": False,
        "save_checkpoint": False,
        "model_name": "Sequential",
        "model_description": "Sequential(\n  (0): Linear(in_features=4, out_features=50)\n)",
        "activation_function": "ReLU",
        "output_neurons": 3,
        "loss_function": "CrossEntropyLoss",
        "optimizer": "Adam",
        "optimizer_learning_rate": 0.01,
        "optimizer_defaults": {"betas": [0.9, 0.999], "weight_decay": 0, "maximize": False},
    },
    "model_training": {
        "random_seed": 1,
        "resulting_model_seed": 1,
        "batch_size": 32,
        "epochs": 100,
        "print_progress": 10,
        "history": [{"epoch": 1, "loss": 1.0412}, {"epoch": 100, "loss": 0.0471}],
    },
    "model_evaluation": {
        "evaluation_metrics": {
            "accuracy": 0.9666666666666667,
            "balanced_accuracy": 0.9666666666666667,
            "loss": 0.0893,
            "roc_auc": 0.9983,
            "f1_macro": 0.9665831244778612,
            "f1_per_class": [1.0, 0.9523809523809523, 0.9473684210526315],
            "confusion_matrix": [[10, 0, 0], [0, 10, 0], [0, 1, 9]],
            "mae": 0.03333333333333333,
            "mse": 0.03333333333333333,
        }
    },
}

FUNCTIONS = {
    "experiment_info.creation_date": "datetime.datetime.now",
    "experiment_info.file_size": "pathlib.Path.stat",
    "hardware_info.CPU": "platform.processor",
    "hardware_info.GPUs": "torch.cuda.get_device_name",
    "hardware_info.RAM": "psutil.virtual_memory",
    "hardware_info.Operating_System": "platform.platform",
    "notebook.programming_language_version": "platform.python_version",
    "git.commit": "git rev-parse HEAD",
}


def sample(packages: int = 12) -> Record:
    """A finished run; `packages` distributions, so that the size can be chosen."""
    cells = []
    for number, (id_, kind, step, source, reads, binds, span) in enumerate(_CELLS):
        cell = Cell(id=id_, kind=kind, step=step, generated=source)
        if span is not None:
            start, end = (at(second) if second is not None else None for second in span)
            cell.executions.append(
                Execution(source, number, start, end, reads=reads.split(), binds=binds.split())
            )
        cells.append(cell)
    # A person changed the learning rate, after the cell had run once as generated.
    edited = cells[7]
    edited.executions[0].end = at(0.405)
    edited.executions.append(
        Execution(
            edited.source.replace("LEARNING_RATE", "0.02"),
            12,
            at(0.41),
            at(0.42),
            reads=["torch", "nn", "run"],
            binds=["model", "loss_function", "optimizer"],
        )
    )
    cells.append(
        Cell(
            "c-own",
            executions=[
                Execution("print(metrics)  ", 11, at(3.95), at(3.96), reads=["metrics", "run"])
            ],
        )
    )
    steps = {}
    for step, values in _VALUES.items():
        runs = [run for cell in cells if cell.step == step for run in cell.executions]
        steps[step] = Step(runs[-1].start, runs[-1].end, deepcopy(values))
    names = {"torch": "2.15.0+cpu", "scikit-learn": "1.9.0", "numpy": "2.4.1", "pandas": "3.0.2"}
    names |= {f"package-{number}": f"{number}.0" for number in range(len(names), packages)}
    return Record(
        run_id="3f0f4b3e-4b7f-4d70-9d5e-7f8f6d3a1c55",
        status="finished",
        start=START,
        end=at(4.1),
        agent={"name": "Ada Lovelace", "orcid": "0000-0002-1825-0097"},
        software="0.1.0",
        pack={"name": "multiclass_classification", "version": "1", "sha256": "ab" * 32},
        values={"dataset": "iris", "epochs": 100, "learning_rate": 0.01, "csv_path": None},
        experiment_info={
            "title": "Multiclass classification of iris",
            "task_type": "multiclass classification",
            "creation_date": "2026-11-22T16:30:00+00:00",
            "modification_date": "2026-11-22T16:30:00+00:00",
            "file_size": 18432,
        },
        hardware_info={
            "CPU": "AMD EPYC 7B13",
            "GPUs": [],
            "RAM": "15.6 GiB",
            "Operating_System": "Linux-6.1-x86_64",
        },
        packages=names,
        notebook={
            "name": "iris.ipynb",
            "file_format": ".ipynb",
            "kernel": "python3",
            "programming_language": "Python",
            "programming_language_version": "3.11.2",
            "creation_date": "2026-11-22",
            "prov:type": "prov:Plan",
        },
        environment={"threads": 2, "deterministic": True, "cuda": None, "blas": ["OpenBLAS 0.3"]},
        git={"commit": "93042b3f" * 5, "branch": "main", "dirty": True},
        functions=dict(FUNCTIONS),
        steps=steps,
        fingerprints={name: name[0] * 64 for name in ("data", "split", "weights", "predictions")},
        cells=cells,
        original={},
    )


def failed() -> Record:
    """A run whose training cell raised; nothing after it ran."""
    record = sample()
    record.status = "failed"
    del record.steps["model_evaluation"]
    for cell in record.cells:
        if cell.step == "model_training":
            cell.executions[0].status = "error"
            cell.executions[0].error = "RuntimeError: mat1 and mat2 shapes cannot be multiplied"
        elif cell.step == "model_evaluation" or cell.id in ("c-view", "c-own"):
            cell.executions.clear()
    return record
