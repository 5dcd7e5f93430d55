"""Packs of kinds that no bundled one has: what is told of texts, and where nothing is predicted."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from mlprov_widgets.authoring import check_pack, new_pack
from mlprov_widgets.cli import main
from mlprov_widgets.comparison import verify
from mlprov_widgets.errors import InvalidValuesError
from mlprov_widgets.notebooks import generate
from mlprov_widgets.packs import load_pack
from mlprov_widgets.rebuild import reproduce

PACKS = Path(__file__).parent / "packs"
REVIEWS = "id,review,mood\n" + "".join(
    f"{row},The {('film', 'book')[row % 2]} was {word} and number {row},{mood}\n"
    for row in range(30)
    for word, mood in [(("lovely", "good"), ("awful", "bad"))[row % 3 == 0]]
)


def said(*arguments: str) -> str:
    packs = [] if arguments[0] == "view" else ["--packs", str(PACKS)]
    done = CliRunner().invoke(main, [*arguments, *packs])
    assert done.exit_code == 0, done.output
    return done.stdout


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of three runs: of texts in a file, of made ones, and of groups in Iris."""
    folder = tmp_path_factory.mktemp("kinds")
    (folder / "reviews.csv").write_text(REVIEWS, encoding="utf-8")
    reviews = {"dataset": "csv", "csv_path": str(folder / "reviews.csv")}
    generate(PACKS / "topics", reviews, folder / "reviews.py")
    generate(PACKS / "topics", {}, folder / "letters.py")
    generate(PACKS / "groups", {}, folder / "groups.py")
    environment = {**os.environ, "MPLBACKEND": "agg"}
    going = [
        subprocess.Popen([sys.executable, f"{name}.py"], cwd=folder, env=environment)
        for name in ("reviews", "letters", "groups")
    ]
    assert [one.wait() for one in going] == [0, 0, 0]
    return folder


@pytest.mark.parametrize("name", ["topics", "groups"])
def test_nothing_is_wrong_with_them(name: str) -> None:
    assert check_pack(PACKS / name).faults == []


@pytest.mark.slow
@pytest.mark.parametrize("name", ["topics", "groups"])
def test_their_examples_come_out_the_same(name: str) -> None:
    done = CliRunner().invoke(main, ["check-pack", str(PACKS / name), "--run"])
    assert done.exit_code == 0, done.output


def test_a_table_of_texts_needs_no_other_column_to_learn_from(tmp_path: Path) -> None:
    (tmp_path / "reviews.csv").write_text(REVIEWS, encoding="utf-8")
    values = {"dataset": "csv", "csv_path": str(tmp_path / "reviews.csv")}
    text = generate(PACKS / "topics", values, tmp_path / "a.py").read_text(encoding="utf-8")
    # Which column has the texts, and which the classes, is found out.
    assert 'TEXT_COLUMN = "review"' in text
    assert 'TARGET_COLUMN = "mood"' in text
    plain = generate(PACKS / "topics", values, tmp_path / "b.py", plain=True)
    assert "mlprov" not in plain.read_text(encoding="utf-8")
    rows = "".join(f"{row},{row % 5},{'xy'[row % 2]}\n" for row in range(30))
    (tmp_path / "reviews.csv").write_text("a,b,label\n" + rows, encoding="utf-8")
    with pytest.raises(InvalidValuesError, match="none of the table looks like a text"):
        generate(PACKS / "topics", values, tmp_path / "c.py")
    generate(PACKS / "topics", {**values, "text_column": "b"}, tmp_path / "d.py")


def test_a_table_can_be_all_that_is_asked_for(tmp_path: Path) -> None:
    folder = new_pack(tmp_path / "mine")
    with (folder / "pack.toml").open("a", encoding="utf-8") as file:
        file.write(
            '[[parameters]]\nname = "log"\nlabel = "Log"\ntype = "csv_file"\npage = "data"\n'
            'step = "data_ingestion"\nconstant = true\n'
        )
    with (folder / "040_parameters.py.jinja").open("a", encoding="utf-8") as file:
        file.write("LOG = {{ log }}\n")
    assert check_pack(folder).faults == []


@pytest.mark.slow
def test_of_texts_no_features_are_counted(runs: Path) -> None:
    for name, size in (("letters", 120), ("reviews", 30)):
        assert "feature_dimensions" not in said("inspect", str(runs / f"{name}.prov.json"))
        told = said("view", str(runs / f"{name}.prov.json"))
        assert re.search(rf"samples {size}, classes 2$", told, re.MULTILINE), told
        assert "feature" not in told
        report = said("report", str(runs / f"{name}.prov.json"))
        assert f"| Description | {size} rows, 2 classes |" in report
        assert "| Words known | " in report
        assert "| accuracy and macro F1. (section 2) |" in report
        assert r"steps = \[TfidfVectorizer, LogisticRegression\]" in report
        assert report.count("### Hyperparameters") == 1


def test_where_nothing_is_predicted_nothing_is_said_of_classes_or_parts(runs: Path) -> None:
    file = str(runs / "groups.prov.json")
    told = [said("view", file), said("inspect", file), said("report", file)]
    for text in told:
        facts = text.partition("## 7. Checklists")[0]
        assert "Silhouette" in facts or "silhouette" in facts
        assert not re.findall(r"\bclass(?:es)?\b|accura|test part|testing|\bsplit\b", facts, re.I)
    assert "Evaluated on 150 samples, it reached a silhouette of" in told[2]
    # What a reader of its checklist asks for about a split, the record does not have.
    assert "| **B6** Numbers of the data and of its split | in part | 150 samples of" in told[2]
    assert "Iris comes with scikit-learn and is the same here." in told[1]
    assert load_pack(PACKS / "groups").fields[0].label in told[2]


@pytest.mark.slow
def test_a_second_run_of_them_is_compared_in_their_own_words(runs: Path) -> None:
    again = reproduce(runs / "groups.prov.json", runs / "again.py", packs=[PACKS])
    done = subprocess.run(
        [sys.executable, again.file.name],
        cwd=runs,
        env={**os.environ, "MPLBACKEND": "agg"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    found = verify(runs / "again.prov.json", runs / "groups.prov.json")
    assert found.verdict == "bit-identical"
    assert [one.words for one in found.items if one.kind == "metric"] == ["silhouette", "inertia"]
