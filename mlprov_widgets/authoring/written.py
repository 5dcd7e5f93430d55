"""What is wrong with the notebooks of a pack: its defaults, its examples, and each choice once."""

from __future__ import annotations

import ast
import builtins
import importlib.util
import re
from collections.abc import Iterator, Mapping
from typing import Any

from mlprov_widgets.authoring.cells import WrittenCell
from mlprov_widgets.authoring.declared_results import Written
from mlprov_widgets.authoring.recording import calls_of, recorded_terms, run_faults
from mlprov_widgets.authoring.variants import Variants, variants_of
from mlprov_widgets.errors import MlprovError, PackError
from mlprov_widgets.notebooks import SourceCell, render_cells
from mlprov_widgets.notebooks.plain import check_plain
from mlprov_widgets.notebooks.template_names import template_uses
from mlprov_widgets.packs import Pack
from mlprov_widgets.packs.declaration import Declaration
from mlprov_widgets.packs.literals import literal

_NAME = "check.ipynb"
_DEFAULTS = "with the defaults, plain"
_MARK = "code_that_is_missing_of_"
_BROKEN = ("cell_no_python", "cell_not_written")
_FLAGS = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
_KNOWN = frozenset(dir(builtins)) | {"get_ipython", "In", "Out", "display"}
_Key = tuple[object, ...]


def written_faults(pack: Pack) -> tuple[list[PackError], int]:
    """What is wrong with what a pack writes, each fault once; and how many notebooks it wrote."""
    faults: dict[_Key, PackError] = {}
    used, asked = set[str](), set[str]()
    written = Written()
    can_be_plain = any("plain" in template_uses(pack, cell) for cell in pack.cells)
    with variants_of(pack) as variants:
        for when, values in variants.values.items():
            cells = _cells(pack, values, when, faults, plain=False)
            asked |= {name for name, one in pack.parameters.items() if one.when(values)}
            for cell in cells:
                used |= {*cell.names.binds, *cell.names.uses, *cell.names.later}
            calls = calls_of(cells)
            written.add(cells, recorded_terms(calls))
            if not any(fault.code in _BROKEN for fault in faults.values()):
                for key, fault in run_faults(pack, calls, _NAME, when):
                    faults.setdefault(key, fault)
            if can_be_plain and when in variants.of_pack:
                _cells(pack, values, f"{when}, plain", faults, plain=True)
        number = len(variants.values)
        found = [*variants.faults, *faults.values(), *_rules_unsaid(pack, variants)]
    # What is broken is to be mended before anybody can say what is missing.
    if number and not any(one.code in _BROKEN for one in found):
        found += [*_never_written(pack, used, asked), *written.faults(pack)]
    return found, number


def _rules_unsaid(pack: Pack, variants: Variants) -> Iterator[PackError]:
    """Rules that hold, but never where the field is asked for beside which they would be said."""
    for number, rule in enumerate(pack.rules):
        holding = [values for values in variants.values.values() if rule.when(values)]
        beside = pack.parameters[rule.parameter]
        if holding and not any(map(beside.when, holding)):
            said = {"name": rule.parameter, "condition": beside.when.text}
            declared = Declaration(pack.folder)
            yield declared.error("rules", number, "parameter", "rule_never_said", **said)


def _marks(pack: Pack, values: Mapping[str, Any]) -> dict[str, str]:
    """For each choice to which the pack gives no code, a mark that shows where it is written."""
    declared = Declaration(pack.folder)
    return {
        name: _MARK + name
        for name, parameter in pack.parameters.items()
        if parameter.choices and values[name] in declared.choices_without(name, "code")
    }


def _cells(
    pack: Pack, values: Mapping[str, Any], when: str, faults: dict[_Key, PackError], plain: bool
) -> list[WrittenCell]:
    """The code cells of one notebook; what is wrong with them is added to the faults."""
    files = {cell.name: cell.file for cell in pack.cells}
    try:
        sources = render_cells(pack, values, _NAME, plain, blanks=_marks(pack, values))
    except PackError as error:
        reason = MlprovError(error.code, **error.arguments)
        told = PackError("cell_not_written", error.file, error.line, when=when, reason=reason)
        faults.setdefault((error.file, error.line), told)
        return []
    cells = [WrittenCell(files[one.name], one.source) for one in sources if one.kind == "code"]
    broken = [fault for cell in cells if (fault := _no_python(cell, when)) is not None]
    for fault in broken:
        faults.setdefault((fault.file, fault.line, str(fault.arguments["reason"])), fault)
    if not broken and (not plain or _is_plain(pack, sources, when, faults)):
        for key, fault in _faults(pack, cells, values, when):
            faults.setdefault(key, fault)
    return cells


def _is_plain(
    pack: Pack, cells: list[SourceCell], when: str, faults: dict[_Key, PackError]
) -> bool:
    """Whether cells do without this package; that some values cannot, a pack may mean."""
    try:
        check_plain(pack, cells)
    except PackError as error:
        if when == _DEFAULTS:
            told = PackError("plain_not_whole", pack.folder, names=error.arguments["names"])
            faults.setdefault((told.code,), told)
        return False
    return True


def _no_python(cell: WrittenCell, when: str) -> PackError | None:
    try:
        compile(cell.python, cell.file.name, "exec", dont_inherit=True, flags=_FLAGS)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        reason, line = str(getattr(error, "msg", error)), getattr(error, "text", "") or ""
        said = {"reason": reason, "source": line.strip(), "when": when}
        return cell.error("cell_no_python", getattr(error, "lineno", None), **said)
    return None


def _faults(
    pack: Pack, cells: list[WrittenCell], values: Mapping[str, Any], when: str
) -> Iterator[tuple[_Key, PackError]]:
    """What is wrong with the cells of one notebook, and by what each is known for the same."""
    bound = _KNOWN.union(*(cell.names.binds for cell in cells))
    before = set(_KNOWN)
    for at, cell in enumerate(cells):
        names = cell.names
        for name in sorted(set(re.findall(rf"{_MARK}(\w+)", cell.source))):
            rows = enumerate(cell.python.split("\n"), 1)
            first = next(number for number, row in rows if _MARK + name in row)
            said = {"name": name, "when": when}
            yield (cell.file, "code", name), cell.error("code_missing", first, **said)
        for name in sorted(set(names.reads) - bound):
            if name.startswith(_MARK):
                continue
            said = {"name": name, "when": when}
            yield (cell.file, name), cell.error("name_never_defined", cell.line_of(name), **said)
        # What a function looks up may be there by the time that it is called.
        for name in sorted((set(names.reads) & names.uses & bound) - names.later - before):
            if name not in names.binds:
                later = next(one for one in cells[at:] if name in one.names.binds)
                said = {"name": name, "cell": later.file.name, "when": when}
                line = cell.line_of(name)
                yield (cell.file, name), cell.error("name_defined_later", line, **said)
        before |= set(names.binds)
        for name, parameter in pack.parameters.items():
            is_there = any(parameter.symbol in one.names.binds for one in cells[:at])
            if parameter.constant and is_there and parameter.symbol in names.binds:
                said = {"symbol": parameter.symbol, "when": when}
                line = cell.line_of(parameter.symbol, ast.Store)
                key = (cell.file, "again", name)
                yield key, cell.error("constant_written_again", line, **said)
        yield from _missing_modules(cell)
        yield from _quoted(pack, cell, values)


def _missing_modules(cell: WrittenCell) -> Iterator[tuple[_Key, PackError]]:
    """Modules that every run would import and that are not here."""
    for node in cell.tree.body:
        names = [one.name for one in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names = [node.module]
        for name in dict.fromkeys(name.split(".")[0] for name in names):
            if not _is_here(name):
                yield (cell.file, name), cell.error("module_missing", node.lineno, name=name)


def _is_here(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except (ImportError, ValueError):  # what is being imported may say nothing of itself
        return True


def _quoted(
    pack: Pack, cell: WrittenCell, values: Mapping[str, Any]
) -> Iterator[tuple[_Key, PackError]]:
    """Texts that have quotes of their own, within quotes of the template."""
    texts = {literal(one): name for name, one in values.items() if isinstance(one, str) and one}
    for node in ast.walk(cell.tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value in texts:
            name = texts[node.value]
            yield (cell.file, "quotes", name), cell.error("value_in_quotes", node.lineno, name=name)


def _never_written(pack: Pack, used: set[str], asked: set[str]) -> Iterator[PackError]:
    """Constants that no notebook has, and code cells that are empty whatever is chosen."""
    declared = Declaration(pack.folder)
    for name, parameter in pack.parameters.items():
        if parameter.constant and name in asked and parameter.symbol not in used:
            said = {"symbol": parameter.symbol}
            yield declared.error("parameters", name, "constant", "constant_not_written", **said)
    for cell in pack.cells:
        if not cell.file.read_text(encoding="utf-8").strip():
            yield PackError("cell_empty", cell.file)
