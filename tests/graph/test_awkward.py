"""Whatever is given to be looked at is shown, or refused in a sentence, and soon."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from prov.model import ProvDocument

from mlprov_widgets.errors import RecordError
from mlprov_widgets.graph.document.sources import open_source
from mlprov_widgets.graph.pictures import standalone
from mlprov_widgets.graph.viewing import static_view, write_file
from mlprov_widgets.provenance.prov_json import to_prov_json
from tests.graph.made_documents import check_model
from tests.provenance.sample import sample
from tests.work import growth


def shown(source: Any) -> list[str]:
    """Ids of the elements, after everything that a viewer asks for has been asked for."""
    seen = static_view(source)
    for level in seen.levels.names:
        check_model(seen.levels.model(level))
    json.dumps(seen.summary, allow_nan=False)
    assert seen.to_html()
    assert seen.to_page()
    return list(seen.levels.model("engineer").nodes)


# -- sources ---------------------------------------------------------------------------------------


def test_a_pipe_that_nobody_writes_to_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(RecordError, match="is not a file"):
        open_source(tmp_path / "pipe")


def test_any_kind_of_path(tmp_path: Path) -> None:
    class Place:
        def __fspath__(self) -> str:
            return str(tmp_path / "a.json")

    (tmp_path / "a.json").write_text('{"entity": {"ex:a": {}}}')
    assert open_source(Place()).name == "a.json"


def test_documents_bundles_and_records_of_prov() -> None:
    class Own(ProvDocument):
        pass

    document = Own()
    document.add_namespace("ex", "http://example.org/")
    element = document.entity("ex:a")
    bundle = document.bundle("ex:bundle")
    bundle.entity("ex:b", {"prov:type": document.valid_qualified_name("ex:Kind")})
    assert shown(document) == ["ex:a", "ex:bundle/ex:b"]
    assert shown(bundle) == ["ex:b"]
    with pytest.raises(RecordError, match="not from a value of type ProvEntity"):
        static_view(element)


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ({"cells": [], "nbformat": 4}, "give the notebook's path"),
        ({"nodes": [], "links": []}, "no provenance in it: it has 'nodes' and 'links'"),
        ('{"a": 1}', "no provenance in it: it has 'a'"),
        ({"@context": {"ex": "http://e/"}, "@graph": [{"@id": "ex:a"}]}, "PROV-JSONLD"),
    ],
)
def test_what_is_no_provenance_is_said(source: Any, words: str) -> None:
    with pytest.raises(RecordError, match=words):
        static_view(source)


def test_an_empty_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "nothing.json").touch()
    with pytest.raises(RecordError, match=r"nothing.json: It is empty\."):
        static_view(tmp_path / "nothing.json")


def test_a_dict_may_hold_what_json_cannot() -> None:
    body = {1: 2, "ex:many": np.arange(3), "ex:one": np.float64(3), "ex:pair": (1, 2), "ex:o": {1}}
    assert shown({"entity": {1: body, "ex:b": {2: {3: 4}}}}) == ["1", "ex:b"]


def test_a_dict_that_holds_itself_is_said() -> None:
    document: dict[str, Any] = {"entity": {}}
    document["bundle"] = {"ex:b": document}
    with pytest.raises(RecordError, match="cannot be read as PROV-JSON"):
        static_view(document)


# -- JSON that is not quite JSON -------------------------------------------------------------------


def test_values_that_json_has_not_are_shown() -> None:
    text = '{"entity": {"ex:loss": {"prov:value": NaN, "ex:best": -Infinity, "ex:n": %s}}}'
    seen = static_view(text % ("9" * 5000))
    assert shown(text % 1) == ["ex:loss"]
    assert (
        seen.summary["note"] == "It is shown all the same: It is not valid JSON: NaN is not JSON."
    )


def test_keys_that_come_twice_are_both_shown() -> None:
    text = (
        '{"entity": {"ex:a": {"ex:x": 1, "ex:x": 2}, "ex:a": {"ex:y": 3}}, '
        '"entity": {"ex:a": {}, "ex:b": {}}}'
    )
    seen = static_view(text)
    assert shown(text) == ["ex:a", "ex:b"]
    assert seen.levels.model("engineer").nodes["ex:a"].body == {"ex:x": [1, 2], "ex:y": 3}
    assert "comes twice" in seen.summary["note"]


def test_a_run_with_two_truths_is_not_shown_as_one() -> None:
    text = json.dumps(to_prov_json(sample()))
    opened = open_source(text.replace('"entity":', '"entity": {}, "entity":', 1))
    assert opened.record is None
    assert "comes twice" in opened.problem


# -- deep and large --------------------------------------------------------------------------------


@pytest.mark.parametrize("depth", [100, 400, 900, 10_000])
def test_deep_nesting_is_shown_or_said(depth: int) -> None:
    values = {
        "list": "[" * depth + "]" * depth,
        "literal": '{"$":' * depth + "1" + "}" * depth,
        "object": '{"k":' * depth + "1" + "}" * depth,
    }
    texts = [
        f'{{"entity": {{"a": {{"x": {value}, "prov:type": {value}, "prov:label": {value}}}}}}}'
        for value in values.values()
    ]
    texts.append('{"bundle": {"b":' * depth + '{"entity": {"a": {}}}' + "}}" * depth)
    for text in texts:
        try:
            assert shown(text)
        except RecordError as error:
            assert "nested too deeply" in str(error)  # noqa: PT017
            assert depth > 300


def test_the_spokes_of_a_hub_do_not_look_at_each_other() -> None:
    def hub(size: int) -> dict[str, Any]:
        return {
            "entity": {"hub": {}},
            "activity": {f"a{at}": {} for at in range(size)},
            "used": {
                f"_:{at}": {"prov:activity": f"a{at}", "prov:entity": "hub"} for at in range(size)
            },
        }

    assert growth(lambda document: static_view(document).to_page(), hub, 100) < 2.2


def test_a_page_has_room_for_so_many_relations(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(standalone, "MAX_ELEMENTS", 100)
    document = {
        "entity": {f"e{at}": {} for at in range(90)},
        "wasDerivedFrom": {
            f"_:{a}-{b}": {"prov:generatedEntity": f"e{a}", "prov:usedEntity": f"e{b}"}
            for a in range(90)
            for b in range(40)
        },
    }
    seen = static_view(document)
    whole = standalone.whole_of(seen.levels, seen.summary)
    kept = len(whole["models"]["engineer"]["nodes"])
    assert 5 < kept < 60
    assert f"{90 - kept} more are in the document" in whole["summary"]["note"]


# -- files to write --------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["there", "folder", "link", "nowhere/x", "a\0b", "x" * 300])
def test_a_file_that_cannot_be_written_is_said(name: str, tmp_path: Path) -> None:
    (tmp_path / "there").write_text("kept")
    (tmp_path / "folder").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "target")
    with pytest.raises(RecordError, match=r"is there already|cannot be written"):
        write_file(tmp_path / name, b"content")
    assert (tmp_path / "there").read_text() == "kept"
    assert not (tmp_path / "target").exists()


def test_half_a_file_is_not_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = Path.open

    def full(self: Path, *args: Any) -> Any:
        file = real(self, *args)

        class Full:
            def __enter__(self) -> Any:
                return self

            def __exit__(self, *_: object) -> None:
                file.close()

            def write(self, _: bytes) -> None:
                raise OSError(28, "No space left on device")

        return Full()

    monkeypatch.setattr(Path, "open", full)
    with pytest.raises(RecordError, match="No space left"):
        write_file(tmp_path / "page.html", b"content")
    assert not (tmp_path / "page.html").exists()


# -- names -----------------------------------------------------------------------------------------


def test_an_element_without_a_name_is_not_the_top_of_the_document() -> None:
    """The front end placed the top inside of itself, without end."""
    relation = {"_:d": {"prov:generatedEntity": "", "prov:usedEntity": "ex:a"}}
    for document in (
        {"entity": {"": {}, "ex:a": {}}, "wasDerivedFrom": relation},
        {"entity": {"ex:a": {}}, "wasDerivedFrom": relation},
        {"bundle": {"": {"entity": {"": {}, "ex:a": {}}, "wasDerivedFrom": relation}}},
    ):
        assert sorted(shown(document)) == ["element:", "ex:a"]


def test_names_that_look_alike_are_different_elements() -> None:
    names = ["a", "A", "\u0430", "ex:a b", "ex:a%20b", "ex:a+b", "ex:\u00e9", "ex:e\u0301"]
    names += [
        "__proto__",
        "constructor",
        "toString",
        "x\ud800",
        "x\udc00",
        "x?",
        "\u200b",
        "\u202e",
    ]
    names += ["step:data_ingestion", "element:step:data_ingestion", "group:x", "ex:" + "y" * 300]
    names += ["ex:" + "y" * 301, " ", "\n", "\0"]
    relations = {
        f"_:{at}": {"prov:generatedEntity": name, "prov:usedEntity": names[at - 1]}
        for at, name in enumerate(names)
    }
    place = {"entity": {name: {"prov:label": name} for name in names}, "wasDerivedFrom": relations}
    document = {**place, "bundle": dict.fromkeys(names[:4], place)}
    found = static_view(document).levels.model("engineer")
    assert len(found.nodes) == 5 * len(names)
    assert len({(edge.source, edge.target) for edge in found.edges}) == 5 * len(names)
    assert shown(document)
