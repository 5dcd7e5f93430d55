"""One run at every door: the same number in the same figures, under the same name."""

from __future__ import annotations

import html
import re
from pathlib import Path

import pytest

from mlprov_widgets import inspect_run, run_report
from mlprov_widgets.graph import static_view
from mlprov_widgets.provenance import read_record
from mlprov_widgets.widgets.outcome import metrics_html
from tests.cli.commands import mlprov, write

METRICS = {
    "accuracy": 0.93617021,
    "f1_macro": 0.91234567,
    "roc_auc": 0.98765432,
    "f1_per_class": {"setosa": 1.0, "versicolor": 0.876543},
    "confusion_matrix": [[10, 0], [1, 9]],
    "mean_absolute_error": 0.06382979,
}
TOLD = {"accuracy": "0.9362", "macro F1": "0.9123", "ROC AUC": "0.9877"}
RECORDING = f"""\
from mlprov_widgets import start_run
run = start_run("doors.ipynb")
run.record("model_training", epochs=12)
run.record("model_evaluation", evaluation_metrics={METRICS!r})
run.finish()
"""


@pytest.fixture(scope="module")
def doors(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What is said of a run in a shell, on pages, in the viewer and in the wizard."""
    folder = tmp_path_factory.mktemp("doors")
    path = write(str(folder / "doors.ipynb"), RECORDING)
    ran = mlprov("run", path)
    assert ran.exit_code == 0, ran.output
    (file,) = folder.glob("*.prov.json")
    report = run_report(file)
    return {
        "run": ran.stdout,
        "inspect": mlprov("inspect", file).stdout,
        "inspect in a notebook": inspect_run(file).to_html(),
        "report": report.to_markdown(),
        "report as a page": report.to_html(),
        "view": static_view(file).to_html(),
        "view in a shell": static_view(file).to_text(),
        "wizard": metrics_html(read_record(Path(file)).metrics),
    }


def words(text: str) -> str:
    return html.unescape(re.sub(r"<[^>]*>|[|*:,]|\s", " ", text)).lower()


def test_every_metric_has_one_name_and_four_figures(doors: dict[str, str]) -> None:
    for door, text in doors.items():
        for term, number in TOLD.items():
            assert term.lower() in words(text), door
            assert number in text, door


def test_no_metric_is_told_under_the_name_of_its_field(doors: dict[str, str]) -> None:
    for door in ("run", "view in a shell", "wizard"):
        assert re.search(r"f1[_ ]macro|roc[_ ]auc_|per_class", words(doors[door])) is None, door


def test_the_shell_tells_classes_and_matrix_too(doors: dict[str, str]) -> None:
    lines = doors["run"].splitlines()
    assert "F1 per class: setosa 1, versicolor 0.8765" in lines
    assert "mean absolute error: 0.06383" in lines
    assert lines[-2:] == ["  setosa: 10 0", "  versicolor: 1 9"]
