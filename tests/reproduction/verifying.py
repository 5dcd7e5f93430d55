"""What tests of comparing share: runs that differ in one thing."""

from __future__ import annotations

import copy

from tests.reproduction.made_runs import record


def changed(**fields):
    """A record that is like the other but for entries of its dicts."""
    made = record()
    for name, entries in fields.items():
        getattr(made, name).update(entries)
    return made


def with_metrics(**metrics):
    made = copy.deepcopy(record())
    made.steps["model_evaluation"].values["evaluation_metrics"].update(metrics)
    return made


def items(verification):
    return {item.name: item for item in verification.items}
