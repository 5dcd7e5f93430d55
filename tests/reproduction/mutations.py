"""Valid files, and what befalls files: damage, odd tools, and people who mean harm.

A tree is what `json.loads` gives; what JSON text can say and a tree cannot (a key twice, ``NaN``,
``1e999``, numbers without end) is written through marks that `written` replaces.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st

from mlprov_widgets.record import Cell, Execution, Record

# What must never run: wherever this call is reached, a file appears that `demands` looks for.
CANARY = "mlprov_canary"
CODE = [
    f"__import__('{CANARY}')",
    f"\nimport {CANARY}\n",
    f'"); import {CANARY}  # ',
    f"'''\nimport {CANARY}\n'''",
    f"{{{{ {CANARY}() }}}}{{% import '{CANARY}' %}}",
    f"{{{{ ''.__class__.__mro__[1].__subclasses__() }}}} {CANARY}",
    f"!touch {CANARY}",
    f"%%bash\ntouch {CANARY}",
    f"$(touch {CANARY})`touch {CANARY}`;touch {CANARY}|touch {CANARY}",
    f"cos\nsystem\n(S'touch {CANARY}'\ntR.",
    f"<script>{CANARY}()</script><img src=x onerror={CANARY}()>",
    f"torch.optim.Adam({CANARY}(",
    "\\",
    '"""',
    "\x1b]0;title\x07\x1b[2J",
]
PATHS = [
    "../../x",
    "../" * 40 + "etc/passwd",
    "/etc/passwd",
    "/dev/zero",
    "/proc/self/environ",
    "C:\\x",
    "\\\\server\\share\\x",
    "file:///etc/passwd",
    "http://127.0.0.1:9/x",
    "~/x",
    "~nobody-here/x",
    "x\ny.ipynb",
    "x\0y",
    ".",
    "..",
    "",
    "-rf",
    "CON.ipynb",
    "x" * 5000,
    "/".join("x" * 2000),
]
UNICODE = [
    "\ud800",
    "\udfff\ud800",
    "\0",
    "\u202edetcelfer\u202c",
    "e" + "\u0301" * 400,
    "\ufeff",
    "\u2028\u2029\x85\r",
    "\ufffe\uffff",
    "\U000e0001\U0010ffff",
    "١٢٣",
    "ß" * 300,
    "İ",
    "\x1b[31m",
    "_x0000_",
    "%00%2e%2e%2f",
]
LARGE = [
    "x" * 100_000,
    "<" * 100_000,
    "\n" * 100_000,
    "9" * 5000,
    "1" + "e" * 50_000,
    "[" * 50_000,
    "(" * 20_000,
    "{$" * 20_000,
    ": " * 50_000,
    "a:" * 30_000,
]
NUMBERS = [
    0,
    -1,
    1,
    2**31,
    2**63,
    -(2**70),
    10**400,
    0.5,
    1e-320,
    1e308,
    -0.0,
    float("nan"),
    float("inf"),
]
WORDS = [
    "None",
    "NaN",
    "nan",
    "INF",
    "true",
    "null",
    "[]",
    "{}",
    "mlprov:Experiment",
    "mlprov:Run",
    "prov:Entity",
    "run:cell",
    "xsd:int",
    "xsd:QName",
    "rdf:JSON",
    "xsd:dateTime",
    "2026-13-45T99:99:99",
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59-14:00",
    "code",
    "markdown",
    "multiclass_classification",
    "image_classification",
    "iris",
    "csv",
    "Adam",
    "1e999",
    '{"$": 50, "type": "xsd:int"}',
]

# Marks for what only text can say: each stands for one member or value.
_RAW = "\ue000raw:"
RAW = [
    "NaN",
    "-Infinity",
    "1e999",
    "-1e-999",
    "9" * 4301,
    "1E400000",
    "0x10",
    "01",
    "",
    "'x'",
    "// x",
    '"\\ud800"',
    '"\\x"',
    '"unfinished',
    "[" * 3000 + "]" * 3000,
    '{"":' * 3000 + "0" + "}" * 3000,
    "[" * 200_000,
    '{"a":1,"a":2}',
]

TEXTS = st.one_of(
    st.sampled_from(PATHS),
    st.sampled_from(CODE),
    st.sampled_from(UNICODE),
    st.sampled_from(WORDS),
    st.text(st.characters(codec=None, exclude_categories=()), max_size=8),
)
SCALARS = st.one_of(
    TEXTS,
    st.sampled_from(NUMBERS),
    st.sampled_from([None, True, False, [], {}, [[]], [{}], {"": {}}]),
    st.sampled_from(LARGE),
)
JUNK = st.one_of(
    SCALARS,
    st.sampled_from(RAW).map(lambda raw: _RAW + raw),
    st.recursive(
        SCALARS,
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.one_of(TEXTS, st.sampled_from(["$", "type"])), inner, max_size=3)
        ),
        max_leaves=5,
    ),
    st.sampled_from(["list", "dict", "deep list", "deep dict", "deep literal"]).map(
        lambda what: {
            "list": [0] * 20_000,
            "dict": {str(key): key for key in range(5_000)},
            "deep list": _nested(lambda inner: [inner]),
            "deep dict": _nested(lambda inner: {"": inner}),
            "deep literal": _nested(lambda inner: {"$": inner, "type": "rdf:JSON"}),
        }[what]
    ),
)


def _nested(wrap: Any, depth: int = 300) -> Any:
    value: Any = 0
    for _ in range(depth):
        value = wrap(value)
    return value


def written(tree: Any) -> str:
    """JSON text of a tree, with its marks replaced by what they stand for."""
    text = json.dumps(tree)
    mark = json.dumps(_RAW)[:-1]
    parts = text.split(mark)
    for number, part in enumerate(parts[1:], start=1):
        # The mark stands at the start of a string: what it is for goes up to the string's end.
        end = 0
        while part[end] != '"':
            end += 2 if part[end] == "\\" else 1
        raw = json.loads(f'"{part[:end]}"')
        parts[number] = raw + part[end + 1 :]
    return "".join(parts)


def strings(value: Any) -> Iterator[str]:
    """Every text in a tree, also in JSON within a text, and lists of lines as one."""
    pending = [value]
    while pending:
        one = pending.pop()
        if isinstance(one, dict):
            pending.extend(one.values())
        elif isinstance(one, list):
            pending.extend(one)
            if one and all(isinstance(line, str) for line in one):
                yield "".join(one)
        elif isinstance(one, str):
            yield one
            if one[:1] in ("{", "[", '"') and (inner := _json_in(one)) is not None:
                pending.append(inner)


def _json_in(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _places(value: Any) -> list[tuple[Any, Any]]:
    """Every holder in nested JSON with each of its keys."""
    found, pending = [], [value]
    while pending:
        one = pending.pop()
        keys = one if isinstance(one, dict) else range(len(one)) if isinstance(one, list) else ()
        for key in keys:
            found.append((one, key))
            pending.append(one[key])
    return found


def _walk(data: st.DataObject, value: Any) -> tuple[Any, Any] | None:
    """A place found by going down a few levels: shallow ones are met as often as deep ones."""
    place = None
    for _ in range(data.draw(st.integers(1, 6))):
        if not isinstance(value, dict | list) or not value:
            break
        keys = list(value) if isinstance(value, dict) else list(range(len(value)))
        key = keys[data.draw(st.integers(0, len(keys) - 1))]
        place, value = (value, key), value[key]
    return place


def changed(data: st.DataObject, tree: Any) -> Any:
    """The tree with one to three changes; a tree of its own."""
    tree = copy.deepcopy(tree)
    for _ in range(data.draw(st.integers(1, 3))):
        tree = _change(data, tree)
    return tree


def _junk(data: st.DataObject) -> Any:
    # A copy, because a later change may be made inside of it.
    return copy.deepcopy(data.draw(JUNK))


def _change(data: st.DataObject, tree: Any) -> Any:
    if data.draw(st.booleans()):
        place = _walk(data, tree)
    else:
        places = _places(tree) if isinstance(tree, dict | list) else []
        place = places[data.draw(st.integers(0, len(places) - 1))] if places else None
    if place is None or data.draw(st.integers(0, 80)) == 0:
        return _junk(data)
    holder, key = place
    value = holder[key]
    if isinstance(value, str) and value[:1] in ("{", "[") and data.draw(st.booleans()):
        inner = _json_in(value)
        if inner is not None:
            holder[key] = written(_change(data, inner))
            return tree
    kinds = ["replace", "replace", "remove", "double", "rename", "wrap", "mingle", "swap", "type"]
    match data.draw(st.sampled_from(kinds)):
        case "replace":
            holder[key] = _junk(data)
        case "remove":
            del holder[key]
        case "double" if isinstance(holder, list):
            holder.insert(key, copy.deepcopy(value))
        case "double":
            # The same key a second time, or nearly the same.
            same = json.dumps({key: value if data.draw(st.booleans()) else 0})[1:-1]
            if data.draw(st.booleans()):
                holder[key] = _RAW + f"{json.dumps(value)}, {same}"
            else:
                holder[f"{key}{data.draw(TEXTS)}"] = copy.deepcopy(value)
        case "rename" if isinstance(holder, dict):
            holder[data.draw(TEXTS)] = holder.pop(key)
        case "mingle" if isinstance(value, str):
            cut = data.draw(st.integers(0, min(len(value), 200)))
            holder[key] = value[:cut] + data.draw(TEXTS) + value[cut:]
        case "swap":
            places = _places(tree)
            other, name = places[data.draw(st.integers(0, len(places) - 1))]
            holder[key], other[name] = copy.deepcopy(other[name]), copy.deepcopy(value)
        case "type":
            holder[key] = _other_type(value)
        case _:
            holder[key] = data.draw(st.sampled_from([[value], {"$": value}, {"": value}]))
    return tree


def spiced(data: st.DataObject, run: Record) -> Record:
    """The record of a run with one to four other values: as valid as any, and as odd as can be."""
    run = copy.deepcopy(run)
    groups = {name: getattr(run, name) for name in _GROUPS}
    groups |= {name: step.values for name, step in run.steps.items()}
    for _ in range(data.draw(st.integers(1, 4))):
        name = data.draw(st.sampled_from([*groups, "cells", "status", "software"]))
        if name == "cells":
            cell = data.draw(st.sampled_from(run.cells))
            part = data.draw(st.sampled_from(["id", "step", "generated", "source", "again"]))
            _spiced_cell(cell, part, data.draw(TEXTS))
        elif name in groups:
            keys = st.one_of(st.sampled_from([*groups[name], "x"]), TEXTS)
            texts = name in ("pack", "fingerprints", "packages", "agent")
            groups[name][data.draw(keys)] = data.draw(TEXTS) if texts else _junk(data)
        elif name == "status":
            run.status = data.draw(st.sampled_from(["failed", "interrupted", "unfinished"]))
        else:
            run.software = data.draw(TEXTS)
    return run


_GROUPS = (
    *("agent", "pack", "values", "experiment_info", "hardware_info", "packages", "notebook"),
    *("environment", "fingerprints", "git"),
)


def _spiced_cell(cell: Cell, part: str, text: str) -> None:
    match part:
        case "source":
            for execution in cell.executions:
                execution.source += text
        case "again":
            cell.executions += [Execution(text, number) for number in (3, 2)]
        case _:
            setattr(cell, part, text)


def _other_type(value: Any) -> Any:
    """The same, as another type says it."""
    match value:
        case str():
            return [value] if not value.isdecimal() or len(value) > 100 else int(value)
        case bool() | int() | float() | None:
            return str(value)
        case list():
            return dict(enumerate(value))
        case dict():
            return list(value.values())
    return value


def damaged(data: st.DataObject, raw: bytes) -> bytes:
    """The bytes with one to three pieces of damage."""
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, max(len(raw) - 1, 0)))
        to = at + data.draw(st.sampled_from([1, 2, 16, 300]))
        match data.draw(st.sampled_from(["flip", "cut", "lose", "double", "put", "code"])):
            case "flip" if raw:
                flipped = raw[at] ^ (1 << data.draw(st.integers(0, 7)))
                raw = raw[:at] + bytes([flipped]) + raw[at + 1 :]
            case "cut":
                raw = raw[:at]
            case "lose":
                raw = raw[:at] + raw[to:]
            case "double":
                raw = raw[:to] + raw[at:]
            case "put":
                raw = raw[:at] + data.draw(st.binary(max_size=6)) + raw[at:]
            case _:
                raw = _encoded(data, raw)
    return raw


def _encoded(data: st.DataObject, raw: bytes) -> bytes:
    text = raw.decode("utf-8", "replace")
    names = ["utf-8-sig", "utf-16", "utf-16-be", "utf-32", "utf-7", "cp037", "empty", "gzip", "nul"]
    match data.draw(st.sampled_from(names)):
        case "empty":
            return data.draw(st.sampled_from([b"", b" \n", b"\xef\xbb\xbf", b"null", b"\xff\xfe"]))
        case "gzip":
            return b"\x1f\x8b\x08\x00" + raw[:100]
        case "nul":
            return b"\0" * 64 + raw
        case name:
            return text.encode(name, "replace")
