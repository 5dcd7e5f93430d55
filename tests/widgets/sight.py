"""What a person would see of a widget."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mlprov_widgets.widgets import Wizard
from mlprov_widgets.widgets.results import ResultsPanel


def shown(widget: Any) -> str:
    """All that is in sight, as HTML or text."""
    if "_dom_classes" in getattr(widget, "keys", ()) and hidden(widget):
        return ""
    own = [getattr(widget, name, "") for name in ("value", "description")]
    texts = [text for text in own if isinstance(text, str)]
    return "\n".join([*texts, *map(shown, getattr(widget, "children", ()))])


def classes(widget: Any) -> list[str]:
    """The classes of the style sheet that a widget has, as its browser is told."""
    return list(widget.get_state("_dom_classes")["_dom_classes"])


def hidden(widget: Any) -> bool:
    """Whether a widget is out of sight by itself."""
    return "mlprov-hidden" in classes(widget)


def tell(widget: Any, data: dict[str, Any], buffers: Sequence[bytes] = ()) -> None:
    """Send a widget a message, as its other half in the browser does."""
    widget.comm.handle_msg({"content": {"data": data}, "buffers": list(buffers)})


def results_panel(path: Path, *packs: Path) -> ResultsPanel:
    """What is shown after this notebook has been written."""
    return ResultsPanel(path, packs=packs)


def field(made: Wizard, name: str) -> Any:
    """A field of the wizard, on the page that it is on."""
    page = made.state.pack.parameters[name].page
    made.go(page)
    return made.pages[page].fields[name]
