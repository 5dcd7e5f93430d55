"""The viewer without a browser: both ways with Python, and what a hostile browser may say."""

from __future__ import annotations

import json
from base64 import b64decode
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import nbformat
import pytest
import traitlets
from IPython.core.formatters import DisplayFormatter
from IPython.core.interactiveshell import InteractiveShell

import mlprov_widgets
from mlprov_widgets.errors import MlprovError, RecordError
from mlprov_widgets.provenance import to_prov, write_record
from mlprov_widgets.provenance.prov_json import to_prov_json
from mlprov_widgets.widgets import ProvenanceViewer, view
from tests.provenance.sample import failed, sample
from tests.widgets.sight import tell

STEP = "step:model_evaluation"
PNG = b"\x89PNG\r\n\x1a\n"


class Front:
    """Speaks to a viewer as its other half does, and hears what that is told."""

    def __init__(self, viewer: ProvenanceViewer) -> None:
        self.viewer = viewer
        self.got: list[dict[str, Any]] = []
        viewer.comm.send = self.hear

    def hear(self, data: dict[str, Any], metadata: Any = None, buffers: Any = None) -> None:
        # What is no JSON would not have arrived.
        json.dumps(data, allow_nan=False).encode()
        self.got.append({**data, "buffers": buffers})

    def set(self, **state: Any) -> None:
        tell(self.viewer, {"method": "update", "state": state, "buffer_paths": []})

    def say(self, content: Any) -> None:
        tell(self.viewer, {"method": "custom", "content": content})

    @property
    def state(self) -> dict[str, Any]:
        """All that it was told since it listens, the last word on each."""
        found: dict[str, Any] = {}
        for message in self.got:
            found |= message.get("state", {})
        return found


@pytest.fixture
def viewer() -> ProvenanceViewer:
    return view(sample())


@pytest.fixture
def front(viewer: ProvenanceViewer) -> Front:
    return Front(viewer)


def ids(viewer: ProvenanceViewer) -> set[str]:
    return {node["id"] for node in viewer.scene["nodes"]}


def element(viewer: ProvenanceViewer, text: str) -> str:
    """Id of the first thing that is found."""
    found = viewer.search(text)[0]["id"]
    viewer.query = ""
    return found


# -- Python drives it ------------------------------------------------------------------------------


def test_it_opens_with_the_pipeline_and_its_values(viewer: ProvenanceViewer) -> None:
    assert isinstance(viewer, ProvenanceViewer)
    assert (viewer.level, viewer.selected, viewer.query) == ("analyst", "", "")
    assert viewer.levels == ["analyst", "engineer"]
    (result,) = [node for node in viewer.scene["nodes"] if node["id"] == STEP]
    assert result["headline"] == "0.9667"
    assert result["state"] == "result"
    assert viewer.summary["title"] == "Multiclass classification of iris"
    assert viewer.record is not None


def test_it_prints_a_few_lines(viewer: ProvenanceViewer, capsys: pytest.CaptureFixture) -> None:
    print(viewer)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "Multiclass classification of iris: finished"
    assert len(lines) < 12
    assert "accuracy 0.9667" in str(viewer)


def test_every_source_shows_the_same(tmp_path: Path) -> None:
    file = write_record(sample(), tmp_path / "iris.prov.json")
    notebook = tmp_path / "iris.ipynb"
    nbformat.write(nbformat.v4.new_notebook(), notebook)
    expected = view(file).scene
    run = SimpleNamespace(file=file, record=sample())
    for source in (str(file), file.read_text(), to_prov(sample()), sample(), run, notebook):
        assert view(source).scene == expected
    assert view(to_prov_json(sample())).scene == expected


def test_a_notebook_that_has_not_run_is_said(tmp_path: Path) -> None:
    notebook = tmp_path / "new.ipynb"
    nbformat.write(nbformat.v4.new_notebook(), notebook)
    with pytest.raises(RecordError, match=r"no provenance file \(new.prov.json\) beside it"):
        view(str(notebook))
    with pytest.raises(RecordError, match="There is no file"):
        view(tmp_path / "gone.ipynb")
    # Its own run's file, and no other notebook's.
    write_record(failed(), tmp_path / "new.prov.json")
    with pytest.raises(RecordError, match="that names it"):
        view(notebook)
    mine = sample()
    mine.notebook["name"] = "new.ipynb"
    write_record(mine, tmp_path / "new-2.prov.json")
    assert "finished" in str(view(notebook))


def test_an_unreadable_source_is_a_sentence_and_no_traceback(tmp_path: Path) -> None:
    shell = InteractiveShell.instance()
    try:
        with pytest.raises(RecordError) as caught:
            view(tmp_path / "nowhere.json")
        said: list[list[str]] = []
        shell._showtraceback = lambda kind, error, lines: said.append(lines)
        shell.showtraceback((caught.type, caught.value, caught.tb))
    finally:
        InteractiveShell.clear_instance()
    assert said == [[f"There is no file {tmp_path / 'nowhere.json'}."]]


def test_traits_can_be_set_and_observed(viewer: ProvenanceViewer, front: Front) -> None:
    changes: list[tuple[str, Any, str]] = []
    viewer.observe(
        # What follows from a choice is there when the choice is told of.
        lambda change: changes.append((change["name"], change["new"], viewer.scene["level"])),
        ["level", "selected"],
    )
    viewer.selected = STEP
    viewer.level = "engineer"
    assert changes == [("selected", STEP, "analyst"), ("level", "engineer", "engineer")]
    assert front.state["level"] == "engineer"
    assert front.state["scene"]["level"] == "engineer"
    assert front.state["marks"]["selected"] == STEP


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("level", "manager", "There is no level 'manager'; there is analyst and engineer"),
        ("selected", "ex:nothing", "Nothing in the document has the id 'ex:nothing'"),
        ("opened", ["group:nothing"], "There is no group 'group:nothing'"),
        ("query", "x" * 201, "at most 200 characters"),
    ],
)
def test_what_there_is_not_is_refused(
    viewer: ProvenanceViewer, name: str, value: Any, words: str
) -> None:
    before = getattr(viewer, name), viewer.scene
    with pytest.raises(traitlets.TraitError, match=words):
        setattr(viewer, name, value)
    assert (getattr(viewer, name), viewer.scene) == before
    with pytest.raises(traitlets.TraitError):
        viewer.scene = {}


def test_the_selection_is_kept_from_level_to_level(viewer: ProvenanceViewer) -> None:
    viewer.selected = STEP
    viewer.level = "engineer"
    assert viewer.selected == STEP
    assert viewer.marks["selected"] == STEP
    viewer.level = "analyst"
    assert viewer.marks["selected"] == STEP
    # An element that no box stands for is shown where it is.
    viewer.selected = element(viewer, "creation date")
    assert viewer.level == "engineer"
    assert viewer.marks["selected"] == viewer.selected
    assert viewer.selected in ids(viewer)
    assert viewer.details["id"] == viewer.selected


def test_groups_fold_and_unfold(viewer: ProvenanceViewer) -> None:
    viewer.level = "engineer"
    viewer.fold()
    assert viewer.opened == []
    assert viewer.scene["groups"] == []
    folded = ids(viewer)
    viewer.unfold(STEP)
    assert STEP in viewer.opened
    assert len(ids(viewer)) > len(folded)
    viewer.fold(STEP)
    assert ids(viewer) == folded
    viewer.unfold()
    assert not [node for node in viewer.scene["nodes"] if node["kind"] == "group"]
    viewer.opened = [STEP]
    assert [group["id"] for group in viewer.scene["groups"]] == [STEP]
    with pytest.raises(MlprovError, match="There is no group"):
        viewer.fold("x")
    with pytest.raises(MlprovError, match="There is no group"):
        viewer.unfold("x")


def test_each_level_remembers_what_is_open(viewer: ProvenanceViewer) -> None:
    viewer.level = "engineer"
    viewer.opened = [STEP]
    viewer.level = "analyst"
    assert viewer.opened == []
    viewer.level = "engineer"
    assert viewer.opened == [STEP]


def test_only_the_path_of_interest(viewer: ProvenanceViewer) -> None:
    viewer.level = "engineer"
    viewer.unfold()
    everything = ids(viewer)
    id = element(viewer, "accuracy")
    viewer.focus(id)
    assert viewer.selected == id
    assert id in ids(viewer)
    assert len(ids(viewer)) < len(everything)
    assert [node for node in viewer.scene["nodes"] if node["kind"] == "group"]
    viewer.selected = ""
    viewer.focus()
    assert viewer.opened == []


def test_search_leads_to_the_answer(viewer: ProvenanceViewer) -> None:
    found = viewer.search("creation date")
    assert viewer.query == "creation date"
    assert viewer.results["items"] == list(found)
    assert found.total >= 1
    assert "datetime.datetime.now" in found[0]["answer"]
    assert "matches for 'creation date'" in repr(found)
    assert "datetime.datetime.now" in repr(found)
    assert "0.9667" in viewer.search("accuracy")[0]["answer"]
    assert viewer.marks["matches"].get(STEP)
    assert viewer.search("no such thing at all") == []
    assert viewer.marks["matches"] == {}


def test_details_and_reasons(viewer: ProvenanceViewer) -> None:
    assert viewer.describe() == {}
    id = element(viewer, "creation date")
    viewer.selected = id
    assert viewer.details == viewer.describe() == viewer.describe(id)
    assert "datetime.datetime.now" in viewer.details["answer"]
    assert "datetime.datetime.now" in repr(viewer.why(id))
    assert viewer.why()[0]["depth"] == 0
    with pytest.raises(MlprovError, match="Nothing in the document"):
        viewer.describe("ex:nothing")


def test_lineage_is_marked(viewer: ProvenanceViewer) -> None:
    viewer.selected = "step:model_parameters"
    shown = set(viewer.marks["ancestors"]) | set(viewer.marks["descendants"])
    assert STEP in viewer.marks["descendants"]
    assert "step:data_ingestion" in viewer.marks["ancestors"]
    assert shown <= ids(viewer)


# -- files -----------------------------------------------------------------------------------------


def test_files_are_new_and_of_what_is_shown(viewer: ProvenanceViewer, tmp_path: Path) -> None:
    page = viewer.to_html(tmp_path / "run.html")
    assert page.read_text().startswith("<!DOCTYPE html>")
    assert viewer.to_png(tmp_path / "run.png").read_bytes().startswith(PNG)
    svg = viewer.to_svg(tmp_path / "run.svg").read_text()
    assert ">0.9667<" in svg
    viewer.level = "engineer"
    viewer.fold()
    folded = viewer.to_svg()
    assert " elements<" in folded
    viewer.unfold()
    assert len(viewer.to_svg()) > len(folded)
    assert ">0.9667<" in viewer.to_svg(level="analyst")
    for write in (viewer.to_html, viewer.to_png, viewer.to_svg):
        with pytest.raises(RecordError, match="there already"):
            write(page)
        with pytest.raises(RecordError, match="cannot be written"):
            write(tmp_path / "no" / "x")
    with pytest.raises(MlprovError, match="There is no level 'manager'"):
        viewer.to_svg(level="manager")


# -- the run that it reproduces --------------------------------------------------------------------


def reproduction(folder: Path, named: str = "first.prov.json") -> Path:
    """Write a run and one that reproduces it; gives the file of the latter."""
    original = sample()
    write_record(original, folder / "first.prov.json")
    again = replace(
        sample(),
        run_id="8d7e0a52-2f0c-4a58-9f0a-6c2d1f5a7b11",
        original={
            "run_id": original.run_id,
            "name": "first",
            "verdict": "bit-identical",
            "provenance_file": named,
        },
    )
    return write_record(again, folder / "again.prov.json")


def test_a_reproduction_opens_the_original_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = reproduction(tmp_path)
    original = view(file).original()
    assert original.record.run_id == sample().run_id
    with pytest.raises(RecordError, match="This is no reproduction"):
        original.original()
    with pytest.raises(RecordError, match=r"is not in .*put it there, or open"):
        view(file.read_text()).original()
    monkeypatch.chdir(tmp_path)
    assert view(file.read_text()).original().record.run_id == sample().run_id
    assert view("again.prov.json").original().record.run_id == sample().run_id


def test_another_run_is_not_taken_for_the_original(tmp_path: Path) -> None:
    file = reproduction(tmp_path)
    (tmp_path / "first.prov.json").unlink()
    another = replace(sample(), run_id="0e0f7c11-94f4-4f19-8a53-1f0f2f9d6a20")
    write_record(another, tmp_path / "first.prov.json")
    with pytest.raises(RecordError, match="is that of another run by now"):
        view(file).original()


@pytest.mark.parametrize("named", ["../first.prov.json", "/etc/passwd", "..", ""])
def test_the_original_is_never_looked_for_elsewhere(tmp_path: Path, named: str) -> None:
    (tmp_path / "runs").mkdir()
    write_record(sample(), tmp_path / "first.prov.json")
    with pytest.raises(RecordError, match="not recorded in which file"):
        view(reproduction(tmp_path / "runs", named)).original()


# -- the browser -----------------------------------------------------------------------------------


def test_the_browser_chooses(viewer: ProvenanceViewer, front: Front) -> None:
    told: list[Any] = []
    viewer.observe(lambda change: told.append((change["new"], viewer.details["id"])), "selected")
    front.set(selected=STEP)
    assert viewer.selected == STEP
    assert told == [(STEP, STEP)]
    assert front.state["marks"]["selected"] == STEP
    assert front.state["details"]["id"] == STEP
    # What it said itself is not said again.
    assert "selected" not in front.state
    front.set(level="engineer", opened=[STEP])
    assert (viewer.level, viewer.opened) == ("engineer", [STEP])
    assert [group["id"] for group in front.state["scene"]["groups"]] == [STEP]
    front.set(query="accuracy")
    assert front.state["results"]["total"]


@pytest.mark.parametrize(
    "state",
    [
        {"level": "manager"},
        {"level": None},
        {"selected": "<script>"},
        {"selected": ["a"]},
        {"selected": {}},
        {"opened": "group:x"},
        {"opened": [1, {}]},
        {"opened": ["nothing"]},
        {"opened": {"a": 1}},
        {"query": "x" * 100_000},
        {"query": 3},
        {"scene": {"nodes": []}},
        {"summary": {"title": "<script>"}},
        {"details": {"id": "x"}},
        {"levels": ["x"]},
        {"_esm": "alert(1)"},
        {"_css": "x"},
        {"_dom_classes": ["x"]},
        {"layout": "IPY_MODEL_x"},
        {"comm": 1, "__class__": 2, "keys": []},
    ],
)
def test_nonsense_changes_nothing_and_the_truth_is_sent_back(
    viewer: ProvenanceViewer, front: Front, state: dict[str, Any]
) -> None:
    before = viewer.get_state()
    front.set(**state)
    assert viewer.get_state() == before
    for name in state:
        if name in before:
            assert front.state[name] == before[name]
    # It goes on as if nothing had been.
    front.set(selected=STEP)
    assert viewer.selected == STEP


def test_right_and_wrong_together(viewer: ProvenanceViewer, front: Front) -> None:
    front.set(selected="nothing", level="engineer", scene={})
    assert (viewer.level, viewer.selected) == ("engineer", "")
    assert front.state["selected"] == ""


def test_messages(viewer: ProvenanceViewer, front: Front) -> None:
    front.set(level="engineer")
    front.say({"kind": "unfold_all"})
    assert not [node for node in viewer.scene["nodes"] if node["kind"] == "group"]
    front.say({"kind": "fold_all"})
    assert front.state["opened"] == []
    front.set(selected=element(viewer, "accuracy"))
    front.say({"kind": "focus"})
    assert viewer.opened
    front.say({"kind": "page"})
    assert front.got[-1]["content"]["kind"] == "file"
    assert front.got[-1]["content"]["name"].endswith(".html")
    assert bytes(front.got[-1]["buffers"][0]).startswith(b"<!DOCTYPE html>")
    heard = len(front.got)
    for content in (None, [], "page", {}, {"kind": ["page"]}, {"kind": "rm"}, 3):
        front.say(content)
    assert len(front.got) == heard


def test_a_page_that_cannot_be_made_is_said(
    viewer: ProvenanceViewer, front: Front, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> str:
        raise RuntimeError("/secret/place")

    monkeypatch.setattr("mlprov_widgets.graph.viewing.StaticView.to_page", broken)
    front.say({"kind": "page"})
    assert front.got[-1]["content"]["kind"] == "refused"
    assert "secret" not in front.got[-1]["content"]["message"]


# -- the notebook ----------------------------------------------------------------------------------


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    monkeypatch.setattr("IPython.display.display", lambda data, **_: found.append(data))
    return found


def test_a_notebook_gets_a_picture_and_the_viewer(
    viewer: ProvenanceViewer, shown: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mlprov_widgets.widgets.saved.in_kernel", lambda: True)
    DisplayFormatter().format(viewer)
    picture, widget = shown
    assert set(picture) == {"text/html", "text/plain"}
    assert ">0.9667<" in picture["text/html"]
    assert "<script" not in picture["text/html"]
    assert picture["text/plain"] == str(viewer)
    model = widget["application/vnd.jupyter.widget-view+json"]["model_id"]
    assert model == viewer.model_id
    assert "text/html" not in widget
    assert b64decode(widget["image/png"]).startswith(b"\x89PNG")


def test_a_terminal_gets_the_text(viewer: ProvenanceViewer, shown: list[dict[str, Any]]) -> None:
    DisplayFormatter().format(viewer)
    assert [data["text/plain"] for data in shown] == [str(viewer)]


def test_the_public_view_is_the_viewer() -> None:
    assert mlprov_widgets.view is view


# -- documents of others ---------------------------------------------------------------------------


HOSTILE = "<script>alert(1)</script>\"'\ud800\u202e" + "x" * 1000


def hostile() -> dict[str, Any]:
    return {
        "prefix": {HOSTILE: HOSTILE},
        "entity": {
            HOSTILE: {"prov:label": HOSTILE, HOSTILE: HOSTILE, "ex:nan": float("nan")},
            "step:data_ingestion": {},
            "group:experiment": [{"ex:a": {"$": HOSTILE}}, 3],
        },
        "activity": {f"a{n}{HOSTILE}": {"prov:type": HOSTILE} for n in range(60)},
        "used": {"_:u": {"prov:activity": f"a1{HOSTILE}", "prov:entity": HOSTILE}},
        "bundle": {HOSTILE: {"entity": {HOSTILE: {}}}},
        "agent": 7,
    }


def test_a_hostile_document_is_shown(tmp_path: Path) -> None:
    viewer = view(hostile())
    front = Front(viewer)
    for level in ("engineer", "analyst", "engineer"):
        front.set(level=level)
        viewer.unfold()
        for id in sorted(ids(viewer))[:80]:
            viewer.selected = id
            viewer.why()
        viewer.search("script")
        assert viewer.to_svg()
    page = viewer.to_html(tmp_path / "page.html").read_text(encoding="utf-8")
    assert "<script>alert" not in page


def test_an_empty_document_is_shown() -> None:
    viewer = view({})
    assert viewer.scene["nodes"] == []
    viewer.level = "engineer"
    viewer.unfold()
    viewer.focus()
    assert viewer.search("x") == []
    assert viewer.to_svg()


def test_what_nobody_thought_of_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(source: Any) -> None:
        raise KeyError(source)

    monkeypatch.setattr("mlprov_widgets.graph.viewing.static_view", fails)
    with pytest.raises(RecordError, match=r"cannot be shown: .* not expected \(KeyError\)"):
        view({"entity": {}})


def test_a_refused_value_is_a_sentence_in_a_notebook(viewer: ProvenanceViewer) -> None:
    with pytest.raises(MlprovError, match="There is no level 'expert'"):
        viewer.level = "expert"
