"""Our own types, as ``types.toml`` declares them."""

from __future__ import annotations

from dataclasses import dataclass

from mlprov_widgets._files import asset_table


@dataclass(frozen=True)
class OwnType:
    """A type of our vocabulary.

    Parameters
    ----------
    label : str
        What people call it.
    shown : list of str or None
        The attributes in its box; None where that is made otherwise.
    group : str or None
        The group, or the step, that it belongs to; empty where that depends on what it is related
        to, None where another of its types says it.
    """

    label: str
    shown: list[str] | None = None
    group: str | None = None


TYPES = {
    name: OwnType(**declared) for name, declared in asset_table("graph/document/types.toml").items()
}
