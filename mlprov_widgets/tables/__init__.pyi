from .columns import Column as Column
from .format import check_format as check_format
from .format import read_csv_options as read_csv_options
from .inspection import inspect_table as inspect_table
from .table import Table as Table
