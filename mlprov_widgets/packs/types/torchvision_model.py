"""A classification model of torchvision, or one of the pack's own."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Any

from mlprov_widgets.errors import InvalidValueError
from mlprov_widgets.extras import command_for
from mlprov_widgets.packs.choices import Choice
from mlprov_widgets.packs.types.base import register
from mlprov_widgets.packs.types.choice import ListedChoice
from mlprov_widgets.wording import format_list

if TYPE_CHECKING:
    from mlprov_widgets.packs.parameters import Parameter


@register
class TorchvisionModel(ListedChoice):
    """A classification model of torchvision, or one of the pack's own."""

    name = "torchvision_model"
    choices = "maybe"

    def check(self, parameter: Parameter, value: object) -> str:
        if type(value) is not str:
            raise self.refuse(parameter, value)
        own = [choice.value for choice in parameter.choices]
        if value in own:
            return value
        from mlprov_widgets.images import torchvision_models

        models = torchvision_models()
        if value in models:
            return value
        given = {"parameter": parameter.name, "value": value}
        if not models:
            raise InvalidValueError(
                "torchvision_missing", **given, command=command_for("torchvision")
            )
        near = _similar(value, [*own, *models])
        if not near:
            raise InvalidValueError("model_unknown", **given)
        named = [*near[:4], *([f"one of {len(near) - 4} more"] if len(near) > 4 else [])]
        raise InvalidValueError("model_misspelt", **given, near=format_list(named, last="or"))

    def schema(self, parameter: Parameter) -> dict[str, Any]:
        # Which there are depends on the torchvision that is installed.
        own = [choice.value for choice in parameter.choices]
        return {"type": "string", "examples": [*own, "resnet18"]}

    def allowed(self, parameter: Parameter) -> str:
        own = ", ".join(choice.value for choice in parameter.choices)
        every = "a classification model of torchvision, such as resnet18"
        return f"{own}, or {every}" if own else every

    def choice(self, parameter: Parameter, value: object) -> Choice:
        try:
            return super().choice(parameter, value)
        except KeyError:
            from mlprov_widgets.images import torchvision_models

            # Its name is that of a function in the installed torchvision: safe to be code.
            model = torchvision_models()[str(value)]
            return Choice(model.name, model.name, model.help, model.name)


def _similar(name: str, known: list[str]) -> list[str]:
    wanted = name[:80].strip().lower()
    near = [other for other in known if wanted and wanted in other.lower()]
    return near or difflib.get_close_matches(wanted, known, 3, 0.5)
