"""What a run left behind as W3C PROV, and back."""

from mlprov_widgets.provenance.document import from_prov, to_prov
from mlprov_widgets.provenance.files import read_document, read_record, validate, write_record

__all__ = ["from_prov", "read_document", "read_record", "to_prov", "validate", "write_record"]
