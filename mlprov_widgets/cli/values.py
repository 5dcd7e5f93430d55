"""Values on the command line, and what a pack says about its parameters."""

from __future__ import annotations

import contextlib
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mlprov_widgets.errors import MlprovError

if TYPE_CHECKING:
    from mlprov_widgets.packs import Pack, Parameter


# In the order in which they are printed.
_OF_PARAMETERS = (
    *("name", "label", "help", "type", "default", "choices"),
    *("minimum", "maximum", "exclusive_minimum", "when"),
)

_MOST = 10_000_000  # characters from standard input


def settings_of(pack: Pack, settings: tuple[str, ...]) -> dict[str, Any]:
    """The values in ``-s NAME=VALUE``; a wrong one stays text, and the check of all names it."""
    values: dict[str, Any] = {}
    for setting in settings:
        name, equals, text = setting.partition("=")
        name = name.strip()
        if not equals or not name:
            raise MlprovError("setting_invalid", setting=setting)
        values[name] = text
        if name in pack.parameters:
            with contextlib.suppress(ValueError):
                values[name] = pack.parameters[name].parse(text)
    return values


def values_of(file: str | None) -> dict[str, Any]:
    """The values in a JSON or TOML file, perhaps one that the wizard saved; ``-`` reads JSON."""
    if file is None:
        return {}
    import tomllib

    from mlprov_widgets.notebooks.formats import read_text

    path = Path(file)
    text = sys.stdin.read(_MOST) if file == "-" else read_text(path)
    try:
        data = tomllib.loads(text) if path.suffix == ".toml" else json.loads(text)
    except (ValueError, RecursionError) as error:
        kind = "TOML" if path.suffix == ".toml" else "JSON"
        raise MlprovError("values_file_invalid", file=path, format=kind, reason=error) from None
    # The wizard's own files hold the values beside the task.
    if isinstance(data, dict) and isinstance(data.get("values"), dict):
        data = data["values"]
    if not isinstance(data, dict):
        raise MlprovError("values_file_no_table", file=path)
    return data


def pack_facts(pack: Pack) -> dict[str, Any]:
    """A pack and its parameters as plain JSON values."""
    parameters = [
        {name: getattr(parameter, name) for name in _OF_PARAMETERS}
        | {"choices": [choice.value for choice in parameter.choices], "when": parameter.when.text}
        for parameter in pack.parameters.values()
    ]
    return {**pack_summary(pack), "parameters": parameters}


def pack_summary(pack: Pack) -> dict[str, str]:
    """What a list of packs says of one, as plain JSON values."""
    said = {name: getattr(pack, name) for name in ("name", "title", "version", "summary")}
    return {**said, "source": pack.source.text}


def pack_text(pack: Pack) -> str:
    """A pack's parameters page by page: what is allowed, the default, and what it is for."""
    lines = [f"Parameters of {pack.name} ({pack.title}):"]
    pages = {page.name: page.title for page in pack.pages}
    page = None
    for parameter in pack.parameters.values():
        if parameter.is_hidden:
            continue
        if parameter.page != page:
            page = parameter.page
            lines += ["", f"{pages.get(page, page)}:"]
        lines += _parameter_lines(parameter)
    return "\n".join(lines)


def _parameter_lines(parameter: Parameter) -> list[str]:
    shown = parameter.write(parameter.default) or '""'
    unit = f" {parameter.unit}" if parameter.unit else ""
    head = f"{parameter.name}  {parameter.allowed}; default {shown}{unit}".strip()
    text = " ".join([f"{parameter.label}.", parameter.help]).strip()
    if parameter.when.text:
        text += f" Counts only if {parameter.when.text}."
    indent = " " * 6
    return [click.wrap_text(head, 96, "  ", " " * 8), click.wrap_text(text, 96, indent, indent)]
