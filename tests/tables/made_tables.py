"""Small awkward tables made for a test, and what the generated notebook does with a table."""

from __future__ import annotations

from typing import Any

from mlprov_widgets.tables import Table, read_csv_options
from mlprov_widgets.tables.amounts import Style, to_amounts

CLASSES = ("alpha", "beta", "gamma")


def rows(count: int = 30) -> list[list[str]]:
    """Two features that are numbers and a label with three classes."""
    return [
        [f"{1.234 + 0.517 * n:.3f}", f"{9.871 - 0.313 * n:.3f}", CLASSES[n % 3]]
        for n in range(count)
    ]


def lines(header: str | None = "f1,f2,label", count: int = 30, sep: str = ",") -> list[str]:
    """The lines of such a table."""
    body = [sep.join(row) for row in rows(count)]
    return body if header is None else [header, *body]


COLOURS = ("red", "green", "blue")


def numbered(header: str, row: str, count: int = 60) -> list[str]:
    """A table of rows in which ``{n}``, ``{x}`` and ``{label}`` are filled in."""
    body = [
        row.format(n=n, x=f"{n * 37 % 101}.{n % 9}", label=COLOURS[n % 3]) for n in range(count)
    ]
    return [header, *body]


def all_notes(table: Table, target: str | None = None) -> str:
    """Everything the inspection says about a table, in one text."""
    return "\n".join(table.notes + table.check_target(target or table.guess_target()))


def run_recipe(table: Table, target: str, features: list[str] | None = None) -> tuple[Any, Any]:
    """Read the file as the notebook does and prepare it with scikit-learn: (matrix, labels)."""
    import numpy as np
    import pandas as pd
    from sklearn.compose import make_column_transformer
    from sklearn.impute import SimpleImputer
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    format = table.format_for(target)
    frame = pd.read_csv(table.path, **read_csv_options(format, target))
    frame = frame.dropna(how="all")
    frame = frame.dropna(subset=[target])
    for name in format["numeric"]:
        frame[name] = pd.to_numeric(frame[name].str.strip())
    for name, style in format["amounts"].items():
        frame[name] = to_amounts(frame[name], Style(**style))
    labels = frame[target].str.strip()
    chosen = frame[features] if features else frame.drop(columns=[target, *format["ignore"]])
    numbers = list(chosen.select_dtypes("number").columns)
    words = [name for name in chosen.columns if name not in numbers]
    prepare = make_column_transformer(
        (make_pipeline(SimpleImputer(keep_empty_features=True), StandardScaler()), numbers),
        (
            make_pipeline(
                SimpleImputer(strategy="most_frequent", keep_empty_features=True),
                OneHotEncoder(handle_unknown="ignore", sparse_output=False),
            ),
            words,
        ),
    )
    half = len(chosen) // 2
    prepare.fit(chosen.iloc[:half].astype(dict.fromkeys(numbers, "float64")))
    matrix = prepare.transform(chosen.astype(dict.fromkeys(numbers, "float64")))
    return np.asarray(matrix, dtype="float64"), labels
