"""How much a visitor of a hosted app may use: set by the host, in the environment of the server."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from mlprov_widgets.errors import MlprovError

PREFIX = "MLPROV_HOST_"
_SIZE = re.compile(r"(\d{1,15}(?:\.\d{1,15})?)\s*(?:([KMGT])(i?)B?|B)?", re.IGNORECASE | re.ASCII)
_POWERS = {"K": 1, "M": 2, "G": 3, "T": 4}


class InvalidLimitError(MlprovError, ValueError):
    """A limit that is nothing of its kind."""


def hosted() -> bool:
    """Whether this kernel serves a visitor of Voilà, who has no files of their own here."""
    return any(name.startswith("VOILA_") for name in os.environ)


def parse_size(text: str) -> int:
    """The number of bytes that a text such as ``2GB``, ``1.5 GiB`` or ``512M`` stands for.

    Raises
    ------
    InvalidLimitError
        If it is no size, or none above 0.
    """
    found = _SIZE.fullmatch(text.strip())
    if found is None:
        raise InvalidLimitError("limit_no_size", text=text)
    number, unit, binary = found.groups()
    base = 1024 if binary else 1000
    size = int(float(number) * base ** _POWERS.get((unit or "").upper(), 0))
    if size < 1:
        raise InvalidLimitError("limit_size_zero")
    return size


@dataclass(frozen=True)
class Limits:
    """What visitors of a hosted app may use.

    Parameters
    ----------
    visitors : int
        Visitors at a time.
    runs : int
        Notebooks that may run on the server at a time; at 0 none is run there.
    run_minutes : float
        Minutes that one run may take.
    run_memory : int
        Bytes of memory that one run may take, with the processes that it starts.
    upload_limit : int
        Bytes that one uploaded file may have.
    quota : int
        Bytes that all files of a visitor may have together.
    data_folder : str
        A folder of the host's that visitors may read; empty for none.
    """

    visitors: int = 20
    runs: int = 0
    run_minutes: float = 10.0
    run_memory: int = 3 * 10**9
    upload_limit: int = 20 * 10**6
    quota: int = 200 * 10**6
    data_folder: str = ""

    @property
    def run_threads(self) -> int:
        """Threads that one run may compute with, so that all of them share the processors."""
        return max(1, (os.cpu_count() or 1) // max(self.runs, 1))

    def to_environment(self) -> dict[str, str]:
        """As variables, which `from_environment` reads."""
        return {PREFIX + one.name.upper(): str(getattr(self, one.name)) for one in fields(self)}

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Limits:
        """The limits that ``MLPROV_HOST_VISITORS``, ``MLPROV_HOST_RUNS`` and so on set.

        Raises
        ------
        MlprovError
            If a variable has a value that is none of its kind; names it.
        """
        given: dict[str, Any] = {}
        for one in fields(cls):
            name = PREFIX + one.name.upper()
            if text := environment.get(name, "").strip():
                try:
                    given[one.name] = _READERS[one.name](text)
                except InvalidLimitError as error:
                    raise MlprovError("limit_invalid", name=name, reason=error) from None
        return cls(**given)


def _count(least: int, text: str) -> int:
    if not re.fullmatch(r"\d{1,6}", text, re.ASCII) or int(text) < least:
        raise InvalidLimitError("limit_no_count", text=text, least=least)
    return int(text)


def _minutes(text: str) -> float:
    with contextlib.suppress(ValueError):
        if 0 < float(text) < 100_000:
            return float(text)
    raise InvalidLimitError("limit_no_minutes", text=text)


def _folder(text: str) -> str:
    if not Path(text).is_dir():
        raise InvalidLimitError("limit_no_folder")
    return text


_READERS = {
    "visitors": lambda text: _count(1, text),
    "runs": lambda text: _count(0, text),
    "run_minutes": _minutes,
    "run_memory": parse_size,
    "upload_limit": parse_size,
    "quota": parse_size,
    "data_folder": _folder,
}


def current_limits() -> Limits:
    """The limits of this process; see `Limits.from_environment`."""
    return Limits.from_environment(os.environ)
