"""Turns of runs, in whichever process they are asked for."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from mlprov_widgets.hosting import Ticket

HOLDER = """
import sys
from pathlib import Path
from mlprov_widgets.hosting import Ticket
ticket = Ticket(Path(sys.argv[1]), 1)
print(ticket.place(), flush=True)
sys.stdin.read()
"""


def hold(queue: Path) -> tuple[subprocess.Popen[str], int]:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(queue)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    return process, int(process.stdout.readline())


def test_first_come_first_served(tmp_path: Path) -> None:
    tickets = [Ticket(tmp_path / "queue", 2) for _ in range(5)]
    assert [ticket.place() for ticket in tickets] == [0, 0, 1, 2, 3]
    tickets[1].close()
    assert [tickets[at].place() for at in (0, 2, 3, 4)] == [0, 0, 1, 2]
    tickets[3].close()
    tickets[0].close()
    late = Ticket(tmp_path / "queue", 2)
    assert [tickets[at].place() for at in (2, 4)] == [0, 0]
    assert late.place() == 1
    for ticket in (*tickets, late):
        ticket.close()
    assert list((tmp_path / "queue").glob("*.ticket")) == []


def test_who_is_killed_holds_nobody_up(tmp_path: Path) -> None:
    process, place = hold(tmp_path / "queue")
    assert place == 0
    own = Ticket(tmp_path / "queue", 1)
    assert own.place() == 1
    process.kill()
    process.communicate()
    assert own.place() == 0
    own.close()
