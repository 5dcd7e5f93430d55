"""What is to be added most often is added in one place."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from mlprov_widgets import generate, inspect_run, run_report
from mlprov_widgets.graph import static_view
from mlprov_widgets.packs import find_pack
from mlprov_widgets.widgets.outcome import metrics_html
from tests.provenance.sample import sample


def test_a_metric_is_a_line_in_the_fields() -> None:
    record = sample()
    values = record.steps["model_evaluation"].values
    values["evaluation_metrics"] = {"average_precision_score": 0.87512}
    html = run_report(record).to_html()
    for told in (html, metrics_html(record.metrics)):
        assert "Average precision" in told
        assert "0.8751" in told
    assert "average precision 0.8751" in static_view(record).to_text()


@pytest.mark.slow
@pytest.mark.xdist_group("additions")
def test_a_data_set_of_scikit_learn_is_a_line_in_the_pack(tmp_path: Path) -> None:
    pack = tmp_path / "packs" / "multiclass_classification"
    shutil.copytree(find_pack("multiclass_classification").folder, pack)
    file = pack / "pack.toml"
    wine = '    { value = "wine",'
    line = '    { value = "cancer", label = "Breast cancer", code = "load_breast_cancer" },\n'
    text = file.read_text(encoding="utf-8")
    assert wine in text
    file.write_text(text.replace(wine, line + wine), encoding="utf-8")
    values = {"dataset": "cancer", "epochs": 2, "plots": False}
    script = generate(pack, values, tmp_path / "cancer.py")
    subprocess.run([sys.executable, script], cwd=tmp_path, check=True, capture_output=True)
    found = inspect_run(tmp_path / "cancer.prov.json", packs=[pack])
    assert found.data.state == "same"
    assert found.record is not None
    ingested = found.record.steps["data_ingestion"].values
    assert (ingested["samples_total"], ingested["dataset_classes"]) == (569, 2)
