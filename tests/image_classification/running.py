"""Run the cells of the image pack in this process, and look at what they leave behind."""

from __future__ import annotations

import contextlib
import functools
import gc
import importlib
import io
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt

from mlprov_widgets.notebooks import render_cells
from mlprov_widgets.packs import complete_values, find_pack

PACK = find_pack("image_classification")
QUICK = {"epochs": 1, "n_samples": 60, "batch_size": 32, "num_workers": 0, "threads": 1}


@functools.cache
def set_libraries_aside() -> None:
    """Let collections pass over what is imported: it takes longer to go through than a run."""
    for name in ("matplotlib.pyplot", "sklearn.metrics", "torch", "torchvision"):
        importlib.import_module(name)
    gc.freeze()


def execute(values: dict[str, Any], few: int = 0) -> Any:
    """Run the cells of these values in a fresh namespace, as a script would.

    With `few`, only that many of scikit-learn's digits are there.
    """
    if values.get("dataset") == "image_folder":
        values = {"image_folder": "pictures", **values}
    if values.get("dataset") == "arrays":
        values = {"arrays_path": "colour.npz", **values}
    set_libraries_aside()
    gc.collect()  # functions and their names hold each other: gigabytes of earlier models stay
    complete = complete_values(PACK, {**QUICK, **values})
    namespace: dict[str, Any] = {"__name__": "__main__"}
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        for cell in render_cells(PACK, complete, "run.ipynb"):
            if cell.kind == "code":
                exec(compile(cell.source, cell.name, "exec"), namespace)
                if few and cell.name == "061_data_ingestion" and "images" in namespace:
                    namespace["images"] = namespace["images"][:few]
                    namespace["labels"] = namespace["labels"][:few]
    plt.close("all")
    namespace["printed"] = printed.getvalue()
    return namespace


def weights_of(namespace: dict[str, Any]) -> str:
    from mlprov_widgets.capture.objects.fingerprint import weights_fingerprint

    digest = weights_fingerprint(namespace["model"])
    assert digest is not None
    return digest


def last_record(folder: Path) -> Any:
    from mlprov_widgets.provenance import read_record

    newest = max(folder.glob("*.prov.json"), key=lambda file: file.stat().st_mtime_ns)
    return read_record(newest)


def values_of(record: Any, step: str) -> dict[str, Any]:
    values: dict[str, Any] = record.steps[step].values
    return values
