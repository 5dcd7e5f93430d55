"""From a folder to a `Pack`, with errors that name file, line and field."""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mlprov_widgets.errors import PackError
from mlprov_widgets.packs.conditions import Condition
from mlprov_widgets.packs.files import MOST_BYTES, check_link, pack_files, read_text
from mlprov_widgets.packs.model import CellTemplate, Pack, Page, Rule
from mlprov_widgets.packs.parameters import BELONGS, FORMATS, TYPES, Choice, Parameter

_NAME = re.compile(r"[a-z][a-z0-9_]*\Z")
_CELL = re.compile(r"(\d{3})_([a-z][a-z0-9_]*?)(?:-[a-z0-9-]+)?\.(py|md)\.jinja\Z")
_FIELDS: dict[str, tuple[set[str], set[str]]] = {
    # table: required fields, optional fields
    "pack": ({"title", "summary", "version", "task_type"}, {"order"}),
    "pages": ({"name", "title"}, {"help", "steps"}),
    "parameters": (
        {"name", "label", "type", "page", "step"},
        {
            "default", "help", "unit", "zero", "choices", "minimum", "maximum", "above",
            "when", "constant", "term", "table",
        },
    ),
    "choices": ({"value", "label"}, {"help", "code", "sets"}),
    "rules": ({"when", "parameter", "message"}, {"error"}),
}  # fmt: skip
_KINDS: dict[str, type | tuple[type, ...]] = {
    "choices": list,
    "constant": bool,
    "error": bool,
    "steps": list,
    "order": int,
    "sets": dict,
    "minimum": (int, float),
    "maximum": (int, float),
    "above": (int, float),
}
_MOST_DOTS = 100
_MOST_TEMPLATES = 500_000  # bytes; compiling them takes some seconds
_EMPTY: dict[str, Any] = {"columns": [], "flag": False} | {format: {} for format in FORMATS}


def load_pack(folder: Path | str, common: Path | None = None) -> Pack:
    """Read and check a pack.

    Parameters
    ----------
    folder : Path or str
        Holds ``pack.toml``, the cell templates and, if there are any, ``examples.toml``.
    common : Path, optional
        Files that packs share; by default what `common_folder` gives.

    Returns
    -------
    Pack

    Raises
    ------
    PackError
        With file, line and field.
    """
    folder = Path(folder)
    try:
        return _Reader(folder, common if common is not None else common_folder(folder)).read()
    except OSError as error:
        raise PackError(f"the pack cannot be read ({error.strerror})", folder) from None


def common_folder(folder: Path) -> Path:
    """The files that a pack shares with others: in ``_common`` beside it, else the bundled ones.

    So a copy of all packs, of an earlier release say, is read with the cells of its own time.

    Raises
    ------
    PackError
        If it is a link that leads elsewhere.
    """
    beside = folder.resolve().parent / "_common"
    check_link(beside, beside.parent)
    return beside if beside.is_dir() else bundled_folder() / "_common"


def bundled_folder() -> Path:
    """Where the bundled packs are: inside the installed package, or beside it in a source tree."""
    package = Path(__file__).resolve().parents[1]
    inside = package / "cell_templates"
    return inside if inside.is_dir() else package.parent / "cell_templates"


class _Reader:
    def __init__(self, folder: Path, common: Path) -> None:
        self.folder, self.common = folder, common
        self.file = folder / "pack.toml"
        self.text = ""

    def read(self) -> Pack:
        self.text, tables = self._tables(self.file)
        unknown = sorted(set(tables) - {"pack", "pages", "parameters", "rules"})
        if unknown:
            raise self._error(
                f"unknown table {unknown[0]!r}; a pack has pack, pages, parameters and rules",
                unknown[0],
            )
        head = tables.get("pack")
        if not isinstance(head, dict):
            raise self._error("there is no [pack] table with title, summary and version", "pack")
        self._check_fields("pack", head, "pack")
        pages = tuple(
            Page(**{**row, "steps": tuple(row.get("steps", ()))})
            for row in self._rows(tables, "pages")
        )
        parameters = self._parameters(tables, {page.name for page in pages})
        rules = self._rules(tables, parameters)
        cells = self._cells()
        return Pack(
            name=self._pack_name(),
            **head,
            folder=self.folder,
            common=self.common,
            sha256=self._hash(),
            pages=pages,
            parameters=parameters,
            rules=rules,
            cells=cells,
            examples=self._examples(parameters),
        )

    def _pack_name(self) -> str:
        name = self.folder.resolve().name
        if not _NAME.match(name):
            raise PackError(
                "the folder's name is the pack's name, and must consist of small letters, "
                "digits and underscores",
                self.folder,
            )
        return name

    def _tables(self, file: Path) -> tuple[str, dict[str, Any]]:
        """A file's text, and what it says."""
        try:
            text = read_text(file, self.folder)
            for number, row in enumerate(text.splitlines(), start=1):
                # tomllib takes quadratic time for a key of many names with dots between them.
                if row.count(".") > _MOST_DOTS:
                    raise PackError(
                        f"there are more than {_MOST_DOTS} dots in one line", file, number
                    )
            return text, tomllib.loads(text)
        except FileNotFoundError:
            raise PackError(
                "there is no such file; a pack is a folder with a pack.toml", file
            ) from None
        except tomllib.TOMLDecodeError as error:
            found = re.search(r"\(at line (\d+)", str(error))
            line = int(found.group(1)) if found else None
            message = re.sub(r" \(at .*\)$", "", str(error))
            raise PackError(f"this is not TOML: {message}", file, line) from None
        except RecursionError:
            raise PackError("the file is nested too deeply", file) from None
        except ValueError:  # a whole number of more than 4,300 digits
            raise PackError("the file has a number in it that is too long", file) from None

    def _rows(self, tables: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
        rows = tables.get(name, [])
        if not isinstance(rows, list) or any(not isinstance(row, dict) for row in rows):
            raise self._error(f"write each as its own [[{name}]] table", name)
        seen: set[str] = set()
        for number, row in enumerate(rows):
            label = row.get("name") if isinstance(row.get("name"), str) else str(number + 1)
            self._check_fields(name, row, f"{name}.{label}", number)
            if name in ("pages", "parameters"):
                if not _NAME.match(row["name"]):
                    raise self._error(
                        f"the name {row['name']!r} must consist of small letters, digits and "
                        "underscores",
                        f"{name}.{number + 1}.name",
                        (name, number, "name"),
                    )
                if row["name"] in seen:
                    raise self._error(
                        f"the name {row['name']!r} is given twice",
                        f"{name}.{row['name']}.name",
                        (name, number, "name"),
                    )
                seen.add(row["name"])
        return rows

    def _check_fields(
        self, kind: str, row: dict[str, Any], field: str, number: int | None = None
    ) -> None:
        required, optional = _FIELDS[kind]
        for name in sorted(required - set(row)):
            raise self._error(f"{name!r} is missing", field, (kind, number, ""))
        for name, value in row.items():
            place = (kind, number, name)
            if name not in required | optional:
                allowed = ", ".join(sorted(required | optional))
                raise self._error(
                    f"unknown field {name!r}; allowed are {allowed}", f"{field}.{name}", place
                )
            if name == "default":
                continue
            expected: Any = _KINDS.get(name, str)
            if not isinstance(value, expected) or (
                isinstance(value, bool) and expected is not bool
            ):
                word = {list: "a list", bool: "true or false", dict: "a table", str: "a text"}
                word[int] = "a whole number"
                wanted = word[expected] if isinstance(expected, type) else "a number"
                raise self._error(f"{name} must be {wanted}", f"{field}.{name}", place)
            if name == "steps" and any(not isinstance(step, str) for step in list(value)):
                raise self._error("steps must be a list of texts", f"{field}.{name}", place)

    def _parameters(self, tables: Mapping[str, Any], pages: set[str]) -> dict[str, Parameter]:
        rows = self._rows(tables, "parameters")
        types = {row["name"]: row["type"] for row in rows}
        parameters = {
            row["name"]: self._parameter(row, number, types, pages)
            for number, row in enumerate(rows)
        }
        for number, parameter in enumerate(parameters.values()):
            for choice in parameter.choices:
                self._check_sets(parameter, choice, parameters, number)
        return parameters

    def _parameter(
        self, row: dict[str, Any], number: int, types: dict[str, str], pages: set[str]
    ) -> Parameter:
        def wrong(message: str, name: str) -> PackError:
            field = f"parameters.{row['name']}.{name}"
            return self._error(message, field, ("parameters", number, name))

        if row["type"] not in TYPES:
            raise wrong(
                f"the type {row['type']!r} is unknown; types are {', '.join(TYPES)}", "type"
            )
        if row["page"] not in pages:
            raise wrong(
                f"there is no page {row['page']!r}; pages are {', '.join(sorted(pages))}", "page"
            )
        choices = []
        for place, entry in enumerate(row.get("choices", [])):
            field = f"parameters.{row['name']}.choices.{place + 1}"
            if not isinstance(entry, dict):
                raise wrong("each choice is a table with value and label", "choices")
            self._check_fields("choices", entry, field, number)
            choices.append(Choice(**entry))
        if (row["type"] == "choice") != bool(choices) and row["type"] != "torchvision_model":
            raise wrong(
                "a parameter has choices if, and only if, its type is choice; those of a "
                "torchvision_model may be left out",
                "choices",
            )
        if len({choice.value for choice in choices}) < len(choices):
            raise wrong("two choices have the same value", "choices")
        if row.get("table") and row["table"] not in types:
            raise wrong(f"there is no parameter {row['table']!r}", "table")
        if row["type"] in BELONGS:
            wanted = BELONGS[row["type"]]
            if not row.get("table"):
                raise wrong(
                    f"the type {row['type']} needs 'table', the {wanted} that it belongs to",
                    "type",
                )
            if types[row["table"]] != wanted:
                raise wrong(
                    f"{row['table']!r} is of the type {types[row['table']]}; the type "
                    f"{row['type']} belongs to the type {wanted}",
                    "table",
                )
        try:
            when = Condition(row.get("when", ""))
        except ValueError as error:
            raise wrong(str(error), "when") from None
        self._check_names(when, set(types), wrong)
        needed = ("choice", "integer", "number", "folder", "torchvision_model")
        if "default" not in row and row["type"] in needed:
            raise wrong("a default is missing: Next must work with nothing changed", "default")
        default = row.get("default", _EMPTY.get(row["type"], ""))
        fields = {**row, "choices": tuple(choices), "when": when, "default": default}
        parameter = Parameter(**fields)
        try:
            checked = (
                parameter.check(default) if default != _EMPTY.get(row["type"], "") else default
            )
        except ValueError as error:
            raise wrong(f"the default is not allowed: {error}", "default") from None
        return Parameter(**{**fields, "default": checked})

    def _check_names(self, when: Condition, names: set[str], wrong: Any) -> None:
        for name in sorted(when.names - names):
            raise wrong(f"there is no parameter {name!r}", "when")

    def _check_sets(
        self, parameter: Parameter, choice: Choice, parameters: dict[str, Parameter], number: int
    ) -> None:
        for name, value in choice.sets.items():
            field = f"parameters.{parameter.name}.choices.{choice.value}.sets.{name}"
            if name not in parameters:
                raise self._error(
                    f"there is no parameter {name!r}", field, ("parameters", number, "choices")
                )
            try:
                parameters[name].check(value)
            except ValueError as error:
                raise self._error(str(error), field, ("parameters", number, "choices")) from None

    def _rules(
        self, tables: Mapping[str, Any], parameters: dict[str, Parameter]
    ) -> tuple[Rule, ...]:
        rules = []
        for number, row in enumerate(self._rows(tables, "rules")):

            def wrong(message: str, name: str, number: int = number) -> PackError:
                return self._error(message, f"rules.{number + 1}.{name}", ("rules", number, name))

            if row["parameter"] not in parameters:
                raise wrong(f"there is no parameter {row['parameter']!r}", "parameter")
            try:
                when = Condition(row["when"])
            except ValueError as error:
                raise wrong(str(error), "when") from None
            self._check_names(when, set(parameters), wrong)
            rules.append(Rule(when, row["parameter"], row["message"], row.get("error", False)))
        return tuple(rules)

    def _cells(self) -> tuple[CellTemplate, ...]:
        cells = []
        left = _MOST_TEMPLATES
        for file in sorted(self.folder.glob("[!_]*.jinja")):
            found = _CELL.match(file.name)
            if not found:
                raise PackError(
                    "a cell's file is named like 060_data_ingestion.py.jinja or 010_title.md.jinja",
                    file,
                )
            check_link(file, self.folder)
            left -= file.stat().st_size
            if left < 0:
                raise PackError(
                    f"the templates of all cells have more than {_MOST_TEMPLATES // 1000} kB", file
                )
            kind = "code" if found.group(3) == "py" else "markdown"
            name = file.name.removesuffix(f".{found.group(3)}.jinja")
            cells.append(CellTemplate(name, kind, found.group(2), file))
        if not any(cell.kind == "code" for cell in cells):
            raise PackError("the pack has no code cell such as 030_imports.py.jinja", self.folder)
        return tuple(cells)

    def _examples(self, parameters: dict[str, Parameter]) -> dict[str, dict[str, Any]]:
        file = self.folder / "examples.toml"
        if not file.is_file():
            return {}
        _, examples = self._tables(file)
        for name, values in examples.items():
            if not isinstance(values, dict):
                raise PackError("an example is a table of values", file, field=name)
            for key, value in values.items():
                field = f"{name}.{key}"
                if key not in parameters:
                    raise PackError(f"there is no parameter {key!r}", file, field=field)
                try:
                    values[key] = parameters[key].check(value)
                except ValueError as error:
                    raise PackError(str(error), file, field=field) from None
        return examples

    def _hash(self) -> str:
        digest = hashlib.sha256()
        left = MOST_BYTES
        for folder in (self.folder, self.common):
            for file in pack_files(folder):
                left -= file.stat().st_size
                if left < 0:
                    raise PackError(
                        f"the pack has more than {MOST_BYTES // 2**20} MB, which is too large", file
                    )
                digest.update(file.relative_to(folder).as_posix().encode() + b"\0")
                digest.update(hashlib.sha256(file.read_bytes()).digest())
        return digest.hexdigest()

    def _error(
        self, message: str, field: str, place: tuple[str, int | None, str] | None = None
    ) -> PackError:
        return PackError(message, self.file, self._line(place), field)

    def _line(self, place: tuple[str, int | None, str] | None) -> int | None:
        """Line of a field: tomllib forgets lines, so the table headers are counted again."""
        if place is None:
            return None
        kind, number, name = place
        kind = "parameters" if kind == "choices" else kind
        header = re.compile(r"\s*\[\[?\s*" + re.escape(kind) + r"\s*\]\]?\s*(#.*)?$")
        found, start = -1, None
        lines = self.text.splitlines()
        for index, line in enumerate(lines):
            if header.match(line):
                found += 1
                if found == (number or 0):
                    start = index
                    break
        if start is None:
            return None
        for index in range(start + 1, len(lines)):
            if re.match(r"\s*\[\[?\s*(pack|pages|parameters|rules)\s*\]", lines[index]):
                break
            if name and re.match(
                rf"\s*(?:{re.escape(name)}|\"{re.escape(name)}\")\s*=", lines[index]
            ):
                return index + 1
        return start + 1
