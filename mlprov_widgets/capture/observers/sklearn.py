"""Watches scikit-learn: loading, splits, fits, predictions and metrics, and on which rows."""

from __future__ import annotations

import functools
import sys
import weakref
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from types import FunctionType
from typing import Any

from mlprov_widgets.capture.clock import now
from mlprov_widgets.capture.descriptions.estimators import (
    describe_estimator,
    describe_search,
    held_by,
    parameters_of,
    scores_of,
)
from mlprov_widgets.capture.objects.rows import row_hashes
from mlprov_widgets.capture.objects.state import kind_of
from mlprov_widgets.capture.objects.tracking import is_among
from mlprov_widgets.capture.observations import Observation, SplitPart
from mlprov_widgets.capture.observer import Call, Notice, Observer, guarded
from mlprov_widgets.capture.values import holds_integers, loaded, numpy, plain, qualified_name
from mlprov_widgets.record import Value

_MODULES = ("sklearn.model_selection", "sklearn.metrics", "sklearn.datasets", "sklearn.inspection")
_LOADERS = ("load_", "fetch_", "make_")
_NO_DATA = ("load_svmlight_files", "load_files")
_CROSS_VALIDATION = (
    "cross_val_score", "cross_validate", "cross_val_predict", "learning_curve",
    "validation_curve", "permutation_test_score",
)  # fmt: skip
# What asks a model again and again, of rows that were changed for it.
_INSPECTIONS = ("permutation_importance", "partial_dependence")
# Of sklearn.metrics, and yet no result of anything.
_NO_METRICS = ("sklearn.metrics._scorer", "sklearn.metrics.pairwise")
_METHODS = ("predict", "predict_proba", "predict_log_proba", "decision_function", "score")
_MOST_ROWS = 200_000
_MOST_ANSWERS = 1_000_000


class SklearnObserver(Observer):
    """One run's view of scikit-learn."""

    modules = ("sklearn.base", "sklearn.utils._set_output", *_MODULES)
    trains = True
    _watches_foreign = False

    def start(self) -> None:
        """Begin to watch what has been imported of it since."""
        base, output = loaded("sklearn.base"), loaded("sklearn.utils._set_output")
        if base is not None and hasattr(base, "BaseEstimator"):
            self.replace(base, "config_context", self._context)
            self._watch_foreign(base.BaseEstimator)
        if output is not None:
            self.wrap(output, "_wrap_data_with_container", after=self._transformed)
        # Functions check their arguments by a wrapper, which all who imported them share.
        for module in _MODULES:
            found = loaded(module)
            for name in getattr(found, "__all__", ()):
                # Of a module that is just being imported, some are not there yet.
                function = vars(found).get(name)
                notice, cell = self._notice(module, name, function), _cell_of(function)
                if notice is not None and cell is not None:
                    self.notice_calls(cell, "cell_contents", f"{module}.{name}", notice)

    def _notice(self, module: str, name: str, function: Any) -> Notice | None:
        """What takes a function's calls down; None where they are of no interest."""
        if module == "sklearn.datasets":
            return self._loaded if name.startswith(_LOADERS) else None
        if module == "sklearn.metrics":
            kept = getattr(function, "__module__", "") not in _NO_METRICS
            return self._measured if kept else None
        if name in _CROSS_VALIDATION or name in _INSPECTIONS:
            return self._cross_validated
        return self._split if name == "train_test_split" else None

    # -- loading ------------------------------------------------------------------------------

    def _loaded(self, call: Call) -> None:
        short, result = call.name.rpartition(".")[2], call.result
        if short in _NO_DATA:
            return
        one = self.observations.add("load", call.name, begun=call.begun)
        one.settings = call.settings
        for prefix in _LOADERS:
            short = short.removeprefix(prefix)
        one.values["dataset_id"] = short
        values = result if isinstance(result, tuple) else [
            result.get(key) for key in ("frame", "data", "target") if hasattr(result, "get")
        ]  # fmt: skip
        known = [value for value in values if kind_of(value)]
        shape = getattr(known[0], "shape", ()) if known else ()
        if shape:
            one.values["rows"] = int(shape[0])
        self.observations.make(one, *known)

    # -- measuring ----------------------------------------------------------------------------

    def _measured(self, call: Call) -> None:
        one = self.observations.add("evaluate", call.name, begun=call.begun)
        one.settings = {
            key: plain(value)
            for key, value in call.kwargs.items()
            if value is None or isinstance(value, (str, bool, int, float))
        }
        one.values["value"] = plain(call.result)
        self.observations.use(one, *call.args, *call.kwargs.values())
        for seen in self.observations.seen:
            measured = any(is_among(version, one.used) for version in seen.made)
            if measured and seen.kind == "predict" and seen.rows is not None:
                one.rows = seen.rows

    def _cross_validated(self, call: Call) -> None:
        """An estimator, or clones of it, were asked again and again; it itself is as it was."""
        estimator, data = call.argument(0, "estimator"), call.argument(1, "X")
        one = self.observations.add("evaluate", call.name, estimator, begun=call.begun)
        one.settings = call.settings
        self.observations.use(one, data)
        one.rows = row_hashes(data)
        one.values = {"rows": _len_of(data)}
        if call.name.rpartition(".")[2] in _INSPECTIONS:
            return
        one.described = {"model_parameters": describe_estimator(estimator)}
        if call.name.endswith(".cross_val_predict"):
            self.observations.make(one, call.result)
            return
        one.values["value"] = plain(call.result)
        if scores := scores_of(estimator, call.kwargs.get("scoring"), call.result):
            one.values["scores"] = scores

    # -- splitting ----------------------------------------------------------------------------

    def _split(self, call: Call) -> None:
        one, result = self.observations.add("split", call.name, begun=call.begun), call.result
        one.settings = {
            key: plain(value)
            for key, value in call.kwargs.items()
            if key in ("test_size", "train_size", "random_state", "shuffle")
        }
        one.values["stratified"] = call.kwargs.get("stratify") is not None
        self.observations.use(one, *call.args)
        self.observations.make(one, *result)
        one.values["rows"] = [_len_of(result[0]), _len_of(result[1])]
        self._name_parts(call.args[0], result)

    def _name_parts(self, given: Any, result: list[Any]) -> None:
        """Say which part is which, where that is beyond doubt."""
        parts = self.observations.parts
        if any(part.known == "told" for part in parts.values()):
            return
        tracked = self.observations.objects.find(given)
        source = next((name for name, part in parts.items() if tracked in part.objects), "")
        first, second = result[0::2], result[1::2]
        if source == "training":
            self._set_part("training", first)
            self._set_part("validation" if "validation" not in parts else "validation 2", second)
        elif source:
            # Halves of what was held out: which of them is the test part, nobody has said.
            del parts[source]
            for number, values in enumerate((first, second), 1):
                self._set_part(f"{source}, half {number}", values)
        else:
            # The data are split once more: what was held out before, need not be any longer.
            parts.clear()
            self._set_part("training", first)
            self._set_part("testing", second)

    def _set_part(self, name: str, values: list[Any]) -> None:
        part = self.observations.parts[name] = SplitPart(name, size=_len_of(values[0]))
        rows = row_hashes(values[0])
        if rows is not None and not holds_integers(values[0]):
            part.forms.append(rows)
        found = map(self.observations.objects.find, values)
        part.objects += [tracked for tracked in found if tracked is not None]

    # -- fit ----------------------------------------------------------------------------------

    def _context(self, original: Callable[..., Any]) -> Callable[..., Any]:
        """The context in which every ``fit`` runs; its caller's frame knows the estimator."""

        @functools.wraps(original)
        def config_context(*args: Any, **kwargs: Any) -> Any:
            inner = original(*args, **kwargs)
            frame = sys._getframe(1)
            if "fit_method" not in frame.f_code.co_freevars:
                return inner
            return self._fit(inner, frame.f_locals)

        return config_context

    @contextmanager
    def _fit(self, inner: Any, names: dict[str, Any]) -> Iterator[Any]:
        """The context of one call of ``fit``, and what is noted of it."""
        with inner as result, self.depth as outermost:
            seen, failed = self._fit_began(names, outermost), True
            try:
                yield result
                failed = False
            finally:
                self._fit_ended(seen, failed)

    @guarded
    def _fit_began(self, names: dict[str, Any], outermost: bool) -> Observation | None:
        """A method called ``fit`` begins; gives what is to be ended with it."""
        estimator, method = names["estimator"], names["fit_method"].__name__
        self._watch_methods(type(estimator))
        if not outermost:
            return None
        arguments, keywords = names.get("args", ()), names.get("kwargs", {})
        data = arguments[0] if arguments else keywords.get("X", keywords.get("raw_documents"))
        observations, execution = self.observations, self.observations.execution()
        last = observations.last
        rows = row_hashes(data)
        if (
            method == "partial_fit"
            and last is not None
            and (last.kind, last.execution) == ("fit", execution)
            and last.is_of(estimator)
        ):
            last.values["calls"] = int(last.values.get("calls", 1)) + 1
            last.values["rows"] = int(last.values.get("rows", 0)) + _len_of(data)
            last.rows = _joined(last.rows, rows)
            return last
        one = observations.add("fit", qualified_name(type(estimator)), estimator)
        if one.subject is not None:
            one.subject.role = one.subject.role or _role(estimator)
        observations.use(one, data, arguments[1] if len(arguments) > 1 else keywords.get("y"))
        one.settings, one.defaults = parameters_of(estimator)
        one.values = {"rows": _len_of(data), **_features(data)}
        one.rows = rows
        return one

    @guarded
    def _fit_ended(self, one: Observation | None, failed: bool) -> None:
        """A method called ``fit`` has ended."""
        if one is None:
            return
        one.end = now()
        one.status = "error" if failed else "ok"
        tracked = one.subject
        if failed or tracked is None or tracked.value is None:
            return
        if not one.described:
            one.described = {
                "model_parameters": describe_estimator(tracked.value),
                "model_training": describe_search(tracked.value),
            }
            one.held = [weakref.ref(part) for part in held_by(tracked.value)]
        if not one.made or one.made[-1] is not tracked.current:
            one.made = [self.observations.objects.change(tracked, "fitted", one.execution)]

    def _watch_foreign(self, base: Any) -> None:
        """Watch ``fit`` of estimators that are not scikit-learn's own."""
        if self._watches_foreign:
            return
        self._watches_foreign = True
        pending: list[type] = base.__subclasses__()
        while pending:
            kind = pending.pop()
            pending += kind.__subclasses__()
            self._watch_fit(kind)

        def begun(kind: type[Any], /, **more: Any) -> None:
            super(base, kind).__init_subclass__(**more)
            self._watch_fit(kind)

        if "__init_subclass__" not in vars(base):
            base.__init_subclass__ = classmethod(begun)
            self.undo.append(lambda: delattr(base, "__init_subclass__"))

    def read_terms(self, step: str, terms: Mapping[str, Any]) -> dict[str, Value]:
        """Watch what is told to be the model, if it learns like an estimator; it adds no value."""
        self._watch_told(terms.get("model"))
        return {}

    @guarded
    def _watch_told(self, model: Any) -> None:
        for kind in type(model).__mro__ if kind_of(model) == "estimator" else ():
            self._watch_fit(kind)

    @guarded
    def _watch_fit(self, kind: type) -> None:
        for name in ("fit", "partial_fit"):
            method = vars(kind).get(name)
            # Those with a context of scikit-learn's are seen by that.
            if isinstance(method, FunctionType) and "fit_method" not in method.__code__.co_freevars:
                self.replace(kind, name, self._fitting)

    def _fitting(self, method: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(method)
        def fit(estimator: Any, *args: Any, **kwargs: Any) -> Any:
            names = {"estimator": estimator, "fit_method": method, "args": args, "kwargs": kwargs}
            with self.depth as outermost:
                seen, failed = self._fit_began(names, outermost), True
                try:
                    result = method(estimator, *args, **kwargs)
                    failed = False
                finally:
                    self._fit_ended(seen, failed)
            return result

        return fit

    # -- transform ----------------------------------------------------------------------------

    def _transformed(
        self, result: Any, method: str, data: Any, given: Any, estimator: Any, *more: Any
    ) -> None:
        before, after = row_hashes(given), row_hashes(result)
        observations = self.observations
        if before is not None and after is not None and len(before) == len(after):
            observations.aliases.append((before, after))
        if self.depth.inside or self._is_noted(estimator, result):
            return
        one = observations.add("transform", qualified_name(type(estimator)), estimator)
        observations.use(one, given)
        observations.make(one, result)
        one.values, one.end = {"rows": _len_of(given)}, now()
        one.rows, one.became = before, after

    def _is_noted(self, estimator: Any, result: Any) -> bool:
        """Whether this is what ``fit_transform`` gives on from ``transform``."""
        last = self.observations.last
        if last is None or last.kind != "transform" or not last.is_of(estimator):
            return False
        made = self.observations.objects.find(result)
        return made is not None and is_among(made.current, last.made)

    # -- predict and score --------------------------------------------------------------------

    def _watch_methods(self, kind: type) -> None:
        for name in _METHODS:
            owner = next((one for one in kind.__mro__ if name in vars(one)), None)
            if owner is None:
                continue
            holder, attribute, method = owner, name, vars(owner)[name]
            if hasattr(method, "fn"):  # of a pipeline or a search, which has it only sometimes
                holder, attribute, method = method, "fn", method.fn
            if not isinstance(method, FunctionType) or hasattr(method, "_mlprov_watches"):
                continue
            self.notice_calls(holder, attribute, name, self._predicted)

    def _predicted(self, call: Call) -> None:
        estimator, data, result = call.args[0], call.argument(1, "X"), call.result
        kind = "evaluate" if call.name == "score" else "predict"
        name = f"{qualified_name(type(estimator))}.{call.name}"
        one = self.observations.add(kind, name, estimator)
        self.observations.use(one, data)
        one.values, one.rows, one.end = {"rows": _len_of(data)}, row_hashes(data), now()
        if kind == "evaluate":
            one.values["value"] = plain(result)
            self.observations.use(one, call.argument(2, "y"))
        else:
            self.observations.make(one, result)
            if isinstance(result, numpy.ndarray) and result.size <= _MOST_ANSWERS:
                one.answers = result.copy() if result.ndim == 1 else result.argmax(axis=1)
                if result.ndim == 2 and result.shape[1] == 2:
                    one.sureness = result[:, 1].copy()


def _role(estimator: Any) -> str:
    """What an estimator is for: ``preprocessing`` where it only transforms, else ``model``."""
    base: Any = loaded("sklearn.base")
    for name in ("is_classifier", "is_regressor", "is_clusterer", "is_outlier_detector"):
        with suppress(Exception):
            if getattr(base, name)(estimator):
                return "model"
    transforms = hasattr(estimator, "transform") or hasattr(estimator, "fit_transform")
    return "preprocessing" if transforms else "model"


def _features(data: Any) -> dict[str, Any]:
    shape = getattr(data, "shape", None)
    return {"features": int(shape[1])} if shape is not None and len(shape) == 2 else {}


def _joined(rows: Any, more: Any) -> Any:
    if rows is None or more is None or len(rows) + len(more) > _MOST_ROWS:
        return None
    return numpy.concatenate((rows, more))


def _cell_of(function: Any) -> Any:
    """The closure in which a function's wrapper keeps it; None where it has no such wrapper."""
    free = getattr(getattr(function, "__code__", None), "co_freevars", ())
    return function.__closure__[free.index("func")] if "func" in free else None


def _len_of(value: Any) -> int:
    """Rows of an array, table, list or sparse matrix."""
    shape = getattr(value, "shape", None)
    return int(shape[0]) if shape else len(value)
