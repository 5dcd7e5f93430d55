"""A run's provenance as something to look at."""

from mlprov_widgets.graph.viewing import StaticView, static_view, to_dot, to_png, to_svg

__all__ = ["StaticView", "static_view", "to_dot", "to_png", "to_svg"]
