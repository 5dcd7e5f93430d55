"""What became of a trial, and what of it counts for the hash of a sweep."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

FINISHED, DIVERGED, FAILED = "finished", "diverged", "failed"
TIMED_OUT, OUT_OF_MEMORY, CRASHED = "timed out", "out of memory", "crashed"
PRUNED = "pruned"
OUTCOMES = (FINISHED, DIVERGED, FAILED, TIMED_OUT, OUT_OF_MEMORY, CRASHED, PRUNED)


@dataclass(frozen=True)
class Outcome:
    """What became of a trial.

    Parameters
    ----------
    status : str
        One of `OUTCOMES`.
    error : str
        Class of what was raised; empty where nothing was.
    digest : str
        SHA-256 over its values, its outcome, and the fingerprints and metrics of its record.
    scores : dict
        Metrics that were measured on the validation part or on folds, by name; of folds their mean.
        What was measured on the test part is in the record of the run, and not here.
    run_id : str
        Of its record; empty where it left none.
    record : str
        Name of its record's file, in the trial's folder.
    seconds : float
        How long it took.
    reported : list of list
        Where a pruner watches: step and value, one after the other.
    """

    status: str
    error: str = ""
    digest: str = ""
    scores: dict[str, float] = field(default_factory=dict)
    run_id: str = ""
    record: str = ""
    seconds: float = 0.0
    reported: list[list[float]] = field(default_factory=list)

    def to_dict(self) -> dict[str, Any]:
        """As plain JSON values."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Outcome:
        """What `to_dict` gave."""
        return cls(**{one.name: data[one.name] for one in fields(cls) if one.name in data})


def digest_of(
    values: Mapping[str, Any],
    status: str,
    error: str = "",
    fingerprints: Mapping[str, str] | None = None,
    metrics: Mapping[str, Any] | None = None,
) -> str:
    """SHA-256 over what a trial came to: nothing of time, machine or process is in it.

    Parameters
    ----------
    values : mapping
        Its values, without paths: what lies there has a fingerprint.
    status, error : str
        As in `Outcome`.
    fingerprints, metrics : mapping, optional
        Of its record; of a trial that did not come to its end they are left out, since how far it
        came may depend on the machine.
    """
    said = {
        "values": dict(values),
        "outcome": status,
        "error": error,
        "fingerprints": dict(fingerprints or {}),
        "metrics": dict(metrics or {}),
    }
    text = json.dumps(said, sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def sweep_hash(digests: Iterable[str]) -> str:
    """SHA-256 over the digests of all trials, in their order."""
    return hashlib.sha256("\n".join(digests).encode("ascii")).hexdigest()
