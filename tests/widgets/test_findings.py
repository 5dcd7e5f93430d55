"""Start page, wizard and results tell what has to be known before numbers are believed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mlprov_widgets.inspection import inspect_run
from mlprov_widgets.notebooks.execution import ExecutionResult
from mlprov_widgets.packs import readable_packs
from mlprov_widgets.provenance import write_record
from mlprov_widgets.record import Record
from mlprov_widgets.widgets import ReproduceWidget, wizard
from mlprov_widgets.widgets.outcome import findings_html, metrics_html
from mlprov_widgets.widgets.running import RunPanel
from mlprov_widgets.widgets.state import REVIEW
from tests.observed import finding, observed
from tests.reproduction.made_runs import record
from tests.widgets.sight import shown

LEAK = finding("target_in_features", "leak", feature="<b>petal</b>")
SAID = "The feature &lt;b&gt;petal&lt;/b&gt; says the same as the target."


def of_the_pack(*findings: Any) -> Record:
    run = observed(*findings, pack={"name": "multiclass_classification"}, values={"epochs": 4})
    run.parameters = []
    return run


def test_leaks_are_apart_and_everything_is_escaped() -> None:
    html = findings_html(observed(LEAK, finding("diverged")))
    assert html.index("What to know before believing the numbers") < html.index("Leaks")
    assert SAID in html
    assert "Training diverged." in html
    assert findings_html(observed()) == findings_html(None) == ""


def test_what_was_looked_for_is_told_only_where_the_record_shows_it() -> None:
    assert "None was seen." in findings_html(observed(), looked_for=True)
    assert findings_html(record(), looked_for=True) == ""
    assert "None was seen." not in findings_html(observed(LEAK), looked_for=True)


def test_the_page_before_a_run_is_reproduced(folder: Path) -> None:
    made = ReproduceWidget(folder, [])
    made.file.take(
        write_record(of_the_pack(LEAK, finding("cells_not_run", count=12)), folder / "a.prov.json")
    )
    text = shown(made)
    assert SAID in text
    assert "finished; 12 cells did not run" in text


def test_a_wizard_that_starts_from_it(folder: Path) -> None:
    file = write_record(of_the_pack(LEAK, finding("diverged")), folder / "a.prov.json")
    made = wizard(start_from=inspect_run(file), folder=folder)
    text = shown(made)
    assert SAID in text
    assert "finished; training diverged" in text


def test_what_has_no_field_is_never_called_the_same(folder: Path) -> None:
    run = of_the_pack(finding("data_changed_after_ingestion"))
    file = write_record(run, folder / "a.prov.json")
    made = wizard(start_from=inspect_run(file), folder=folder)
    assert "The data were changed after they were ingested" in shown(made)
    assert "(None)" not in shown(made)
    made.go(REVIEW)
    assert "Nothing: these are the values of that run." not in shown(made)
    assert "That run has more than the fields hold" in shown(made)
    assert "multiclass_classification" in readable_packs([])


def test_a_run_without_training_is_no_success(tmp_path: Path) -> None:
    run = observed(finding("no_training_seen"), LEAK)
    file = write_record(run, tmp_path / "a.prov.json")
    panel = RunPanel(tmp_path / "a.ipynb", lambda result: None)
    panel.show_record = lambda file: ""  # type: ignore[method-assign]
    panel.conclude(ExecutionResult(tmp_path / "a.ipynb", "finished", file, run.metrics))
    assert "no training was seen" in panel.head.value
    assert "mlprov-was-finished" not in panel.head.value
    assert SAID in panel.outcome.value


def test_errors_of_class_numbers_are_no_headline() -> None:
    html = metrics_html(observed().metrics)
    cards, _, rest = html.partition("</dl>")
    assert "Mean absolute error" not in cards
    assert "Mean absolute error" in rest
    assert "only where the classes have an order" in rest
    assert "Mean absolute error" in metrics_html({"mean_absolute_error": 0.5}).partition("</dl>")[0]
