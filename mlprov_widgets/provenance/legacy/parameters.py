"""What the values of an MLProvCodeGen 1.x run are in the fields of our packs."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from mlprov_widgets.provenance.legacy.names import DECLARED, SOFTWARE
from mlprov_widgets.record import Record, Step, Value
from mlprov_widgets.wording import is_numeric

MULTICLASS, IMAGES = "multiclass_classification", "image_classification"


class RecordedValue(NamedTuple):
    """A value for a field: the field, what it gets, what the file says, and where it says so.

    Where the file says that there was none of its own, the field gets None: the pack's default.
    """

    parameter: str
    value: Value
    recorded: Value
    source: str


class _CannotMapError(Exception):
    """A value that no field takes; the message is the reason."""


# Why a value is left out that is no choice; the others may be missed.
FOLLOWS = "It follows from the data and the other values."
RESULT = "It is a result; the new run is compared with it."
EXPECTED = (FOLLOWS, RESULT)

Found = list[RecordedValue]
Left = list[tuple[str, Value, str]]


def _key(value: Any) -> str:
    """An old name as it is looked up: in small letters without blanks."""
    return re.sub(r"[\s_]+", "", str(value)).lower()


# What is called the activation function is that of the last layer alone.
_RENAMED = {"model_parameters.activation_function": "model_parameters.output_activation"}
# What SGD had to be given before PyTorch had a rate for it, and was where none had been chosen.
_SGD_RATE = 1.0
_LINEAR = re.compile(r"\bLinear\(")
_POINTS = re.compile(r"Number of datapoints: (\d{1,6})")
_SIZE = re.compile(r"size=\(?(\d{1,5})")


def renamed_fields(record: Record) -> dict[str, str]:
    """Which fields of a record of this software mean what another field of ours does."""
    return _RENAMED if record.software == SOFTWARE else {}


def legacy_notebook(record: Record, suffix: str) -> str:
    """The name of the notebook of an old file.

    Parameters
    ----------
    record : Record
        As `legacy_record` reads it.
    suffix : str
        Of notebooks.
    """
    name = str(record.notebook.get("name", ""))
    task = str(record.experiment_info.get("task_type", ""))
    # Notebooks for images wrote the name of the other ones into their files.
    is_other = "image" in task.lower() and "multiclass" in name.lower()
    return f"{task}{suffix}" if is_other else name


def legacy_values(record: Record) -> tuple[str, Found, Left]:
    """Read the values of an old run as values for one of our packs.

    Parameters
    ----------
    record : Record
        As `mlprov_widgets.provenance.legacy.legacy_record` gives it.

    Returns
    -------
    str
        Name of the pack.
    list of RecordedValue
    list of tuple of str, Value and str
        Name, value and reason of what no field takes.
    """
    pack = _pack_of(record)
    readers = _MULTICLASS if pack == MULTICLASS else _IMAGES
    found: Found = []
    left: Left = []
    for step, values in record.steps.items():
        for name, value in values.values.items():
            source = f"{step}.{name}"
            parameter, read = readers.get(source, ("", None))
            try:
                if read is None:
                    raise _CannotMapError(_reason(step, name))
                found.append(RecordedValue(parameter, read(value), value, source))
            except _CannotMapError as error:
                left.append((source, value, str(error)))
    found += _implied(record, pack, found)
    used = {one.source for one in found}
    dataset = next((one.value for one in found if one.parameter == "dataset"), None)
    left = [
        (name, value, _other_size(name.partition(".")[2], value, dataset) or reason)
        for name, value, reason in left
        if name not in used
    ]
    return pack, found, sorted(left, key=lambda one: one[2] in EXPECTED)


def _reason(step: str, name: str) -> str:
    if step == "model_evaluation" or name in DECLARED["results"]:
        return RESULT
    return FOLLOWS if name in DECLARED["follows"] else "There is no field for it here."


def _other_size(name: str, value: Value, dataset: Value) -> str:
    """Why a number that follows from the data is another one here; empty where it is not."""
    rows, classes = DECLARED["sizes"].get(str(dataset), (0, 0))
    if name in ("dataset_classes", "output_neurons") and classes not in (None, value):
        return f"{dataset} has {classes} classes here, and the network as many outputs."
    if name in ("samples_total", "training_samples") and rows not in (None, value):
        return f"{dataset} has {rows:,} samples here, and all of them are used."
    return ""


def _pack_of(record: Record) -> str:
    info, ingested = record.experiment_info, record.steps.get("data_ingestion", Step()).values
    dataset = _key(ingested.get("dataset_id", ""))
    offered = [pack for pack in (IMAGES, MULTICLASS) if dataset in DECLARED["datasets"][pack]]
    by_data = offered[0] if len(offered) == 1 else ""
    # The name of the notebook comes last, because one for images was called like the other one.
    for said in (info.get("task_type"), info.get("title"), by_data, record.notebook.get("name")):
        if "image" in str(said).lower():
            return IMAGES
        if "multiclass" in str(said).lower():
            return MULTICLASS
    return MULTICLASS


def _implied(record: Record, pack: str, found: Found) -> Iterator[RecordedValue]:
    """What the old notebooks always did, and therefore never wrote down."""
    have = {one.parameter for one in found}
    values = {step: part.values for step, part in record.steps.items()}
    split = values.get("data_segregation", {})
    if "validation_size" not in have and split:
        where = "data_segregation"
        yield RecordedValue("validation_size", 0.0, "there was no validation part", where)
    settings = values.get("model_parameters", {})
    if "learning_rate" not in have and "optimizer" in have:
        rate, said = None, "the optimizer's own, as none was given"
        if pack == MULTICLASS and any(one.value == "SGD" for one in found):
            rate, said = _SGD_RATE, "none was given, and then it was 1 for SGD"
        yield RecordedValue("learning_rate", rate, said, "model_parameters.optimizer")
    prepared = values.get("data_preparation", {})
    if pack == MULTICLASS:
        if "operations" not in prepared and prepared.get("number_of_operations") == 0:
            where = "data_preparation.number_of_operations"
            yield RecordedValue("scaler", "none", 0, where)
        if split:
            where = "data_segregation.segregation_method"
            yield RecordedValue("stratify", False, split.get("segregation_method"), where)
        if "batch_size" not in have and "model_training" in values:
            yield RecordedValue("batch_size", 0, "all rows in each step", "model_training")
        layers = len(_LINEAR.findall(str(settings.get("model_description"))))
        if layers > 1:
            where = "model_parameters.model_description"
            yield RecordedValue("hidden_layers", layers - 1, f"{layers} linear layers", where)
        elif "hidden_neurons" in have:
            said, where = "it was always two", "model_parameters.hidden_neurons"
            yield RecordedValue("hidden_layers", 2, said, where)
        return
    # Early files have the operations only in what the data set printed of itself.
    told = {"data_preparation.operations": prepared.get("operations")}
    told["data_segregation.training_dataset"] = str(split.get("training_dataset", "")).splitlines()
    for where, operations in told.items():
        if size := _image_size(operations):
            yield RecordedValue("image_size", size, f"{size} × {size} pixels", where)
            break
    if any(one.value == "FakeData" for one in found):
        yield from _made_images(values.get("data_ingestion", {}), split)


def _made_images(ingested: dict[str, Value], split: dict[str, Value]) -> Iterator[RecordedValue]:
    """Images that were made for training and for testing, as one number and a share of it."""
    training = ingested.get("training_samples")
    testing = _POINTS.search(str(split.get("testing_dataset", "")))
    if not isinstance(training, int) or not testing or not 0 < training < 10**6:
        return
    total = training + int(testing[1])
    said, where = f"{training} + {testing[1]}", "data_ingestion.training_samples"
    yield RecordedValue("n_samples", total, said, where)
    where = "data_segregation.testing_dataset"
    # Rounded up, because a part of a sample is none.
    share = math.ceil(int(testing[1]) / total * 1e6) / 1e6
    yield RecordedValue("test_size", share, f"{testing[1]} of {total}", where)


def _image_size(operations: Value) -> int:
    found = 0
    for operation in operations if isinstance(operations, list) else []:
        name, size = str(operation).strip().partition("(")[0], _SIZE.search(str(operation))
        if size and name in ("Resize", "CenterCrop", "RandomResizedCrop", "RandomCrop"):
            found = int(size[1])
    return found


def _scaler(value: Value) -> Value:
    names = value if isinstance(value, list) else [value]
    if not names:
        return "none"
    known = DECLARED["scalers"].get(str(names[0]).partition("(")[0].rpartition(".")[2].lower())
    if known is None or len(names) > 1:
        raise _CannotMapError(
            "The pack scales by one of MinMaxScaler, StandardScaler, RobustScaler."
        )
    return known


def _named(known: dict[str, str], otherwise: str) -> Callable[[Value], Value]:
    def read(value: Value) -> Value:
        if _key(value) not in known:
            raise _CannotMapError(otherwise)
        return known[_key(value)]

    return read


def _share(value: Value) -> Value:
    if is_numeric(value) and 0 < value < 1:
        return float(value)
    raise _CannotMapError("It is not a share between 0 and 1.")


def _whole(value: Value) -> Value:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def _number(value: Value) -> Value:
    if not isinstance(value, int) or isinstance(value, bool):
        return value
    try:
        return float(value)
    except OverflowError:
        raise _CannotMapError("The number is too large.") from None


def _flag(value: Value) -> Value:
    if isinstance(value, str) and value.strip().lower() in ("true", "yes", "false", "no"):
        return value.strip().lower() in ("true", "yes")
    if value in (0, 1):
        return bool(value)
    raise _CannotMapError("It is neither yes nor no.")


def _model(value: Value) -> Value:
    name = str(value).strip()
    return DECLARED["models"].get(name.lower(), name)


def _folder(value: Value) -> Value:
    text = str(value).strip().replace("\\", "/")
    parts = [part for part in text.split("/") if part not in ("", ".")]
    if text.startswith("/") or ":" in text or ".." in parts or not parts:
        raise _CannotMapError("It is a path on another machine; the pack's own folder is used.")
    return "/".join(parts)


Readers = dict[str, tuple[str, Callable[[Value], Value]]]


def _readers(pack: str, data: str) -> Readers:
    dataset = _named(
        DECLARED["datasets"][pack],
        f"The data are not among those that the pack offers: choose {data} on the page Data.",
    )
    loss = _named(DECLARED["losses"][pack], "The pack does not offer this loss.")
    optimizer = _named(DECLARED["optimizers"], "The pack does not offer this optimizer.")
    return {
        "data_ingestion.dataset_id": ("dataset", dataset),
        "model_parameters.gpu_enable": ("use_gpu", _flag),
        "model_parameters.loss_function": ("loss_function", loss),
        "model_parameters.optimizer": ("optimizer", optimizer),
        "model_parameters.optimizer_learning_rate": ("learning_rate", _number),
        "model_parameters.save_checkpoint": ("save_checkpoint", _flag),
        "model_training.epochs": ("epochs", _whole),
        "model_training.batch_size": ("batch_size", _whole),
        "model_training.random_seed": ("seed", _whole),
        "model_training.print_progress": ("print_every", _whole),
        "data_segregation.random_state": ("random_state", _whole),
        "data_segregation.testing_split": ("test_size", _share),
        "data_segregation.validation_split": ("validation_size", _share),
    }


_MULTICLASS: Readers = {
    **_readers(MULTICLASS, "the CSV file"),
    "data_preparation.operations": ("scaler", _scaler),
    "model_parameters.hidden_neurons": ("hidden_neurons", _whole),
    "model_parameters.activation_function": (
        "output_activation",
        _named(DECLARED["activations"], "The pack does not offer it after the last layer."),
    ),
}
_IMAGES: Readers = {
    **_readers(IMAGES, "the image folder"),
    "data_ingestion.root_location": ("data_root", _folder),
    "model_parameters.model_name": ("model", _model),
    "model_parameters.pretrained": ("pretrained", _flag),
}
