"""How long the viewer takes, in headless Chromium: to be drawn, and to follow what is chosen."""

from __future__ import annotations

import http.server
import json
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mlprov_widgets._files import asset
from mlprov_widgets.widgets import view
from tests.browser.conftest import FLAGS, chromium
from tests.browser.viewing import recorded

pytestmark = pytest.mark.benchmark

# Stands in for anywidget: traits come in as one message, what is chosen goes out through a binding.
PAGE = """<!DOCTYPE html><meta charset="utf-8"><style>%s</style><div id="place"></div>
<script type="module">
import viewer from "/viewer.js";
const state = await (await fetch("/state")).json();
const heard = new Map();
const changed = {};
const model = {
  get: (name) => state[name],
  set: (name, value) => { state[name] = value; changed[name] = value; },
  save_changes: () => { const sent = { ...changed };
    for (const name of Object.keys(changed)) delete changed[name];
    window.tell(JSON.stringify(sent)).then(model.take); },
  send: (content) => window.ask(JSON.stringify(content)).then(model.take),
  on: (name, call) => heard.set(name, [...(heard.get(name) ?? []), call]),
  off: (name, call) => heard.set(name, (heard.get(name) ?? []).filter((one) => one !== call)),
  take: (text) => { const news = JSON.parse(text); Object.assign(state, news);
    for (const name of Object.keys(news))
      for (const call of heard.get(`change:${name}`) ?? []) call();
  },
};
window.model = model;
viewer.render({ model, el: document.getElementById("place") });
</script>"""
# As a person would: by the mouse on what is there, or by the keyboard into the search box.
ACTION = """async ([act, of, until]) => {
  const box = (id) => document.querySelector(`[data-id="${CSS.escape(id)}"]`);
  const click = (on) => on.dispatchEvent(new MouseEvent("click", { bubbles: true }));
  const answered = () => act !== "search" || model.get("results").query === of;
  const done = () => answered() && document.querySelector(until) &&
    (act !== "select" && act !== "choose" || document.querySelector(".mp-details h3"));
  const began = performance.now();
  if (act === "toggle") click(box(of).querySelector(".mpg-handle"));
  else if (act === "select") click(box(of).querySelector(".mpg-body"));
  else if (act === "choose") click(document.querySelector(of));
  else {
    const input = document.querySelector("[role=combobox]");
    input.value = of;
    input.dispatchEvent(new InputEvent("input", { bubbles: true }));
  }
  await new Promise((seen, failed) => {
    setTimeout(() => failed(new Error(`${act} ${of}`)), 10_000);
    const look = () => { if (done()) { observer.disconnect(); seen(); } };
    const observer = new MutationObserver(look);
    observer.observe(document, { subtree: true, childList: true, attributes: true });
    look();
  });
  await new Promise((drawn) => requestAnimationFrame(() => setTimeout(drawn)));
  return performance.now() - began;
}"""
DRAWN = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"


def document(size: int) -> dict[str, Any]:
    """A chain of activities with the entities that each made, as many elements as asked for."""
    steps = size // 10
    entities = {
        f"ex:e{step}_{at}": {"prov:type": f"ex:Kind{at}", "ex:value": step * at, "ex:unit": "m"}
        for step in range(steps)
        for at in range(9)
    }
    return {
        "prefix": {"ex": "http://example.org/"},
        "entity": entities,
        "activity": {f"ex:a{step}": {"prov:type": "ex:Step"} for step in range(steps)},
        "wasGeneratedBy": {
            f"_:g{at}": {"prov:entity": name, "prov:activity": f"ex:a{name[4:].split('_')[0]}"}
            for at, name in enumerate(entities)
        },
        "used": {
            f"_:u{step}": {"prov:activity": f"ex:a{step}", "prov:entity": f"ex:e{step - 1}_0"}
            for step in range(1, steps)
        },
    }


class Shown:
    """A document in a browser, with the Python half in this process."""

    def __init__(self, browser: Any, source: Any) -> None:
        began = time.perf_counter()
        self.viewer = view(source)
        self.viewer.observe(self._note)
        self._news: set[str] = set()
        self.page = browser.new_page(viewport={"width": 1440, "height": 900})
        self.page.expose_function("tell", self._told)
        self.page.expose_function("ask", self._asked)
        self._serve()
        self.page.goto(self.url)
        self.page.locator(".mpg-node").first.wait_for()
        self.page.evaluate(DRAWN)
        self.drawn = time.perf_counter() - began

    def _serve(self) -> None:
        names = ("level", "levels", "selected", "opened", "query", "summary", "scene")
        state = self._sent({*names, "marks", "results", "details"})
        answers = {
            "/": ("text/html", PAGE % asset("widgets/viewer.css")),
            "/viewer.js": ("text/javascript", asset("widgets/viewer.js")),
            "/state": ("application/json", state),
        }

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                kind, text = answers.get(self.path, ("text/plain", ""))
                self.send_response(200)
                self.send_header("Content-Type", f"{kind}; charset=utf-8")
                self.end_headers()
                self.wfile.write(text.encode())

            def log_message(self, *_: Any) -> None:
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/"

    def _note(self, change: Any) -> None:
        self._news.add(change["name"])

    def _sent(self, names: set[str]) -> str:
        """What a notebook's message would say of these traits."""
        state: dict[str, Any] = self.viewer.get_state(names)
        return json.dumps(state)

    def _told(self, text: str) -> str:
        self._news = set()
        self.viewer.set_state(json.loads(text))
        return self._sent(self._news & set(self.viewer.keys))

    def _asked(self, text: str) -> str:
        self._news = set()
        self.viewer._received(self.viewer, json.loads(text), [])
        return self._sent(self._news & set(self.viewer.keys))

    def timed(self, act: str, of: str, until: str) -> float:
        """Milliseconds from what a person does to `of` until its result is drawn."""
        taken: float = self.page.evaluate(ACTION, [act, of, until])
        # What moves has come to rest before the next one.
        self.page.wait_for_timeout(350)
        return taken

    def toggled(self, group: str, expanded: str) -> float:
        """For a click on a group's handle."""
        return self.timed("toggle", group, f'[data-id="{group}"][aria-expanded={expanded}]')

    def searched(self, text: str) -> float:
        """For words that are put into the search box."""
        return self.timed(
            "search", text, ".mp-match" if text else ".mlprov-viewer:not(:has(.mp-match))"
        )

    def selected(self, id: str) -> float:
        """For a click on a box."""
        return self.timed("select", id, f'.mpg-selected[data-id="{id}"]')

    def found(self, id: str) -> float:
        """For a click on the first match, whose groups are opened."""
        return self.timed("choose", ".mp-match", f'.mpg-selected[data-id="{id}"]')

    def memory(self) -> int:
        """Bytes of the page's process that are in memory; 0 where that cannot be told."""
        session = self.page.context.browser.new_browser_cdp_session()
        most = 0
        for process in session.send("SystemInfo.getProcessInfo")["processInfo"]:
            status = Path(f"/proc/{process['id']}/status")
            if process["type"] == "renderer" and status.exists():
                lines = dict(line.split(":", 1) for line in status.read_text().splitlines())
                most = max(most, int(lines["VmRSS"].split()[0]) * 1024)
        return most

    def close(self) -> None:
        self.page.close()
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = chromium(playwright)
        if path is None:
            pytest.skip("no Chromium was found")
        flags = [*FLAGS, "--enable-precise-memory-info"]
        started = playwright.chromium.launch(executable_path=path, args=flags)
        # What is loaded once for all pages is no part of any figure.
        Shown(started, recorded()).close()
        yield started
        started.close()


def graphviz(source: Any) -> float:
    """Seconds that prov's own picture takes; infinite if it takes more than a minute."""
    code = (
        "import sys, pygraphviz; from prov.dot import prov_to_dot; "
        "from prov.model import ProvDocument; "
        "dot = prov_to_dot(ProvDocument.deserialize(sys.argv[1], format='json')); "
        "pygraphviz.AGraph(string=dot.to_string()).draw(sys.argv[1] + '.svg', prog='dot')"
    )
    began = time.perf_counter()
    try:
        subprocess.run([sys.executable, "-c", code, source], check=True, timeout=60)
    except subprocess.TimeoutExpired:
        return float("inf")
    return time.perf_counter() - began


def test_a_normal_run_is_drawn_in_a_second(browser: Any, tmp_path: Path) -> None:
    from mlprov_widgets.provenance import write_record

    file = write_record(recorded(), tmp_path / "run.prov.json")
    times = []
    for _ in range(5):
        shown = Shown(browser, file)
        times.append(shown.drawn)
        shown.close()
    print(f"a run, view() to drawn: median {statistics.median(times):.2f} s")
    print(f"the same, prov_to_dot and Graphviz: {graphviz(str(file)):.2f} s")
    assert statistics.median(times) < 1


def test_ten_thousand_elements(browser: Any, tmp_path: Path) -> None:
    container = document(10_000)
    file = tmp_path / "large.json"
    file.write_text(json.dumps(container))
    shown = Shown(browser, file)
    print(f"10,000 elements, view() to drawn: {shown.drawn:.2f} s")
    shown.page.get_by_text("Engineer", exact=True).click()
    shown.page.locator('[data-id^="group:"]').first.wait_for()
    # Whoever looks at it has been there for a moment, in which the kernel had nothing else to do.
    for _ in shown.viewer._navigation.prepare():
        pass
    shown.searched("kind8")
    shown.searched("")
    acts = ("unfold", "fold", "search", "select folded away", "select")
    taken: dict[str, list[float]] = {name: [] for name in acts}
    groups = [node["id"] for node in shown.viewer.scene["nodes"] if node["kind"] == "group"]
    for group in groups[:8]:
        taken["unfold"].append(shown.toggled(group, "true"))
        taken["fold"].append(shown.toggled(group, "false"))
    for words in ("kind3", "e512", "step", "a77", "unit", "e9_4", "value", "ex:e3"):
        taken["search"].append(shown.searched(words))
        shown.searched("")
    # Each opens more beside what is open.
    for at in (512, 77, 901):
        shown.searched(f"a{at}")
        taken["select folded away"].append(shown.found(f"ex:a{at}"))
    boxes, arrows = len(shown.viewer.scene["nodes"]), len(shown.viewer.scene["edges"])
    print(f"  in the end {boxes} boxes with {arrows} arrows are open")
    shown.searched("")
    elements = [node["id"] for node in shown.viewer.scene["nodes"] if node["kind"] != "group"]
    for element in elements[5:21:2]:
        taken["select"].append(shown.selected(element))
    for name, times in taken.items():
        print(f"  {name}: median {statistics.median(times):.0f} ms, most {max(times):.0f} ms")
    shown.close()
    print(f"  prov_to_dot and Graphviz: {graphviz(str(file)):.1f} s (inf: over a minute)")
    assert shown.drawn < 3
    for name, times in taken.items():
        assert statistics.median(times) < 100, name


def test_a_hundred_thousand_elements(browser: Any, tmp_path: Path) -> None:
    file = tmp_path / "huge.json"
    file.write_text(json.dumps(document(100_000)))
    # A process of its own, whose memory is that of one viewer.
    code = (
        "import sys; from pathlib import Path; from mlprov_widgets import view; "
        "viewer = view(sys.argv[1]); "
        "viewer.level = 'engineer'; viewer.search('e77'); "
        # What getrusage says begins with the memory of whoever has started it.
        "status = Path('/proc/self/status').read_text().splitlines(); "
        "print(next(row.split()[1] for row in status if row.startswith('VmHWM')))"
    )
    began = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", code, str(file)], capture_output=True, text=True, check=True
    )
    kernel = int(done.stdout.splitlines()[-1]) * 1024
    print(f"100,000 elements in Python: {time.perf_counter() - began:.1f} s, {kernel / 1e6:.0f} MB")
    shown = Shown(browser, file)
    heap = shown.page.evaluate("performance.memory.usedJSHeapSize")
    print(f"  view() to drawn: {shown.drawn:.1f} s, browser's heap {heap / 1e6:.0f} MB")
    shown.page.get_by_text("Engineer", exact=True).click()
    shown.page.locator('[data-id^="group:"]').first.wait_for()
    page = shown.memory()
    print(f"  the page's process: {page / 1e6:.0f} MB")
    shown.close()
    assert kernel < 1e9
    assert heap < 1e9
    assert page < 1e9
