"""How long it takes to write a notebook, beside writing the same cells by nbformat alone."""

from __future__ import annotations

import time
from pathlib import Path

import nbformat
import pytest

from mlprov_widgets import generate
from mlprov_widgets.packs import find_pack

PACK = find_pack("multiclass_classification")


@pytest.mark.benchmark
def test_generate(benchmark, tmp_path: Path) -> None:
    """Checked, rendered, validated and written: a small multiple of what nbformat takes alone."""
    notebook = nbformat.read(generate(PACK, out=tmp_path / "first.ipynb"), as_version=4)
    alone = []
    for _ in range(20):
        start = time.perf_counter()
        nbformat.validate(notebook)
        (tmp_path / "alone.ipynb").write_text(nbformat.writes(notebook))
        alone.append(time.perf_counter() - start)
    numbers = iter(range(10_000))
    benchmark(lambda: generate(PACK, out=tmp_path / f"run-{next(numbers)}.ipynb"))
    ratio = benchmark.stats["median"] / sorted(alone)[10]
    print(f"generate: {benchmark.stats['median'] * 1000:.1f} ms, {ratio:.1f} times nbformat alone")
    assert ratio < 15
