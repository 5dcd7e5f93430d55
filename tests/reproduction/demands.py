"""What is demanded of every door, whatever it is given: an answer or a sentence, and nothing else.

While `watched` is on, each file that is opened for writing, renamed or removed, each process, each
connection and each unpickling of this process is seen by an audit hook; a door that takes too long
is stopped by a timer.
"""

from __future__ import annotations

import ast
import json
import os
import re
import signal
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import nbformat
from click.testing import CliRunner

from mlprov_widgets._apart import START
from mlprov_widgets.cli import main
from mlprov_widgets.comparison import Outcome, verify
from mlprov_widgets.errors import MlprovError
from mlprov_widgets.graph import static_view
from mlprov_widgets.inspection import inspect_run
from mlprov_widgets.notebooks import read_manifest, render_cells
from mlprov_widgets.packs import check_values, find_pack
from mlprov_widgets.provenance import validate
from mlprov_widgets.rebuild import EditedCell, Reproduction, reproduce
from mlprov_widgets.rebuild.result import EditsNotAcceptedError
from tests.reproduction.mutations import CANARY, strings

MAX_SENTENCE = 1000
# Far more than anything here takes on a busy machine; only what hangs gets there.
SECONDS = 120

_CHANGES = {
    *("os.rename", "os.remove", "os.rmdir", "os.link", "os.symlink", "os.truncate", "os.mkdir"),
    *("os.chmod", "shutil.move", "shutil.copyfile", "shutil.rmtree"),
}
_NEVER = {
    *("os.system", "os.exec", "os.posix_spawn", "os.startfile", "pty.spawn", "subprocess.Popen"),
    *(
        "socket.connect",
        "socket.getaddrinfo",
        "socket.sendto",
        "pickle.find_class",
        "ctypes.dlopen",
    ),
    *("urllib.Request", "webbrowser.open", "pickle.find_class"),
}
# What a terminal acts upon, and what makes text read as other text.
_ACTING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
# Where this package is installed from, which no file can say.
_HERE = re.compile(r"mlprov-widgets @ (file:///|git\+https://)[!-~]+  # [\w.]+, from where it was")
_PINNED = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*==[0-9][0-9A-Za-z.!+-]*( ; [\w =\"]+)?(  # .*)?$")
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_SECRET = {"/etc/passwd", "/dev/zero", "/proc/self/environ"}
_seen: dict[str, Any] = {"folder": None, "wrong": [], "secret": _SECRET}


class TookTooLong(BaseException):
    """A door did not answer; not an `Exception`, so that no door takes it for its own."""


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    folder = _seen["folder"]
    if folder is None:
        return
    if event == "open":
        path, mode, flags = arguments
        if not isinstance(path, int) and os.path.realpath(os.fsdecode(path)) in _seen["secret"]:
            _seen["wrong"].append(f"{path!r} was read")
        writes = isinstance(flags, int) and flags & _WRITES
        if (writes or (isinstance(mode, str) and set(mode) & set("wax+"))) and _outside(path):
            _seen["wrong"].append(f"{path!r} was opened for writing")
    elif event in _CHANGES:
        for path in arguments[:2]:
            if isinstance(path, str | bytes | os.PathLike) and _outside(path):
                _seen["wrong"].append(f"{event} of {path!r}")
    elif event == "subprocess.Popen" and arguments[0] == "nvidia-smi":
        return  # which says what graphics cards there are today
    elif event == "subprocess.Popen" and list(arguments[1])[1:] == ["-I", "-c", START]:
        return  # which parses a text of PROV, so that it can be ended
    elif event in _NEVER or (event == "import" and CANARY in str(arguments[0])):
        _seen["wrong"].append(f"{event} {arguments!r:.200}")


def _outside(path: Any) -> bool:
    # A file that is made in the folder for temporary files without a name is nobody's.
    if isinstance(path, int) or os.fsdecode(path) in (os.devnull, tempfile.gettempdir()):
        return False
    return not os.path.realpath(os.fsdecode(path)).startswith(_seen["folder"])


sys.addaudithook(_hook)


@contextmanager
def watched(folder: Path, *secret: Path) -> Iterator[None]:
    """Fail if what is done meanwhile leaves the folder, runs anything, or does not come back.

    Neither may it read what is secret: files outside that paths in a file lead to.
    """
    alarm = hasattr(signal, "SIGALRM") and threading.current_thread() is threading.main_thread()

    def stop(number: int, frame: FrameType | None) -> None:
        raise TookTooLong

    if alarm:
        before = signal.signal(signal.SIGALRM, stop)
        signal.alarm(SECONDS)
    hidden = {os.path.realpath(path) for path in secret}
    _seen.update(folder=os.path.realpath(folder) + os.sep, wrong=[], secret=_SECRET | hidden)
    try:
        yield
    finally:
        _seen["folder"] = None
        if alarm:
            signal.alarm(0)
            signal.signal(signal.SIGALRM, before)
    assert not _seen["wrong"], _seen["wrong"]


def check_sentence(said: str) -> None:
    """One clear sentence or two for people, with nothing of Python's insides."""
    assert said.strip(), "nothing is said"
    assert len(said) <= MAX_SENTENCE, f"{len(said)} characters: {said[:300]}…"
    assert "Traceback" not in said, said
    assert said.rstrip()[-1] in ".!?)", said
    assert not re.search(r"<[\w.]+ object at 0x|\bat 0x[0-9a-f]{6}|<class |Errno", said), said
    unseen = [char for char in said if not (char.isprintable() or char in "\n\t")]
    assert not unseen, f"{unseen[:5]!r} in {said[:300]!r}"
    assert "\n" not in said, said
    said.encode()


def answer(door: Any, *arguments: Any, **named: Any) -> Any:
    """What a door gives, or None where it refuses, in a sentence."""
    try:
        return door(*arguments, **named)
    except MlprovError as error:
        refused = error
    check_sentence(str(refused))
    if not isinstance(refused, EditsNotAcceptedError):
        return None
    shown = "\n".join(refused._render_traceback_())
    assert not _ACTING.findall(shown), shown[:500]
    raise _Edited(refused.edited)


class _Edited(Exception):
    """A door that asks whether somebody else's code is to be taken."""

    def __init__(self, cells: list[EditedCell]) -> None:
        self.cells = cells
        super().__init__()


def check_readers(source: Path, original: Path) -> None:
    """Everything that only looks at a file."""
    for problem in validate(source)[:50]:
        check_sentence(problem)
    seen = answer(static_view, source)
    if seen is not None:
        assert seen.to_text().strip()
        seen.to_text().encode("utf-8", "surrogatepass")
        check_page(seen.to_html())
    found = answer(inspect_run, source)
    if found is not None:
        assert found.to_text().strip()
        found.to_text().encode()
        assert not _ACTING.findall(found.to_text())
        check_page(found.to_html())
        json.dumps(found.to_dict(), allow_nan=False)
        for note in (*found.notes, found.data.note, *(one.reason for one in found.unmapped)):
            check_sentence(note)
        if found.pack:
            assert not check_values(find_pack(found.pack), found.values, look=False).problems
        assert found.ways or not found.pack
    for pair in ((source, original), (original, source), (source, source)):
        found = answer(verify, *pair)
        if found is not None:
            assert found.to_text().strip()
            check_page(found.to_html())
            json.dumps(found.to_dict(), allow_nan=False)


def check_page(page: str) -> None:
    """HTML in which nothing of a file has become markup."""
    page.encode()
    assert f"<script>{CANARY}" not in page
    assert "<img src=x" not in page


def check_reproduction(source: Path, folder: Path, known: set[str]) -> bool:
    """Whether a file is rebuilt, which then has to be right; `known` are the pack's own cells."""
    try:
        made = answer(reproduce, source, folder, requirements=True)
    except _Edited as edited:
        assert not list(folder.iterdir())
        ids = [cell.id for cell in edited.cells]
        taken = answer(reproduce, source, folder, accept=True, requirements=True)
        first = _checked(taken, source, folder, known)
        # What is restored is the pack's again, and nothing is left to be accepted.
        restored = answer(reproduce, source, folder, restore=ids)
        if restored is not None:
            assert restored.edited == []
        return _checked(restored, source, folder, known) and first
    if made is not None:
        assert made.edited == []
    return _checked(made, source, folder, known)


def _checked(made: Reproduction | None, source: Path, folder: Path, known: set[str]) -> bool:
    files = set(folder.iterdir())
    if made is None:
        assert not files, files
        return False
    assert files == {file for file in (made.file, made.requirements) if file is not None}
    check_notebook(made, source, known)
    if made.requirements is not None:
        lines = made.requirements.read_text().split("\n")
        for line in lines:
            assert line.isprintable()
            here = line.startswith("mlprov-widgets @ ") and _HERE.match(line)
            assert not line or line.startswith("#") or _PINNED.match(line) or here, line
    for file in files:
        file.unlink()
    return True


def check_notebook(made: Reproduction, source: Path, known: set[str]) -> None:
    """A valid notebook of recorded cells; what is not the pack's is said and shown."""
    assert re.fullmatch(r"[\w-]{1,150}\.(ipynb|py)", made.file.name)
    notebook = nbformat.read(made.file, as_version=4)
    nbformat.validate(notebook)
    manifest = read_manifest(made.file)
    assert manifest is not None
    if manifest.original:
        Outcome.from_dict(manifest.original)
        found = answer(verify, manifest.original, manifest.original)
        assert found is not None
        assert found.to_text()
    for note in made.notes:
        check_sentence(note)
    check_page(made._repr_html_())
    told = {cell.number for cell in made.edited}
    recorded: set[str] = set()
    for number, cell in enumerate(notebook.cells, start=1):
        if cell.cell_type != "code" or not cell.source.strip():
            continue
        if cell.source.rstrip() in known:
            continue
        if not recorded:
            recorded = _recorded(source)
            rendered = _rendered(made, source)
        if number in told:
            assert cell.source in recorded, cell.source[:500]
            continue
        assert _without_name(cell.source) in rendered, cell.source[:500]
        names = {one.id for one in ast.walk(ast.parse(cell.source)) if isinstance(one, ast.Name)}
        assert CANARY not in names, cell.source[:500]


def _recorded(source: Path) -> set[str]:
    raw = source.read_bytes()
    wide = raw[:2] in (b"\xff\xfe", b"\xfe\xff")
    text = raw.decode("utf-16" if wide else "utf-8-sig")
    if source.suffix == ".py":
        return _Within(text)
    return set(strings(json.loads(text)))


class _Within(set[str]):
    """All the parts of a text."""

    def __init__(self, text: str) -> None:
        self.text = text.replace("\r\n", "\n").replace("\r", "\n")
        super().__init__([text])

    def __contains__(self, part: object) -> bool:
        return str(part) in self.text


def _rendered(made: Reproduction, source: Path) -> set[str]:
    """The cells that the pack writes for the values that the new notebook says it has."""
    manifest = read_manifest(made.file)
    assert manifest is not None
    pack = find_pack(manifest.pack["name"])
    # What is no value for the pack has been left to its default.
    values = check_values(pack, manifest.values, look=False).values
    cells = render_cells(pack, values, made.file.name)
    return {_without_name(cell.source) for cell in cells}


def _without_name(source: str) -> str:
    """A cell without the name that the notebook had when it was written."""
    return re.sub(r"(start_run\()(\"[^\"\\]*\"|'[^'\\]*')", r"\1", source.rstrip())


def check_shell(*words: str) -> None:
    """A command ends with an exit code of its own and prints nothing that a terminal acts upon."""
    result = CliRunner().invoke(main, list(words))
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    assert result.exit_code in (0, 1, 2)
    assert "Traceback" not in result.output
    acting = set(_ACTING.findall(result.output))
    assert not acting, (words, acting)
    if result.exit_code == 2:
        (said,) = re.findall(r"^Error: (.*)$", result.stderr, re.MULTILINE)
        check_sentence(said)
    elif "--json" in words:
        json.loads(result.stdout, parse_constant=lambda name: AssertionError(name))
