"""What crosses to the browser has one description, and both sides of it one behaviour."""

from __future__ import annotations

import json
import runpy
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.graph.shared_cases import FILE, cases

VIEWER = Path(__file__).parents[2] / "viewer"


def test_the_front_ends_types_are_those_of_python() -> None:
    made = runpy.run_path(str(VIEWER / "make_types.py"))["typescript"]()
    assert (VIEWER / "src" / "types.ts").read_text(encoding="utf-8") == made


def test_a_live_viewer_shows_what_the_cases_say() -> None:
    assert cases() == json.loads(FILE.read_text(encoding="utf-8"))


def test_a_page_without_python_shows_the_same() -> None:
    node = shutil.which("node")
    if node is None or not (VIEWER / "node_modules").is_dir():
        pytest.skip("the viewer's tests need Node and `npm ci` in viewer/")
    ran = subprocess.run(
        [node, "test.mjs"], cwd=VIEWER, capture_output=True, text=True, timeout=300, check=False
    )
    assert ran.returncode == 0, ran.stdout[-3000:] + ran.stderr[-1000:]
