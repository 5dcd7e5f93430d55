"""What templates look up and include, and what of that is not there; nothing is rendered."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from jinja2 import TemplateAssertionError, meta, nodes

from mlprov_widgets.errors import PackError
from mlprov_widgets.notebooks.rendering import (
    TEMPLATE_NAMES,
    UNREADABLE,
    compiled,
    environment_of,
    unreadable,
)
from mlprov_widgets.packs import CellTemplate, Pack

_Named = tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class _Look:
    """What one file says.

    Parameters
    ----------
    asks : tuple of tuple of str and int
        The names that it looks up, but does not set, ``code.x`` too; each with its line.
    sets : frozenset of str
        Names that what it includes sees as well.
    uses : frozenset of str
        All names and texts in it.
    filters, tests, includes : tuple of tuple of str and int
        What it needs beside values, each with its line.
    leads_to : tuple of str
        Files that it includes, also those that it can do without.
    """

    asks: _Named
    sets: frozenset[str]
    uses: frozenset[str]
    filters: _Named
    tests: _Named
    includes: _Named
    leads_to: tuple[str, ...]


def check_templates(pack: Pack) -> None:
    """Read every template of a pack and look for what it does not have.

    Raises
    ------
    PackError
        With file and line.
    """
    for fault in template_faults(pack):
        raise fault


def template_faults(pack: Pack) -> Iterator[PackError]:
    """All that templates, and what they include, look up and that is not there.

    Parameters
    ----------
    pack : Pack

    Yields
    ------
    PackError
        With file and, but for a file that cannot be read at all, line.
    """
    known = _known(pack)
    told: set[tuple[object, ...]] = set()
    for cell in pack.cells:
        whole = True
        for fault in _faults(pack, cell.kind, cell.file.name, cell.file, known, ()):
            whole = False
            place = (fault.file, fault.line, fault.code, str(fault))
            if place not in told:
                told.add(place)
                yield fault
        if whole:
            try:
                compiled(pack, cell)
            except PackError as error:
                yield error


def template_uses(pack: Pack, cell: CellTemplate) -> frozenset[str]:
    """What a template, or what it includes, looks up: names, and ``code.x`` for attributes.

    Parameters
    ----------
    pack : Pack
    cell : CellTemplate
    """
    found: set[str] = set()
    pending, known = [cell.file.name], set[str]()
    while pending:
        name = pending.pop()
        if name in known:
            continue
        known.add(name)
        try:
            look = _looked(pack, cell.kind, name)
        except (*UNREADABLE, PackError):  # told of by `template_faults`
            continue
        found |= look.uses
        pending += look.leads_to
    return frozenset(found)


def _known(pack: Pack) -> frozenset[str]:
    parameters = pack.parameters.values()
    known = TEMPLATE_NAMES.union(*(p.kind.template_names(p) for p in parameters))
    known |= {f"{of}.{p.name}" for of in ("code", "help") for p in parameters if p.has_choices}
    return frozenset(known)


def _faults(
    pack: Pack, kind: str, name: str, file: Path, known: frozenset[str], within: tuple[str, ...]
) -> Iterator[PackError]:
    """What is wrong with one file; `within` are those that include it, of which it sees names."""
    try:
        look = _looked(pack, kind, name)
    except PackError as error:
        yield error
        return
    except UNREADABLE as error:
        if within:  # a cell itself is told of when it is compiled
            yield unreadable(error, file)
        return
    environment = environment_of(pack, kind)
    for code, named, there in (
        ("filter_unknown", look.filters, environment.filters),
        ("test_unknown", look.tests, environment.tests),
        ("template_name_unknown", look.asks, known),
    ):
        for one, line in named:
            if one not in there:
                near = difflib.get_close_matches(one, there, 1)
                # Tests have signs as names, too.
                words = sorted(name for name in there if name.isalpha())
                yield PackError(code, file, line, name=one, near=near, known=words)
    for other, line in look.includes:
        place = _file_of(pack, other)
        if place is None:
            yield PackError("template_missing", file, line, name=other)
        elif other not in within and other != name:
            yield from _faults(pack, kind, other, place, known | look.sets, (*within, name))


def _file_of(pack: Pack, name: str) -> Path | None:
    """Where a file that is included would be; None where there is none."""
    inside = name.removeprefix("_common/")
    file = (pack.folder if inside == name else pack.common) / inside
    parts = Path(inside).parts
    return file if file.exists() and parts and ".." not in parts else None


def _looked(pack: Pack, kind: str, name: str) -> _Look:
    environment = environment_of(pack, kind)
    assert environment.loader is not None
    return _look(pack, kind, environment.loader.get_source(environment, name)[0])


@lru_cache(maxsize=2048)
def _look(pack: Pack, kind: str, text: str) -> _Look:
    tree = environment_of(pack, kind).parse(text)
    asked = {  # what a template asks after, as in `stratify is defined`, need not be there
        one.node.name
        for one in tree.find_all(nodes.Test)
        if one.name in ("defined", "undefined") and isinstance(one.node, nodes.Name)
    }
    every = [(one.name, one) for one in tree.find_all(nodes.Name)]
    try:
        missing = meta.find_undeclared_variables(tree) - asked
    except TemplateAssertionError:  # a filter or test that is not there is told of first
        missing = set()
    asks = [(name, one.lineno) for name, one in every if name in missing]
    dotted = [
        (f"{one.node.name}.{one.attr}", one.lineno)
        for one in tree.find_all(nodes.Getattr)
        if isinstance(one.node, nodes.Name)
    ]
    of_values = missing & {"code", "help"}
    asks += [(name, line) for name, line in dotted if name.split(".")[0] in of_values]
    texts = {one.value for one in tree.find_all(nodes.Const) if isinstance(one.value, str)}
    set_here = {name for name, one in every if one.ctx in ("store", "param")}
    set_here |= {one.name for one in tree.find_all(nodes.Macro)}
    return _Look(
        asks=_ordered(asks),
        sets=frozenset(set_here | _imported(tree)),
        # Texts as in "n_samples" in constants.
        uses=frozenset({name for name, _ in every} | {name for name, _ in dotted} | texts),
        filters=_ordered((one.name, one.lineno) for one in tree.find_all(nodes.Filter)),
        tests=_ordered((one.name, one.lineno) for one in tree.find_all(nodes.Test)),
        includes=_ordered(_included(tree)),
        leads_to=tuple(filter(None, meta.find_referenced_templates(tree))),
    )


def _included(tree: nodes.Template) -> Iterator[tuple[str, int]]:
    """Files that it cannot do without, where their names are written out."""
    kinds = (nodes.Include, nodes.Import, nodes.FromImport, nodes.Extends)
    for one in tree.find_all(kinds):
        named = getattr(one, "template", None)
        if isinstance(named, nodes.Const) and not getattr(one, "ignore_missing", False):
            yield str(named.value), one.lineno


def _imported(tree: nodes.Template) -> set[str]:
    names = [name for one in tree.find_all(nodes.FromImport) for name in one.names]
    whole = [one.target for one in tree.find_all(nodes.Import)]
    return {name if isinstance(name, str) else name[1] for name in [*names, *whole]}


def _ordered(found: Iterable[tuple[str, int]]) -> _Named:
    """Each name once, with its first line, in alphabetical order."""
    first: dict[str, int] = {}
    for name, line in found:
        first[name] = min(line, first.get(name, line))
    return tuple(sorted(first.items()))
