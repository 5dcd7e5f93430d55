"""Which global names a cell reads and binds, from its source alone."""

from __future__ import annotations

import ast
import builtins
import dis
from dataclasses import dataclass
from functools import lru_cache
from types import CodeType
from typing import Any

_IGNORED = frozenset(dir(builtins)) | {"get_ipython", "In", "Out", "exit", "quit", "__name__"}
# What the compiler itself looks up and binds.
_COMPILERS = frozenset(
    {"__doc__", "__annotations__", "__conditional_annotations__", "__annotate__"}
)
# Magics whose text is Python that runs in the notebook's own names.
_PYTHON_MAGICS = {"time", "timeit", "capture", "prun"}
LOADS = {"LOAD_NAME", "LOAD_GLOBAL", "DELETE_NAME", "DELETE_GLOBAL"}
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
        All names whose value is looked up, also those that the cell bound itself before.
    """

    reads: tuple[str, ...] = ()
    binds: tuple[str, ...] = ()
    uses: frozenset[str] = frozenset()


@lru_cache(maxsize=512)
def compiled(source: str) -> CodeType | None:
    """The bytecode of a cell, as IPython's input transformer leaves it; None if it is no Python."""
    try:
        code: CodeType = compile(
            source, "<cell>", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True
        )
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    return code


@lru_cache(maxsize=2048)
def instructions(code: CodeType) -> tuple[tuple[str, Any], ...]:
    """What code does one after the other: the name of each operation, and what it is about."""
    return tuple((step.opname, step.argval) for step in dis.get_instructions(code))


def is_class_body(code: CodeType) -> bool:
    """Whether it is the body of a class, whose names are its own."""
    return "__module__" in code.co_names[:2]


def runs_with_its_cell(code: CodeType) -> bool:
    """Whether code inside of a cell runs where it stands, and not when it is called."""
    return code.co_name in _COMPREHENSIONS or is_class_body(code)


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
    flow.follow(compiled(source))
    binds = flow.binds - _COMPILERS
    reads = (flow.reads | (flow.deferred - flow.binds)) - _IGNORED - _COMPILERS
    uses = (flow.uses | flow.deferred) - _IGNORED - _COMPILERS
    return CellNames(tuple(sorted(reads)), tuple(sorted(binds)), frozenset(uses))


class _Flow:
    """Follows the bytecode of a cell in its order, which is that of the source."""

    def __init__(self) -> None:
        self.reads: set[str] = set()
        self.binds: set[str] = set()
        self.uses: set[str] = set()
        self.deferred: set[str] = set()

    def follow(self, code: CodeType | None) -> None:
        if code is None:
            return
        own: set[str] = set()  # of a class
        words: list[object] = []  # of the call of a magic
        for operation, name in instructions(code):
            if isinstance(name, CodeType):
                if runs_with_its_cell(name):
                    self.follow(name)
                else:
                    self._defer(name)
            elif operation in LOADS and name not in own:
                self.uses.add(name)
                if name not in self.binds:
                    self.reads.add(name)
            elif operation == "STORE_NAME" and is_class_body(code):
                own.add(name)
            elif operation in _STORES:
                self.binds.add(name)
            elif name in ("run_cell_magic", "run_line_magic"):
                words = [name]
            elif words and operation == "LOAD_CONST":
                words.append(name)
            elif words and operation.startswith("CALL"):
                if words[1] in _PYTHON_MAGICS and isinstance(words[-1], str):
                    self.follow(compiled(words[-1]))
                words = []

    def _defer(self, code: CodeType) -> None:
        """Take down what code reaches that runs later, if at all."""
        own: set[str] = set()
        for operation, name in instructions(code):
            if isinstance(name, CodeType):
                self._defer(name)
            elif operation in LOADS and name not in own:
                self.deferred.add(name)
            elif operation == "STORE_NAME":
                own.add(name)
            elif operation == "STORE_GLOBAL":
                self.binds.add(name)
