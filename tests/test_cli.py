"""The commands, mostly in this process; what a shell sees is looked at in a few real ones."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import psutil
import pytest
from click.testing import CliRunner, Result
from nbformat.v4 import new_code_cell, new_notebook

from mlprov_widgets import __version__
from mlprov_widgets.cli import main
from mlprov_widgets.notebooks import generate, read_manifest
from mlprov_widgets.provenance import write_record
from tests.reproduction.made_runs import record

PACK = "multiclass_classification"


def mlprov(*words: object) -> Result:
    result = CliRunner().invoke(main, [str(word) for word in words])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def refused(*words: object) -> str:
    """The one sentence on standard error of a command that ends with 2."""
    result = mlprov(*words)
    assert result.exit_code == 2, result.output
    assert result.stdout == ""
    assert result.stderr.startswith("Error: ")
    assert "Traceback" not in result.stderr
    return result.stderr


@pytest.fixture(autouse=True)
def in_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def write(path: str, *sources: str) -> Path:
    nbformat.write(new_notebook(cells=[new_code_cell(source) for source in sources]), path)
    return Path(path)


def test_version_and_help():
    assert mlprov("--version").stdout == f"mlprov {__version__}\n"
    text = mlprov("--help").stdout
    for command in ("tasks", "generate", "run", "reproduce", "verify", "validate", "view"):
        assert f"\n  {command} " in text
        assert mlprov(command, "--help").exit_code == 0
        assert mlprov(command, "-h").stdout == mlprov(command, "--help").stdout


def test_tasks():
    assert PACK in mlprov("tasks").stdout
    (one,) = [task for task in json.loads(mlprov("tasks", "--json").stdout) if task["name"] == PACK]
    assert one["title"]
    assert one["summary"]


@pytest.mark.parametrize("words", [("tasks", PACK), ("generate", PACK, "--help")])
def test_the_parameters_of_a_pack(words):
    text = mlprov(*words).stdout
    assert "optimizer  one of Adam, " in text
    assert "test_size  a number above 0 and up to 0.8; default 0.2" in text
    assert "Counts only if dataset == 'csv'" in text


def test_the_parameters_of_a_pack_as_json():
    facts = json.loads(mlprov("tasks", PACK, "--json").stdout)
    by_name = {parameter["name"]: parameter for parameter in facts["parameters"]}
    assert by_name["epochs"]["type"] == "integer"
    assert by_name["optimizer"]["default"] in by_name["optimizer"]["choices"]


def test_generate(tmp_path):
    result = mlprov("generate", PACK, "-s", "epochs=3", "-s", "optimizer=SGD", "-o", "my.ipynb")
    assert (result.exit_code, result.stdout) == (0, "my.ipynb\n")
    values = read_manifest(tmp_path / "my.ipynb").values
    assert (values["epochs"], values["optimizer"]) == (3, "SGD")
    script = mlprov("generate", PACK, "-o", "my.py")
    assert script.exit_code == 0
    compile((tmp_path / "my.py").read_text(), "my.py", "exec")
    default = json.loads(mlprov("generate", PACK, "--json").stdout)
    assert Path(default["file"]).name == f"{PACK}.ipynb"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("values.json", '{"epochs": 3, "seed": 7}'),
        ("values.toml", "epochs = 3\nseed = 7\n"),
        ("saved.json", '{"format": 1, "task": "x", "values": {"epochs": 3, "seed": 7}}'),
    ],
)
def test_values_from_a_file(tmp_path, name, text):
    Path(name).write_text(text)
    mlprov("generate", PACK, "--values", name, "-s", "seed=8", "-o", "my.ipynb")
    values = read_manifest(tmp_path / "my.ipynb").values
    assert (values["epochs"], values["seed"]) == (3, 8)


def test_wrong_values():
    message = refused("generate", PACK, "-s", "epocs=3", "-s", "epochs=many", "-s", "test_size=2")
    assert "epocs" in message
    assert "did you mean epochs" in message
    assert "'many'" in message
    assert "test_size" in message
    assert "NAME=VALUE" in refused("generate", PACK, "-s", "epochs")
    assert list(Path().iterdir()) == []


def test_wrong_files_of_values():
    Path("broken.json").write_text("{")
    Path("broken.toml").write_text("=")
    Path("list.json").write_text("[1]")
    assert "broken.json is not valid JSON" in refused("generate", PACK, "--values", "broken.json")
    assert "broken.toml is not valid TOML" in refused("generate", PACK, "--values", "broken.toml")
    assert "does not hold values" in refused("generate", PACK, "--values", "list.json")
    assert "none.json cannot be read" in refused("generate", PACK, "--values", "none.json")


def test_generate_writes_over_nothing():
    Path("mine.ipynb").write_text("mine")
    assert "exists already" in refused("generate", PACK, "-o", "mine.ipynb")
    assert Path("mine.ipynb").read_text() == "mine"
    assert "no pack 'nonsense'" in refused("generate", "nonsense")
    assert "no folder" in refused("generate", PACK, "-o", "nowhere/x.ipynb")
    usage = mlprov("generate")
    assert usage.exit_code == 2
    assert "Missing argument 'PACK'" in usage.stderr


def test_run():
    write("ok.ipynb", "# a comment\nprint('hello')", "1")
    result = mlprov("run", "ok.ipynb", "-o", "out.ipynb")
    assert result.exit_code == 0
    assert result.stderr.splitlines()[0].startswith("[1/2] print('hello')  ")
    assert f"notebook: {Path('out.ipynb').resolve()}" in result.stdout
    assert "provenance: none was written" in result.stdout
    assert "hello" in Path("out.ipynb").read_text()


def test_a_failing_run():
    write("bad.ipynb", "x = 1", "y = x\nraise ValueError('no')")
    result = mlprov("run", "bad.ipynb")
    assert result.exit_code == 1
    assert result.stdout == ""
    assert "Error: Cell 2 of bad.ipynb raised ValueError: no." in result.stderr
    assert "    raise ValueError('no')" in result.stderr
    assert "\x1b" not in result.stderr

    as_json = mlprov("run", "bad.ipynb", "--json")
    assert as_json.exit_code == 1
    facts = json.loads(as_json.stdout)
    assert facts["status"] == "failed"
    assert facts["error"]["cell"] == 2
    assert facts["error"]["source"] == "y = x\nraise ValueError('no')"


def test_what_cannot_be_run():
    Path("text.ipynb").write_text("text")
    assert "cannot be read" in refused("run", "none.ipynb")
    assert "not a Jupyter notebook" in refused("run", "text.ipynb")
    write("ok.ipynb", "1")
    assert "exists already" in refused("run", "ok.ipynb", "-o", "text.ipynb")


def test_verify():
    write_record(record(), "a.prov.json")
    write_record(record(), "b.prov.json")
    changed = record()
    changed.fingerprints["weights"] = "f" * 64
    write_record(changed, "c.prov.json")
    worse = record()
    worse.steps["model_evaluation"].values["evaluation_metrics"]["loss"] = 0.2
    write_record(worse, "d.prov.json")

    same = mlprov("verify", "b.prov.json", "a.prov.json")
    assert same.exit_code == 0
    assert same.stdout.endswith("\nVerdict: bit-identical\n")
    assert mlprov("verify", "c.prov.json", "a.prov.json").exit_code == 1
    accepted = ("--accept", "metric-identical")
    assert mlprov("verify", "c.prov.json", "a.prov.json", *accepted).exit_code == 0
    assert mlprov("verify", "d.prov.json", "a.prov.json", *accepted).exit_code == 1
    wide = ("--accept", "within-tolerance", "--relative", "0.5")
    assert mlprov("verify", "d.prov.json", "a.prov.json", *wide).exit_code == 0
    facts = json.loads(mlprov("verify", "d.prov.json", "a.prov.json", "--json").stdout)
    assert facts["verdict"] == "different"
    assert facts["first_difference"] == "loss"


def test_validate():
    write_record(record(), "good.prov.json")
    Path("bad.prov.json").write_text('{"entity": []}')
    assert mlprov("validate", "good.prov.json").stdout == "good.prov.json is valid.\n"
    bad = mlprov("validate", "bad.prov.json")
    assert bad.exit_code == 1
    assert bad.stdout.strip()
    facts = json.loads(mlprov("validate", "bad.prov.json", "--json").stdout)
    assert facts["valid"] is False
    assert facts["problems"]


def test_view():
    write_record(record(), "run.prov.json")
    assert "Iris" in mlprov("view", "run.prov.json").stdout
    starts = {"svg": b"<?xml", "png": b"\x89PNG", "dot": b"digraph", "html": b"<!DOCTYPE html>"}
    for ending, start in starts.items():
        result = mlprov("view", "run.prov.json", "-o", f"out.{ending}")
        assert result.stdout == f"out.{ending}\n"
        assert Path(f"out.{ending}").read_bytes().lstrip().startswith(start)
        assert "already" in refused("view", "run.prov.json", "-o", f"out.{ending}")
    assert "must end in" in refused("view", "run.prov.json", "-o", "out.gif")


@pytest.mark.parametrize("command", ["reproduce", "validate", "view", "verify", "run"])
def test_files_that_are_none(command, tmp_path):
    def words(name):
        return (command, name, name) if command == "verify" else (command, name)

    assert refused(*words("none.prov.json"))
    assert refused(*words(tmp_path))
    Path("file").write_text("")
    assert refused(*words("file/below.prov.json"))
    if command != "validate":
        Path("text.prov.json").write_text("just text")
        assert refused(*words("text.prov.json"))


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may read everything")
@pytest.mark.parametrize("command", ["reproduce", "validate", "view", "run"])
def test_a_file_that_may_not_be_read(command):
    path = write_record(record(), "secret.prov.json")
    path.chmod(0)
    assert "Permission denied" in refused(command, path)


def test_reproduce_names_what_was_written_by_hand():
    write_record(record(), "run.prov.json")
    result = mlprov("reproduce", "run.prov.json", "-o", "again.ipynb", "--yes")
    assert result.exit_code == 0
    assert result.stdout == f"{Path('again.ipynb').resolve()}\n"
    assert "4 cells were edited by hand" in result.stderr
    assert "read them before running." in result.stderr
    assert "+run = start_run('iris.ipynb', seed=42)" in result.stderr
    facts = json.loads(mlprov("reproduce", "run.prov.json", "--yes", "--json").stdout)
    assert Path(facts["file"]).is_file()
    assert {cell["change"] for cell in facts["edited"]} == {"added", "removed"}


def test_code_from_a_file_is_not_run_unread():
    made = record()
    made.cells[1].executions[0].source = "open('ran', 'w')"
    write_record(made, "run.prov.json")
    before = sorted(Path().iterdir())
    result = mlprov("reproduce", "run.prov.json", "--run")
    assert result.exit_code == 2
    assert "+open('ran', 'w')" in result.stderr
    assert "nothing was written" in result.stderr
    assert sorted(Path().iterdir()) == before


def test_cells_are_kept_or_restored_one_by_one():
    generate(PACK, {"epochs": 3}, "iris.ipynb")
    notebook = nbformat.read("iris.ipynb", as_version=4)
    first, second = [cell for cell in notebook.cells if cell.cell_type == "code"][1:3]
    as_generated = second.source
    first.source += "\nprint('kept')"
    second.source += "\nprint('undone')"
    nbformat.write(notebook, "iris.ipynb")
    assert mlprov("reproduce", "iris.ipynb", "--keep", first.id).exit_code == 2
    arguments = ("--keep", first.id, "--restore", second.id)
    assert mlprov("reproduce", "iris.ipynb", *arguments).exit_code == 0
    again = {cell.id: cell for cell in nbformat.read("iris-reproduction.ipynb", as_version=4).cells}
    assert again[first.id].source.endswith("print('kept')")
    assert again[second.id].source == as_generated
    assert "has the id 'none'" in refused("reproduce", "iris.ipynb", "--keep", "none")


def test_inspect_says_what_a_file_holds():
    write_record(record(), "run.prov.json")
    result = mlprov("inspect", "run.prov.json")
    assert result.exit_code == 0, result.output
    assert "When: 2026-03-01 12:00, 9 s" in result.stdout
    assert "optimizer: Adam, from values" in result.stdout
    assert "+run = start_run('iris.ipynb', seed=42)" in result.stderr
    facts = json.loads(mlprov("inspect", "run.prov.json", "--json").stdout)
    assert facts["ways"] == ["exact", "start"]
    assert facts["values"] == {"seed": 42, "optimizer": "Adam"}
    Path("mine.json").write_text("{}")
    assert "mine.json" in refused("inspect", "mine.json")


def test_the_whole_road(tmp_path):
    """Generate, run, reproduce from the provenance file and run again: bit-identical."""
    values = ("-s", "epochs=3", "-s", "dataset=iris", "-s", "print_every=0")
    assert mlprov("generate", PACK, *values, "-o", "iris.ipynb").exit_code == 0
    first = mlprov("run", "iris.ipynb")
    assert first.exit_code == 0, first.stderr
    assert f"provenance: {tmp_path / 'iris.prov.json'}" in first.stdout
    assert "\naccuracy: " in first.stdout
    assert mlprov("validate", "iris.prov.json").exit_code == 0

    second = mlprov("reproduce", "iris.prov.json", "--run")
    assert second.exit_code == 0, second.output
    assert second.stdout.endswith("\nVerdict: bit-identical\n")
    assert "Warning" not in second.stderr

    again = tmp_path / "iris-reproduction.prov.json"
    assert mlprov("verify", again, "iris.prov.json").exit_code == 0
    code = [
        [
            cell.source
            for cell in nbformat.read(name, as_version=4).cells
            if cell.cell_type == "code"
        ]
        for name in ("iris.ipynb", "iris-reproduction.ipynb")
    ]
    assert code[0] == code[1]
    executed = nbformat.read("iris-reproduction.ipynb", as_version=4)
    shown = json.dumps(executed.cells[-1].outputs)
    assert "Verdict: bit-identical" in shown


# -- in a real shell ------------------------------------------------------------------------------


def shell(*words: object, **options) -> subprocess.CompletedProcess:
    command = [sys.executable, "-m", "mlprov_widgets.cli", *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, **options)


def test_tasks_imports_nothing_heavy():
    program = (
        "import sys; from mlprov_widgets.cli import main\n"
        "try: main(['tasks'])\n"
        "except SystemExit: pass\n"
        "heavy = {'torch', 'torchvision', 'sklearn', 'pandas', 'matplotlib', 'nbclient'}\n"
        "print(sorted(heavy & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60
    )
    assert PACK in done.stdout
    assert done.stderr.strip() == "[]"


def test_a_terminal_that_knows_only_ascii():
    write_record(record(fingerprints={}), "run.prov.json")
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    done = shell("verify", "run.prov.json", "run.prov.json", env=environment)
    assert done.returncode == 1
    assert done.stdout.endswith("Verdict: metric-identical\n")


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_leaves_no_kernel(number):
    write("long.ipynb", "print('here')", "open('ready', 'w')\nimport time\ntime.sleep(600)")
    command = [sys.executable, "-m", "mlprov_widgets.cli", "run", "long.ipynb"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        deadline = time.monotonic() + 60
        while not Path("ready").exists():
            assert time.monotonic() < deadline
            time.sleep(0.05)
        kernels = psutil.Process(process.pid).children(recursive=True)
        assert kernels
        process.send_signal(number)
        _, error = process.communicate(timeout=30)
    assert process.returncode == 1
    assert "Aborted!" in error
    assert "Traceback" not in error
    _, alive = psutil.wait_procs(kernels, timeout=10)
    assert alive == []
    assert "here" in Path("long.ipynb").read_text()
