"""Documents of MLProvCodeGen 1.x: an old file in, a `Record` and values for a pack out."""

from mlprov_widgets.provenance.legacy.names import (
    called_as,
    field_of,
    functions_of,
    group_of,
    place_of,
)
from mlprov_widgets.provenance.legacy.parameters import (
    EXPECTED,
    RecordedValue,
    legacy_notebook,
    legacy_values,
    renamed_fields,
)
from mlprov_widgets.provenance.legacy.reading import is_legacy, legacy_record
from mlprov_widgets.provenance.legacy.values import array_in

__all__ = [
    "EXPECTED",
    "RecordedValue",
    "array_in",
    "called_as",
    "field_of",
    "functions_of",
    "group_of",
    "is_legacy",
    "legacy_notebook",
    "legacy_record",
    "legacy_values",
    "place_of",
    "renamed_fields",
]
