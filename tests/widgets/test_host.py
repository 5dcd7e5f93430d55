"""Where a wizard is shown: folders, file names, and paths as a server knows them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mlprov_widgets.errors import MlprovError
from mlprov_widgets.hosting import Place, hosted
from mlprov_widgets.widgets import host
from mlprov_widgets.widgets.table_fields import CsvField

ENDINGS = CsvField.endings


def test_the_folder_is_the_notebooks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert host.notebook_folder() == tmp_path
    (tmp_path / "sub").mkdir()
    monkeypatch.setenv("JPY_SESSION_NAME", str(tmp_path / "sub" / "demo.ipynb"))
    assert host.notebook_folder() == tmp_path / "sub"
    monkeypatch.setenv("JPY_SESSION_NAME", "relative.ipynb")
    assert host.notebook_folder() == tmp_path


def test_a_servers_root_makes_paths_that_it_knows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    notebook = tmp_path / "root" / "sub" / "a.ipynb"
    assert host.server_path(notebook) is None
    monkeypatch.setenv("JPY_PARENT_PID", "4711")
    monkeypatch.setattr("jupyter_core.paths.jupyter_runtime_dir", lambda: str(tmp_path))
    assert host.server_path(notebook) is None
    (tmp_path / "jpserver-4711.json").write_text(json.dumps({"root_dir": str(tmp_path / "root")}))
    assert host.server_path(notebook) == "sub/a.ipynb"
    assert host.server_path(tmp_path / "elsewhere.ipynb") is None
    monkeypatch.setenv("VOILA_BASE_URL", "/")
    assert hosted()
    assert host.server_path(notebook) is None


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("iris data.csv", "iris-data.csv"),
        ("../../etc/passwd", "passwd.csv"),
        ("C:\\temp\\x.TSV", "x.tsv"),
        ("<img src=x onerror=alert(1)>.csv", "img-src-x-onerror-alert-1.csv"),
        (".bashrc", "upload.csv"),
        ("torch.py", "torch.csv"),
        ("torch.so", "torch.csv"),
        ("pack.toml", "pack.csv"),
        ("demo.ipynb", "demo.csv"),
        ("table.data", "table.data"),
        ("", "upload.csv"),
        ("\0\n\u202e", "upload.csv"),
        ("a" * 500 + ".csv", "a" * 60 + ".csv"),
        ("con.csv", "upload-con.csv"),
        ("x.p/y", "y.csv"),
    ],
)
def test_uploads_get_harmless_names(tmp_path: Path, name: str, kept: str) -> None:
    assert host.store(Place(tmp_path), name, b"1", ENDINGS).name == kept


def test_an_uploaded_script_is_no_module(tmp_path: Path) -> None:
    endings = (".json", ".py")
    assert host.store(Place(tmp_path), "torch.py", b"1", endings).name == "upload-torch.py"
    assert host.store(Place(tmp_path), "torch.PY", b"1", endings).name == "upload-torch-2.py"
    assert host.store(Place(tmp_path), "torch.pyc", b"1", endings).name == "torch.json"
    assert host.store(Place(tmp_path), "a.json", b"1", endings).name == "a.json"


def test_an_uploaded_provenance_file_keeps_its_ending(tmp_path: Path) -> None:
    endings = (".json", ".ipynb")
    for kept in ("my-run.prov.json", "my-run-2.prov.json"):
        assert host.store(Place(tmp_path), "my run.PROV.json", b"1", endings).name == kept
    assert host.store(Place(tmp_path), ".prov.json", b"1", endings).name == "upload.prov.json"
    assert host.store(Place(tmp_path), "a.prov.json", b"1", (".csv",)).name == "a.csv"


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("my pets.zip", "my-pets"),
        ("torch.zip", "torch-images"),
        ("C:\\x\\NUL.zip", "NUL-images"),
        ("../..", "upload-images"),
        ("101.zip", "101"),
    ],
)
def test_folders_of_uploads_are_no_modules(name: str, kept: str) -> None:
    assert host.folder_name(name) == kept


def test_uploads_replace_nothing(tmp_path: Path) -> None:
    (tmp_path / "t.csv").symlink_to(tmp_path / "nowhere")
    first, second = (host.store(Place(tmp_path), "t.csv", text, ENDINGS) for text in (b"1", b"2"))
    assert [first.name, second.name] == ["t-2.csv", "t-3.csv"]
    assert first.read_bytes() == b"1"
    assert not (tmp_path / "nowhere").exists()


def test_a_folder_that_cannot_be_written_to_is_said(tmp_path: Path) -> None:
    with pytest.raises(MlprovError, match="cannot be kept"):
        host.store(Place(tmp_path / "missing"), "t.csv", b"", ENDINGS)
