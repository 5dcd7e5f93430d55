"""A run told once, as data; views, reports and pages only draw it."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cached_property

from mlprov_widgets.record.entries import Entry, card_text, worded
from mlprov_widgets.record.fields import CROSS_VALIDATED, Field, Vocabulary, vocabulary_of
from mlprov_widgets.record.findings import caveats, has, is_observed
from mlprov_widgets.record.pipeline import StepStory, steps_of
from mlprov_widgets.record.results import MetricValue, counter_of, headline_metrics
from mlprov_widgets.record.run import PARTS, STEPS, Cell, Record, Value
from mlprov_widgets.wording import (
    format_count,
    format_duration,
    format_number,
    format_percent,
    format_time,
    format_value,
    humanize,
    one_line,
    seconds_between,
)

# How torchvision writes a data set, which old records have for the number of its samples.
_POINTS = re.compile(r"Number of datapoints: (\d{1,12})\b")
_VERSION = re.compile(r"\d+(\.\d+)+")
_ENDED = {
    "finished": "finished",
    "failed": "failed",
    "interrupted": "was interrupted",
    "unfinished": "did not come to its end",
}


class Story:
    """A run as it is told everywhere: in a view, a report, a list or a page.

    Parameters
    ----------
    record : Record
        Of a run, whether it came to its end or not; nothing in it is believed to be well formed.
    """

    def __init__(self, record: Record) -> None:
        self.record = record

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """What its fields and metrics mean."""
        return vocabulary_of(self.record)

    # -- fields -------------------------------------------------------------------------------

    def value(self, step: str, name: str) -> Value:
        """A declared field of a step as it is recorded; None where it is not."""
        return self._find(self.vocabulary.field_of(step, name))[2]

    def text(self, step: str, name: str) -> str:
        """A declared field of a step in words; empty where there is nothing."""
        entry = self.entry(step, name)
        return entry.text if entry else ""

    def known(self, step: str, name: str) -> str:
        """How a field is known: ``observed`` or ``told``; empty where the record does not say."""
        found = self.record.steps.get(step)
        return found.known.get(name, "") if found else ""

    def entry(self, step: str, name: str) -> Entry | None:
        """A declared field of a step; None where there is nothing."""
        return self.entry_of(self.vocabulary.field_of(step, name))

    def entries(self, step: str) -> list[Entry]:
        """What is known of a step, in the order in which it is told."""
        found = [self.entry_of(one) for one in self.vocabulary.fields_of(step) if one.report]
        return self._settled([one for one in found if one is not None])

    def group(self, name: str, declared_only: bool = False) -> list[Entry]:
        """What is known of ``hardware_info``, ``environment`` or another such part of the record.

        Parameters
        ----------
        name : str
            The part.
        declared_only : bool, default False
            Whether what nobody declared is left out.
        """
        values = getattr(self.record, name)
        declared = [
            one
            for one in self.vocabulary.fields_of(name)
            if values.keys() & {one.name, *one.aliases}
        ]
        if not declared_only:
            known = {key for one in declared for key in (one.name, *one.aliases)}
            declared += [
                self.vocabulary.field_of(name, str(key)) for key in values if key not in known
            ]
        found = []
        for one in declared:
            key, value = one.find(values)
            # An empty list of devices says that there are none.
            text = worded(one, value) if key else "none" if values.get(one.name) == [] else ""
            if text:
                found.append(Entry(one.label, text, f"{name}.{one_line(key or one.name, 60)}"))
        return found

    def _find(self, declared: Field) -> tuple[str, str, Value]:
        """Step, name and value under which a field is recorded."""
        for step in (declared.step, declared.also):
            found = self.record.steps.get(step)
            name, value = declared.find(found.values) if found else ("", None)
            if name:
                return step, name, value
        return "", "", None

    def entry_of(self, declared: Field) -> Entry | None:
        """The same of its declaration."""
        step, name, value = self._find(declared)
        if not name:
            return None
        text, short, card = worded(declared, value), card_text(declared, value), declared.card
        if declared.kind == "shape" and isinstance(value, list):
            card = "shape"
        if declared.kind == "part":
            text = short = self._part(declared, name, value)
        known = self.known(step, name)
        return Entry(declared.label, text, f"{step}.{name}", known, card, short)

    def _part(self, declared: Field, name: str, value: Value) -> str:
        """Number and share of the samples of a part, as far as they are known."""
        share = value
        if name == declared.name:
            segregation = self.record.steps.get("data_segregation")
            share = segregation.values.get(declared.aliases[0]) if segregation else None
        told = worded(replace(declared, kind="count"), value) if name == declared.name else ""
        if isinstance(share, float) and 0 < share <= 1:
            percent = format_percent(share)
            return f"{told} ({percent})" if told else percent
        points = _POINTS.search(str(value)[:200])
        return told or (format_number(int(points[1])) if points else format_value(value))

    def _settled(self, entries: list[Entry]) -> list[Entry]:
        """Without the epochs of a history that says the same as the epochs that were seen."""
        epochs = self.text("model_training", "epochs")
        found = []
        for one in entries:
            if one.where == "model_training.epochs_run" and self.is_observed:
                if one.text == epochs:
                    continue
                # It is the length of the last history; training may have gone on more than once.
                one = replace(one, label="Epochs of the history that was told")
            found.append(one)
        return found

    # -- the run as a whole -------------------------------------------------------------------

    @property
    def title(self) -> str:
        """Title of the experiment, else the name of the notebook."""
        return one_line(self.record.experiment_info.get("title") or self.name or "A run", 120)

    @property
    def name(self) -> str:
        """Name of the notebook; may be empty."""
        return one_line(self.record.notebook.get("name") or "", 120)

    @property
    def pack(self) -> str:
        """The pack that has written the notebook, with its version; may be empty."""
        names = (self.record.pack.get("name"), self.record.pack.get("version"))
        return " ".join(one_line(one, 80) for one in names if one)

    @property
    def python(self) -> str:
        """Version of Python, as far as it is one; may be empty."""
        environment, notebook = self.record.environment, self.record.notebook
        found = _VERSION.match(
            str(environment.get("python") or notebook.get("programming_language_version") or "")
        )
        return found[0] if found else ""

    @property
    def is_observed(self) -> bool:
        """Whether the record says how it knows its values."""
        return is_observed(self.record)

    @property
    def is_diverged(self) -> bool:
        """Whether training has led to what is no number."""
        return has(self.record, "diverged")

    @property
    def tone(self) -> str:
        """``good``, ``fair`` or ``bad``: how it ended."""
        if self.record.status == "failed":
            return "bad"
        return "fair" if self.record.status != "finished" or caveats(self.record) else "good"

    @cached_property
    def failing_cell(self) -> tuple[int, Cell] | None:
        """The cell (and its number from 1) whose last execution raised or was stopped."""
        ran = ((at, cell) for at, cell in enumerate(self.record.cells, 1) if cell.executions)
        return next((one for one in ran if one[1].executions[-1].status != "ok"), None)

    @property
    def status(self) -> str:
        """How it ended, in a few words; of a finished run with what takes the meaning from it."""
        but = caveats(self.record) if self.record.status == "finished" else ""
        return _ENDED.get(self.record.status, _ENDED["unfinished"]) + (f"; {but}" if but else "")

    @cached_property
    def ended(self) -> str:
        """The same with the cell that failed and its error, as the end of a sentence."""
        if self.record.status not in ("failed", "interrupted") or self.failing_cell is None:
            return self.status
        at, cell = self.failing_cell
        step = f" ({humanize(cell.step, 60)})" if cell.step else ""
        error = cell.executions[-1].error
        return one_line(f"{self.status} in cell {at}{step}" + (f": {error}" if error else ""), 300)

    @property
    def began(self) -> str:
        """When it began, to the minute; empty where that is not known."""
        return format_time(self.record.start) if self.record.start else ""

    @property
    def duration(self) -> str:
        """How long all of it took; empty where that is not known."""
        return format_duration(seconds_between(self.record.start, self.record.end))

    @property
    def agent(self) -> str:
        """Name of whoever ran it; may be empty."""
        return one_line(self.record.agent.get("name") or "", 60)

    @property
    def verdict(self) -> str:
        """How it compared with the run that it reproduces; empty where it was not compared."""
        return one_line(self.record.original.get("verdict") or "", 60)

    @property
    def machine(self) -> str:
        """The machine in a few words: ``AMD EPYC (2 cores), 23.5 GiB, no GPU``."""
        info = self.record.hardware_info
        cpu, cores = format_value(info.get("CPU"), 120), info.get("CPU_cores")
        if cpu and isinstance(cores, int):
            cpu = f"{cpu} ({format_count(cores, 'core')})"
        gpus = format_value(info.get("GPUs"), 120) or ("no GPU" if "GPUs" in info else "")
        return ", ".join(part for part in (cpu, format_value(info.get("RAM"), 60), gpus) if part)

    # -- data, model and training -------------------------------------------------------------

    @property
    def recorded_by(self) -> str:
        """Which software has recorded it, with its version; may be empty."""
        software = one_line(self.record.software, 60)
        return f"mlprov-widgets {software}" if software[:1].isdigit() else software

    @property
    def parameters(self) -> str:
        """How many parameters the model has; empty where that is not known."""
        return self.text("model_parameters", "number_of_parameters")

    @property
    def has_layers(self) -> bool:
        """Whether the model was described layer by layer."""
        told = self.value("model_parameters", "model_description")
        # An estimator has settings in their place.
        is_network = not self.value("model_parameters", "hyperparameters")
        return is_network and isinstance(told, str) and "\n" in told

    @property
    def parts(self) -> list[tuple[str, str]]:
        """Part of the data and its number of samples, of the parts that have any."""
        found = [(part, self.text("data_segregation", f"{part}_samples")) for part in PARTS]
        return [(part, text) for part, text in found if text]

    @property
    def seeds(self) -> list[Entry]:
        """Every seed that was recorded, that of the training first."""
        fields = (one for step in reversed(STEPS) for one in self.vocabulary.fields_of(step))
        entries = [self.entry_of(one) for one in fields if one.kind == "identifier"]
        return [one for one in entries if one is not None]

    @property
    def executions(self) -> int:
        """Executions of cells that trained the model."""
        found = self.value("model_training", "executions")
        return found if isinstance(found, int) and not isinstance(found, bool) else 0

    @property
    def epochs(self) -> str:
        """How many epochs were trained; empty where that is not known."""
        if has(self.record, "no_training_seen"):
            return ""
        # What was told of a training that was observed is the plan, or a part of it.
        told = "" if self.is_observed else self.text("model_training", "epochs_run")
        return told or self.text("model_training", "epochs")

    @property
    def training(self) -> str:
        """``8 epochs in 2 executions``; empty where the epochs are not known."""
        if not self.epochs:
            return ""
        text = f"{self.epochs} epoch{'' if self.epochs == '1' else 's'}"
        return text + (f" in {self.executions} executions" if self.executions > 1 else "")

    @property
    def learning_rate(self) -> str:
        """The learning rate, and where it changed in training the first and the last one."""
        rate = self.text("model_parameters", "optimizer_learning_rate")
        first = self.text("model_training", "learning_rate_first")
        last = self.text("model_training", "learning_rate_last")
        return f"{rate} (from {first} to {last})" if rate and first and last != first else rate

    @property
    def was_trained(self) -> bool:
        """Whether a model was seen to be trained."""
        if has(self.record, "no_training_seen"):
            return False
        seen = self.known("model_training", "executions") == "observed"
        return seen or bool(self.record.trainings)

    @property
    def number_of_models(self) -> int:
        """How many models were trained, where there were several; 0 where there were not."""
        listed = self.value("model_training", "models")
        found = self.value("model_training", "number_of_models")
        if not isinstance(listed, list):
            return 0
        # Of very many not all are listed.
        return max(len(listed), found if isinstance(found, int) else 0)

    @property
    def data(self) -> str:
        """What the data are called; may be empty."""
        return self.text("data_ingestion", "dataset_id")

    # -- results ------------------------------------------------------------------------------

    @cached_property
    def headlines(self) -> list[MetricValue]:
        """The numbers that a reader looks for; none of weights that are no numbers."""
        return headline_metrics(self.record.metrics, self.vocabulary)

    def counted(self, counter: str) -> int:
        """How many folds or trials have a result of their own; 0 where none has.

        Parameters
        ----------
        counter : str
            ``fold`` or ``trial``.
        """
        history = self.value("model_training", "history")
        rows = len(history) if isinstance(history, list) and counter_of(history) == counter else 0
        known = self.vocabulary
        values = [
            len(value)
            for name, value in (self.record.metrics | self.cross_validated).items()
            if isinstance(value, list) and known.metric_of(str(name)).part == f"{counter}s"
        ]
        return max(rows, *values, 0)

    @property
    def cross_validated(self) -> dict[str, Value]:
        """What cross-validations came to beside the metrics, a value for each fold."""
        found: dict[str, Value] = {}
        for one in self.record.operations:
            scores = one.values.get("scores") if one.kind == "evaluate" else None
            for name, values in scores.items() if isinstance(scores, dict) else ():
                found[f"{CROSS_VALIDATED}{name}"] = values
        return {name: one for name, one in found.items() if name not in self.record.metrics}

    @property
    def class_names(self) -> list[str]:
        """Names of the classes, where a step has recorded them."""
        found = (step.values.get("class_names") for step in self.record.steps.values())
        return next((names for names in found if isinstance(names, list)), [])

    @property
    def measured_on(self) -> str:
        """``testing part``; empty where it is not known on which rows the metrics were measured."""
        value = self.value("model_evaluation", "measured_on")
        parts = value.split(", ") if isinstance(value, str) else []
        return " and the ".join(
            "rows of no part" if one == "other" else f"{one_line(one, 60)} part" for one in parts
        )

    @cached_property
    def steps(self) -> list[StepStory]:
        """The steps of the pipeline, in the order of the notebook."""
        return steps_of(self)
