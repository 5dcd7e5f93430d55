"""What every widget is made of: boxes, buttons and words with the classes of the style sheet."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import ipywidgets as widgets


def classed(widget: Any, *classes: str) -> Any:
    """A widget with these classes of the style sheet."""
    for name in classes:
        widget.add_class(name)
    return widget


def html_widget(value: str = "", *classes: str) -> widgets.HTML:
    """A place for HTML."""
    return classed(widgets.HTML(value), *classes)


def hbox(children: Iterable[widgets.Widget] = (), *classes: str) -> widgets.HBox:
    """Widgets beside each other."""
    return classed(widgets.HBox(tuple(children)), *classes)


def vbox(children: Iterable[widgets.Widget] = (), *classes: str) -> widgets.VBox:
    """Widgets below each other."""
    return classed(widgets.VBox(tuple(children)), *classes)


def button(
    label: str, on_click: Callable[[Any], None] | None = None, *classes: str, tooltip: str = ""
) -> widgets.Button:
    """A button.

    Parameters
    ----------
    label : str
        Words on it.
    on_click : callable, optional
        Called with the button when it is clicked.
    *classes : str
        Classes of the style sheet.
    tooltip : str
        What it does.
    """
    made = classed(widgets.Button(description=label, tooltip=tooltip or None), *classes)
    if on_click is not None:
        made.on_click(on_click)
    return made


def mark(widget: widgets.DOMWidget, name: str, on: bool) -> None:
    """Give a widget a class of the style sheet, or take it away."""
    if on:
        widget.add_class(name)
    else:
        widget.remove_class(name)


def hide(widget: widgets.DOMWidget, hidden: bool) -> None:
    """Take a widget out of sight, or back, without building anything anew."""
    mark(widget, "mlprov-hidden", hidden)


def update(widget: widgets.Widget, **traits: Any) -> None:
    """Set what is different, so that nothing is sent to the browser for nothing."""
    for name, value in traits.items():
        if getattr(widget, name) != value:
            setattr(widget, name, value)


class Quiet:
    """What is told of changes, except of those that it makes itself."""

    _quiet = False

    def on_change(self, control: widgets.Widget, handler: Callable[[Any], None]) -> None:
        """Call `handler` with the value that somebody else has given a control."""

        def changed(change: Any) -> None:
            if not self._quiet:
                handler(change["new"])

        control.observe(changed, "value")

    @contextmanager
    def quietly(self) -> Iterator[None]:
        """Make changes of which nobody is to be told."""
        self._quiet = True
        try:
            yield
        finally:
            self._quiet = False
