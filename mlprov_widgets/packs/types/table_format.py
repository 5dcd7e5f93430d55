"""How a table is read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from mlprov_widgets.packs.literals import LIST_WIDTH, Symbol, literal
from mlprov_widgets.packs.types.base import register
from mlprov_widgets.packs.types.formats import DataFormat

if TYPE_CHECKING:
    from mlprov_widgets.packs.model import Pack
    from mlprov_widgets.packs.parameters import Parameter

# More names than this are not listed one by one in a notebook if they only count.
_MANY = 8


@register
class TableFormat(DataFormat):
    """How a table is read; templates also see the arguments of `pandas.read_csv`."""

    name = "table_format"
    belongs_to = "csv_file"

    def checked_format(self, value: object) -> dict[str, Any]:
        from mlprov_widgets.tables import check_format

        return check_format(value)

    def template_names(self, parameter: Parameter) -> set[str]:
        return {parameter.name, f"{parameter.name}_options", f"{parameter.name}_amounts"}

    def render(
        self, pack: Pack, parameter: Parameter, values: Mapping[str, Any]
    ) -> dict[str, object]:
        from mlprov_widgets.tables import check_format, read_csv_options

        format = values[parameter.name]
        classes = [
            other
            for other in pack.parameters.values()
            if other.type == "column"
            and other.table == parameter.table
            and "class" in other.roles
            and (values[other.name] or not other.optional)
        ]
        return {
            parameter.name: check_format(format),
            f"{parameter.name}_options": _arguments(read_csv_options(format), classes, values),
            f"{parameter.name}_amounts": _conversions(format.get("amounts", {})),
        }


def _conversions(amounts: Mapping[str, Mapping[str, str]]) -> list[tuple[Symbol, list[Symbol]]]:
    """The columns of each style of writing numbers, and what is replaced in them one by one."""
    from mlprov_widgets.tables.amounts import Style

    columns: dict[Style, list[str]] = {}
    for name, style in amounts.items():
        columns.setdefault(Style(**style), []).append(name)
    return [
        (
            Symbol(literal(names)),
            [
                # A pattern has no quote in it, so it can be written as it is.
                Symbol(f'r"{old}", r"{new}", regex=True')
                if is_pattern
                else Symbol(f"{literal(old)}, {literal(new)}")
                for old, new, is_pattern in style.replacements()
            ],
        )
        for style, names in columns.items()
    ]


def _arguments(
    options: dict[str, Any], classes: list[Parameter], values: Mapping[str, Any]
) -> list[tuple[Symbol, Symbol]]:
    """Keyword arguments of `pandas.read_csv`, as name and value; classes by their constants."""
    types = options.pop("dtype", {})
    # Classes are text even where they look like numbers: 001, 01 and 1 are three of them.
    rows = [f'{target.symbol}: "str"' for target in classes]
    labels = {values[target.name] for target in classes}
    rows += [
        f"{literal(name)}: {literal(kind)}" for name, kind in types.items() if name not in labels
    ]
    written = {name: literal(value, 4) for name, value in options.items()}
    if rows:
        written["dtype"] = _dictionary(rows)
    names = options.get("names", ())
    # What columns are called in a table without a header.
    if len(names) > _MANY and names == [f"column_{n}" for n in range(1, len(names) + 1)]:
        written["names"] = f'[f"column_{{number}}" for number in range(1, {len(names) + 1})]'
    return [(Symbol(name), Symbol(code)) for name, code in written.items()]


def _dictionary(rows: list[str]) -> str:
    line = "{" + ", ".join(rows) + "}"
    if len(line) <= LIST_WIDTH:
        return line
    return "{\n" + "".join(f"        {row},\n" for row in rows) + "    }"
