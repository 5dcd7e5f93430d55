"""One seed for every generator, and the settings that make a run exactly repeatable."""

from __future__ import annotations

import operator
import os
import random
import re
import warnings
from collections.abc import Callable
from typing import Any

from mlprov_widgets.capture.environment.imports import ImportWatch
from mlprov_widgets.capture.values import loaded, numpy, torch
from mlprov_widgets.errors import InvalidValuesError, Problem

_NOT_DETERMINISTIC = re.compile(r"(\S+) does not have a deterministic implementation")
# PyTorch warns of an operation once in a process: a later run in the same kernel hears nothing.
_noticed: list[str] = []
_CUBLAS = "CUBLAS_WORKSPACE_CONFIG"
_LATER = ("numpy", "torch", "torch._inductor.config")


def check_seed(seed: Any) -> int | None:
    """A seed as a whole number from 0 to 2**64 - 1, or None.

    Raises
    ------
    InvalidValuesError
        For anything else.
    """
    if seed is None:
        return None
    try:
        number = operator.index(seed)
    except TypeError:
        number = -1
    if isinstance(seed, bool) or not 0 <= number < 2**64:
        raise InvalidValuesError([Problem("seed", "seed_not_allowed", {"value": repr(seed)})])
    return number


class Seeding:
    """Seeds what is loaded now, and later what the run imports later.

    Parameters
    ----------
    seed : int or None
        With None no generator is touched, because the notebook may have seeded them itself;
        the settings for deterministic operations are made all the same.
    """

    def __init__(self, seed: int | None) -> None:
        self.seed = seed
        self.done: dict[str, str] = {}
        # cuBLAS reads it when it starts, which is after this call in any ordinary notebook.
        os.environ.setdefault(_CUBLAS, ":4096:8")
        if seed is not None:
            random.seed(seed)
            self.done["random"] = "at the start"
        self._seed_loaded("at the start")
        self._imports = ImportWatch(_LATER, lambda: self._seed_loaded("when it was imported"))
        self._show: Callable[..., Any] = warnings.showwarning
        warnings.showwarning = self._notice

    @property
    def nondeterministic(self) -> list[str]:
        """Operations without a deterministic form that have run in this process."""
        return list(_noticed)

    def stop(self) -> None:
        """Let imports and warnings go their usual way again; seeds and settings stay."""
        self._imports.stop()
        if warnings.showwarning == self._notice:
            warnings.showwarning = self._show

    def _seed_loaded(self, when: str) -> None:
        if "numpy" not in self.done and hasattr(numpy, "random"):
            if self.seed is not None:
                numpy.random.seed(self.seed % 2**32)
            self.done["numpy"] = when if self.seed is not None else "not seeded"
        if "torch" not in self.done and hasattr(torch, "optim"):
            self._set_torch(when)
        inductor = loaded("torch._inductor.config")
        if "inductor" not in self.done and hasattr(inductor, "deterministic"):
            inductor.deterministic = True  # type: ignore[union-attr]
            self.done["inductor"] = when

    def _set_torch(self, when: str) -> None:
        if self.seed is not None:
            torch.manual_seed(self.seed)
        self.done["torch"] = when if self.seed is not None else "not seeded"
        # Not use_deterministic_algorithms(): that imports torch's compiler, which takes seconds.
        # Warnings instead of errors, because some operations have no deterministic form on CUDA
        # and the run must go on; each such warning is recorded.
        torch.set_deterministic_debug_mode("warn")
        torch.backends.cudnn.deterministic = True
        torch.backends.cudnn.benchmark = False
        torch.backends.cudnn.allow_tf32 = False
        torch.backends.cuda.matmul.allow_tf32 = False

    def _notice(self, message: Any, *args: Any, **kwargs: Any) -> None:
        match = _NOT_DETERMINISTIC.search(str(message))
        if match and match[1] not in _noticed:
            _noticed.append(match[1])
        self._show(message, *args, **kwargs)
