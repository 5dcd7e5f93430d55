"""How long large documents take to be grouped and folded, and how much memory; beside Graphviz."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from pathlib import Path

import pytest

from mlprov_widgets.graph.document.sources import open_source
from mlprov_widgets.graph.levels.scene import default_opened, scene
from mlprov_widgets.graph.levels.two_levels import Levels
from mlprov_widgets.provenance.prov_json import to_prov_json
from tests.graph.made_documents import workflow
from tests.provenance.sample import sample

LEVELS = """
import json, resource, sys, time
from pathlib import Path
def peak():
    status = Path("/proc/self/status")
    if status.exists():  # what `resource` gives there is also that of the parent
        lines = dict(line.split(":", 1) for line in status.read_text().splitlines())
        return int(lines["VmHWM"].split()[0]) / 1000
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
from mlprov_widgets.graph.document.sources import open_source
from mlprov_widgets.graph.levels.two_levels import Levels
from mlprov_widgets.graph.levels.scene import default_opened, scene
before, began = peak(), time.perf_counter()
levels = Levels(open_source(Path(sys.argv[1])))
sizes = []
for level in levels.names:
    model = levels.model(level)
    sizes.append(len(scene(model, default_opened(model))["nodes"]))
print(json.dumps([time.perf_counter() - began, before, peak(), sizes]))
"""
GRAPHVIZ = """
import sys, time
import pygraphviz
from prov.dot import prov_to_dot
from prov.model import ProvDocument
began = time.perf_counter()
document = ProvDocument.deserialize(sys.argv[1])
pygraphviz.AGraph(string=prov_to_dot(document).to_string()).draw(format="svg", prog="dot")
print(time.perf_counter() - began)
"""


@pytest.mark.benchmark
@pytest.mark.parametrize("typed", [True, False])
def test_ten_thousand_elements(typed: bool) -> None:
    """Both levels and their first pictures within a second, each folding within 50 ms."""
    document = open_source(workflow(10_000, typed=typed))
    began = time.perf_counter()
    levels = Levels(document)
    for level in levels.names:
        scene(levels.model(level), default_opened(levels.model(level)))
    first = time.perf_counter() - began
    model = levels.model("engineer")
    assert len(model.nodes) == 10_000
    assert len(model.edges) == 30_000
    taken = []
    for id in list(model.groups)[:100]:
        began = time.perf_counter()
        scene(model, [*model.path(id), id])
        taken.append(time.perf_counter() - began)
    median, most = statistics.median(taken) * 1000, max(taken) * 1000
    print(f"10,000 elements: {first:.2f} s; folding: median {median:.1f} ms, most {most:.1f} ms")
    assert first < 1
    assert median < 50


@pytest.mark.benchmark
def test_a_run() -> None:
    """A normal run takes a hundredth of a second."""
    container = to_prov_json(sample(packages=100))
    taken = []
    for _ in range(20):
        opened = open_source(container)
        began = time.perf_counter()
        levels = Levels(opened)
        for level in levels.names:
            scene(levels.model(level), default_opened(levels.model(level)))
        taken.append(time.perf_counter() - began)
    print(f"a run of {len(levels.model('engineer').nodes)} elements: {min(taken) * 1000:.1f} ms")
    assert statistics.median(taken) < 0.1


@pytest.mark.benchmark
def test_a_hundred_thousand_elements_stay_below_a_gigabyte(tmp_path: Path) -> None:
    """All of it: the file read, both levels, their first pictures."""
    path = tmp_path / "large.json"
    path.write_text(json.dumps(workflow(100_000)))
    done = subprocess.run(
        [sys.executable, "-c", LEVELS, str(path)], capture_output=True, text=True, check=True
    )
    seconds, before, peak, sizes = json.loads(done.stdout)
    print(
        f"100,000 elements, 300,000 relations, {path.stat().st_size / 1e6:.0f} MB: "
        f"{seconds:.1f} s, {peak:.0f} MB at most ({before:.0f} MB before), {sizes} boxes"
    )
    assert peak < 1000
    assert max(sizes) <= 40


@pytest.mark.benchmark
@pytest.mark.parametrize("what", ["a run", "a workflow"])
def test_beside_prov_to_dot_and_graphviz(what: str, tmp_path: Path) -> None:
    """The same files; Graphviz draws them, so this is the model's part of the same way."""
    path = tmp_path / "document.json"
    container = to_prov_json(sample(packages=100)) if what == "a run" else workflow(50)
    path.write_text(json.dumps(container))
    began = time.perf_counter()
    levels = Levels(open_source(json.loads(path.read_text())))
    for level in levels.names:
        scene(levels.model(level), default_opened(levels.model(level)))
    ours = time.perf_counter() - began
    try:
        done = subprocess.run(
            [sys.executable, "-c", GRAPHVIZ, str(path)],
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
    except subprocess.TimeoutExpired:
        print(f"{what}: ours {ours * 1000:.0f} ms, prov_to_dot and Graphviz more than 60 s")
        return
    theirs = float(done.stdout)
    print(f"{what}: ours {ours * 1000:.0f} ms, prov_to_dot and Graphviz {theirs:.1f} s")
    assert ours < theirs
