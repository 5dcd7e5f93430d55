"""What a person would see of a widget."""

from __future__ import annotations

from typing import Any


def shown(widget: Any) -> str:
    """All that is in sight, as HTML or text."""
    if "mlprov-hidden" in getattr(widget, "_dom_classes", ()):
        return ""
    own = [getattr(widget, name, "") for name in ("value", "description")]
    texts = [text for text in own if isinstance(text, str)]
    return "\n".join([*texts, *map(shown, getattr(widget, "children", ()))])
