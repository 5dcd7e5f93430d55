"""Which packs of others somebody trusts: what they write runs with that person's rights."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from mlprov_widgets._files import config_folder, read_bytes, reason, write_over
from mlprov_widgets.errors import MlprovError, PackError, RecordError
from mlprov_widgets.hosting import hosted
from mlprov_widgets.packs.model import Pack
from mlprov_widgets.packs.reading import own_sha256

PREVIEW = "MLPROV_PREVIEW"
_MOST = 1_000_000  # bytes


def trust_file() -> Path:
    """Where it is kept, for the account."""
    return config_folder() / "trusted_packs.json"


def is_trusted(pack: Pack) -> bool:
    """Whether notebooks of a pack are written without asking.

    The bundled ones are; another is when somebody has trusted these very files, or the folder that
    they are in. In a hosted app the host has chosen the packs, but not in a preview of one.
    """
    if pack.source.is_bundled or (hosted() and PREVIEW not in os.environ):
        return True
    place = pack.folder.resolve()
    try:
        known = _read()
        by_folder = any(place.is_relative_to(folder) for folder in known["folders"])
        return by_folder or own_sha256(pack) in known["packs"]
    except (MlprovError, OSError):
        return False


def check_trust(pack: Pack) -> None:
    """Check that somebody trusts a pack.

    Raises
    ------
    PackError
        If nobody has said so; says where it comes from, and what to do.
    """
    if not is_trusted(pack):
        raise PackError(
            "pack_not_trusted", name=pack.name, source=pack.source.text, folder=pack.folder
        )


def trust_pack(pack: Pack) -> None:
    """Trust a pack as it is now; when one of its files changes, it is asked about again.

    Raises
    ------
    MlprovError
        If that cannot be kept.
    """
    said = {
        "name": pack.name,
        "folder": str(pack.folder.resolve()),
        "trusted": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    known, sha256 = _read(), _sha256(pack)
    _write({**known, "packs": {**known["packs"], sha256: said}})


def trust_folder(folder: Path) -> None:
    """Trust whatever pack is in a folder, now and later: one of somebody's own.

    Raises
    ------
    MlprovError
        If that cannot be kept.
    """
    known, place = _read(), str(folder.resolve())
    if place not in known["folders"]:
        _write({**known, "folders": [*known["folders"], place]})


def revoke_trust(pack: Pack) -> bool:
    """Whether a pack, or its folder, was trusted; it is no more.

    Raises
    ------
    MlprovError
        If that cannot be kept, or if a folder around that of the pack is trusted.
    """
    known, place, own = _read(), pack.folder.resolve(), _sha256(pack)
    around = [one for one in known["folders"] if place.is_relative_to(one) and str(place) != one]
    if around:
        raise MlprovError("trusted_by_folder", pack=pack.name, folder=around[0], file=trust_file())
    packs = {
        sha256: said
        for sha256, said in known["packs"].items()
        if sha256 != own and said.get("folder") != str(place)
    }
    left = {"packs": packs, "folders": [one for one in known["folders"] if one != str(place)]}
    if left == known:
        return False
    _write(left)
    return True


def _sha256(pack: Pack) -> str:
    try:
        return own_sha256(pack)
    except OSError as error:
        raise PackError("pack_unreadable", pack.folder, reason=reason(error)) from None


def _read() -> dict[str, Any]:
    file = trust_file()
    try:
        found = json.loads(read_bytes(file, _MOST))
        packs = {sha256: dict(said) for sha256, said in found["packs"].items()}
        folders = [str(folder) for folder in found["folders"]]
    except FileNotFoundError:
        return {"packs": {}, "folders": []}
    except OSError as error:
        raise MlprovError("file_not_readable", file=file, reason=reason(error)) from None
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError, RecordError):
        raise MlprovError("trust_file_invalid", file=file) from None
    return {"packs": packs, "folders": folders}


def _write(known: dict[str, Any]) -> None:
    file = trust_file()
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_over(file, (json.dumps(known, indent=2) + "\n").encode())
    except OSError as error:
        raise MlprovError("file_not_writable", file=file, reason=reason(error)) from None
