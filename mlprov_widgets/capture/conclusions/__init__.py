"""What the run was, from what was told and what was seen; where the two differ, what was seen."""

from __future__ import annotations

from typing import Any

from mlprov_widgets.capture.conclusions.data import conclude_data
from mlprov_widgets.capture.conclusions.evaluation import conclude_evaluation
from mlprov_widgets.capture.conclusions.evidence import Evidence
from mlprov_widgets.capture.conclusions.leaks import find_leaks
from mlprov_widgets.capture.conclusions.training import conclude_training
from mlprov_widgets.capture.observations import Observation
from mlprov_widgets.capture.values import numpy

_SAME_ROWS = 0.5  # share of a batch's rows from which it is the same rows once more


def conclude(evidence: Evidence) -> None:
    """Complete the values of all steps, and say what a reader must know of them.

    Parameters
    ----------
    evidence : Evidence
        Changed in place.
    """
    _join_batches(evidence)
    conclude_data(evidence)
    conclude_training(evidence)
    conclude_evaluation(evidence)
    find_leaks(evidence)


def _join_batches(evidence: Evidence) -> None:
    """Take predictions for one batch after the other for what they are: one for a part."""
    kept: list[Observation] = []
    for one in evidence.observations.seen:
        last = kept[-1] if kept else None
        if (
            last is not None
            and (last.kind, one.kind) == ("predict", "predict")
            and (last.execution, last.subject) == (one.execution, one.subject)
            and last.rows is not None
            and one.rows is not None
            and set(evidence.parts_of(last) or ()) == set(evidence.parts_of(one) or ())
            and numpy.isin(one.rows, last.rows).mean() < _SAME_ROWS
        ):
            last.rows = numpy.concatenate((last.rows, one.rows))
            last.answers = _joined(last.answers, one.answers)
            last.sureness = _joined(last.sureness, one.sureness)
            last.values["rows"] = int(last.values.get("rows", 0)) + int(one.values.get("rows", 0))
            last.end = one.end
        else:
            kept.append(one)
    evidence.observations.seen[:] = kept


def _joined(first: Any, second: Any) -> Any:
    known = first is not None and second is not None
    return numpy.concatenate((first, second)) if known else None
