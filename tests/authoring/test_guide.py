"""The guide of `docs/packs.md`, done as it stands there: each file, each command, each output."""

from __future__ import annotations

import re
import shlex
import tomllib
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from mlprov_widgets.cli import main
from mlprov_widgets.packs.schema import declaration_schema
from mlprov_widgets.packs.types import type_names, type_of
from mlprov_widgets.tables import check_format
from tests.conftest import ROOT

GUIDE = (ROOT / "docs" / "packs.md").read_text(encoding="utf-8")
STEPS, REFERENCE = GUIDE.split("\n## Reference\n")
BLOCK = re.compile(r"^```(\w+)(?: ([^\n]+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
# Up to here nothing is run.
WRITING, RUNNING = STEPS.split("\n### 6. ")


class Reader:
    """Does in a folder what the blocks of a text say, one after the other."""

    def __init__(self) -> None:
        self._said = ""
        self.done: list[str] = []

    def follow(self, text: str) -> None:
        for kind, place, body in BLOCK.findall(text):
            if kind == "sh":
                self._said = "".join(map(self._run, body.splitlines()))
            elif kind == "text" and place:
                assert body.split() == sorted(file.name for file in Path(place).iterdir())
            elif kind == "text":
                pattern = re.escape(body).replace(re.escape("..."), "(?s:.*)")
                assert re.fullmatch(pattern, self._said), f"{self._said}\nbut the guide:\n{body}"
            elif place and place.endswith(", at the end"):
                with Path(place.removesuffix(", at the end")).open("a", encoding="utf-8") as file:
                    file.write("\n" + body)
            elif place:
                Path(place).write_text(body, encoding="utf-8")
            elif kind == "python":
                exec(compile(body, "packs.md", "exec"), {})
            self.done.append(f"{kind} {place}".strip())

    def _run(self, line: str) -> str:
        program, *arguments = shlex.split(line)
        assert program == "mlprov"
        result = CliRunner().invoke(main, arguments)
        assert result.exception is None or isinstance(result.exception, SystemExit), line
        return result.stdout


@pytest.fixture
def reader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Reader:
    monkeypatch.chdir(tmp_path)
    return Reader()


def test_a_pack_is_made_of_a_script_as_the_guide_says(reader: Reader) -> None:
    reader.follow(WRITING)
    assert reader.done.count("sh") == 4
    assert "python wine.py" in reader.done
    plain = Path("plain.py").read_text(encoding="utf-8")
    assert "mlprov" not in plain
    compile(plain, "plain.py", "exec")


@pytest.mark.slow
def test_it_runs_as_the_guide_says(reader: Reader) -> None:
    reader.follow(STEPS)
    exec(compile(Path("plain.py").read_text(encoding="utf-8"), "plain.py", "exec"), {})


def test_what_the_reference_shows_is_of_its_format() -> None:
    shown = BLOCK.findall(REFERENCE)
    assert shown
    for kind, _place, body in shown:
        if kind == "toml":
            tomllib.loads(body)
        elif kind == "python":
            compile(body, "packs.md", "exec")


def tables() -> dict[str, dict[str, Any]]:
    """The JSON Schema of a row of each table of a pack.toml."""
    found = {
        name: schema.get("items", schema)
        for name, schema in declaration_schema()["properties"].items()
    }
    return found | {"choices": found["parameters"]["properties"]["choices"]["items"]}


def rows_of(table: str) -> dict[str, tuple[bool, str]]:
    """The rows of the reference about a table: key to whether it is needed, and what is said."""
    (section,) = re.findall(
        rf"^#### `\[*{table}\]*`\n(.*?)(?=^#)", REFERENCE, re.MULTILINE | re.DOTALL
    )
    lines = re.findall(r"^\| ([*`\w, ]+) \| (.+) \|$", section, re.MULTILINE)
    return {
        key: (bool(stars), said)
        for names, said in lines
        for stars, key in re.findall(r"(\*\*)?`(\w+)`", names)
    }


@pytest.mark.parametrize("table", tables())
def test_the_reference_has_each_key_of_the_schema_and_no_other(table: str) -> None:
    schema, told = tables()[table], rows_of(table)
    assert sorted(told) == sorted(schema["properties"])
    assert sorted(key for key, (needed, _) in told.items() if needed) == schema["required"]
    for key, one in schema["properties"].items():
        words = one.get("enum") or one.get("items", {}).get("enum") or []
        missing = [word for word in words if f"`{word}`" not in told[key][1]]
        assert not missing or key == "type", f"{table}.{key} may be {missing}"


def test_the_reference_has_each_type() -> None:
    (section,) = re.findall(r"^### Types\n(.*?)(?=^### )", REFERENCE, re.MULTILINE | re.DOTALL)
    told = re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE)
    # Others may have registered types of their own.
    own = [one for one in type_names() if type_of(one).__module__.startswith("mlprov_widgets.")]
    assert sorted(told) == sorted(own)


def test_the_reference_has_each_key_of_a_table_format() -> None:
    section = REFERENCE.partition("`csv_format` itself")[2].partition("\n\n`csv_format_amounts`")[0]
    lines = re.findall(r"^\| ([`\w, ]+) \|", section, re.MULTILINE)
    told = [key for names in lines for key in re.findall(r"`(\w+)`", names)]
    assert sorted(told) == sorted(check_format({"header": True}))
