"""Which installed distributions the run has imported, read from folder names in milliseconds."""

from __future__ import annotations

import os
import re
import sys
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from mlprov_widgets._files import stamp_of
from mlprov_widgets._version import __version__

# How a line of RECORD goes on after the name of a module.
_FILE_END = r"/|\.py,|\.pyd,|\.[^/,\n]*\.(?:so|pyd),"
_NO_PACKAGES = ("__", "_distutils_hack", "_sysconfigdata")
_FOLDER = re.compile(r"^(?P<name>.+?)-(?P<version>\d[^-]*)(?:-py\d[.\d]*)?\.(?:dist|egg)-info$")


class _Distribution(NamedTuple):
    name: str
    version: str
    folder: Path


def imported_packages() -> dict[str, str]:
    """Every distribution of which a module is loaded in this process.

    Returns
    -------
    dict
        Normalized distribution name (PEP 503: lower case, hyphens) to version, sorted. The
        standard library and modules beside the notebook belong to no distribution.

    Notes
    -----
    ``importlib.metadata.packages_distributions`` opens every file of every distribution; here the
    names of the ``*.dist-info`` folders answer for most modules, and only where a module has
    another name than its distribution (``sklearn``, ``PIL``) the file lists are looked through.
    """
    distributions = installed_distributions()
    by_name: dict[str, list[_Distribution]] = {}
    for distribution in distributions:
        by_name.setdefault(distribution.name, []).append(distribution)

    found: dict[str, str] = {"mlprov-widgets": __version__}
    unmatched: dict[str, Path] = {}
    for module, site in _loaded_modules().items():
        candidates = by_name.get(normalized(module.replace("/", "-")), ())
        match = next((c for c in candidates if site is None or c.folder.parent == site), None)
        if match is not None:
            found.setdefault(match.name, match.version)
        elif site is not None:
            unmatched[module] = site
    for distribution in _owners(tuple(unmatched.items()), tuple(distributions)):
        found.setdefault(distribution.name, distribution.version)
    return dict(sorted(found.items()))


def normalized(name: str) -> str:
    """A distribution's name as PEP 503 compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def installed_distributions() -> list[_Distribution]:
    """All distributions on ``sys.path``, by the names of their folders, in the path's order."""
    return list(_installed(tuple(dict.fromkeys(sys.path)), _stamps()))


def _stamps() -> tuple[int, ...]:
    """When the folders on ``sys.path`` changed last: what is installed meanwhile changes one."""
    return tuple(stamp_of(Path(entry or "."))[0] for entry in dict.fromkeys(sys.path))


@lru_cache(maxsize=4)
def _installed(entries: tuple[str, ...], _: tuple[int, ...]) -> tuple[_Distribution, ...]:
    result = []
    for entry in entries:
        try:
            names = sorted(os.listdir(entry or "."))  # noqa: PTH208
        except OSError:
            continue
        for name in names:
            if match := _FOLDER.match(name):
                folder = Path(entry or ".", name)
                result.append(_Distribution(normalized(match["name"]), match["version"], folder))
    return tuple(result)


def _loaded_modules() -> dict[str, Path | None]:
    """Top-level names of loaded modules to the folder on ``sys.path`` that holds them.

    The folder is None for a module elsewhere (an editable install). A namespace package, which
    several distributions may share, counts by its parts: ``google/protobuf``.
    """
    places = {Path(entry) for entry in sys.path if entry}
    result: dict[str, Path | None] = {}
    for name, module in list(sys.modules.items()):
        top, _, rest = name.partition(".")
        # Most of all modules lie deeper than any distribution begins.
        if "." in rest or top in sys.stdlib_module_names or top.startswith(_NO_PACKAGES):
            continue
        file = getattr(module, "__file__", None)
        if not isinstance(file, str):
            continue
        if rest:
            parent = sys.modules.get(top)
            shared = parent is not None and getattr(parent, "__file__", None) is None
            if not shared:
                continue
            name = f"{top}/{rest}"
        path = Path(file).absolute()
        home = path.parent if path.name.startswith("__init__.") else path
        site = home.parents[name.count("/")]
        result[name] = site if site in places else None
    return result


@lru_cache(maxsize=4)
def _owners(
    loaded_from: tuple[tuple[str, Path], ...], distributions: tuple[_Distribution, ...]
) -> list[_Distribution]:
    """Distributions whose list of files holds one of the modules, where it was loaded from."""
    result: list[_Distribution] = []
    modules = dict(loaded_from)
    open_modules = set(modules)
    # The short list first: the long one of a large distribution has ten thousand lines.
    for file, line_end in (("top_level.txt", r"\s*$"), ("RECORD", _FILE_END)):
        for distribution in distributions:
            if not open_modules:
                return result
            try:
                content = b"\n" + (distribution.folder / file).read_bytes()
            except OSError:
                continue
            owned = {
                module
                for module in open_modules
                # A plain search first: it is many times faster than the expression.
                if modules[module] == distribution.folder.parent
                and f"\n{module}".encode() in content
                and re.search(rf"^{re.escape(module)}(?:{line_end})".encode(), content, re.M)
            }
            if owned:
                result.append(distribution)
                open_modules -= {module for module in owned if "/" not in module}
    return result
