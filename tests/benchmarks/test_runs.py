"""How long it takes to find some runs among very many."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from mlprov_widgets.provenance import read_record
from mlprov_widgets.store import RunStore
from mlprov_widgets.store.facts import RunFacts
from mlprov_widgets.store.index import Index, open_database
from mlprov_widgets.store.paging import page_of
from mlprov_widgets.store.query import Query
from tests.store.made import run_file

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

    index = Index(open_database(folder / f"{number}.sqlite"))
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


@pytest.mark.benchmark
def test_indexing_very_many_files(tmp_path: Path) -> None:
    """Beside reading 10,000 records one by one: at most half as much again, and once only."""
    text = run_file(tmp_path, "r", {"accuracy": 0.5}).read_text()
    for number in range(9_999):
        copy = tmp_path / f"folder{number % 50}" / f"r{number}.prov.json"
        copy.parent.mkdir(exist_ok=True)
        copy.write_text(text.replace("run-r", f"run-{number}"))
    began = time.process_time()
    for file in tmp_path.rglob("*.prov.json"):
        read_record(file)
    read = time.process_time() - began
    store = RunStore(tmp_path)
    began = time.process_time()
    assert store.refresh().added == 10_000
    indexed = time.process_time() - began
    began = time.process_time()
    assert store.refresh().text == ""
    again = time.process_time() - began
    print(
        f"10,000 files: read {read:.1f} s, indexed {indexed:.1f} s, looked at again {again:.2f} s"
    )
    assert indexed <= 1.5 * read
    assert again <= 0.05 * read


@pytest.mark.benchmark
def test_a_page_beside_one_of_mlflow(tmp_path: Path) -> None:
    """Sorted by a metric, of 1,000 and of 5,000 runs; MLflow keeps them in SQLite, too."""
    mlflow = pytest.importorskip("mlflow")
    client = mlflow.MlflowClient(tracking_uri=f"sqlite:///{tmp_path}/mlflow.db")
    experiment = client.create_experiment("many")
    theirs, there = {}, 0
    for number in (1_000, 5_000):
        while there < number:
            run = client.create_run(experiment).info.run_id
            client.log_batch(
                run,
                metrics=[
                    mlflow.entities.Metric(name, random.random(), 0, 0)
                    for name in ("accuracy", "loss", "f1")
                ],
                params=[mlflow.entities.Param(f"p{one}", str(one)) for one in range(8)],
            )
            there += 1
        before = time.process_time()
        client.search_runs([experiment], order_by=["metrics.accuracy DESC"], max_results=100)
        theirs[number] = time.process_time() - before
    ours = {number: cpu_of_a_page(index_of(tmp_path, number)) for number in theirs}
    for name, times in (("MLflow", theirs), ("ours", ours)):
        print(f"{name}: " + ", ".join(f"{n:,} runs {s * 1e3:.1f} ms" for n, s in times.items()))
    assert all(ours[number] <= theirs[number] / 10 for number in theirs)
    assert ours[5_000] / ours[1_000] <= theirs[5_000] / theirs[1_000]
