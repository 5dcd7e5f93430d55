"""What tests of rebuilding share: runs of generated notebooks, and the sources of cells."""

from __future__ import annotations

from pathlib import Path

import nbformat

from mlprov_widgets.notebooks import read_manifest
from mlprov_widgets.rebuild import reproduce
from mlprov_widgets.record import Cell, Execution
from tests.reproduction.made_runs import record

PACK = "multiclass_classification"


def sources(path, kind="code"):
    cells = nbformat.read(path, as_version=4).cells
    return [one.source for one in cells if one.cell_type == kind]


def recorded_run(generated: Path, **changes):
    """A record as a run of just this generated notebook would leave it."""
    manifest = read_manifest(generated)
    cells = []
    for number, row in enumerate(manifest.generated, start=1):
        ran = [Execution(row["source"], number)] if row["kind"] == "code" else []
        cells.append(Cell(row["id"], row["kind"], row["step"], row["source"], ran))
    return record(
        **{
            "pack": manifest.pack,
            "values": manifest.values,
            "cells": cells,
            "notebook": {"name": generated.name},
            **changes,
        }
    )


def accepted(source, *out, **options):
    """Reproduce with every cell taken over that is not what the pack writes."""
    return reproduce(source, *out, accept=True, **options)
