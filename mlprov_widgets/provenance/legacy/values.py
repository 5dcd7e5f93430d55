"""Values as MLProvCodeGen 1.x wrote them, which often are texts that something else printed."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from mlprov_widgets.record import Value

MAX_TEXT = 100_000

_FIRST_NUMBER = re.compile(r"[-+]?\d[\d_]{0,40}")
_NUMBER = re.compile(r"[-+]?(\d{1,400}\.?\d{0,400}|\.\d{1,400})([eE][-+]?\d{1,4})?", re.ASCII)
_ARRAY = re.compile(r"\s*\[[\[\]\s,\d.eE+\-naif]*\]\s*")
_WRAPPED = re.compile(
    r"(?:torch\.|np\.|numpy\.)?(?:tensor|array|float\d\d|int\d\d)"
    r"\(([^=]*?)(?:,\s*(?:dtype|device|grad_fn|requires_grad)=.*)?\)",
    re.DOTALL,
)
_RATE = re.compile(r"\blr\s*[=:]\s*([\d.eE+-]{1,40})")
_SETTING = re.compile(r"\b([A-Za-z]\w{0,40})[ \t]*[=:][ \t]*(\([^()\n]{0,80}\)|[^,()\n]{1,80})")
_OFF = frozenset({"0", "0.0", "False", "None"})
# A literal that went through ``str`` on its way into another one.
_LITERAL = re.compile(
    r"""\{\s*["']\$["']\s*:\s*("[^"{}]{0,400}"|'[^'{}]{0,400}'|[^"'{},\s]{1,400})\s*[,}].{0,100}"""
)
_MISSING = frozenset({"", "none", "null", "todo", "no_data", "nan", "undefined"})


def plain_value(raw: Any) -> Value:
    """What a PROV-JSON literal of these documents stands for; None where it says nothing.

    Of several values, which a cell that ran twice leaves, the last counts.
    """
    if isinstance(raw, list):
        return next((v for v in map(plain_value, reversed(raw)) if v is not None), None)
    kind = ""
    if isinstance(raw, dict):
        kind, raw = str(raw.get("type", "")), raw.get("$")
    if isinstance(raw, bool | int | float):
        return None if raw != raw else raw
    if not isinstance(raw, str) or raw.strip().lower() in _MISSING:
        return None
    text = raw[:MAX_TEXT]
    if literal := _LITERAL.fullmatch(text.strip()):
        return plain_value(literal[1].strip("\"'"))
    if kind.endswith("boolean"):
        return text.strip().lower() in ("true", "1")
    # Numbers that came from a form are text in some files, with or without a type.
    return text if number_in(text) is None else number_in(text)


def number_in(text: str) -> int | float | None:
    """The number that a text is; None where it is none."""
    # A comma is left where a value was cut out of a list of arguments.
    text = text.strip().removesuffix(",").rstrip()
    if len(text) > 400 or not _NUMBER.fullmatch(text):
        return None
    if re.fullmatch(r"[-+]?\d{1,400}", text):
        return int(text)
    return float(text)


def unwrapped(text: str) -> str:
    """``tensor(0.93, device='cpu')`` and ``array([1, 2])`` without what stands around."""
    text = text.strip()
    found = _WRAPPED.fullmatch(text) if len(text) < 20_000 else None
    return found[1].strip() if found else text


def rate_in(value: Value) -> int | float | None:
    """The learning rate in an optimizer that was printed or called whole; else None."""
    found = _RATE.search(value[:2000]) if isinstance(value, str) else None
    return number_in(found[1]) if found else None


def settings_in(value: Value) -> str:
    """What else an optimizer or a loss was given, as ``momentum: 0.9``; without what is off."""
    found = _SETTING.findall(value[:2000]) if isinstance(value, str) and "(" in value else []
    told = {name: text.strip() for name, text in found if name not in ("lr", "params")}
    return ", ".join(f"{name}: {text}" for name, text in told.items() if text not in _OFF)


def array_in(text: str) -> list[Any] | None:
    """The nested list that NumPy, PyTorch or Python wrote as text; None where it is none."""
    text = unwrapped(text)
    if not text.startswith("[") or len(text) > MAX_TEXT or not _ARRAY.fullmatch(text):
        return None
    text = " ".join(text.split())
    # Blanks part the numbers of NumPy, commas those of Python.
    text = re.sub(r"(?<=[\d.\]nf])\s*,?\s+(?=[-+\d.\[ni])", ",", text)
    text = re.sub(r"(?<=\d)\.(?=[,\]eE])", ".0", text)
    text = re.sub(r"(?<![\d.])\.(?=\d)", "0.", text)
    try:
        found = json.loads(re.sub(r"\]\s*,?\s*\[", "],[", text).replace("nan", "NaN"))
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, list) else None


def _count(value: Value) -> Value:
    """``Number of datapoints: 64>`` and ``seed: 972756495`` as the number in them."""
    if not isinstance(value, str):
        return value
    found = _FIRST_NUMBER.search(value.rpartition(":")[2])
    return int(found.group().replace("_", "")) if found else value.strip()


def _flag(value: Value) -> Value:
    return bool(value) if value in (0, 1) else value


def _place(value: Value) -> Value:
    return value.rpartition("Root location:")[2].strip() if isinstance(value, str) else value


def called(value: Value) -> Value:
    """``torch.optim.Adam(`` as ``Adam``, ``F.softmax(self.layer3(x), dim=1)`` as ``softmax``."""
    if not isinstance(value, str):
        return value
    return value.strip().partition("(")[0].rpartition(".")[2].strip() or value.strip()


def _operations(value: Value) -> Value:
    if not isinstance(value, str):
        return value
    text = value.strip()
    if text in ("[]", "()"):
        return []
    if text.startswith("[") and text.endswith("]") and len(text) < 1000:
        parts = re.split(r"""["']\s*,\s*["']|,(?![^(]*\))""", text[1:-1])
        return [part.strip(" \t\r\n'\"") for part in parts if part.strip()]
    if not (text.startswith("Compose(") and text.endswith(")")):
        return [text]
    lines = text.removeprefix("Compose(").removesuffix(")").splitlines()
    return [line.strip().rstrip(",") for line in lines if line.strip()]


def _gpus(value: Value) -> Value:
    return re.findall(r"'([^'\n]{1,200})'", value) if isinstance(value, str) else value


def version(value: Value) -> str:
    # Of some packages the whole line of pip's table was recorded.
    words = str(value).split()
    return words[-1] if words else ""


READERS: dict[str, Callable[[Value], Value]] = {
    "training_samples": _count,
    "testing_samples": _count,
    "validation_samples": _count,
    "resulting_model_seed": _count,
    "root_location": _place,
    "gpu_enable": _flag,
    "pretrained": _flag,
    "save_checkpoint": _flag,
    "default_learning_rate": _flag,
    "loss_function": called,
    "optimizer": called,
    "activation_function": called,
    "operations": _operations,
    "GPUs": _gpus,
}
