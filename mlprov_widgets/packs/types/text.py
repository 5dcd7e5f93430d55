"""Free text."""

from mlprov_widgets.packs.types.base import ParameterType, register


@register
class FreeText(ParameterType):
    """Free text."""

    name = "text"
