"""What columns are for: guessed with a reason, changed by a person, right for each task."""

from __future__ import annotations

import random

import pytest

from mlprov_widgets.errors import TableError
from mlprov_widgets.tables import inspect_table

RNG = random.Random(7)
HOUSES = ["id,street,rooms,district,built,note,price"] + [
    f"{n},{['Elm', 'Oak', 'Ash'][n % 3]} Street {n},{2 + n % 5},{['north', 'south'][n % 2]},"
    f"{1950 + n % 40}-03-0{1 + n % 9},A quiet and sunny house number {n},{RNG.uniform(1, 9):.4f}"
    for n in range(120)
]


def _roles(table) -> dict[str, str]:
    return {column.name: column.role for column in table.columns}


def test_each_column_has_a_role_and_what_is_no_feature_a_reason(write) -> None:
    table = inspect_table(write(HOUSES))
    assert _roles(table) == {
        "id": "id",
        "street": "id",
        "rooms": "number",
        "district": "class",
        "built": "time",
        "note": "text",
        "price": "number",
    }
    assert all(column.note for column in table.columns if not column.usable)
    assert table.features("price", ("number",)) == ["rooms", "district"]


@pytest.mark.parametrize(
    ("roles", "guess"), [(("class",), "district"), (("number",), "price"), (("text",), "note")]
)
def test_the_guess_can_be_predicted(write, roles, guess) -> None:
    table = inspect_table(write(HOUSES))
    if roles == ("text",):
        assert [one.name for one in table.columns if one.role == "text"] == [guess]
        return
    assert table.guess_target(roles) == guess
    table.check_target(guess, None, roles)  # raises nothing


@pytest.mark.parametrize(
    ("header", "last", "roles", "guess"),
    [
        # A place is not what is asked for, though y is what a target is often called.
        ("x,y,depth", lambda n: f"{n % 7}.{n % 10}", ("number",), "depth"),
        ("a,b,y", lambda n: f"{n}.25", ("number",), "y"),
        # A name that repeats has classes; one that does not has none.
        ("a,kind,name", lambda n: f"Person {n}", ("class",), "kind"),
    ],
)
def test_a_place_or_a_name_is_not_guessed(write, header, last, roles, guess) -> None:
    middle = (lambda n: ["red", "blue"][n % 2]) if "kind" in header else (lambda n: f"{n * 3}.5")
    body = [f"{(n * 37) % 91}.75,{middle(n)},{last(n)}" for n in range(60)]
    table = inspect_table(write([header, *body]))
    assert table.guess_target(roles) == guess
    table.check_target(guess, None, roles)


@pytest.mark.parametrize("name", ["", "Unnamed: 0", "index"])
def test_row_numbers_with_gaps_are_no_feature(write, name) -> None:
    kept = [n for n in range(200) if n % 3]
    body = [f"{n},{(n * 7) % 13}.5,{'red' if n < 100 else 'blue'}" for n in kept]
    table = inspect_table(write([f"{name},size,label", *body]))
    assert table.columns[0].role == "id"
    assert table.features("label") == ["size"]
    assert "only numbers the rows" in "\n".join(table.check_target("label"))


@pytest.mark.parametrize("name", ["id", "patient_id", "patientId", "subject", "Household"])
def test_rows_of_one_subject_are_a_group(write, name) -> None:
    body = [f"{n // 4},{(n * 7) % 13}.5,{['sick', 'well'][n % 2]}" for n in range(80)]
    table = inspect_table(write([f"{name},size,label", *body]))
    column = table.columns[0]
    assert column.role == "group"
    assert "rows that share one belong into one part" in column.note
    assert table.features("label") == ["size"]


@pytest.mark.parametrize(
    ("column", "cells", "words"),
    [
        ("district", None, "not numbers to predict"),
        ("price", "4.5", "same number"),
        ("price", "", "no row has a number"),
    ],
)
def test_what_cannot_be_predicted_as_a_number_is_refused(write, column, cells, words) -> None:
    lines = HOUSES
    if cells is not None:
        lines = [HOUSES[0], *(line.rpartition(",")[0] + f",{cells}" for line in HOUSES[1:])]
    with pytest.raises(TableError) as caught:
        inspect_table(write(lines)).check_target(column, None, ("number",))
    assert words in str(caught.value)


def test_a_copy_in_another_unit_tells_the_number_and_is_left_out(write) -> None:
    body = [f"{n % 7}.5,{n * 1.5 + n % 3},{(n * 1.5 + n % 3) * 1.8 + 32:.6f}" for n in range(60)]
    table = inspect_table(write(["wind,celsius,fahrenheit", *body]))
    assert table.features("celsius", ("number",)) == ["wind"]
    assert "'fahrenheit' tells" in "\n".join(table.check_target("celsius", None, ("number",)))


def test_a_person_says_what_a_column_is_for(write) -> None:
    table = inspect_table(write(HOUSES))
    said = table.with_roles({"rooms": "class", "id": "number", "district": "none"})
    assert said.features("price", ("number",)) == ["id", "rooms"]
    assert "rooms" in said.format_for("price", ("number",))["text"]  # read as words: one-hot
    assert "one-hot" in "\n".join(said.check_target("price", None, ("number",)))
    assert table.features("price", ("number",)) == ["rooms", "district"]  # as it was


@pytest.mark.parametrize(
    ("roles", "words"),
    [({"street": "number"}, "cannot be used as numbers"), ({"stret": "none"}, "Do you mean")],
)
def test_what_a_column_cannot_be_is_said(write, roles, words) -> None:
    with pytest.raises(TableError) as caught:
        inspect_table(write(HOUSES)).with_roles(roles)
    assert words in str(caught.value)


def test_without_a_target_all_that_is_usable_is_learned_from(write) -> None:
    table = inspect_table(write(HOUSES))
    assert table.features() == ["rooms", "district", "price"]
    table.check_features()
    assert table.features(others=["district"]) == ["rooms", "price"]
    with pytest.raises(TableError):
        inspect_table(write(["a,b", *(f"{n},x" for n in range(30))])).check_features()
