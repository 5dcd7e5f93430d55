"""A person's own table."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlprov_widgets.errors import Problem, TableError
from mlprov_widgets.packs.types.base import register
from mlprov_widgets.packs.types.paths import PathType
from mlprov_widgets.wording import quote

if TYPE_CHECKING:
    from mlprov_widgets.packs.checking import Checked
    from mlprov_widgets.packs.parameters import Parameter
    from mlprov_widgets.tables import Table
    from mlprov_widgets.tables.words import Words


# Keys of a format that name columns which the notebook then asks for.
_LISTS = ("text", "floats", "numeric", "amounts", "ignore")


@register
class CsvFile(PathType):
    """A table of text; its target, features and format belong to it."""

    name = "csv_file"
    missing = "csv_file_needed"

    def inspect(self, path: Path) -> Table:
        from mlprov_widgets.tables import inspect_table

        return inspect_table(path)

    def inspect_as(self, path: Path, members: list[Parameter], values: Mapping[str, Any]) -> Table:
        from mlprov_widgets.tables import inspect_table

        return inspect_table(path, words=_words(members, values))

    def complete(self, members: list[Parameter], found: Table, checked: Checked) -> Table:
        values = checked.values
        for member in members:
            if member.type == "missing_words" and found.doubtful_words:
                checked.notes.append(_doubtful(member, found))
            if member.type == "column_roles":
                try:
                    found = found.with_roles(values[member.name])
                except TableError as error:
                    checked.problems.append(Problem.of(member.name, error))
        for member in members:
            if member.type == "column" and not member.optional and not values[member.name]:
                guess = _guess(member, found)
                values[member.name] = checked.defaults[member.name] = guess
                if not guess:
                    said = {"roles": list(member.roles), "names": found.names}
                    checked.problems.append(Problem(member.name, "column_needed", said))
        problem = _misused(members, found, values)
        if problem is None:
            self._check(members, found, checked)
        else:
            checked.problems.append(problem)
        return found

    def fingerprint(
        self, path: Path, members: list[Parameter], values: Mapping[str, Any]
    ) -> dict[str, Any]:
        table = self.inspect_as(path, members, values)
        formats = [values[one.name] for one in members if one.type == "table_format"]
        lists = [list(one.get(key, ())) for one in formats for key in _LISTS]
        named = [name for member in members for name in _names(member, values)]
        used = dict.fromkeys([*named, *chain.from_iterable(lists)])
        classes = [
            values[one.name]
            for one in members
            if one.type == "column" and one.roles == ("class",) and values[one.name]
        ]
        return {
            "sha256": table.sha256,
            "words": _words(members, values),
            "rows": table.rows,
            "columns": table.names,
            # Those without which the notebook does not run.
            "needed": [name for name in used if name in table.names],
            "classes": {name: [label for label, _ in table.classes(name)] for name in classes},
        }

    def _check(self, members: list[Parameter], found: Table, checked: Checked) -> None:
        """Whether the target can be predicted from the features, and how the table is read."""
        values = checked.values
        targets = [member for member in members if member.is_target and values[member.name]]
        chosen = [name for m in members if not _has_role(m) for name in _names(m, values)]
        taken = [name for member in members if _has_role(member) for name in _names(member, values)]
        alone = _reads_text(members, values)
        for member in targets:
            for name in _names(member, values):
                others = [other for other in taken if other != name]
                try:
                    if alone:
                        notes = found.check_target_alone(name, member.roles)
                    else:
                        notes = found.check_target(name, chosen or None, member.roles, others)
                except TableError as error:
                    checked.problems.append(Problem.of(member.name, error))
                    break
                checked.notes += [Problem(member.name, one.code, one.arguments) for one in notes]
        if members and not targets and not alone:
            _check_features(members, chosen, taken, found, checked)
        for member in members:
            if member.type == "table_format":
                first = targets[0] if targets else None
                name = _names(first, values)[0] if first else ""
                roles, others = first.roles if first else (), [o for o in taken if o != name]
                format = found.format_for(name, roles, others)
                values[member.name] = checked.defaults[member.name] = format


def _words(members: list[Parameter], values: Mapping[str, Any]) -> Words:
    """How words such as NA are to be taken."""
    said = (values.get(one.name) for one in members if one.type == "missing_words")
    return next(filter(None, said), "")


def _doubtful(member: Parameter, found: Table) -> Problem:
    """The words that may be none, and where it is said what they are."""
    told = [
        f"{', '.join(words)} in {quote(name, 40)}" for name, words in found.doubtful_words.items()
    ]
    said = {"found": told, "label": member.label, "parameter": member.name}
    return Problem(member.name, "words_doubtful", said)


def _guess(member: Parameter, found: Table) -> str:
    """The column that a parameter most likely means; empty where none has its role."""
    if member.is_target:
        return found.guess_target(member.roles)
    return next((one.name for one in found.columns if one.role in member.roles), "")


def _reads_text(members: list[Parameter], values: Mapping[str, Any]) -> bool:
    """Whether what is learned from is a text, so that no other column need be a feature."""
    texts = [one for one in members if one.type == "column" and "text" in one.roles]
    features = [one for one in members if one.type == "columns" and not one.target]
    return not features and any(values[one.name] for one in texts)


def _has_role(member: Parameter) -> bool:
    """Whether its columns have a use of their own, and are no features."""
    return member.type == "column" or member.is_target


def _names(member: Parameter, values: Mapping[str, Any]) -> list[str]:
    """The columns that the value of a parameter names."""
    if member.type not in ("column", "columns"):
        return []
    chosen = values[member.name]
    return [chosen] if isinstance(chosen, str) and chosen else list(chosen)


def _misused(members: list[Parameter], found: Table, values: Mapping[str, Any]) -> Problem | None:
    """What is wrong with the columns that are named: one is not there, or has two uses."""
    names = found.names
    known = set(names)  # thousands of features may be asked for
    uses: dict[str, Parameter] = {}
    # What has a role is known before the features are looked at.
    for member in sorted(members, key=lambda member: not _has_role(member)):
        for name in _names(member, values):
            if name not in known:
                return Problem(member.name, "column_missing", {"name": name, "names": names})
            other = uses.setdefault(name, member)
            if other is not member:
                is_feature = not _has_role(member) and other.is_target
                code = "target_is_feature" if is_feature else "column_used_twice"
                return Problem(member.name, code, {"name": name, "other": other.label})
    return None


def _check_features(
    members: list[Parameter],
    chosen: list[str],
    taken: list[str],
    found: Table,
    checked: Checked,
) -> None:
    """What is to be known of a table in which nothing is predicted."""
    member = next((one for one in members if one.type == "columns"), members[0])
    try:
        notes = found.check_features(chosen, taken)
    except TableError as error:
        checked.problems.append(Problem.of(member.name, error))
    else:
        checked.notes += [Problem(member.name, one.code, one.arguments) for one in notes]
