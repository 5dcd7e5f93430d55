"""A person's own table."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from mlprov_widgets.errors import Problem, TableError
from mlprov_widgets.packs.types.base import register
from mlprov_widgets.packs.types.paths import PathType

if TYPE_CHECKING:
    from mlprov_widgets.packs.checking import Checked
    from mlprov_widgets.packs.parameters import Parameter
    from mlprov_widgets.tables import Table


@register
class CsvFile(PathType):
    """A table of text; its target, features and format belong to it."""

    name = "csv_file"
    missing = "csv_file_needed"

    def inspect(self, path: Path) -> Table:
        from mlprov_widgets.tables import inspect_table

        return inspect_table(path)

    def complete(self, members: list[Parameter], found: Table, checked: Checked) -> None:
        values = checked.values
        targets = [member for member in members if member.type == "column"]
        features = [member for member in members if member.type == "columns"]
        names = found.names
        known = set(names)  # thousands of features may be asked for
        for member in targets:
            if not values[member.name]:
                values[member.name] = checked.defaults[member.name] = found.guess_target()
        for member in (*targets, *features):
            chosen = values[member.name]
            for name in [chosen] if isinstance(chosen, str) else chosen:
                if name not in known:
                    given = {"name": name, "names": names}
                    checked.problems.append(Problem(member.name, "column_missing", given))
                    return
        target = values[targets[-1].name] if targets else ""
        chosen = values[features[-1].name] if features else []
        for member in members:
            if member in features and target in chosen:
                checked.problems.append(Problem(member.name, "target_is_feature", {"name": target}))
                return
            if member in targets:
                try:
                    notes = found.check_target(target, chosen or None)
                    checked.notes += [
                        Problem(member.name, one.code, one.arguments) for one in notes
                    ]
                except TableError as error:
                    checked.problems.append(Problem.of(member.name, error))
            elif member.type == "table_format":
                format = found.format_for(target)
                values[member.name] = checked.defaults[member.name] = format
