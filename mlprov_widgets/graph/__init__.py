"""A run's provenance as something to look at."""

from mlprov_widgets.graph.viewing import View, to_dot, to_png, to_svg, view

__all__ = ["View", "to_dot", "to_png", "to_svg", "view"]
