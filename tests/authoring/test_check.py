"""What `check_pack` and its command say of a pack that is whole, and of authors' mistakes."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from mlprov_widgets.authoring import check_pack
from mlprov_widgets.cli import main
from mlprov_widgets.packs import bundled_folder
from tests.authoring.small_pack import TOML, TRAINING, further, instead, parameter, renamed

MISTAKES = {
    "code that does not parse": (
        instead(TRAINING, "model.fit(", "model.fit(("),
        ("cell_no_python", TRAINING, 4, ""),
    ),
    "code that is nested too deeply": (
        instead(TRAINING, "model.fit(", "(" * 3000 + ")" * 3000 + "\nmodel.fit("),
        ("cell_no_python", TRAINING, 4, ""),
    ),
    "a character that no program has": (
        instead(TRAINING, "model.fit(", "'\0'\nmodel.fit("),
        ("cell_no_python", TRAINING, None, ""),
    ),
    "code that does not parse for one choice": (
        instead(TOML, "\"'svd'\"", '"svd x"'),
        ("cell_no_python", TRAINING, 3, ""),
    ),
    "a name that nothing defines": (
        instead(TRAINING, "model.fit(features", "model.fit(scaled"),
        ("name_never_defined", TRAINING, 4, ""),
    ),
    "a template that looks up what is not there": (
        instead(TRAINING, "{{ code.solver }}", "{{ code.slover }}"),
        ("template_name_unknown", TRAINING, 3, ""),
    ),
    "a circular condition": (
        instead(TOML, "constant = true", "constant = true\nwhen = \"solver == 'svd'\""),
        ("condition_circular", TOML, 22, "parameters.alpha.when"),
    ),
    "a condition that is its own": (
        instead(TOML, 'when = "alpha > 0"', "when = \"solver == 'svd'\""),
        ("condition_circular", TOML, 30, "parameters.solver.when"),
    ),
    "a condition against what is no choice": (
        parameter("again", more="when = \"solver in ['svd', 'lsqr']\"\nconstant = false"),
        ("condition_never_met", TOML, 43, "parameters.again.when"),
    ),
    "a rule against what is no choice": (
        further(
            "\n[[rules]]\nwhen = \"solver == 'sgd'\"\nparameter = 'alpha'\nmessage = 'Slow.'\n"
        ),
        ("condition_never_met", TOML, 37, "rules.1.when"),
    ),
    "a page with an unknown step": (
        instead(TOML, 'steps = ["model_training"]', 'steps = ["training"]'),
        ("step_of_no_cell", TOML, 11, "pages.model.steps"),
    ),
    "a parameter of an unknown step": (
        parameter("unused", step="modelling"),
        ("step_of_no_cell", TOML, 41, "parameters.unused.step"),
    ),
    "a parameter that nothing uses": (
        parameter("unused"),
        ("parameter_unused", TOML, 37, "parameters.unused.name"),
    ),
    "a constant that no cell writes": (
        instead("040_parameters.py.jinja", "ALPHA =", "alpha ="),
        ("name_never_defined", TRAINING, 3, ""),
    ),
    "a constant that is only used as a value": (
        lambda folder: (
            instead("040_parameters.py.jinja", "ALPHA = {{ alpha }}", "pass")(folder),
            instead(TRAINING, "Ridge(ALPHA", "Ridge({{ alpha }}")(folder),
        ),
        ("constant_not_written", TOML, 21, "parameters.alpha.constant"),
    ),
    "a choice without the code that is used": (
        instead(TOML, ", code = \"'svd'\"", ""),
        ("code_missing", TRAINING, 3, ""),
    ),
    "code in code": (
        instead(TOML, "\"'svd'\"", "\"'svd'); print('mine'\""),
        ("code_no_expression", TOML, 31, "parameters.solver.choices"),
    ),
    "a misnamed template": (
        renamed("010_title.md.jinja", "010_title.md.jinja2"),
        ("pack_file_unused", "010_title.md.jinja2", None, ""),
    ),
    "a template with a number too short": (
        renamed("010_title.md.jinja", "10_title.md.jinja"),
        ("cell_name_not_allowed", "10_title.md.jinja", None, ""),
    ),
    "a run that never starts": (
        lambda folder: (
            (folder / "050_start.py.jinja").write_text("run = None\n"),
            instead("030_imports.py.jinja", "from mlprov_widgets import start_run\n", "")(folder),
        ),
        ("run_never_started", "", None, ""),
    ),
    "a word of Python's as a name": (
        parameter("lambda"),
        ("name_is_keyword", TOML, 37, "parameters.lambda.name"),
    ),
    "a word of the templates' as a name": (
        parameter("title"),
        ("name_of_template", TOML, 37, "parameters.title.name"),
    ),
    "what cannot be read at all": (
        instead(TOML, 'type = "number"', 'type = "numer"'),
        ("type_unknown", TOML, 16, "parameters.alpha.type"),
    ),
}


def test_a_whole_pack_has_no_faults(ridge: Path) -> None:
    found = check_pack(ridge)
    assert found.faults == []
    assert found.pack is not None
    assert found.pack.name == "ridge"
    # The defaults, the other solver, and the penalty at its bound and beside it.
    assert found.notebooks == 3


@pytest.mark.parametrize("mistake", MISTAKES)
def test_each_mistake_is_named_with_its_place(ridge: Path, mistake: str) -> None:
    change, (code, file, line, field) = MISTAKES[mistake]
    change(ridge)
    faults = check_pack(ridge).faults
    told = [(one.code, one.file, one.line, one.field) for one in faults]
    assert (code, ridge / file if file else ridge, line, field) in told, list(map(str, faults))
    for fault in faults:
        assert str(fault).startswith(str(fault.file))


def test_a_pack_that_hides_a_bundled_one(tmp_path: Path) -> None:
    name = "multiclass_classification"
    shutil.copytree(bundled_folder() / name, tmp_path / name)
    (fault,) = check_pack(tmp_path / name).faults
    assert fault.code == "pack_hides_bundled"


@pytest.mark.parametrize(
    "name", [folder.parent.name for folder in sorted(bundled_folder().glob("*/pack.toml"))]
)
def test_bundled_packs_have_no_faults(name: str) -> None:
    found = check_pack(bundled_folder() / name)
    assert found.faults == []
    assert found.notebooks > 40


def test_the_command_says_it_in_lines_and_as_json(ridge: Path) -> None:
    done = CliRunner().invoke(main, ["check-pack", str(ridge)])
    assert (done.exit_code, done.stdout) == (
        0,
        f"Nothing is wrong with {ridge}: 3 notebooks looked at.\n",
    )
    parameter("unused")(ridge)
    done = CliRunner().invoke(main, ["check-pack", str(ridge)])
    assert done.exit_code == 1
    where = f"{ridge / TOML}, line 37, parameters.unused.name"
    assert (
        done.stdout
        == f"{where}: no template and no condition uses 'unused'; use it, or take it out\n"
    )
    done = CliRunner().invoke(main, ["check-pack", str(ridge), "--json"])
    (fault,) = json.loads(done.stdout)["faults"]
    assert (fault["code"], fault["line"]) == ("parameter_unused", 37)
    done = CliRunner().invoke(main, ["check-pack", str(ridge / "nothing")])
    assert done.exit_code == 1


@pytest.mark.slow
def test_examples_are_run_and_reproduced(ridge: Path) -> None:
    (ridge / "examples.toml").write_text('["Strong"]\nalpha = 10.0\n', encoding="utf-8")
    done = CliRunner().invoke(main, ["check-pack", str(ridge), "--run"])
    assert done.stdout.startswith("Strong: runs, and comes out the same once more.\n"), done.output
    # It is in a cell, but never among what is recorded.
    further('\n[[metrics]]\nname = "labels"\nlabel = "Labels"\n')(ridge)
    done = CliRunner().invoke(main, ["check-pack", str(ridge), "--run"])
    assert done.exit_code == 1
    assert "metrics.labels.name: cells of examples that were run have the name" in done.stdout
    instead(TOML, '\n[[metrics]]\nname = "labels"\nlabel = "Labels"\n', "")(ridge)
    evaluation = ridge / "110_model_evaluation.py.jinja"
    evaluation.rename(ridge / "_110.jinja")
    done = CliRunner().invoke(main, ["check-pack", str(ridge), "--run"])
    assert "line 1, Strong: the example 'Strong' records no predictions or metrics" in done.stdout
    instead(TRAINING, "model.fit(", "raise ValueError('mine')\nmodel.fit(")(ridge)
    done = CliRunner().invoke(main, ["check-pack", str(ridge), "--run"])
    assert done.exit_code == 1
    assert "line 1, Strong: the example 'Strong' does not run:" in done.stdout
    assert "ValueError: mine" in done.stdout
