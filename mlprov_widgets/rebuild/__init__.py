"""The notebook of an earlier run again, from its record or from the notebook itself."""

from mlprov_widgets.rebuild.edited_cells import EditedCell
from mlprov_widgets.rebuild.result import EditsNotAcceptedError, Reproduction
from mlprov_widgets.rebuild.writing import reproduce

__all__ = ["EditedCell", "EditsNotAcceptedError", "Reproduction", "reproduce"]
