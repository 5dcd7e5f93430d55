"""A hosted app runs nothing that a visitor brings: every way to it, and what each shows."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mlprov_widgets import generate, reproduce, sweep, wizard
from mlprov_widgets.errors import ExecutionError, MlprovError
from mlprov_widgets.hosting import Ticket, current_session, end_session, sessions_root
from mlprov_widgets.notebooks.execution import NotebookRun
from tests.notebooks.runs import run_notebook
from tests.watchdog import WATCHDOG
from tests.widgets.sight import hidden, results_panel, shown

SLOW = {
    "pack.toml": '[pack]\ntitle = "Slow"\nsummary = "Waits."\nversion = "1"\ntask_type = "None"\n\n'
    '[[pages]]\nname = "data"\ntitle = "Data"\nsteps = ["data_ingestion"]\n\n'
    '[[parameters]]\nname = "seconds"\nlabel = "Seconds"\ntype = "number"\npage = "data"\n'
    'step = "data_ingestion"\ndefault = 0.5\nminimum = 0\nmaximum = 1000\n\n'
    '[[parameters]]\nname = "size"\nlabel = "Bytes"\ntype = "integer"\npage = "data"\n'
    'step = "data_ingestion"\ndefault = 0\nminimum = 0\nmaximum = 1000000000000\n\n'
    '[[parameters]]\nname = "filled"\nlabel = "File of so many bytes"\ntype = "integer"\n'
    'page = "data"\nstep = "data_ingestion"\ndefault = 0\nminimum = 0\nmaximum = 1000000000\n',
    "060_data_ingestion.py.jinja": "import time\nfrom pathlib import Path\n\n"
    "begun = time.time()\nheld = bytearray({{ size }})\n"
    'Path("filled.bin").write_bytes(b"0" * {{ filled }})\n'
    "time.sleep({{ seconds }})\nprint(begun, time.time())\n",
}


@pytest.fixture
def slow(tmp_path: Path) -> Path:
    folder = tmp_path / "packs" / "slow"
    folder.mkdir(parents=True)
    for name, text in SLOW.items():
        (folder / name).write_text(text)
    return folder


@pytest.fixture
def host(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    """Host with these settings; gives the visitor's folder."""

    def set_up(**settings: object) -> Path:
        monkeypatch.setenv("VOILA_KERNEL_ID", "1")
        for name, value in settings.items():
            monkeypatch.setenv(f"MLPROV_HOST_{name.upper()}", str(value))
        end_session()
        return current_session().folder

    return set_up


def edited(path: Path, **metadata: Any) -> Path:
    """A copy of a notebook in which somebody has written a line of their own."""
    content = json.loads(path.read_text())
    code = next(cell for cell in content["cells"] if cell["cell_type"] == "code")
    code["source"] = [*code["source"], "\nopen('owned', 'w').close()"]
    content["metadata"].update(metadata)
    copy = path.with_name(f"edited-{path.name}")
    copy.write_text(json.dumps(content))
    return copy


def changed(path: Path, change: Callable[[dict[str, Any]], None]) -> Path:
    content = json.loads(path.read_text())
    change(content)
    path.write_text(json.dumps(content))
    return path


def test_nothing_is_run_unless_the_host_allows_it(
    pack_folder: Path, host: Callable[..., Path]
) -> None:
    folder = host()
    path = generate("tiny", {}, folder / "a.ipynb", [pack_folder])
    for run in (NotebookRun, run_notebook):
        with pytest.raises(MlprovError, match="not run by this app"):
            run(path, folders=[pack_folder])
    results = results_panel(path, pack_folder)
    assert hidden(results.run_button)
    assert "Notebooks are not run by this app" in shown(results.widget)
    assert "mlprov-primary" in results.download._dom_classes


def test_to_run_comes_before_to_download(pack_folder: Path, host: Callable[..., Path]) -> None:
    path = generate("tiny", {}, host(runs=1) / "a.ipynb", [pack_folder])
    results = results_panel(path, pack_folder)
    assert "mlprov-primary" in results.run_button._dom_classes
    assert "mlprov-primary" not in results.download._dom_classes


def test_no_visitor_runs_many_in_one_go(pack_folder: Path, host: Callable[..., Path]) -> None:
    folder = host(runs=1)
    path = generate("tiny", {}, folder / "a.ipynb", [pack_folder])
    results = results_panel(path, pack_folder)
    assert not hidden(results.run_button)
    assert hidden(results.sweep_button)
    with pytest.raises(MlprovError, match="Sweeps are not offered here"):
        sweep("tiny", over={"epochs": [1, 2]}, folder=folder / "s", packs=[pack_folder])


def test_what_a_pack_writes_is_run(pack_folder: Path, host: Callable[..., Path]) -> None:
    folder = host(runs=1)
    path = generate("tiny", {"epochs": 2}, folder / "a.ipynb", [pack_folder])
    result = run_notebook(path, folders=[pack_folder])
    assert result.status == "finished"
    # Without its pack nobody can tell what it is.
    with pytest.raises(MlprovError, match="not written by this app"):
        NotebookRun(path)


@pytest.mark.parametrize(
    "change",
    [
        lambda book: book["cells"][1].update(source="import os"),
        lambda book: book["cells"].append({**book["cells"][1], "id": "more", "source": "1"}),
        lambda book: book["cells"].pop(1),
        lambda book: book["cells"].reverse(),
        lambda book: book["cells"][0].update(
            cell_type="code", outputs=[], execution_count=None, source="1"
        ),
        lambda book: book["metadata"].pop("mlprov"),
        lambda book: book["metadata"].update(mlprov=[]),
        lambda book: book["metadata"]["mlprov"].update(values={"epochs": 3}),
        lambda book: book["metadata"]["mlprov"].update(values={"epochs": "__import__('os')"}),
        lambda book: book["metadata"]["mlprov"].update(pack={"name": "multiclass_classification"}),
        lambda book: book["metadata"]["mlprov"].update(pack={}),
        lambda book: book["metadata"]["mlprov"]["values"].update(csv_path="/etc/passwd"),
        lambda book: book["metadata"]["mlprov"]["values"].update(csv_path=["a"]),
    ],
)
def test_nothing_else_is(
    change: Callable[[dict[str, Any]], None], pack_folder: Path, host: Callable[..., Path]
) -> None:
    folder = host(runs=1)
    path = generate("tiny", {"epochs": 2}, folder / "a.ipynb", [pack_folder])
    NotebookRun(path, folders=[pack_folder])
    with pytest.raises(MlprovError, match="not written by this app"):
        NotebookRun(changed(path, change), folders=[pack_folder])


def test_a_notebook_from_elsewhere_is_not_run(
    pack_folder: Path, host: Callable[..., Path], tmp_path: Path
) -> None:
    folder = host(runs=1)
    path = generate("tiny", {}, tmp_path / "a.ipynb", [pack_folder])
    (folder / "link.ipynb").symlink_to(path)
    for one in (path, folder / "link.ipynb"):
        with pytest.raises(MlprovError, match="made here"):
            NotebookRun(one, folders=[pack_folder])


def test_no_button_runs_what_a_visitor_brings(
    pack_folder: Path, host: Callable[..., Path], tmp_path: Path
) -> None:
    path = generate("tiny", {}, tmp_path / "victim.ipynb", [pack_folder])
    folder = host(runs=1)
    made: Any = reproduce(packs=[pack_folder])
    made.file.upload.on_file("victim.ipynb", edited(path).read_bytes())
    for cell in made.run.edits.controls.values():
        cell.value = cell.options[0][1]
    made.run.exact_button.click()
    results = made.run.results
    assert results is not None
    assert "code that was not written by this app" in shown(results.widget)
    assert hidden(results.run_button)
    # A message can press a button that is hidden or disabled.
    results.run_button.disabled = False
    results.run_button.click()
    assert results.run is None
    # And what is asked of the runner itself is asked of the same rule.
    with pytest.raises(MlprovError, match="not written by this app"):
        NotebookRun(results.path, folders=[pack_folder])
    assert not (folder / "owned").exists()


def test_a_notebook_that_changes_after_it_was_written_is_not_run(
    pack_folder: Path, host: Callable[..., Path]
) -> None:
    folder = host(runs=1)
    path = generate("tiny", {}, folder / "a.ipynb", [pack_folder])
    results = results_panel(path, pack_folder)
    assert not hidden(results.run_button)
    edited(path).replace(path)
    results.run_button.click()
    assert "not written by this app" in shown(results.widget)
    assert not (folder / "owned").exists()


def test_a_visitor_writes_to_a_folder_of_their_own(
    pack_folder: Path, folder: Path, host: Callable[..., Path]
) -> None:
    own = host()
    before = sorted(folder.iterdir())
    made = wizard("tiny", folder=folder, packs=[pack_folder])
    path = made.state.generate()
    assert path.parent == own
    assert sorted(folder.iterdir()) == before
    made.state.set("dataset", "csv")
    made.state.set("csv_path", f"{folder.name}/table.csv")
    assert made.state.checked.table is not None


def test_a_full_quota_is_said(pack_folder: Path, host: Callable[..., Path]) -> None:
    own = host(quota="100kB")
    made = wizard("tiny", packs=[pack_folder])
    (own / "much").write_bytes(b"0" * 100_000)
    with pytest.raises(MlprovError, match="no room left"):
        made.state.generate()


def test_no_setting_of_the_hosts_ends_in_a_traceback(
    host: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    host()
    end_session()
    monkeypatch.setenv("MLPROV_HOST_VISITORS", "many")
    told: Any = wizard()
    assert "MLPROV_HOST_VISITORS" in told.value


def test_a_run_takes_no_longer_than_it_may(slow: Path, host: Callable[..., Path]) -> None:
    folder = host(runs=1, run_minutes=0.05)
    path = generate("slow", {"seconds": 500}, folder / "a.ipynb", [slow])
    with pytest.raises(ExecutionError, match="was ended: a run may take"):
        run_notebook(path, folders=[slow])


def test_a_run_takes_no_more_memory_than_it_may(slow: Path, host: Callable[..., Path]) -> None:
    folder = host(runs=1, run_memory="500MB")
    path = generate("slow", {"size": 10**9}, folder / "a.ipynb", [slow])
    with pytest.raises(ExecutionError, match=r"MemoryError|was ended"):
        run_notebook(path, folders=[slow])


def test_a_run_fills_no_more_disk_than_it_may(slow: Path, host: Callable[..., Path]) -> None:
    folder = host(runs=1, quota="2MB")
    path = generate("slow", {"filled": 50_000_000}, folder / "a.ipynb", [slow])
    with pytest.raises(ExecutionError, match=r"too large|was ended"):
        run_notebook(path, folders=[slow])


def test_runs_wait_for_each_other(slow: Path, host: Callable[..., Path]) -> None:
    folder = host(runs=1)
    path = generate("slow", {"seconds": 1}, folder / "a.ipynb", [slow])
    others = Ticket(sessions_root() / "queue", 1)
    waited: list[int] = []
    asked = threading.Event()

    def wait(before: int) -> None:
        waited.append(before)
        asked.set()

    run = NotebookRun(path, folders=[slow], on_wait=wait).start()
    assert asked.wait(WATCHDOG)
    # A visitor has one place in the queue.
    with pytest.raises(MlprovError, match="Another notebook of yours"):
        NotebookRun(path, folders=[slow]).start()
    assert "begun" in path.read_text()
    assert run.running
    others.close()
    assert run.wait().status == "finished"
    assert waited == [1]
    # Who does not want to wait leaves the queue without having run.
    others = Ticket(sessions_root() / "queue", 1)
    run = NotebookRun(path, folders=[slow]).start()
    run.stop()
    assert run.wait().status == "stopped"
    others.close()
    assert NotebookRun(path, folders=[slow]).start().wait().status == "finished"


def test_a_run_imports_nothing_of_the_visitors(slow: Path, host: Callable[..., Path]) -> None:
    (slow / "060_data_ingestion.py.jinja").write_text("import a_script_of_theirs\n")
    folder = host(runs=1)
    path = generate("slow", {}, folder / "a.ipynb", [slow])
    (folder / "a_script_of_theirs.py").write_text("open('owned', 'w')")
    with pytest.raises(ExecutionError, match="ModuleNotFoundError"):
        run_notebook(path, folders=[slow])
    assert not (folder / "owned").exists()
    outputs = [
        cell["outputs"] for cell in json.loads(path.read_text())["cells"] if "outputs" in cell
    ]
    assert str(folder) not in json.dumps(outputs)
    assert sys.prefix not in json.dumps(outputs)
