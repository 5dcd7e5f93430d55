"""Which of the names in documents of MLProvCodeGen 1.x mean what ours do.

Its documents have one entity "... Data" for each cell, with the values as attributes, and one
activity "set_...()" that generated it and was informed by the functions that were called.
"""

from __future__ import annotations

import re
from urllib.parse import unquote

SOFTWARE = "MLProvCodeGen"
_CHANGES = re.compile(r"[^a-z0-9]")
# How it names the cell, the data and the function of one step.
_KINDS = (
    ("Cell", re.compile(r"cell(.{1,80})")),
    ("Function", re.compile(r"set(.{1,80})")),
    ("Data", re.compile(r"(.{1,80})data")),
)


def called_as(name: str) -> str:
    """A name without its prefix and escapes; of an activity its function: ``date.today()``."""
    return unquote(name.partition(":")[2] or name)


def plain_name(name: str) -> str:
    """Local name without blanks, case and the escapes of other formats: ``cellevaluation``."""
    return _CHANGES.sub("", called_as(name).lower())


def _by_plain_name(*names: str) -> dict[str, str]:
    return {plain_name(name): name for name in names}


# How it names the steps of the pipeline, in their order.
STEPS = {
    "dataingestion": "data_ingestion",
    "datapreparation": "data_preparation",
    "datasegregation": "data_segregation",
    "modelparameters": "model_parameters",
    "training": "model_training",
    "evaluation": "model_evaluation",
}
# Activity to the step whose times it has.
ACTIVITIES = {f"set{name}": step for name, step in STEPS.items()}
# Entity to the group of a record, or "steps." and the step, whose values it holds.
DATA = {
    "experimentinfodata": "experiment_info",
    "hardwareinfodata": "hardware_info",
    "packagesdata": "packages",
    "notebook": "notebook",
    **{f"{name}data": f"steps.{step}" for name, step in STEPS.items()},
    "modeltrainingdata": "steps.model_training",
    "modelevaluationdata": "steps.model_evaluation",
}

# Group to attribute (as `plain_name` gives it) to our field; others keep their names in snake case.
FIELDS: dict[str, dict[str, str]] = {
    "experiment_info": {
        **_by_plain_name("creation_date", "modification_date", "file_size", "task_type"),
        "lastmodified": "modification_date",
    },
    "hardware_info": {**_by_plain_name("CPU", "RAM", "GPUs", "Operating_System"), "gpu": "GPUs"},
    "notebook": {
        **_by_plain_name("file_format", "creation_date"),
        "lastmodified": "modification_date",
    },
    "steps.data_ingestion": {
        "description": "dataset_description",
        "classes": "dataset_classes",
        "featureclasses": "dataset_classes",
        "outputdimensions": "dataset_classes",
        "samples": "samples_total",
        "numbersamples": "samples_total",
    },
    "steps.data_preparation": {
        "numberoperations": "number_of_operations",
        "preprocessing": "operations",
        "transformation": "operations",
    },
    "steps.data_segregation": {
        "trainsize": "training_split",
        "testsize": "testing_split",
        "validationsize": "validation_split",
    },
    "steps.model_parameters": {
        "modelparameters": "model_description",
        "neuronnumber": "hidden_neurons",
        "numclasses": "output_neurons",
        "optimizerdefaultlearningrate": "default_learning_rate",
    },
    "steps.model_training": {"seed": "random_seed", "numberofparameters": "number_of_parameters"},
}
# What belongs into `evaluation_metrics`, under our names.
METRICS = {
    **_by_plain_name("accuracy", "balanced_accuracy", "loss", "roc_auc", "f1", "confusion_matrix"),
    **_by_plain_name("mean_absolute_error", "mean_squared_error", "precision", "recall"),
    "testaccuracy": "accuracy",
    "testloss": "loss",
    "auc": "roc_auc",
    "f1score": "f1",
    "mae": "mean_absolute_error",
    "mse": "mean_squared_error",
}
# Our field to the calls that obtained it, of those by which the activity was informed.
FUNCTIONS: dict[str, tuple[str, ...]] = {
    "experiment_info.creation_date": ("date.today()", "os.path.getctime"),
    "experiment_info.modification_date": ("os.path.getmtime",),
    "experiment_info.file_size": ("os.path.getsize()",),
    "hardware_info.CPU": ("cpuinfo.get_cpu_info()",),
    "hardware_info.RAM": ("svmem.total",),
    "hardware_info.GPUs": ("GPUtil.getGPUs()",),
    "hardware_info.Operating_System": ("platform.uname()",),
    "steps.data_ingestion.training_samples": ("{dataset}.__len__()",),
    "steps.data_ingestion.testing_samples": ("{dataset}.__len__()",),
    "steps.data_preparation.operations": ("str(dataInfo).splitlines()[2]",),
}
_PACKAGE_CALLS = ("!pip list | grep -i {name}", "{package_name}.__version__")


def group_of(entity: str) -> str:
    """Group of the record whose values an entity holds, given its name; empty for none."""
    return DATA.get(plain_name(entity), "")


def field_of(group: str, attribute: str) -> str:
    """Our name for an attribute of an entity that holds the values of a group."""
    if group == "packages":
        return called_as(attribute)
    plain = plain_name(attribute)
    if group == "steps.model_evaluation" and plain in METRICS:
        return METRICS[plain]
    return FIELDS.get(group, {}).get(plain) or _snake(attribute)


def functions_of(group: str, name: str, calls: list[str]) -> list[str]:
    """Which of the functions that were called obtained a field.

    Parameters
    ----------
    group, name : str
        As `group_of` and `field_of` give them.
    calls : list of str
        Local names of the activities that informed the one which generated the group's entity.
    """
    if group == "packages":
        known = tuple(call.replace("{name}", name) for call in _PACKAGE_CALLS)
        return next(([call] for call in known if call in calls), [])
    known = FUNCTIONS.get(f"{group}.{name}", ())
    return [call for call in known if call in calls]


def _snake(attribute: str) -> str:
    local = called_as(attribute)
    parted = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", local)
    return re.sub(r"[\s\-_]+", "_", parted).strip("_").lower() or local


def place_of(entity: str, title: str, is_activity: bool) -> tuple[str, str]:
    """Type of an element and the group of the record that it belongs to; empty where unknown.

    Parameters
    ----------
    entity, title : str
        Its name and its label.
    is_activity : bool
    """
    name = plain_name(entity)
    for kind, pattern in _KINDS:
        found = pattern.fullmatch(name)
        if not found or (kind == "Function") != is_activity:
            continue
        group = DATA.get(f"{found[1]}data", "")
        if not group and kind == "Cell":
            # A cell that only some of its notebooks have, such as one for the exploration.
            step = title.removeprefix("Cell ").lower()
            group = "steps." + re.sub(r"\W+", "_", step).strip("_")
        if group:
            return kind, group
    return "", DATA.get(name, "")
