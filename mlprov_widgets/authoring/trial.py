"""Whether the examples of a pack run, record themselves, and come out the same once more."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mlprov_widgets.comparison import VERDICTS, verify
from mlprov_widgets.comparison.items import IDENTICAL, MISSING
from mlprov_widgets.errors import MlprovError, PackError
from mlprov_widgets.notebooks import generate
from mlprov_widgets.notebooks.beside import read_run
from mlprov_widgets.notebooks.execution import NotebookRun
from mlprov_widgets.packs import Pack
from mlprov_widgets.packs.declaration import Declaration
from mlprov_widgets.packs.examples import line_in_example
from mlprov_widgets.packs.files import read_text
from mlprov_widgets.rebuild import reproduce


def try_examples(pack: Pack) -> Iterator[tuple[str, PackError | None]]:
    """Run each example, reproduce it from its record, run that, and compare the two.

    Parameters
    ----------
    pack : Pack
        Its code is executed; its defaults stand in where it has no examples.

    Yields
    ------
    tuple of str and PackError or None
        Name of the example, and what is wrong with it; at last the name of each metric and field
        that examples name in a cell and that none has recorded, if they all run.
    """
    recorded, named, whole = set[str](), set[str](), True
    for name, values in (pack.examples or {"the defaults": {}}).items():
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as place:
            try:
                wrong = _try(pack, name, values, Path(place), recorded, named)
            except MlprovError as error:
                wrong = _fault(pack, "example_fails", name, reason=error)
            whole &= wrong is None
            yield name, wrong
    if whole:
        yield from _never_recorded(pack, recorded, named)


def _never_recorded(
    pack: Pack, recorded: set[str], named: set[str]
) -> Iterator[tuple[str, PackError]]:
    declared = Declaration(pack.folder)
    for table, rows in (("metrics", pack.metrics), ("fields", pack.fields)):
        for row in rows:
            name = f"{getattr(row, 'step', table)}.{row.name}"
            # Which choice it takes to record what no cell names, nobody knows here.
            if row.name in named and name not in recorded:
                code, said = "never_recorded", {"name": row.name}
                yield row.name, declared.error(table, row.name, "name", code, **said)


def _try(
    pack: Pack,
    name: str,
    values: dict[str, Any],
    folder: Path,
    recorded: set[str],
    named: set[str],
) -> PackError | None:
    """What is wrong with an example; what it has recorded, and named in a cell, is added."""
    first = _run(pack, generate(pack, values, folder / "first.ipynb"))
    if first is None:
        return _fault(pack, "example_not_recorded", name)
    record, _file = read_run(first)
    named |= {word for cell in record.cells for word in re.findall(r"\w+", cell.source)}
    recorded |= {f"{step}.{term}" for step, one in record.steps.items() for term in one.values}
    # A metric may also be what a search went by, or what its history has of each fold or epoch.
    told = [record.metrics, *(one.values for one in record.steps.values())]
    words = re.findall(r"\w+", json.dumps(told, default=str))
    recorded |= {f"metrics.{word}" for word in words}
    rebuilt = reproduce(first, folder / "second.ipynb", packs=[pack.folder])
    second = _run(pack, rebuilt.file)
    if second is None:
        return _fault(pack, "example_not_recorded", name)
    found = verify(second, first)
    if found.verdict == VERDICTS[0]:
        return None
    other = next((one.name for one in found.items if one.verdict not in (IDENTICAL, MISSING)), "")
    if not other:
        missing = [one.words for one in found.items if one.verdict == MISSING]
        missing += [] if any(one.kind == "metric" for one in found.items) else ["metrics"]
        return _fault(pack, "example_without_result", name, missing=missing)
    return _fault(pack, "example_not_reproduced", name, verdict=found.verdict, other=other)


def _run(pack: Pack, notebook: Path) -> Path | None:
    """The provenance file that a notebook has left; None where it left none."""
    return NotebookRun(notebook, folders=[pack.folder]).start().wait().provenance_file


def _fault(pack: Pack, code: str, name: str, **arguments: object) -> PackError:
    if not pack.examples:
        return PackError(code, pack.folder, None, "", **arguments)
    file = pack.folder / "examples.toml"
    line = line_in_example(read_text(file, pack.folder), name)
    return PackError(code, file, line, name, **arguments, name=name)
