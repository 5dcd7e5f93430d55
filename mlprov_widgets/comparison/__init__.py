"""Two runs: what differs between them, whether they are the same, and what the cause may be."""

from mlprov_widgets.comparison.differences import Difference
from mlprov_widgets.comparison.items import ComparedItem
from mlprov_widgets.comparison.outcome import Outcome
from mlprov_widgets.comparison.verification import VERDICTS, Verification
from mlprov_widgets.comparison.verifying import verify

__all__ = ["VERDICTS", "ComparedItem", "Difference", "Outcome", "Verification", "verify"]
