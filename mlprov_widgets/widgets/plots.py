"""The plots that a notebook drew when it was run, as HTML."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from mlprov_widgets.errors import MlprovError
from mlprov_widgets.notebooks.formats.ipynb import step_of
from mlprov_widgets.record.fields import title_of
from mlprov_widgets.widgets.markup import escape, folded, remark
from mlprov_widgets.wording import format_count

_MOST_SHOWN = 12
_MOST_BYTES = 3_000_000  # of one picture
_WIDGET = "application/vnd.jupyter.widget-view+json"
_SIGNATURE = b"\x89PNG\r\n\x1a\n"


def plots_html(notebook: Path) -> str:
    """The plots of an executed notebook beside each other; empty where it has none.

    Parameters
    ----------
    notebook : Path
    """
    plots = [*_plots(notebook)]
    if not plots:
        return ""
    figures = "".join(_figure(*plot) for plot in plots[:_MOST_SHOWN])
    left = len(plots) - _MOST_SHOWN
    more = remark(f"{format_count(left, 'more plot is', 'more plots are')} in the notebook.")
    shown = f'<div class="mlprov-plots">{figures}</div>{more if left > 0 else ""}'
    title = f"The notebook's {format_count(len(plots), 'plot')}"
    return folded(title, shown, opened=True)


def _plots(notebook: Path) -> Iterator[tuple[str, str]]:
    """Of each plot the step that drew it, and the picture in base 64."""
    from mlprov_widgets.notebooks.execution import read_notebook

    cells: list[Any] = []
    with suppress(MlprovError, OSError):
        cells = [one for one in read_notebook(notebook).cells if one.cell_type == "code"]
    for cell in cells:
        for output in cell.outputs:
            data = output.get("data", {})
            # The picture of a widget is no plot.
            picture = "" if _WIDGET in data else _png(data.get("image/png"))
            if picture:
                yield step_of(cell), picture


def _png(data: object) -> str:
    """A picture as it can stand in a page; empty for what is none, or too large."""
    if not isinstance(data, str) or len(data) > _MOST_BYTES * 4 // 3:
        return ""
    with suppress(binascii.Error, ValueError):
        decoded = base64.b64decode("".join(data.split()), validate=True)
        if decoded.startswith(_SIGNATURE):
            return base64.b64encode(decoded).decode("ascii")
    return ""


def _figure(step: str, picture: str) -> str:
    name = title_of(step) if step else "Plot"
    return (
        f'<figure><img src="data:image/png;base64,{picture}" alt="Plot of a cell: '
        f'{escape(name, 60)}"><figcaption>{escape(name, 60)}</figcaption></figure>'
    )
