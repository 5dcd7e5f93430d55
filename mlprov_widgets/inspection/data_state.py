"""Whether the data of a recorded run are still the same here, as far as can be told unread."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy

from mlprov_widgets._files import file_hash, reason
from mlprov_widgets.record import Record, Value
from mlprov_widgets.wording import capitalize, one_line

SAME, CHANGED, ABSENT = "same", "changed", "not at hand"
UNRECORDED, UNCHECKED = "not recorded", "not checked"

# More image files than this are not all read only to look at a record.
MAX_IMAGES = 20_000

_SCIKIT_LEARN = "sklearn.datasets."
_ABSENT = "{} is not in the folder of this file: put it there before running."
_LATER = "the hash of the data is compared when the notebook has run"


@dataclass(frozen=True)
class DataState:
    """Whether the data are still those of the run.

    Parameters
    ----------
    state : str
        ``same``, ``changed``, ``not at hand``, ``not recorded`` or ``not checked``.
    what : str
        The file, folder or data set.
    note : str
        The same as a sentence.
    """

    state: str
    what: str
    note: str


def data_state(record: Record | None, values: dict[str, Value], folder: Path) -> DataState:
    """Compare the data here with what the record has of them; nothing is downloaded or executed.

    Parameters
    ----------
    record : Record or None
    values : dict
        Values of the pack's parameters.
    folder : Path
        What relative paths are relative to. A path that leads out of it is not opened: the record
        may come from anybody.
    """
    step = record.steps.get("data_ingestion") if record is not None else None
    if record is None:
        return DataState(UNRECORDED, "", "No run is known, so nothing is known of its data.")
    if step is None:
        return DataState(UNRECORDED, "", "The run has recorded nothing of its data.")
    name = str(step.values.get("dataset_id", ""))[:200]
    place, digest = step.values.get("root_location"), step.values.get("source_sha256")
    known = record.fingerprints.get("data")
    if isinstance(digest, str) and isinstance(place, str):
        return _of_file(place, digest, folder)
    shape = step.values.get("feature_dimensions")
    if isinstance(values.get("image_format"), dict) and isinstance(place, str) and known:
        return _of_images(place, values["image_format"], shape, known, folder)
    if not known:
        return DataState(UNRECORDED, name, "The file has no hash of the data.")
    loader = place.removeprefix(_SCIKIT_LEARN) if isinstance(place, str) else ""
    # What is fetched would be downloaded, and a record may come from anybody.
    if loader != place and loader.startswith("load_") and loader.isidentifier():
        return _of_bundled(loader, name, shape, known)
    return DataState(UNCHECKED, name, f"It takes loading or making them to tell; {_LATER}.")


def _found(place: str, folder: Path, kind: str) -> Path | DataState:
    """The path that a record names, if a ``file`` or a ``folder`` is there; else what is."""
    what = place[:200]
    try:
        path = (folder / place).resolve()
        if not path.is_relative_to(folder.resolve()):
            note = f"The file names data outside of its own folder, which are not opened; {_LATER}."
            return DataState(UNCHECKED, what, note)
        if path.is_file() if kind == "file" else path.is_dir():
            return path
        # Not only what a link leads to: one that leads nowhere is in the way as well.
        there = os.path.lexists(folder / place)
    except (OSError, ValueError, RuntimeError) as error:
        why = getattr(error, "strerror", None) or "no file can have this name, or it leads nowhere"
        return DataState(ABSENT, what, f"{what} cannot be opened: {why}.")
    if there:
        note = f"{what} is no {kind} here: put the {kind} of the run in its place before running."
        return DataState(ABSENT, what, note)
    return DataState(ABSENT, what, _ABSENT.format(what))


def _of_file(place: str, digest: str, folder: Path) -> DataState:
    path, what = _found(place, folder, "file"), place[:200]
    if isinstance(path, DataState):
        return path
    try:
        empty = path.stat().st_size == 0
        found = file_hash(path)
    except OSError as error:
        note = f"{what} cannot be read: {reason(error)}."
        return DataState(ABSENT, what, note)
    if found == digest:
        return DataState(SAME, what, f"{what} is byte for byte the file of the run.")
    if empty:
        note = f"{what} is empty here: put the file of the run in its place before running."
        return DataState(CHANGED, what, note)
    note = f"{what} has changed since the run, so results may differ; {_LATER}."
    return DataState(CHANGED, what, note)


def _of_images(
    place: str, form: dict[str, Value], shape: Value, known: str, folder: Path
) -> DataState:
    from mlprov_widgets.capture.objects.fingerprint import fingerprint
    from mlprov_widgets.datasets import ImageFiles
    from mlprov_widgets.errors import MlprovError

    path, what = _found(place, folder, "folder"), place[:200]
    if isinstance(path, DataState):
        return path
    arguments = _image_arguments(form, shape)
    if arguments is None:
        return DataState(UNCHECKED, what, f"It takes loading them to tell; {_LATER}.")
    try:
        files = ImageFiles(path, **arguments)
        if len(files) > MAX_IMAGES:
            note = f"There are {len(files):,} images, too many to read beforehand; {_LATER}."
            return DataState(UNCHECKED, what, note)
        digest = fingerprint(files, files.labels)
    except (MlprovError, OSError):
        return DataState(CHANGED, what, f"There are none of the run's images in {what}.")
    if digest == known:
        return DataState(SAME, what, f"The images in {what} are those of the run.")
    empty = [name for label, name in enumerate(files.classes) if label not in files.labels]
    gone = f"there are none of {', '.join(empty[:3])}; " if empty else ""
    note = f"Images in {what} have changed since the run, so results may differ; {gone}{_LATER}."
    return DataState(CHANGED, what, note)


def _image_arguments(form: dict[str, Any], shape: Value) -> dict[str, Any] | None:
    """Arguments for `ImageFiles`, if every name in them is one of a folder and no path."""
    classes, parts = form.get("classes"), form.get("parts") or None
    skip = form.get("unreadable") or []
    if not isinstance(shape, list) or len(shape) != 3:
        return None
    names = [*classes] if isinstance(classes, list) else []
    names += list(parts.values()) if isinstance(parts, dict) else []
    if not names or not isinstance(skip, list):
        return None
    if not all(isinstance(name, str) and Path(name).name == name for name in names):
        return None
    levels = form.get("levels")
    if levels is not None and not _are_levels(levels):
        return None
    known = {"classes": classes, "parts": parts, "skip": skip, "levels": levels}
    return {**known, "channels": shape[0], "size": shape[-1]}


def _are_levels(value: Any) -> bool:
    """Whether a value has two numbers, of which the second is larger."""
    is_pair = isinstance(value, list) and [type(one) in (int, float) for one in value] == [True] * 2
    return is_pair and value[0] < value[1]


def _of_bundled(loader: str, name: str, shape: Value, known: str) -> DataState:
    title = capitalize(one_line(name or loader, 80))
    try:
        is_same = known in _bundled_fingerprints(loader, as_images=isinstance(shape, list))
    except (ImportError, AttributeError, TypeError, OSError):
        return DataState(UNCHECKED, name, f"They cannot be loaded here; {_LATER}.")
    if is_same:
        return DataState(SAME, name, f"{title} comes with scikit-learn and is the same here.")
    note = (
        f"What scikit-learn gives here as {title} is not what the run recorded: another version, "
        f"or the notebook changed it before; {_LATER}."
    )
    return DataState(UNCHECKED, name, note)


def _bundled_fingerprints(loader: str, as_images: bool) -> Iterator[str | None]:
    """The hashes of the data in each form in which notebooks load them; nothing is downloaded."""
    from sklearn import datasets

    from mlprov_widgets.capture.objects.fingerprint import fingerprint

    load = getattr(datasets, loader)
    if as_images:
        import torch

        data = load()
        levels = torch.from_numpy((data.images * 255 / 16).round().astype(numpy.uint8))
        yield fingerprint(levels.unsqueeze(1), data.target)
        return
    for data in (load(as_frame=True), load()):
        yield fingerprint(data.data, data.target)
        yield fingerprint(data.data, numpy.asarray(data.target))
        yield fingerprint(data.data)  # where nothing is predicted
