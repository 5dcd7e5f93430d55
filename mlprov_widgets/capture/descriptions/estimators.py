"""What an estimator is: its own name, what stands around it, and every parameter it has."""

from __future__ import annotations

import inspect
import json
from collections.abc import Hashable, Iterator, Mapping
from contextlib import suppress
from functools import lru_cache
from itertools import islice
from typing import Any, cast

from mlprov_widgets.capture.values import (
    MAX_LINE,
    is_a,
    is_plain,
    loaded,
    may_be_secret,
    numpy,
    plain,
    shortened,
    text,
    without_addresses,
)
from mlprov_widgets.record import Value
from mlprov_widgets.record.fields import core

MAX_PARAMETERS = 300
MAX_VALUE = 2_000  # characters of one value as JSON
_MAX_DESCRIPTION = 20_000
_MAX_PARTS = 20  # estimators that are named inside of another one
_MAX_DEPTH = 8  # of searches and pipelines in each other
_MAX_NESTED = 3  # lists in each other that may hold estimators
_SEARCH = "sklearn.model_selection._search.BaseSearchCV"
_NOTHING = object()
_Parameters = dict[str, Value]


def describe_estimator(estimator: Any) -> _Parameters:
    """The fields of ``model_parameters`` that an estimator can tell by itself.

    Of a pipeline it is the last step that is the model, and of a search the best that was found.
    """
    model, pipeline = _model_in(estimator)
    values: _Parameters = {"model_name": text(type(model).__name__, MAX_LINE)}
    if pipeline:
        values["pipeline"] = pipeline
    inside = [_structure(one) for one in _parts(model)]
    if inside:
        values["estimators"] = inside
    activation = getattr(model, "activation", None)
    if isinstance(activation, str):  # a network: no other estimator has neurons
        values["activation_function"] = activation
        if isinstance(outputs := getattr(model, "n_outputs_", None), int):
            values["output_neurons"] = int(outputs)
    seed = getattr(model, "random_state", None)
    if isinstance(seed, int) and not isinstance(seed, bool):
        values["random_seed"] = int(seed)
    if all(type(one).__module__.startswith("sklearn.") for one in _all_parts(estimator)):
        values["gpu_enable"] = False  # another library's estimator may well use one
    parameters, defaults = parameters_of(_found_by(estimator))
    if parameters:
        values["hyperparameters"] = parameters
    return values | ({"hyperparameter_defaults": dict(defaults)} if defaults else {})


def describe_search(estimator: Any) -> _Parameters:
    """The fields of ``model_training`` of a search for parameters; none of another estimator."""
    search = next((one for one in _all_parts(estimator) if _is_search(one)), None)
    if search is None:
        return {}
    values: _Parameters = {"search": type(search).__name__}
    for name in ("param_grid", "param_distributions", "search_spaces"):
        if (space := getattr(search, name, None)) is not None:
            values["search_space"] = _bounded(_space(space))
    tried = getattr(search, "n_candidates_", None) or [
        len(getattr(search, "cv_results_", {}).get("params", ()))
    ]
    if isinstance(tried, list) and tried[0]:
        values["candidates_tried"] = int(tried[0])
    if folds := getattr(search, "n_splits_", None):
        values["search_folds"] = int(folds)
    if isinstance(best := getattr(search, "best_params_", None), Mapping):
        values["best_parameters"] = _bounded(_told(best))
        # Without ``refit`` there is no estimator of these: only clones were fitted, on folds.
        values["best_refitted"] = hasattr(search, "best_estimator_")
    if (score := getattr(search, "best_score_", None)) is not None:
        values["best_score"] = plain(score)
    return values


def describe_text(estimator: Any) -> str:
    """How an estimator writes itself, without addresses and secrets; if it cannot, its class."""
    kind: Any = type(estimator)
    if kind.__str__ is object.__str__ and kind.__repr__ is object.__repr__:
        return text(kind.__name__, MAX_LINE)
    try:
        told = without_addresses(str(estimator))
    except Exception:
        return text(kind.__name__, MAX_LINE)
    for name, value in _read(estimator).items():
        if _is_secret(name, value):
            told = told.replace(value, "…")
    return text(told, _MAX_DESCRIPTION)


def parameters_of(estimator: Any) -> tuple[_Parameters, dict[str, bool]]:
    """Every parameter of an estimator and of those inside it, and whether it has its default.

    Returns
    -------
    tuple of dict
        Name, as scikit-learn writes it (``ridge__alpha``), to value; and name to whether the value
        is that of the signature, without names of which that is not known or that have none.
    """
    found, values, defaults = _read(estimator), dict[str, Value](), dict[str, bool]()
    for name, value in found.items():
        inner, _, short = name.rpartition("__")
        owner = found.get(inner) if inner else estimator
        default = _default_of(type(owner), short)
        if default is _NOTHING and hasattr(value, "get_params"):
            continue  # a step by its name, which is no parameter of the pipeline
        values[name] = "not recorded" if _is_secret(name, value) else _bounded(_told(value))
        has_default = default is not _NOTHING and default is not inspect.Parameter.empty
        is_default = _is_same(value, default) if has_default else None
        if is_default is not None:
            defaults[name] = is_default
    if len(values) > MAX_PARAMETERS:
        # Of very many, those that somebody has set tell most.
        kept = sorted(values, key=lambda name: defaults.get(name, False))[:MAX_PARAMETERS]
        more = len(values) - len(kept)
        values = {name: values[name] for name in values if name in set(kept)}
        defaults = {name: one for name, one in defaults.items() if name in values}
        values["…"] = f"{more} more"
    return values, defaults


def scores_of(estimator: Any, scoring: Any, found: Any) -> dict[str, list[float]]:
    """Metric to its value on each fold of a cross-validation, as far as it is known by name.

    Parameters
    ----------
    estimator : object
        What was cross-validated.
    scoring : object
        As scikit-learn takes it; None for the estimator's own score.
    found : object
        What ``cross_val_score`` or ``cross_validate`` gave.
    """
    if is_a(found, "numpy.ndarray"):
        found = {"test_score": found}
    scores: dict[str, list[float]] = {}
    for key, values in found.items() if isinstance(found, Mapping) else ():
        name = str(key).removeprefix("test_")
        if name == key or not is_a(values, "numpy.ndarray") or values.ndim != 1:
            continue
        if name == "score":
            name = scoring if isinstance(scoring, str) else _own_score(estimator, scoring)
        # Errors are given with the sign of what is to be as large as possible.
        sign = -1.0 if name.startswith("neg_") else 1.0
        scores[name.removeprefix("neg_")] = [sign * float(value) for value in values]
    return {name: values for name, values in scores.items() if name}


def _own_score(estimator: Any, scoring: Any) -> str:
    """What an estimator's own ``score`` computes; empty where it has one of its own."""
    if scoring is not None:
        return ""
    base: Any = loaded("sklearn.base")
    own: Any = getattr(type(_model_in(estimator)[0]), "score", estimator)
    for metric in core().metrics:
        general: Any = getattr(getattr(base, metric.score_of or " ", None), "score", None)
        if general is not None and inspect.unwrap(own) is inspect.unwrap(general):
            return metric.name
    return ""


def held_by(estimator: Any) -> list[Any]:
    """The estimators that another one was put together of, or has fitted: none of them twice."""
    found, pending = {id(estimator): estimator}, [estimator]
    while pending and len(found) < MAX_PARAMETERS:
        held = getattr(pending.pop(0), "__dict__", {}).values()
        more = {id(one): one for value in held for one in _estimators_in(value)}
        new = [one for key, one in more.items() if key not in found]
        found |= {id(one): one for one in new}
        pending += new
    return list(found.values())[1:]


# -- which estimator it is ------------------------------------------------------------------------


def _is_estimator(value: Any) -> bool:
    kind = type(value)
    return not isinstance(value, type) and callable(getattr(kind, "fit", None))


def _is_search(value: Any) -> bool:
    return is_a(value, _SEARCH)


def _found_by(estimator: Any) -> Any:
    """What a search has found, or before that what it begins with; any other one is it itself."""
    for _ in range(_MAX_DEPTH):
        if not _is_search(estimator):
            break
        estimator = getattr(estimator, "best_estimator_", estimator.estimator)
    return estimator


def _model_in(estimator: Any) -> tuple[Any, list[Value]]:
    """The estimator that answers in the end, and the steps of the pipeline that it is part of."""
    before: list[Value] = []
    model = _found_by(estimator)
    for _ in range(_MAX_DEPTH):
        steps = getattr(model, "steps", None)
        if not isinstance(steps, list) or not steps or not _is_estimator(steps[-1][-1]):
            break
        before += [_structure(one[-1]) for one in steps[:-1] if _is_estimator(one[-1])]
        model = _found_by(steps[-1][-1])
    return model, [*before, _structure(model)] if before else []


def _parts(estimator: Any) -> Iterator[Any]:
    """The estimators that another one was given."""
    with suppress(Exception):
        for value in estimator.get_params(deep=False).values():
            yield from _estimators_in(value)


def _estimators_in(value: Any, depth: int = 0) -> Iterator[Any]:
    if _is_estimator(value):
        yield value
    elif isinstance(value, (list, tuple, Mapping)) and depth < _MAX_NESTED:
        items = value.values() if isinstance(value, Mapping) else value
        for item in islice(items, MAX_PARAMETERS):
            yield from _estimators_in(item, depth + 1)


def _all_parts(estimator: Any) -> list[Any]:
    """An estimator and all that are inside of it, each once."""
    found = {id(estimator): estimator}
    pending = [estimator]
    while pending and len(found) < MAX_PARAMETERS:
        more = {id(one): one for one in _parts(pending.pop(0)) if id(one) not in found}
        found |= more
        pending += more.values()
    return list(found.values())


def _structure(estimator: Any, left: list[int] | None = None) -> str:
    """An estimator by its name, with the names of those inside it, as many as are easily read."""
    left = [_MAX_PARTS] if left is None else left
    name, parts = text(type(estimator).__name__, MAX_LINE), list(_parts(estimator))
    told = []
    for place, part in enumerate(parts):
        if left[0] <= 0:
            told.append(f"{len(parts) - place} more")
            break
        left[0] -= 1
        told.append(_structure(part, left))
    return text(f"{name}({', '.join(told)})" if told else name, MAX_VALUE)


# -- its parameters -------------------------------------------------------------------------------


def _read(estimator: Any) -> dict[str, Any]:
    """Name to value, with those of estimators inside; of one that cannot tell, what it keeps."""
    for deep in (True, False):
        with suppress(Exception):
            return {str(name): value for name, value in estimator.get_params(deep=deep).items()}
    with suppress(Exception):
        kept, kind = vars(estimator), cast("Hashable", type(estimator))
        return {name: kept[name] for name in _signature(kind) if name in kept}
    return {}


def _is_secret(name: str, value: Any) -> bool:
    return isinstance(value, str) and value != "" and may_be_secret(name)


@lru_cache(maxsize=200)
def _signature(kind: Hashable) -> dict[str, inspect.Parameter]:
    made: Any = vars(kind).get("__init__", kind)
    made = getattr(made, "deprecated_original", made)
    with suppress(TypeError, ValueError):
        return dict(inspect.signature(made).parameters)
    return {}


def _default_of(kind: type, name: str) -> Any:
    """The default of a parameter; `inspect.Parameter.empty` without, `_NOTHING` if not known."""
    for one in kind.__mro__:
        found = _signature(one).get(name) if "__init__" in vars(one) else None
        if found is not None and found.kind not in (found.VAR_KEYWORD, found.VAR_POSITIONAL):
            return found.default
    return _NOTHING


def _is_same(value: Any, default: Any) -> bool | None:
    """Whether a value is the default; None where nobody can say."""
    if value is default:
        return True
    if numpy and isinstance(value, numpy.generic):
        value = value.item()
    if not is_plain(value) or not is_plain(default):
        # Copies of anything else need not say that they are equal.
        return None if type(value) is type(default) else False
    if isinstance(value, bool) is not isinstance(default, bool):
        return False
    return bool(value == default or (value != value and default != default))


def _told(value: Any, depth: int = 0) -> Value:
    """A value as JSON can say it, estimators by their names."""
    if _is_estimator(value):
        return _structure(value)
    if depth >= _MAX_NESTED or next(_estimators_in(value, depth), None) is None:
        return plain(value)
    if isinstance(value, Mapping):
        return {text(str(name), MAX_LINE): _told(one, depth + 1) for name, one in value.items()}
    return [_told(item, depth + 1) for item in value[:MAX_PARAMETERS]]


def _bounded(value: Value) -> Value:
    """A value that is not too long to be told; else the beginning of it, as text."""
    written = value if isinstance(value, str) else json.dumps(value, default=str)
    return value if len(written) <= MAX_VALUE else text(written, MAX_VALUE)


def _space(space: Any) -> Value:
    """The values among which a search looks, distributions by their names."""
    if isinstance(space, (list, tuple)):
        return [_space(one) for one in space[:MAX_PARAMETERS]]
    if not isinstance(space, Mapping):
        return shortened(space)
    return {text(str(name), MAX_LINE): _candidates(one) for name, one in space.items()}


def _candidates(values: Any) -> Value:
    kind = getattr(getattr(values, "dist", None), "name", None)
    if isinstance(kind, str):  # a distribution of SciPy
        given = [*map(shortened, getattr(values, "args", ()))]
        given += [f"{name}={shortened(one)}" for name, one in getattr(values, "kwds", {}).items()]
        return f"{kind}({', '.join(given)})"
    return _told(list(values) if isinstance(values, (list, tuple)) else values)
