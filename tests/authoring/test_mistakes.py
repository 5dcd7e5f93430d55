"""Mistakes of authors, one a row: what is said, and where; none is passed over, none ends badly."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from mlprov_widgets.authoring import check_pack
from mlprov_widgets.messages import catalogue
from tests.authoring.small_pack import (
    CELLS,
    DECLARED,
    TOML,
    TRAINING,
    further,
    instead,
    parameter,
    renamed,
    write_pack,
)

RESULTS = """
[[rules]]
when = "alpha > 100"
parameter = "alpha"
message = "That is a heavy penalty."

[[metrics]]
name = "r2"
label = "Determination"
direction = "maximize"
headline = true

[[fields]]
name = "n_rows"
step = "model_training"
label = "Rows"
kind = "count"
"""
EXAMPLES, CONSTANTS, IMPORTS = "examples.toml", "040_parameters.py.jinja", "030_imports.py.jinja"
START, EVALUATION, FINISH = (
    "050_start.py.jinja",
    "110_model_evaluation.py.jinja",
    "120_provenance.py.jinja",
)
Change = Callable[[Path], object]


@pytest.fixture
def whole(tmp_path: Path) -> Path:
    folder = write_pack(tmp_path / "ridge", DECLARED + RESULTS)
    (folder / EXAMPLES).write_text('["Strong"]\nalpha = 10.0\n', encoding="utf-8")
    instead(TRAINING, "model=model)", "model=model, n_rows=len(features))")(folder)
    return folder


def written(file: str, text: str | bytes) -> Change:
    data = text.encode() if isinstance(text, str) else text
    return lambda folder: (folder / file).write_bytes(data)


def appended(file: str, text: str) -> Change:
    def change(folder: Path) -> None:
        with (folder / file).open("a", encoding="utf-8") as stream:
            stream.write(text)

    return change


def both(*changes: Change) -> Change:
    return lambda folder: [change(folder) for change in changes] and None


def used(name: str, type: str, more: str) -> Change:
    """A further parameter of which a comment is made."""
    row = f'\n[[parameters]]\nname = "{name}"\nlabel = "X"\ntype = "{type}"\npage = "model"\n'
    declared = further(f'{row}step = "model_training"\n{more}\n')
    return both(declared, appended(TRAINING, f"# {{{{ {name} }}}}\n"))


def moved(folder: Path, text: str) -> None:
    """A file of the pack in another encoding."""
    (folder / TOML).write_bytes((folder / TOML).read_text().encode(text))


def linked(folder: Path) -> None:
    (folder.parent / "theirs.jinja").write_text("secret = 1\n")
    (folder / "045_start.py.jinja").symlink_to(folder.parent / "theirs.jinja")


DEEP = "{% for a in [1, 1, 1, 1, 1, 1, 1, 1, 1, 1] %}" * 8 + "x" + "{% endfor %}" * 8
ONE_CHOICE = '{% if solver == "svd" %}'
# What is changed, then: code, file (empty for the folder), line, field.
MISTAKES: dict[str, tuple[Change, tuple[str, str, int | None, str]]] = {
    # -- pack.toml as a file
    "a text without its end": (
        instead(TOML, 'title = "Ridge"', 'title = "Ridge'),
        ("toml_unreadable", TOML, 3, ""),
    ),
    "a text without quotes": (
        instead(TOML, 'default = "auto"', "default = auto"),
        ("toml_value_unreadable", TOML, 29, ""),
    ),
    "True with a capital": (
        instead(TOML, "constant = true", "constant = True"),
        ("toml_value_unreadable", TOML, 21, ""),
    ),
    "a key that is given twice": (
        instead(TOML, "headline = true", "headline = true\nheadline = true"),
        ("toml_unreadable", TOML, 46, ""),
    ),
    "nothing in it": (written(TOML, ""), ("pack_table_missing", TOML, None, "pack")),
    "a pack as one of several": (
        instead(TOML, "[pack]", "[[pack]]"),
        ("pack_table_missing", TOML, 2, "pack"),
    ),
    "rules as one table": (
        instead(TOML, "[[rules]]", "[rules]"),
        ("table_not_listed", TOML, 36, "rules"),
    ),
    "a misspelt table": (
        instead(TOML, "[[metrics]]", "[[metric]]"),
        ("table_unknown", TOML, 41, "metric"),
    ),
    "a misspelt field": (
        instead(TOML, "minimum = 0", "minimun = 0"),
        ("field_unknown", TOML, 20, "parameters.alpha.minimun"),
    ),
    "an order in quotes": (
        instead(TOML, 'version = "1"', 'version = "1"\norder = "3"'),
        ("field_of_wrong_type", TOML, 6, "pack.order"),
    ),
    "a version without quotes": (
        instead(TOML, 'version = "1"', "version = 1"),
        ("field_of_wrong_type", TOML, 5, "pack.version"),
    ),
    "a title of nothing": (
        instead(TOML, 'title = "Ridge"', 'title = ""'),
        ("field_empty", TOML, 3, "pack.title"),
    ),
    "a pack without a page": (
        instead(TOML, 'name = "model"\ntitle = "Model"', 'name = "other"\ntitle = "Model"'),
        ("page_missing", TOML, 17, "parameters.alpha.page"),
    ),
    "letters of a single country": (
        lambda folder: moved(folder, "utf-16"),
        ("pack_file_not_utf8", TOML, None, ""),
    ),
    # -- parameters
    "a type of another language": (
        used("beta", "float", "default = 1.0"),
        ("type_unknown", TOML, 56, "parameters.beta.type"),
    ),
    "a minimum above the maximum": (
        instead(TOML, "minimum = 0", "minimum = 5\nmaximum = 2"),
        ("bounds_crossed", TOML, 20, "parameters.alpha.minimum"),
    ),
    "bounds without room": (
        instead(TOML, "minimum = 0", "exclusive_minimum = 2\nmaximum = 2"),
        ("bounds_without_room", TOML, 20, "parameters.alpha.exclusive_minimum"),
    ),
    "a bound of a choice": (
        instead(TOML, 'default = "auto"', 'default = "auto"\nminimum = 1'),
        ("field_says_nothing", TOML, 30, "parameters.solver.minimum"),
    ),
    "a role of a number": (
        used("beta", "number", 'default = 1.0\nroles = ["class"]'),
        ("field_says_nothing", TOML, 60, "parameters.beta.roles"),
    ),
    "a number in quotes": (
        instead(TOML, "default = 1.0", 'default = "1.0"'),
        ("default_not_allowed", TOML, 19, "parameters.alpha.default"),
    ),
    "a number without a default": (
        used("beta", "integer", ""),
        ("default_missing", TOML, 53, "parameters.beta.default"),
    ),
    "two of one name": (
        parameter("alpha"),
        ("name_taken", TOML, 54, "parameters.alpha.name"),
    ),
    "two of one label": (
        instead(TOML, 'label = "Solver"', 'label = "Penalty"'),
        ("label_taken", TOML, 25, "parameters.solver.label"),
    ),
    "two of one term": (
        both(
            instead(TOML, "constant = true", 'constant = true\nterm = "l2"'),
            instead(TOML, 'when = "alpha > 0"', 'term = "l2"'),
        ),
        ("term_taken", TOML, 31, "parameters.solver.term"),
    ),
    "a column without its table": (
        used("target", "column", ""),
        ("table_needed", TOML, 56, "parameters.target.type"),
    ),
    "a role that there is not": (
        both(
            used("data", "csv_file", ""),
            used("target", "column", 'table = "data"\nroles = ["klass"]'),
        ),
        ("word_unknown", TOML, 68, "parameters.target.roles"),
    ),
    # -- choices
    "a choice without a label": (
        instead(TOML, ', label = "SVD"', ""),
        ("field_missing", TOML, 33, "parameters.solver.choices.2"),
    ),
    "a label that is a number": (
        instead(TOML, 'label = "SVD"', "label = 3"),
        ("field_of_wrong_type", TOML, 33, "parameters.solver.choices.2.label"),
    ),
    "two choices of one label": (
        instead(TOML, 'label = "SVD"', 'label = "The best"'),
        ("label_taken", TOML, 33, "parameters.solver.choices.svd.label"),
    ),
    "a default that is no choice": (
        instead(TOML, 'default = "auto"', 'default = "automatic"'),
        ("default_not_allowed", TOML, 29, "parameters.solver.default"),
    ),
    "a choice that sets what there is not": (
        instead(TOML, "code = \"'svd'\"", "code = \"'svd'\", sets = { alhpa = 2 }"),
        ("parameter_missing", TOML, 33, "parameters.solver.choices.svd.sets.alhpa"),
    ),
    "a choice that sets what comes before it": (
        instead(TOML, "code = \"'svd'\"", "code = \"'svd'\", sets = { alpha = 2 }"),
        ("sets_too_late", TOML, 33, "parameters.solver.choices.svd.sets.alpha"),
    ),
    "code with a name that is not imported": (
        instead(TOML, "\"'svd'\"", '"SVDSolver"'),
        ("name_never_defined", TRAINING, 3, ""),
    ),
    # -- conditions, rules, pages
    "one equals sign": (
        instead(TOML, 'when = "alpha > 0"', 'when = "alpha = 0"'),
        ("condition_unreadable", TOML, 30, "parameters.solver.when"),
    ),
    "a condition that calls": (
        instead(TOML, 'when = "alpha > 0"', 'when = "len(alpha) > 0"'),
        ("condition_not_allowed", TOML, 30, "parameters.solver.when"),
    ),
    "a condition on what there is not": (
        instead(TOML, 'when = "alpha > 0"', 'when = "alpah > 0"'),
        ("parameter_missing", TOML, 30, "parameters.solver.when"),
    ),
    "a number held against a text": (
        instead(TOML, 'when = "alpha > 0"', "when = \"alpha > '0'\""),
        ("comparison_never_met", TOML, 30, "parameters.solver.when"),
    ),
    "a condition beyond the bounds": (
        instead(TOML, 'when = "alpha > 100"', 'when = "0 > alpha"'),
        ("comparison_never_met", TOML, 37, "rules.1.when"),
    ),
    "a rule without a condition": (
        instead(TOML, 'when = "alpha > 100"', 'when = ""'),
        ("rule_always_said", TOML, 37, "rules.1.when"),
    ),
    "a rule beside what there is not": (
        instead(TOML, 'parameter = "alpha"', 'parameter = "alhpa"'),
        ("parameter_missing", TOML, 38, "rules.1.parameter"),
    ),
    "a rule beside what is not asked for then": (
        further('\n[[rules]]\nwhen = "alpha == 0"\nparameter = "solver"\nmessage = "None."\n'),
        ("rule_never_said", TOML, 55, "rules.2.parameter"),
    ),
    "a rule that forbids the defaults": (
        instead(TOML, 'when = "alpha > 100"', 'when = "alpha > 0"\nerror = true'),
        ("defaults_refused", TOML, 37, "rules.1.when"),
    ),
    "a rule that forbids an example": (
        instead(TOML, 'when = "alpha > 100"', 'when = "alpha > 5"\nerror = true'),
        ("example_refused", EXAMPLES, 1, "Strong"),
    ),
    "a page that asks nothing": (
        further('\n[[pages]]\nname = "more"\ntitle = "M"\nsteps = ["model_training"]\n'),
        ("page_asks_nothing", TOML, 54, "pages.more.name"),
    ),
    "two pages of one name": (
        further('\n[[pages]]\nname = "model"\ntitle = "M"\n'),
        ("name_taken", TOML, 54, "pages.model.name"),
    ),
    # -- metrics and fields
    "two metrics of one name": (
        further('\n[[metrics]]\nname = "r2"\nlabel = "R"\n'),
        ("name_taken", TOML, 54, "metrics.r2.name"),
    ),
    "two metrics of one label": (
        further('\n[[metrics]]\nname = "score"\nlabel = "Determination"\n'),
        ("label_taken", TOML, 55, "metrics.score.label"),
    ),
    "a metric that is never recorded": (
        instead(TOML, 'name = "r2"', 'name = "r_2"'),
        ("metric_not_recorded", TOML, 42, "metrics.r_2.name"),
    ),
    "a baseline of what there is not": (
        instead(TOML, "headline = true", 'baseline_of = "acuracy"'),
        ("metric_missing", TOML, 45, "metrics.r2.baseline_of"),
    ),
    "a baseline of itself": (
        instead(TOML, "headline = true", 'baseline_of = "r2"'),
        ("baseline_of_itself", TOML, 45, "metrics.r2.baseline_of"),
    ),
    "a field that is never recorded": (
        instead(TOML, 'name = "n_rows"', 'name = "n_row"'),
        ("field_not_recorded", TOML, 48, "fields.n_row.name"),
    ),
    "a field of another step": (
        instead(TOML, '"n_rows"\nstep = "model_training"', '"n_rows"\nstep = "model_evaluation"'),
        ("field_of_other_step", TOML, 49, "fields.n_rows.step"),
    ),
    "a field of no step": (
        instead(TOML, '"n_rows"\nstep = "model_training"', '"n_rows"\nstep = "training"'),
        ("field_of_no_step", TOML, 49, "fields.n_rows.step"),
    ),
    # -- examples.toml
    "an example with a misspelt parameter": (
        instead(EXAMPLES, "alpha", "alhpa"),
        ("parameter_missing", EXAMPLES, 2, "Strong.alhpa"),
    ),
    "an example with a wrong value": (
        instead(EXAMPLES, "10.0", '"ten"'),
        ("value_not_allowed", EXAMPLES, 2, "Strong.alpha"),
    ),
    "an example with a value that does not count": (
        appended(EXAMPLES, '[None]\nalpha = 0\nsolver = "svd"\n'),
        ("value_left_out", EXAMPLES, 5, "None.solver"),
    ),
    "an example without a name": (
        written(EXAMPLES, "\nalpha = 10.0\n"),
        ("example_not_a_table", EXAMPLES, 2, "alpha"),
    ),
    "the same example twice": (
        appended(EXAMPLES, "[Again]\nalpha = 10\n"),
        ("example_twice", EXAMPLES, 3, "Again"),
    ),
    "a misnamed file of examples": (
        renamed(EXAMPLES, "example.toml"),
        ("pack_file_unused", "example.toml", None, ""),
    ),
    # -- templates
    "a misspelt parameter": (
        instead(CONSTANTS, "{{ alpha }}", "{{ alhpa }}"),
        ("template_name_unknown", CONSTANTS, 1, ""),
    ),
    "a misspelt parameter where nobody comes": (
        both(
            written("_more.py.jinja", "\n{% if alpha < 0 %}# {{ alhpa }}{% endif %}\n"),
            appended(CONSTANTS, '{% include "_more.py.jinja" %}\n'),
        ),
        ("template_name_unknown", "_more.py.jinja", 2, ""),
    ),
    "a function that templates lack": (
        appended(CONSTANTS, "{% for i in range(3) %}# x\n{% endfor %}\n"),
        ("template_name_unknown", CONSTANTS, 2, ""),
    ),
    "a filter that there is not": (
        instead(CONSTANTS, "{{ alpha }}", "{{ alpha | round(2) }}"),
        ("filter_unknown", CONSTANTS, 1, ""),
    ),
    "a test that there is not": (
        appended(CONSTANTS, "{% if alpha is positive %}\n# x\n{% endif %}\n"),
        ("test_unknown", CONSTANTS, 2, ""),
    ),
    "an include of nothing": (
        appended(CONSTANTS, '{% include "_nothing.py.jinja" %}\n'),
        ("template_missing", CONSTANTS, 2, ""),
    ),
    "an include of what is elsewhere": (
        appended(CONSTANTS, '{% include "../other.jinja" %}\n'),
        ("template_missing", CONSTANTS, 2, ""),
    ),
    "a template that includes itself": (
        appended(CONSTANTS, '{% include "040_parameters.py.jinja" %}\n'),
        ("cell_not_written", CONSTANTS, 2, ""),
    ),
    "an if without its end": (
        appended(CONSTANTS, "{% if alpha %}\n"),
        ("template_unreadable", CONSTANTS, 2, ""),
    ),
    "loops without end": (
        appended(CONSTANTS, DEEP),
        ("cell_not_written", CONSTANTS, 2, ""),
    ),
    "a huge template": (
        appended(CONSTANTS, "# x\n" * 30_000),
        ("pack_file_too_large", CONSTANTS, None, ""),
    ),
    "a template that is not UTF-8": (
        written(CONSTANTS, b"ALPHA = {{ alpha }}  # \xe9\n"),
        ("pack_file_not_utf8", CONSTANTS, None, ""),
    ),
    "a link that leads out": (linked, ("pack_link_leads_out", "045_start.py.jinja", None, "")),
    "a pipe as a file": (
        lambda folder: os.mkfifo(folder / "045_start.py.jinja"),
        ("pack_file_not_ordinary", "045_start.py.jinja", None, ""),
    ),
    "a folder as a file": (
        lambda folder: (folder / "045_start.py.jinja").mkdir(),
        ("pack_file_not_ordinary", "045_start.py.jinja", None, ""),
    ),
    "a module in the pack": (
        both(written("helpers.py", "x = 1\n"), appended(IMPORTS, "import helpers\n")),
        ("pack_file_unused", "helpers.py", None, ""),
    ),
    # -- the cells that are written
    "a cell that is broken for one choice": (
        appended(CONSTANTS, ONE_CHOICE + "\nX = (\n{% endif %}\n"),
        ("cell_no_python", CONSTANTS, 3, ""),
    ),
    "a value in quotes": (
        instead(TRAINING, "solver={{ code.solver }}", "solver='{{ solver }}'"),
        ("value_in_quotes", TRAINING, 3, ""),
    ),
    "an import that is forgotten": (
        instead(IMPORTS, "from sklearn.linear_model import Ridge\n", ""),
        ("name_never_defined", TRAINING, 3, ""),
    ),
    "a module that is misspelt": (
        appended(IMPORTS, "import sklearnn\n"),
        ("module_missing", IMPORTS, 5, ""),
    ),
    "a constant that is used before it is set": (
        renamed(CONSTANTS, "105_parameters.py.jinja"),
        ("name_defined_later", TRAINING, 3, ""),
    ),
    "a constant that is written over": (
        appended(TRAINING, "ALPHA = 3\n"),
        ("constant_written_again", TRAINING, 6, ""),
    ),
    "a result that is used before it is there": (
        appended(TRAINING, "print(predictions)\n"),
        ("name_defined_later", TRAINING, 6, ""),
    ),
    "an empty cell": (
        written("115_model_evaluation.py.jinja", "\n"),
        ("cell_empty", "115_model_evaluation.py.jinja", None, ""),
    ),
    "a plain notebook that is none": (
        instead(FINISH, "run.finish()", "{% if not plain %}\nrun.finish()\n{% endif %}"),
        ("plain_not_whole", "", None, ""),
    ),
    # -- the run
    "a run that is never started": (
        written(START, "run = None\n"),
        ("run_never_started", "", None, ""),
    ),
    "a run that is not started for one choice": (
        written(START, ONE_CHOICE + "run = None\n{% else %}\n" + CELLS[START] + "{% endif %}\n"),
        ("run_never_started", "", None, ""),
    ),
    "a run that is never finished": (
        written(FINISH, "print(1)\n"),
        ("run_never_finished", "", None, ""),
    ),
    "two runs": (
        appended(EVALUATION, "run = start_run({{ notebook }})\n"),
        ("run_started_twice", EVALUATION, 4, ""),
    ),
    "a run that is started too late": (
        renamed(START, "105_start.py.jinja"),
        ("recorded_before_start", TRAINING, 2, ""),
    ),
    "a run that is finished too early": (
        renamed(FINISH, "105_provenance.py.jinja"),
        ("recorded_after_finish", EVALUATION, 3, ""),
    ),
    "a run of a name of its own": (
        written(START, 'run = start_run("mine.ipynb")\n'),
        ("run_of_fixed_name", START, 1, ""),
    ),
    "a run without a name": (
        written(START, "run = start_run()\n"),
        ("run_without_name", START, 1, ""),
    ),
    "a step that is misspelt": (
        instead(EVALUATION, '"model_evaluation"', '"evaluation"'),
        ("step_misspelt", EVALUATION, 3, ""),
    ),
    "a record of no step": (
        instead(EVALUATION, '"model_evaluation", ', ""),
        ("recorded_without_step", EVALUATION, 3, ""),
    ),
}


def test_the_pack_in_which_they_are_made_has_none(whole: Path) -> None:
    assert check_pack(whole).faults == []


@pytest.mark.parametrize("mistake", MISTAKES)
def test_it_is_named_with_its_place_and_what_to_do(whole: Path, mistake: str) -> None:
    change, (code, file, line, field) = MISTAKES[mistake]
    change(whole)
    faults = check_pack(whole).faults
    told = [(one.code, one.file, one.line, one.field) for one in faults]
    assert (code, whole / file if file else whole, line, field) in told, list(map(str, faults))
    for fault in faults:
        assert fault.code in catalogue()
        assert str(fault).startswith(str(fault.file))
    # Nothing is said twice.
    assert len(set(map(str, faults))) == len(faults)


def test_of_several_mistakes_all_are_named_at_once(whole: Path) -> None:
    for old, new in (
        ("minimum = 0", "minimun = 0"),
        (', label = "SVD"', ""),
        ('direction = "maximize"', 'direction = "up"'),
        ('type = "number"', 'type = "numbr"'),
    ):
        instead(TOML, old, new)(whole)
    told = [(one.code, one.line) for one in check_pack(whole).faults]
    assert told == [("field_unknown", 20), ("field_missing", 33), ("word_unknown", 44)]
