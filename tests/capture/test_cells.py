"""Executions find their cells, and files of anybody's making do no harm."""

from __future__ import annotations

import json
import random
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlprov_widgets.capture.cells.arrangement import CapturedExecution, align, arrange, similarity
from mlprov_widgets.capture.cells.origin import CodeOrigin, find_notebook, read_origin
from mlprov_widgets.capture.values import is_plain, plain
from mlprov_widgets.notebooks.formats import SourceCell
from mlprov_widgets.record import Execution

SOURCES = {
    "load": "table = read('flowers.csv')\nfeatures = table.drop(columns=['kind'])",
    "scale": "scaler = StandardScaler()\nscaler.fit(features)",
    "model": "model = make_model(4, 3)\noptimizer = Adam(model.parameters(), lr=0.1)",
    "train": "for epoch in range(EPOCHS):\n    step(model, optimizer)",
    "test": "print(score(model))",
}
GENERATED = [SourceCell(cell_id, "code", source, cell_id) for cell_id, source in SOURCES.items()]


def ran(source: str, cell_id: str | None = None) -> CapturedExecution:
    return CapturedExecution(Execution(source), cell_id)


def arranged(
    captured: list[CapturedExecution], cells: list[SourceCell] | None = None
) -> list[tuple[str, int, str]]:
    origin = CodeOrigin(cells=cells or [], generated=GENERATED)
    return [(c.id, len(c.executions), c.origin) for c in arrange(origin, captured)]


def test_edited_cells_without_ids_are_found_by_place_and_likeness() -> None:
    edited = SOURCES["model"].replace("Adam", "SGD").replace("0.1", "0.5")
    sources = [SOURCES["load"], SOURCES["scale"], edited, SOURCES["train"], SOURCES["test"]]
    assert arranged([ran(source) for source in sources]) == [
        ("load", 1, "generated"),
        ("scale", 1, "generated"),
        ("model", 1, "edited"),
        ("train", 1, "generated"),
        ("test", 1, "generated"),
    ]


def test_two_edited_neighbours_go_each_to_its_own() -> None:
    captured = [
        ran(SOURCES["load"]),
        ran(SOURCES["scale"] + "\nprint(scaler)"),
        ran(SOURCES["model"].replace("Adam", "SGD")),
        ran(SOURCES["train"]),
    ]
    assert [row[:2] for row in arranged(captured)] == [
        ("load", 1),
        ("scale", 1),
        ("model", 1),
        ("train", 1),
        ("test", 0),
    ]


def test_a_cell_that_resembles_none_is_an_added_one() -> None:
    captured = [ran(SOURCES["load"]), ran("import seaborn\nseaborn.pairplot(table)")]
    found = arranged(captured)
    assert found[0] == ("load", 1, "generated")
    assert found[1][1:] == (1, "added")
    assert found[2] == ("scale", 0, "generated")


def test_the_same_added_cell_twice_is_one_cell() -> None:
    captured = [ran(SOURCES["load"]), ran("look()"), ran(SOURCES["scale"]), ran("look()")]
    assert next(row for row in arranged(captured) if row[2] == "added")[1] == 2


def test_equal_cells_are_told_apart_by_their_order() -> None:
    twins = [SourceCell(name, "code", "clean()") for name in ("one", "two")]
    origin = CodeOrigin(generated=[twins[0], GENERATED[0], twins[1]])
    captured = [ran("clean()"), ran(SOURCES["load"]), ran("clean()")]
    assert [len(cell.executions) for cell in arrange(origin, captured)] == [1, 1, 1]


def test_cells_of_the_file_give_added_cells_their_place_and_id() -> None:
    mine = SourceCell("mine", "code", "look(table)")
    unused = SourceCell("unused", "code", "nothing()")
    cells = [mine, GENERATED[0], unused, *GENERATED[2:]]
    found = arranged([ran(SOURCES["load"]), ran("look(table)")], cells)
    assert [row[0] for row in found] == ["mine", "load", "scale", "model", "train", "test"]


def test_ids_are_unique_and_such_as_nbformat_allows() -> None:
    origin = CodeOrigin(generated=[SourceCell("same", "code", f"f({n})") for n in range(3)])
    captured = [ran("x" * 30, "no blanks / allowed"), ran("y" * 30, "no blanks either!")]
    ids = [cell.id for cell in arrange(origin, captured)]
    assert len(set(ids)) == len(ids) == 5
    assert all(part.replace("-", "").isalnum() for part in ids)


@given(
    st.lists(
        st.tuples(
            st.sampled_from([*SOURCES.values(), "f()", "f(1)"]), st.none() | st.text(max_size=2)
        )
    )
)
def test_no_execution_is_lost_and_their_order_is_kept(
    history: list[tuple[str, str | None]],
) -> None:
    captured = [ran(source, cell_id) for source, cell_id in history]
    cells = arrange(CodeOrigin(generated=GENERATED), captured)
    found = [id(execution) for cell in cells for execution in cell.executions]
    assert sorted(found) == sorted(id(one.execution) for one in captured)
    order = {id(one.execution): at for at, one in enumerate(captured)}
    for cell in cells:
        places = [order[id(execution)] for execution in cell.executions]
        assert places == sorted(places)
    assert [cell.id for cell in cells if cell.generated is not None] == list(SOURCES)


def test_a_thousand_cells_take_no_time() -> None:
    chosen = random.Random(0)
    captured = [ran(f"value_{n} = f({chosen.random()})\nshow(value_{n})") for n in range(1000)]
    began = time.process_time()
    arrange(CodeOrigin(generated=GENERATED), captured)
    assert time.process_time() - began < 1


def test_similarity_of_long_sources_takes_no_time() -> None:
    one = "\n".join(f"value = function({n})" for n in range(5000))
    began = time.process_time()
    assert similarity(one, one + "\nlast()") > 0.9
    assert time.process_time() - began < 2


def test_a_script_is_aligned_by_source_and_place() -> None:
    cells = [
        SourceCell("", "code", SOURCES["load"]),
        SourceCell("", "code", "anything = else_entirely()"),
        SourceCell("", "code", SOURCES["model"]),
    ]
    # The generated source of an edited cell is in no file.
    generated = [GENERATED[0], SourceCell("scale", "code", ""), GENERATED[2]]
    assert align(cells, generated) == {0: 0, 1: 1, 2: 2}


# ------------------------------------------------------------------------------- files of others

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["cells", "metadata", "mlprov", "generated", "id", "source", "cell_type"]
            )
            | st.text(),
            inner,
            max_size=4,
        )
    ),
    max_leaves=20,
)


@given(JSON)
def test_any_json_is_no_error(tmp_path_factory: pytest.TempPathFactory, data: Any) -> None:
    folder = tmp_path_factory.getbasetemp() / "any"
    folder.mkdir(exist_ok=True)
    for content in (data, {"cells": data, "metadata": {"mlprov": data}}, {"cells": [data]}):
        path = folder / "it.ipynb"
        path.write_text(json.dumps(content), encoding="utf-8")
        origin = read_origin(path)
        if origin is not None:
            arrange(origin, [ran("x = 1")])


def test_files_that_are_no_notebooks(tmp_path: Path) -> None:
    for name, content in {
        "broken.ipynb": b"{",
        "binary.ipynb": b"\xff\xfe\x00",
        "deep.ipynb": b"[" * 100_000,
        "list.ipynb": b"[]",
    }.items():
        (tmp_path / name).write_bytes(content)
        assert read_origin(tmp_path / name) is None
    assert read_origin(tmp_path / "missing.ipynb") is None
    assert read_origin(tmp_path) is None


def test_a_notebook_of_another_kernel_is_not_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def write(name: str, *sources: str) -> Path:
        path = tmp_path / name
        cells = [{"cell_type": "code", "source": source} for source in sources]
        path.write_text(json.dumps({"cells": cells, "metadata": {}}), encoding="utf-8")
        return path

    outer = write("outer.ipynb", "wizard()")
    mine = write("mine.ipynb", "x = 1", "run = start_run('mine.ipynb')")
    monkeypatch.delenv("MLPROV_NOTEBOOK", raising=False)
    monkeypatch.setenv("JPY_SESSION_NAME", str(outer))
    running = "run = start_run('mine.ipynb')"
    assert find_notebook("mine.ipynb", running, {}, tmp_path).path == mine
    # Edited since it was saved, it still is the one.
    assert find_notebook("mine.ipynb", running + "  # now", {}, tmp_path).path == mine
    assert (
        find_notebook("x.ipynb", running, {"__vsc_ipynb_file__": str(mine)}, tmp_path).path == mine
    )
    assert find_notebook("x.ipynb", running, {}, tmp_path).path is None


# ---------------------------------------------------------------------------------- plain values


class Hostile:
    def __repr__(self) -> str:
        raise RuntimeError


@given(st.recursive(st.floats() | st.text(st.characters(codec=None)) | st.binary(), st.lists))
def test_plain_values_are_what_json_can_say(value: Any) -> None:
    json.dumps(plain(value), ensure_ascii=False).encode("utf-8")


def test_plain_values_of_hostile_objects() -> None:
    loop: dict[str, Any] = {}
    loop["loop"] = loop
    assert plain(Hostile()) == "<Hostile>"
    json.dumps(plain(loop))
    assert plain({1: {2: (3,)}, None: Path("a")}) == {"1": {"2": [3]}, "None": "a"}
    assert "0x" not in plain(object())
    assert not is_plain(loop)
    assert not is_plain(Hostile())
    assert is_plain({"a": [1, "b", None, (2.5,)]})
