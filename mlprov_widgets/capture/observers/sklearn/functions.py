"""Watches scikit-learn's functions: splits, metrics, and what loads data sets."""

from __future__ import annotations

from typing import Any

from mlprov_widgets.capture.objects.rows import row_hashes
from mlprov_widgets.capture.objects.state import kind_of
from mlprov_widgets.capture.observations import SplitPart
from mlprov_widgets.capture.observer import Call, Notice, Observer
from mlprov_widgets.capture.values import loaded, numpy, plain

MODULES = ("sklearn.model_selection", "sklearn.metrics", "sklearn.datasets")
_LOADERS = ("load_", "fetch_", "make_")
_NO_DATA = ("load_svmlight_files", "load_files")
_CROSS_VALIDATION = (
    "cross_val_score", "cross_validate", "cross_val_predict", "learning_curve",
    "validation_curve", "permutation_test_score",
)  # fmt: skip
# Of sklearn.metrics, and yet no result of anything.
_NO_METRICS = ("sklearn.metrics._scorer", "sklearn.metrics.pairwise")


class SklearnFunctions(Observer):
    """One run's view of scikit-learn's functions.

    They check their arguments by a wrapper, which all who imported them share.
    """

    def start(self) -> None:
        """Begin to watch the functions that have been imported since."""
        for module in MODULES:
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
        if name in _CROSS_VALIDATION:
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
        made = {
            id(version): seen.rows
            for seen in self.observations.seen
            if seen.kind == "predict"
            for version in seen.made
        }
        for version in one.used:
            if made.get(id(version)) is not None:
                one.rows = made[id(version)]

    def _cross_validated(self, call: Call) -> None:
        """Clones of an estimator were fitted and measured; it itself is as it was."""
        estimator, data = call.argument(0, "estimator"), call.argument(1, "X")
        one = self.observations.add("evaluate", call.name, estimator, begun=call.begun)
        one.settings = call.settings
        self.observations.use(one, data)
        one.rows = row_hashes(data)
        one.values = {"rows": len_of(data), "hyperparameters": plain(estimator.get_params(False))}
        if call.name.endswith(".cross_val_predict"):
            self.observations.make(one, call.result)
        else:
            one.values["value"] = plain(call.result)

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
        one.values["rows"] = [len_of(result[0]), len_of(result[1])]
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
        part = self.observations.parts[name] = SplitPart(name, size=len_of(values[0]))
        rows = row_hashes(values[0])
        numbers = (
            isinstance(values[0], numpy.ndarray)
            and values[0].ndim == 1
            and values[0].dtype.kind in "iu"
        )
        if rows is not None and not numbers:
            part.forms.append(rows)
        for value in values:
            tracked = self.observations.objects.find(value)
            if tracked is not None:
                part.objects.append(tracked)


def _cell_of(function: Any) -> Any:
    """The closure in which a function's wrapper keeps it; None where it has no such wrapper."""
    free = getattr(getattr(function, "__code__", None), "co_freevars", ())
    return function.__closure__[free.index("func")] if "func" in free else None


def len_of(value: Any) -> int:
    """Rows of an array, table, list or sparse matrix."""
    shape = getattr(value, "shape", None)
    return int(shape[0]) if shape else len(value)
