"""The packages of a run as a requirements file that pip really reads."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from mlprov_widgets.errors import MlprovError
from mlprov_widgets.rebuild.requirements import (
    install_command,
    requirements_text,
    write_requirements,
)
from mlprov_widgets.record import Record
from tests.reproduction.made_runs import record


class Installed:
    """A distribution of mlprov-widgets, and what pip wrote down of where it is from."""

    def __init__(self, version: str, origin: object) -> None:
        self.version, self._origin = version, origin

    def read_text(self, name: str) -> str | None:
        assert name == "direct_url.json"
        return None if self._origin is None else json.dumps(self._origin)


@pytest.fixture(autouse=True)
def installed_from_an_index(monkeypatch):
    """Wherever the tests run, mlprov-widgets counts as installed from an index."""
    set_installed(monkeypatch, Installed("0.1.0", None))


def set_installed(monkeypatch, *found: Installed) -> None:
    monkeypatch.setattr("importlib.metadata.distributions", lambda **_options: list(found))


@pytest.mark.parametrize(
    ("origin", "place"),
    [
        ({"url": "file:///here/it%20is", "dir_info": {"editable": True}}, "file:///here/it%20is"),
        (
            {"url": "https://host/r.git", "vcs_info": {"vcs": "git", "commit_id": "ab12"}},
            "git+https://host/r.git@ab12",
        ),
    ],
)
def test_what_came_from_no_index_is_taken_from_where_it_came(monkeypatch, origin, place):
    set_installed(monkeypatch, Installed("0.1.0", None), Installed("0.1.0", origin))
    text = requirements_text(record())
    (line,) = [line for line in text.splitlines() if line.startswith("mlprov-widgets")]
    assert Requirement(line.partition("  #")[0]).url == place
    # Of another version than the one here nothing is known.
    other = requirements_text(record(packages={"mlprov-widgets": "0.2.0"}))
    assert pinned(other)["mlprov-widgets"] == "0.2.0"


@pytest.mark.parametrize("origin", [{}, [], "x", {"url": 3}, {"url": "a b"}, {"url": "a\n-r b"}])
def test_a_damaged_note_of_where_it_came_from_is_passed_over(monkeypatch, origin):
    set_installed(monkeypatch, Installed("0.1.0", origin))
    assert pinned(requirements_text(record()))["mlprov-widgets"] == "0.1.0"


def pinned(text: str) -> dict[str, str]:
    """What pip would install, by its own grammar; fails where a line is anything else."""
    found = {}
    for line in text.splitlines():
        plain = line.partition(" #")[0].strip()
        if plain and not plain.startswith("#"):
            requirement = Requirement(plain)
            assert requirement.url is None
            assert not requirement.extras
            (specifier,) = requirement.specifier
            assert specifier.operator == "=="
            found[requirement.name] = specifier.version
    return found


def comments(text: str) -> str:
    return "\n".join(line.partition("#")[2] for line in text.splitlines())


def test_each_package_in_its_recorded_version():
    text = requirements_text(record())
    assert pinned(text) == {
        "mlprov-widgets": "0.1.0",
        "numpy": "2.0",
        "torch": "2.9",
        "tqdm": "4.66",
    }


def test_the_head_says_of_which_run_and_what_it_ran_with():
    hardware = {"Operating_System": "Debian GNU/Linux 12"}
    environment = {"python": "3.12.1", "machine": "aarch64"}
    head = requirements_text(record(hardware_info=hardware, environment=environment)).split("\n\n")[
        0
    ]
    for part in ("iris.ipynb", "2026-03-01", "Python 3.12.1", "Debian GNU/Linux 12", "aarch64"):
        assert part in head
    assert all(line.startswith("#") for line in head.splitlines())


def test_the_version_that_made_the_record_is_pinned_also_if_it_was_not_among_the_packages():
    assert pinned(requirements_text(record(packages={})))["mlprov-widgets"] == "0.1.0"
    installed = record(packages={"mlprov-widgets": "0.2.0"})
    assert pinned(requirements_text(installed))["mlprov-widgets"] == "0.2.0"


@pytest.mark.parametrize(
    ("version", "public", "index"),
    [
        ("2.13.0+cpu", "2.13.0", "whl/cpu"),
        ("2.13.0+cu126", "2.13.0", "whl/cu126"),
        ("2.13.0+rocm6.4", "2.13.0", "whl/rocm6.4"),
    ],
)
def test_a_build_of_pytorch_is_pinned_by_what_pip_can_install(version, public, index):
    text = requirements_text(record(packages={"torch": version}))
    assert pinned(text)["torch"] == public
    (line,) = [line for line in text.splitlines() if line.startswith("torch==")]
    assert f"torch=={version} --index-url https://download.pytorch.org/{index}" in line


def test_other_local_versions():
    run = record(
        packages={"a": "1.0+ubuntu1", "b": "0.3.dev5+g1a2b3c4", "torch": "2.9.0a0+git12ab34"}
    )
    text = requirements_text(run)
    assert pinned(text) == {"mlprov-widgets": "0.1.0", "a": "1.0"}
    assert "b 0.3.dev5+g1a2b3c4: built from its sources" in comments(text)
    assert "torch 2.9.0a0+git12ab34: built from its sources" in comments(text)


HOSTILE_NAMES = [
    "evil @ https://example.org/evil.whl",
    "https://example.org/evil.whl",
    "--index-url=https://example.org/simple",
    "-r other.txt",
    "numpy\n--extra-index-url https://example.org/simple\nscipy",
    "numpy\r--pre",
    "numpy\u2028evil",
    "numpy\u0085evil",
    "numpy\x0cevil",
    "../evil",
    "./evil",
    "numpy[all]",
    "numpy; python_version > '3'",
    "numpy --config-settings=a=b",
    "numpy ",
    "numpy\n",
    "${HOME}",
    "n\u017fumpy",
    "\u212aeras",
    "",
    ".",
    "a" * 10_000,
]
HOSTILE_VERSIONS = [
    "1.0 --hash=sha256:00",
    "1.0\nevil==2.0",
    "1.0\r\nevil==2.0",
    "1.0 ; evil",
    "1.0,>=0",
    "*",
    "1.*",
    " @ file:///etc/passwd",
    "9" * 5000,
    "1.0\u2028evil",
    "",
    "None",
]


@pytest.mark.parametrize("name", HOSTILE_NAMES)
def test_a_name_that_is_none_reaches_no_line(name):
    text = requirements_text(record(packages={name: "1.0"}))
    assert pinned(text) == {"mlprov-widgets": "0.1.0"}
    assert "not a name of a package" in comments(text)


@pytest.mark.parametrize("version", HOSTILE_VERSIONS)
def test_a_version_that_is_none_reaches_no_line(version):
    text = requirements_text(record(packages={"numpy": version}))
    assert pinned(text) == {"mlprov-widgets": "0.1.0"}
    assert "numpy" in comments(text).partition("Left out")[2]


@pytest.mark.parametrize("version", [None, 3, ["1.0"], {"$": "1.0"}])
def test_a_version_that_is_no_text_is_left_out(version):
    text = requirements_text(record(packages={"numpy": version}))
    assert pinned(text) == {"mlprov-widgets": "0.1.0"}
    assert "numpy" in comments(text).partition("Left out")[2]


@pytest.mark.parametrize("text", ["x\n--pre\n", "x\r--pre", "x\u2028--pre", "\x0b--pre"])
def test_what_the_head_tells_of_a_record_stays_within_its_comments(text):
    run = record(
        notebook={"name": text, "programming_language_version": text},
        hardware_info={"Operating_System": text},
        environment={"python": text, "machine": text},
        packages={},
        software="0.1.0",
    )
    found = requirements_text(run, "a\n--pre-requirements.txt")
    assert pinned(found) == {"mlprov-widgets": "0.1.0"}
    # `splitlines` ends a line wherever any reader might.
    assert all(line.startswith("#") or "==" in line or not line for line in found.splitlines())


def test_a_valid_but_wrong_software_version_does_not_get_in():
    assert pinned(requirements_text(record(packages={}, software="0.1\n--pre"))) == {}


def test_of_one_package_under_two_names_there_is_one_line():
    same = record(packages={"sklearn": "1.5", "scikit-learn": "1.5"})
    assert pinned(requirements_text(same))["scikit-learn"] == "1.5"
    other = requirements_text(record(packages={"scikit_learn": "1.5", "scikit-learn": "1.6"}))
    assert pinned(other)["scikit-learn"] == "1.6"
    assert "scikit_learn 1.5: recorded twice" in comments(other)


def test_packages_of_one_system_are_passed_over_elsewhere():
    run = record(
        packages={"triton": "3.5.0", "nvidia-cublas-cu12": "12.8", "numpy": "2.0"},
        hardware_info={"Operating_System": "Ubuntu 24.04 (Linux 6.8)"},
    )
    lines = requirements_text(run).splitlines()
    for name in ("triton==3.5.0", "nvidia-cublas-cu12==12.8"):
        (line,) = [line for line in lines if line.startswith(name)]
        assert str(Requirement(line).marker) == 'sys_platform == "linux"'
    (line,) = [line for line in lines if line.startswith("numpy")]
    assert Requirement(line).marker is None


def test_very_many_packages_make_no_endless_file():
    run = record(packages={f"p{number}": "1.0" for number in range(20_000)})
    text = requirements_text(run)
    assert len(text.splitlines()) < 6000
    assert "more: too many for one file" in text


def test_a_record_of_mlprovcodegen_says_only_what_it_says():
    run = Record(
        "an-id",
        software="MLProvCodeGen",
        start=datetime(2022, 5, 19, tzinfo=UTC),
        packages={"sklearn": "1.0.2", "torch": "1.10.2+cpu", "gputil": ""},
        notebook={"programming_language_version": "3.9.7.final.0 (64 bit)"},
    )
    text = requirements_text(run)
    assert pinned(text) == {"scikit-learn": "1.0.2", "torch": "1.10.2"}
    assert "recorded as sklearn" in text
    assert "gputil: its version was not recorded" in text
    assert "Python 3.9.7" in text
    assert "also needs mlprov-widgets" in text


def test_a_file_is_never_written_over(tmp_path):
    notebook = tmp_path / "iris.ipynb"
    first = write_requirements(record(), notebook)
    assert first == tmp_path / "iris-requirements.txt"
    first.write_text("mine")
    second = write_requirements(record(), notebook)
    assert second == tmp_path / "iris-requirements-2.txt"
    assert first.read_text() == "mine"
    assert pinned(second.read_text())["torch"] == "2.9"
    (tmp_path / "iris-requirements-3.txt").symlink_to(tmp_path / "nowhere")
    assert write_requirements(record(), notebook).name == "iris-requirements-4.txt"


def test_a_folder_that_is_not_there_is_a_sentence(tmp_path):
    with pytest.raises(MlprovError, match="cannot be written"):
        write_requirements(record(), tmp_path / "none" / "iris.ipynb")


@pytest.mark.skipif(sys.platform == "win32", reason="a shell of POSIX")
@pytest.mark.parametrize("stem", ["iris", "two words", "it's", "$(touch x)", "-rf", "Größe"])
def test_the_command_is_one_line_that_names_the_file_whole(stem, tmp_path):
    path = Path(f"{stem}-requirements.txt")
    command = install_command(path, "3.11.7")
    assert "\n" not in command
    build, install = (shlex.split(part) for part in command.split(" && "))
    assert build[:3] == ["python3.11", "-m", "venv"]
    assert Path(build[3]) == Path(f"{stem}-env")
    assert install[1:4] == ["-m", "pip", "install"]
    assert Path(install[0]) == Path(f"{stem}-env/bin/python")
    assert install[4] == "-r"
    assert Path(install[5]) == path
    assert not any(part.startswith("-") for part in (build[3], install[0], install[5]))


@pytest.mark.parametrize("version", ["", "three", "3; rm -rf ~", "$(x)", "3.11 && x", None])
def test_a_python_version_that_is_none_runs_nothing(version):
    command = install_command("a-requirements.txt", version)
    first = command.split()[0]
    assert first in {"python3", "python3.11", "py"}
    assert "rm" not in command
    assert "$" not in command


def test_pip_reads_the_file_as_meant(tmp_path):
    hostile = dict.fromkeys(HOSTILE_NAMES, "1.0")
    hostile |= {f"p{row}": version for row, version in enumerate(HOSTILE_VERSIONS)}
    run = record(packages={"numpy": "2.0", "torch": "2.9+cpu", "triton": "3.5", **hostile})
    file = write_requirements(run, tmp_path / "iris.ipynb")
    script = (
        "import sys\n"
        "from pip._internal.network.session import PipSession\n"
        "from pip._internal.req import parse_requirements\n"
        "for one in parse_requirements(sys.argv[1], session=PipSession()):\n"
        "    print(one.requirement, one.options or '', one.is_editable or '')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(file)], capture_output=True, text=True, check=False
    )
    if "No module named 'pip" in done.stderr:
        pytest.skip("there is no pip in this environment")
    assert done.returncode == 0, done.stderr
    read = [line.strip() for line in done.stdout.splitlines()]
    assert read == ["mlprov-widgets==0.1.0", "numpy==2.0", "torch==2.9", "triton==3.5"]
