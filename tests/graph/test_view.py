"""A run is shown at a glance and in full; nothing that a file holds gets out of its text."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace
from xml.etree import ElementTree

import prov.tests
import pytest
from hypothesis import given, settings

from mlprov_widgets.errors import RecordError
from mlprov_widgets.graph import static_view, to_dot, to_png, to_svg
from mlprov_widgets.provenance import to_prov, write_record
from mlprov_widgets.provenance.prov_json import to_prov_json
from mlprov_widgets.record import Cell, Execution, Record, Step
from tests.graph.small import levels_of
from tests.provenance.sample import failed, sample
from tests.provenance.strategies import RECORDS
from tests.work import growth

EVIL = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</pre></details><iframe src=//evil>",
    "<IMG SRC='/etc/passwd'/>",
    '"; URL="javascript:alert(1)"; x="',
    '\\N\\G\\L" shape=star',
    "]]>--><svg onload=alert(1)>",
    "</style><script>",
    "\x00\x08\ud800\ufffe",
    "> ]; bad [label=<<B>x</B>>",
)
PNG = b"\x89PNG\r\n\x1a\n"


class Page(HTMLParser):
    """What a browser would make of the HTML: its elements, attributes and text."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.urls: list[str] = []
        self.words: list[str] = []
        self.open: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.urls += [value or "" for name, value in attrs if name.endswith(("src", "href"))]
        self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        self.open.pop()

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if "style" not in self.open:
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


HTML_TAGS = {"div", "style", "dl", "dt", "dd", "ul", "li", "details", "summary", "span", "small"}
SVG_TAGS = {"svg", "g", "path", "polygon", "polyline", "ellipse", "text"}


def html(source: object) -> str:
    return static_view(source)._repr_mimebundle_()["text/html"]


def safe(text: str) -> Page:
    page = Page(text)
    assert page.tags <= HTML_TAGS | SVG_TAGS | {"pre", "p"}
    assert not [name for name in page.attributes if name.startswith("on")]
    assert page.urls == []
    assert page.open == [], "every element is closed"
    style = re.search("<style>(.*?)</style>", text, re.DOTALL)
    assert style
    assert "http" not in style.group(1)
    assert "@import" not in style.group(1)
    assert "url(" not in style.group(1)
    return page


def evil_record(text: str) -> Record:
    return Record(
        run_id=text,
        status="failed",
        agent={"name": text, text: text},
        software=text,
        pack={"name": text},
        values={text: text},
        experiment_info={"title": text, text: {text: [text]}},
        hardware_info={text: text},
        packages={text: text},
        notebook={"name": text},
        environment={text: [[1, 2], [text]]},
        git={"branch": text},
        functions={f"hardware_info.{text}": text},
        steps={
            "data_ingestion": Step(values={"dataset_id": text, "samples": text}),
            text: Step(values={text: text, "x": {text: text}}),
            "model_evaluation": Step(values={"evaluation_metrics": {text: 0.5, "accuracy": text}}),
        },
        fingerprints={"data": text},
        cells=[
            Cell(text, step=text, generated=text, executions=[Execution(text + "x", error=text)]),
            Cell(
                "b",
                step="model_training",
                executions=[
                    Execution(text, status="error", error=text, reads=[text], binds=[text])
                ],
            ),
        ],
        original={"run_id": text, "name": text, "verdict": text},
    )


def test_strip_picture_and_tree_say_what_happened():
    page = safe(html(sample()))
    for expected in ("0.9667", "StandardScaler", "CrossEntropyLoss", "Adam", "epochs", "3.25 s"):
        assert expected in page.text
    for expected in ("Ada Lovelace", "scikit-learn", "torch.optim.Adam(model.parameters()"):
        assert expected in page.text
    assert "cell 8 edited, cell 12 added" in page.text
    assert "edited by hand" in page.text
    assert {"svg", "details", "pre"} <= page.tags


def test_function_that_determined_a_value_stands_beside_it():
    text = safe(html(sample())).text
    assert "creation date 2026-11-22T16:30:00+00:00 obtained by datetime.datetime.now" in text
    assert "RAM 15.6 GiB obtained by psutil.virtual_memory" in text


def test_plain_summary_is_short():
    text = static_view(sample())._repr_mimebundle_()["text/plain"]
    assert text.splitlines()[0] == "Multiclass classification of iris: finished"
    assert "accuracy 0.9667" in text
    assert len(text.splitlines()) < 12
    assert repr(static_view(sample())) == text


def test_failed_run_says_so_and_names_the_cell():
    page = safe(html(failed()))
    assert "failed in cell 9 (model training): RuntimeError: mat1 and mat2" in page.text
    assert "cell 9 failed" in page.text
    assert "not reached" in page.text
    assert "failed in cell 9" in static_view(failed()).to_text()
    assert "cell 9 failed" in to_svg(failed())


def test_failure_outside_any_step_is_in_the_picture_too():
    record = Record(
        "x", "interrupted", cells=[Cell("a", executions=[Execution("1", status="interrupted")])]
    )
    assert "cell 1 stopped" in to_svg(record)
    assert "was interrupted in cell 1" in static_view(record).to_text()


def test_only_steps_of_the_pipeline_are_boxes_and_a_failure_stands_where_it_happened():
    record = sample()
    record.status = "failed"
    imports = record.cells[1]
    imports.step, imports.executions[0].status = "imports", "error"
    record.cells[2].step = "parameters"
    lines = static_view(record).to_text().splitlines()
    assert [line.split(":")[0].strip() for line in lines[1:4]] == ["Imports", "Data", "Preparation"]
    assert "cell 2 failed" in lines[1]


def test_verdict_of_a_reproduction_is_shown():
    record = sample()
    record.original = {"run_id": "a", "name": "first.ipynb", "verdict": "bit-identical"}
    page = safe(html(record))
    assert "compared with the original run bit-identical" in page.text
    assert "reproduces first.ipynb" in page.text
    assert "Verification" in page.text


def test_early_stopping_is_seen_in_the_picture():
    record = sample()
    record.steps["model_training"].values["epochs_run"] = 37
    assert "epochs 37 of 100" in static_view(record).to_text()


def test_every_source_shows_the_same(tmp_path):
    expected = html(sample())
    file = write_record(sample(), tmp_path / "iris.prov.json")
    finished = SimpleNamespace(record=sample())
    for source in (file, str(file), to_prov(sample()), finished, SimpleNamespace(file=file)):
        assert html(source) == expected
    assert html(file.read_text()) == expected


def test_what_cannot_be_read_is_refused():
    for source in ("nowhere.prov.json", 3, "{}x", object()):
        with pytest.raises(RecordError):
            static_view(source)


@pytest.mark.parametrize("text", EVIL)
def test_no_text_becomes_markup(text):
    record = evil_record(text)
    page = safe(html(record))
    if text.isprintable():
        assert text in "".join(page.words)
    for level in ("analyst", "engineer"):
        svg = ElementTree.fromstring(to_svg(record, level))
        tags = {element.tag.split("}")[1] for element in svg.iter()}
        assert tags <= SVG_TAGS | {"title"}
        attributes = {name for element in svg.iter() for name in element.attrib}
        assert not [name for name in attributes if "href" in name or name.startswith("on")]
        shown = "".join(svg.itertext())
        assert "<<" not in shown or "<<" in text
        assert to_png(record, level=level).startswith(PNG)


@pytest.mark.parametrize("text", EVIL)
def test_no_text_of_a_foreign_document_becomes_markup(text):
    container = {
        "prefix": {"ex": "http://e/", text: text},
        "entity": {text: {text: text, "prov:label": text}, "ex:a": [{"ex:b": {"$": text}}, 3]},
        "activity": {f"{text}2": {"prov:label": {"$": text}}},
        "used": {"_:u": {"prov:activity": f"{text}2", "prov:entity": text, "prov:role": text}},
        text: {text: text},
        "bundle": {text: {"entity": {"ex:c": {}}}, "b": 3},
        "agent": 7,
    }
    safe(html(container))
    assert ElementTree.fromstring(to_svg(container)) is not None


@settings(max_examples=25, deadline=None)
@given(RECORDS)
def test_any_record_can_be_shown(record):
    page = Page(html(record))
    assert page.open == []
    ElementTree.fromstring(to_svg(record, "analyst"))
    static_view(record).to_text()


def test_characters_that_make_code_read_as_other_code_are_seen():
    hidden = "\u202e\u2066\u200f\x1b[2J\x07"
    record = evil_record(f"admin{hidden}")
    record.cells = [Cell("a", executions=[Execution(f"if is_{hidden}admin:\n\tgo()")])]
    for text in (html(record), static_view(record).to_text(), to_svg(record), to_dot(record)):
        assert not set(hidden) - set("[2J") & set(text)
    assert "is_\\u202e\\u2066\\u200f\\x1b[2J\\x07admin:\n\tgo()" in html(record)


def test_hostile_sizes_are_cut():
    long = "x<" * 500_000
    record = evil_record(long)
    record.cells = [Cell(str(n), executions=[Execution(long)] * 30) for n in range(300)]
    record.steps |= {f"step {n}": Step(values={"a": long}) for n in range(200)}
    record.environment = {str(n): list(range(10_000)) for n in range(500)}
    page = html(record)
    assert len(page) < 3_000_000
    assert "more" in page


def test_hostile_sizes_are_no_work_for_they_are_cut():
    def evil(size: int) -> Record:
        record = evil_record("x<" * size)
        record.cells = [Cell("a", executions=[Execution("x<" * size)] * 3)]
        return record

    assert growth(html, evil, 30_000) < 1.2


def large(size: int) -> dict[str, object]:
    names = [f"ex:{n}" for n in range(size)]
    return {
        "prefix": {"ex": "http://example.org/"},
        "entity": {name: {"ex:text": "y" * 200} for name in names},
        "wasDerivedFrom": {
            f"_:d{n}": {"prov:generatedEntity": names[n], "prov:usedEntity": names[n // 3]}
            for n in range(1, size)
        },
    }


def test_a_document_twice_as_large_is_at_most_twice_the_work():
    assert growth(html, large, 200) < 2.2


def test_large_documents_are_cut_and_say_so():
    container = large(5000)
    page = safe(html(container))
    assert "5,000 entities" in static_view(container).to_text()
    folded = re.findall(r"([\d,]+) elements", page.text)
    assert sum(int(count.replace(",", "")) for count in folded) == 5000
    assert "more are in the file" in page.text


def test_engineer_level_is_the_whole_graph():
    container = to_prov_json(sample())
    dot = to_dot(sample(), level="engineer")
    elements = sum(len(container[kind]) for kind in ("entity", "activity", "agent"))
    nodes = re.findall(r"^n\d+ \[", dot, re.MULTILINE)
    assert len(nodes) == elements
    # Relations with a plan or an activity of their own have an arrow for that too.
    relations = static_view(sample()).levels.model("engineer").edges
    assert dot.count("->") == len({(edge.source, edge.target) for edge in relations})
    for shape in ("ellipse", "box", "house"):
        assert f"shape={shape}" in dot


def test_analyst_level_has_a_box_for_each_step():
    dot = to_dot(sample())
    assert re.findall(r"<B><FONT[^>]*>([A-Z]\w+)</FONT></B>", dot) == [
        "Data",
        "Preparation",
        "Split",
        "Model",
        "Training",
        "Result",
    ]
    with pytest.raises(ValueError, match="analyst and engineer"):
        to_dot(sample(), level="manager")


def test_pictures_are_files_and_never_over_others(tmp_path):
    file = to_png(sample(), tmp_path / "run.png")
    assert file.read_bytes().startswith(PNG)
    with pytest.raises(RecordError, match="there already"):
        to_png(sample(), tmp_path / "run.png")
    with pytest.raises(RecordError, match="cannot be written"):
        to_png(sample(), tmp_path / "no" / "run.png")


def test_no_program_of_graphviz_is_needed(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "</svg>" in to_svg(sample())
    assert to_png(sample()).startswith(PNG)


def test_documents_of_other_tools_are_shown():
    folder = Path(prov.tests.__file__).parent
    files = (
        sorted((folder / "json").glob("*.json"))[::20]
        + sorted((folder / "provn").glob("*.provn"))[:4]
    )
    assert len(files) > 10
    for file in files:
        safe(html(file))


def test_document_of_the_reference_system_is_shown(shared_data):
    for file in sorted((shared_data / "legacy").glob("*.json")):
        page = safe(html(file))
        assert "Entities" in page.text
        assert "Adam" in page.text


def test_damaged_record_is_shown_as_a_document_with_the_reason():
    container = json.loads(json.dumps(to_prov_json(sample())))
    container["activity"]["run:run"]["mlprov:status"] = "perfect"
    page = safe(html(container))
    assert "It is not shown as a run, because" in page.text
    assert "mlprov:status" in page.text


def test_importing_the_room_is_light():
    code = (
        "import sys, mlprov_widgets.graph\n"
        "heavy = {'pydot', 'pygraphviz', 'prov', 'torch', 'pandas', 'matplotlib', 'numpy'}\n"
        "sys.exit(', '.join(heavy & set(sys.modules)) or 0)\n"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (found.returncode, found.stderr) == (0, "")


def test_what_was_interrupted_is_not_said_to_have_failed():
    execution = Execution("1", status="interrupted", error="KeyboardInterrupt")
    record = Record("x", "interrupted", cells=[Cell("a", executions=[execution])])
    model = levels_of(to_prov(record)).model("engineer")
    (node,) = [node for node in model.nodes.values() if node.type == "Execution"]
    assert (node.state, node.lines[0]) == ("failed", ("", "interrupted"))
