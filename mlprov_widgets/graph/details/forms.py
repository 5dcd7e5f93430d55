"""In which form a value is best read: as text, code, table, matrix, curves or a list of changes."""

from __future__ import annotations

from itertools import islice
from typing import Any

from mlprov_widgets.graph import wire
from mlprov_widgets.graph.details.code import cut, difference, tokens
from mlprov_widgets.graph.document.values import full_text
from mlprov_widgets.provenance.legacy import array_in
from mlprov_widgets.record.fields import Vocabulary, core
from mlprov_widgets.record.results import COUNTERS
from mlprov_widgets.wording import is_numeric, visible

MAX_TEXT = 20_000
MAX_ROWS = 300
MAX_COLUMNS = 30
MAX_MATRIX = 60
MAX_POINTS = 2_000
MAX_SERIES = 12
_CELL = 200
# What curves are drawn over, by name.
_OVER = (*COUNTERS, "epochs", "iteration", "batch", "time")


def attribute(
    name: str,
    text: str,
    kind: str = "",
    content: Any = None,
    labels: list[str] | None = None,
    field: str = "",
    vocabulary: Vocabulary | None = None,
) -> wire.Attribute:
    """One value with the form in which it is best read.

    Parameters
    ----------
    name : str
        What it is called.
    text : str
        The value in full; cut at `MAX_TEXT` characters.
    kind : str
        Its datatype; may be empty.
    content : object
        What the text stands for.
    labels : list of str, optional
        Names of the classes, for a confusion matrix.
    field : str
        Name of the recorded field, by which units are known; by default `name`.
    vocabulary : Vocabulary, optional
        What fields mean; by default as the core knows it.

    Returns
    -------
    wire.Attribute
        With unit, form, and what is drawn in that form.
    """
    if isinstance(content, str):
        content = array_in(content) if content[:1] == "[" or "tensor(" in content[:8] else content
    form, data = _form(name, content, labels or [])
    if form == "text" and isinstance(content, list):
        text = _list_text(content) or text
    return {
        "name": visible(name[:200]),
        "value": cut(text, MAX_TEXT),
        "type": visible(kind[:100]),
        "unit": (vocabulary or core()).unit_of(field or name, content),
        "form": form,
        "data": data,
    }


def code_attribute(name: str, source: str, language: str = "python") -> wire.Attribute:
    """Source code with its colours."""
    data = wire.CodeData(tokens=tokens(source, language))
    return {**attribute(name, source), "form": "code", "data": data}


def diff_attribute(name: str, before: str, after: str) -> wire.Attribute:
    """What was changed from one source to the other."""
    lines = difference(before, after)
    return {**attribute(name, after), "form": "diff", "data": wire.DiffData(lines=lines)}


def table_attribute(name: str, columns: list[str], rows: list[list[str]]) -> wire.Attribute:
    """Rows under named columns; as text, the first two of each."""
    form, data = _table(columns, rows)
    text = ", ".join(f"{row[0]} = {row[1]}" for row in rows[:MAX_ROWS])
    return {**attribute(name, text), "form": form, "data": data}


def link_attribute(name: str, text: str, kind: str, id: str) -> wire.Attribute:
    """A value that is the name of another element."""
    return {**attribute(name, text, kind), "form": "link", "data": wire.LinkData(id=id)}


def shown_text(content: Any) -> str:
    """A value in full, as it is read and copied."""
    # A little longer than what is shown, so that it is seen to be cut.
    return "none" if content is None else full_text(content, 50 * MAX_TEXT)


def _list_text(content: list[Any]) -> str:
    """A list of short texts and numbers as it is read; empty where it would be unclear."""
    if not all(isinstance(item, str | int | float) for item in content):
        return ""
    texts = [shown_text(item) for item in content]
    unclear = any("," in text or "\n" in text or not text.strip() for text in texts)
    return "" if unclear else ", ".join(texts)


def is_nested(content: Any) -> bool:
    """Whether a value is an object that holds lists or objects, each of which has its own form."""
    return isinstance(content, dict) and any(
        isinstance(inner, list | dict) for inner in list(content.values())[:MAX_ROWS]
    )


def _form(name: str, content: Any, labels: list[str]) -> tuple[wire.Form, wire.Data]:
    if isinstance(content, dict) and content:
        rows = [[str(key), value] for key, value in islice(content.items(), MAX_ROWS)]
        return _table(["", "value"], rows)
    if isinstance(content, list) and content:
        if all(isinstance(row, dict) and row for row in content[:MAX_POINTS]):
            return _curves(content) or _records(content)
        is_confusion = "confusion" in name.lower()
        if _is_matrix(content) and (is_confusion or len(content) == len(content[0])):
            return "matrix", _matrix(content, labels)
        if all(isinstance(row, list) and row for row in content[:MAX_ROWS]):
            columns = [""] * min(max(map(len, content[:MAX_ROWS])), MAX_COLUMNS)
            return _table(columns, content)
    return "text", {}


def _cell_text(value: Any) -> str:
    if value is None:
        return ""
    text = full_text(value, _CELL)
    return text if isinstance(value, bool | int | float) else visible(text[:_CELL])


def _table(columns: list[str], rows: list[Any]) -> tuple[wire.Form, wire.TableData]:
    shown = [[_cell_text(cell) for cell in row[: len(columns)]] for row in rows[:MAX_ROWS]]
    shown = [row + [""] * (len(columns) - len(row)) for row in shown]
    return "table", {"columns": columns, "rows": shown}


def _records(content: list[dict[str, Any]]) -> tuple[wire.Form, wire.TableData]:
    rows = content[:MAX_ROWS]
    columns = list(dict.fromkeys(str(key) for row in rows for key in list(row)[:MAX_COLUMNS]))
    columns = columns[:MAX_COLUMNS]
    return _table(
        [visible(name[:_CELL]) for name in columns],
        [[row.get(name) for name in columns] for row in rows],
    )


def _is_matrix(content: list[Any]) -> bool:
    if len(content) > MAX_MATRIX or not isinstance(content[0], list):
        return False
    width = len(content[0])
    return 0 < width <= MAX_MATRIX and all(
        isinstance(row, list) and len(row) == width and all(map(is_numeric, row)) for row in content
    )


def _matrix(content: list[list[Any]], labels: list[str]) -> wire.MatrixData:
    fits = len(labels) == len(content) == len(content[0])
    rows = [[_drawable(cell) for cell in row] for row in content]
    return {"labels": [_cell_text(label) for label in labels] if fits else [], "rows": rows}


def _drawable(value: Any) -> float | None:
    """A number that JSON and a plot can take; None for any other."""
    return value if is_numeric(value) and -1e300 < value < 1e300 else None


def _curves(content: list[dict[str, Any]]) -> tuple[wire.Form, wire.CurvesData] | None:
    """Numbers over epochs, such as the history of a training; None where it is no such list."""
    if len(content) < 2:
        return None
    names = list(dict.fromkeys(key for row in content[:50] for key in list(row)[:MAX_COLUMNS]))
    over = next((name for name in names if str(name).lower() in _OVER), None)
    rows = content
    if len(rows) > MAX_POINTS:
        # Evenly, with the last one, which is the one that counts.
        stride = len(rows) / MAX_POINTS
        rows = [rows[int(at * stride)] for at in range(MAX_POINTS - 1)] + [rows[-1]]
    series: dict[str, list[float | None]] = {}
    for name in names:
        values = [_drawable(row.get(name)) for row in rows]
        if name != over and sum(value is not None for value in values) >= 2:
            series[visible(str(name)[:_CELL])] = values
        if len(series) == MAX_SERIES:
            break
    if not series or (over is None and len(series) < len(names)):
        return None
    places = [_drawable(row.get(over)) for row in rows] if over is not None else []
    x = [at for at in places if at is not None]
    if len(x) < len(rows):
        x = [*range(1, len(rows) + 1)]
    return "curves", {"x": x, "series": series}
