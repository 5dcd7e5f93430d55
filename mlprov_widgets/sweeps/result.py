"""What a sweep came to: its trials, which values are best, and how that is told."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from mlprov_widgets.errors import MlprovError
from mlprov_widgets.messages import Note
from mlprov_widgets.present import blocks_to_html, blocks_to_text
from mlprov_widgets.present.blocks import Block, Bullets, DataTable, Paragraph
from mlprov_widgets.provenance import read_record
from mlprov_widgets.record.fields import OTHER_PARTS, Metric, vocabulary_of
from mlprov_widgets.record.results import headline_metrics
from mlprov_widgets.store.facts import RunFacts, facts_of
from mlprov_widgets.store.summary import summary_of
from mlprov_widgets.sweeps.order import Trial
from mlprov_widgets.sweeps.outcome import sweep_hash
from mlprov_widgets.sweeps.plan import Plan, metric_named, score_of, vocabulary_of_pack
from mlprov_widgets.sweeps.space import Space
from mlprov_widgets.wording import format_count, format_list, format_number, format_value

RECORD = "sweep.prov.json"
_SHOWN = 10


@dataclass(frozen=True)
class SweepResult:
    """What a sweep came to.

    Parameters
    ----------
    plan : Plan
    space : Space
    folder : Path
        Where its record and those of its trials are.
    trials : list of Trial
        In their order; each has its values and its outcome.
    start, end : datetime
    earlier : dict
        Of the sweep that this one does again: number of a trial to its digest; else empty.
    notes : tuple of str
        What else is worth knowing.
    """

    plan: Plan
    space: Space
    folder: Path
    trials: list[Trial]
    start: datetime
    end: datetime = field(default_factory=lambda: datetime.now(UTC))
    earlier: dict[int, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def file(self) -> Path:
        """Its record."""
        return self.folder / RECORD

    @cached_property
    def hash(self) -> str:
        """SHA-256 over what all trials came to, in their order: equal where nothing differs."""
        return sweep_hash(_digest(one) for one in self.trials)

    @cached_property
    def metric(self) -> Metric | None:
        """What the trials are compared by; None where they have nothing in common."""
        if self.plan.metric:
            return metric_named(self.plan.metric, self.space.pack)
        ended = [one for one in self.trials if one.is_finished]
        for metric in vocabulary_of_pack(self.space.pack).metrics:
            if ended and all(metric.name in _scores(one) for one in ended):
                return metric
        return None

    @cached_property
    def configurations(self) -> list[list[Trial]]:
        """Trials that differ in seeds alone, put together, in the order of the first of each."""
        seeds = self.space.seed_parameters
        found: dict[str, list[Trial]] = {}
        for one in self.trials:
            values = {name: value for name, value in one.values.items() if name not in seeds}
            found.setdefault(json.dumps(values, sort_keys=True), []).append(one)
        return list(found.values())

    @cached_property
    def ranking(self) -> list[tuple[list[Trial], float]]:
        """Configurations of which each trial has come to its end with their mean, best first."""
        if self.metric is None:
            return []
        score = score_of(self.metric.name)
        scored = [(one, score(one)) for one in self.configurations]
        found = [(trials, value) for trials, value in scored if value is not None]
        sign = 1 if self.metric.direction == "minimize" else -1
        return sorted(found, key=lambda pair: sign * pair[1])

    @property
    def best(self) -> Trial | None:
        """The first trial of the best configuration; None where none is the best."""
        return self.winners[0] if self.winners else None

    @property
    def winners(self) -> list[Trial]:
        """The trials of the best configuration; none where only seeds differ."""
        return self.ranking[0][0] if self.ranking and len(self.configurations) > 1 else []

    @property
    def without_best(self) -> str:
        """Why no configuration is the best, in a sentence; empty where one is."""
        if self.winners:
            return ""
        if not any(one.is_finished for one in self.trials):
            return Note("sweep_none_finished")
        if len(self.configurations) == 1:
            return Note("sweep_only_seeds")
        if self.metric is None:
            return Note("sweep_without_validation", pack=self.space.pack.name)
        return Note("sweep_none_complete", metric=self.metric.term)

    @cached_property
    def test(self) -> dict[str, list[float]]:
        """What the best configuration came to on the test part, a number for each of its trials.

        It is read now for the first time, and of no other configuration.
        """
        found: dict[str, list[float]] = {}
        for trial in self.winners:
            record = read_record(self.record_of(trial))
            for one in headline_metrics(record.metrics, vocabulary_of(record)):
                if one.metric.part not in OTHER_PARTS and isinstance(one.value, int | float):
                    found.setdefault(one.name, []).append(float(one.value))
        return {name: one for name, one in found.items() if len(one) == len(self.winners)}

    def record_of(self, trial: Trial | int) -> Path:
        """The file of a trial's record.

        Parameters
        ----------
        trial : Trial or int
            Or its number.

        Returns
        -------
        Path

        Raises
        ------
        MlprovError
            If it left none.
        """
        number = trial if isinstance(trial, int) else trial.number
        outcome = self.trials[number - 1].outcome
        if outcome is None or not outcome.record:
            raise MlprovError("sweep_trial_without_record", trial=number)
        return self.folder / f"{number:03d}" / outcome.record

    @property
    def differences(self) -> list[int]:
        """Numbers of the trials that came to something else than in the sweep done again."""
        return [
            one.number
            for one in self.trials
            if self.earlier and self.earlier.get(one.number) != _digest(one)
        ]

    # -- told ---------------------------------------------------------------------------------

    def summary(self) -> list[Block]:
        """What the configurations come to over their seeds, and which differences are chance.

        By the metric that they are compared by; where only seeds differ, by what the runs are told
        by first.

        Raises
        ------
        MissingPackageError
            If SciPy is not installed.
        """
        facts = [self._facts(one) for one in self.trials if one.is_finished]
        if len(self.configurations) == 1:
            return summary_of(facts)
        return summary_of(facts, self.metric.name) if self.metric is not None else []

    def _facts(self, trial: Trial) -> RunFacts:
        file = self.record_of(trial)
        facts = facts_of(read_record(file), file.relative_to(self.folder).as_posix())
        if len(self.configurations) == 1 or self.metric is None:
            return facts
        # Nothing of the test part takes part in a comparison.
        label = {
            "label": self.metric.label,
            "unit": self.metric.unit,
            "direction": self.metric.direction,
        }
        name = self.metric.name
        return replace(facts, metrics={name: _scores(trial)[name]}, labels={name: label})

    def blocks(self) -> list[Block]:
        """All of it, to be shown."""
        told: list[Block] = [Paragraph(self._begun())]
        if self.ranking and len(self.configurations) > 1:
            told.append(self._table())
        if self.plan.seeds and any(one.is_finished for one in self.trials):
            told += self.summary()
        told.append(Paragraph(self._concluded()))
        failed = [one for one in self.trials if not (one.is_finished or one.is_pruned)]
        if failed:
            lines = [self._failure(one) for one in failed[:_SHOWN]]
            more = len(failed) - len(lines)
            told.append(Bullets("Did not come to their end", lines + [f"{more} more"] * bool(more)))
        if self.earlier:
            told.append(Paragraph(self.verdict, "fair" if self.differences else "good"))
        told += [Paragraph(one, "fair") for one in self.notes]
        told.append(Paragraph(Note("sweep_record", file=self.file, hash=self.hash)))
        return told

    @property
    def verdict(self) -> str:
        """How it compares with the sweep that it does again, in a sentence; empty without one."""
        if not self.earlier:
            return ""
        if not self.differences:
            return Note("sweep_same", count=len(self.trials))
        return Note("sweep_differs", count=len(self.differences), first=self.differences[0])

    def _begun(self) -> str:
        counts: dict[str, int] = {}
        for one in self.trials:
            word = one.outcome.status if one.outcome else "not run"
            counts[word] = counts.get(word, 0) + 1
        return Note(
            "sweep_ran",
            pack=self.space.pack.title,
            trials=len(self.trials),
            search=self.plan.search,
            configurations=len(self.configurations),
            counts=[f"{number} {word}" for word, number in counts.items()],
        )

    def _table(self) -> DataTable:
        assert self.metric is not None
        seeds = self.space.seed_parameters
        names = [name for name in self.space.over if name not in seeds]
        rows = [
            (
                *(format_value(trials[0].values[name], 60) for name in names),
                format_number(value),
                format_list([one.number for one in trials], 5),
            )
            for trials, value in self.ranking[:_SHOWN]
        ]
        left = len(self.ranking) - len(rows)
        note = f"{format_count(left, 'more configuration')}." if left else ""
        head = (*names, self.metric.label, "Trials")
        return DataTable("", head, rows, note, numbers=True)

    def _concluded(self) -> str:
        if not self.winners or self.metric is None:
            return self.without_best
        seeds = self.space.seed_parameters
        values = [
            f"{name} {format_value(value, 60)}"
            for name, value in self.winners[0].values.items()
            if name not in seeds
        ]
        vocabulary = vocabulary_of_pack(self.space.pack)
        tested = [
            f"{vocabulary.metric_of(name).term} {format_number(sum(found) / len(found))}"
            for name, found in self.test.items()
        ]
        return Note(
            "sweep_best",
            values=values,
            metric=self.metric.term,
            score=format_number(self.ranking[0][1]),
            count=len(self.winners),
            trials=[one.number for one in self.winners],
            tested=tested,
        )

    def _failure(self, trial: Trial) -> str:
        values = ", ".join(f"{name} {format_value(one, 60)}" for name, one in trial.values.items())
        outcome = trial.outcome
        status = outcome.status if outcome else "not run"
        error = f" ({outcome.error})" if outcome and outcome.error else ""
        return f"trial {trial.number} ({values}): {status}{error}"

    def to_text(self) -> str:
        """The same as plain text."""
        return blocks_to_text(self.blocks())

    def to_dict(self) -> dict[str, Any]:
        """As plain JSON values."""
        best = self.best
        return {
            "file": str(self.file),
            "hash": self.hash,
            "metric": self.metric.name if self.metric else None,
            "best": best.number if best else None,
            "without_best": self.without_best,
            "test": self.test,
            "verdict": self.verdict,
            "notes": list(self.notes),
            "trials": [
                {
                    "trial": one.number,
                    "values": one.values,
                    "outcome": one.outcome.status if one.outcome else None,
                    "error": one.outcome.error if one.outcome else "",
                    "scores": _scores(one),
                    "record": _place(one),
                }
                for one in self.trials
            ],
        }

    def __repr__(self) -> str:
        return f"<SweepResult: {format_count(len(self.trials), 'trial')}, {self.folder.name}>"

    def _repr_html_(self) -> str:
        return blocks_to_html(self.blocks(), "mlprov-sweep")


def _digest(trial: Trial) -> str:
    return trial.outcome.digest if trial.outcome else ""


def _scores(trial: Trial) -> dict[str, float]:
    return trial.outcome.scores if trial.outcome else {}


def _place(trial: Trial) -> str:
    record = trial.outcome.record if trial.outcome else ""
    return f"{trial.number:03d}/{record}" if record else ""
