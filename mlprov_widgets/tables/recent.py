"""The results of looking at the last few files, so that looking again costs nothing."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

_Result = TypeVar("_Result")


class Recent(Generic[_Result]):
    """The results for the last few keys.

    Parameters
    ----------
    most : int, default 4
        How many are kept.
    """

    def __init__(self, most: int = 4) -> None:
        self._most = most
        self._kept: OrderedDict[Hashable, _Result] = OrderedDict()

    def get(
        self,
        key: Hashable,
        make: Callable[[], _Result],
        is_current: Callable[[_Result], bool] = lambda _: True,
    ) -> _Result:
        """The result for a key; made where none is kept that is still current."""
        if key not in self._kept or not is_current(self._kept[key]):
            self._kept[key] = make()
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
        self._kept.move_to_end(key)
        return self._kept[key]
