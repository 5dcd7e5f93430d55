"""The run that a wizard's choices began with, and what is no longer as it was then."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlprov_widgets.errors import MlprovError
from mlprov_widgets.hosting import inside
from mlprov_widgets.packs import Checked, Pack, Parameter
from mlprov_widgets.widgets.markup import plain

if TYPE_CHECKING:
    from mlprov_widgets.inspection import Inspection

_MOST_WORDS = 100


@dataclass(frozen=True)
class StartingRun:
    """An earlier run, as far as a wizard needs to know it.

    Parameters
    ----------
    name : str
        What it is called: the file's name.
    run_id : str
        Empty where the file does not say it.
    values : dict
        What the wizard began with: every parameter that counted, with its value.
    recorded : tuple of str
        Those of them that come from the file; the others are the pack's defaults.
    unmapped : tuple of str
        What of the file has no field here, in words.
    """

    name: str
    run_id: str
    values: dict[str, Any]
    recorded: tuple[str, ...] = ()
    unmapped: tuple[str, ...] = ()

    @classmethod
    def of(cls, run: Inspection, values: Mapping[str, Any], shown: Iterable[str]) -> StartingRun:
        """The origin of choices that have just been taken over from an inspected file."""
        counted = {name: values[name] for name in sorted(shown)}
        recorded = tuple(name for name in run.values if name in values)
        unmapped = tuple(
            f"{one.name}{'' if one.value is None else f' ({plain(one.value, 60)})'}: {one.reason}"
            for one in run.unmapped[:_MOST_WORDS]
        )
        run_id = run.record.run_id if run.record is not None else ""
        return cls(run.source.name, run_id, counted, recorded, unmapped)

    def changes(self, pack: Pack, checked: Checked) -> dict[str, list[Any]]:
        """Each parameter that is not as it was: what it was and what it is, None where it counted
        for nothing or the file does not say it.
        """
        now = {name: checked.values[name] for name in checked.shown}
        return {
            name: [self.was(name), now.get(name)]
            for name, parameter in pack.parameters.items()
            if not parameter.is_hidden and now.get(name) != self.values.get(name)
        }

    def was(self, name: str) -> Any:
        """What the file says of a parameter; None where it says nothing."""
        return self.values.get(name) if name in self.recorded else None

    def to_dict(self) -> dict[str, Any]:
        """As plain JSON values."""
        return {**vars(self), "recorded": list(self.recorded), "unmapped": list(self.unmapped)}

    @classmethod
    def from_dict(cls, data: Any) -> StartingRun:
        """Check and take over what `to_dict` gave.

        Raises
        ------
        MlprovError
            If it is something else.
        """
        kinds = {"name": str, "run_id": str, "values": dict, "recorded": list, "unmapped": list}
        if (
            not isinstance(data, dict)
            or not all(isinstance(data.get(name), kind) for name, kind in kinds.items())
            or not all(isinstance(text, str) for text in data["recorded"] + data["unmapped"])
        ):
            raise MlprovError("choices_origin_wrong")
        rows = (tuple(data[name][:_MOST_WORDS]) for name in ("recorded", "unmapped"))
        return cls(data["name"], data["run_id"], dict(data["values"]), *rows)


def path_from(run: Inspection, folder: Path, value: Any) -> Any:
    """A path beside the run's file, as it is to be written in this folder."""
    beside = run.source.parent
    if not isinstance(value, str) or Path(value).is_absolute() or not inside(beside, value):
        return value
    place = beside / value
    try:
        if not value or not place.exists():
            return value
        return place.resolve().relative_to(folder.resolve()).as_posix()
    except OSError:
        return value
    except ValueError:
        return str(place)


def parameter_text(parameter: Parameter, value: Any) -> str:
    """A value in words, also one that the pack of today does not know."""
    try:
        text = parameter.describe(value)
    except (KeyError, TypeError, ValueError, MlprovError):
        text = str(value)
    return plain(text, 160) or "(none)"


def changed_texts(parameter: Parameter, change: list[Any], origin: StartingRun) -> tuple[str, str]:
    """What a parameter was in the original run and what it is, in words."""
    unknown = "not recorded" if parameter.name in origin.values else "not used"
    was, now = (None if one is None else parameter_text(parameter, one) for one in change)
    return was or unknown, now or "not used"
