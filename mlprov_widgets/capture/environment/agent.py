"""Who runs the experiment: told, configured, else the account."""

from __future__ import annotations

import getpass
import os
import re
import tomllib
from collections.abc import Mapping
from typing import Any

from mlprov_widgets._files import config_folder
from mlprov_widgets.capture.values import text

_ORCID = re.compile(r"(?:https?://orcid\.org/)?(\d{4}-\d{4}-\d{4}-\d{3}[\dX])", re.I | re.A)


def find_agent(told: str | Mapping[str, str] | None = None) -> tuple[dict[str, str], str]:
    """Name and, if known, ORCID of whoever runs the experiment, and the function that knew.

    Parameters
    ----------
    told : str or mapping, optional
        A name, or a mapping with ``name`` and ``orcid``. Without it the environment variables
        ``MLPROV_AGENT_NAME`` and ``MLPROV_AGENT_ORCID`` count, then ``name`` and ``orcid`` in
        ``agent.toml`` in the user's configuration folder for mlprov-widgets, then the account.

    Returns
    -------
    tuple of dict and str
        ``{"name": ..., "orcid": ...}`` without what is unknown, and a dotted function name.
    """
    environment = {
        "name": os.environ.get("MLPROV_AGENT_NAME", ""),
        "orcid": os.environ.get("MLPROV_AGENT_ORCID", ""),
    }
    sources = (
        ({"name": told} if isinstance(told, str) else dict(told or {}), "start_run"),
        (environment, "os.environ.get"),
        (_configured(), "tomllib.load"),
        ({"name": _account()}, "getpass.getuser"),
    )
    for source, function in sources:
        name = text(str(source.get("name") or ""), 200).strip()
        if name:
            orcid = _orcid(source.get("orcid"))
            return {"name": name, **({"orcid": orcid} if orcid else {})}, function
    return {"name": "unknown"}, "getpass.getuser"


def _configured() -> dict[str, Any]:
    file = config_folder() / "agent.toml"
    try:
        with file.open("rb") as stream:
            return tomllib.load(stream)
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError):
        return {}


def _account() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # a container without an entry for this user
        return ""


def _orcid(value: object) -> str:
    """An ORCID iD as ``0000-0002-1825-0097``; empty where its check digit (ISO 7064) is wrong."""
    match = _ORCID.fullmatch(str(value or "").strip())
    if not match:
        return ""
    orcid = match[1].upper()
    digits, total = orcid.replace("-", ""), 0
    for digit in digits[:-1]:
        total = (total + int(digit)) * 2
    return orcid if digits[-1] == "0123456789X"[(12 - total % 11) % 11] else ""
