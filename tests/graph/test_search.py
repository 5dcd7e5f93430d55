"""What people look for is found first, whatever the document is called in and however large."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mlprov_widgets.graph.details.search import Index
from mlprov_widgets.provenance.prov_json import to_prov_json
from tests.graph.small import legacy_document, levels_of, literal, model
from tests.provenance.sample import sample
from tests.work import growth


@pytest.fixture(scope="module")
def ours() -> Index:
    return Index(levels_of(sample()).model("engineer"))


@pytest.fixture(scope="module")
def legacy() -> Index:
    return Index(levels_of(legacy_document()).model("engineer"))


def first(index: Index, query: str) -> dict:
    return index.find(query)["items"][0]


@pytest.mark.parametrize(
    "query",
    ["accuracy", "Accuracy", "ACCURACY", "  accuracy "],
)
def test_accuracy_leads_to_its_value(ours: Index, legacy: Index, query: str) -> None:
    found = first(ours, query)
    assert (found["id"], found["answer"]) == ("run:metric.accuracy", "0.9667")
    found = first(legacy, query)
    assert (found["id"], found["answer"]) == ("ex:Evaluation Data", "0.9333")
    assert "".join(found["snippet"]).lower() == "accuracy: 0.9333"
    assert found["snippet"][1].lower() == "accuracy"


@pytest.mark.parametrize(
    "query",
    ["creation date", "creation_date", "creationDate", "Creation-Date", "CREATION  DATE"],
)
def test_creation_date_leads_to_the_function_that_determined_it(
    ours: Index, legacy: Index, query: str
) -> None:
    found = first(ours, query)
    assert found["id"] == "run:field.experiment_info.creation_date"
    assert found["answer"] == "determined by datetime.datetime.now"
    found = first(legacy, query)
    assert found["id"] == "ex:Experiment Info Data"
    assert found["answer"] == "determined by date.today(), called in set_experiment_info()"
    assert "".join(found["snippet"]) == "creation date: 2022-03-02"


def test_an_attribute_of_a_group_has_its_function_too(ours: Index) -> None:
    found = {item["id"]: item for item in ours.find("creation date")["items"]}
    assert found["run:experiment"]["answer"] == "determined by datetime.datetime.now"
    # Nothing in the sample says what determined that of the notebook.
    assert found["run:notebook"]["answer"] == "2026-11-22"


def test_places_are_ranked() -> None:
    found = Index(
        model(
            {
                "code": "entity",
                "type": "entity",
                "value": "entity",
                "a loss of time": "entity",
                "attribute": "entity",
                "loss_function": "entity",
                "loss": "entity",
            },
            code={"ex:source": "criterion(outputs).loss"},
            type={"prov:type": literal("ex:Loss", "xsd:QName")},
            value={"ex:kept": "the loss"},
            attribute={"ex:loss": 1.5},
        )
    )
    assert found.hits("loss") == [
        "loss",
        "loss_function",
        "attribute",
        "a loss of time",
        "value",
        "type",
        "code",
    ]
    whats = [item["what"] for item in found.find("loss")["items"]]
    assert whats == ["name", "name", "name", "name", "value", "type", "code"]


def test_a_whole_name_counts_more_than_part_of_another(ours: Index) -> None:
    assert first(ours, "RAM")["id"] == "run:field.hardware_info.RAM"
    ids = ours.hits("RAM")
    # "ram" is in "parameters" too.
    assert ids.index("run:hardware") < ids.index("run:data.model_parameters")


def test_edited_cells_come_before_a_notebook_that_is_called_so() -> None:
    record = sample()
    record.notebook["name"] = "edited.ipynb"
    index = Index(levels_of(record).model("engineer"))
    found = index.find("edited")["items"]
    assert found[0]["id"] == "run:cell.8"
    assert found[0]["snippet"][1] == "edited"
    assert "edited.ipynb" in [item["title"] for item in found[1:]]


def test_every_word_must_occur_in_one_element() -> None:
    index = Index(
        model(
            {"one": "entity", "two": "entity", "both": "entity"},
            one={"ex:colour": "red"},
            two={"ex:shape": "round"},
            both={"ex:colour": "red", "ex:shape": "round"},
        )
    )
    assert index.hits("red round") == ["both"]
    assert index.hits("round colour") == ["both"]
    assert index.hits("round green") == []


def test_each_element_is_found_once_and_all_are_counted(ours: Index) -> None:
    ids = ours.hits("e")
    assert len(ids) == len(set(ids))
    found = ours.find("e", limit=5)
    assert found["total"] == len(ids) > 50
    assert [item["id"] for item in found["items"]] == ids[:5]


def test_parts_of_a_value_that_is_an_object_are_found_by_name(ours: Index) -> None:
    found = {item["id"]: item for item in ours.find("balanced accuracy")["items"]}
    assert found["run:data.model_evaluation"]["answer"] == "0.9667"


def test_code_is_found_where_it_is(ours: Index) -> None:
    found = ours.find("train_one_epoch")["items"]
    assert {item["id"] for item in found} == {"run:cell.9", "run:execution.9.1"}
    assert {item["what"] for item in found} == {"code"}
    assert found[0]["snippet"][1] == "train_one_epoch"
    assert found[0]["where"]


def test_qualified_names_are_found_when_they_are_asked_for(ours: Index) -> None:
    assert ours.hits("run:metric.accuracy")[0] == "run:metric.accuracy"
    # The prefix alone is no reason to find everything.
    assert len(ours.hits("run")) < len(ours.model.nodes) / 2


@pytest.mark.parametrize("query", ["", "   ", "-", "___"])
def test_nothing_is_found_for_nothing(ours: Index, query: str) -> None:
    assert ours.find(query) == {"query": query, "total": 0, "items": []}


@pytest.mark.parametrize("query", ["(", "[a-", "\\", "*", "a" * 5000, "\ud800", "<script>"])
def test_any_query_is_text(ours: Index, query: str) -> None:
    ours.find(query)


def test_names_in_other_scripts_are_found() -> None:
    index = Index(model({"Größe": "entity", "精度": "entity", "ΔΌΞΑ": "entity"}))
    assert index.hits("GRÖSSE") == ["Größe"]
    assert index.hits("精度") == ["精度"]
    assert index.hits("δόξα") == ["ΔΌΞΑ"]


def test_hidden_characters_of_a_match_are_seen() -> None:
    index = Index(model({"one": "entity"}, one={"ex:note": "safe \u202eevil\x00"}))
    snippet = "".join(index.find("evil")["items"][0]["snippet"])
    assert "\\u202e" in snippet
    assert "\u202e" not in snippet
    assert "\x00" not in snippet


def test_huge_strings_do_no_harm() -> None:
    def huge(size: int) -> Index:
        text = "needle " + "x" * size
        return Index(
            model(
                {"one": "entity", "two": "entity"},
                one={"ex:note": text, "ex:source": text, "ex:" + "n" * size: "value"},
                two={"ex:list": literal(json.dumps([1] * (size // 3)), "rdf:JSON")},
            )
        )

    assert growth(lambda index: index.find("needle x"), huge, 10_000) < 2.2
    index = huge(1_000_000)
    found = index.find("needle x")
    assert index.hits("needle") == ["one"]
    assert len(json.dumps(found)) < 5000


@pytest.mark.parametrize("query", ["accuracy", "e", "some words 77", "nowhere"])
def test_twice_the_elements_are_at_most_twice_the_work(query: str) -> None:
    def many(size: int) -> Index:
        bodies = {
            f"element {at}": {"ex:accuracy": at / 10_000, "ex:note": f"some words {at} " * 10}
            for at in range(size)
        }
        index = Index(model(dict.fromkeys(bodies, "entity"), **bodies))
        index.find("x")
        return index

    assert growth(lambda index: index.find(query), many, 1000) < 2.2


def test_what_other_formats_of_prov_keep_is_found_as_well() -> None:
    from mlprov_widgets.provenance import to_prov

    turtle = to_prov(sample()).serialize(format="rdf", rdf_format="ttl")
    index = Index(levels_of(turtle).model("engineer"))
    assert first(index, "accuracy")["answer"] == "0.9667"
    assert first(index, "creation date")["answer"] == "determined by datetime.datetime.now"


def test_a_container_gives_the_same_as_its_record(ours: Index) -> None:
    index = Index(levels_of(to_prov_json(sample())).model("engineer"))
    assert index.find("learning rate") == ours.find("learning rate")


@pytest.mark.parametrize(
    ("file", "accuracy", "function"),
    [
        ("multiclass_iris_2022-05-19.json", "0.9333", "date.today()"),
        ("image_mnist_resnet18.json", "0.1094", "os.path.getctime"),
    ],
)
def test_both_questions_are_answered_for_published_files(
    shared_data: Path, file: str, accuracy: str, function: str
) -> None:
    index = Index(levels_of(shared_data / "legacy" / file).model("engineer"))
    assert first(index, "accuracy")["answer"] == accuracy
    expected = f"determined by {function}, called in set_experiment_info()"
    assert first(index, "creation date")["answer"] == expected
