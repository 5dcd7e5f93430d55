"""Downloads that end: with the file, or with the reason in words."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator

TIMEOUT = 30.0  # seconds without a byte; without it a firewall would make the cell hang for ever
_UNREACHABLE = ("urlopen error", "timed out", "Connection", "RemoteDisconnected")


@contextlib.contextmanager
def time_limit() -> Iterator[None]:
    """Let no connection that is opened meanwhile wait for ever."""
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(TIMEOUT)
    try:
        yield
    finally:
        socket.setdefaulttimeout(before)


def reason(error: BaseException) -> str:
    """Why something could not be loaded, in a few words."""
    words = str(error)
    if any(sign in words or sign in type(error).__name__ for sign in _UNREACHABLE):
        return "there is no network here, or the server does not answer"
    lines = [line.strip(" .:") for line in words.splitlines() if line.strip(" .:")]
    return (lines or [type(error).__name__])[0][:200]
