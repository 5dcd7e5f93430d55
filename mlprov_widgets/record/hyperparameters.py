"""The settings of an estimator, each with whether somebody has set it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice

from mlprov_widgets.record.run import Record, Step, Value

_MOST = 1_000
_WORDS = {True: "yes", False: "no", None: "–"}


@dataclass(frozen=True)
class HyperParameter:
    """A setting of an estimator.

    Parameters
    ----------
    name : str
        As scikit-learn writes it: ``ridge__alpha`` is that of a step.
    value : Value
    is_default : bool or None
        Whether it is the value that the signature gives; None where that is not known.
    """

    name: str
    value: Value
    is_default: bool | None = None

    @property
    def default(self) -> str:
        """``yes``, ``no``, or ``–`` where it is not known."""
        return _WORDS[self.is_default]


def hyperparameters_of(record: Record) -> list[HyperParameter]:
    """The settings of the model, as a record has them; none where there are none."""
    values = record.steps.get("model_parameters", Step()).values
    return hyperparameters(values.get("hyperparameters"), values.get("hyperparameter_defaults"))


def hyperparameters(values: Value, defaults: Value = None) -> list[HyperParameter]:
    """Settings with whether each is a default.

    Parameters
    ----------
    values : Value
        Name to value; anything else holds none.
    defaults : Value
        Name to whether it is one; records of formats before do not say it.
    """
    if not isinstance(values, Mapping):
        return []
    known = defaults if isinstance(defaults, Mapping) else {}
    return [
        HyperParameter(str(name), value, _flag(known.get(name)))
        for name, value in islice(values.items(), _MOST)
    ]


def _flag(value: Value) -> bool | None:
    return value if isinstance(value, bool) else None
