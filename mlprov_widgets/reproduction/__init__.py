"""The same again: rebuild the notebook from a record, and check one run against another."""

from mlprov_widgets.reproduction.edits import EditedCell
from mlprov_widgets.reproduction.factors import Difference
from mlprov_widgets.reproduction.outcome import Outcome
from mlprov_widgets.reproduction.rebuild import Reproduction, reproduce
from mlprov_widgets.reproduction.verify import VERDICTS, Item, Verification, verify

__all__ = [
    "VERDICTS",
    "Difference",
    "EditedCell",
    "Item",
    "Outcome",
    "Reproduction",
    "Verification",
    "reproduce",
    "verify",
]
