"""What led to an element and what came of it, and the reasons in words."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlprov_widgets.graph.document.model import Edge, Model, Node
from mlprov_widgets.graph.reasons import lineage
from mlprov_widgets.graph.reasons.answers import answer
from mlprov_widgets.graph.reasons.influence import ancestors, causes, descendants
from mlprov_widgets.graph.reasons.lineage import why
from mlprov_widgets.provenance.schema import ARROWS
from tests.graph.small import legacy_document, levels_of, literal, model
from tests.provenance.sample import failed, sample
from tests.work import growth


@pytest.fixture(scope="module")
def run() -> Model:
    return levels_of(sample()).model("engineer")


def texts(model_: Model, id: str) -> list[str]:
    return [step["text"] for step in why(model_, id)]


@pytest.mark.parametrize("kind", sorted(set(ARROWS) - {"wasInvalidatedBy", "alternateOf"}))
def test_influence_runs_against_the_arrows(kind: str) -> None:
    small = model({"a": "entity", "b": "entity"}, f"a {kind} b")
    assert ancestors(small, "a") == {"b"}
    assert descendants(small, "b") == {"a"}


@pytest.mark.parametrize("kind", ["wasInvalidatedBy", "alternateOf"])
def test_what_ended_or_shows_a_thing_did_not_make_it(kind: str) -> None:
    small = model({"a": "entity", "b": "entity"}, f"a {kind} b")
    assert ancestors(small, "a") == descendants(small, "b") == set()


def test_chains_are_followed_to_their_ends() -> None:
    small = model(
        {"data": "entity", "train": "activity", "model": "entity", "person": "agent"},
        "model wasGeneratedBy train, train used data, train wasAssociatedWith person",
    )
    assert ancestors(small, "model") == {"train", "data", "person"}
    assert descendants(small, "data") == {"train", "model"}


def test_cycles_end() -> None:
    small = model(
        {"a": "entity", "b": "entity", "c": "entity"},
        "a wasDerivedFrom b, b wasDerivedFrom c, c wasDerivedFrom a",
    )
    assert ancestors(small, "a") == descendants(small, "a") == {"b", "c"}
    assert len(why(small, "a")) <= 12


def test_members_of_a_collection_did_not_make_each_other() -> None:
    small = model(
        {"list": "entity", "one": "entity", "two": "entity", "call": "activity", "run": "activity"},
        "list hadMember one, list hadMember two, list wasGeneratedBy call, run used list",
    )
    assert ancestors(small, "one") == {"list", "call"}
    assert descendants(small, "one") == {"list", "run"}
    assert ancestors(small, "run") == {"list", "one", "two", "call"}
    assert descendants(small, "call") == {"list", "one", "two", "run"}


def test_a_field_of_a_collection_says_nothing_of_its_members() -> None:
    field = {"mlprov:field": "notebook.kernel"}
    small = model(
        {"book": "entity", "cell": "entity", "kernel": "entity"},
        "book hadMember cell, book wasDerivedFrom kernel",
        kernel=field,
    )
    assert ancestors(small, "book") == {"cell", "kernel"}
    assert descendants(small, "kernel") == {"book"}
    assert ancestors(small, "cell") == {"book"}


def test_someone_who_acted_for_another_did_not_come_of_the_activity() -> None:
    small = model(
        {"software": "agent", "person": "agent", "run": "activity", "thing": "entity"},
        "software actedOnBehalfOf person, software actedOnBehalfOf run, run used thing",
    )
    assert ancestors(small, "software") == {"person"}


def test_the_pipeline_runs_along_its_arrows() -> None:
    nodes = {name: Node(name, "step", name) for name in ("data", "model", "result")}
    pipeline = Model(
        "analyst", nodes, [Edge("data", "model", "", flow=1), Edge("model", "result", "", flow=1)]
    )
    assert ancestors(pipeline, "result") == {"data", "model"}
    assert descendants(pipeline, "data") == {"model", "result"}
    assert texts(pipeline, "result") == ["result", "result follows model", "model follows data"]


def test_a_group_has_what_led_to_any_of_its_elements() -> None:
    small = model(
        {"a": "entity", "b": "entity", "c": "entity", "d": "entity"},
        "b wasDerivedFrom a, c wasDerivedFrom b, d wasDerivedFrom c",
    )
    small.groups = {
        "outer": Node("outer", "group", "outer"),
        "inner": Node("inner", "group", "inner", parent="outer"),
    }
    small.nodes["b"].parent, small.nodes["c"].parent = "outer", "inner"
    assert ancestors(small, "outer") == {"a"}
    assert descendants(small, "outer") == {"d"}
    assert why(small, "outer") == []


def test_unknown_ids_have_no_lineage(run: Model) -> None:
    assert ancestors(run, "nothing") == descendants(run, "nothing") == set()
    assert why(run, "nothing") == []
    assert answer(run, "nothing") == ""


@settings(deadline=None, max_examples=60)
@given(
    st.lists(
        st.tuples(st.integers(0, 9), st.integers(0, 9), st.sampled_from(sorted(ARROWS))),
        max_size=30,
    )
)
def test_lineage_is_the_same_from_both_ends(
    edges: list[tuple[int, int, str]],
) -> None:
    nodes = {f"n{at}": Node(f"n{at}", "entity", f"n{at}") for at in range(10)}
    small = Model("engineer", nodes, [Edge(f"n{a}", f"n{b}", kind) for a, b, kind in edges])
    for one in nodes:
        for other in nodes:
            assert (other in ancestors(small, one)) == (one in descendants(small, other)), (
                one,
                other,
            )


def chain(size: int) -> Model:
    nodes = {f"n{at}": Node(f"n{at}", "entity", f"n{at}") for at in range(size)}
    edges = [Edge(f"n{at + 1}", f"n{at}", "wasDerivedFrom") for at in range(size - 1)]
    return Model("engineer", nodes, edges)


def test_long_chains_need_no_stack() -> None:
    size = 20 * sys.getrecursionlimit()
    long = chain(size)
    assert len(ancestors(long, f"n{size - 1}")) == len(descendants(long, "n0")) == size - 1
    assert len(why(long, f"n{size - 1}")) == 12


@pytest.mark.parametrize("ask", [ancestors, descendants, why])
def test_a_chain_twice_as_long_is_twice_the_work(ask: Callable[..., object]) -> None:
    def asked(model: Model) -> None:
        ask(model, "n0" if ask is descendants else f"n{len(model.nodes) - 1}")

    assert growth(asked, chain, 500) < 2.2


def test_one_field_or_package_does_not_come_of_everything(run: Model) -> None:
    assert ancestors(run, "run:field.experiment_info.creation_date") == {
        "run:function.datetime.datetime.now",
        "run:mlprov-widgets",
        "orcid:0000-0002-1825-0097",
    }
    assert "run:package.numpy" not in ancestors(run, "run:package.torch")
    assert "run:metric.accuracy" not in descendants(run, "run:package.torch")
    assert "run:metric.accuracy" not in descendants(
        run, "run:field.notebook.programming_language_version"
    )


def test_a_metric_came_of_data_model_and_cells(run: Model) -> None:
    led = ancestors(run, "run:metric.accuracy")
    assert {"run:dataset", "run:model", "run:execution.9.1", "run:cell.10", "run:pack"} <= led
    assert not {"run:hardware", "run:package.torch", "run:experiment"} & led
    assert "run:metric.accuracy" in descendants(run, "run:dataset")


def test_the_reasons_of_a_metric_go_down_to_data_and_seed(run: Model) -> None:
    steps = why(run, "run:metric.accuracy")
    said = [step["text"] for step in steps]
    assert said[0] == "accuracy is 0.9667"
    assert said[1].startswith("computed by cell 10 (model evaluation), execution 1, which read ")
    for name in ("model", "test_rows", "labels"):
        assert name in said[1]
    assert any("trained by cell 9 (model training), execution 1" in text for text in said)
    assert any(text.startswith("test_rows came from cell 7") for text in said)
    assert any("edited by hand), execution 2" in text for text in said)
    assert said[-2:] == ["the data is iris (SHA-256 dddddddddddd…)", "the seed is 1"]
    assert len(steps) <= 12
    assert [step["depth"] for step in steps] == sorted(step["depth"] for step in steps)
    assert all(step["id"] in run.nodes for step in steps)


def test_imports_and_the_run_itself_are_no_reasons(run: Model) -> None:
    said = " ".join(texts(run, "run:execution.5.1"))
    assert "load_iris" not in said
    assert "torch" not in " ".join(texts(run, "run:execution.8.1"))


def test_the_execution_that_recorded_a_value_is_named_rather_than_the_last_one() -> None:
    record = sample()
    cell = next(cell for cell in record.cells if cell.step == "model_evaluation")
    cell.executions[0].source += '\nrun.record("model_evaluation", evaluation_metrics=metrics)'
    cell.generated = cell.executions[0].source
    plot = sample().cells[-2]
    plot.step, plot.id, plot.executions[0].source = "model_evaluation", "plot", "plot(metrics)"
    record.cells.insert(record.cells.index(cell) + 1, plot)
    found = levels_of(record).model("engineer")
    assert answer(found, "run:metric.accuracy") == (
        "0.9667, computed by cell 10 (model evaluation), execution 1"
    )


def test_the_reasons_of_a_field_name_its_function_and_its_run(run: Model) -> None:
    id = "run:field.experiment_info.creation_date"
    assert answer(run, id) == "determined by datetime.datetime.now"
    said = texts(run, id)
    assert said[0].startswith("creation date is 2026-11-22T16:30:00")
    assert said[1] == "obtained by datetime.datetime.now"
    assert said[-1] == "for the run (finished)"


def test_a_group_of_fields_names_the_function_of_each(run: Model) -> None:
    assert answer(run, "run:experiment") == (
        "creation date determined by datetime.datetime.now and file size by pathlib.Path.stat"
    )


def test_other_elements_have_answers_too(run: Model) -> None:
    assert answer(run, "run:function.datetime.datetime.now") == "determined creation date"
    assert answer(run, "run:package.torch") == "2.15.0+cpu"
    assert answer(run, "run:cell.8") == "edited, ran 2 times"
    assert "cell 10" in answer(run, "run:data.model_evaluation")


def test_an_execution_that_failed_says_how() -> None:
    found = levels_of(failed()).model("engineer")
    error = "failed: RuntimeError: mat1 and mat2 shapes cannot be multiplied"
    assert answer(found, "run:execution.9.1") == error
    assert texts(found, "run:execution.9.1")[1] == f"it {error}"


def test_the_reasons_in_a_file_of_mlprovcodegen() -> None:
    found = levels_of(legacy_document()).model("engineer")
    id = "ex:Experiment Info Data"
    assert answer(found, id) == "determined by date.today(), called in set_experiment_info()"
    assert texts(found, id)[1] == (
        "creation date was determined by date.today(), called in set_experiment_info()"
    )
    said = texts(found, "ex:Evaluation Data")
    assert said[1] == (
        "Evaluation Data was generated by set_evaluation(), which was started by Cell Evaluation"
    )
    assert said[2] == "Cell Evaluation was influenced by Training Data"


def test_the_reasons_in_any_document() -> None:
    small = model(
        {"report": "entity", "write": "activity", "ada": "agent", "table": "entity"},
        "report wasGeneratedBy write, write used table, write wasAssociatedWith ada",
        report={"prov:value": literal("42", "xsd:int")},
    )
    assert answer(small, "report") == "42, generated by write"
    assert why(small, "report") == [
        {"text": "report is 42", "id": "report", "depth": 0},
        {"text": "report was generated by write", "id": "write", "depth": 1},
        {"text": "write used table", "id": "table", "depth": 2},
        {"text": "write was associated with ada", "id": "ada", "depth": 2},
    ]


def test_a_hub_is_summed_up() -> None:
    many = {f"d{at}": "entity" for at in range(5000)}
    edges = ",".join(f"sum used d{at}" for at in range(5000))
    small = model({"sum": "activity", **many}, edges)
    steps = why(small, "sum")
    assert len(steps) == 2
    assert steps[1]["text"] == "sum used d0, d1, d2, d3 and many more"
    assert len(ancestors(small, "sum")) == 5000


def test_of_a_dense_document_nobody_is_asked_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    names = [f"ex:e{at}" for at in range(40)]
    pairs = [(one, other) for one in names for other in names if one != other]
    container = {
        "prefix": {"ex": "http://example.org/"},
        "entity": {name: {} for name in names},
        "wasDerivedFrom": {
            f"_:d{at}": {"prov:generatedEntity": one, "prov:usedEntity": other}
            for at, (one, other) in enumerate(pairs)
        },
    }
    dense = levels_of(container).model("engineer")
    asked: list[str] = []

    def counted(model_: Model, id: str) -> Iterator[Any]:
        asked.append(id)
        return causes(model_, id)

    monkeypatch.setattr(lineage, "causes", counted)
    for name in names:
        _, told = why(dense, name)
        assert told["text"].startswith(f"{name.removeprefix('ex:')} was derived from")
    # Once each for what may be told of it, once for what is.
    assert len(asked) == 2 * len(names)
