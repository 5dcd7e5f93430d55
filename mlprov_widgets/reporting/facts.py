"""What a record says about its run, for people who read a paper: data, model, training, machine."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from mlprov_widgets.provenance.legacy import SOFTWARE as LEGACY
from mlprov_widgets.provenance.record import Record, Value
from mlprov_widgets.reporting.blocks import Fact, Facts, count, number, plain, say, took
from mlprov_widgets.reproduction.requirements import python_of

# Label, step, and the fields of which the first that is there counts.
_Row = tuple[str, str, tuple[str, ...]]

_PREPARATION: tuple[_Row, ...] = (
    ("Operations", "data_preparation", ("operations", "transformation_method")),
    ("Image size", "data_preparation", ("image_size",)),
    ("Mean taken off", "data_preparation", ("mean",)),
    ("Divided by the deviation", "data_preparation", ("std",)),
)
_MODEL: tuple[_Row, ...] = (
    ("Model", "model_parameters", ("model_name",)),
    ("From the paper", "model_parameters", ("model_source",)),
    ("Address", "model_parameters", ("model_source_url",)),
    ("Pretrained", "model_parameters", ("pretrained",)),
    ("Pretrained weights", "model_parameters", ("weights", "pretrained_weights")),
    ("Hidden layers", "model_parameters", ("hidden_layers",)),
    ("Hidden neurons", "model_parameters", ("hidden_neurons",)),
    ("Activation", "model_parameters", ("activation_function",)),
    ("Output activation", "model_parameters", ("output_activation",)),
    ("Output neurons", "model_parameters", ("output_neurons",)),
    ("Dropout", "model_parameters", ("dropout",)),
)
_TRAINING: tuple[_Row, ...] = (
    ("Loss function", "model_parameters", ("loss_description", "loss_function")),
    ("Optimizer", "model_parameters", ("optimizer",)),
    ("Learning rate", "model_parameters", ("optimizer_learning_rate", "learning_rate")),
    ("Optimizer settings", "model_parameters", ("optimizer_parameters",)),
    ("Schedule", "model_training", ("lr_schedule", "scheduler")),
    ("Epochs", "model_training", ("epochs",)),
    ("Epochs run", "model_training", ("epochs_run",)),
    ("Best epoch", "model_training", ("best_epoch",)),
    ("Batch size", "model_training", ("batch_size",)),
    ("Early stopping after", "model_training", ("early_stopping",)),
    ("Mixed precision", "model_training", ("mixed_precision",)),
    ("Resumed from a checkpoint", "model_training", ("resumed_from", "resumed")),
)
_SETTINGS = (
    ("torch_threads", "Threads of PyTorch"),
    ("torch_interop_threads", "Threads between operations"),
    ("cpu_capability", "CPU capability"),
    ("blas", "BLAS"),
    ("deterministic_algorithms", "Deterministic algorithms"),
    ("deterministic_warn_only", "Where there is none, only warn"),
    ("nondeterministic_operations", "Operations that were not deterministic"),
    ("cudnn_deterministic", "cuDNN deterministic"),
    ("cudnn_benchmark", "cuDNN chooses by trying"),
    ("float32_matmul_precision", "Precision of products"),
    ("default_dtype", "Default number type"),
    ("PYTHONHASHSEED", "PYTHONHASHSEED"),
    ("cuda_version", "CUDA that PyTorch was built for"),
    ("cuda_available", "CUDA device available"),
    ("cudnn_version", "cuDNN"),
    ("driver_version", "GPU driver"),
)


@dataclass(frozen=True)
class RunFacts:
    """A record, asked for what a report says about it; nothing in it is believed to be well formed.

    Parameters
    ----------
    record : Record
    """

    record: Record

    def value(self, step: str, *names: str) -> Value:
        """The first of these fields of a step that says anything; else None."""
        found = self.record.steps.get(step)
        for name in names:
            value = found.values.get(name) if found else None
            if value is not None and value != "" and value != [] and value != {}:
                return value
        return None

    def text(self, step: str, *names: str) -> str:
        """The same in words; empty where there is nothing."""
        return say(self.value(step, *names))

    @property
    def is_legacy(self) -> bool:
        return self.record.software == LEGACY

    @property
    def title(self) -> str:
        return plain(self.record.experiment_info.get("title") or self.name or "A run", 120)

    @property
    def name(self) -> str:
        return say(self.record.notebook.get("name"))

    @property
    def data(self) -> str:
        return self.text("data_ingestion", "dataset_id")

    @property
    def samples(self) -> str:
        return count(self.value("data_ingestion", "samples_total"))

    @property
    def classes(self) -> str:
        return count(self.value("data_ingestion", "dataset_classes"))

    @property
    def split(self) -> list[tuple[str, str]]:
        """Part and its number of samples, of the parts that have any."""
        found = []
        for part in ("training", "validation", "testing"):
            field = f"{part}_samples"
            value = self.value("data_segregation", field) or self.value("data_ingestion", field)
            if value:
                found.append((part, count(value)))
        return found

    @property
    def parameters(self) -> str:
        for step in ("model_parameters", "model_training"):
            found = count(self.value(step, "number_of_parameters"))
            if found:
                return found
        return ""

    @property
    def seeds(self) -> list[Fact]:
        """Every seed that was recorded, each with its place."""
        found, seen = [], set()
        for step, names in (
            ("model_training", ("random_seed", "seed")),
            ("model_parameters", ("random_seed", "seed")),
            ("data_segregation", ("random_state", "seed")),
            ("data_ingestion", ("random_state",)),
        ):
            for name in names:
                value = self.text(step, name)
                if value and step not in seen:
                    seen.add(step)
                    found.append(Fact(f"Seed of the {_STEPS[step]}", value, f"{step}.{name}"))
        return found

    @property
    def gpus(self) -> str:
        return say(self.record.hardware_info.get("GPUs"))

    @property
    def device(self) -> str:
        return self.text("model_parameters", "device")

    @property
    def duration(self) -> str:
        record = self.record
        return took(_seconds(record.start, record.end))

    @property
    def hardware(self) -> str:
        """The machine in a few words: ``AMD EPYC (2 cores), 23.5 GiB, no GPU``."""
        info = self.record.hardware_info
        cpu, cores = say(info.get("CPU")), count(info.get("CPU_cores"))
        parts = [f"{cpu} ({cores} cores)" if cpu and cores else cpu, say(info.get("RAM"))]
        parts.append(self.gpus or ("no GPU" if "GPUs" in info else ""))
        return ", ".join(part for part in parts if part)

    def metric(self, name: str) -> str:
        """A metric, rounded; empty where it is no number."""
        value = self.record.metrics.get(name)
        whole = isinstance(value, int | float) and not isinstance(value, bool)
        return number(value) if whole else ""

    def what_was_run(self) -> list[Facts]:
        """Data, preparation, split, model and training, each with where it stands."""
        groups = [
            Facts("Data", list(self._data())),
            Facts("Preparation", self._rows(_PREPARATION)),
            Facts("Split", list(self._split())),
            Facts("Model", list(self._model())),
            Facts("Training", [*self._rows(_TRAINING), *self.seeds]),
            Facts("Started from another run", list(self._started())),
        ]
        return [group for group in groups if group.rows]

    def with_what(self) -> list[Facts]:
        """Software, machine, settings and code, each with where it stands."""
        groups = [
            Facts("Software", list(self._software())),
            Facts("Machine", list(self._machine())),
            Facts("Settings that exact re-runs depend on", list(self._settings())),
            Facts("Code", list(self._code())),
            Facts("Time", list(self._time())),
        ]
        return [group for group in groups if group.rows]

    def _rows(self, rows: tuple[_Row, ...]) -> list[Fact]:
        found = []
        for label, step, names in rows:
            for name in names:
                text = self.text(step, name)
                if text:
                    found.append(Fact(label, text, f"{step}.{name}"))
                    break
        return found

    def _data(self) -> Iterator[Fact]:
        step = "data_ingestion"
        yield from self._rows((("Data set", step, ("dataset_id",)),))
        yield from self._rows((("Description", step, ("dataset_description",)),))
        yield from self._rows((("Obtained from", step, ("root_location",)),))
        for label, name in (("Samples", "samples_total"), ("Classes", "dataset_classes")):
            if text := count(self.value(step, name)):
                yield Fact(label, text, f"{step}.{name}")
        yield from self._rows(
            (
                ("Features", step, ("feature_dimensions",)),
                ("Names of the features", step, ("feature_names",)),
                ("Format", step, ("data_format",)),
                ("SHA-256 of the file", step, ("source_sha256",)),
            )
        )
        yield from self._fingerprints("data", "SHA-256 of the data as used")

    def _split(self) -> Iterator[Fact]:
        for part in ("training", "validation", "testing"):
            for step in ("data_segregation", "data_ingestion"):
                if text := count(self.value(step, f"{part}_samples")):
                    share = self.value("data_segregation", f"{part}_split")
                    if isinstance(share, int | float) and 0 < share <= 1:
                        text += f" ({share:.1%})"
                    yield Fact(f"{part.capitalize()} samples", text, f"{step}.{part}_samples")
                    break
            else:
                if text := self.text("data_segregation", f"{part}_split"):
                    where = f"data_segregation.{part}_split"
                    yield Fact(f"{part.capitalize()} share", text, where)
        yield from self._rows(
            (
                ("Method", "data_segregation", ("segregation_method",)),
                ("Stratified by class", "data_segregation", ("stratify",)),
                ("Folds of the cross-validation", "data_segregation", ("n_splits",)),
                ("Seed", "data_segregation", ("random_state",)),
            )
        )
        if "stratify" in self.record.values and not self.text("data_segregation", "stratify"):
            yield Fact(
                "Stratified by class", say(self.record.values["stratify"]), "values.stratify"
            )
        yield from self._fingerprints("split", "SHA-256 of the split")

    def _model(self) -> Iterator[Fact]:
        yield from self._rows(_MODEL)
        for label, name in (
            ("Parameters", "number_of_parameters"),
            ("Trainable parameters", "number_of_trainable_parameters"),
        ):
            for step in ("model_parameters", "model_training"):
                if text := count(self.value(step, name)):
                    yield Fact(label, text, f"{step}.{name}")
                    break
        yield from self._fingerprints("initial_weights", "SHA-256 of the initial weights")
        yield from self._fingerprints("weights", "SHA-256 of the final weights")

    def _started(self) -> Iterator[Fact]:
        """The run whose values were the starting point, and what was changed since."""
        start = self.record.started_from
        for label, name in (("Notebook of that run", "name"), ("Its id", "run_id")):
            if text := say(start.get(name)):
                yield Fact(label, text, f"started_from.{name}")
        changes = start.get("changes")
        for name, pair in list(changes.items())[:60] if isinstance(changes, dict) else ():
            if isinstance(pair, list) and len(pair) == 2:
                was, now = (say(one) or "nothing" for one in pair)
                yield Fact(f"Changed: {plain(name, 60)}", f"{was} → {now}", "started_from.changes")

    def _fingerprints(self, name: str, label: str) -> Iterator[Fact]:
        if value := say(self.record.fingerprints.get(name)):
            yield Fact(label, value, f"fingerprints.{name}")

    def _software(self) -> Iterator[Fact]:
        record = self.record
        if python := python_of(record):
            kind = say(record.environment.get("python_implementation"))
            yield Fact("Python", f"{python} ({kind})" if kind else python, "environment.python")
        for name in ("torch", "torchvision", "numpy", "scikit-learn", "sklearn", "pandas"):
            if version := say(record.packages.get(name)):
                yield Fact(name, version, f"packages.{name}")
        if build := say(record.environment.get("torch_version")):
            yield Fact("Build of PyTorch", build, "environment.torch_version")
        if record.software:
            name = LEGACY if self.is_legacy else f"mlprov-widgets {plain(record.software, 60)}"
            yield Fact("Recorded by", name, "software")

    def _machine(self) -> Iterator[Fact]:
        labels = {"CPU_cores": "CPU cores", "Operating_System": "Operating system", "GPUs": "GPU"}
        for key, value in list(self.record.hardware_info.items())[:30]:
            text = "none" if key == "GPUs" and value == [] else say(value)
            if text:
                label = labels.get(key, plain(key, 60).replace("_", " "))
                yield Fact(label, text, f"hardware_info.{plain(key, 60)}")
        yield from self._rows((("Trained on", "model_parameters", ("device",)),))

    def _settings(self) -> Iterator[Fact]:
        environment = self.record.environment
        for key, label in _SETTINGS:
            if text := say(environment.get(key)):
                yield Fact(label, text, f"environment.{key}")
        if pools := _pools(environment.get("thread_pools")):
            yield Fact("Thread pools", pools, "environment.thread_pools")

    def _code(self) -> Iterator[Fact]:
        record = self.record
        pack = record.pack
        if name := say(pack.get("name")):
            text = f"{name} {say(pack.get('version'))}".strip()
            yield Fact("Written by the pack", text, "pack")
            if digest := say(pack.get("sha256")):
                yield Fact("SHA-256 of the pack", digest, "pack.sha256")
        if commit := say(record.git.get("commit")):
            branch = say(record.git.get("branch"))
            yield Fact("Git commit", commit + (f" ({branch})" if branch else ""), "git.commit")
            dirty = record.git.get("dirty")
            if isinstance(dirty, bool):
                text = "with changes that were not committed" if dirty else "nothing uncommitted"
                yield Fact("State of the repository", text, "git.dirty")
        elif not self.is_legacy:
            yield Fact("Git commit", "none: the notebook was in no repository", "git")
        code = [cell for cell in record.cells if cell.kind == "code"]
        if code:
            ran = sum(bool(cell.executions) for cell in code)
            yield Fact("Code cells", f"{len(code):,}, of which {ran:,} ran", "cells")

    def _time(self) -> Iterator[Fact]:
        record = self.record
        for label, where, moment in (
            ("Began", "start", record.start),
            ("Ended", "end", record.end),
        ):
            if moment is not None:
                zone = " UTC" if moment.tzinfo is not None and not moment.utcoffset() else ""
                zone = zone or (" (no time zone recorded)" if moment.tzinfo is None else "")
                stamp = moment.strftime("%Y-%m-%d %H:%M:%S")
                if moment.tzinfo is not None and not zone:
                    stamp += moment.strftime(" %z")
                yield Fact(label, stamp + zone, where)
        if self.duration:
            yield Fact("Whole run", self.duration, "start, end")
        for name, label in (("model_training", "Training"), ("model_evaluation", "Evaluation")):
            step = record.steps.get(name)
            if step and (text := took(_seconds(step.start, step.end))):
                yield Fact(label, text, f"steps.{name}")


_STEPS = {
    "model_training": "training",
    "model_parameters": "model",
    "data_segregation": "split",
    "data_ingestion": "data",
}


def class_names(record: Record, classes: int) -> list[str]:
    """Names of so many classes: recorded ones, else those that metrics have, else numbers."""
    for step in record.steps.values():
        names = step.values.get("class_names")
        if isinstance(names, list) and len(names) == classes:
            return [plain(name, 60) for name in names]
    for metric in record.metrics.values():
        if isinstance(metric, dict) and len(metric) == classes:
            return [plain(name, 60) for name in metric]
    return [str(row) for row in range(classes)]


def _seconds(start: Any, end: Any) -> float | None:
    try:
        return (end - start).total_seconds() if start and end else None
    except TypeError:  # one with a time zone, one without
        return None


def _pools(value: Value) -> str:
    parts = []
    for pool in value[:8] if isinstance(value, list) else ():
        if isinstance(pool, dict):
            name = say(pool.get("internal_api") or pool.get("user_api")) or "library"
            details = [say(pool.get(key)) for key in ("version", "architecture")]
            told = " ".join(part for part in (name, *details) if part)
            parts.append(f"{told}: {say(pool.get('num_threads')) or '?'} threads")
    return "; ".join(parts)
