"""What the viewer ships to browsers: built, small, whole, and asking for nothing from anywhere."""

from __future__ import annotations

import filecmp
import gzip
import json
import re
import shutil
import subprocess
from importlib.resources import files
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SHIPPED = files("mlprov_widgets").joinpath("widgets")
SOURCE = ROOT / "viewer"
# It is sent with every viewer, and kept in every notebook that stores its widgets.
LARGEST = {"viewer.js": 250_000, "viewer.css": 60_000}


@pytest.mark.parametrize(("name", "largest"), LARGEST.items())
def test_it_is_there_and_small(name: str, largest: int) -> None:
    content = SHIPPED.joinpath(name).read_bytes()
    print(f"{name}: {len(content):,} bytes, {len(gzip.compress(content)):,} compressed")
    assert 1000 < len(content) < largest


def test_it_asks_for_nothing_from_anywhere() -> None:
    script = SHIPPED.joinpath("viewer.js").read_text(encoding="utf-8")
    style = SHIPPED.joinpath("viewer.css").read_text(encoding="utf-8")
    # Names of XML's namespaces are no addresses that are asked.
    addresses = set(re.findall(r"https?://[^\s\"'`)]+", script + style))
    assert {one for one in addresses if not one.startswith("http://www.w3.org/")} == set()
    assert not re.search(r"@import|url\((?![\"']?(data:|#))", style)
    for way in (r"\bfetch\(", "XMLHttpRequest", "WebSocket", "sendBeacon", "EventSource"):
        assert not re.search(way, script), way
    assert not re.search(r"\bimport\s*[(\"'{*]|\bfrom\s*[\"']", script)


def test_nothing_of_a_document_becomes_markup_or_code() -> None:
    script = SHIPPED.joinpath("viewer.js").read_text(encoding="utf-8")
    for way in (r"\beval\(", r"new Function\b", r"document\.write", "insertAdjacentHTML"):
        assert not re.search(way, script), way
    for file in (SOURCE / "src").rglob("*.ts*"):
        text = file.read_text(encoding="utf-8")
        assert not re.search(r"innerHTML|outerHTML|dangerouslySet", text), file.name


def test_the_libraries_licences_travel_with_it() -> None:
    text = SHIPPED.joinpath("viewer.LICENSES.txt").read_text(encoding="utf-8")
    wanted = json.loads((SOURCE / "package.json").read_text())["dependencies"]
    for name, version in wanted.items():
        assert f"{name} {version} (" in text
    assert text.count("WITHOUT WARRANTY") + text.count("AS IS") >= len(wanted)


def test_the_lock_file_names_no_registry() -> None:
    lock = json.loads((SOURCE / "package-lock.json").read_text())
    libraries = [entry for path, entry in lock["packages"].items() if path]
    assert libraries
    for entry in libraries:
        assert "resolved" not in entry
        assert entry["integrity"].startswith("sha512-")


@pytest.mark.skipif(
    shutil.which("node") is None or not (SOURCE / "node_modules").is_dir(),
    reason="needs Node and the viewer's libraries (cd viewer && npm ci)",
)
def test_what_is_shipped_is_what_the_source_gives(tmp_path: Path) -> None:
    built = ["node", str(SOURCE / "build.mjs"), str(tmp_path)]
    done = subprocess.run(built, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    for file in sorted(tmp_path.iterdir()):
        assert filecmp.cmp(file, str(SHIPPED.joinpath(file.name)), shallow=False), file.name
