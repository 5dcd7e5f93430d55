"""Look at a user's table before any code is written for it."""

from mlprov_widgets.tables.columns import Column
from mlprov_widgets.tables.format import check_format, read_csv_options
from mlprov_widgets.tables.inspection import inspect_table
from mlprov_widgets.tables.table import Table

__all__ = ["Column", "Table", "check_format", "inspect_table", "read_csv_options"]
