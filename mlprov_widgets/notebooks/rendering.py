"""Pack and values to cells, through templates in which every value becomes a literal."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path, PurePath
from traceback import walk_tb
from types import SimpleNamespace
from typing import Any

from jinja2 import (
    ChoiceLoader,
    PrefixLoader,
    StrictUndefined,
    Template,
    TemplateError,
    TemplateNotFound,
    TemplateSyntaxError,
    UndefinedError,
    pass_context,
)
from jinja2.runtime import Context

from mlprov_widgets.errors import PackError
from mlprov_widgets.notebooks.formats import SourceCell
from mlprov_widgets.notebooks.sandbox import Folder, Sandbox, counted, limited
from mlprov_widgets.packs import CellTemplate, Pack
from mlprov_widgets.packs.literals import Symbol, literal

# What templates see beside the parameters.
TEMPLATE_NAMES = {"choices", "code", "constants", "help", "notebook", "plain", "stem", "title"}
# What Jinja raises of a file that it cannot read.
UNREADABLE = (TemplateError, RecursionError, MemoryError, SyntaxError, ValueError)
# Brackets alone make no link once [ and ] are escaped; a colon makes one only within a word.
_MARKDOWN = re.compile(r"([\\`*_{}\[\]<>#+!|$~&^]|:(?=\S))|^(\s*)([-=])")


def render_cells(
    pack: Pack,
    values: Mapping[str, Any],
    notebook: str,
    plain: bool = False,
    *,
    blanks: Mapping[str, str] | None = None,
) -> list[SourceCell]:
    """All cells of the notebook, in order; cells that come out empty are left out.

    Parameters
    ----------
    pack : Pack
    values : Mapping
        Complete: as `mlprov_widgets.packs.complete_values` returns them.
    notebook : str
        File name of the notebook.
    plain : bool, default False
        Whether it is to record nothing, and to do without this package.
    blanks : Mapping, optional
        For parameters whose choice has no code: what is written where it would be.

    Returns
    -------
    list of SourceCell

    Raises
    ------
    PackError
        If a template cannot be rendered, with file and line.
    """
    context = {**_context(pack, values, notebook, blanks or {}), "plain": plain}
    cells = []
    with limited():
        for cell in pack.cells:
            source = _rendered(pack, cell, context).strip("\n").rstrip()
            if source:
                name = cell.name.replace("_", "-")
                cells.append(SourceCell(name, cell.kind, source, cell.step, name=cell.name))
    return cells


def _rendered(pack: Pack, cell: CellTemplate, context: dict[str, Any]) -> str:
    template = compiled(pack, cell)
    try:
        return template.render(context)
    except PackError:
        raise
    except TemplateNotFound as error:
        raise PackError("template_missing", *_place(error, cell), name=error.message) from None
    except TemplateError as error:
        code = "template_uses_unknown" if isinstance(error, UndefinedError) else "template_refused"
        raise PackError(code, *_place(error, cell), reason=error.message) from None
    except (RecursionError, MemoryError):
        raise PackError("cell_too_deep", cell.file) from None
    except Exception as error:  # what a template does is a stranger's program
        raise PackError("cell_not_rendered", *_place(error, cell), reason=error) from None


def _context(
    pack: Pack, values: Mapping[str, Any], notebook: str, blanks: Mapping[str, str]
) -> dict[str, Any]:
    parameters = pack.parameters.values()
    chosen = {p.name: p.choice(values[p.name]) for p in parameters if p.has_choices}
    shown = [p for p in parameters if p.when(values)]
    told = [p for p in shown if p.is_told(values[p.name])]
    context: dict[str, Any] = {}
    for parameter in parameters:
        context |= parameter.kind.render(pack, parameter, values)
    return {
        **context,
        "code": SimpleNamespace(
            **{name: Symbol(one.code, blanks.get(name, "")) for name, one in chosen.items()}
        ),
        "help": SimpleNamespace(**{name: one.help for name, one in chosen.items()}),
        "constants": {p.name for p in shown if p.constant},
        "choices": [(p.label, p.describe(values[p.name])) for p in told],
        "title": pack.title,
        "notebook": notebook,
        "stem": PurePath(notebook).stem,
    }


@pass_context  # so that nothing is written before a notebook is rendered
def _python(context: Context, value: Any) -> str:
    if isinstance(value, StrictUndefined):
        return str(value)  # raises, and names what is not there
    return counted(value.written if isinstance(value, Symbol) else literal(value))


@pass_context
def _markdown(context: Context, value: Any) -> str:
    """Text that Markdown and HTML show as it is, in one line."""
    text = counted(value.written if isinstance(value, Symbol) else str(value))
    text = "".join(char if char.isprintable() else " " for char in text)
    if len(text) > 200:
        text = text[:197] + "..."
    return _MARKDOWN.sub(lambda found: (found[2] or "") + "\\" + (found[1] or found[3]), text)


@lru_cache(maxsize=32)
def environment_of(pack: Pack, kind: str) -> Sandbox:
    """What templates of this kind of cell are read and rendered in."""
    return Sandbox(
        finalize=_python if kind == "code" else _markdown,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=False,
        # Whatever is computed is computed while a notebook is rendered, and counted.
        optimized=False,
        loader=_loader(pack),
    )


def _loader(pack: Pack) -> ChoiceLoader:
    return ChoiceLoader([PrefixLoader({"_common": Folder(pack.common)}), Folder(pack.folder)])


@lru_cache(maxsize=1024)
def _compiled(pack: Pack, cell: CellTemplate, stamp: int) -> Template:
    environment = environment_of(pack, cell.kind)
    try:
        return environment.get_template(cell.file.name)
    except UNREADABLE as error:
        raise unreadable(error, cell.file) from None


def unreadable(error: Exception, file: Path) -> PackError:
    """The error for people where Jinja cannot read a file; `error` is one of `UNREADABLE`."""
    if isinstance(error, TemplateError):
        line = error.lineno if isinstance(error, TemplateSyntaxError) else None
        return PackError("template_unreadable", file, line, reason=error.message)
    if isinstance(error, ValueError):  # a whole number of more than 4,300 digits
        return PackError("template_number_too_long", file)
    return PackError("template_too_deep", file)


def compiled(pack: Pack, cell: CellTemplate) -> Template:
    """The template of a cell, ready to be rendered.

    Raises
    ------
    PackError
        If it cannot be read, with file and line.
    """
    return _compiled(pack, cell, _stamp(cell))


def _stamp(cell: CellTemplate) -> int:
    try:
        return cell.file.stat().st_mtime_ns
    except OSError as error:
        raise PackError("pack_file_unreadable", cell.file, reason=error.strerror) from None


def _place(error: Exception, cell: CellTemplate) -> tuple[Path, int | None]:
    """Template and line at which rendering stopped: Jinja maps its frames back to them."""
    if isinstance(error, TemplateSyntaxError) and error.filename:
        return Path(error.filename), error.lineno
    place: tuple[Path, int | None] = cell.file, None
    for frame, line in walk_tb(error.__traceback__):
        if frame.f_code.co_filename.endswith(".jinja"):
            place = Path(frame.f_code.co_filename), line
    return place
