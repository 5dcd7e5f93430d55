"""Whether what a pack says its notebooks come to is ever recorded by one of them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator

from mlprov_widgets.authoring.cells import WrittenCell
from mlprov_widgets.errors import PackError
from mlprov_widgets.packs import Pack
from mlprov_widgets.packs.declaration import Declaration
from mlprov_widgets.record.fields import core


class Written:
    """What all notebooks of a pack have in them, as far as names of results go."""

    def __init__(self) -> None:
        self._words: set[str] = set()
        self._patterns: set[str] = set()
        self._terms: dict[str, set[str]] = {}

    def add(self, cells: Iterable[WrittenCell], terms: dict[str, set[str]]) -> None:
        """Take in the cells of a notebook, and the terms that it records for each step."""
        for cell in cells:
            self._words |= set(re.findall(r"\w+", cell.source))
            for node in ast.walk(cell.tree):
                if isinstance(node, ast.JoinedStr):
                    self._patterns |= _patterns(node)
        for step, names in terms.items():
            self._terms.setdefault(step, set()).update(names)

    def faults(self, pack: Pack) -> Iterator[PackError]:
        """Metrics and fields whose names no notebook has, and fields of another step."""
        declared = Declaration(pack.folder)
        for metric in pack.metrics:
            if not self._has(metric.name):
                yield declared.error(
                    "metrics", metric.name, "name", "metric_not_recorded", name=metric.name
                )
        seen = {name for fields in core().steps.values() for one in fields
                for name in (one.name, *one.aliases)}  # fmt: skip
        for field in pack.fields:
            if field.name in seen:  # such as what is observed by itself
                continue
            said: dict[str, object] = {"name": field.name, "step": field.step}
            steps = [step for step, names in self._terms.items() if field.name in names]
            if not self._has(field.name):
                yield declared.error("fields", field.name, "name", "field_not_recorded", **said)
            elif steps and not self._can_be_of(field.step, field.name) and "**" not in steps:
                said["steps"] = steps
                yield declared.error("fields", field.name, "step", "field_of_other_step", **said)

    def _can_be_of(self, step: str, name: str) -> bool:
        terms = self._terms.get(step, set()) | self._terms.get("**", set())
        return bool(terms & {name, "**"})

    def _has(self, name: str) -> bool:
        return name in self._words or any(re.fullmatch(one, name) for one in self._patterns)


def _patterns(node: ast.JoinedStr) -> set[str]:
    """A name that is put together, as ``f"{part}_loss"`` is; none of values alone."""
    parts = [
        re.escape(str(one.value)) if isinstance(one, ast.Constant) else r"\w*"
        for one in node.values
    ]
    is_name = all(re.fullmatch(r"(\w|\\-)*|\\w\*", part) for part in parts)
    return {"".join(parts)} if is_name and any(part != r"\w*" for part in parts) else set()
