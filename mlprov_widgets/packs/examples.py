"""The named value sets of a pack."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mlprov_widgets.errors import InvalidValueError, PackError
from mlprov_widgets.packs.parameters import Parameter
from mlprov_widgets.packs.rows import read_toml


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
    _, examples = read_toml(file, file.parent)
    for name, values in examples.items():
        if not isinstance(values, dict):
            raise PackError("example_not_a_table", file, field=name)
        for key, value in values.items():
            field = f"{name}.{key}"
            if key not in parameters:
                raise PackError("parameter_missing", file, field=field, called=key)
            try:
                values[key] = parameters[key].check(value)
            except InvalidValueError as error:
                raise PackError(error.code, file, None, field, **error.arguments) from None
    return examples
