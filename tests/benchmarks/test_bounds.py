"""How time grows with the size of what a stranger sends: twice the size, about twice the time."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from prov.model import ProvDocument

from mlprov_widgets.errors import RecordError
from mlprov_widgets.graph.details.search import Index
from mlprov_widgets.notebooks import render_cells
from mlprov_widgets.packs import check_values, find_pack
from mlprov_widgets.provenance import read_document, read_record, validate
from mlprov_widgets.provenance.legacy.values import array_in
from mlprov_widgets.tables import inspect_table
from tests.graph.made_documents import workflow
from tests.graph.small import levels_of


def growth(make: Callable[[int], Callable[[], object]], size: int) -> float:
    """By how much the time grows for each doubling: from three doublings, the best of five each."""
    best = []
    for number in (size, 8 * size):
        run = make(number)
        times = []
        for _ in range(5):
            start = time.perf_counter()
            run()
            times.append(time.perf_counter() - start)
        best.append(min(times))
    ratio = (best[1] / best[0]) ** (1 / 3)
    print(f"{best[0] * 1000:.0f} ms, {best[1] * 1000:.0f} ms: {ratio:.2f} times for each doubling")
    return ratio


def document(number: int) -> ProvDocument:
    made = ProvDocument()
    made.add_namespace("ex", "http://e.org/")
    run = made.activity("ex:run")
    for n in range(number):
        made.wasGeneratedBy(made.entity(f"ex:e{n}", {"ex:size": n}), run)
    return made


@pytest.mark.benchmark
@pytest.mark.parametrize("format", ["json", "provn", "xml", "rdf", "jsonld"])
def test_reading_an_ordinary_document(format: str) -> None:
    def make(number: int) -> Callable[[], object]:
        text = document(number).serialize(format=format)
        return lambda: read_document(text)

    assert growth(make, 1_000) < 3.5


@pytest.mark.benchmark
def test_validating(tmp_path: Path) -> None:
    def make(number: int) -> Callable[[], object]:
        container = json.loads(document(number).serialize(format="json"))
        return lambda: validate(container)

    assert growth(make, 10_000) < 3.5


@pytest.mark.benchmark
def test_rendering_costs_what_it_did() -> None:
    """A change in the wizard renders all cells; it has to feel immediate."""
    for name in ("multiclass_classification", "image_classification"):
        pack = find_pack(name)
        values = check_values(pack, {}, look=False).values
        render_cells(pack, values, "x.ipynb")
        times = []
        for _ in range(50):
            start = time.perf_counter()
            render_cells(pack, values, "x.ipynb")
            times.append(time.perf_counter() - start)
        print(f"{name}: {sorted(times)[25] * 1000:.2f} ms")
        assert sorted(times)[25] < 0.02


@pytest.mark.benchmark
def test_looking_at_a_table(tmp_path: Path) -> None:
    def make(number: int) -> Callable[[], object]:
        file = tmp_path / f"{number}.csv"
        file.write_text("a,b,c\n" + "".join(f"{n},{n % 7}.5,x{n % 3}\n" for n in range(number)))

        def run() -> object:
            file.touch()  # so that it is looked at again
            return inspect_table(file)

        return run

    assert growth(make, 50_000) < 3.5


@pytest.mark.benchmark
def test_searching() -> None:
    def make(number: int) -> Callable[[], object]:
        index = Index(levels_of(workflow(number)).model("engineer"))
        return lambda: [index.find(query) for query in ("accuracy", "e", "some words", "nowhere")]

    assert growth(make, 1_000) < 3.5


@pytest.mark.benchmark
@pytest.mark.parametrize("piece", [" ", "[", "[1 "])
def test_a_text_that_looks_like_an_array(piece: str) -> None:
    def make(number: int) -> Callable[[], object]:
        return lambda: array_in(f"[1{piece * number}]")

    assert growth(make, 10_000) < 3.5


@pytest.mark.benchmark
@pytest.mark.parametrize("piece", [" ", "\\", "<!", '"1":1,'])
def test_a_text_that_is_no_document(piece: str) -> None:
    def make(number: int) -> Callable[[], object]:
        def run() -> None:
            with pytest.raises(RecordError):
                read_record(f"{{{piece * number}")

        return run

    assert growth(make, 100_000) < 3.5
