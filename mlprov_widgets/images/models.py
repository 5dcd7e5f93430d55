"""Which classification models torchvision offers, read from its source without importing it."""

from __future__ import annotations

import ast
import importlib.util
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

_REFERENCE = re.compile(r"`([^`<]+?)\s*<[^`>]*>`_+|:\w+:`~?([^`]*)`|`+([^`]*)`+")


@dataclass(frozen=True)
class ModelInfo:
    """A classification model of torchvision.

    Parameters
    ----------
    name : str
        As `torchvision.models.get_model` knows it; also the name of the function that builds it.
    has_weights : bool
        Whether torchvision offers pretrained weights for it.
    minimum : int or None
        The least height and width, in pixels, that torchvision states for it.
    fixed : int or None
        The only height and width, in pixels, that it takes as it is built by default.
    parameters : int or None
        How many weights (parameters) it has, as torchvision states for its pretrained form.
    summary : str
        First sentence of its documentation.
    """

    name: str
    has_weights: bool
    minimum: int | None = None
    fixed: int | None = None
    parameters: int | None = None
    summary: str = ""

    @property
    def help(self) -> str:
        """What is known of it, in sentences."""
        words = [self.summary]
        if self.parameters:
            words.append(f"{self.parameters / 1e6:.3g} million parameters.")
        if self.fixed:
            words.append(f"Takes images of {self.fixed} × {self.fixed} pixels only.")
        elif self.minimum and self.minimum > 1:
            words.append(f"Meant for images of at least {self.minimum} × {self.minimum} pixels.")
        if not self.has_weights:
            words.append("There are no pretrained weights.")
        return " ".join(word for word in words if word)


def torchvision_models() -> dict[str, ModelInfo]:
    """The models that ``torchvision.models.list_models(torchvision.models)`` gives, by name.

    Importing torchvision takes seconds and a wizard must open at once, so its source is read
    instead: functions decorated with ``register_model`` in the modules of ``torchvision.models``.
    Detection, segmentation, video, optical flow and quantised models are elsewhere and left out.

    Returns
    -------
    dict of str to ModelInfo
        In alphabetical order; empty if torchvision is not installed.
    """
    try:
        found = importlib.util.find_spec("torchvision")
    except (ImportError, ValueError):
        found = None
    places = found.submodule_search_locations if found is not None else None
    return dict(_models_in(Path(next(iter(places))) / "models")) if places else {}


@lru_cache(maxsize=2)
def _models_in(folder: Path) -> dict[str, ModelInfo]:
    models: dict[str, ModelInfo] = {}
    for file in sorted(folder.glob("*.py")):
        if file.name.startswith("_"):
            continue
        try:
            tree = ast.parse(file.read_bytes())
        except (OSError, SyntaxError, ValueError, RecursionError):
            continue
        models |= {model.name: model for model in _models_of(tree)}
    return dict(sorted(models.items()))


def _models_of(tree: ast.Module) -> Iterator[ModelInfo]:
    constants: dict[str, Any] = {}
    for node in tree.body:
        match node:
            case (
                ast.Assign(targets=[ast.Name(id=name), *_], value=ast.expr() as value)
                | ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value)
            ):
                constants[name] = _plain(value, constants)
    weights = {
        node.name: list(_metas(node, constants))
        for node in tree.body
        if isinstance(node, ast.ClassDef) and node.name.endswith("_Weights")
    }
    fixed = _fixed_size(tree)
    for node in tree.body:
        if not isinstance(node, ast.FunctionDef) or not _is_registered(node):
            continue
        metas = next((weights[name] for name in _names(node) if name in weights), [])
        sizes = [size for meta in metas if (size := _first(meta.get("min_size"))) is not None]
        counts = [n for meta in metas if type(n := meta.get("num_params")) is int]
        yield ModelInfo(
            name=node.name,
            has_weights=bool(metas),
            minimum=min(sizes, default=None),
            fixed=fixed,
            parameters=min(counts, default=None),
            summary=_sentence(ast.get_docstring(node) or ""),
        )


def _is_registered(node: ast.FunctionDef) -> bool:
    # Another name than the function's own would have to be looked up to become code.
    written = map(ast.unparse, node.decorator_list)
    return any(one.rpartition(".")[2] == "register_model()" for one in written)


def _names(node: ast.FunctionDef) -> Iterator[str]:
    """Names in the decorators and in the signature: one of them is the class of the weights."""
    for part in (*node.decorator_list, node.args):
        for inner in ast.walk(part):
            if isinstance(inner, ast.Name):
                yield inner.id


def _metas(node: ast.ClassDef, constants: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """What is said about each set of weights in an enumeration of them."""
    for entry in node.body:
        if isinstance(entry, ast.Assign) and isinstance(entry.value, ast.Call):
            for keyword in entry.value.keywords:
                if keyword.arg == "meta":
                    yield _plain(keyword.value, constants) or {}


def _fixed_size(tree: ast.Module) -> int | None:
    """The size in ``kwargs.pop("image_size", 224)``: such a model is built for one size."""
    for node in ast.walk(tree):
        match node:
            case ast.Call(
                func=ast.Attribute(attr="pop"),
                args=[ast.Constant(value="image_size" | "input_size"), default],
            ):
                return _first(_plain(default, {}))
    return None


def _plain(node: ast.expr, constants: dict[str, Any]) -> Any:
    """Constants, tuples and dictionaries of them; whatever else there is becomes None."""
    match node:
        case ast.Constant(value=value):
            return value
        case ast.Name(id=name):
            return constants.get(name)
        case ast.Tuple(elts=items):
            return tuple(_plain(item, constants) for item in items)
        case ast.Dict(keys=keys, values=values):
            made: dict[Any, Any] = {}
            for key, item in zip(keys, values, strict=True):
                if key is None:
                    made |= _plain(item, constants) or {}
                elif isinstance(key, ast.Constant):
                    made[key.value] = _plain(item, constants)
            return made
    return None


def _first(value: Any) -> int | None:
    value = value[0] if isinstance(value, tuple) and value else value
    return value if type(value) is int else None


def _sentence(documentation: str) -> str:
    """First paragraph of a docstring as plain text in one line."""
    paragraph = " ".join(documentation.strip().split("\n\n")[0].split())
    text = _REFERENCE.sub(lambda found: next(group for group in found.groups() if group), paragraph)
    text = text.removeprefix(".. ").strip()
    return text if not text or text.endswith(".") else f"{text}."
