"""`mlprov app` as its visitors meet it, the honest and the others."""

from __future__ import annotations

import contextlib
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed

from tests.hosting.serving import Server, serving
from tests.hosting.visitor import Visitor, visiting
from tests.watchdog import until
from tests.widgets.conftest import CELLS, PACK

# One server for all of them, so one process.
pytestmark = pytest.mark.xdist_group("app")

NOTEBOOK = {
    "cells": [
        {
            "cell_type": "code",
            "id": "app",
            "metadata": {},
            "execution_count": None,
            "outputs": [],
            "source": "from mlprov_widgets import wizard\nwizard('tiny', packs=['packs'])",
        }
    ],
    "metadata": {"kernelspec": {"name": "python3", "display_name": "3", "language": "python"}},
    "nbformat": 4,
    "nbformat_minor": 5,
}
TABLE = b"size,species\n" + b"".join(
    b"%d.5,%s\n" % (n * 7 % 11, b"ab"[n % 2 : n % 2 + 1]) for n in range(40)
)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a host has: a notebook, a pack of their own, and the tables of a course."""
    folder = tmp_path_factory.mktemp("site")
    pack = folder / "packs" / "tiny"
    pack.mkdir(parents=True)
    (pack / "pack.toml").write_text(PACK)
    for name, text in CELLS.items():
        (pack / name).write_text(text)
    (folder / "course.ipynb").write_text(json.dumps(NOTEBOOK))
    (folder / "course").mkdir()
    (folder / "course" / "flowers.csv").write_bytes(TABLE)
    (folder / "secret.csv").write_bytes(TABLE)
    return folder


@pytest.fixture(scope="module")
def server(site: Path) -> Iterator[Server]:
    limits = ("--visitors", 4, "--runs", 1, "--close-after", 2, "--upload-limit", "100kB")
    more = ("--quota", "1MB", "--folder", site / "course")
    with serving(site, "course.ipynb", *limits, *more) as server:
        yield server


@pytest.fixture
def visitor(server: Server) -> Iterator[Visitor]:
    with visiting(server.url) as visitor:
        yield visitor


def choose_table(visitor: Visitor, path: str) -> None:
    """Answer the questions about a table with a path."""
    visitor.click("Next")
    visitor.until(lambda: visitor.models(description="Data set"))
    model = visitor.field("Data set")
    labels = visitor.states[model]["_options_labels"]
    visitor.set(model, index=list(labels).index("Own file"))
    visitor.until(lambda: visitor.models(description="CSV file"))
    visitor.quiet()
    visitor.set(visitor.field("CSV file"), value=path)
    visitor.quiet()


@pytest.mark.parametrize(
    "path",
    ["/course.ipynb", "/voila/render/course.ipynb", "/voila/files/course.ipynb", "/voila/tree",
     "/voila/files/course/flowers.csv", "/secret.csv", "/api/kernels", "/api/sessions",
     "/api/contents", "/api/contents/secret.csv", "/api/terminals", "/voila/api/contents",
     "/voila/static/../../secret.csv", "/voila/static/%2e%2e/%2e%2e/secret.csv", "/tree", "/lab"],
)  # fmt: skip
def test_nothing_is_served_but_the_app(server: Server, path: str) -> None:
    status, text = server.status(path)
    assert status in (403, 404, 405)
    assert "Traceback" not in text
    assert str(server.sessions.parent) not in text


def test_from_the_first_page_to_a_notebook(server: Server, visitor: Visitor) -> None:
    visitor.generate()
    name, content = visitor.download()
    assert name == "tiny.ipynb"
    cells = json.loads(content)["cells"]
    assert any("EPOCHS = 100" in "".join(cell["source"]) for cell in cells)
    files = [file for home in server.visitors() for file in home.rglob("*.ipynb")]
    assert content in [file.read_bytes() for file in files]
    assert str(server.sessions.parent) not in visitor.text()


def test_a_notebook_is_run_here_where_the_host_allows_it(visitor: Visitor) -> None:
    visitor.generate()
    visitor.click("Run here")
    visitor.until(lambda: "Run finished after" in visitor.text())


def test_visitors_do_not_find_each_others_files(server: Server, visitor: Visitor) -> None:
    choose_table(visitor, "")
    assert visitor.upload("Upload…", "mine.csv", TABLE)["kind"] == "done"
    mine = until(lambda: [home for home in server.visitors() if list(home.rglob("mine.csv"))])
    with visiting(server.url) as other:
        for path in ("mine.csv", f"../../{mine[0].name}/files/mine.csv", str(mine[0] / "files")):
            choose_table(other, path)
            assert "<dd>40</dd>" not in other.text()
            other.click("Back")
            other.quiet()
        choose_table(other, "")
        other.click("Browse…")
        other.quiet()
        # A field that is not shown now still has what this visitor typed.
        typed = {
            model: other.states[model].pop("value")
            for model in other.models(_model_name="TextModel")
        }
        assert "mine.csv" in typed.values()
        assert "mine.csv" not in other.text()
        assert str(server.sessions) not in other.text()


def test_the_hosts_tables_can_be_used_and_nothing_beside_them(
    server: Server, visitor: Visitor
) -> None:
    choose_table(visitor, "course/flowers.csv")
    assert str(server.sessions) not in visitor.text()
    visitor.until(lambda: "flowers.csv" in visitor.text() and "<dd>40</dd>" in visitor.text())
    for path in ("course/../secret.csv", "course/../../secret.csv", "../../secret.csv"):
        visitor.set(visitor.field("CSV file"), value=path)
        visitor.until(lambda: "in the folder of this app can be used" in visitor.text())


def test_uploads_are_bounded(visitor: Visitor) -> None:
    choose_table(visitor, "")
    refused = visitor.upload("Upload…", "large.csv", b"0" * 100_001)
    assert refused == {"kind": "refused", "message": "The file is larger than 100 kB."}
    for number in range(20):
        said = visitor.upload("Upload…", f"{number}.csv", TABLE + b"9,a\n" * 20_000)
        if said["kind"] == "refused":
            break
    assert "no room left" in said["message"]


def test_an_uploaded_run_is_not_executed(server: Server, visitor: Visitor) -> None:
    visitor.generate()
    _name, content = visitor.download()
    book = json.loads(content)
    code = [cell for cell in book["cells"] if cell["cell_type"] == "code"]
    code[0]["source"] = ["import pathlib; pathlib.Path('owned').touch()"]
    visitor.click("Change the choices")
    visitor.quiet()
    start = visitor.field("Start from")
    visitor.click("Task")
    labels = list(visitor.states[start]["_options_labels"])
    visitor.set(start, index=next(at for at, text in enumerate(labels) if text.startswith("A run")))
    visitor.quiet()
    visitor.upload("Upload a file…", "victim.ipynb", json.dumps(book).encode())
    visitor.quiet()
    # Every button there is, hidden or not, and again.
    for _ in range(3):
        for model in visitor.models(_model_name="ButtonModel"):
            visitor.comm(model, {"method": "custom", "content": {"event": "click"}})
        for model in visitor.models(_model_name="RadioButtonsModel"):
            visitor.set(model, index=0)
        visitor.quiet()
    visitor.refresh()
    assert not list(server.sessions.rglob("owned"))


def test_a_page_can_speak_to_widgets_only(server: Server, visitor: Visitor) -> None:
    forbidden = {
        "execute_request": {"code": "open('owned', 'w')", "silent": False},
        "inspect_request": {"code": "wizard", "cursor_pos": 3, "detail_level": 1},
        "complete_request": {"code": "open('/etc/", "cursor_pos": 10},
        "history_request": {"hist_access_type": "tail", "n": 5},
        "input_reply": {"value": "1"},
        "debug_request": {"type": "request", "command": "evaluate", "seq": 1},
        "create_subshell_request": {},
        "shutdown_request": {"restart": False},
        "comm_open": {"comm_id": "made", "target_name": "jupyter.widget", "data": {}},
    }
    for kind, content in forbidden.items():
        for channel in ("shell", "control", "stdin"):
            visitor.send(kind, content, channel=channel)
    heard = set()
    while (message := visitor.receive(1)) is not None:
        heard.add(message["msg_type"])
    assert not {kind.replace("request", "reply") for kind in forbidden} & heard
    visitor.refresh()
    assert not list(server.sessions.rglob("owned"))


def crafted(random: random.Random, states: dict[str, dict[str, Any]]) -> Any:
    """Something to send to a widget that no page would."""
    values: list[Any] = [
        None, True, -1, 0, 2**70, 1.5, "", "x" * 10_000, "../../etc/passwd", "/etc/passwd", "~",
        "\0", "<img src=x onerror=alert(1)>", "'; import os #", "{{ 1 }}", [], {}, [[]], {"a": 1},
        "tiny.ipynb", "__import__('os')", [0, 1], ["a"],
    ]  # fmt: skip
    names = sorted({name for state in states.values() for name in state})
    some = {random.choice(names): random.choice(values) for _ in range(random.choice((1, 1, 1, 3)))}
    return random.choice(
        [
            {"method": "custom", "content": {"event": "click"}},
            {"method": "custom", "content": random.choice(values)},
            {"method": "custom", "content": {"kind": "wanted"}},
            {"method": "custom", "content": {"kind": "begin", "name": random.choice(values),
                                             "size": random.choice(values)}},
            {"method": "custom", "content": {"kind": random.choice(values)}},
            {"method": "custom", "content": {"kind": "piece"}},
            {"method": "update", "state": some, "buffer_paths": []},
            {"method": "update", "state": some, "buffer_paths": [["value"]]},
            {"method": random.choice(values)},
            random.choice(values),
        ]
    )  # fmt: skip


@pytest.mark.parametrize("number", [100, pytest.param(3000, marks=pytest.mark.slow)])
def test_crafted_messages(server: Server, visitor: Visitor, number: int) -> None:
    choose_table(visitor, "course/flowers.csv")
    source = random.Random(number)
    models = list(visitor.states)
    for at in range(number):
        model = source.choice(models)
        buffers = (bytes(source.randrange(1000)),) if source.random() < 0.2 else ()
        data = crafted(source, visitor.states)
        visitor.send("comm_msg", {"comm_id": model, "data": data}, buffers)
        if at % 50 == 0:
            visitor.refresh()
            models = list(visitor.states)
    visitor.refresh()
    everything = visitor.text() + json.dumps(visitor.heard)
    assert "Traceback" not in everything
    assert str(server.sessions.parent) not in everything
    assert not list(server.sessions.rglob("owned"))
    with visiting(server.url) as other:
        other.generate()


def test_a_message_that_claims_more_than_it_is(server: Server, visitor: Visitor) -> None:
    frames = [
        b"", b"\1", b"\xff" * 8, b"\x7f\xff\xff\xff" + b"0" * 40, bytes(4), bytes(8),
        b"".join(n.to_bytes(4, "big") for n in (20, *[84, 2000] * 10)) + bytes(2000),
        b"".join(n.to_bytes(8, "little") for n in (6, 56, 900, 56, 900, 56, 900)) + bytes(900),
        b"\0\0\0\2\0\0\0\0{}", b"\0\0\0\1\xff\xff\xff\xff{}", (2**60).to_bytes(8, "little") * 3,
    ]  # fmt: skip
    for protocol in (None, "v1.kernel.websocket.jupyter.org"):
        for frame in frames:
            # Whether the page is closed or the message passed over: nothing comes of it.
            with contextlib.suppress(ConnectionClosed), visitor.another(protocol) as socket:
                socket.send(frame)
                with contextlib.suppress(TimeoutError):
                    socket.recv(timeout=0.5)
    assert server.status("/voila/static/voila.js")[0] == 200
    visitor.refresh()


def test_beyond_the_limit_it_is_said_in_words(server: Server) -> None:
    def full() -> str:
        status, text = server.status()
        return text if status == 503 else ""

    # A page that was sent is a visitor, whether anybody looks at it or not.
    text = next(text for _ in range(30) if (text := full()))
    assert "All places are taken" in text
    assert "4 people use this app" in text


@pytest.mark.slow
def test_all_that_a_visitor_had_ends_with_the_page(server: Server) -> None:
    with visiting(server.url) as visitor:
        visitor.generate()
        homes = [home for home in server.visitors() if list(home.rglob("*.ipynb"))]
        assert homes
    until(lambda: not any(home.exists() for home in homes))
