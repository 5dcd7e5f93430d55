"""Pack and values to cells, through templates in which every value becomes a literal."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from jinja2 import (
    ChoiceLoader,
    PrefixLoader,
    StrictUndefined,
    Template,
    TemplateError,
    TemplateSyntaxError,
    UndefinedError,
    meta,
    pass_context,
)
from jinja2.runtime import Context

from mlprov_widgets.errors import PackError
from mlprov_widgets.images.format import UNKNOWN_ARRAYS, UNKNOWN_FOLDER
from mlprov_widgets.notebooks.literals import LIST_WIDTH, Symbol, literal
from mlprov_widgets.notebooks.sandbox import LARGEST_TEMPLATE, Folder, Sandbox, counted, limited
from mlprov_widgets.packs import CellTemplate, Pack, Parameter
from mlprov_widgets.packs.files import read_text
from mlprov_widgets.tables.format import check_format, read_csv_options

# More names than this are not listed one by one in a notebook if they only count.
MANY = 8
_UNKNOWN = {"image_format": UNKNOWN_FOLDER, "array_format": UNKNOWN_ARRAYS}
_CONTEXT = {"choices", "code", "constants", "help", "notebook", "title"}
# Brackets alone make no link once [ and ] are escaped; a colon makes one only within a word.
_MARKDOWN = re.compile(r"([\\`*_{}\[\]<>#+!|$~&^]|:(?=\S))|^(\s*)([-=])")


@dataclass(frozen=True)
class RenderedCell:
    """A cell as generated.

    Parameters
    ----------
    id : str
        Its nbformat id, the same in every notebook of the pack.
    name : str
        The template's name, such as ``060_data_ingestion``.
    kind : str
        ``code`` or ``markdown``.
    step : str
        The pipeline step it belongs to.
    source : str
    """

    id: str
    name: str
    kind: str
    step: str
    source: str


def render_cells(pack: Pack, values: Mapping[str, Any], notebook: str) -> list[RenderedCell]:
    """All cells of the notebook, in order; cells that come out empty are left out.

    Parameters
    ----------
    pack : Pack
    values : Mapping
        Complete: as `mlprov_widgets.packs.complete_values` returns them.
    notebook : str
        File name of the notebook.

    Returns
    -------
    list of RenderedCell

    Raises
    ------
    PackError
        If a template cannot be rendered, with file and line.
    """
    context = _context(pack, values, notebook)
    cells = []
    with limited():
        for cell in pack.cells:
            source = _rendered(pack, cell, context).strip("\n").rstrip()
            if source:
                name = cell.name.replace("_", "-")
                cells.append(RenderedCell(name, cell.name, cell.kind, cell.step, source))
    return cells


def _rendered(pack: Pack, cell: CellTemplate, context: dict[str, Any]) -> str:
    template = _template(pack, cell)
    try:
        return template.render(context)
    except PackError:
        raise
    except TemplateError as error:
        raise PackError(_reason(error), *_place(error, cell)) from None
    except (RecursionError, MemoryError):
        raise PackError(
            "the cell cannot be rendered: it goes too deep or takes too much memory", cell.file
        ) from None
    except Exception as error:  # what a template does is a stranger's program
        raise PackError(f"the cell cannot be rendered: {error}", *_place(error, cell)) from None


def check_templates(pack: Pack) -> None:
    """Read every template of a pack and look for names that it does not have.

    Raises
    ------
    PackError
        With file and line.
    """
    known = _CONTEXT | set(pack.parameters)
    known |= {f"{p.name}_options" for p in pack.parameters.values() if p.type == "table_format"}
    for cell in pack.cells:
        _template(pack, cell)
        text = read_text(cell.file, pack.folder, LARGEST_TEMPLATE)
        tree = _environment(pack, cell.kind).parse(text)
        for name in sorted(meta.find_undeclared_variables(tree) - known):
            raise PackError(f"there is no parameter {name!r}", cell.file)


def _context(pack: Pack, values: Mapping[str, Any], notebook: str) -> dict[str, Any]:
    code = {
        name: Symbol(parameter.choice(values[name]).code)
        for name, parameter in pack.parameters.items()
        if parameter.has_choices
    }
    words = {
        name: parameter.choice(values[name]).help
        for name, parameter in pack.parameters.items()
        if parameter.has_choices
    }
    shown = [p for p in pack.parameters.values() if p.when(values)]
    tables: dict[str, Any] = {}
    for parameter in pack.parameters.values():
        if parameter.type == "table_format":
            tables[parameter.name] = check_format(values[parameter.name])
            tables[f"{parameter.name}_options"] = _read_csv_options(pack, parameter, values)
        elif parameter.type in _UNKNOWN and not values[parameter.name]:
            tables[parameter.name] = _UNKNOWN[parameter.type]
    return {
        **{name: values[name] for name in pack.parameters},
        **tables,
        "code": SimpleNamespace(**code),
        "help": SimpleNamespace(**words),
        "constants": {p.name for p in shown if p.constant},
        "choices": [(p.label, describe(p, values[p.name])) for p in shown if not p.is_hidden],
        "title": pack.title,
        "notebook": notebook,
    }


def _read_csv_options(
    pack: Pack, parameter: Parameter, values: Mapping[str, Any]
) -> list[tuple[Symbol, Symbol]]:
    """Keyword arguments of `pandas.read_csv`, as name and value; the target by its constant."""
    target = next(
        p for p in pack.parameters.values() if p.type == "column" and p.table == parameter.table
    )
    options = read_csv_options(values[parameter.name])
    types = options.pop("dtype", {})
    # The target is text even where it looks like numbers: 001, 01 and 1 are three classes.
    rows = [f'{target.symbol}: "str"']
    rows += [
        f"{literal(name)}: {literal(kind)}"
        for name, kind in types.items()
        if name != values[target.name]
    ]
    dtype = "{" + ", ".join(rows) + "}"
    if len(dtype) > LIST_WIDTH:
        dtype = "{\n" + "".join(f"        {row},\n" for row in rows) + "    }"
    written = [(Symbol(name), Symbol(literal(value, 4))) for name, value in options.items()]
    if len(options.get("names", ())) > MANY and options["names"] == _numbered(options["names"]):
        numbered = f'[f"column_{{number}}" for number in range(1, {len(options["names"]) + 1})]'
        written = [(n, Symbol(numbered) if n.code == "names" else value) for n, value in written]
    return [*written, (Symbol("dtype"), Symbol(dtype))]


def _numbered(names: list[str]) -> list[str]:
    """What columns are called in a table without a header."""
    return [f"column_{number}" for number in range(1, len(names) + 1)]


def describe(parameter: Parameter, value: Any) -> str:
    """A value as a person would write it in a table."""
    if parameter.has_choices:
        return parameter.choice(value).label
    if parameter.type == "flag":
        return "yes" if value else "no"
    if parameter.type == "columns":
        if not value:
            return "all"
        listed = ", ".join(value[:8])
        return listed if len(value) <= 8 else f"{listed} and {len(value) - 8} more"
    if parameter.zero and value == 0:
        return parameter.zero
    number = f"{value:g}" if isinstance(value, float) else str(value)
    return f"{number} {parameter.unit}" if parameter.unit else number


@pass_context  # so that nothing is written before a notebook is rendered
def _python(context: Context, value: Any) -> str:
    if isinstance(value, StrictUndefined):
        return str(value)  # raises, and names what is not there
    return counted(value.code if isinstance(value, Symbol) else literal(value))


@pass_context
def _markdown(context: Context, value: Any) -> str:
    """Text that Markdown and HTML show as it is, in one line."""
    text = counted(value.code if isinstance(value, Symbol) else str(value))
    text = "".join(char if char.isprintable() else " " for char in text)
    if len(text) > 200:
        text = text[:197] + "..."
    return _MARKDOWN.sub(lambda found: (found[2] or "") + "\\" + (found[1] or found[3]), text)


@lru_cache(maxsize=32)
def _environment(pack: Pack, kind: str) -> Sandbox:
    return Sandbox(
        finalize=_python if kind == "code" else _markdown,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=False,
        # Whatever is computed is computed while a notebook is rendered, and counted.
        optimized=False,
        loader=ChoiceLoader(
            [PrefixLoader({"_common": Folder(pack.common)}), Folder(pack.folder)],
        ),
    )


@lru_cache(maxsize=1024)
def _compiled(pack: Pack, cell: CellTemplate, stamp: int) -> Template:
    environment = _environment(pack, cell.kind)
    try:
        return environment.get_template(cell.file.name)
    except TemplateSyntaxError as error:
        raise PackError(
            f"the template cannot be read: {error.message}", cell.file, error.lineno
        ) from None
    except TemplateError as error:
        raise PackError(f"the template cannot be read: {error.message}", cell.file) from None
    except (RecursionError, MemoryError, SyntaxError):
        raise PackError("the template is nested too deeply", cell.file) from None
    except ValueError:  # a whole number of more than 4,300 digits
        raise PackError("the template has a number in it that is too long", cell.file) from None


def _template(pack: Pack, cell: CellTemplate) -> Template:
    try:
        stamp = cell.file.stat().st_mtime_ns
    except OSError as error:
        raise PackError(f"the file cannot be read ({error.strerror})", cell.file) from None
    return _compiled(pack, cell, stamp)


def _reason(error: TemplateError) -> str:
    if isinstance(error, UndefinedError):
        return f"the template uses something that is not there: {error.message}"
    return f"the template cannot be rendered: {error.message}"


def _place(error: Exception, cell: CellTemplate) -> tuple[Path, int | None]:
    """Template and line at which rendering stopped: Jinja maps its frames back to them."""
    if isinstance(error, TemplateSyntaxError) and error.filename:
        return Path(error.filename), error.lineno
    traceback, file, line = error.__traceback__, cell.file, None
    while traceback is not None:
        name = traceback.tb_frame.f_code.co_filename
        if name.endswith(".jinja"):
            file, line = Path(name), traceback.tb_lineno
        traceback = traceback.tb_next
    return file, line
