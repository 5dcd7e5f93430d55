"""What stands beside the package to host it: as far as can be told without Docker or a network."""

from __future__ import annotations

import configparser
import json
import os
import re
import shutil
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml
from packaging.requirements import Requirement
from traitlets.config import Config, PyFileConfigLoader
from traitlets.utils.importstring import import_item

from mlprov_widgets.cli import main

ROOT = Path(__file__).resolve().parents[1]
DOCKER = ROOT / "docker"
# What the hub's configuration may speak of.
CONFIGURED = {
    "JupyterHub": "jupyterhub.app.JupyterHub",
    "Authenticator": "jupyterhub.auth.Authenticator",
    "DockerSpawner": "dockerspawner.DockerSpawner",
}
HUB = {"HUB_AUTHENTICATOR": "pam", "HUB_USERS": "ada, grace", "HUB_ADMINS": "ada"}


def instructions() -> list[tuple[str, str]]:
    """The Dockerfile's instructions: each with what it is given, on one line."""
    lines = (DOCKER / "Dockerfile").read_text().splitlines()
    text = "\n".join(line for line in lines if not line.startswith("#"))
    joined = re.sub(r"\\\n\s*", "", text)
    return [
        (name, rest.strip())
        for name, _, rest in (line.partition(" ") for line in joined.splitlines() if line)
    ]


def given(instruction: str) -> list[str]:
    return [rest for name, rest in instructions() if name == instruction]


def install_requires() -> dict[str, Requirement]:
    """What the package and the notebooks that it writes ask for, by name."""
    parser = configparser.ConfigParser()
    parser.read(ROOT / "setup.cfg")
    lines = parser["options"]["install_requires"].split("\n")
    lines += parser["options.extras_require"]["run"].split("\n")
    found = [Requirement(line) for line in lines if line]
    return {requirement.name: requirement for requirement in found}


def test_the_dockerfile_passes_its_linter() -> None:
    hadolint = shutil.which("hadolint", path=Path(sys.executable).parent)
    if hadolint is None:
        pytest.skip("hadolint is not installed: there is no wheel of it for this platform")
    done = subprocess.run(
        [hadolint, "--no-color", DOCKER / "Dockerfile"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout


def test_the_image_starts_from_a_pinned_base_and_ends_without_rights() -> None:
    (base,) = given("FROM")
    version = re.fullmatch(r"python:(3\.\d+)-slim-[a-z]+", base)
    assert version is not None
    assert f"Programming Language :: Python :: {version[1]}\n" in (ROOT / "setup.cfg").read_text()
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", given("USER")[-1])


def test_the_image_is_made_of_files_that_are_there() -> None:
    copied: list[str] = []
    for rest in given("COPY"):
        words = [word for word in rest.split() if not word.startswith("--")]
        copied += words[:-1]
    assert {"setup.cfg", "mlprov_widgets", "cell_templates", "demo.ipynb"} <= set(copied)
    for name in copied:
        assert (ROOT / name).exists(), name
    ignored = (DOCKER / "Dockerfile.dockerignore").read_text().splitlines()
    assert not set(copied) & set(ignored)


def test_the_image_installs_what_the_package_asks_for() -> None:
    found = re.findall(r'"(\w+[<>=].*?)"', " ".join(given("RUN")))
    named = {requirement.name: requirement for requirement in map(Requirement, found)}
    hub = named.pop("jupyterhub")  # which only what starts the container knows of
    (asked,) = re.findall(r'"(jupyterhub[<>=].*?)"', (DOCKER / "README.md").read_text())
    assert Requirement(asked) == hub
    assert set(named) == {"torch", "torchvision"}
    assert named.items() <= install_requires().items()


def test_the_image_starts_a_command_that_there_is() -> None:
    program, name, *options = json.loads(given("CMD")[0])
    assert program == "mlprov"
    command = main.commands[name]
    context = command.make_context(name, list(options))
    (port,) = given("EXPOSE")
    assert context.params["port"] == int(port)
    assert context.params["ip"] == "0.0.0.0"
    assert f"127.0.0.1', {port}" in given("HEALTHCHECK")[0]


def hub_config(monkeypatch: pytest.MonkeyPatch, **environment: str) -> Config:
    for name in ("HUB_AUTHENTICATOR", "HUB_USERS", "HUB_ADMINS"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return PyFileConfigLoader("jupyterhub_config.py", path=str(DOCKER)).load_config()


@pytest.mark.parametrize(
    ("environment", "told"),
    [
        ({}, "HUB_AUTHENTICATOR is not set"),
        ({"HUB_AUTHENTICATOR": "github"}, "HUB_USERS is not set"),
        ({"HUB_AUTHENTICATOR": "github", "HUB_USERS": " "}, "HUB_USERS is not set"),
        ({**HUB, "HUB_AUTHENTICATOR": "dummy"}, "anybody"),
        ({**HUB, "HUB_AUTHENTICATOR": "null"}, "anybody"),
        ({**HUB, "HUB_AUTHENTICATOR": "shared-password"}, "anybody"),
    ],
)
def test_a_hub_whose_host_did_not_choose_who_comes_in_does_not_start(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], told: str
) -> None:
    with pytest.raises(SystemExit, match=told):
        hub_config(monkeypatch, **environment)


def test_a_hub_lets_in_whom_its_host_named(monkeypatch: pytest.MonkeyPatch) -> None:
    config = hub_config(monkeypatch, **HUB)
    assert config.Authenticator.allowed_users == {"ada", "grace"}
    assert config.Authenticator.admin_users == {"ada"}
    assert not config.Authenticator.allow_all
    assert hub_config(monkeypatch, **{**HUB, "HUB_USERS": "*"}).Authenticator.allow_all


def test_a_visitor_of_a_hub_gets_a_container_with_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    config = hub_config(monkeypatch, **HUB)
    spawner = config.DockerSpawner
    assert spawner.mem_limit
    assert spawner.cpu_limit
    assert spawner.extra_host_config["pids_limit"]
    assert spawner.extra_host_config["cap_drop"] == ["ALL"]
    assert spawner.remove
    # One visitor, one folder; and it is where the image has its notebook.
    assert [name for name in spawner.volumes if "{username}" not in name] == []
    assert spawner.notebook_dir in given("WORKDIR")
    assert {*spawner.volumes.values()} == {spawner.notebook_dir}
    assert {role["name"] for role in config.JupyterHub.load_roles} == {
        service["name"] for service in config.JupyterHub.services
    }


def names_of(kind: str) -> set[str]:
    """What the hub's configuration may call spawners or authenticators by."""
    return {entry.name for entry in entry_points(group=f"jupyterhub.{kind}")}


def test_the_hub_knows_all_that_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("jupyterhub", "dockerspawner", "jupyterhub_idle_culler"):
        pytest.importorskip(module, reason=f"{module} is not installed")
    config = hub_config(monkeypatch, **HUB)
    for name, section in config.items():
        kind = import_item(CONFIGURED[name])
        assert set(section) <= set(kind.class_traits(config=True)), name
        of_somebody = {"user": SimpleNamespace(name="ada")} if name == "DockerSpawner" else {}
        kind(config=config, **of_somebody)  # a value of the wrong kind raises
    assert config.JupyterHub.spawner_class in names_of("spawners")
    assert {"dummy", "null", "shared-password"} <= names_of("authenticators")  # those refused


def test_binder_builds_from_packages_that_the_project_asks_for() -> None:
    environment = yaml.safe_load((ROOT / "binder" / "environment.yml").read_text())
    assert set(environment) == {"channels", "dependencies"}
    python, *packages = environment["dependencies"]
    version = python.removeprefix("python=")
    assert f"Programming Language :: Python :: {version}\n" in (ROOT / "setup.cfg").read_text()
    # conda-forge has a name of its own for it.
    assert {"torch" if name == "pytorch-cpu" else name for name in packages} <= {
        *install_requires()
    }


def test_binder_can_run_its_script() -> None:
    script = ROOT / "binder" / "postBuild"
    assert os.access(script, os.X_OK)
    assert subprocess.run(["bash", "-n", script], check=False).returncode == 0


def test_the_settings_for_voila_alone_are_settings_that_there_are() -> None:
    from jupyter_client.manager import KernelManager
    from voila.app import Voila
    from voila.configuration import VoilaConfiguration

    classes = {one.__name__: one for one in (Voila, VoilaConfiguration, KernelManager)}
    settings = json.loads((ROOT / "voila.json").read_text())
    assert settings.keys() == classes.keys()
    for name, values in settings.items():
        traits = classes[name].class_traits(config=True)
        assert values.keys() <= traits.keys()
        for trait, value in values.items():
            if isinstance(value, str) and value.startswith("mlprov_widgets."):
                value = import_item(value)
            traits[trait].validate(classes[name](), value)


def test_the_app_is_that_of_the_demo() -> None:
    shipped = ROOT / "mlprov_widgets" / "server" / "app" / "app.ipynb"
    assert json.loads(shipped.read_text()) == json.loads((ROOT / "demo.ipynb").read_text())
