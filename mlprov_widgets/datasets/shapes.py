"""Data sets that no library carries: the two-dimensional shape sets of the SIPU collection.

P. Fränti and S. Sieranoja, "K-means properties on six clustering benchmark datasets",
Applied Intelligence 48 (12), 2018; https://cs.uef.fi/sipu/datasets/.
"""

from __future__ import annotations

import hashlib
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from mlprov_widgets._files import asset_table
from mlprov_widgets.datasets.network import reason
from mlprov_widgets.errors import DataUnavailableError, MlprovError

if TYPE_CHECKING:
    import pandas as pd


class _ShapeSet(NamedTuple):
    title: str
    file: str
    rows: int
    classes: int
    sha256: str  # of the values as a CSV with the header x,y,label: servers change line ends
    source: str


_ADDRESS = "https://cs.uef.fi/sipu/datasets/"
_SHAPE_SETS = {
    name: _ShapeSet(**declared) for name, declared in asset_table("datasets/shapes.toml").items()
}


def load_shape_set(name: str, folder: Path | str | None = None) -> pd.DataFrame:
    """Points in the plane with their class.

    Parameters
    ----------
    name : str
        ``spiral`` (312 points, 3 classes), ``aggregation`` (788, 7) or ``r15`` (600, 15).
    folder : Path or str, optional
        Where the file is kept; by default the user's cache folder for this package. A copy
        in the working directory is used as well.

    Returns
    -------
    pandas.DataFrame
        Columns ``x`` and ``y`` (no unit) and ``label`` (from 1); its ``attrs`` say where it is
        from.

    Raises
    ------
    MlprovError
        If there is no such set.
    DataUnavailableError
        If the file is neither here nor to be had; the message says which file to put where.
    """
    if name not in _SHAPE_SETS:
        raise MlprovError("shape_set_unknown", name=name, sets=list(_SHAPE_SETS))
    shape_set = _SHAPE_SETS[name]
    folder = Path(folder) if folder is not None else cache_folder()
    table = _find(shape_set, folder)
    table = _fetch(shape_set, folder) if table is None else table
    table.attrs.update(
        dataset_id=name,
        dataset_description=f"{shape_set.title}: {shape_set.rows} points in {shape_set.classes} "
        f"classes. {shape_set.source}.",
        root_location=_ADDRESS + shape_set.file,
    )
    return table


def cache_folder() -> Path:
    """Where downloaded shape sets are kept."""
    from platformdirs import user_cache_path

    return user_cache_path("mlprov-widgets", appauthor=False) / "shape_sets"


def _find(shape_set: _ShapeSet, folder: Path) -> pd.DataFrame | None:
    """The set from a file that is here already, as downloaded or as a CSV with a header."""
    stem = Path(shape_set.file).stem
    for place in (folder, Path()):
        for file in (f"{stem}.txt", f"{stem.lower()}.txt", f"{stem}.csv", f"{stem.lower()}.csv"):
            if (place / file).is_file() and (table := _parse(place / file, shape_set)) is not None:
                return table
    return None


def _fetch(shape_set: _ShapeSet, folder: Path) -> pd.DataFrame:
    import pooch

    address = _ADDRESS + shape_set.file
    given: dict[str, object] = {
        "name": shape_set.title,
        "address": address,
        "place": folder / shape_set.file,
    }
    try:
        path = Path(
            pooch.retrieve(
                address,
                # The values are checked below: the bytes differ with the server's line ends.
                known_hash=None,
                fname=shape_set.file,
                path=folder,
                downloader=pooch.HTTPDownloader(timeout=20),
            )
        )
    except Exception as error:  # whatever a network can throw
        raise DataUnavailableError("shape_set_unavailable", **given, reason=reason(error)) from None
    table = _parse(path, shape_set)
    if table is None:
        path.unlink(missing_ok=True)
        raise DataUnavailableError("shape_set_damaged", **given)
    return table


def _parse(path: Path, shape_set: _ShapeSet) -> pd.DataFrame | None:
    """Columns x, y and label of a file; None if it does not hold the set."""
    import pandas as pd

    try:
        text = path.read_text(encoding="utf-8-sig")
        header = text.lstrip().lower().startswith("x,")
        table = pd.read_csv(
            StringIO(text),
            sep="," if header else r"\s+",
            header=0 if header else None,
            names=["x", "y", "label"],
        )
        table = table.astype({"x": float, "y": float, "label": int})
    except (ValueError, OSError):
        return None
    rows = (f"{x:.15g},{y:.15g},{label}" for x, y, label in table.itertuples(index=False))
    digest = hashlib.sha256("\n".join(["x,y,label", *rows, ""]).encode()).hexdigest()
    return table if digest == shape_set.sha256 else None
