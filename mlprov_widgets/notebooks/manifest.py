"""What a generated notebook or script says about how it was made."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, get_origin, get_type_hints

from mlprov_widgets._files import naming
from mlprov_widgets.errors import RecordError
from mlprov_widgets.notebooks.formats import Document, read_document

FORMAT = 1


@dataclass
class Manifest:
    """How a notebook was generated.

    Parameters
    ----------
    title, task_type : str
        Words for people and for the record.
    pack : dict
        ``name``, ``version``, ``sha256``.
    values : dict
        Parameter name to value.
    parameters : list of dict
        ``name``, ``constant`` (its name in the notebook, or empty), ``step``, ``term``.
    declared : dict
        ``metrics`` and ``fields`` that the pack declared; empty where it declared none.
    data : dict
        Path of a data file, as the notebook has it, to what it was when this was generated: its
        ``sha256``, and of a table ``rows``, ``columns``, those ``needed``, and the ``classes``.
    generated : list of dict
        For each cell ``id``, ``kind``, ``step``, ``sha256`` and, in a notebook, ``source``.
    original : dict
        In a reproduction: what the original run left behind; else empty.
    started_from : dict
        Where the values of an earlier run were the starting point: its ``run_id``, its ``name``,
        and ``changes``, parameter name to a list of what the value was and what it is; else empty.
    format : int
    """

    title: str
    task_type: str
    pack: dict[str, str]
    values: dict[str, Any]
    parameters: list[dict[str, str]] = field(default_factory=list)
    declared: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    data: dict[str, dict[str, Any]] = field(default_factory=dict)
    generated: list[dict[str, str]] = field(default_factory=list)
    original: dict[str, Any] = field(default_factory=dict)
    started_from: dict[str, Any] = field(default_factory=dict)
    format: int = FORMAT

    def to_dict(self, sources: bool = True) -> dict[str, Any]:
        """As plain JSON values; without the cells' sources for a script, which has them anyway."""
        data = asdict(self)
        if not sources:
            for cell in data["generated"]:
                cell.pop("source", None)
        for name in ("declared", "data", "original", "started_from"):
            if not data[name]:
                del data[name]
        return data

    @classmethod
    def from_dict(cls, data: Any) -> Manifest:
        """Check and take over what a file says.

        Raises
        ------
        RecordError
            If a field is missing or of the wrong type.
        """
        if not isinstance(data, dict):
            raise RecordError("manifest_no_mapping")
        kinds = {name: get_origin(kind) or kind for name, kind in get_type_hints(cls).items()}
        fields = {name: data[name] for name in kinds if name in data}
        for name, value in fields.items():
            if not isinstance(value, kinds[name]) or isinstance(value, bool):
                raise RecordError("manifest_field_wrong", field=name)
        for name in ("title", "task_type", "pack", "values"):
            if name not in fields:
                raise RecordError("manifest_field_missing", field=name)
        if fields.get("format", FORMAT) > FORMAT:
            raise RecordError("manifest_too_new")
        if not _are_texts(fields["pack"]):
            raise RecordError("manifest_field_wrong", field="pack")
        for name in ("parameters", "generated"):
            if not all(map(_are_texts, fields.get(name, []))):
                raise RecordError("manifest_field_wrong", field=name)
        if not all(map(_are_rows, fields.get("declared", {}).values())):
            raise RecordError("manifest_field_wrong", field="declared")
        if not all(isinstance(known, dict) for known in fields.get("data", {}).values()):
            raise RecordError("manifest_field_wrong", field="data")
        if not is_starting_point(fields.get("started_from", {})):
            raise RecordError("manifest_field_wrong", field="started_from")
        return cls(**fields)


def _are_texts(row: object) -> bool:
    return isinstance(row, dict) and all(isinstance(value, str) for value in row.values())


def _are_rows(rows: object) -> bool:
    return isinstance(rows, list) and all(isinstance(row, dict) for row in rows)


def is_starting_point(value: Any) -> bool:
    """Whether this is what a manifest's ``started_from`` may be: empty, or a run and changes."""
    if not isinstance(value, dict):
        return False
    if not value:
        return True
    changes = value.get("changes", {})
    return (
        all(isinstance(value.get(name, ""), str) for name in ("run_id", "name"))
        and isinstance(changes, dict)
        and all(isinstance(pair, list) and len(pair) == 2 for pair in changes.values())
    )


def read_manifest(path: Path | str) -> Manifest | None:
    """The manifest in a notebook or script; None where there is none.

    Raises
    ------
    RecordError
        If the file cannot be read, or its manifest is damaged.
    """
    path = Path(path)
    return manifest_in(read_document(path), path)


def manifest_in(document: Document, path: Path) -> Manifest | None:
    """The manifest in what was read of a file; None where there is none.

    Raises
    ------
    RecordError
        If it is damaged.
    """
    with naming(path):
        if document.is_manifest_damaged:
            raise RecordError("manifest_damaged")
        return None if document.manifest is None else Manifest.from_dict(document.manifest)
