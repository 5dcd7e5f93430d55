"""The project itself: what importing costs, which room may import which, what the wheel holds."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import mlprov_widgets

ROOT = Path(__file__).resolve().parents[1]
HEAVY = {"torch", "torchvision", "sklearn", "pandas", "matplotlib"}


def python(code: str, **options: object) -> str:
    """What a fresh interpreter prints for this code."""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, **options
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize(
    "module",
    ["", ".packs", ".notebooks", ".provenance", ".capture", ".graph", ".reproduction", ".cli"],
)
def test_importing_is_light(module: str) -> None:
    loaded = json.loads(
        python(f"import json, sys, mlprov_widgets{module}; print(json.dumps(list(sys.modules)))")
    )
    assert not HEAVY & set(loaded)


def test_every_public_name_is_there() -> None:
    for name in mlprov_widgets.__all__:
        assert getattr(mlprov_widgets, name) is not None
        assert name in dir(mlprov_widgets)
    with pytest.raises(AttributeError, match="no attribute 'wizzard'"):
        mlprov_widgets.wizzard  # noqa: B018 - the attribute access is what is tested


def test_rooms_import_only_from_rooms_before_them() -> None:
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def test_the_version_lives_in_one_place() -> None:
    from importlib.metadata import version

    assert version("mlprov-widgets") == mlprov_widgets.__version__
    assert "version = attr:" in (ROOT / "setup.cfg").read_text()


def test_readme_names_only_files_that_exist() -> None:
    text = (ROOT / "README.md").read_text()
    for link in re.findall(r"\]\(([^)#:]+)\)", text):
        assert (ROOT / link).exists(), link


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    # A copy, so that nothing that an earlier build left behind gets into it.
    names = ("build", "dist", "*.egg-info", "__pycache__", "tests", "node_modules")
    leftovers = shutil.ignore_patterns(".*", *names)
    shutil.copytree(ROOT, folder / "source", ignore=leftovers)
    done = subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--outdir", folder, folder / "source"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return next(folder.glob("*.whl"))


@pytest.mark.xdist_group("wheel")
def test_the_wheel_brings_templates_and_assets(wheel: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    tops = {name.split("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"mlprov_widgets"}
    for source in (ROOT / "cell_templates").glob("*/*"):
        if source.is_file() and not source.name.startswith("."):
            inside = source.relative_to(ROOT / "cell_templates").as_posix()
            assert f"mlprov_widgets/cell_templates/{inside}" in names
    for source in (ROOT / "mlprov_widgets").rglob("*"):
        if source.is_file() and source.suffix in (".py", ".css", ".js", ".txt", ".typed", ".json"):
            assert source.relative_to(ROOT).as_posix() in names


@pytest.mark.xdist_group("wheel")
def test_the_wheel_works_without_the_source_tree(wheel: Path, tmp_path: Path) -> None:
    site, work = tmp_path / "site", tmp_path / "work"
    work.mkdir()
    subprocess.run(
        [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", site, wheel],
        check=True,
    )
    code = (
        "import mlprov_widgets; from mlprov_widgets.packs import bundled_folder;"
        "print(mlprov_widgets.__file__, bundled_folder());"
        "print(mlprov_widgets.generate('multiclass_classification'))"
    )
    first, second = python(code, cwd=work, env={"PYTHONPATH": str(site)}).splitlines()
    assert all(Path(place).is_relative_to(site) for place in first.split())
    assert (work / second).is_file()


@pytest.mark.slow
@pytest.mark.xdist_group("wheel")
def test_the_wheel_runs_in_an_empty_environment(wheel: Path, tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-m", "venv", tmp_path / "env"], check=True)
    scripts = tmp_path / "env" / "bin"
    subprocess.run([scripts / "pip", "install", "--quiet", wheel], check=True)
    for command in (
        ["generate", "multiclass_classification", "-s", "epochs=3", "-o", "run.ipynb"],
        ["run", "run.ipynb"],
        ["validate", "run.prov.json"],
    ):
        done = subprocess.run(
            [scripts / "mlprov", *command],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
