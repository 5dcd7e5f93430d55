"""Which items of the checklists of conferences a record answers, and which only the authors can.

``checklists.toml`` has the items, and how an answer is put together of what is known of a run.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from mlprov_widgets._files import asset_table
from mlprov_widgets.messages import fill
from mlprov_widgets.present.blocks import Checklist, ChecklistItem
from mlprov_widgets.record.findings import has
from mlprov_widgets.record.hyperparameters import HyperParameter, hyperparameters_of
from mlprov_widgets.record.story import Story
from mlprov_widgets.wording import format_value, humanize, one_line

MAX_ANSWER = 1200
_MAX_NAMES = 12


@dataclass(frozen=True)
class State:
    """What the report knows besides the record: how the reproducing went.

    Parameters
    ----------
    verdict : str
        Of the comparison with another run; empty where there is none.
    edited : int or None
        Cells changed by hand; None where that is not known.
    leaks : int
        How many were seen.
    """

    verdict: str = ""
    edited: int | None = None
    leaks: int = 0


def checklists(story: Story, state: State) -> list[Checklist]:
    """The lists of the conferences, each filled in as far as the record goes."""
    arguments = _arguments(story, state)
    declared = _declared()
    found = []
    for one in declared["lists"]:
        answered, left = [], []
        for key, item, *names in one["items"]:
            answer = declared["answers"][names[0]] if names else {}
            answer = {**declared["answers"].get(answer.get("like", ""), {}), **answer}
            text = _text(answer, arguments) if names else ""
            if text:
                section = answer["section"]
                if section == "reproduce" and state.verdict:
                    section = "reproduces"
                whole = _is_whole(answer.get("whole", False), arguments)
                answered.append(ChecklistItem(key, item, text, section, whole))
            else:
                left.append((key, item))
        found.append(Checklist(one["title"], one["source"], one["address"], answered, left))
    return found


def _text(answer: dict[str, Any], arguments: Mapping[str, object]) -> str:
    parts = [part for part in (fill(one, arguments) for one in answer["parts"]) if part]
    if not parts:
        return ""
    more = fill(answer.get("more", ""), arguments)
    text = answer.get("joined", " ").join(parts)
    text += more if more[:1] in (".", ",", ";") or not more else f" {more}"
    return one_line(text, MAX_ANSWER)


def _is_whole(needed: bool | list[str], arguments: Mapping[str, object]) -> bool:
    if isinstance(needed, bool):
        return needed
    return all(arguments.get(name) not in (None, "", [], 0) for name in needed)


@lru_cache(maxsize=1)
def _declared() -> dict[str, Any]:
    return asset_table("reporting/checklists.toml")


def _setting(one: HyperParameter) -> str:
    """A hyperparameter that was set, with its value; empty where it was left as it is."""
    if one.is_default is not False:
        return ""
    return f"{one_line(one.name, 60)} = {format_value(one.value, 60) or 'none'}"


def _arguments(story: Story, state: State) -> dict[str, object]:
    """What the answers are made of; what is not known is empty or None."""
    record = story.record
    cells = sum(cell.kind == "code" for cell in record.cells)
    folds = story.counted("fold")
    if not folds and any("cross_validation" in str(name) for name in record.metrics):
        folds = story.value("data_segregation", "n_splits")
    trials = story.counted("trial")
    seeds = list(dict.fromkeys(one.text for one in story.seeds))
    settings = hyperparameters_of(record)
    fits = 0 if story.epochs else len(record.trainings)
    trained = story.epochs if record.status == "finished" else ""
    executions = f" in {story.executions} executions" if story.executions > 1 else ""
    device = "" if has(record, "no_training_seen") else story.text("model_parameters", "device")
    edited = state.edited if cells else None
    fields = _declared()["fields"].items()
    return {
        **{name: story.text(*field.split(".")) for name, field in fields},
        "verdict": state.verdict,
        "not_compared": None if state.verdict else 1,
        "edited": edited or None,
        "unedited": 1 if edited == 0 else None,
        "cells": cells or None,
        "measured_cells": cells if cells and record.metrics else None,
        "fingerprints": [humanize(name) for name in record.fingerprints],
        "data_sha256": record.fingerprints.get("data"),
        "split_sha256": record.fingerprints.get("split"),
        "seeds": seeds,
        "one_seed": 1 if seeds and record.metrics else None,
        "split": [f"{part}: {text}" for part, text in story.parts],
        "folds": folds or None,
        "trials": trials or None,
        "commit": str(record.git.get("commit") or "")[:64],
        "layers": 1 if story.has_layers else None,
        "hyperparameters": len(settings) or None,
        "all_hyperparameters": None if any(one.name == "…" for one in settings) else len(settings),
        "set": [one for one in map(_setting, settings) if one],
        "fits": fits or None,
        "fitted_inside": 1 if fits and (folds or story.value("model_training", "search")) else None,
        "rate": story.learning_rate,
        "epochs": f"epochs {story.epochs}{executions}" if story.epochs else "",
        "all_epochs": trained,
        "executions": story.executions if story.executions > 1 else None,
        "task_values": 1 if record.values and not story.is_observed else None,
        # What cells that were changed by hand have used is known as far as it was observed.
        "generated_values": 1 if record.values and story.is_observed else None,
        "all_listed": bool(record.values) and (not story.is_observed or state.edited == 0),
        "metrics": [
            one_line(story.vocabulary.metric_of(name).term, 60)
            for name in list(record.metrics)[:_MAX_NAMES]
        ],
        "measured": 1 if record.metrics else None,
        "machine": story.machine,
        "system": record.hardware_info.get("Operating_System"),
        "device": device,
        "duration": story.duration,
        "packages": len(record.packages) or None,
        "known_packages": [
            f"{one.label} {one_line(one.text, 40)}"
            for one in story.group("packages", declared_only=True)
        ],
    }
