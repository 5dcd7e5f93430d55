"""What the calls of ``run.record`` have said about objects: which one is the model, which rows."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from mlprov_widgets.capture.descriptions.data import count_samples
from mlprov_widgets.capture.objects.rows import exact_hashes, row_hashes
from mlprov_widgets.capture.objects.state import HashBudget, kind_of, state_of
from mlprov_widgets.capture.objects.tracking import Tracked
from mlprov_widgets.capture.observations import Observations, SplitPart
from mlprov_widgets.capture.values import holds_integers, is_a, numpy, pandas
from mlprov_widgets.record import PARTS

ROLES = {
    "features": "data",
    "labels": "labels",
    "operations": "preprocessing",
    "model": "model",
    "loss_function": "loss",
    "optimizer": "optimizer",
    "scheduler": "scheduler",
    "predictions": "predictions",
    **{part: part for part in PARTS},
}
_MOST_CLASSES = 100
_MOST_COLUMNS = 500  # that are compared with the labels
_MOST_NUMBERS = 2_000_000  # rows of a part whose numbers are kept


@dataclass(eq=False)
class _Named:
    """Data as they were told, by the global name that they had then."""

    name: str
    token: object

    def renewed(self, names: Mapping[str, Any]) -> tuple[Any, bool]:
        """What the name means now, if that is data, and whether it is not what it was before."""
        value = names.get(self.name) if self.name else None
        kind = kind_of(value)
        if not kind:
            return None, False
        before, self.token = self.token, state_of(value, kind, HashBudget())[0]
        return value, self.token != before


class Roles:
    """Which object has which role, as it was told last.

    Parameters
    ----------
    observations : Observations
    names : mapping
        The global names of the notebook.
    """

    def __init__(self, observations: Observations, names: Mapping[str, Any]) -> None:
        self._observations = observations
        self._names = names
        self._assigned: dict[tuple[str, str], Tracked] = {}
        self.groups: Any = None
        self.features_rows: Any = None
        self._exact_rows: Any = None
        self.single_classes: list[str] = []
        # For each row the number of its class; None where these are not classes.
        self.classes: Any = None
        self.predictions: Any = None
        self.target_columns: list[str] = []
        self._named: dict[str, _Named] = {}

    def assign(self, step: str, terms: Mapping[str, Any]) -> None:
        """Take over the objects of one call.

        Parameters
        ----------
        step : str
        terms : mapping
            As `terms.named` gives them.
        """
        for term, value in terms.items():
            role = ROLES.get(term)
            if role is None:
                continue
            if step == "model_evaluation" and role in ("data", "labels"):
                role = ""
            tracked = self._follow(value, role)
            if tracked is not None:
                self._assigned[step, term] = tracked
            if term == "predictions":
                kept = holds_integers(value) and len(value) <= _MOST_NUMBERS
                self.predictions = value.copy() if kept else None
        if step == "data_ingestion":
            self._name_data(terms)
        if "groups" in terms:
            self.groups = terms["groups"]
        parts = {name: terms[name] for name in PARTS if terms.get(name) is not None}
        if parts:
            self._assign_parts(step, parts)

    def _follow(self, value: Any, role: str = "") -> Tracked | None:
        observations = self._observations
        return observations.objects.follow(value, observations.execution(), role=role)

    def get(self, term: str, *steps: str) -> Tracked | None:
        """The object that one of the steps was told last to have, the first step that has it."""
        found = (self._assigned.get((step, term)) for step in steps)
        return next((one for one in found if one is not None), None)

    # -- the data -----------------------------------------------------------------------------

    def _name_data(self, terms: Mapping[str, Any]) -> None:
        for term in ("features", "labels"):
            value = terms.get(term)
            if value is None:
                continue
            names = [key for key, item in self._names.items() if item is value]
            name = next((key for key in names if not key.startswith("_")), "")
            token = state_of(value, kind_of(value), HashBudget())[0]
            self._named[term] = _Named(name, token)
        self._look_at_data(terms.get("features"), terms.get("labels"))

    def changed_data(self) -> dict[str, Any]:
        """The data by their term, where their name means something else than when they were told.

        Empty where nothing is different; each difference is told once.
        """
        found = {term: known.renewed(self._names) for term, known in self._named.items()}
        if not any(is_other for _, is_other in found.values()):
            return {}
        data = {term: value for term, (value, _) in found.items() if value is not None}
        self._look_at_data(data.get("features"), data.get("labels"))
        return data

    def _look_at_data(self, features: Any, labels: Any) -> None:
        """Note rows, classes that have a single row, and columns that say what the labels say."""
        self.features_rows, self._exact_rows = row_hashes(features), exact_hashes(features)
        self.single_classes, self.classes, self.target_columns = [], None, []
        if not pandas or labels is None:
            return
        with suppress(TypeError, ValueError):
            series = pandas.Series(list(labels))
            counts = series.value_counts()
            codes, classes = pandas.factorize(series)
            if len(counts) <= _MOST_CLASSES:
                self.single_classes = [str(name)[:100] for name in counts.index[counts == 1]]
                self.classes = codes if len(codes) and codes.min() >= 0 else None
            if not is_a(features, "pandas.DataFrame") or len(codes) != len(features):
                return
            if not 1 < len(classes) < len(codes):
                return
            # No more and no less than the labels.
            for name, column in features.iloc[:, :_MOST_COLUMNS].items():
                others, values = pandas.factorize(column)
                if len(values) == len(classes) and (others == codes).all():
                    self.target_columns.append(str(name)[:200])

    def prepared(self) -> None:
        """Take features that were prepared under their old name for the same rows as before."""
        known, before = self._named.get("features"), self.features_rows
        value, is_other = known.renewed(self._names) if known is not None else (None, False)
        rows = row_hashes(value) if is_other else None
        if rows is not None and before is not None and len(rows) == len(before):
            self._observations.aliases.append((before, rows))

    # -- the parts ----------------------------------------------------------------------------

    def _assign_parts(self, step: str, parts: Mapping[str, Any]) -> None:
        observations = self._observations
        if step == "data_segregation":
            # What the notebook says counts more than what its splits looked like.
            observations.parts.clear()
        for name, value in parts.items():
            part = observations.parts.setdefault(name, SplitPart(name))
            part.known = "told"
            self._follow(value, name)
            numbers = _row_numbers(value) if step == "data_segregation" else None
            if numbers is not None:
                part.numbers, part.size = numbers, len(numbers)
                rows = self.features_rows
                if rows is not None and len(numbers) and int(numbers.max()) < len(rows):
                    part.forms.append(rows[numbers])
                    if self._exact_rows is not None:
                        part.exact = self._exact_rows[numbers]
                continue
            self._assign_rows(part, value)

    def _assign_rows(self, part: SplitPart, value: Any) -> None:
        inner = getattr(value, "dataset", value) if hasattr(value, "batch_size") else value
        for one in (value, inner):
            found = self._follow(one)
            if found is not None and found not in part.objects:
                part.objects.append(found)
        tensors = getattr(inner, "tensors", None)
        rows = row_hashes(tensors[0] if tensors else value)
        if rows is not None:
            part.forms.append(rows)
        if part.size is None:
            part.size = count_samples(inner)


def _row_numbers(value: Any) -> Any:
    """Row numbers as an array; None for anything else, such as the rows themselves."""
    if not numpy:
        return None
    if is_a(value, "torch.Tensor"):
        value = value.detach().cpu().numpy()
    if isinstance(value, (list, tuple, range)):
        if not all(isinstance(item, int) for item in list(value)[:1000]):
            return None
        value = numpy.asarray(value)
    if not isinstance(value, numpy.ndarray) or value.ndim != 1 or len(value) > _MOST_NUMBERS:
        return None
    if value.dtype == bool:
        return numpy.flatnonzero(value)
    if value.dtype.kind not in "iu" or not len(value):
        return None
    if int(value.min()) < 0 or len(numpy.unique(value)) != len(value):
        return None
    return value
