"""Cells of a notebook, captured as they ran: edited, added, deleted, repeated, failing."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from mlprov_widgets.provenance import read_record
from mlprov_widgets.record import Record, Step

from .conftest import STUDY, Front, Study


def origins(record: Record) -> dict[str, str]:
    return {cell.id: cell.origin for cell in record.cells if cell.kind == "code"}


def counts(record: Record) -> dict[str, int]:
    return {cell.id: len(cell.executions) for cell in record.cells if cell.kind == "code"}


@pytest.mark.parametrize("give_ids", [True, False], ids=["ids", "no ids"])
def test_an_untouched_notebook_is_captured_whole(
    shell: Front, study: Study, give_ids: bool
) -> None:
    study.write()
    shell.run_study(study, give_ids=give_ids)
    record = study.record()
    assert record.status == "finished"
    assert [cell.id for cell in record.cells] == [cell_id for cell_id, *_ in STUDY]
    assert set(origins(record).values()) == {"generated"}
    assert set(counts(record).values()) == {1}
    assert record.cells[0].kind == "markdown"
    assert not record.cells[0].executions
    assert [cell.step for cell in record.cells] == [step for _, _, step, _ in STUDY]
    assert record.pack == {"name": "study", "version": "1", "sha256": "0" * 64}
    assert record.values == {"epochs": 3, "optimizer": "Adam"}
    assert record.experiment_info["title"] == "A study"
    assert record.experiment_info["task_type"] == "Study"


def test_names_and_times_of_each_cell(shell: Front, study: Study) -> None:
    study.write()
    shell.run_study(study)
    training = study.cell("training").executions[0]
    assert training.reads == ["EPOCHS", "KEEP_BEST", "rate", "rows", "run"]
    assert training.binds == ["fit", "history"]
    assert training.count == 7
    assert training.start is not None
    assert training.end is not None
    assert training.start.tzinfo is not None
    assert training.start <= training.end
    imports = study.cell("imports").executions[0]
    assert imports.binds == ["math", "start_run"]
    assert (imports.start, imports.count) == (None, 1)


def test_constants_are_recorded_without_being_named(shell: Front, study: Study) -> None:
    study.write()
    shell.run_study(study)
    steps = study.record().steps
    # Used inside a function that the cell defines.
    assert steps["model_training"].constants["EPOCHS"] == 3
    assert steps["model_parameters"].constants["LEARNING_RATE"] == 0.1
    # A constant is what the notebook has, and no fact about the model.
    assert "learning_rate" not in steps["model_parameters"].values
    # Bound and used in a cell of another step that calls nothing.
    assert steps["data_exploration"].constants == {"BINS": 4}
    assert "BINS" not in steps["model_parameters"].constants
    assert steps["model_training"].constants["KEEP_BEST"] is True
    assert list(steps) == [
        "data_ingestion",
        "data_exploration",
        "model_parameters",
        "model_training",
        "model_evaluation",
    ]
    assert all(step.execution_time is not None for step in steps.values())


def test_seeds_are_recorded(shell: Front, study: Study) -> None:
    study.write()
    shell.run_study(study)
    training = study.record().steps["model_training"].values
    assert training["random_seed"] == 7
    assert training["epochs_run"] == 3


@pytest.mark.parametrize("saved", [True, False], ids=["saved", "not saved"])
@pytest.mark.parametrize("give_ids", [True, False], ids=["ids", "no ids"])
def test_edited_added_and_deleted_cells(
    shell: Front, study: Study, give_ids: bool, saved: bool
) -> None:
    study.write()
    study.edit("model", 'optimizer = "Adam"', 'optimizer = "SGD"  # slower')
    study.add("ingestion", "mine", "rows = [row for row in rows if row > 1]\nprint(len(rows))")
    study.delete("exploration")
    if saved:
        study.write()
    shell.run_study(study, give_ids=give_ids)
    record = study.record()
    kinds = origins(record)
    assert kinds.pop("model") == "edited"
    added = [cell_id for cell_id, origin in kinds.items() if origin == "added"]
    assert len(added) == 1
    if give_ids or saved:
        assert added == ["mine"]
    del kinds[added[0]]
    assert set(kinds.values()) == {"generated"}
    order = [cell.id for cell in record.cells]
    assert order.index("ingestion") < order.index(added[0]) < order.index("model")
    number = counts(record)
    assert number.pop("exploration") == 0
    assert set(number.values()) == {1}
    assert record.steps["model_parameters"].values["optimizer"] == "SGD"
    assert record.values["optimizer"] == "Adam"
    model = study.cell("model")
    assert model.generated is not None
    assert "Adam" in model.generated
    assert "SGD" in model.executions[0].source


@pytest.mark.parametrize("give_ids", [True, False], ids=["ids", "no ids"])
def test_a_cell_run_twice_has_two_executions(shell: Front, study: Study, give_ids: bool) -> None:
    study.write()
    shell.run_study(study, *[i for i, *_ in STUDY if i != "provenance"], give_ids=give_ids)
    study.edit("training", "range(EPOCHS)", "range(EPOCHS + 2)")
    shell.run_study(study, "training", "provenance", give_ids=give_ids)
    training = study.cell("training")
    assert len(training.executions) == 2
    assert training.origin == "edited"
    assert "EPOCHS + 2" not in training.executions[0].source
    assert "EPOCHS + 2" in training.executions[1].source
    values = study.record().steps["model_training"].values
    assert values["epochs_run"] == values["epochs"] == 5
    assert study.record().steps["model_training"].constants["EPOCHS"] == 3


def test_what_an_earlier_execution_said_no_longer_counts(shell: Front, study: Study) -> None:
    study.write()
    study.edit("model", 'model_name="mean"', 'model_name="mean", note="first"')
    shell.run_study(study, "imports", "parameters", "start", "model")
    study.edit("model", ', note="first"', "")
    shell.run_study(study, "model", "provenance")
    assert "note" not in study.record().steps["model_parameters"].values


def test_a_failing_cell_leaves_a_file_at_once(shell: Front, study: Study) -> None:
    study.write()
    study.edit("training", "history = fit()", "history = fit(1)")
    shell.run_study(study, "imports", "parameters", "start", "ingestion", "model")
    assert study.record().status == "unfinished"
    assert shell.run(study["training"], "training") == "TypeError"
    record = study.record()
    assert record.status == "failed"
    failed = study.cell("training").executions[-1]
    assert failed.status == "error"
    assert failed.error.startswith("TypeError: fit() takes 0 positional arguments")
    assert record.steps["model_training"].values == {}

    study.edit("training", "history = fit(1)", "history = fit()")
    shell.run_study(study, "training", "evaluation", "provenance")
    record = study.record()
    assert record.status == "finished"
    statuses = [execution.status for execution in study.cell("training").executions]
    assert statuses == ["error", "ok"]
    assert [file.name for file in study.folder.glob("*.prov.json")] == ["study.prov.json"]


def test_an_error_whose_text_raises_is_captured(shell: Front, study: Study) -> None:
    study.write()
    shell.run_study(study, "imports", "parameters", "start")
    source = (
        "class Bad(Exception):\n    def __str__(self):\n        raise RuntimeError\n\n\nraise Bad"
    )
    assert shell.run(source, "bad") != "ok"
    assert study.cell("bad").executions[0].status == "error"
    # IPython itself stumbles over it, and which of the two errors it reports is its own affair.
    assert study.cell("bad").executions[0].error in ("Bad", "RuntimeError")


def test_syntax_errors_are_captured(shell: Front, study: Study) -> None:
    study.write()
    shell.run_study(study, "imports", "parameters", "start")
    assert shell.run("rows = (", "bad") == "SyntaxError"
    assert study.cell("bad").executions[0].status == "error"
    assert study.record().status == "failed"


def test_magics_and_commands(shell: Front, study: Study) -> None:
    study.write()
    study.add("ingestion", "timed", "%%time\ntotal = sum(rows) * EPOCHS")
    study.add("timed", "caught", "%%capture out\nprint(rows)\nkept = total")
    study.add("caught", "line", "%time quick = total + 1\nlisted = !echo {total}\n!true")
    study.add("line", "shell", "%%bash\necho $HOME")
    study.write()
    shell.run_study(study)
    record = study.record()
    assert record.status == "finished"
    assert set(counts(record).values()) == {1}
    assert study.cell("timed").executions[0].source.startswith("%%time")
    assert study.cell("timed").executions[0].reads == ["EPOCHS", "rows"]
    assert study.cell("timed").executions[0].binds == ["total"]
    assert study.cell("caught").executions[0].reads == ["rows", "total"]
    assert study.cell("line").executions[0].binds == ["listed", "quick"]
    assert study.cell("shell").executions[0].reads == []


def test_blank_cells_and_code_of_the_front_end_are_no_cells(shell: Front, study: Study) -> None:
    study.write()
    shell.run_study(study, "imports", "parameters", "start")
    shell.run("", "blank")
    shell.run("   \n", "blank")
    instance = shell.shell  # type: ignore[attr-defined]
    instance.run_cell("hidden = 1", store_history=False)
    instance.run_cell("hidden = 2", silent=True)
    shell.run_study(study, "provenance")
    ids = [cell.id for cell in study.record().cells]
    assert ids == [cell_id for cell_id, *_ in STUDY]


def test_ids_that_a_front_end_makes_up(shell: Front, study: Study) -> None:
    """VS Code gives each cell an id of its own, which is not the one in the file."""
    study.write()
    for cell_id, kind, source in study.cells:
        if kind == "code":
            assert shell.run(source, f"W0sZmlsZQ%3D%3D{cell_id}") == "ok"
    study.edit("training", "* rate", "/ rate")
    assert shell.run(study["training"], "W0sZmlsZQ%3D%3Dtraining") == "ok"
    shell.run("finished = run.finish()", "W0sZmlsZQ%3D%3Dprovenance")
    record = read_record(study.folder / "study-2.prov.json")
    assert [cell.id for cell in record.cells] == [cell_id for cell_id, *_ in STUDY]
    assert counts(record)["training"] == 2
    assert origins(record)["training"] == "edited"


def test_cells_after_the_end_are_captured_by_the_next_call(shell: Front, study: Study) -> None:
    study.write()
    shell.run_study(study)
    assert shell.run("print(sum(rows))", "later") == "ok"
    assert "later" not in {cell.id for cell in study.record().cells}
    assert shell.run("finished = run.finish()", "provenance") == "ok"
    record = read_record(study.folder / "study-2.prov.json")
    assert [cell.id for cell in record.cells][-1] == "later"
    assert counts(record)["provenance"] == 2


def test_cells_after_the_end_are_captured_when_the_run_is_closed(
    shell: Front, study: Study
) -> None:
    study.write()
    shell.run_study(study)
    shell.run("raise ValueError('late')", "later")
    shell.shell.user_ns["run"].close()  # type: ignore[attr-defined]
    record = study.record()
    assert record.status == "finished"
    assert study.cell("later").executions[0].status == "error"


def test_a_file_that_a_person_changed_or_moved_is_left_alone(shell: Front, study: Study) -> None:
    study.write()
    shell.run_study(study)
    study.file.write_text("mine", encoding="utf-8")
    shell.run("print(1)", "later")
    shell.shell.user_ns["run"].close()  # type: ignore[attr-defined]
    assert study.file.read_text(encoding="utf-8") == "mine"
    assert len(list(study.folder.glob("*.prov.json"))) == 1


def test_a_rerun_in_the_same_kernel_is_a_run_of_its_own(shell: Front, study: Study) -> None:
    study.write()
    shell.run_study(study)
    first = study.record()
    shell.run("print('between')", "between")
    shell.run_study(study)
    second = read_record(study.folder / "study-2.prov.json")
    assert second.run_id != first.run_id
    assert set(counts(second).values()) == {1}
    assert "between" not in counts(second)
    assert second.cells[1].executions[0].count == 11
    # Capture has not doubled, and the first run keeps its own cells only.
    first = study.record()
    assert set(counts(first).values()) == {1}
    assert "between" in counts(first)


def test_a_rerun_from_the_start_cell_keeps_what_ran_before_it(shell: Front, study: Study) -> None:
    study.write()
    shell.run_study(study)
    shell.run_study(study, *[i for i, *_ in STUDY if i not in ("imports", "parameters")])
    second = read_record(study.folder / "study-2.prov.json")
    assert set(counts(second).values()) == {1}
    assert second.cells[1].executions[0].count == 1


def test_a_run_that_is_started_again_ends_the_earlier_one(shell: Front, study: Study) -> None:
    study.write()
    shell.run_study(study, "imports", "parameters", "start", "ingestion")
    shell.run_study(study)
    assert study.record().status == "unfinished"
    assert counts(study.record())["ingestion"] == 1
    second = read_record(study.folder / "study-2.prov.json")
    assert second.status == "finished"
    assert set(counts(second).values()) == {1}


def test_a_run_that_is_started_further_down_has_what_ran_above_it(
    shell: Front, study: Study
) -> None:
    study.write()
    shell.run_study(study, "imports", "parameters", "start", "ingestion", "exploration")
    source = "import mlprov_widgets as mp\nNOTE = 'once more'\nrun = mp.start_run('study.ipynb')"
    shell.run(source, "second")
    shell.run_study(study, "model", "training", "evaluation", "provenance")
    first, second = study.record(), read_record(study.folder / "study-2.prov.json")
    assert {"ingestion", "exploration"} <= set(counts(first))
    above = {"imports", "parameters", "start", "ingestion", "exploration", "second"}
    below = {"model", "training", "evaluation", "provenance"}
    assert {name for name, count in counts(second).items() if count == 1} == above | below


def test_a_step_that_never_ran_says_nothing(shell: Front, study: Study) -> None:
    study.write()
    shell.run_study(study, "imports", "parameters", "start", "ingestion")
    shell.run('run.record("data_segregation", split=([0, 1], [2]))', "split")
    shell.run_study(study, "provenance")
    assert "print_progress" not in study.record().steps.get("model_training", Step()).values


def test_an_existing_file_is_never_written_over(shell: Front, study: Study) -> None:
    study.write()
    study.file.write_text("another's", encoding="utf-8")
    (study.folder / "study-2.prov.json").write_text("another's", encoding="utf-8")
    shell.run_study(study)
    assert study.file.read_text(encoding="utf-8") == "another's"
    assert read_record(study.folder / "study-3.prov.json").status == "finished"
    assert shell.shell.user_ns["run"].name == "study-3"  # type: ignore[attr-defined]


def test_the_name_of_a_run_is_free_for_its_other_files_too(
    shell: Front, study: Study, tmp_path: Path
) -> None:
    study.write()
    (study.folder / "study.pt").write_text("weights of somebody's")
    (study.folder / "study-2.pt").symlink_to(tmp_path / "elsewhere")
    shell.run_study(study)
    assert shell.shell.user_ns["run"].name == "study-3"
    assert (study.folder / "study-3.prov.json").is_file()


def test_the_name_of_the_notebook_leads_nowhere_else(shell: Front, tmp_path: Path) -> None:
    shell.run("from mlprov_widgets import start_run")
    shell.run("run = start_run('../../etc/..\\\\a:b*\\x00.ipynb')")
    assert shell.run("finished = run.finish()") == "ok"
    file = shell.shell.user_ns["finished"].file  # type: ignore[attr-defined]
    assert file.parent == tmp_path
    assert file.exists()


def test_without_any_notebook_file_everything_still_works(shell: Front, tmp_path: Path) -> None:
    for _, kind, _, source in STUDY:
        if kind == "code":
            assert shell.run(source) == "ok"
    record = read_record(tmp_path / "study.prov.json")
    assert record.status == "finished"
    assert [cell.source for cell in record.cells] == [s for _, k, _, s in STUDY if k == "code"]
    assert {cell.origin for cell in record.cells} == {"added"}
    assert record.pack == {}
    assert record.steps["model_training"].values["epochs"] == 3
    # Each call says to which step the cells since the last one belong.
    assert [cell.step for cell in record.cells][3:8] == [
        "data_ingestion",
        "model_parameters",
        "model_parameters",
        "model_training",
        "model_evaluation",
    ]


def test_hostile_constants(shell: Front, study: Study) -> None:
    study.write()
    constants = {
        "API_KEY": "'hidden'",
        "MODEL_NAME": "'wrong'",
        "HISTORY": "1",
        "CLASS": r"['</script>', '\ud800', '\x00']",
        "HUGE": "list(range(10 ** 6))",
        "NOT_A_NUMBER": "float('nan')",
        "OBJECT": "object()",
        "BIG": "10 ** 400",
        "ITSELF": "(lambda row: row.append(row) or row)([])",
    }
    lines = [f"{name} = {value}" for name, value in constants.items()]
    study.edit("parameters", "KEEP_BEST = True", "\n".join(["KEEP_BEST = True", *lines]))
    study.edit("training", "history = fit()", f"history = fit()\n({', '.join(constants)})")
    shell.run_study(study)
    record = study.record()
    values = record.steps["model_training"].values
    constants = record.steps["model_training"].constants
    assert constants.keys().isdisjoint({"API_KEY", "HUGE", "OBJECT", "ITSELF"})
    assert constants["MODEL_NAME"] == "wrong"
    assert "model_name" not in values
    assert record.steps["model_parameters"].values["model_name"] == "mean"
    assert isinstance(values["history"], list)
    assert constants["CLASS"][0] == "</script>"
    assert constants["NOT_A_NUMBER"] != constants["NOT_A_NUMBER"]
    assert constants["BIG"] == 10**400
    assert "hidden" not in json.dumps([values, constants])


def test_record_never_breaks_the_run(
    shell: Front, study: Study, capsys: pytest.CaptureFixture[str]
) -> None:
    study.write()
    shell.run_study(study, "imports", "parameters", "start")
    source = """
class Hostile:
    def __repr__(self): raise RuntimeError("no")
    def __len__(self): raise RuntimeError("no")
    def __getattr__(self, name): raise RuntimeError("no")
loop = []
loop.append(loop)
for term in ("source", "features", "labels", "operations", "training", "model", "loss_function",
             "optimizer", "scheduler", "history", "predictions", "evaluation_metrics", "own"):
    run.record("data_ingestion", **{term: Hostile()})
    run.record("data_ingestion", **{term: loop})
    run.record("data_ingestion", **{term: None})
    run.record(Hostile, **{term: open})
run.record("a step of mine: </b>", **{"a b(c)": 1, "": 2, "prov:type": "x"})
run.record("another", **{"self": 1, "step": 2})
"""
    assert shell.run(source, "hostile") == "ok"
    shell.run_study(study, "provenance")
    record = study.record()
    assert record.steps["a step of mine: </b>"].values == {"a b(c)": 1, "": 2, "prov:type": "x"}
    assert record.steps["another"].values == {"self": 1, "step": 2}
    assert record.steps["data_ingestion"].values["own"] is None


def test_a_reproduction_is_compared_with_its_original(
    shell: Front, study: Study, capsys: pytest.CaptureFixture[str]
) -> None:
    from mlprov_widgets.comparison import Outcome

    study.write()
    shell.run_study(study)
    first = study.record()
    study.file.rename(study.folder / "first.prov.json")
    study.original = Outcome.from_record(first).to_dict()
    study.write()
    capsys.readouterr()
    shell.run_study(study)
    second = study.record()
    finished = shell.shell.user_ns["finished"]  # type: ignore[attr-defined]
    assert finished.verification is not None
    assert second.original["run_id"] == first.run_id
    assert second.original["verdict"] == finished.verification.verdict == "metric-identical"
    assert "metric-identical" in capsys.readouterr().out


def test_what_killed_processes_left_is_removed_after_a_day(shell: Front, study: Study) -> None:
    study.write()
    old, new, theirs = (study.folder / f".{letter * 32}.part" for letter in "abx")
    for file in (old, new, theirs):
        file.write_text("half")
    for file in (old, theirs):
        os.utime(file, (0, 0))
    shell.run_study(study)
    assert [file.exists() for file in (old, new, theirs)] == [False, True, True]


def test_where_nothing_can_be_written_no_run_begins(
    shell: Front, study: Study, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    study.write()

    def full(*_arguments: object, **_options: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setenv("XDG_STATE_HOME", str(study.folder / "state"))
    with monkeypatch.context() as context:
        context.setattr(os, "fsync", full)
        assert shell.run("from mlprov_widgets import start_run") == "ok"
        assert shell.run('start_run("study.ipynb")') == "RecordError"
    assert list(study.folder.rglob("*.prov.json")) == []
    # Room has been made: one run, captured once.
    shell.run_study(study)
    assert [len(study.cell(name).executions) for name in ("model", "training")] == [1, 1]
    # And full again in the middle of it.
    capsys.readouterr()
    with monkeypatch.context() as context:
        context.setattr(os, "fsync", full)
        assert shell.run("run.finish()") == "RecordError"
    assert study.record().status == "finished"
