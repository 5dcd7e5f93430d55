"""The named value sets of a pack."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mlprov_widgets.errors import InvalidValueError, PackError
from mlprov_widgets.packs.parameters import Parameter
from mlprov_widgets.packs.rows import header_of, key_of, read_toml


def read_examples(file: Path, parameters: Mapping[str, Parameter]) -> dict[str, dict[str, Any]]:
    """Named value sets, checked; none where there is no such file.

    Parameters
    ----------
    file : Path
        The ``examples.toml`` of a pack.
    parameters : mapping of str to Parameter
        Of the pack.

    Raises
    ------
    PackError
        With file and field.
    """
    if not file.is_file():
        return {}
    text, examples = read_toml(file, file.parent)
    for name, values in examples.items():
        if not isinstance(values, dict):
            raise PackError("example_not_a_table", file, line_in_example(text, "", name), name)
        for key, value in values.items():
            field = f"{name}.{key}"
            if key not in parameters:
                line = line_in_example(text, name, key)
                near = difflib.get_close_matches(key, parameters, 1)
                raise PackError("parameter_missing", file, line, field, called=key, near=near)
            try:
                values[key] = parameters[key].check(value)
            except InvalidValueError as error:
                line = line_in_example(text, name, key)
                raise PackError(error.code, file, line, field, **error.arguments) from None
    return examples


def line_in_example(text: str, name: str, key: str = "") -> int | None:
    """The line of a value of an example; without a key, or where it has no line, its first one.

    Parameters
    ----------
    text : str
        Of the whole file.
    name : str
        Of the example; empty for what stands before the first one.
    key : str
        Of the value.
    """
    lines = text.splitlines()
    headers = {at: header_of(line) for at, line in enumerate(lines, 1) if header_of(line)}
    start = next((at for at, names in headers.items() if names == [name]), None if name else 0)
    if start is None:
        return None
    end = min((at for at in headers if at > start), default=len(lines) + 1)
    rows = (at for at in range(start + 1, end) if key and key_of(lines[at - 1]) == key)
    return next(rows, start or None)
