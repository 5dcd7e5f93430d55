"""What is wrong with the notebooks of a pack: its defaults, its examples, and each choice once."""

from __future__ import annotations

import ast
import builtins
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy
from IPython.core.inputtransformer2 import TransformerManager
from PIL import Image

from mlprov_widgets.capture.cells.names import names_of
from mlprov_widgets.errors import PackError
from mlprov_widgets.notebooks import SourceCell, render_cells
from mlprov_widgets.packs import Pack, Parameter, check_values
from mlprov_widgets.packs.declaration import Declaration

_NAME = "check.ipynb"
_BROKEN = ("cell_no_python", "cell_not_written")
# For each type of data a file or folder that `_write_data` makes.
_DATA = {"csv_file": "table.csv", "image_folder": "images", "array_file": "arrays.npz"}
# For packs that read one: three numbers, a text, and a class of which there are enough rows.
_TABLE = "a,b,c,word,label\n" + "".join(
    f"{row},{row % 7}.5,{row * row},{'xyz'[row % 3]},{'pq'[row % 2]}\n" for row in range(60)
)
_FLAGS = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
_KNOWN = frozenset(dir(builtins)) | {"get_ipython", "In", "Out", "display"}


def written_faults(pack: Pack) -> tuple[list[PackError], int]:
    """What is wrong with what a pack writes, each fault once; and how many notebooks it wrote."""
    faults: dict[tuple[object, ...], PackError] = {}
    used, asked = set[str](), set[str]()
    number = 0
    for when, values in _variants(pack):
        number += 1
        try:
            cells = [one for one in render_cells(pack, values, _NAME) if one.kind == "code"]
        except PackError as error:
            told = PackError("cell_not_written", error.file, error.line, when=when, reason=error)
            faults.setdefault((error.file, error.line), told)
            continue
        for key, fault in _faults(pack, cells, when):
            faults.setdefault(key, fault)
        asked |= {name for name, one in pack.parameters.items() if one.when(values)}
        for cell in cells:
            names = names_of(_as_python(cell))
            used |= {*names.binds, *names.uses, *names.later}
    found = list(faults.values())
    # What is broken is to be mended before anybody can say what is missing.
    if number and not any(one.code in _BROKEN for one in found):
        found += _never_written(pack, used, asked)
    return found, number


def _faults(
    pack: Pack, cells: list[SourceCell], when: str
) -> Iterator[tuple[tuple[object, ...], PackError]]:
    """What is wrong with the cells of one notebook, and by what it is known for the same."""
    files = {cell.name: cell.file for cell in pack.cells}
    sources = [(files[cell.name], _as_python(cell)) for cell in cells]
    for file, text in sources:
        try:
            compile(text, file.name, "exec", dont_inherit=True, flags=_FLAGS)
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            reason, line = str(getattr(error, "msg", error)), getattr(error, "text", "") or ""
            said = {"reason": reason, "source": line.strip(), "when": when}
            yield (file, reason, line), PackError("cell_no_python", file, None, "", **said)
            return
    bound = _KNOWN.union(*(names_of(text).binds for _, text in sources))
    for file, text in sources:
        for name in sorted(set(names_of(text).reads) - bound):
            yield (file, name), PackError("name_never_defined", file, name=name, when=when)


def _never_written(pack: Pack, used: set[str], asked: set[str]) -> Iterator[PackError]:
    """Constants that no notebook has, and a run that none of them starts."""
    if "start_run" not in used:
        yield PackError("run_never_started", pack.folder)
    declared = Declaration(pack.folder)
    for name, parameter in pack.parameters.items():
        if parameter.constant and name in asked and parameter.symbol not in used:
            symbol = parameter.symbol
            yield declared.error(
                "parameters", name, "constant", "constant_not_written", symbol=symbol
            )


def _as_python(cell: SourceCell) -> str:
    """The source as IPython runs it, its magics as calls."""
    return TransformerManager().transform_cell(cell.source)


def _variants(pack: Pack) -> Iterator[tuple[str, dict[str, Any]]]:
    """Complete values, and when a notebook has them: each choice once, where it is asked for."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        _write_data(folder)
        bases: dict[str, dict[str, Any]] = {"with the defaults": {}}
        bases |= {f"in the example {name}": values for name, values in pack.examples.items()}
        found: dict[str, dict[str, Any]] = {}
        for when, given in bases.items():
            if (values := _complete(pack, given, folder)) is not None:
                found[when] = values
                yield when, values
        for parameter in pack.parameters.values():
            start = next((given for given in found.values() if parameter.when(given)), None)
            if start is None:
                continue
            for value in _alternatives(parameter):
                given = {**_asked(pack, start), parameter.name: value}
                if (values := _complete(pack, given, folder)) is not None:
                    found.setdefault(f"when {parameter.name} is {value}", values)
                    yield f"when {parameter.name} is {value}", values


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


def _asked(pack: Pack, values: Mapping[str, Any]) -> dict[str, Any]:
    """Values without those that are found out by looking at data."""
    return {name: value for name, value in values.items() if not pack.parameters[name].is_hidden}


def _complete(pack: Pack, given: Mapping[str, Any], folder: Path) -> dict[str, Any] | None:
    """Every parameter with its value; None where the pack itself refuses them."""
    data = {one.name: _DATA[one.type] for one in pack.parameters.values() if one.type in _DATA}
    checked = check_values(pack, {**given, **data}, folder)
    return None if checked.problems else checked.values


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
