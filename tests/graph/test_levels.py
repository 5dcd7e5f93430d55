"""Both levels of one document, and what stands for what in the other one."""

from __future__ import annotations

import warnings
from pathlib import Path

import prov.tests
import pytest

from mlprov_widgets.errors import RecordError
from mlprov_widgets.graph.document.sources import open_source
from mlprov_widgets.graph.levels.scene import default_opened, scene
from mlprov_widgets.graph.levels.two_levels import Levels
from tests.graph.made_documents import check_model, check_scene, workflow
from tests.graph.small import levels_of
from tests.provenance.sample import failed, sample

FIXTURES = Path(prov.tests.__file__).parent
FORMATS = {".json", ".jsonld", ".provn", ".provx", ".xml", ".ttl", ".trig"}


def test_levels_are_made_once() -> None:
    levels = levels_of(sample())
    assert levels.names == ("analyst", "engineer")
    assert levels.model("analyst") is levels.model("analyst")
    assert levels.model("engineer") is levels.model("engineer")
    with pytest.raises(ValueError, match="no level 'manager'"):
        levels.model("manager")


def test_boxes_stand_for_the_elements_of_their_step() -> None:
    levels = levels_of(sample())
    assert levels.counterpart("analyst", "run:metric.accuracy") == "step:model_evaluation"
    assert levels.counterpart("analyst", "run:cell.8") == "step:model_parameters"
    assert levels.counterpart("analyst", "step:model_training") == "step:model_training"
    assert levels.counterpart("analyst", "run:hardware") == ""
    assert levels.counterpart("analyst", "nothing of the kind") == ""
    assert levels.counterpart("engineer", "step:model_training") == "step:model_training"
    assert levels.counterpart("engineer", "run:cell.8") == "run:cell.8"
    assert levels.counterpart("analyst", "run:cell.8") == "step:model_parameters"
    assert levels.counterpart("engineer", "nothing of the kind") == ""
    for box in levels.model("analyst").nodes:
        assert levels.counterpart("engineer", box), "every box is somewhere on the other level"


def test_a_cell_that_failed_outside_of_the_steps_has_a_box() -> None:
    record = failed()
    for cell in record.cells:
        for execution in cell.executions:
            execution.status, execution.error = "ok", ""
    wrong = next(cell for cell in record.cells if cell.id == "c-parameters")
    wrong.executions[-1].status = "error"
    wrong.executions[-1].error = "NameError: name 'SEED' is not defined"
    levels = levels_of(record)
    failing = [node for node in levels.model("analyst").nodes.values() if node.state == "failed"]
    assert [node.headline for node in failing] == ["cell 3 failed"]
    assert levels.counterpart("analyst", "run:cell.3") == failing[0].id
    assert levels.counterpart("analyst", "run:execution.3.1") == failing[0].id
    assert levels.counterpart("engineer", failing[0].id) in ("run:cell.3", "run:execution.3.1")


def test_activities_stand_for_what_they_made() -> None:
    levels = levels_of(workflow(100))
    assert levels.counterpart("analyst", "ex:task3") == "ex:task3"
    assert levels.counterpart("analyst", "ex:file3") == "ex:task3"
    assert levels.counterpart("analyst", "group:activity/ex:task3") == "ex:task3"
    assert levels.counterpart("analyst", "ex:engine1") == ""
    assert levels.counterpart("engineer", "ex:task3") == "ex:task3"


def test_what_stands_for_something_is_there() -> None:
    for source in (sample(), failed(), workflow(200)):
        levels = levels_of(source)
        engineer, analyst = levels.model("engineer"), levels.model("analyst")
        for id, box in engineer.stands_for.items():
            assert id in engineer.nodes or id in engineer.groups
            assert box in analyst.nodes


def test_sources_of_every_kind(tmp_path: Path) -> None:
    with pytest.raises(RecordError, match="There is no file"):
        levels_of(tmp_path / "missing.json")
    opened = open_source(sample())
    assert Levels(opened).model("analyst").nodes == levels_of(sample()).model("analyst").nodes


@pytest.mark.slow
def test_every_document_that_prov_can_read_is_shown() -> None:
    """Both levels, as they open first and with every group open."""
    shown = 0
    for path in sorted(FIXTURES.rglob("*")):
        if path.suffix not in FORMATS:
            continue
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                opened = open_source(path)
        except RecordError:
            continue
        levels = Levels(opened)
        for level in levels.names:
            model = levels.model(level)
            check_model(model)
            for groups in (default_opened(model), list(model.groups), ()):
                check_scene(model, scene(model, groups))
            for id in levels.model("engineer").nodes:
                assert levels.counterpart("engineer", id) == id
                box = levels.counterpart("analyst", id)
                assert not box or box in levels.model("analyst").nodes
        shown += 1
    assert shown > 1400
