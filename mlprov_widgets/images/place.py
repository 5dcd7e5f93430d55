"""Where downloaded images are kept: a folder that is there, or that can be made."""

from __future__ import annotations

import os
from pathlib import Path

from mlprov_widgets.errors import ImageError


def check_folder(path: Path) -> None:
    """Check that a path is a folder that can be written to, or that can be made.

    Raises
    ------
    ImageError
        If it is a file, or its name or permissions forbid it.
    """
    name = path.name or str(path)
    try:
        if path.exists():
            if not path.is_dir():
                raise ImageError("place_is_file", folder=name)
            # What is in it may be all that is needed, so reading has to be enough.
            if not os.access(path, os.R_OK | os.X_OK):
                raise ImageError("place_no_permission", folder=name)
            return
        above = next(place for place in path.absolute().parents if place.exists())
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it has a character that no name can have"
        raise ImageError("place_not_allowed", folder=name, reason=reason) from None
    if path.is_symlink():
        raise ImageError("place_is_broken_link", folder=name)
    if not above.is_dir():
        raise ImageError("place_below_file", folder=name, file=above.name)
    if not os.access(above, os.W_OK | os.X_OK):
        raise ImageError("place_not_writable", folder=name, above=above)
