"""What people ask of a record, as SPARQL over its Turtle, with the answers of a real run."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from rdflib import Graph

from mlprov_widgets.cli import main
from mlprov_widgets.provenance import read_record, validate
from mlprov_widgets.provenance.exporting import FORMATS
from tests.edits.harness import replace, run_edited, warm_up

ROOT = Path(__file__).parents[2]
ONTOLOGY = ROOT / "mlprov_widgets/provenance/ontology.ttl"
OURS = "https://w3id.org/mlprov-widgets#"
DOCUMENTATION = (ROOT / "docs/sparql.md").read_text(encoding="utf-8")
PREFIXES = re.findall(r"```sparql-prefixes\n(.*?)```", DOCUMENTATION, re.DOTALL)[0]
QUESTIONS = dict(
    re.findall(r"## ([^\n]+)\n(?:(?!##).)*?```sparql\n(.*?)```", DOCUMENTATION, re.DOTALL)
)

# Whatever of these is set on a machine stands in its records.
SETTINGS = {
    "PYTHONHASHSEED": "0",
    "CUBLAS_WORKSPACE_CONFIG": ":4096:8",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_CBWR": "COMPATIBLE",
    "MKL_ENABLE_INSTRUCTIONS": "AVX2",
    "ONEDNN_MAX_CPU_ISA": "AVX2",
    "OPENBLAS_CORETYPE": "Haswell",
}


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The record of a run in which a person has taken another optimizer."""
    warm_up()
    folder = tmp_path_factory.mktemp("asked")
    adam = "torch.optim.Adam(model.parameters(), lr=LEARNING_RATE)"
    sgd = "torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)"
    with pytest.MonkeyPatch.context() as patch:
        for name, setting in SETTINGS.items():
            patch.setenv(name, setting)
        told = run_edited(folder, "multiclass_classification", replace(adam, sgd))
    assert not told.failed
    return folder / "study.prov.json"


@pytest.fixture(scope="module")
def ask(file: Path) -> Any:
    turtle = file.with_name("asked.ttl")
    result = CliRunner().invoke(main, ["export", str(file), "-o", str(turtle)])
    assert result.exit_code == 0, result.output
    graph = Graph().parse(turtle)

    def answer(question: str) -> list[tuple[Any, ...]]:
        return [
            tuple(value.toPython() for value in row)
            for row in graph.query(PREFIXES + QUESTIONS[question])
        ]

    return answer


def test_which_execution_trained_the_model(ask: Any, file: Path) -> None:
    ((cell, started, optimizer),) = ask("Which execution trained the model?")
    record = read_record(file)
    number = int(str(cell).rpartition(".")[2])
    assert "history = fit(" in record.cells[number - 1].source
    assert started == record.cells[number - 1].executions[0].start
    assert optimizer == "torch.optim.SGD"


def test_on_which_rows(ask: Any, file: Path) -> None:
    ((part, rows, numbers),) = ask("On which rows?")
    assert (part, rows) == ("training", 90)
    assert numbers == next(one.numbers for one in read_record(file).parts if one.name == part)


def test_what_led_to_the_predictions(ask: Any) -> None:
    found = {row[0] for row in ask("What led to the predictions?")}
    assert {"model.1", "model.2", "X_test.1", "X_train.1", "features.1", "preprocessing.1"} <= found


def test_which_hyperparameters(ask: Any) -> None:
    found = dict(ask("Which hyperparameters, with which values?"))
    assert found["lr"] == 0.05
    assert found["momentum"] == 0.9


def test_what_was_edited(ask: Any) -> None:
    ((before, after),) = ask("What was edited?")
    assert "Adam" in before
    assert "momentum=0.9" in after


def test_who_when_and_by_which_plan(ask: Any, file: Path) -> None:
    ((name, started, plan),) = ask("Who ran it, when, and by which plan?")
    assert (name, started, plan) == ("A. Person", read_record(file).start, "study.ipynb")


def test_which_function_gave_the_creation_date(ask: Any) -> None:
    assert ask("Which function gave the creation date?") == [("datetime.datetime.now",)]


def test_the_loss_of_each_epoch(ask: Any, file: Path) -> None:
    found = ask("What was the loss after each epoch?")
    history = read_record(file).steps["model_training"].values["history"]
    assert found == [(row["epoch"], row["loss"]) for row in history]


@pytest.mark.parametrize("ending", sorted(FORMATS))
def test_every_format_gives_the_record_back(file: Path, tmp_path: Path, ending: str) -> None:
    target = tmp_path / f"out{ending}"
    result = CliRunner().invoke(main, ["export", str(file), "-o", str(target)])
    assert result.exit_code == 0, result.output
    assert read_record(target) == read_record(file)
    again = CliRunner().invoke(main, ["export", str(file), "-o", str(target)])
    assert again.exit_code == 2
    assert "is there already" in again.output
    forced = CliRunner().invoke(main, ["export", str(file), "-o", str(target), "--force"])
    assert forced.exit_code == 0


def test_an_ending_that_is_no_format(file: Path, tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["export", str(file), "-o", str(tmp_path / "out.doc")])
    assert result.exit_code == 2
    assert ".doc" in result.output


def test_settings_of_numerical_libraries_are_recorded_as_they_are(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    for name, setting in SETTINGS.items():
        assert f'"mlprov:{name}": "{setting}"' in text


def test_every_term_is_in_the_ontology(file: Path) -> None:
    graph = Graph().parse(ONTOLOGY)
    known = {str(one).removeprefix(OURS) for one in graph.subjects() if OURS in str(one)}
    text = file.read_text(encoding="utf-8")
    used = set(re.findall(r'"mlprov:([A-Za-z_]\w*)"', text))
    assert len(used) > 100
    assert used - known == set()
    sources = (ROOT / "mlprov_widgets").rglob("*.py")
    code = "".join(one.read_text(encoding="utf-8") for one in sources)
    written = set(re.findall(r'"mlprov:([A-Z]\w*|[a-z]+[A-Z]\w*)"', code))
    assert written - known == set()
    defined = "<http://www.w3.org/2004/02/skos/core#definition>"
    labels = f"SELECT ?s WHERE {{ ?s a ?t FILTER NOT EXISTS {{ ?s {defined} ?d }} }}"
    without = {str(row[0]) for row in graph.query(labels)}
    assert without == {"https://w3id.org/mlprov-widgets"}


def test_a_real_record_is_valid(file: Path) -> None:
    assert validate(file) == []


@pytest.mark.parametrize(
    ("section", "element", "term", "value", "says"),
    [
        ("entity", "run:object.model.2", "mlprov:madeBy", "e999", "e999"),
        (
            "activity",
            "run:operation.train.1",
            "prov:endTime",
            "2001-01-01T00:00:00Z",
            "ends before",
        ),
        ("activity", "run:operation.train.1", "mlprov:inExecution", "e999", "e999"),
    ],
)
def test_what_cannot_be_true_is_told(
    file: Path, section: str, element: str, term: str, value: str, says: str
) -> None:
    container = json.loads(file.read_text(encoding="utf-8"))
    container[section][element][term] = value
    assert any(says in problem for problem in validate(container))


def test_a_record_of_the_first_format_is_read_as_before() -> None:
    file = Path(__file__).with_name("format_1.prov.json")
    record = read_record(file)
    assert record.steps["model_training"].values["epochs"] == 100
    assert not record.objects
    assert not any(step.known for step in record.steps.values())
    assert validate(file) == []
