"""MNIST, FashionMNIST and CIFAR10 through torchvision, with a plain word where there is no network.

Y. LeCun, C. Cortes and C. Burges, The MNIST database of handwritten digits, 1998; H. Xiao, K. Rasul
and R. Vollgraf, Fashion-MNIST, arXiv:1708.07747, 2017; A. Krizhevsky, Learning multiple layers of
features from tiny images, 2009.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mlprov_widgets.datasets.network import reason, time_limit
from mlprov_widgets.errors import DataUnavailableError, MlprovError

IMAGE_SETS = ("MNIST", "FashionMNIST", "CIFAR10")


def load_image_set(name: str, folder: Path | str = "data") -> tuple[Any, Any]:
    """The official training and test part of a well-known image set.

    Parameters
    ----------
    name : str
        ``MNIST``, ``FashionMNIST`` or ``CIFAR10``.
    folder : Path or str
        Where the files are kept: they are downloaded on first use, with a progress bar, and used
        again afterwards. It is made if it is not there.

    Returns
    -------
    tuple of torchvision.datasets.VisionDataset
        Training part and test part, with their images in ``data`` and their labels in ``targets``.

    Raises
    ------
    MlprovError
        If there is no such set.
    DataUnavailableError
        If the files are neither there nor to be had; the message says which to put where.
    """
    if name not in IMAGE_SETS:
        raise MlprovError("image_set_unknown", name=name, sets=IMAGE_SETS)
    from torchvision import datasets

    kind = getattr(datasets, name)
    folder = Path(folder).expanduser()
    try:
        with time_limit():
            return tuple(kind(folder, train=part, download=True) for part in (True, False))
    except (RuntimeError, OSError, EOFError) as error:
        raise _unavailable(name, kind, folder, error) from None


def _unavailable(name: str, kind: Any, folder: Path, error: Exception) -> DataUnavailableError:
    if name == "CIFAR10":
        server, _, file = kind.url.rpartition("/")
        files, place = [file], folder
    else:
        secure = (mirror for mirror in kind.mirrors if mirror.startswith("https:"))
        server = next(secure, kind.mirrors[0]).rstrip("/")
        files = [file for file, _ in kind.resources]
        place = folder / name / "raw"
    return DataUnavailableError(
        "image_set_unavailable",
        name=name,
        reason=reason(error),
        files=files,
        count=len(files),
        server=server,
        place=place,
    )
