"""What cells of code import, so that a process can have it ready before they are run."""

from __future__ import annotations

import ast
from collections.abc import Iterable

# What is imported only when something is used for the first time, and takes a second or more:
# PyTorch's first optimizer imports its compiler.
_LATE = {"torch.optim.": "import torch._dynamo"}


def imports_of(sources: Iterable[str], without: str = "") -> list[str]:
    """The statements with which cells import, outside of functions, each once.

    Parameters
    ----------
    sources : iterable of str
        Of cells of code; one that is no Python imports nothing.
    without : str
        A package whose imports are left out.
    """
    found: dict[str, None] = {}
    late: dict[str, None] = {}
    for source in sources:
        try:
            tree = ast.parse(source)
        except (SyntaxError, ValueError, RecursionError):  # a magic of IPython's, among others
            continue
        for one in tree.body:
            packages = _packages(one)
            if packages and without not in packages:
                found[ast.unparse(one)] = None
        late |= {statement: None for used, statement in _LATE.items() if used in source}
    return list(found | late)


def _packages(statement: ast.stmt) -> set[str]:
    """The packages that a statement imports from; none of another statement."""
    if isinstance(statement, ast.Import):
        return {one.name.partition(".")[0] for one in statement.names}
    if isinstance(statement, ast.ImportFrom) and statement.module and not statement.level:
        return {statement.module.partition(".")[0]}
    return set()
