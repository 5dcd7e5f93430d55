"""What stands in a notebook for a widget whose kernel is gone: a page without scripts."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import ipywidgets as widgets

from mlprov_widgets.hosting import without_server_paths
from mlprov_widgets.present import blocks_to_html
from mlprov_widgets.present.blocks import Block, Paragraph

if TYPE_CHECKING:
    from IPython.core.display_functions import DisplayHandle

AGAIN = "Python is no longer behind this page. Run the cell again to go on."


def in_kernel() -> bool:
    """Whether there is a browser that could show a widget."""
    from IPython import get_ipython

    # A terminal has no other half that could answer.
    return getattr(get_ipython(), "kernel", None) is not None or sys.platform == "emscripten"


def show_with_page(
    widget: widgets.Widget, page: str, alive: str, fallback: Callable[[], dict[str, str]] = dict
) -> DisplayHandle | None:
    """Display a page and then the widget, which takes its place; gives what renews the page.

    Two outputs, because JupyterLab shows the first kind that it knows of one output and nothing of
    the others: without a kernel that would be "model not found". So a saved notebook, nbconvert's
    page, GitHub and nbviewer have the page, whatever becomes of the widget.

    Parameters
    ----------
    widget : Widget
    page : str
        HTML without scripts.
    alive : str
        The class of what the browser draws of the widget.
    fallback : callable, optional
        Gives other forms of the page, by MIME type, for where there are no widgets.
    """
    from IPython.display import display

    data = page_data(page, alive, widget)
    text = data["text/plain"]
    handle: DisplayHandle | None = display(data, raw=True, display_id=True)
    if in_kernel():
        bundle: Any = widget._repr_mimebundle_() or {}
        bundle, metadata = bundle if isinstance(bundle, tuple) else (bundle, {})
        bundle = {**bundle, "text/plain": text.partition("\n")[0], **fallback()}
        display(bundle, metadata=metadata, raw=True)
    return handle


def _framed(page: str, alive: str) -> str:
    kind = f"mlprov-saved-{alive}"
    style = "".join(
        # Until the widget is alive its place is empty; once it is, the page has served.
        f"{output}:has(.{kind})+{output}:not(:has(.{alive})){{height:0;overflow:hidden}}"
        f"{output}:has(.{kind}):has(+{output} .{alive}){{display:none}}"
        # As JupyterLab calls an output, and as nbviewer does.
        for output in (".jp-OutputArea-child", ".output_area")
    )
    return f'<div class="mlprov-picture {kind}"><style>{style}</style>{page}</div>'


def page_data(page: str, alive: str, widget: widgets.Widget) -> dict[str, str]:
    """The page by MIME type, and the widget in words."""
    text = without_server_paths(repr(widget))
    return {"text/html": _framed(page, alive), "text/plain": text}


class SavedBox(widgets.VBox):
    """A box of widgets that leaves a page in the notebook, which says what it was at.

    Attributes
    ----------
    saved_title : str
        What it is, for a reader of the notebook.
    """

    saved_title = ""
    _saved_handle: DisplayHandle | None = None
    _saved = ""

    def saved_blocks(self) -> list[Block]:
        """What it was at, for a reader of the notebook."""
        return []

    def renew_saved(self) -> None:
        """Bring the page in the notebook up to date."""
        if self._saved_handle is None:
            return
        page = self._saved_page()
        if page != self._saved:
            self._saved = page
            self._saved_handle.update(page_data(page, "mlprov", self), raw=True)

    def _ipython_display_(self, **_options: Any) -> None:
        self._saved = self._saved_page()
        self._saved_handle = show_with_page(self, self._saved, "mlprov")

    def _saved_page(self) -> str:
        blocks = [Paragraph(self.saved_title, "title"), *self.saved_blocks(), Paragraph(AGAIN)]
        page = without_server_paths(blocks_to_html(blocks, "mlprov-waiting"))
        # Not for the moment that it takes the widget to come.
        style = "@keyframes mlprov-waits{from{visibility:hidden}to{visibility:visible}}"
        waits = ".mlprov-waiting{animation:mlprov-waits 3s step-end both}"
        return f"<style>{style}{waits}</style>{page}"
