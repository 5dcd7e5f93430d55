"""The project itself: what importing costs, which room may import which, what the wheel holds."""

from __future__ import annotations

import inspect
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import grimp
import pytest

import mlprov_widgets
from mlprov_widgets.errors import MissingPackageError, MlprovError
from mlprov_widgets.extras import needed

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
    with pytest.raises(AttributeError, match="attribute wizzard"):
        mlprov_widgets.wizzard  # noqa: B018 - the attribute access is what is tested


@pytest.mark.slow
def test_type_checkers_know_every_public_name(tmp_path: Path) -> None:
    """Seen from a folder of somebody else's, with the package as it is installed."""
    names = [name for name in mlprov_widgets.__all__ if name != "__version__"]
    lines = ["import mlprov_widgets", *(f"reveal_type(mlprov_widgets.{name})" for name in names)]
    lines += [
        "reveal_type(mlprov_widgets.reproduce())",
        "reveal_type(mlprov_widgets.reproduce('run.prov.json', relative=0.1))",
        "reveal_type(mlprov_widgets.start_run('a.ipynb').finish().report().to_html())",
        "reveal_type(mlprov_widgets.generate('multiclass_classification'))",
        "reveal_type(mlprov_widgets.verify('a', 'b').verdict)",
    ]
    (tmp_path / "theirs.py").write_text("\n".join(lines), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--follow-imports=silent", "theirs.py"],
        cwd=tmp_path,
        env={**os.environ, "MYPYPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    told = re.findall(r'Revealed type is "(.*)"', done.stdout)
    assert len(told) == len(lines) - 1, done.stdout
    assert "error:" not in done.stdout
    known = dict(zip(lines[1:], told, strict=True))
    assert [
        line for line, kind in known.items() if "Any" in (kind, kind.rpartition("-> ")[2])
    ] == []
    assert [kind.rpartition(".")[2] for kind in told[-5:]] == [
        "ReproduceWidget",
        "Reproduction",
        "str",
        "Path",
        "str",
    ]


def public_callables() -> Iterator[tuple[str, Callable[..., Any]]]:
    """Every exported function and class, and what their users may call on one."""
    for name in mlprov_widgets.__all__:
        exported = getattr(mlprov_widgets, name)
        if callable(exported):
            yield name, exported
        for method in vars(exported) if isinstance(exported, type) else ():
            found = inspect.getattr_static(exported, method)
            if not method.startswith("_") and not isinstance(found, property) and callable(found):
                yield f"{name}.{method}", getattr(exported, method)


def test_what_is_public_says_what_it_takes_and_gives() -> None:
    undocumented = []
    for name, function in public_callables():
        text = inspect.getdoc(function) or ""
        is_class = isinstance(function, type)
        signature = inspect.signature(function)
        given = [one for one in signature.parameters if one != "self"]
        # A class that nobody makes by hand says what it has.
        heads = ["Parameters", "Attributes"] if is_class else ["Parameters"]
        if given and not any(f"\n{head}\n---" in text for head in heads):
            undocumented.append(f"{name}: Parameters")
        gives = signature.return_annotation not in (None, "None", inspect.Signature.empty)
        if given and gives and not is_class and "\nReturns\n---" not in text:
            undocumented.append(f"{name}: Returns")
    assert undocumented == []


@pytest.mark.parametrize("function", ["generate", "inspect_run", "reproduce", "run_report"])
def test_a_parameter_under_its_old_name_still_works(function: str, tmp_path: Path) -> None:
    with pytest.warns(DeprecationWarning, match="packs= now"), pytest.raises(MlprovError):
        getattr(mlprov_widgets, function)(tmp_path / "nothing", folders=[])


def test_rooms_import_only_from_rooms_before_them() -> None:
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def test_the_architecture_is_told_as_it_is() -> None:
    """Its table has the rooms in the order that is enforced, and what each imports from."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    layers = [one.partition(".")[2] for one in contracts["contracts"][0]["layers"]]
    # Any room may use the messages, and one that only has old names is none.
    folders = {file.parent.name for file in (ROOT / "mlprov_widgets").glob("*/__init__.py")}
    rooms = [one for one in reversed(layers) if one in folders - {"messages"}]
    assert set(rooms) == folders - {"messages", "reproduction"}
    imports: dict[str, set[str]] = {room: set() for room in rooms}
    imported = grimp.build_graph("mlprov_widgets", cache_dir=None)
    for module in imported.modules:
        room, *_ = module.split(".")[1:] or [""]
        for other in imported.find_modules_directly_imported_by(module):
            target, *_ = other.split(".")[1:] or [""]
            if room in imports and target in imports and target != room:
                imports[room].add(target)
    text = (ROOT / "docs" / "architecture.md").read_text()
    rows = re.findall(r"^\| `(\w+)/` \| .+ \| (.+) \|$", text, re.MULTILINE)
    assert [room for room, _ in rows] == rooms
    assert {room: set(re.findall(r"`(\w+)`", told)) for room, told in rows} == imports


def test_the_version_lives_in_one_place() -> None:
    from importlib.metadata import version

    assert version("mlprov-widgets") == mlprov_widgets.__version__
    assert "version = attr:" in (ROOT / "setup.cfg").read_text()


def test_readme_names_only_files_that_exist() -> None:
    text = (ROOT / "README.md").read_text()
    for link in re.findall(r"\]\(([^)#:]+)\)", text):
        assert (ROOT / link).exists(), link


@pytest.mark.parametrize(
    ("module", "extra"), [("voila.app", "app"), ("torch", "run"), ("torchvision.models", "run")]
)
def test_what_an_extra_brings_is_named_with_its_command(module: str, extra: str) -> None:
    with pytest.raises(MissingPackageError) as told, needed():
        raise ModuleNotFoundError(f"No module named {module!r}", name=module)
    top = module.partition(".")[0]
    assert str(told.value) == (
        f'{top} is not installed here; this installs it: pip install "mlprov-widgets[{extra}]"'
    )
    with pytest.raises(ModuleNotFoundError), needed():
        raise ModuleNotFoundError("No module named 'nothing'", name="nothing")


def test_the_core_works_without_what_the_extras_bring(tmp_path: Path) -> None:
    """A wizard opens, and a notebook is written, viewed and inspected without torch or Voilà."""
    code = """
import sys

class Hidden:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in HIDDEN:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

HIDDEN = {"torch", "torchvision", "sklearn", "matplotlib", "voila", "jupyterlab"}
sys.meta_path.insert(0, Hidden())
import mlprov_widgets
from click.testing import CliRunner
from mlprov_widgets.cli import main
mlprov_widgets.wizard()
path = mlprov_widgets.generate("multiclass_classification", out="iris.ipynb")
print(mlprov_widgets.inspect_run(path).ways)
print(CliRunner().invoke(main, ["app"]).output)
print(HIDDEN & set(sys.modules))
"""
    told = python(code, cwd=tmp_path)
    assert "('exact', 'start')" in told
    assert (
        'voila is not installed here; this installs it: pip install "mlprov-widgets[app]"' in told
    )
    assert told.strip().endswith("set()")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    # By way of a source distribution, which has to bring all that the wheel is made of.
    # A copy, so that nothing that an earlier build left behind gets into it.
    names = ("build", "dist", "*.egg-info", "__pycache__", "tests", "node_modules")
    leftovers = shutil.ignore_patterns(".*", *names)
    shutil.copytree(ROOT, folder / "source", ignore=leftovers)
    done = subprocess.run(
        [sys.executable, "-m", "build", "--outdir", folder, folder / "source"],
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
    subprocess.run([scripts / "pip", "install", "--quiet", f"{wheel}[run]"], check=True)
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
