"""The packages of a run as a requirements file, and the command that builds the environment."""

from __future__ import annotations

import json
import os
import re
import shlex
from collections.abc import Iterator
from contextlib import suppress
from importlib import metadata
from pathlib import Path
from typing import NamedTuple

from packaging.utils import canonicalize_name
from packaging.version import Version

from mlprov_widgets._files import cut_name
from mlprov_widgets.comparison.distributions import distribution_name
from mlprov_widgets.errors import MlprovError
from mlprov_widgets.notebooks import write_new
from mlprov_widgets.record import Record
from mlprov_widgets.wording import one_line

OWN = "mlprov-widgets"
MAX_PACKAGES = 5000
_MAX_LENGTH = 100

# Stricter than pip, which also takes letters that only look like these.
_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?")
_PYTHON = re.compile(r"(\d{1,2}\.\d{1,3})(\.\d{1,4})?(?![\d.]*\d)")
# Distributions that exist for one operating system only; elsewhere pip passes them over.
_ONLY_ON = (
    (re.compile(r"nvidia-.*|cuda-(bindings|pathfinder|toolkit)|triton"), "linux"),
    (re.compile(r"pywin32|pywinpty|pywin32-ctypes|colorama|triton-windows"), "win32"),
    (re.compile(r"appnope|pyobjc.*"), "darwin"),
)
_SYSTEMS = {"linux": "linux", "windows": "win32", "darwin": "darwin", "macos": "darwin"}
# Builds that PyTorch publishes in an index of their own: 2.9.0+cpu, 2.9.0+cu126, 2.9.0+rocm6.4.
_TORCH = ("torch", "torchvision", "torchaudio")
_TORCH_BUILD = re.compile(r"cpu|cu\d{2,4}|rocm\d[\d.]{0,8}|xpu")


class _Line(NamedTuple):
    text: str
    remark: str


def requirements_text(run: Record, file: str = "requirements.txt") -> str:
    """The packages that a run recorded, as pip reads them.

    Parameters
    ----------
    run : Record
        The run. Of a record of MLProvCodeGen there are the packages that it names, and no others.
    file : str
        What the file will be called; only a comment at its top repeats it.

    Returns
    -------
    str
        One line ``name==version`` for each package whose name and version are valid ones, and a
        comment for each other. Nothing else of the record stands outside of comments: no option,
        address, path or second line can get into the file. Where mlprov-widgets itself has the
        recorded version here and was installed from a folder or a repository, it is taken from
        there, because no index may have it.
    """
    packages = dict(run.packages)
    # Other software has a name there, where ours has a version.
    foreign = bool(run.software) and not run.software[0].isdigit()
    if not foreign and run.software:
        packages.setdefault(OWN, run.software)
    system = _system(run)
    lines: dict[str, _Line] = {}
    left_out: list[str] = []
    for name, version in sorted(packages.items(), key=lambda item: str(item[0]).lower()):
        if len(lines) + len(left_out) >= MAX_PACKAGES:
            left_out.append(f"and {len(packages) - MAX_PACKAGES} more: too many for one file")
            break
        key, found = _requirement(name, version, system)
        if isinstance(found, str):
            left_out.append(found)
        elif key in lines and lines[key].text != found.text:
            left_out.append(f"{_remark(name)} {_remark(version)}: recorded twice, as {key} above")
        else:
            lines[key] = found
    body = [f"{one.text}  # {one.remark}" if one.remark else one.text for one in lines.values()]
    if not lines:
        body = ["# The run recorded no package that could be installed."]
    if left_out:
        body += ["", "# Left out:", *(f"#   {reason}" for reason in left_out)]
    if foreign and OWN not in lines:
        body += [
            "",
            f"# {_remark(run.software)} recorded some packages only. A notebook that",
            "# mlprov-widgets writes from its record also needs mlprov-widgets, and the Python",
            "# that that needs.",
        ]
    return "\n".join([*_head(run, file), "", *body]) + "\n"


def write_requirements(run: Record, notebook: Path) -> Path:
    """Write the requirements of a run beside a notebook, as ``<stem>-requirements.txt``.

    Where that name is taken a number is added; no file is written over.

    Raises
    ------
    MlprovError
        If the folder cannot be written to.
    """
    for number in range(1, 1000):
        ending = "" if number == 1 else f"-{number}"
        path = notebook.with_name(f"{cut_name(notebook.stem)}-requirements{ending}.txt")
        if not (path.exists() or path.is_symlink()):
            write_new(path, requirements_text(run, path.name))
            return path
    raise MlprovError("requirements_too_many", folder=notebook.parent)


def install_command(path: Path | str, python_version: str = "") -> str:
    """One line for a shell on this machine that builds the environment of a requirements file.

    Parameters
    ----------
    path : Path or str
        The requirements file.
    python_version : str
        As recorded, such as ``3.11.7``; where it says nothing, any Python 3 is taken.
    """
    place, found = _environment(Path(path)), _PYTHON.match(str(python_version))
    python = f"{'py -' if os.name == 'nt' else 'python'}{found[1] if found else '3'}"
    pip = f"{_program(place, 'python')} -m pip install -r {_quoted(Path(path))}"
    return f"{python} -m venv {_quoted(place)} && {pip}"


def run_command(path: Path, notebook: Path) -> str:
    """One line for a shell that runs a notebook in the environment of a requirements file."""
    return f"{_program(_environment(path), 'mlprov')} run {_quoted(notebook)}"


def _environment(path: Path) -> Path:
    stem = re.sub(r"-?requirements", "", path.stem) or "run"
    return path.with_name(f"{stem}-env")


def python_of(run: Record) -> str:
    """The Python version that a run recorded, such as ``3.11.7``; empty where it is none."""
    noted = run.notebook.get("programming_language_version")
    for value in (run.environment.get("python"), noted):
        found = _PYTHON.match(value) if isinstance(value, str) else None
        if found:
            return found[0]
    return ""


def _program(place: Path, name: str) -> str:
    """A program of an environment."""
    windows = os.name == "nt"
    return _quoted(place / "Scripts" / f"{name}.exe" if windows else place / "bin" / name)


def _quoted(path: Path) -> str:
    """A path as one word for the shell here, and one that no program takes for an option."""
    if os.name == "nt":
        return f'"{path}"'
    return shlex.quote(f".{os.sep}{path}" if str(path).startswith("-") else str(path))


def _head(run: Record, file: str) -> Iterator[str]:
    name = _remark(run.notebook.get("name") or "a notebook")
    when = f"({run.start.date().isoformat()})" if run.start else ""
    of = " ".join(filter(None, (name, when)))
    yield f"# Packages of the run of {of}, in the versions that it recorded."
    python, system = python_of(run), run.hardware_info.get("Operating_System")
    facts = [f"Python {python}" if python else "a Python that was not recorded"]
    facts += [_remark(one) for one in (system, run.environment.get("machine")) if one]
    yield f"# It ran with {', '.join(facts)}."
    yield "# What these packages need besides is installed in its newest fitting version."
    yield "# Names and versions are those of the record: read them before installing."
    yield f"#   {one_line(install_command(file, python), 400)}"


def _requirement(name: object, version: object, system: str) -> tuple[str, _Line | str]:
    """The normalized name and the line, or the reason why there is none."""
    if not (isinstance(name, str) and len(name) <= _MAX_LENGTH and _NAME.fullmatch(name)):
        return "", f"{_remark(name)}: not a name of a package"
    key = distribution_name(name)
    remarks = [f"recorded as {name}"] if key != canonicalize_name(name) else []
    if not isinstance(version, str) or not version.strip():
        return key, f"{key}: its version was not recorded"
    try:
        found = Version(version if len(version) <= _MAX_LENGTH else "")
    except ValueError:
        return key, f"{key} {_remark(version)}: not a version"
    if found.local and (found.is_devrelease or re.match(r"g[0-9a-f]{4,}|git|dirty", found.local)):
        return key, f"{key} {found}: built from its sources, so no index has it"
    if found.local:
        remarks.append(f"recorded as {found}{_build(key, found)}")
    if key == OWN and (place := _own_place(version)):
        return key, _Line(f"{OWN} @ {place}", f"{version}, from where it was installed here")
    only = next((where for pattern, where in _ONLY_ON if pattern.fullmatch(key)), "")
    marker = f' ; sys_platform == "{only}"' if only and only == system else ""
    return key, _Line(f"{key}=={found.public}{marker}", "; ".join(remarks))


def _own_place(version: str) -> str:
    """Where this very version of mlprov-widgets was installed from, if from no index (PEP 610)."""
    for found in metadata.distributions(name=OWN):
        if found.version != version:
            continue
        with suppress(OSError, ValueError, TypeError, KeyError, AttributeError):
            origin = json.loads(found.read_text("direct_url.json") or "{}")
            vcs = origin.get("vcs_info")
            url = f"{vcs['vcs']}+{origin['url']}@{vcs['commit_id']}" if vcs else origin["url"]
            if re.fullmatch(r"[!-~]+", url):
                return str(url)
    return ""


def _build(name: str, version: Version) -> str:
    """How the very build is installed, where that is known."""
    if name in _TORCH and version.local and _TORCH_BUILD.fullmatch(version.local):
        index = f"https://download.pytorch.org/whl/{version.local}"
        return f"; that very build: pip install {name}=={version} --index-url {index}"
    return "; the usual index has no such build"


def _system(run: Record) -> str:
    text = str(run.hardware_info.get("Operating_System", "")).lower()[:500]
    return next((name for word, name in _SYSTEMS.items() if word in text), "")


def _remark(value: object) -> str:
    return one_line(value, _MAX_LENGTH)
