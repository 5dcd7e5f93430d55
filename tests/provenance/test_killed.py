"""Processes that are killed while they write records, on disks that fill: nothing is broken."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from mlprov_widgets.provenance import read_record, validate

# Writes states of a run into its file, again and again, and says which one is safely there.
WRITER = """
import os, sys
from dataclasses import replace
from pathlib import Path
from mlprov_widgets.capture.output import ProvenanceFile
from mlprov_widgets.errors import RecordError
from tests.provenance.sample import sample

record = sample()
print("ready", flush=True)
for line in sys.stdin:
    number, folder = line.split()
    child = os.fork()
    if child:
        print(child, flush=True)
        _, status = os.waitpid(child, 0)
        print("ended", os.waitstatus_to_exitcode(status), flush=True)
        continue
    file = ProvenanceFile(Path(folder), f"run-{number}")
    state = 0
    with open(f"told-{number}", "w") as told:
        while True:
            state += 1
            run = replace(record, run_id=f"run-{number}", values={"state": state})
            path = file.write(run)
            told.write(f"{state} {path}\\n")
            told.flush()
"""
TIMES = 200


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
def test_two_hundred_killed_writers(tmp_path):
    disk = tmp_path / "disk"
    disk.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", str(disk)]
    mounted = shutil.which("mount") and not subprocess.run(command, capture_output=True).returncode
    environment = {**os.environ, "XDG_STATE_HOME": str(tmp_path / "state")}
    environment["PYTHONPATH"] = os.pathsep.join([str(Path(__file__).parents[2]), *sys.path[1:]])
    chance = random.Random(1)
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITER],
        cwd=tmp_path,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert writer.stdout.readline() == "ready\n"
        for number in range(TIMES):
            writer.stdin.write(f"{number} {disk}\n")
            writer.stdin.flush()
            child = int(writer.stdout.readline())
            time.sleep(chance.uniform(0, 0.12))
            ballast = disk / "ballast"
            if mounted and number % 3 == 0:
                fill(ballast)
                time.sleep(chance.uniform(0, 0.05))
            os.kill(child, signal.SIGKILL)
            assert writer.stdout.readline().split() == ["ended", "-9"]
            ballast.unlink(missing_ok=True)
            check(tmp_path, disk, number)
            if number % 20 == 19:
                for file in disk.iterdir():
                    file.unlink()
    finally:
        writer.kill()
        writer.communicate()
        if mounted:
            subprocess.run(["umount", "--lazy", str(disk)], check=True)


def fill(file: Path) -> None:
    with file.open("wb", buffering=0) as ballast:
        try:
            while ballast.write(bytes(4096)):
                pass
        except OSError:
            return


def check(folder: Path, disk: Path, number: int) -> None:
    """The last state that was there is there still, or a later one; and every file is whole."""
    told = folder / f"told-{number}"
    lines = told.read_text().splitlines() if told.exists() else []
    state, path = lines[-1].split() if lines else ("0", "")
    found = [
        read_record(file).values["state"]
        for place in (disk, folder / "state")
        for file in place.rglob(f"run-{number}.prov.json")
        if validate(file) == []
    ]
    files = [*disk.rglob("*.prov.json"), *(folder / "state").rglob("*.prov.json")]
    assert all(file.stat().st_size for file in files)
    assert len(found) == sum(file.name == f"run-{number}.prov.json" for file in files)
    if lines:
        assert max(found) >= int(state)
        assert Path(path).is_file() or len(found) >= 1
