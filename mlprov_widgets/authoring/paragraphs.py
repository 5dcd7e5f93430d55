"""A script without marks as cells: its paragraphs, which are what blank lines set apart."""

from __future__ import annotations

import ast

from mlprov_widgets.notebooks.formats import SourceCell


def paragraphs(source: str, title: str) -> list[SourceCell]:
    """The cells that a reader would make of one piece of code.

    Parameters
    ----------
    source : str
        All of a script.
    title : str
        The heading over its docstring.

    Returns
    -------
    list of SourceCell
        Its docstring as a Markdown cell, then its statements in groups, each with the comments
        above it; one cell where it is no Python.
    """
    try:
        body = ast.parse(source).body
    except (SyntaxError, ValueError, RecursionError):
        return [SourceCell("", "code", source)]
    lines, found = source.split("\n"), []
    words, done = docstring(source), 0
    if words:
        found.append(SourceCell("", "markdown", f"# {title}\n\n{words}"))
        done, body = body[0].end_lineno or 0, body[1:]
    for at, statement in enumerate(body):
        end = statement.end_lineno or statement.lineno
        is_last = at + 1 == len(body)
        if is_last or not all(map(str.strip, lines[end : body[at + 1].lineno - 1] or ["more"])):
            end = len(lines) if is_last else end
            found.append(SourceCell("", "code", "\n".join(lines[done:end]).strip("\n")))
            done = end
    return found


def docstring(source: str) -> str:
    """The words at the head of a script; empty where there are none."""
    try:
        return ast.get_docstring(ast.parse(source)) or ""
    except (SyntaxError, ValueError, RecursionError):
        return ""
