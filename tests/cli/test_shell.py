"""What all commands have in common, and what a real shell sees."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from mlprov_widgets import __version__
from mlprov_widgets.provenance import write_record
from tests.cli.commands import PACK, mlprov, refused, shell
from tests.reproduction.made_runs import record
from tests.watchdog import WATCHDOG


def test_version_and_help():
    assert mlprov("--version").stdout == f"mlprov {__version__}\n"
    text = mlprov("--help").stdout
    for command in (
        "tasks",
        "generate",
        "run",
        "reproduce",
        "verify",
        "validate",
        "view",
        "inspect",
        "report",
    ):
        assert f"\n  {command} " in text
        assert mlprov(command, "--help").exit_code == 0
        assert mlprov(command, "-h").stdout == mlprov(command, "--help").stdout


@pytest.mark.parametrize(
    "command", ["reproduce", "validate", "view", "verify", "run", "inspect", "report"]
)
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
@pytest.mark.parametrize("command", ["reproduce", "validate", "view", "run", "inspect", "report"])
def test_a_file_that_may_not_be_read(command):
    path = write_record(record(), "secret.prov.json")
    path.chmod(0)
    assert "Permission denied" in refused(command, path)


def test_tasks_imports_nothing_heavy():
    program = (
        "import sys; from mlprov_widgets.cli import main\n"
        "try: main(['tasks'])\n"
        "except SystemExit: pass\n"
        "heavy = {'torch', 'torchvision', 'sklearn', 'pandas', 'matplotlib', 'nbclient'}\n"
        "print(sorted(heavy & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=WATCHDOG
    )
    assert PACK in done.stdout
    assert done.stderr.strip() == "[]"


def test_a_terminal_that_knows_only_ascii():
    write_record(record(fingerprints={}), "run.prov.json")
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    done = shell("verify", "run.prov.json", "run.prov.json", env=environment)
    assert done.returncode == 1
    assert done.stdout.endswith("Verdict: metric-identical\n")
