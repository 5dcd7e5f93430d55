"""What a record says beyond the values of its steps, once it has these and its cells."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mlprov_widgets.capture.cells.origin import CodeOrigin
from mlprov_widgets.record import Finding, Record, Step, Value


def complete(record: Record, notebook: str, saves: bool) -> None:
    """Fill in the fields of the paper's table that no call named, from what really happened."""
    data = record.steps.get("data_ingestion")
    if data is not None and data.values:
        # Data that were loaded from nowhere were made in the notebook.
        _default(data, "root_location", notebook)
        told = ", ".join(_sizes(data.values))
        if told:
            _default(data, "dataset_description", told)
    model = record.steps.get("model_parameters")
    # In anybody's notebook a model may have been saved in ways that nobody watches.
    if model is not None and model.values and (saves or record.pack):
        _default(model, "save_checkpoint", saves)


def _sizes(values: Mapping[str, Value]) -> Iterator[str]:
    """Numbers of rows, features and classes, as far as they are known."""
    for name, noun, nouns in (
        ("samples_total", "row", "rows"),
        ("feature_dimensions", "feature", "features"),
        ("dataset_classes", "class", "classes"),
    ):
        size = values.get(name)
        if isinstance(size, list):  # the axes of an image, or of a sequence
            yield f"{' × '.join(map(str, size))} values each"
        elif size is not None:
            yield f"{size} {noun if size == 1 else nouns}"


def _default(step: Step, name: str, value: Value) -> None:
    if name not in step.values:
        step.values[name] = value
        step.known[name] = "observed"


def find_cells_not_run(record: Record, origin: CodeOrigin) -> None:
    """Say so where cells of the notebook did not run; one that was deleted is not of it."""
    there = {cell.id for cell in origin.cells if cell.id}
    code = [
        cell
        for cell in record.cells
        if cell.kind == "code" and (cell.executions or not there or cell.id in there)
    ]
    ran = [place for place, cell in enumerate(code) if cell.executions]
    left = [cell for cell in code[: max(ran, default=0)] if not cell.executions]
    if left:
        steps = list(dict.fromkeys(cell.step for cell in left if cell.step))
        said: dict[str, Value] = {"count": len(left), "steps": steps}
        record.findings.append(Finding("cells_not_run", "warning", "", "", said))
