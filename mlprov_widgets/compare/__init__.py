"""Two runs: what differs between them, whether they are the same, and what the cause may be."""

from mlprov_widgets.compare.comparison import verify
from mlprov_widgets.compare.differences import Difference
from mlprov_widgets.compare.items import ComparedItem
from mlprov_widgets.compare.outcome import Outcome
from mlprov_widgets.compare.verification import VERDICTS, Verification

__all__ = ["VERDICTS", "ComparedItem", "Difference", "Outcome", "Verification", "verify"]
