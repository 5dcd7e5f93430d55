"""What two runs are compared by, one thing at a time."""

from __future__ import annotations

from dataclasses import dataclass

from mlprov_widgets.comparison.words import label
from mlprov_widgets.record import Value

IDENTICAL, CLOSE, DIFFERENT, MISSING = "identical", "within tolerance", "different", "missing"


@dataclass(frozen=True)
class ComparedItem:
    """One thing that was compared.

    Parameters
    ----------
    name : str
        ``data``, ``weights``, ``accuracy``, ``f1: setosa``, ...
    new, original : Value
        The two values; None where a run has none.
    verdict : str
        ``identical``, ``within tolerance``, ``different`` or ``missing`` (from one run or both).
    kind : str
        ``fingerprint``, ``history`` or ``metric``.
    note : str
        Where in a list, or at which epoch, the two part first; else empty.
    epoch : int or None
        Of a history, the first epoch at which the two part.
    quantity : str
        Of a history, what is not the same at that epoch.
    label : str
        What a metric is declared to be called; empty where nobody declared it.
    """

    name: str
    new: Value
    original: Value
    verdict: str
    kind: str
    note: str = ""
    epoch: int | None = None
    quantity: str = ""
    label: str = ""

    @property
    def words(self) -> str:
        """What people call it; that of a class after the colon stays as it is."""
        return label(self.name, self.label)


def worse(one: str, other: str) -> str:
    """The worse of two verdicts on single things."""
    order = (IDENTICAL, CLOSE, DIFFERENT, MISSING)
    return max(one, other, key=order.index)
