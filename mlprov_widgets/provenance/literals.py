"""Values of a record as PROV-JSON literals and back, without loss in any format of PROV."""

from __future__ import annotations

import json
import math
import re
from datetime import UTC, datetime
from typing import Any

from mlprov_widgets._files import check_values
from mlprov_widgets.errors import RecordError
from mlprov_widgets.provenance.vocabulary import JSON_DATATYPE, RDF, XSD

# A PROV-JSON attribute value: text, a bool, or {"$": text, "type": qualified name}.
Literal = Any

MAX_DEPTH = 100

# XML 1.0 cannot say these (carriage returns it says differently); UTF-8 has no surrogates.
_ODD = re.compile("[^\t\n\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_SURROGATE_ESCAPE = re.compile(r"(?<!\\)((?:\\\\)*)\\u([dD][89a-fA-F][0-9a-fA-F]{2})")

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_INTEGERS = {XSD + name for name in ("int", "long", "integer", "nonNegativeInteger", "short")}
_NON_FINITE = {"INF": math.inf, "+INF": math.inf, "-INF": -math.inf, "NaN": math.nan}


def _double(value: float) -> str:
    if math.isfinite(value):
        return float.__repr__(value)
    return "NaN" if math.isnan(value) else "INF" if value > 0 else "-INF"


def _integer(value: int, where: str) -> str:
    try:
        return int.__repr__(value)
    except ValueError:
        raise RecordError("integer_too_long", where=where, bits=value.bit_length()) from None


def encode(value: Any, where: str) -> Literal:
    """Write a value as a PROV-JSON literal.

    Integers become ``xsd:int``, ``xsd:long`` or ``xsd:integer`` (by size, as `prov` types them),
    floats ``xsd:double``; lists, dicts, None and text that XML cannot hold ``rdf:JSON``.

    Parameters
    ----------
    value : Value
        What JSON can say; scalars of NumPy and PyTorch and tuples are taken as what they stand for.
    where : str
        Names the value in an error, such as ``steps.model_training.epochs``.

    Raises
    ------
    RecordError
        If the value, or one inside it, is of another type, or nested too deeply.
    """
    if isinstance(value, str):
        if not _ODD.search(value):
            return str(value)
    elif isinstance(value, bool):
        return value
    elif isinstance(value, int):
        size = value.bit_length() if value >= 0 else (~value).bit_length()
        kind = "int" if size <= 31 else "long" if size <= 63 else "integer"
        return {"$": _integer(value, where), "type": f"xsd:{kind}"}
    elif isinstance(value, float):
        return {"$": _double(value), "type": "xsd:double"}
    elif value is not None and not isinstance(value, list | tuple | dict):
        return encode(_scalar(value, where), where)
    return {"$": json_text(value, where), "type": JSON_DATATYPE}


def _scalar(value: Any, where: str) -> Any:
    # Zero-dimensional NumPy and PyTorch values say what they are without either being imported.
    if getattr(value, "shape", None) == () and callable(getattr(value, "item", None)):
        plain = value.item()
        if isinstance(plain, str | bool | int | float):
            return plain
    raise RecordError("value_type_not_allowed", where=where, type=type(value).__name__)


def json_text(value: Any, where: str) -> str:
    """Write any value as JSON text whose characters every format of PROV can hold."""
    text = json.dumps(_to_json(value, where, 0), ensure_ascii=False, allow_nan=False)
    return _ODD.sub(lambda match: f"\\u{ord(match.group()):04x}", text)


def _to_json(value: Any, where: str, depth: int) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        # The value objects of JSON-LD: JSON itself has no NaN and no infinities.
        return {"@type": "xsd:double", "@value": _double(value)}
    if value is None or isinstance(value, bool | str | int | float):
        if isinstance(value, int):
            _integer(value, where)
        return value
    if depth >= MAX_DEPTH:
        raise RecordError("value_too_deep", where=where, most=MAX_DEPTH)
    if isinstance(value, dict):
        plain = {str(key): _to_json(item, where, depth + 1) for key, item in value.items()}
        return {"@type": "@json", "@value": plain} if "@value" in plain else plain
    if isinstance(value, list | tuple):
        return [_to_json(item, where, depth + 1) for item in value]
    return _scalar(value, where)


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Build a dict from the members of a JSON object; ValueError where a key comes twice."""
    result = dict(pairs)
    if len(result) < len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise ValueError(f"the key {key[:80]!r} comes twice in one object")
            seen.add(key)
    return result


def strict_json(text: str, allow_nan: bool = False) -> Any:
    """Parse JSON; ValueError for repeated keys, bare ``NaN`` and nesting that is too deep."""
    constant = None if allow_nan else _no_constant
    return _loads(text, object_pairs_hook=unique_keys, parse_constant=constant)


def lenient_json(text: str) -> Any:
    """Parse what others take for JSON: a key that comes twice has a list of its values, numbers
    may be ``NaN`` or of any length; ValueError for anything else.
    """
    return _loads(text, object_pairs_hook=_all_values, parse_int=_whole_number)


def _loads(text: str, **hooks: Any) -> Any:
    check_values(text)
    try:
        return json.loads(text, **hooks)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def _all_values(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    several: dict[str, list[Any]] = {}
    for key, value in pairs:
        several.setdefault(key, []).append(value)
    return {key: values[0] if len(values) == 1 else values for key, values in several.items()}


def _whole_number(text: str) -> int | str:
    return int(text) if len(text) <= 4300 else text


def _from_json(value: Any, depth: int) -> Any:
    if depth > 2 * MAX_DEPTH:
        raise ValueError("it is nested too deeply")
    if isinstance(value, list):
        return [_from_json(item, depth + 1) for item in value]
    if not isinstance(value, dict):
        return value
    if "@value" in value:
        inner = value["@value"]
        if value.get("@type") == "xsd:double" and isinstance(inner, str) and inner in _NON_FINITE:
            return _NON_FINITE[inner]
        if value.get("@type") != "@json" or not isinstance(inner, dict):
            raise ValueError("an object with '@value' is not one that we write")
        value = inner
    return {key: _from_json(item, depth + 1) for key, item in value.items()}


def decode(literal: Literal, datatype: str) -> Any:
    """Read a PROV-JSON literal as the value it stands for.

    Parameters
    ----------
    literal : str, bool, int, float or dict
        As it stands in the file.
    datatype : str
        IRI of the datatype; empty where the literal is not typed.

    Raises
    ------
    ValueError
        With what is wrong, if the literal is none of those that `encode` writes.
    """
    if isinstance(literal, bool | int | float):
        return literal
    text = literal["$"] if isinstance(literal, dict) else literal
    if not isinstance(text, str):
        if isinstance(text, bool | int | float) and datatype.startswith(XSD):
            return text
        raise ValueError("its text is not text")
    if datatype in ("", XSD + "string"):
        return text
    if datatype == RDF + "JSON":
        text = _SURROGATE_ESCAPE.sub(lambda m: m.group(1) + chr(int(m.group(2), 16)), text)
        return _from_json(strict_json(text), 0)
    if datatype in _INTEGERS:
        if not re.fullmatch(r"[+-]?[0-9]{1,4300}", text):
            raise ValueError(f"{text[:40]!r} is not a whole number")
        return int(text)
    if datatype in (XSD + "double", XSD + "float", XSD + "decimal"):
        if text in _NON_FINITE:
            return _NON_FINITE[text]
        # The length first, because this pattern takes quadratic time on text that is no number.
        if len(text) > 400 or not _NUMBER.fullmatch(text):
            raise ValueError(f"{text[:40]!r} is not a number")
        return float(text)
    if datatype == XSD + "boolean" and text in ("true", "false", "1", "0"):
        return text in ("true", "1")
    if datatype == XSD + "dateTime":
        return parse_time(text)
    raise ValueError(f"{text[:40]!r} of type {datatype[:80]!r} is not a value that a record holds")


def time_text(moment: datetime) -> str:
    """Write a time as ``xsd:dateTime``; zones that XSD does not know become UTC."""
    offset = moment.utcoffset()
    if offset is not None:
        seconds = offset.total_seconds()
        if seconds % 60 or abs(seconds) > 14 * 3600:
            moment = moment.astimezone(UTC)
    return moment.isoformat()


def parse_time(text: str) -> datetime:
    """Read an ``xsd:dateTime``; ValueError where it is none."""
    if "T" not in text or len(text) > 40:
        raise ValueError(f"{text[:40]!r} is not a date and time")
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text[:40]!r} is not a date and time") from None


def display(text: str, limit: int = 200) -> str:
    """Shorten text for a label and replace what XML cannot hold."""
    text = _ODD.sub("\N{REPLACEMENT CHARACTER}", text[: limit + 1])
    return text if len(text) <= limit else text[: limit - 1] + "…"
