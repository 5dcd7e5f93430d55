"""What PyTorch's models are given: the rows of batches, and the data sets that these come from."""

from __future__ import annotations

import time
import weakref
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from mlprov_widgets.capture.objects.rows import Batches
from mlprov_widgets.capture.observations import Observation, Observations
from mlprov_widgets.capture.observers.torch.training import Training
from mlprov_widgets.capture.values import numpy, qualified_name, torch

_MOST_HASHED = 200_000  # rows of one training
_MOST_KEPT = 50  # tensors whose rows need not be read again
_MOST_WAITING = 1_000  # batches of models that no optimizer changes
_TO_HASH = 1e-8  # seconds for a number, where many rows are hashed together
# Seconds, and share of the time, spent on rows while a model trains.
_WHILE_TRAINING = (0.03, 0.003)
_ELSEWHERE = 1.0  # seconds spent on rows in a cell that does not train


@dataclass(eq=False)
class _Batch:
    """What a model was given to learn from: how many rows, by which loader, and which ones."""

    model: int
    size: int
    loader: Any = None
    rows: Any = None


@dataclass(eq=False)
class _Prediction:
    """Rows of one source that a model was given in one execution without learning from them."""

    seen: Observation
    batches: Batches = field(default_factory=Batches)
    # The class with the highest output for each row; None where there is no such thing.
    answers: list[Any] | None = field(default_factory=list)
    # Whether it was given more than was looked at.
    overlooked: bool = False


class Inputs:
    """The rows that go into models, as far as looking at them costs next to nothing.

    Parameters
    ----------
    observations : Observations
    """

    def __init__(self, observations: Observations) -> None:
        self._observations = observations
        # How many times each data loader was iterated over.
        self._passes: Counter[Any] = Counter()
        self._forget_cell()

    def _forget_cell(self) -> None:
        self._predictions: dict[tuple[Any, ...], _Prediction] = {}
        self._last_prediction: _Prediction | None = None
        self._read: dict[tuple[Any, ...], Any] = {}
        self._waiting: list[_Batch] = []
        # The loader whose batch was handed out last, and the tensors of that batch.
        self._loader: Any = None
        self._batch: list[Any] = []
        self._began = self._spent = 0.0

    def pass_began(self, result: None, iterator: Any, loader: Any, *more: Any) -> None:
        """A data loader is iterated over once more."""
        iterator._mlprov_loader = loader
        self._passes[loader] += 1

    def batch_handed(self, batch: Any, iterator: Any) -> None:
        """A data loader has handed out a batch."""
        self._loader = getattr(iterator, "_mlprov_loader", None)
        values = batch if isinstance(batch, (list, tuple)) else [batch]
        self._batch = [one for one in values if isinstance(one, torch.Tensor)]

    def _source(self, value: Any) -> Any:
        """The loader that handed this tensor out; None where that is not certain."""
        for one in self._batch:
            alike = one.shape == value.shape
            moved = alike and one.dtype == value.dtype and one.device != value.device
            if (
                one is value
                or (alike and one.data_ptr() == value.data_ptr())
                # Of one on another device, the first row says whether it is the same batch.
                or (moved and bool((one[0] == value[0].to(one.device)).all()))
            ):
                return self._loader
        return None

    # -- training -----------------------------------------------------------------------------

    def began(self, training: Training) -> None:
        """A training begins; only what models are given from now on is of its time."""
        self._began, self._spent = time.monotonic(), 0.0
        # The first batch has gone in before anybody knew of this training.
        self.stepped(training)

    def trained(self, module: Any, value: Any) -> None:
        """A model is given rows to learn from."""
        batch = _Batch(id(module), len(value))
        self._waiting.append(batch)
        batch.loader = self._source(value)
        batch.rows = self._rows(value)

    def stepped(self, training: Training) -> None:
        """An optimizer has learned from what its model was given."""
        mine = [one for one in self._waiting if one.model == training.model_id]
        others = [one for one in self._waiting if one.model != training.model_id]
        self._waiting = others[-_MOST_WAITING:]
        training.add_batches([one.size for one in mine])
        for one in mine:
            if one.rows is None or training.hashed >= _MOST_HASHED:
                training.overlooked = True
            else:
                training.batches.append(one.rows)
                training.hashed += len(one.rows)
            if one.loader is not None:
                # Where a loader is used, its passes are the epochs.
                training.passes.setdefault(one.loader, set()).add(self._passes[one.loader])
        for key in [key for key in self._predictions if key[0] == training.model_id]:
            del self._predictions[key]

    def _may_look(self) -> bool:
        if not self._began:
            return self._spent < _ELSEWHERE
        least, share = _WHILE_TRAINING
        return self._spent < least + share * (time.monotonic() - self._began)

    def _rows(self, value: Any) -> Any:
        """The rows of a batch; None where there is no time to look at them."""
        if not self._may_look():
            return None
        begun = time.monotonic()
        # Of a tensor that is given again and again, and was not changed.
        key = (weakref.ref(value), value.data_ptr(), value._version)
        if key not in self._read:
            self._read[key] = Batches.read(value)
            if len(self._read) > _MOST_KEPT:
                self._read.pop(next(iter(self._read)))
        rows = self._read[key]
        self._spent += time.monotonic() - begun
        if rows is not None and rows.ndim == 2:
            self._spent += rows.size * _TO_HASH
        return rows

    # -- evaluation ---------------------------------------------------------------------------

    def predicted(self, module: Any, value: Any) -> None:
        """A model is given rows without learning from them."""
        execution = self._observations.execution()
        loader = self._source(value)
        # Of a batch that is gone, the next one may have the address.
        key = (id(module), execution, weakref.ref(value if loader is None else loader))
        one = self._predictions.get(key)
        passes = self._passes[loader]
        if one is None:
            seen = Observation("predict", qualified_name(type(module)), execution)
            self._observations.use(seen, module, value if loader is None else loader.dataset)
            seen.subject = self._observations.objects.find(module)
            one = self._predictions[key] = _Prediction(seen)
        elif loader is None:
            return
        self._last_prediction, values = one, one.seen.values
        if loader is not None and passes != values.get("passes"):
            values |= {"passes": passes, "rows": 0}
            one.batches, one.answers = Batches(), []
        values["rows"] = int(values.get("rows", 0)) + len(value)
        rows = self._rows(value)
        if rows is None:
            one.overlooked = True
        else:
            one.batches.append(rows)

    def answered(self, module: Any, output: Any) -> None:
        """A model has given its outputs for what it was given last."""
        one = self._last_prediction
        self._last_prediction = None
        if one is None or not one.seen.is_of(module):
            return
        usable = isinstance(output, torch.Tensor) and output.dim() == 2 and output.shape[1] > 1
        if not usable or not self._may_look():
            one.answers = None
        elif one.answers is not None:
            one.answers.append(output.detach().argmax(dim=1).cpu().numpy())

    def cell_ended(self) -> None:
        """List what models were given after their last step."""
        for one in self._predictions.values():
            seen = one.seen
            if one.batches and not one.overlooked:
                seen.rows = one.batches.hashes()
            seen.values.pop("passes", None)
            if one.answers:
                seen.answers = numpy.concatenate(one.answers)
            if seen.subject is not None:
                seen.used = [seen.subject.current, *seen.used[1:]]
            self._observations.keep(seen)
        self._forget_cell()
