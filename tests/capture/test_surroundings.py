"""The machine, the packages, the repository, the person, the seeds."""

from __future__ import annotations

import importlib
import importlib.metadata
import os
import random
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest
import torch

from mlprov_widgets.capture.environment import commands, machine
from mlprov_widgets.capture.environment.agent import find_agent
from mlprov_widgets.capture.environment.commands import Command
from mlprov_widgets.capture.environment.seeding import Seeding, check_seed
from mlprov_widgets.capture.packages import imported_packages, normalized
from mlprov_widgets.errors import InvalidValuesError


def git(folder: Path, *words: str) -> str:
    identity = {"GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@b", "GIT_COMMITTER_NAME": "a"}
    result = subprocess.run(
        ["git", *words],
        cwd=folder,
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, **identity, "GIT_COMMITTER_EMAIL": "a@b", "GIT_CONFIG_GLOBAL": ""},
    )
    return result.stdout.strip()


# ------------------------------------------------------------------------------------- packages


def test_packages_are_those_that_importlib_finds() -> None:
    for module in ("pandas", "PIL.Image", "sklearn.base", "yaml"):
        importlib.import_module(module)
    found = imported_packages()
    owners = importlib.metadata.packages_distributions()
    expected = {}
    for module in {name.partition(".")[0] for name in sys.modules}:
        for distribution in owners.get(module, ()):
            expected[normalized(distribution)] = importlib.metadata.version(distribution)
    assert {"pillow", "scikit-learn", "pyyaml", "torch", "mlprov-widgets"} <= found.keys()
    # What site imports before any code of ours runs, and parts of a name that several share.
    missing = {n: v for n, v in expected.items() if found.get(n) != v}
    assert missing.keys() <= {"setuptools", *_sharing(owners)}
    assert {name for name in found if name not in expected} <= {"mlprov-widgets"}


def _sharing(owners: dict[str, list[str]]) -> set[str]:
    return {normalized(d) for several in owners.values() if len(set(several)) > 1 for d in several}


def test_a_module_beside_the_notebook_is_no_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A distribution has this name, and is installed with pytest.
    (tmp_path / "iniconfig.py").write_text("", encoding="utf-8")
    site = tmp_path / "site"
    (site / "helper-1.0.dist-info").mkdir(parents=True)
    (site / "helper-1.0.dist-info" / "RECORD").write_text("helping/__init__.py,,\n")
    (site / "helping").mkdir()
    (site / "helping" / "__init__.py").write_text("")
    (site / "unused-2.0.dist-info").mkdir()
    monkeypatch.syspath_prepend(str(site))
    monkeypatch.syspath_prepend(str(tmp_path))
    for name in ("iniconfig", "helping"):
        monkeypatch.delitem(sys.modules, name, raising=False)
        __import__(name)
    found = imported_packages()
    assert found["helper"] == "1.0"
    assert sys.modules["iniconfig"].__file__ == str(tmp_path / "iniconfig.py")
    assert "iniconfig" not in found
    assert "unused" not in found
    for name in ("iniconfig", "helping"):
        monkeypatch.delitem(sys.modules, name)


# ------------------------------------------------------------------------- machine and settings


def test_hardware_has_units_and_its_functions() -> None:
    facts = machine.hardware(commands.ask_gpus(), commands.ask_processor())
    assert str(facts["RAM"].value).endswith(" GiB")
    assert float(str(facts["RAM"].value).split()[0]) > 0.1
    assert facts["CPU"].value
    assert facts["Operating_System"].value
    assert isinstance(facts["GPUs"].value, list)
    assert all(fact.function for fact in facts.values())
    assert facts["RAM"].function == "psutil.virtual_memory"


def test_settings_say_what_torch_says() -> None:
    facts = machine.settings(Command(["true"]))
    assert facts["torch_threads"] == (torch.get_num_threads(), "torch.get_num_threads")
    assert facts["torch_version"] == (torch.__version__, "torch.__version__")
    assert facts["cpu_capability"].value == torch.backends.cpu.get_cpu_capability()
    assert facts["default_dtype"].value == "torch.float32"
    assert facts["cudnn_benchmark"].value is torch.backends.cudnn.benchmark
    assert all(fact.function for fact in facts.values())


def test_settings_of_numerical_libraries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MKL_CBWR", "AVX2,STRICT")
    monkeypatch.setenv("ONEDNN_MAX_CPU_ISA", "AVX512_CORE")
    facts = machine.settings(Command(["true"]))
    assert facts["MKL_CBWR"] == ("AVX2,STRICT", "os.environ.get")
    assert facts["ONEDNN_MAX_CPU_ISA"].value == "AVX512_CORE"


def test_no_environment_variable_gets_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "hush-hush")
    monkeypatch.setenv("OMP_NUM_THREADS", "hush-hush $ecret")
    facts = machine.settings(Command(["true"]))
    assert "hush" not in repr(facts)


@pytest.mark.parametrize(
    ("answer", "gpus", "driver"),
    [
        (
            "NVIDIA H200, 143771 MiB, 570.1\nNVIDIA H200, 143771 MiB, 570.1\n",
            ["NVIDIA H200 (143771 MiB)"] * 2,
            "570.1",
        ),
        ("No devices were found\n", [], ""),
        ("", [], ""),
    ],
)
def test_gpus(answer: str, gpus: list[str], driver: str) -> None:
    assert commands.read_gpus(answer) == (gpus, driver)


# ------------------------------------------------------------------------------------------ git


def test_git(tmp_path: Path) -> None:
    assert commands.read_git(commands.ask_git(tmp_path).answer()) == {}
    git(tmp_path, "init", "-b", "trunk")
    assert commands.read_git(commands.ask_git(tmp_path).answer()) == {
        "commit": "",
        "branch": "trunk",
        "dirty": False,
    }
    (tmp_path / "a.txt").write_text("a")
    git(tmp_path, "add", "a.txt")
    git(tmp_path, "commit", "-m", "a")
    commit = git(tmp_path, "rev-parse", "HEAD")
    (tmp_path / "run.prov.json").write_text("{}")
    clean = {"commit": commit, "branch": "trunk", "dirty": False}
    assert commands.read_git(commands.ask_git(tmp_path).answer()) == clean
    (tmp_path / "a.txt").write_text("b")
    assert commands.read_git(commands.ask_git(tmp_path).answer()) == {**clean, "dirty": True}


def test_a_repository_cannot_have_its_programs_run(tmp_path: Path) -> None:
    git(tmp_path, "init")
    spy = tmp_path / "spy"
    program = tmp_path / "monitor.sh"
    program.write_text(f"#!/bin/sh\ntouch {spy}\n")
    program.chmod(0o755)
    git(tmp_path, "config", "core.fsmonitor", str(program))
    assert commands.read_git(commands.ask_git(tmp_path).answer())
    assert not spy.exists()


def test_a_program_that_hangs_or_fails_or_is_missing() -> None:
    late = "import time; time.sleep(60); print('late')"
    assert Command([sys.executable, "-c", late]).answer() == ""
    assert Command(["no such program at all"]).answer() == ""
    assert Command([sys.executable, "-c", "print(1); raise SystemExit(1)"]).answer() == ""


# ---------------------------------------------------------------------------------------- agent


def test_the_agent_is_told_configured_or_the_account(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLPROV_CONFIG_DIR", str(tmp_path))
    for name in ("MLPROV_AGENT_NAME", "MLPROV_AGENT_ORCID"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("getpass.getuser", lambda: "account")
    assert find_agent() == ({"name": "account"}, "getpass.getuser")
    (tmp_path / "agent.toml").write_text('name = "C"\norcid = "0000-0002-1694-233X"\n')
    assert find_agent() == ({"name": "C", "orcid": "0000-0002-1694-233X"}, "tomllib.load")
    monkeypatch.setenv("MLPROV_AGENT_NAME", "E")
    monkeypatch.setenv("MLPROV_AGENT_ORCID", "https://orcid.org/0000-0002-1825-0097")
    assert find_agent() == ({"name": "E", "orcid": "0000-0002-1825-0097"}, "os.environ.get")
    assert find_agent("T")[0] == {"name": "T"}
    assert find_agent({"name": "T", "orcid": "0000-0002-1825-0098"})[0] == {"name": "T"}
    (tmp_path / "agent.toml").write_text("name = [")
    monkeypatch.delenv("MLPROV_AGENT_NAME")
    assert find_agent()[0] == {"name": "account"}

    def nobody() -> str:
        raise OSError("no such user")

    monkeypatch.setattr("getpass.getuser", nobody)
    assert find_agent()[0] == {"name": "unknown"}


# ---------------------------------------------------------------------------------------- seeds


@pytest.fixture
def torch_settings() -> object:
    before = (torch.get_deterministic_debug_mode(), torch.backends.cudnn.allow_tf32)
    yield
    torch.set_deterministic_debug_mode(before[0])
    torch.backends.cudnn.allow_tf32 = before[1]
    torch.backends.cudnn.deterministic = False


@pytest.mark.usefixtures("torch_settings")
def test_one_seed_for_all_generators() -> None:
    def draw(seed: int) -> tuple[float, float, float]:
        Seeding(seed).stop()
        return random.random(), float(np.random.rand()), float(torch.rand(1))

    assert draw(5) == draw(5)
    assert draw(5) != draw(6)
    draw(2**64 - 1)
    assert torch.are_deterministic_algorithms_enabled()
    assert torch.is_deterministic_algorithms_warn_only_enabled()
    assert torch.backends.cudnn.deterministic is True
    assert os.environ["CUBLAS_WORKSPACE_CONFIG"]


@pytest.mark.usefixtures("torch_settings")
def test_without_a_seed_nothing_is_seeded() -> None:
    torch.manual_seed(11)
    Seeding(None).stop()
    assert torch.initial_seed() == 11


def test_what_is_imported_later_is_seeded_before_anything_draws() -> None:
    script = """
from mlprov_widgets.capture.environment.seeding import Seeding
seeding = Seeding(5)
assert "torch" not in seeding.done
import torch, numpy
seeds = torch.initial_seed(), numpy.random.rand()
numpy.random.seed(5)
assert seeds == (5, numpy.random.rand()), seeds
assert seeding.done["torch"] == seeding.done["numpy"] == "when it was imported"
torch.manual_seed(99)
seeding.stop()
assert torch.initial_seed() == 99
"""
    subprocess.run([sys.executable, "-c", script], check=True)


@pytest.mark.usefixtures("torch_settings")
def test_operations_that_are_not_deterministic_are_noticed() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        shown: list[str] = []
        warnings.showwarning = lambda message, *rest, **more: shown.append(str(message))
        seeding = Seeding(1)
        torch.zeros(4).put_(torch.tensor([0]), torch.tensor([1.0]))
        warnings.warn("something else", stacklevel=1)
        assert "put_" in seeding.nondeterministic
        assert len(shown) == 2
        seeding.stop()
        warnings.warn("afterwards", stacklevel=1)
        assert shown[2:] == ["afterwards"]
        # PyTorch says it once in a process; a second run in the same kernel knows it still.
        assert "put_" in Seeding(1).nondeterministic


@pytest.mark.parametrize("seed", [-1, 2**64, 1.5, "7", True, [1]])
def test_seeds_that_are_none(seed: object) -> None:
    with pytest.raises(InvalidValuesError, match="whole number"):
        check_seed(seed)


def test_seeds_of_numpy() -> None:
    assert check_seed(np.int64(3)) == 3
    assert check_seed(None) is None
