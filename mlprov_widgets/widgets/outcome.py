"""How a run went, as HTML: metrics, and what failed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlprov_widgets.errors import ExecutionError
from mlprov_widgets.hosting import without_server_paths
from mlprov_widgets.widgets.markup import escape

if TYPE_CHECKING:
    from mlprov_widgets.reproduction import Reproduction

# First the ones that most people look for.
_HEADLINES = ("accuracy", "balanced_accuracy", "f1_macro", "roc_auc", "auc", "loss")
_MOST_CLASSES = 20


def metrics_html(metrics: dict[str, Any]) -> str:
    """Numbers as cards, the confusion matrix as a table, the rest folded."""
    numbers = {name: value for name, value in metrics.items() if _is_number(value)}
    first = [name for name in _HEADLINES if name in numbers]
    first += [name for name in numbers if name not in first]
    cards = "".join(
        f"<div><dt>{escape(_label(name))}</dt><dd>{escape(_number(numbers[name]))}</dd></div>"
        for name in first[:24]
    )
    parts = [f'<dl class="mlprov-metrics">{cards}</dl>'] if cards else []
    # Whatever is told class by class names the classes for the matrix too.
    named = [list(value) for value in metrics.values() if isinstance(value, dict)]
    for name, value in metrics.items():
        if _is_matrix(value):
            labels = next((n for n in named if len(n) == len(value)), range(len(value)))
            parts.append(_matrix(_label(name), value, [str(label) for label in labels]))
        elif isinstance(value, dict) and value:
            parts.append(_by_class(_label(name), value.items()))
        elif isinstance(value, list) and value and all(_is_number(item) for item in value):
            parts.append(_by_class(_label(name), enumerate(value)))
    return f"<h3>Result</h3>{''.join(parts)}" if parts else ""


def failure_html(error: ExecutionError) -> str:
    """Which cell raised, what it said; source and traceback folded."""
    source = f"<pre>{_block(error.source)}</pre>" if error.source else ""
    trace = f"<pre>{_block(error.traceback)}</pre>" if error.traceback else ""
    return (
        f'<div class="mlprov-banner" role="alert"><p>{escape(error, 600)}</p>'
        f"<details><summary>The cell</summary>{source}</details>"
        f"<details><summary>Details for a programmer</summary>{trace}</details></div>"
    )


def reproduction_html(made: Reproduction) -> str:
    """What a person should know about a rebuilt notebook before running it."""
    from mlprov_widgets.reproduction.rebuilt import describe

    parts = [f'<p class="mlprov-note">{escape(made.warning, 600)}</p>'] if made.warning else []
    parts += [f'<p class="mlprov-remark">{escape(note, 600)}</p>' for note in made.notes]
    for cell in made.edited[:100]:
        parts.append(
            f"<details><summary>{escape(describe(cell))}</summary>"
            f'<pre class="mlprov-diff">{_block(cell.diff)}</pre></details>'
        )
    return "".join(parts)


def _block(text: str) -> str:
    lines = without_server_paths(text[-20_000:]).split("\n")
    return "\n".join(escape(line, 500) for line in lines[-300:])


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_matrix(value: Any) -> bool:
    return (
        isinstance(value, list)
        and 0 < len(value) <= _MOST_CLASSES
        and all(
            isinstance(row, list) and len(row) == len(value) and all(_is_number(n) for n in row)
            for row in value
        )
    )


def _number(value: float) -> str:
    return f"{value:,}" if isinstance(value, int) else f"{value:.4g}"


def _label(name: str) -> str:
    known = {"mae": "MAE", "mse": "MSE", "auc": "AUC", "roc_auc": "ROC AUC", "f1_macro": "F1 macro"}
    return known.get(name.lower(), name.replace("_", " ").capitalize())


def _matrix(title: str, rows: list[list[float]], labels: list[str]) -> str:
    right = ' class="mlprov-diagonal"'
    head = "".join(f'<th scope="col">{escape(label, 20)}</th>' for label in labels)
    body = "".join(
        f'<tr><th scope="row">{escape(label, 20)}</th>'
        + "".join(
            f"<td{right if place == number else ''}>{escape(_number(value))}</td>"
            for place, value in enumerate(row)
        )
        + "</tr>"
        for number, (label, row) in enumerate(zip(labels, rows, strict=True))
    )
    return (
        f"<h4>{escape(title)} <small>rows: true class, columns: predicted</small></h4>"
        f'<div class="mlprov-scroll"><table class="mlprov-matrix"><thead><tr><th></th>{head}</tr>'
        f"</thead><tbody>{body}</tbody></table></div>"
    )


def _by_class(title: str, pairs: Any) -> str:
    rows = [
        f'<tr><th scope="row">{escape(name, 60)}</th>'
        f"<td>{escape(_number(value) if _is_number(value) else value, 60)}</td></tr>"
        for name, value in list(pairs)[:60]
    ]
    return (
        f"<details><summary>{escape(title)}</summary>"
        f'<table class="mlprov-matrix"><tbody>{"".join(rows)}</tbody></table></details>'
    )
