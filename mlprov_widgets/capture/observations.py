"""What observers have seen libraries do, in the order in which it happened."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from mlprov_widgets.capture.clock import now
from mlprov_widgets.capture.objects.tracking import ObjectTracker, Tracked, is_among
from mlprov_widgets.capture.values import numpy
from mlprov_widgets.record import Value, Version

_MOST = 5_000  # operations of one run
_FIRST = _LAST = 200  # of those that are alike in one execution


@dataclass(eq=False)
class Observation:
    """One thing that a library did.

    Parameters
    ----------
    kind : str
        ``load``, ``split``, ``fit``, ``train``, ``transform``, ``predict`` or ``evaluate``.
    name : str
        Qualified name of the function or class that did it.
    execution : str
        Id of the execution in which it happened.
    subject : Tracked or None
        The estimator, or the model that was trained.
    used, made : list of Version
    settings, defaults, values : dict
        As in `Operation`.
    described : dict
        Step to the fields that the estimator could tell of it when this had ended.
    held : list of weakref
        The estimators inside it then, such as the best that a search has found.
    rows : numpy.ndarray or None
        A number for each row that went in (`rows.row_hashes`); None where that is not known.
    sureness : numpy.ndarray or None
        Of a prediction of two classes, the output for the second of them.
    became : numpy.ndarray or None
        Of a transformation, the number that each of the rows has afterwards.
    answers : numpy.ndarray or None
        Of a prediction the class for each row, or the place of the highest output.
    """

    kind: str
    name: str
    execution: str = ""
    start: datetime = field(default_factory=now)
    end: datetime | None = None
    status: str = "ok"
    subject: Tracked | None = None
    used: list[Version] = field(default_factory=list)
    made: list[Version] = field(default_factory=list)
    settings: dict[str, Value] = field(default_factory=dict)
    defaults: dict[str, bool] = field(default_factory=dict)
    values: dict[str, Value] = field(default_factory=dict)
    rows: Any = None
    sureness: Any = None
    became: Any = None
    answers: Any = None
    described: dict[str, dict[str, Value]] = field(default_factory=dict)
    held: list[Any] = field(default_factory=list)

    def is_of(self, value: object) -> bool:
        """Whether this object is its subject."""
        return self.subject is not None and self.subject.value is value


@dataclass(eq=False)
class SplitPart:
    """Rows that were set apart.

    Parameters
    ----------
    name : str
        ``training``, ``validation`` or ``testing``, with a number for a fold.
    known : str
        ``observed`` or ``told``.
    forms : list of numpy.ndarray
        Its rows (`rows.row_hashes`) in each form in which they were seen: as they were split, as
        they were prepared.
    exact : numpy.ndarray or None
        The same as they were split, without any collision that is not one of content.
    numbers : numpy.ndarray or None
        Their numbers in the data.
    size : int or None
        How many they are.
    objects : list of Tracked
        What holds them.
    """

    name: str
    known: str = "observed"
    forms: list[Any] = field(default_factory=list)
    exact: Any = None
    numbers: Any = None
    size: int | None = None
    objects: list[Tracked] = field(default_factory=list)

    def shared_rows(self, other: SplitPart) -> int:
        """How many rows another part has, too, by their numbers; 0 where these are not known."""
        if self.numbers is None or other.numbers is None:
            return 0
        return len(numpy.intersect1d(self.numbers, other.numbers))


class Observations:
    """Everything that the observers of one run have seen.

    Parameters
    ----------
    objects : ObjectTracker
    execution : callable
        Gives the id of the execution that runs now.

    Attributes
    ----------
    trainings : list of Training
        What optimizers of PyTorch did, in the order of time.
    declared : str
        Fingerprint of the weights that the model had when it was declared; empty if not known.
    is_training_watched : bool
        Whether a model would have been seen being trained.
    has_saved : bool
        Whether weights or a checkpoint were written to a file.
    """

    def __init__(self, objects: ObjectTracker, execution: Callable[[], str]) -> None:
        self.objects = objects
        self.execution = execution
        self.seen: list[Observation] = []
        self.trainings: list[Any] = []
        self.declared = ""
        self.is_training_watched = self.has_saved = False
        self._alike: dict[tuple[str, str, str], list[Observation]] = {}
        self.parts: dict[str, SplitPart] = {}
        # Rows before and after a transformation.
        self.aliases: list[tuple[Any, Any]] = []

    @property
    def last(self) -> Observation | None:
        """What was seen last; None where nothing was."""
        return self.seen[-1] if self.seen else None

    def trainings_of(self, model: Any) -> list[Any]:
        """The trainings of one model, in the order of time."""
        return [one for one in self.trainings if model is not None and one.model is model]

    def add(
        self, kind: str, name: str, subject: Any = None, begun: datetime | None = None
    ) -> Observation:
        """Note an operation; what else is known of it is set on what comes back.

        Parameters
        ----------
        kind, name : str
            As in `Observation`.
        subject : object
            The estimator or model, which it uses; it is followed from now on.
        begun : datetime, optional
            When it began, of one that has ended; by default it begins now.
        """
        one = Observation(kind, name, self.execution())
        if begun is not None:
            one.start, one.end = begun, now()
        if subject is not None:
            self.use(one, subject)
            one.subject = self.objects.find(subject)
        self.keep(one)
        return one

    def keep(self, one: Observation) -> None:
        """List an operation; of very many alike in one execution, the first and the last ones."""
        alike = self._alike.setdefault((one.execution, one.kind, one.name), [])
        if len(alike) == _FIRST + _LAST:
            self.seen.remove(alike.pop(_FIRST))
            before = alike[_FIRST - 1].values
            before["not_listed"] = int(before.get("not_listed", 0)) + 1
        if len(self.seen) < _MOST:
            alike.append(one)
            self.seen.append(one)

    def use(self, one: Observation, *values: Any) -> None:
        """Note that an operation used objects, as they are now."""
        for value in values:
            tracked = self.objects.follow(value, one.execution)
            if tracked is not None and not is_among(tracked.current, one.used):
                one.used.append(tracked.current)

    def make(self, one: Observation, *values: Any) -> None:
        """Note that an operation made objects that were not there before."""
        for value in values:
            tracked = self.objects.follow(value, one.execution)
            if tracked is not None:
                one.made.append(tracked.current)
