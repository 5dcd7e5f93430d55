"""The wizard as a web page for many visitors."""

from mlprov_widgets.server.application import serve

__all__ = ["serve"]
