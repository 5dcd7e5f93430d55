"""How long it takes to find some runs among very many."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from mlprov_widgets.store.facts import RunFacts
from mlprov_widgets.store.index import Index
from mlprov_widgets.store.paging import page_of
from mlprov_widgets.store.query import Query

QUERY = Query(where="status == 'finished' and data == 'iris'", sort="accuracy")


def index_of(folder: Path, number: int) -> Index:
    chance = random.Random(1)

    def made() -> Iterator[tuple[str, str, RunFacts]]:
        for at in range(number):
            path = f"r{at}.prov.json"
            yield (
                path,
                "1 1",
                RunFacts(
                    path,
                    status=chance.choice(["finished", "finished", "failed"]),
                    run_id=str(at),
                    data=chance.choice(["iris", "wine"]),
                    model=chance.choice(["SVC", "KNN", "RF"]),
                    started=1e9 * chance.random(),
                    metrics={name: chance.random() for name in ("accuracy", "loss", "f1")},
                    parameters={f"p{one}": chance.random() for one in range(8)},
                ),
            )

    index = Index(folder / f"{number}.sqlite")
    index.write("/runs", made())
    return index


def cpu_of_a_page(index: Index) -> float:
    taken = []
    for _ in range(20):
        before = time.process_time()
        assert len(page_of(index, QUERY, ["/runs"]).rows) == 100
        taken.append(time.process_time() - before)
    return min(taken)


@pytest.mark.benchmark
def test_a_page_of_very_many_runs(tmp_path: Path) -> None:
    """100 of 100,000 runs, sorted by a metric and filtered: at most 100 ms and twice 1,000's."""
    few, many = (cpu_of_a_page(index_of(tmp_path, number)) for number in (1_000, 100_000))
    print(f"a page of 1,000 runs: {few * 1e3:.1f} ms, of 100,000: {many * 1e3:.1f} ms")
    assert many <= 0.1
    assert many <= 2 * few
