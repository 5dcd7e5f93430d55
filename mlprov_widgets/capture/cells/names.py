"""Which global names a cell reads and binds, from its source alone."""

from __future__ import annotations

import ast
import builtins
import dis
from dataclasses import dataclass
from functools import lru_cache
from types import CodeType

_IGNORED = frozenset(dir(builtins)) | {"get_ipython", "In", "Out", "exit", "quit", "__name__"}
# What the compiler itself looks up and binds.
_COMPILERS = frozenset(
    {"__doc__", "__annotations__", "__conditional_annotations__", "__annotate__"}
)
# Magics whose text is Python that runs in the notebook's own names.
_PYTHON_MAGICS = {"time", "timeit", "capture", "prun"}
_LOADS = {"LOAD_NAME", "LOAD_GLOBAL", "DELETE_NAME", "DELETE_GLOBAL"}
_STORES = {"STORE_NAME", "STORE_GLOBAL"}
_COMPREHENSIONS = {"<listcomp>", "<setcomp>", "<dictcomp>", "<genexpr>"}


@dataclass(frozen=True)
class CellNames:
    """Global names of one cell.

    Parameters
    ----------
    reads : tuple of str
        Names that must exist before the cell runs, sorted.
    binds : tuple of str
        Names that the cell assigns, imports or defines, sorted.
    uses : frozenset of str
        All names whose value it looks up as it runs, also those that it bound itself before.
    later : frozenset of str
        Names whose value is looked up by what the cell only defines.
    """

    reads: tuple[str, ...] = ()
    binds: tuple[str, ...] = ()
    uses: frozenset[str] = frozenset()
    later: frozenset[str] = frozenset()


def _compiled(source: str) -> CodeType | None:
    """The bytecode of a cell, as IPython's input transformer leaves it; None if it is no Python."""
    try:
        code: CodeType = compile(
            source, "<cell>", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True
        )
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    return code


@lru_cache(maxsize=2048)
def globals_of(code: CodeType) -> tuple[frozenset[str], frozenset[str]]:
    """Global names that a function, with all that is defined in it, looks up and binds."""
    loads: set[str] = set()
    stores: set[str] = set()
    own: set[str] = set()  # of a class
    for step in dis.get_instructions(code):
        operation, name = step.opname, step.argval
        if isinstance(name, CodeType):
            inner_loads, inner_stores = globals_of(name)
            loads |= inner_loads
            stores |= inner_stores
        elif operation in _LOADS and name not in own:
            loads.add(name)
        elif operation == "STORE_NAME":
            own.add(name)
        elif operation == "STORE_GLOBAL":
            stores.add(name)
    return frozenset(loads), frozenset(stores)


def _is_class_body(code: CodeType) -> bool:
    """Whether it is the body of a class, whose names are its own."""
    return "__module__" in code.co_names[:2]


@lru_cache(maxsize=512)
def names_of(source: str) -> CellNames:
    """Names that a cell reads and binds.

    Parameters
    ----------
    source : str
        Python as IPython's input transformer leaves it (``%magic`` and ``!command`` as calls).

    Returns
    -------
    CellNames
        Names used inside functions count as read where the cell does not bind them itself. Empty
        where the source is no Python.
    """
    flow = _Flow()
    flow.follow(_compiled(source))
    binds = flow.binds - _COMPILERS
    reads = (flow.reads | (flow.later - flow.binds)) - _IGNORED - _COMPILERS
    uses, later = frozenset(flow.uses), frozenset(flow.later)
    return CellNames(tuple(sorted(reads)), tuple(sorted(binds)), uses, later)


class _Flow:
    """Follows the bytecode of a cell in its order, which is that of the source."""

    def __init__(self) -> None:
        self.reads: set[str] = set()
        self.binds: set[str] = set()
        self.uses: set[str] = set()
        self.later: set[str] = set()

    def follow(self, code: CodeType | None) -> None:
        if code is None:
            return
        own: set[str] = set()  # of a class
        words: list[object] = []  # of the call of a magic
        for step in dis.get_instructions(code):
            operation, name = step.opname, step.argval
            if isinstance(name, CodeType):
                if name.co_name in _COMPREHENSIONS or _is_class_body(name):
                    self.follow(name)
                    continue
                loads, stores = globals_of(name)
                self.later |= loads
                self.binds |= stores
                # Whoever is given a lambda calls it, as `sorted` does.
                if name.co_name == "<lambda>":
                    self.uses |= loads
            elif operation in _LOADS and name not in own:
                self.uses.add(name)
                if name not in self.binds:
                    self.reads.add(name)
            elif operation == "STORE_NAME" and _is_class_body(code):
                own.add(name)
            elif operation in _STORES:
                self.binds.add(name)
            elif name in ("run_cell_magic", "run_line_magic"):
                words = [name]
            elif words and operation == "LOAD_CONST":
                words.append(name)
            elif words and operation.startswith("CALL"):
                if words[1] in _PYTHON_MAGICS and isinstance(words[-1], str):
                    self.follow(_compiled(words[-1]))
                words = []
