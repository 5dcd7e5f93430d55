"""What is wrong with what a pack declares, though each line of it is allowed."""

from __future__ import annotations

import ast
import keyword
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter

from mlprov_widgets.authoring.meaning import meaningless
from mlprov_widgets.errors import InvalidValueError, PackError
from mlprov_widgets.notebooks.rendering import TEMPLATE_NAMES
from mlprov_widgets.notebooks.template_names import template_uses
from mlprov_widgets.packs import Condition, Pack, Parameter
from mlprov_widgets.packs.declaration import Declaration


def declared_faults(pack: Pack) -> Iterator[PackError]:
    """What is declared and cannot be meant."""
    declared = Declaration(pack.folder)
    yield from _steps(pack, declared)
    yield from _circles(pack, declared)
    yield from meaningless(pack, declared)
    used = frozenset[str]().union(*(template_uses(pack, cell) for cell in pack.cells))
    asked = _names_in_conditions(pack)
    for parameter in pack.parameters.values():
        name = parameter.name
        if keyword.iskeyword(name) or name in TEMPLATE_NAMES:
            code = "name_is_keyword" if keyword.iskeyword(name) else "name_of_template"
            yield declared.error("parameters", name, "name", code, name=name)
        names = parameter.kind.template_names(parameter)
        seen = names | {f"code.{name}", f"help.{name}"}
        if names and not (seen & used or name in asked or parameter.is_hidden):
            yield declared.error("parameters", name, "name", "parameter_unused", name=name)
        for choice in parameter.choices:
            if choice.code and not _is_expression(choice.code):
                said = {"code": choice.code, "choice": choice.value}
                yield declared.error("parameters", name, "choices", "code_no_expression", **said)
        yield from _impossible(pack, declared, "parameters", name, parameter.when)
    for number, rule in enumerate(pack.rules):
        yield from _impossible(pack, declared, "rules", number, rule.when)
        if not rule.when.text.strip():
            yield declared.error("rules", number, "when", "rule_always_said")


def _names_in_conditions(pack: Pack) -> set[str]:
    conditions = [
        *(one.when for one in pack.parameters.values()),
        *(one.when for one in pack.rules),
    ]
    tables = {parameter.table for parameter in pack.parameters.values()}
    return tables.union(*(condition.names for condition in conditions))


def _steps(pack: Pack, declared: Declaration) -> Iterator[PackError]:
    """Steps that no cell has, and so nobody will ever see."""
    steps = sorted({cell.step for cell in pack.cells})
    asking = {parameter.page for parameter in pack.parameters.values()}
    for page in pack.pages:
        if page.name not in asking:
            yield declared.error("pages", page.name, "name", "page_asks_nothing", name=page.name)
        for step in page.steps:
            if step not in steps:
                said = {"step": step, "steps": steps}
                yield declared.error("pages", page.name, "steps", "step_of_no_cell", **said)
    for parameter in pack.parameters.values():
        if parameter.step not in steps:
            said = {"step": parameter.step, "steps": steps}
            yield declared.error("parameters", parameter.name, "step", "step_of_no_cell", **said)


def _circles(pack: Pack, declared: Declaration) -> Iterator[PackError]:
    """Questions that are asked only if their own answer says so, perhaps by way of others."""
    needs = {name: parameter.when.names for name, parameter in pack.parameters.items()}
    try:
        TopologicalSorter(needs).prepare()
    except CycleError as error:
        circle = error.args[1]
        yield declared.error("parameters", circle[0], "when", "condition_circular", names=circle)


def _impossible(
    pack: Pack, declared: Declaration, table: str, row: str | int, when: Condition
) -> Iterator[PackError]:
    """Values that a condition asks for and that its parameter can never have."""
    for name, sign, value in when.comparisons:
        parameter = pack.parameters[name]
        said = {"name": name, "value": value, "allowed": parameter.allowed}
        if sign == "==" and not _can_be(parameter, value):
            yield declared.error(table, row, "when", "condition_never_met", **said)
        elif sign != "==" and not _can_compare(parameter, sign, value):
            said["sign"] = sign
            yield declared.error(table, row, "when", "comparison_never_met", **said)


def _can_be(parameter: Parameter, value: object) -> bool:
    if parameter.is_path or parameter.is_hidden or parameter.type in ("column", "columns"):
        return True
    try:
        parameter.check(value)
    except InvalidValueError:
        return False
    return True


def _can_compare(parameter: Parameter, sign: str, value: object) -> bool:
    """Whether a value of the parameter can be less, or more, than this one."""
    if not parameter.kind.is_number:
        return not isinstance(value, int | float) or parameter.type == "flag"
    if not isinstance(value, int | float):
        return False
    low, above, high = parameter.minimum, parameter.exclusive_minimum, parameter.maximum
    if above is not None and value <= above and sign in ("<", "<="):
        return False
    bound = low if sign in ("<", "<=") else high
    return bound is None or {
        "<": bound < value, "<=": bound <= value, ">": bound > value, ">=": bound >= value,
    }[sign]  # fmt: skip


def _is_expression(code: str) -> bool:
    try:
        ast.parse(code.strip(), mode="eval")
    except (SyntaxError, ValueError):
        return False
    return True
