"""How much a call computes: the same on a busy machine as on an idle one."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any, TypeVar

T = TypeVar("T")


def instructions(call: Callable[[], object]) -> int:
    """The number of instructions that Python executes in a call, those in C left out."""
    number = 0

    def count(frame: FrameType, event: str, _: Any) -> Any:
        nonlocal number
        frame.f_trace_lines = False
        frame.f_trace_opcodes = True
        number += event == "opcode"
        return count

    before = sys.gettrace()
    sys.settrace(count)
    try:
        call()
    finally:
        sys.settrace(before)
    return number


def growth(call: Callable[[T], object], make: Callable[[int], T], size: int) -> float:
    """By how much the work of a call grows when its input doubles: about 2 where it is linear.

    Parameters
    ----------
    call
        What is counted.
    make
        Makes the input of a size; that is not counted.
    size
        The smaller of the two sizes.
    """
    call(make(size))  # what is done once only, such as importing
    small, large = (make(size), make(2 * size))
    return instructions(lambda: call(large)) / instructions(lambda: call(small))
