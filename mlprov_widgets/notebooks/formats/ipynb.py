"""Jupyter notebooks: nbformat 4, and what can be made of older ones."""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from mlprov_widgets._files import check_values
from mlprov_widgets.errors import RecordError
from mlprov_widgets.notebooks.formats.document import (
    CODE,
    MARKDOWN,
    Document,
    NotebookFormat,
    SourceCell,
)

if TYPE_CHECKING:
    from nbformat import NotebookNode

    from mlprov_widgets.notebooks.manifest import Manifest

# Under this name the metadata of notebooks and cells have what is ours.
METADATA = "mlprov"


class JupyterNotebook(NotebookFormat):
    """Cells as JSON; the metadata say how they were generated."""

    suffix = ".ipynb"
    noun = "notebook"
    is_notebook = True

    def read(self, text: str, *, strict: bool = False) -> Document:
        """What a notebook holds; `strict` holds it against nbformat's schema."""
        notebook = read_node(text) if strict else _parse(text)
        if not isinstance(notebook, dict) or not isinstance(notebook.get("cells"), list):
            raise RecordError("notebook_unrecognized")
        metadata = _mapping(notebook.get("metadata"))
        cells = [cell for cell in notebook["cells"] if isinstance(cell, dict)]
        outputs = [cell["outputs"] for cell in cells if isinstance(cell.get("outputs"), list)]
        return Document(
            [_cell(cell) for cell in cells if cell.get("cell_type") in (CODE, MARKDOWN)],
            metadata.get(METADATA),
            kernel=_text(_mapping(metadata.get("kernelspec")).get("name")),
            outputs=[one for some in outputs for one in some if isinstance(one, dict)],
        )

    def write(self, cells: Iterable[SourceCell], manifest: Manifest | None) -> str:
        """The cells as a valid notebook of nbformat 4.5."""
        import nbformat

        notebook = _new_notebook(cells, manifest)
        try:
            nbformat.validate(notebook)
        except nbformat.ValidationError as error:
            raise RecordError("notebook_not_writable", reason=_fault(error)) from error
        return write_node(notebook)


def read_node(text: str) -> NotebookNode:
    """A notebook as nbformat has it, valid and of version 4.

    Raises
    ------
    RecordError
        If it is no notebook, no valid one, or one for another language than Python.
    """
    import nbformat

    try:
        with warnings.catch_warnings():
            # nbformat mends missing and doubled cell ids, and warns of it.
            warnings.simplefilter("ignore")
            notebook: NotebookNode = nbformat.reads(text, as_version=4)
            nbformat.validate(notebook)
    except nbformat.ValidationError as error:
        raise RecordError("notebook_invalid", reason=_fault(error)) from error
    except Exception as error:  # nbformat's converters raise nearly anything on foreign JSON
        raise RecordError("notebook_unrecognized") from error
    language = notebook.metadata.get("kernelspec", {}).get("language", "python")
    if str(language).lower() != "python":
        raise RecordError("notebook_not_python", language=language)
    return notebook


def write_node(notebook: NotebookNode) -> str:
    """The text of a notebook's file."""
    import nbformat

    return str(nbformat.writes(notebook, version=nbformat.NO_CONVERT)).rstrip("\n") + "\n"


def _new_notebook(cells: Iterable[SourceCell], manifest: Manifest | None) -> NotebookNode:
    import nbformat

    metadata = {
        "kernelspec": {
            "display_name": "Python 3 (ipykernel)",
            "language": "python",
            "name": "python3",
        },
        "language_info": {"name": "python"},
        **({METADATA: manifest.to_dict()} if manifest else {}),
    }
    # Not by nbformat's functions for new cells: each of these validates its cell.
    made = [_new_cell(cell, manifest is not None) for cell in cells]
    notebook: NotebookNode = nbformat.from_dict(
        {"cells": made, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    )
    return notebook


def _new_cell(cell: SourceCell, is_ours: bool) -> dict[str, Any]:
    # papermill looks for the tag; the step tells a reader of the file what the cell is for.
    metadata: dict[str, Any] = {METADATA: {"step": cell.step}} if is_ours else {}
    new = {"cell_type": cell.kind, "id": cell.id, "metadata": metadata, "source": cell.source}
    if cell.kind != CODE:
        return new
    if cell.step == "parameters":
        metadata["tags"] = ["parameters"]
    return {**new, "execution_count": None, "outputs": []}


def _parse(text: str) -> object:
    check_values(text)
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise RecordError("json_invalid", line=error.lineno) from None
    except ValueError:  # a number of more digits than Python reads
        raise RecordError("json_number_too_long") from None
    except RecursionError:
        raise RecordError("json_too_deep") from None


def _cell(cell: Mapping[str, Any]) -> SourceCell:
    source = cell.get("source")
    text = "".join(map(_text, source)) if isinstance(source, list) else _text(source)
    return SourceCell(_text(cell.get("id")), cell["cell_type"], text, step_of(cell))


def step_of(cell: Mapping[str, Any]) -> str:
    """The pipeline step that a cell's metadata name; empty where they name none."""
    return _text(_mapping(_mapping(cell.get("metadata")).get(METADATA)).get("step"))


def _fault(error: Any) -> str:
    """What nbformat does not accept; its own words quote all of it."""
    place = list(getattr(error, "relative_path", None) or getattr(error, "path", None) or ())
    if place[:1] == ["cells"] and len(place) > 1:
        place = [f"cell {place[1] + 1}", *place[2:]]
    if not place:
        return "a part of it is missing or of another kind than the notebook format has it"
    where = ", ".join(str(part)[:40] for part in place[:4])
    return f"{where} is not as the notebook format has it"


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _mapping(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
