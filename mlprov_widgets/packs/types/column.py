"""One column of a table."""

from mlprov_widgets.packs.types.base import ParameterType, register


@register
class ColumnName(ParameterType):
    """The name of one column of a table: its target."""

    name = "column"
    belongs_to = "csv_file"
