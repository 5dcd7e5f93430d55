"""One experiment with several seeds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from mlprov_widgets.errors import MlprovError
from mlprov_widgets.messages import Note
from mlprov_widgets.notebooks.formats import format_of, read_document
from mlprov_widgets.notebooks.manifest import manifest_in
from mlprov_widgets.packs import find_pack
from mlprov_widgets.packs.types.paths import expand_home
from mlprov_widgets.provenance import read_record
from mlprov_widgets.record import source_hash
from mlprov_widgets.sweeps.result import SweepResult
from mlprov_widgets.sweeps.running import sweep


def repeat(
    source: Path | str,
    seeds: int | Sequence[int] = 5,
    *,
    packs: Iterable[Path | str] = (),
    **options: Any,
) -> SweepResult:
    """The runs of one experiment with several seeds, and what these come to together.

    Parameters
    ----------
    source : Path or str
        The record of a run, or a notebook or script that was generated.
    seeds : int or sequence of int, default 5
        How many, counted from the one it has; or which.
    packs : iterable of Path or str
        Further folders with packs.
    **options
        As of `sweep`: ``workers``, ``dask``, ``folder``, ``notebooks``, ``resume``,
        ``time_limit``, ``memory_limit``, ``progress``.

    Returns
    -------
    SweepResult

    Raises
    ------
    MlprovError
        If it was not generated, a person has changed its cells, or there is no such pack here.
    """
    path = Path(source).expanduser()
    pack_said, values, changed = _generated(path)
    name = pack_said.get("name", "")
    if not name:
        raise MlprovError("sweep_not_generated", file=path)
    if changed:
        raise MlprovError("sweep_of_edited", file=path, count=changed)
    pack = find_pack(name, packs)
    known = {one: value for one, value in values.items() if one in pack.parameters}
    # Where its data are is told from where it is.
    for one, parameter in pack.parameters.items():
        if parameter.is_path and isinstance(place := known.get(one), str) and place:
            known[one] = str(path.parent.resolve() / expand_home(place))
    result = sweep(pack, known, None, seeds, packs=packs, **options)
    if pack.sha256 == pack_said.get("sha256"):
        return result
    said = Note("sweep_pack_changed", pack=name, version=pack.version)
    return replace(result, notes=(*result.notes, said))


def _generated(path: Path) -> tuple[dict[str, str], dict[str, Any], int]:
    """The pack and the values that wrote a file's code, and how many cells a person has changed."""
    if format_of(path) is None:
        record = read_record(path)
        code = [cell for cell in record.cells if cell.kind == "code"]
        changed = sum(cell.origin != "generated" for cell in code)
        return record.pack, record.values, changed
    document = read_document(path)
    manifest = manifest_in(document, path)
    if manifest is None:
        return {}, {}, 0
    written = {row.get("sha256") for row in manifest.generated}
    code_cells = (cell for cell in document.cells if cell.kind == "code" and cell.source.strip())
    changed = sum(source_hash(cell.source) not in written for cell in code_cells)
    return manifest.pack, manifest.values, changed
