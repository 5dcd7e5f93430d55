"""What a run is, as pure data: neither how it was seen nor how it is written."""

from mlprov_widgets.record.run import (
    PARTS,
    STEPS,
    Cell,
    Execution,
    Finding,
    Operation,
    Part,
    Record,
    Step,
    TrackedObject,
    Value,
    Version,
    source_hash,
    text_hash,
)

__all__ = [
    "PARTS",
    "STEPS",
    "Cell",
    "Execution",
    "Finding",
    "Operation",
    "Part",
    "Record",
    "Step",
    "TrackedObject",
    "Value",
    "Version",
    "source_hash",
    "text_hash",
]
