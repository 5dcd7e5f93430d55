"""What a file says of a run, held against this machine, before anything is generated from it."""

from mlprov_widgets.inspection.data_state import DataState
from mlprov_widgets.inspection.inspect import Inspection, inspect_run
from mlprov_widgets.rebuild.field_mapping import FieldValue, Unmapped

__all__ = ["DataState", "FieldValue", "Inspection", "Unmapped", "inspect_run"]
