"""What the data are: where from, how large, which classes, which rows went where."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mlprov_widgets._files import file_hash
from mlprov_widgets.capture.values import is_a, is_plain, numpy, plain, qualified_name, text
from mlprov_widgets.record import PARTS, Value

_MAX_NAMES = 1_000
_MAX_CLASSES = 100  # above which whole numbers in a float column are taken for a quantity


def describe_source(source: Any) -> dict[str, Value]:
    """Identity and place of a data set from what it was loaded with.

    Parameters
    ----------
    source : object
        The function that loaded or made it, the file it was read from, what scikit-learn's loaders
        return, a data set of PyTorch, or a name.
    """
    if isinstance(source, (str, Path)):
        return _describe_file(source)
    if callable(source) and hasattr(source, "__name__"):
        name = source.__name__
        for prefix in ("load_", "fetch_", "make_", "read_"):
            name = name.removeprefix(prefix)
        summary = (getattr(source, "__doc__", None) or "").strip().split("\n\n")[0]
        return {
            "dataset_id": name,
            "root_location": qualified_name(source),
            **({"dataset_description": text(" ".join(summary.split()))} if summary else {}),
        }
    attributes = getattr(source, "attrs", None)  # of a data frame
    if isinstance(attributes, dict):
        known = ("dataset_id", "dataset_description", "root_location", "data_format")
        return {name: plain(attributes[name]) for name in known if name in attributes}
    if isinstance(getattr(source, "DESCR", None), str):
        file = Path(str(source.get("filename") or "")).stem
        place = ".".join(part for part in (source.get("data_module"), file) if part)
        return {
            "dataset_description": text(source.DESCR),
            **({"dataset_id": file, "root_location": place} if file else {}),
        }
    values = {"dataset_id": type(source).__name__, "root_location": qualified_name(type(source))}
    if isinstance(getattr(source, "mirrors", None), list) and source.mirrors:
        values["root_location"] = text(str(source.mirrors[-1]), 1000)
    elif isinstance(getattr(source, "url", None), str):
        values["root_location"] = text(source.url, 1000)
    return {**values}


def _describe_file(source: str | Path) -> dict[str, Value]:
    try:
        path = Path(source)
        if path.is_file():
            return {
                "dataset_id": path.stem,
                "root_location": text(str(source)),
                "data_format": path.suffix.removeprefix(".").upper() or "file",
                "source_sha256": file_hash(path),
            }
        if path.is_dir():
            return {"dataset_id": path.resolve().name, "root_location": text(str(source))}
    except (OSError, ValueError):
        pass
    return {"dataset_id": text(str(source))}


def describe_checkpoint(file: Any) -> dict[str, Value]:
    """``resumed_from``: the file that training went on from, with its hash; nothing for None."""
    if file is None:
        return {}
    values: dict[str, Value] = {"resumed_from": text(str(file), 1000)}
    digest = _describe_file(file).get("source_sha256")
    return values if digest is None else {**values, "resumed_from_sha256": digest}


def describe_features(features: Any) -> dict[str, Value]:
    """``feature_dimensions``, ``samples_total``, ``data_format``, names of the columns."""
    samples = count_samples(features)
    values: dict[str, Value] = {"data_format": _format(features)}
    if _are_texts(features):  # a text is no feature: what is made of it are some
        kind = qualified_name(type(features))
        return {"data_format": f"texts in a {kind}", "samples_total": samples}
    shape = getattr(features, "shape", None)
    if shape is None and samples and is_a(features, "torch.utils.data.Dataset"):
        first = features[0]
        shape = (samples, *getattr(first[0] if isinstance(first, tuple) else first, "shape", ()))
    elif shape is None and samples and isinstance(features, (list, tuple)):
        first = features[0]
        shape = (samples, len(first)) if isinstance(first, (list, tuple)) else (samples,)
    if shape is not None:
        sizes = [int(size) for size in shape[1:]]
        # One number for a table, the sizes of all axes for images and sequences.
        values["feature_dimensions"] = sizes[0] if len(sizes) == 1 else sizes or 1
    if samples is not None:
        values["samples_total"] = samples
    columns = getattr(features, "columns", None)
    if columns is not None and len(columns) <= _MAX_NAMES:
        values["feature_names"] = [text(str(name), 1000) for name in columns]
    return values


def _are_texts(data: Any) -> bool:
    """Whether they are one text a row."""
    if is_a(data, "pandas.Series"):
        first = data.iloc[:1].tolist()
    elif isinstance(data, (list, tuple)) or getattr(data, "ndim", None) == 1:
        first = list(data[:1])
    else:
        return False
    return bool(first) and isinstance(first[0], str)


def describe_labels(labels: Any) -> dict[str, Value]:
    """``dataset_classes``: how many different labels there are; nothing for a quantity."""
    if is_a(labels, "torch.Tensor"):
        labels = labels.detach().cpu().numpy()
    values: dict[str, Value] = {"samples_total": len(labels)}
    if not numpy:
        return {**values, "dataset_classes": len(set(labels))}
    if is_a(labels, "pandas.Series"):
        labels = labels.dropna()
    array = numpy.asarray(labels)
    if array.ndim == 2 and array.shape[1] > 1:  # one column a class
        return {**values, "dataset_classes": int(array.shape[1])}
    array = array.reshape(-1)
    distinct = set(array.tolist()) if array.dtype.hasobject else numpy.unique(array).tolist()
    floats = [label for label in distinct if isinstance(label, float)]
    is_whole = all(label.is_integer() for label in floats)
    if not floats or (is_whole and len(distinct) <= _MAX_CLASSES):
        values["dataset_classes"] = len(distinct)
    return values


def describe_parts(parts: dict[str, Any]) -> dict[str, dict[str, Value]]:
    """Sizes of the parts as numbers of rows and as shares of all rows.

    Parameters
    ----------
    parts : dict
        ``training``, ``validation``, ``testing`` to an array of row numbers, a mask of rows, a
        table, a data set, or a list of such arrays, one for each fold. None is an empty part.

    Returns
    -------
    dict
        Step to values: ``training_samples`` and so on in ``data_ingestion`` (where the paper's
        table has them) and ``data_segregation``, ``training_split`` in the latter.
    """
    sizes = {name: _part_size(parts.get(name)) for name in PARTS}
    samples: dict[str, Value] = {f"{name}_samples": size for name, size in sizes.items()}
    shares: dict[str, Value] = {}
    if all(isinstance(size, int) for size in sizes.values()) and (total := sum(sizes.values())):
        shares = {f"{name}_split": size / total for name, size in sizes.items()}
    return {"data_ingestion": samples, "data_segregation": samples | shares}


def describe_loader(value: Any) -> dict[str, Value]:
    """``batch_size`` and ``num_workers`` where a part is a ``DataLoader``."""
    if not is_a(value, "torch.utils.data.DataLoader"):
        return {}
    return {"batch_size": value.batch_size, "num_workers": value.num_workers}


def _part_size(part: Any) -> Value:
    if part is None:
        return 0
    if isinstance(part, int) and not isinstance(part, bool):
        return part
    if isinstance(part, (list, tuple)) and part and not is_plain(part[0]) and _has_rows(part[0]):
        return [_part_size(fold) for fold in part]
    if str(getattr(part, "dtype", "")).removeprefix("torch.") == "bool" and len(part.shape) == 1:
        return int(part.sum())
    return count_samples(part) or 0


def _has_rows(part: Any) -> bool:
    return getattr(part, "shape", None) not in (None, ()) or isinstance(part, (list, tuple))


def count_samples(data: Any) -> int | None:
    """Rows of an array or table, items of a data set or of a loader's; None for anything else."""
    data = getattr(data, "dataset", data) if hasattr(data, "batch_size") else data
    shape = getattr(data, "shape", None)
    if shape:
        return int(shape[0])
    try:
        return len(data)
    except TypeError:
        return None


def _format(data: Any) -> str:
    dtype = getattr(data, "dtype", None)
    if dtype is None and hasattr(data, "dtypes"):
        dtype = ", ".join(sorted({str(kind) for kind in data.dtypes}))
    kind = qualified_name(type(data))
    return text(f"{kind} {str(dtype or '').removeprefix('torch.')}".strip())
