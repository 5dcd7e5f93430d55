"""Which global names a cell reads and binds, from its source alone."""

from __future__ import annotations

import ast
import builtins
import symtable
from dataclasses import dataclass
from functools import lru_cache

_IGNORED = frozenset(dir(builtins)) | {"get_ipython", "In", "Out", "exit", "quit", "__name__"}
# Magics whose text is Python that runs in the notebook's own names.
_PYTHON_MAGICS = {"time", "timeit", "capture", "prun"}


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
    try:
        flow.follow(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return CellNames()
    reads = (flow.reads | (flow.deferred - flow.binds)) - _IGNORED
    uses = (flow.uses | flow.deferred) - _IGNORED
    return CellNames(tuple(sorted(reads)), tuple(sorted(flow.binds)), frozenset(uses))


class _Flow(ast.NodeVisitor):
    """Walks the top level of a cell in the order in which Python would run it."""

    def __init__(self) -> None:
        self.reads: set[str] = set()
        self.binds: set[str] = set()
        self.uses: set[str] = set()
        self.deferred: set[str] = set()
        self.local: list[set[str]] = []

    def follow(self, source: str) -> None:
        flags = ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
        tree = compile(source, "<cell>", "exec", flags, dont_inherit=True)
        self._look_into_scopes(symtable.symtable(source, "<cell>", "exec"))
        self.visit(tree)

    def _look_into_scopes(self, table: symtable.SymbolTable) -> None:
        for scope in table.get_children():
            for symbol in scope.get_symbols():
                if not symbol.is_global():
                    continue
                if symbol.is_referenced():
                    self.deferred.add(symbol.get_name())
                if symbol.is_declared_global() and symbol.is_assigned():
                    self.binds.add(symbol.get_name())
            self._look_into_scopes(scope)

    def _load(self, name: str) -> None:
        if any(name in names for names in self.local):
            return
        self.uses.add(name)
        if name not in self.binds:
            self.reads.add(name)

    def _store(self, name: str) -> None:
        if self.local:
            self.local[-1].add(name)
        else:
            self.binds.add(name)

    def _visit_all(self, *parts: object) -> None:
        for part in parts:
            if isinstance(part, ast.AST):
                self.visit(part)
            elif isinstance(part, list):
                self._visit_all(*part)

    def visit_Name(self, node: ast.Name) -> None:
        if isinstance(node.ctx, ast.Store):
            self._store(node.id)
        else:
            self._load(node.id)

    def visit_Assign(self, node: ast.Assign) -> None:
        self._visit_all(node.value, node.targets)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        if isinstance(node.target, ast.Name):
            self._load(node.target.id)
        self._visit_all(node.value, node.target)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        self._visit_all(node.annotation, node.value)
        if node.value is not None or not isinstance(node.target, ast.Name):
            self.visit(node.target)

    def visit_NamedExpr(self, node: ast.NamedExpr) -> None:
        self.visit(node.value)
        # In a comprehension the walrus binds outside of it.
        self.binds.add(node.target.id)

    def visit_For(self, node: ast.For | ast.AsyncFor) -> None:
        self._visit_all(node.iter, node.target, node.body, node.orelse)

    visit_AsyncFor = visit_For

    def _visit_comprehension(
        self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp
    ) -> None:
        self.visit(node.generators[0].iter)
        self.local.append(set())
        for position, part in enumerate(node.generators):
            self._visit_all(part.iter if position else None, part.target, part.ifs)
        if isinstance(node, ast.DictComp):
            self._visit_all(node.key, node.value)
        else:
            self.visit(node.elt)
        self.local.pop()

    visit_ListComp = visit_SetComp = visit_GeneratorExp = visit_DictComp = _visit_comprehension

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        # The body runs later, if at all: its names come from the symbol table.
        arguments = node.args
        self._visit_all(node.decorator_list, arguments.defaults, arguments.kw_defaults)
        self._store(node.name)

    visit_AsyncFunctionDef = visit_FunctionDef

    def visit_Lambda(self, node: ast.Lambda) -> None:
        self._visit_all(node.args.defaults, node.args.kw_defaults)

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        self._visit_all(node.decorator_list, node.bases, [word.value for word in node.keywords])
        self.local.append(set())
        self._visit_all(node.body)
        self.local.pop()
        self._store(node.name)

    def visit_Import(self, node: ast.Import | ast.ImportFrom) -> None:
        for alias in node.names:
            if alias.name != "*":
                self._store(alias.asname or alias.name.partition(".")[0])

    visit_ImportFrom = visit_Import

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> None:
        self._visit_all(node.type)
        if node.name:
            self._store(node.name)
        self._visit_all(node.body)

    def visit_MatchAs(self, node: ast.MatchAs | ast.MatchStar | ast.MatchMapping) -> None:
        self.generic_visit(node)
        name = node.rest if isinstance(node, ast.MatchMapping) else node.name
        if name:
            self._store(name)

    visit_MatchStar = visit_MatchMapping = visit_MatchAs

    def visit_Call(self, node: ast.Call) -> None:
        self.generic_visit(node)
        if not isinstance(node.func, ast.Attribute):
            return
        if node.func.attr not in ("run_cell_magic", "run_line_magic"):
            return
        words = [word.value for word in node.args if isinstance(word, ast.Constant)]
        if len(words) >= 2 and words[0] in _PYTHON_MAGICS and isinstance(words[-1], str):
            try:
                self.follow(words[-1])
            except (SyntaxError, ValueError):
                return
