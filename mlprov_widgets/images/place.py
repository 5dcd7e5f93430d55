"""Where downloaded images are kept: a folder that is there, or that can be made."""

from __future__ import annotations

import os
from pathlib import Path

from mlprov_widgets.errors import ImageError
from mlprov_widgets.tables.names import show


def check_folder(path: Path) -> None:
    """Check that a path is a folder that can be written to, or that can be made.

    Raises
    ------
    ImageError
        If it is a file, or its name or permissions forbid it.
    """
    name = show(path.name or str(path), 60)
    try:
        if path.exists():
            if not path.is_dir():
                raise ImageError(f"{name} is a file; name a folder.")
            # What is in it may be all that is needed, so reading has to be enough.
            if not os.access(path, os.R_OK | os.X_OK):
                raise ImageError(f"There is no permission to use the folder {name}.")
            return
        above = next(place for place in path.absolute().parents if place.exists())
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it has a character that no name can have"
        raise ImageError(f"{name} cannot be the name of a folder: {reason}.") from None
    if path.is_symlink():
        raise ImageError(f"{name} is a link that leads nowhere; name another folder.")
    if not above.is_dir():
        raise ImageError(
            f"{name} cannot be made: {show(above.name, 60)} is a file. Name another folder."
        )
    if not os.access(above, os.W_OK | os.X_OK):
        raise ImageError(
            f"{name} cannot be made: there is no permission to write to {show(str(above), 200)}."
        )
