"""Which of the names in documents of MLProvCodeGen 1.x mean what ours do.

Its documents have one entity "... Data" for each cell, with the values as attributes, and one
activity "set_...()" that generated it and was informed by the functions that were called.
"""

from __future__ import annotations

import re
from urllib.parse import unquote

from mlprov_widgets._files import asset_table

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


DECLARED = asset_table("provenance/legacy/names.toml")
STEPS: dict[str, str] = DECLARED["steps"]
# Activity to the step whose times it has.
ACTIVITIES = {f"set{name}": step for name, step in STEPS.items()}
DATA: dict[str, str] = DECLARED["data"]
METRICS: dict[str, str] = DECLARED["metrics"]
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
    return DECLARED["fields"].get(group, {}).get(plain) or _snake(attribute)


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
    known = DECLARED["functions"].get(f"{group}.{name}", ())
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
