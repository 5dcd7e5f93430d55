"""What a pack takes, and what a ``pack.toml`` may say, as JSON Schema."""

from __future__ import annotations

from typing import Any

from mlprov_widgets.packs.model import Pack
from mlprov_widgets.packs.parameters import Parameter
from mlprov_widgets.packs.rows import FIELDS, KINDS, NAME, TABLES, WORDS
from mlprov_widgets.packs.types import type_names

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_TYPES = {list: "array", bool: "boolean", int: "integer", dict: "object", str: "string"}


def parameters_schema(pack: Pack) -> dict[str, Any]:
    """The values that a pack takes, as `generate` and ``mlprov generate --values`` do.

    Parameters
    ----------
    pack : Pack

    Returns
    -------
    dict
        A JSON Schema of the dialect 2020-12. What rules forbid in combination, it does not say.
    """
    asked = {name: one for name, one in pack.parameters.items() if not one.is_hidden}
    return {
        "$schema": _DIALECT,
        "title": pack.title,
        "description": pack.summary,
        "type": "object",
        "additionalProperties": False,
        "properties": {name: _property(one) for name, one in asked.items()},
    }


def _property(parameter: Parameter) -> dict[str, Any]:
    counts = f"Counts only if {parameter.when.text}." if parameter.when.text else ""
    unit = f"In {parameter.unit}." if parameter.unit else ""
    return {
        "title": parameter.label,
        "description": " ".join(filter(None, (parameter.help, unit, counts))),
        **parameter.kind.schema(parameter),
        "default": parameter.default,
    }


def declaration_schema() -> dict[str, Any]:
    """What a ``pack.toml`` may say, for editors that complete and check it.

    Returns
    -------
    dict
        A JSON Schema of the dialect 2020-12.
    """
    rows = {name: _table(name) for name in FIELDS}
    rows["parameters"]["properties"]["choices"]["items"] = rows.pop("choices")
    rows["parameters"]["properties"]["type"] = {"enum": type_names()}
    for name in ("pages", "parameters", "metrics", "fields"):
        rows[name]["properties"]["name"] = {"type": "string", "pattern": f"^{NAME.pattern[:-2]}$"}
    rows["pages"]["properties"]["steps"]["items"] = {"type": "string"}
    lists = {name: {"type": "array", "items": rows[name]} for name in TABLES if name != "pack"}
    return {
        "$schema": _DIALECT,
        "title": "pack.toml",
        "type": "object",
        "required": ["pack"],
        "additionalProperties": False,
        "properties": {"pack": rows["pack"], **lists},
    }


def _table(name: str) -> dict[str, Any]:
    required, optional = FIELDS[name]
    return {
        "type": "object",
        "required": sorted(required),
        "additionalProperties": False,
        "properties": {one: _field(name, one) for one in sorted(required | optional)},
    }


def _field(table: str, name: str) -> dict[str, Any]:
    kind, _words = KINDS.get(name, (str, ""))
    if kind is object:
        return {}
    if words := WORDS.get((table, name)):
        allowed = {"enum": list(words)}
        return {"type": "array", "items": allowed} if kind is list else allowed
    return {"type": "number" if isinstance(kind, tuple) else _TYPES[kind]}
