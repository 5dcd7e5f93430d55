"""What a generated notebook or script says about how it was made."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from mlprov_widgets._files import as_text, check_values, read_bytes
from mlprov_widgets.errors import RecordError

FORMAT = 1
KEY = "mlprov"
SCRIPT_MARK = "# mlprov-widgets: "
MAX_BYTES = 200_000_000


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
        for name in ("original", "started_from"):
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
        kinds = {
            "title": str,
            "task_type": str,
            "pack": dict,
            "values": dict,
            "parameters": list,
            "generated": list,
            "original": dict,
            "started_from": dict,
            "format": int,
        }
        if not isinstance(data, dict):
            raise RecordError("The notebook's mlprov metadata is not a table of fields.")
        fields = {name: data[name] for name in kinds if name in data}
        for name, value in fields.items():
            if not isinstance(value, kinds[name]) or isinstance(value, bool):
                raise RecordError(f"The notebook's mlprov metadata has a wrong {name!r}.")
        for name in ("title", "task_type", "pack", "values"):
            if name not in fields:
                raise RecordError(f"The notebook's mlprov metadata lacks {name!r}.")
        if fields.get("format", FORMAT) > FORMAT:
            raise RecordError(
                "The notebook was made by a newer mlprov-widgets: please update this one."
            )
        if not all(isinstance(v, str) for v in fields["pack"].values()):
            raise RecordError("The notebook's mlprov metadata has a wrong 'pack'.")
        for name in ("parameters", "generated"):
            for row in fields.get(name, []):
                if not isinstance(row, dict) or not all(
                    isinstance(value, str) for value in row.values()
                ):
                    raise RecordError(f"The notebook's mlprov metadata has a wrong {name!r}.")
        if not is_starting_point(fields.get("started_from", {})):
            raise RecordError("The notebook's mlprov metadata has a wrong 'started_from'.")
        return cls(**fields)


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
    text = read_text(path)
    if path.suffix.lower() == ".py":
        lines = [line for line in text.splitlines() if line.startswith(SCRIPT_MARK)]
        if not lines:
            return None
        text = lines[-1].removeprefix(SCRIPT_MARK)
        check_values(text)
        try:
            told = json.loads(text)
        except (ValueError, RecursionError):
            raise RecordError(
                f"{path.name}: its last line that begins with {SCRIPT_MARK.strip()!r}, which says "
                "how it was generated, is damaged."
            ) from None
        return Manifest.from_dict(told)
    notebook = _parse(text, path)
    metadata = notebook.get("metadata") if isinstance(notebook, dict) else None
    if not isinstance(metadata, dict) or KEY not in metadata:
        return None
    return Manifest.from_dict(metadata[KEY])


def read_text(path: Path) -> str:
    """Text of a file of reasonable size.

    Raises
    ------
    RecordError
        If it is not there, too large or not text.
    """
    try:
        text = as_text(read_bytes(path, MAX_BYTES))
    except UnicodeDecodeError:
        raise RecordError(f"{path} is not a text file in UTF-8.") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise RecordError(f"{path} cannot be read: {reason}.") from None
    # As `open` reads text: whoever wrote it may end lines in another way.
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _parse(text: str, path: Path) -> Any:
    try:
        check_values(text)
        return json.loads(text)
    except RecordError as error:
        raise RecordError(f"{path.name}: {error}") from None
    except json.JSONDecodeError as error:
        raise RecordError(f"{path} is not valid JSON (line {error.lineno}).") from None
    except ValueError as error:
        reason = str(error).partition(";")[0]
        raise RecordError(f"{path} cannot be read as JSON: {reason}.") from None
    except RecursionError:
        raise RecordError(f"{path} is nested too deeply.") from None
