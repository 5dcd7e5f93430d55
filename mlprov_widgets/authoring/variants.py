"""Values for which a pack is looked at: its defaults, its examples, and each choice once."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy
from PIL import Image

from mlprov_widgets.errors import PackError
from mlprov_widgets.packs import Checked, Pack, Parameter, check_values
from mlprov_widgets.packs.declaration import Declaration
from mlprov_widgets.packs.examples import line_in_example
from mlprov_widgets.packs.files import read_text

# For each type of data a file or folder that `_write_data` makes.
_DATA = {"csv_file": "table.csv", "image_folder": "images", "array_file": "arrays.npz"}
# For packs that read one: three numbers, a text, a class of which there are enough rows, and what
# has another use.
_TABLE = "a,b,c,word,label,note,day\n" + "".join(
    f"{row},{row % 7}.5,{row * row},{'xyz'[row % 3]},{'pq'[row % 2]},"
    f"The words of note {row} are all its own,2024-{row % 12 + 1:02d}-{row % 28 + 1:02d}\n"
    for row in range(60)
)
_COLUMNS = {"text": "note", "time": "day", "group": "word", "id": "a", "none": "b"}


@dataclass
class Variants:
    """Complete values of a pack by when a notebook has them, and what is wrong with its own.

    Parameters
    ----------
    values : dict of str to dict
        A few words, such as ``with the defaults``, to complete values.
    of_pack : set of str
        Those words that stand for the defaults and for examples.
    faults : list of PackError
    """

    values: dict[str, dict[str, Any]] = field(default_factory=dict)
    of_pack: set[str] = field(default_factory=set)
    faults: list[PackError] = field(default_factory=list)


@contextmanager
def variants_of(pack: Pack) -> Iterator[Variants]:
    """The values to look at; the data that they name are there as long as this lasts."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        _write_data(folder)
        found = Variants()
        _add_own(pack, found, folder)
        for parameter in pack.parameters.values():
            _add_alternatives(pack, parameter, found, folder)
        yield found


def _add_own(pack: Pack, found: Variants, folder: Path) -> None:
    """The defaults and the examples, and what the pack itself says against them."""
    own: dict[str, dict[str, Any]] = {"": {}, **pack.examples}
    seen: dict[str, str] = {}
    first = ""
    for name, given in own.items():
        checked = _checked(pack, _of_any_table(pack, given), folder)
        found.faults += _said_of(pack, name, given, checked)
        if checked.problems:
            first = first or checked.problems[0].message
            continue
        when = f"in the example {name}" if name else "with the defaults"
        found.values[when] = checked.values
        found.of_pack.add(when)
        same = seen.setdefault(repr(checked.values), name)
        if same and same != name:
            found.faults.append(_of_example(pack, name, "", "example_twice", other=same))
    if not found.values and not found.faults:
        found.faults.append(PackError("nothing_to_write", pack.folder, reason=first))


def _add_alternatives(pack: Pack, parameter: Parameter, found: Variants, folder: Path) -> None:
    start = next((given for given in found.values.values() if parameter.when(given)), None)
    for value in _alternatives(parameter) if start is not None else ():
        assert start is not None
        checked = _checked(pack, {**_asked(pack, start), parameter.name: value}, folder)
        if not checked.problems:
            found.values.setdefault(f"when {parameter.name} is {value}", checked.values)


def _said_of(
    pack: Pack, name: str, given: Mapping[str, Any], checked: Checked
) -> Iterator[PackError]:
    """What a pack's own rules and conditions say against its defaults, or against an example."""
    for problem in checked.problems:
        # What is wrong with the data that are made here says nothing about the pack.
        number = _rule_of(pack, problem.parameter, problem.message)
        if number is not None and name:
            yield _of_example(pack, name, "", "example_refused", reason=problem.message)
        elif number is not None:
            declared = Declaration(pack.folder)
            reason = problem.message
            yield declared.error("rules", number, "when", "defaults_refused", reason=reason)
    for note in checked.notes:
        if note.code == "value_left_out" and note.parameter in given:
            said: dict[str, object] = {**note.arguments, "parameter": note.parameter}
            yield _of_example(pack, name, note.parameter, note.code, **said)


def _rule_of(pack: Pack, parameter: str, message: str) -> int | None:
    """The number of the rule that forbids something in these words."""
    for number, rule in enumerate(pack.rules):
        if rule.error and (rule.parameter, rule.message) == (parameter, message):
            return number
    return None


def _of_example(pack: Pack, name: str, key: str, code: str, /, **arguments: object) -> PackError:
    file = pack.folder / "examples.toml"
    line = line_in_example(read_text(file, pack.folder), name, key)
    return PackError(code, file, line, f"{name}.{key}" if key else name, **arguments)


def _write_data(folder: Path) -> None:
    """A file of each kind that a pack may ask for, with enough in it to be accepted."""
    (folder / "table.csv").write_text(_TABLE, encoding="utf-8")
    images = numpy.arange(40 * 8 * 8, dtype="uint8").reshape(40, 8, 8)
    labels = numpy.arange(40) % 2
    numpy.savez(folder / "arrays.npz", images=images, labels=labels)
    for number, (pixels, label) in enumerate(zip(images, labels, strict=True)):
        file = folder / "images" / "pq"[label] / f"{number}.png"
        file.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels).save(file)


def _of_any_table(pack: Pack, given: Mapping[str, Any]) -> dict[str, Any]:
    """Values without names of columns, which are those of a table that is not here."""
    return {name: one for name, one in given.items() if not pack.parameters[name].kind.belongs_to}


def _asked(pack: Pack, values: Mapping[str, Any]) -> dict[str, Any]:
    """Values without those that are found out by looking at data."""
    return {name: value for name, value in values.items() if not pack.parameters[name].is_hidden}


def _checked(pack: Pack, given: Mapping[str, Any], folder: Path) -> Checked:
    """Every parameter with its value, and what the pack says of them."""
    every = pack.parameters.values()
    data = {one.name: _DATA[one.type] for one in every if one.type in _DATA}
    columns = {
        one.name: _COLUMNS[one.roles[0]]
        for one in every
        if one.type == "column" and not one.optional and one.roles and one.roles[0] in _COLUMNS
    }
    return check_values(pack, {**columns, **given, **data}, folder)


def _alternatives(parameter: Parameter) -> list[Any]:
    """Other values of a parameter for which a template may have something else to write."""
    if parameter.choices:
        values: list[Any] = [choice.value for choice in parameter.choices]
    elif parameter.type == "flag":
        values = [True, False]
    elif parameter.type == "columns":
        values = [["a", "b"]]
    elif parameter.type == "column" and parameter.optional:
        values = ["word"]
    elif parameter.kind.is_number and parameter.minimum is not None:
        fits = parameter.maximum is None or parameter.minimum + 1 <= parameter.maximum
        more = 1 if fits or parameter.maximum is None else parameter.maximum / 2
        values = [parameter.minimum, parameter.minimum + more]
    else:
        return []
    return [value for value in values if value != parameter.default]
