"""Errors carry a code and arguments, and their sentences are made in one place."""

from __future__ import annotations

import ast
import copy
import pickle
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest

import mlprov_widgets
from mlprov_widgets import errors
from mlprov_widgets.errors import MlprovError, PackError
from mlprov_widgets.messages import Note, catalogue, message

PACKAGE = Path(mlprov_widgets.__file__).parent
KINDS = {
    name
    for name, one in vars(errors).items()
    if isinstance(one, type) and issubclass(one, MlprovError)
}
# What the classes take for themselves.
OWN = {"file", "line", "field", "cell", "source", "traceback"}


def placeholders(text: str) -> set[str]:
    """Arguments that a sentence cannot do without."""
    text = re.sub(r"\[[^\[\]]*\]", "", text)
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def sources() -> Iterator[tuple[Path, ast.AST]]:
    for file in PACKAGE.rglob("*.py"):
        yield file, ast.parse(file.read_text(encoding="utf-8"))


def test_no_code_stands_in_two_files() -> None:
    codes = [
        code
        for file in (PACKAGE / "messages").glob("*.toml")
        for code in tomllib.loads(file.read_text(encoding="utf-8"))
    ]
    assert sorted(codes) == sorted(catalogue())


def test_every_sentence_is_one_that_something_says() -> None:
    said = {
        node.value
        for _, tree in sources()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    unsaid = set(catalogue()) - said
    # A finding is made by its code, and may have a sentence for each thing that it is about.
    things = {"", "_model", "_loss", "_weights"}
    findings = {f"finding_{code}{thing}" for code in said for thing in things}
    assert unsaid - findings == set()


def test_errors_have_a_sentence_and_give_what_it_names() -> None:
    wrong = []
    for file, tree in sources():
        for node in ast.walk(tree):
            name = getattr(getattr(node, "func", None), "id", "")
            if not isinstance(node, ast.Call) or name not in KINDS or not node.args:
                continue
            code = node.args[0]
            if not isinstance(code, ast.Constant):
                continue
            given = {one.arg for one in node.keywords}
            own = OWN if name in ("PackError", "ExecutionError") else set()
            if code.value not in catalogue():
                wrong.append(f"{file}:{node.lineno}: there is no sentence {code.value!r}")
            elif None not in given and placeholders(catalogue()[code.value]) - own - given:
                wrong.append(f"{file}:{node.lineno}: {code.value!r} lacks an argument")
    assert wrong == []


def test_an_error_has_a_code_and_says_a_sentence() -> None:
    error = MlprovError("file_missing", file=Path("a\nb\u202e.csv"))
    assert error.code == "file_missing"
    assert error.arguments == {"file": Path("a\nb\u202e.csv")}
    assert str(error) == "There is no file a b\\u202e.csv."
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), str(again)) == (MlprovError, str(error))


def test_a_place_comes_first() -> None:
    error = PackError("file_missing", Path("pack.toml"), 3, "parameters.epochs")
    error.arguments["file"] = "x.jinja"
    assert str(error) == "pack.toml, line 3, parameters.epochs: There is no file x.jinja."


def test_what_others_wrote_stays_short_and_is_no_format() -> None:
    said = message("file_missing", {"file": "{0.__class__}" + "x" * 5000})
    assert said.startswith("There is no file {0.__class__}xxx")
    assert len(said) < 300


@pytest.mark.parametrize(
    ("sentence", "arguments", "said"),
    [
        ("{names:q}", {"names": ["a", "b", "c"]}, "'a', 'b' and 'c'"),
        ("{names:or}", {"names": ("a", "b")}, "a or b"),
        ("{names:2}", {"names": ["a", "b", "c"]}, "a, b and 1 more"),
        ("{rows:row|rows}", {"rows": 1}, "1 row"),
        ("{rows:entry|entries}", {"rows": 1200}, "1,200 entries"),
        ("line {line:plain}", {"line": 1200}, "line 1200"),
        ("{size:size}", {"size": 1_440_000}, "1.44 MB"),
        ("{time:duration}", {"time": 0.25}, "250 ms"),
        ("{name:q,5}", {"name": "abcdefgh"}, "'abcd…'"),
        ("{rows} {rows:!is|are}", {"rows": 2}, "2 are"),
        ("a[ from {was} to {is}| to {is}].", {"was": 1, "is": 2}, "a from 1 to 2."),
        ("a[ from {was} to {is}| to {is}].", {"is": 2}, "a to 2."),
        ("a[ from {was}].", {"was": []}, "a."),
        ("a {gone}.", {}, "a unknown."),
        ("{plain:plain}", {"plain": 0.123456789}, "0.123456789"),
        ("{flag}, {pairs}", {"flag": True, "pairs": {"a": 1}}, "yes, a = 1"),
    ],
)
def test_how_arguments_are_written(
    monkeypatch: pytest.MonkeyPatch, sentence: str, arguments: dict[str, object], said: str
) -> None:
    monkeypatch.setitem(catalogue(), "trial", sentence)
    assert message("trial", arguments) == said


def test_a_note_can_be_copied() -> None:
    note = Note("file_missing", file="a.csv")
    for again in (copy.deepcopy(note), pickle.loads(pickle.dumps(note))):
        assert (again, again.code, again.arguments) == (note, "file_missing", {"file": "a.csv"})
