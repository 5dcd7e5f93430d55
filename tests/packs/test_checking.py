"""Values against a pack: defaults filled in, errors in words, conditions and notes."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlprov_widgets.errors import InvalidValueError, InvalidValuesError, PackError
from mlprov_widgets.packs import Condition, check_values, complete_values, find_pack

PACK = find_pack("multiclass_classification")


def test_nothing_chosen_is_a_complete_and_valid_experiment() -> None:
    checked = check_values(PACK, {})
    assert checked.problems == []
    assert set(checked.values) == set(PACK.parameters)
    assert checked.values["dataset"] == "iris"


@pytest.mark.parametrize(
    ("optimizer", "rate"),
    [
        ("Adam", 0.001),
        ("Adadelta", 1.0),
        ("Adagrad", 0.01),
        ("Adamax", 0.002),
        ("RMSprop", 0.01),
        ("SGD", 0.001),
        ("AdamW", 0.001),
    ],
)
def test_an_optimizer_brings_its_own_learning_rate(optimizer: str, rate: float) -> None:
    torch = pytest.importorskip("torch")
    assert complete_values(PACK, {"optimizer": optimizer})["learning_rate"] == rate
    weights = [torch.nn.Parameter(torch.zeros(1))]
    assert getattr(torch.optim, optimizer)(weights).defaults["lr"] == rate


def test_a_learning_rate_of_ones_own_is_kept() -> None:
    values = complete_values(PACK, {"optimizer": "SGD", "learning_rate": 0.3})
    assert values["learning_rate"] == 0.3


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("epochs", -1, "epochs is -1; it must be a whole number from 1 to 100,000."),
        ("epochs", 2.5, "epochs is 2.5"),
        ("epochs", True, "epochs is True"),
        ("epochs", "10", "epochs is '10'"),
        ("learning_rate", 0, "learning_rate is 0.0; it must be a number above 0 and up to 1,000."),
        ("learning_rate", float("nan"), "learning_rate is nan"),
        ("learning_rate", float("inf"), "learning_rate is inf"),
        ("optimizer", "adam", "one of Adam, Adadelta"),
        ("optimizer", ["Adam"], "one of Adam, Adadelta"),
        ("stratify", "yes", "it must be true or false"),
        ("stratify", 1, "it must be true or false"),
        ("csv_path", 7, "it must be a text"),
        ("feature_columns", "a,b", "it must be a list of column names"),
        ("learning_rate", 10**400, "it must be a number above 0"),
        ("seed", 2**40, "from 0 to 4,294,967,295"),
        ("epoch", 3, "no parameter 'epoch'; did you mean epochs?"),
    ],
)
def test_a_wrong_value_is_named_with_what_is_allowed(name: str, value: object, said: str) -> None:
    checked = check_values(PACK, {name: value})
    assert any(said in problem.message for problem in checked.problems), checked.problems
    with pytest.raises(InvalidValuesError) as caught:
        complete_values(PACK, {name: value})
    assert name in caught.value.problems[0].parameter


def test_a_number_that_python_does_not_write_is_refused() -> None:
    checked = check_values(PACK, {"epochs": 10**5000})
    assert checked.messages("epochs")[0].startswith("epochs is a number too large to be written;")


def test_the_home_of_somebody_unknown_is_a_folder_that_is_not_there(tmp_path: Path) -> None:
    checked = check_values(PACK, {"dataset": "csv", "csv_path": "~nobody-here/x.csv"}, tmp_path)
    assert "There is no file 'x.csv'" in checked.messages("csv_path")[0]


def test_all_wrong_values_are_named_at_once() -> None:
    checked = check_values(PACK, {"epochs": 0, "dropout": 2, "optimizer": ""})
    assert [problem.parameter for problem in checked.problems] == ["epochs", "dropout", "optimizer"]


def test_what_does_not_count_is_not_asked_for() -> None:
    assert "n_splits" not in check_values(PACK, {}).shown
    assert "n_splits" in check_values(PACK, {"resampling": "k_fold"}).shown
    checked = check_values(PACK, {"n_splits": 7})
    assert checked.values["n_splits"] == 5
    assert "left out" in checked.notes[0].message


def test_shares_that_leave_no_rows_for_training_are_refused() -> None:
    checked = check_values(PACK, {"test_size": 0.5, "validation_size": 0.4})
    assert "leave at least 0.2 for training" in checked.messages("validation_size")[0]


def test_a_softmax_before_cross_entropy_is_allowed_and_its_price_is_said() -> None:
    checked = check_values(PACK, {"output_activation": "softmax"})
    assert checked.problems == []
    assert any("cannot fall below" in note.message for note in checked.notes)


def test_what_differs_from_the_defaults_counts_what_a_choice_filled_in_as_default() -> None:
    assert check_values(PACK, {"optimizer": "Adagrad"}).changed == {"optimizer": "Adagrad"}


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("epochs", "7", 7),
        ("learning_rate", "1e-2", 0.01),
        ("stratify", "No", False),
        ("optimizer", "SGD", "SGD"),
        ("feature_columns", "a, b", ["a", "b"]),
        ("feature_columns", '["a, b", "c"]', ["a, b", "c"]),
    ],
)
def test_texts_from_a_shell_become_values(name: str, text: str, value: object) -> None:
    assert PACK.parameters[name].parse(text) == value


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("epochs", "ten"),
        ("seed", "this seed is"),
        ("epochs", "-3"),
        ("dropout", "much"),
        ("stratify", "maybe"),
    ],
)
def test_texts_that_mean_nothing_are_refused_by_name(name: str, text: str) -> None:
    with pytest.raises(InvalidValueError, match=f"^{name} is .*; it must be"):
        PACK.parameters[name].parse(text)


@pytest.mark.parametrize(
    ("text", "values", "holds"),
    [
        ("", {}, True),
        ("a == 'x'", {"a": "x"}, True),
        ("a in ['x', 'y'] and not b", {"a": "y", "b": False}, True),
        ("a + b > 0.8", {"a": 0.5, "b": 0.2}, False),
        ("a > 1 or b == -1", {"a": 0, "b": -1}, True),
        ("a > 1", {"a": "text"}, False),
    ],
)
def test_conditions(text: str, values: dict[str, object], holds: bool) -> None:
    assert Condition(text)(values) is holds


@pytest.mark.parametrize(
    "text", ["a.b", "f(x)", "a[0]", "lambda: 1", "[x for x in a]", "a ==", "a := 1", "a ** 9"]
)
def test_conditions_can_only_compare(text: str) -> None:
    with pytest.raises(PackError, match="condition"):
        Condition(text)


class TestTable:
    @pytest.fixture
    def folder(self, tmp_path):
        rows = "".join(f"{i},{i % 7},{'abc'[i % 3]}\n" for i in range(30))
        (tmp_path / "mine.csv").write_text("height,width,kind\n" + rows)
        return tmp_path

    def test_a_table_is_looked_at_and_its_target_proposed(self, folder) -> None:
        checked = check_values(PACK, {"dataset": "csv", "csv_path": "mine.csv"}, folder)
        assert checked.problems == []
        assert checked.values["target_column"] == "kind"
        assert checked.table is not None
        assert checked.table.rows == 30

    def test_without_a_file_the_page_asks_for_one(self) -> None:
        checked = check_values(PACK, {"dataset": "csv"})
        assert checked.messages("csv_path") == ["Choose the CSV file with your data."]

    def test_a_file_that_is_not_there_is_named(self, folder) -> None:
        checked = check_values(PACK, {"dataset": "csv", "csv_path": "other.csv"}, folder)
        assert "other.csv" in checked.messages("csv_path")[0]

    def test_a_column_that_is_not_there_is_named_with_those_that_are(self, folder) -> None:
        values = {"dataset": "csv", "csv_path": "mine.csv", "target_column": "sort"}
        message = check_values(PACK, values, folder).messages("target_column")[0]
        assert message == "The table has no column 'sort'; it has 'height', 'width' and 'kind'."

    def test_the_target_cannot_be_a_feature(self, folder) -> None:
        values = {"dataset": "csv", "csv_path": "mine.csv", "feature_columns": ["kind"]}
        messages = check_values(PACK, values, folder).messages("feature_columns")
        assert messages == ["'kind' is the target; it cannot be a feature as well."]


@pytest.mark.parametrize(
    ("name", "typed", "value"),
    [
        ("learning_rate", "0,3", 0.3),
        ("learning_rate", " ,5 ", 0.5),
        ("learning_rate", "0,300", 0.3),
        ("learning_rate", "1,5", 1.5),
        ("learning_rate", "3,5e-3", 0.0035),
        ("learning_rate", "1 000", 1000.0),
        ("epochs", "1 000", 1000),
        ("epochs", "12\u202f000", 12000),
    ],
)
def test_a_number_with_signs_that_mean_one_thing_is_read(
    name: str, typed: str, value: float
) -> None:
    assert PACK.parameters[name].parse(typed) == value


@pytest.mark.parametrize(
    ("name", "typed", "said"),
    [
        ("learning_rate", "1e-3,5", "it must be a number above 0"),
        ("learning_rate", "1,000", "write 1.000 or 1000."),
        ("learning_rate", "5.000,5", "it must be a number above 0 and up to 1,000."),
        ("weight_decay", "1.234,5", "it must be"),
        ("epochs", "1,000", "write 1000."),
        ("epochs", "0,3", "it must be a whole number from 1 to 100,000."),
        ("epochs", "10 00", "write 1000."),
        ("learning_rate", "0,3,5", "it must be a number"),
        ("epochs", "many", "it must be a whole number"),
        ("epochs", ",", "it must be a whole number"),
    ],
)
def test_a_number_that_is_not_clear_is_refused_with_what_to_write(
    name: str, typed: str, said: str
) -> None:
    with pytest.raises(InvalidValueError) as caught:
        PACK.parameters[name].parse(typed)
    assert str(caught.value).endswith(said) or said in str(caught.value)
    assert typed.strip() in str(caught.value)
