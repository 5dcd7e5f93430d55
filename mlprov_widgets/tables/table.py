"""A table that was looked at: what it holds, and whether a column can be the target."""

from __future__ import annotations

import copy
import difflib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlprov_widgets.errors import TableError
from mlprov_widgets.messages import Note
from mlprov_widgets.tables.columns import MOST_CATEGORIES, Column, reasons
from mlprov_widgets.tables.layout import FEWEST_ROWS
from mlprov_widgets.tables.reading import read_frame, read_raw
from mlprov_widgets.tables.values import is_any_number, is_point_number

if TYPE_CHECKING:
    import pandas as pd

_TARGET_NAMES = re.compile(
    r"(label|labels|target|targets|class|classes|y|species|category|outcome|diagnosis|klasse|classe"
    r"|label_?encoded|class_?label|target_?class|class_?name)(\.\d+)?",
    re.IGNORECASE,
)
_MOST_ONE_HOT = 5_000


@dataclass
class Table:
    """A table of text and what is known about it. Treat it as read-only: it is shared.

    Parameters
    ----------
    path : Path
        The file.
    rows : int
        How many rows it has that are not wholly empty.
    columns : list of Column
        In the order of the file.
    format : dict
        How it is read: ``sep, encoding, decimal, skiprows, skipinitialspace, header, names,
        na_values`` as in `pandas.read_csv` (``names`` only where the header is absent or cannot be
        used as it is; ``na_values`` may be a dictionary by column), ``text`` and ``floats``
        (columns to be read as text and as float64), ``numeric`` (columns of text that become
        numbers without the blanks around them), ``ignore`` (no features by default).
    notes : list of Note
        What a person should know about it, whatever the target is.
    preview : list of list of str
        The cells of the first rows, as they are in the file.
    sha256 : str
        Of the file, as hexadecimal digits.
    """

    path: Path
    rows: int
    columns: list[Column]
    format: dict[str, Any]
    notes: list[Note]
    preview: list[list[str]]
    sha256: str
    _frame: pd.DataFrame = field(repr=False, compare=False)
    _data: bytes = field(repr=False, compare=False)
    _chosen_ignore: list[str] | None = field(default=None, repr=False, compare=False)
    _labels: dict[str, pd.Series] = field(default_factory=dict, repr=False, compare=False)

    @property
    def names(self) -> list[str]:
        """The names of the columns."""
        return [column.name for column in self.columns]

    @cached_property
    def _by_name(self) -> dict[str, Column]:
        # Thousands of columns are asked for by name, one after another.
        return {column.name: column for column in self.columns}

    def column(self, name: str) -> Column:
        """The column of a name.

        Raises
        ------
        TableError
            If there is none; the message names one that is similar.
        """
        if name in self._by_name:
            return self._by_name[name]
        similar = difflib.get_close_matches(name, self.names, 1)
        raise TableError("table_column_missing", file=self.path.name, column=name, near=similar)

    def guess_target(self) -> str:
        """The column that most likely holds the labels; it may still be one that cannot."""
        named = [column for column in self.columns if _TARGET_NAMES.fullmatch(column.name)]
        suited = [column for column in named if self._is_suited(column)]
        if suited or named:
            return (suited or named)[-1].name
        for column in (self.columns[-1], self.columns[0]):
            if self._is_suited(column):
                return column.name
        words = [
            column
            for column in self.columns
            if column.kind in ("text", "boolean") and self._is_suited(column)
        ]
        return min(words, key=lambda column: column.distinct, default=self.columns[-1]).name

    def _is_suited(self, column: Column) -> bool:
        return (
            column.kind in ("text", "boolean", "integer")
            and 2 <= column.distinct <= min(MOST_CATEGORIES, self.rows // 2)
            and column.missing < self.rows // 2
        )

    def labels(self, target: str) -> pd.Series:
        """The labels as the notebook has them: text without blanks around it, missing ones out."""
        if target not in self._labels:
            position = self.names.index(self.column(target).name)
            frame = read_frame(self._data, self.format, target, usecols=[position])
            labels = frame[target].reindex(self._frame.index).dropna().astype(str).str.strip()
            self._labels[target] = labels
        return self._labels[target]

    def classes(self, target: str) -> list[tuple[str, int]]:
        """Each label of a column and in how many rows it occurs, in the order of the labels."""
        counts = self.labels(target).value_counts()
        return sorted((str(label), int(count)) for label, count in counts.items())

    def ignored(self, target: str) -> list[str]:
        """The columns that are no features by default, in the order of the file.

        They are empty or constant, dates, identifiers, texts with too many values or numbers in
        them, and copies of the target.
        """
        if self._chosen_ignore is not None:
            return [name for name in self._chosen_ignore if name != target]
        copies = set(self.copies(target))
        return [
            column.name
            for column in self.columns
            if column.name != target and (not column.usable or column.name in copies)
        ]

    def features(self, target: str) -> list[str]:
        """The columns that are features by default, in the order of the file."""
        left_out = {target, *self.ignored(target)}
        return [name for name in self.names if name not in left_out]

    def format_for(self, target: str) -> dict[str, Any]:
        """`format` for one target: ``ignore`` is complete and no column list names the target."""
        format = copy.deepcopy(self.format)
        for key in ("text", "floats", "numeric"):
            format[key] = [name for name in format[key] if name != target]
        format["ignore"] = self.ignored(target)
        return format

    def copies(self, target: str) -> list[str]:
        """Columns that tell the label one to one, perhaps in other words or as numbers."""
        labels = self.labels(target)
        classes = labels.nunique()
        found = []
        for column in self.columns:
            if column.name == target or column.distinct != classes or classes < 2:
                continue
            values = self._frame[column.name].reindex(labels.index)
            pairs = values.notna()
            if pairs.sum() < 0.9 * len(labels):
                continue
            both = labels[pairs].to_frame("label").assign(value=values[pairs])
            if len(both.drop_duplicates()) == classes:
                found.append(column.name)
        return found

    def check_target(self, target: str, features: Sequence[str] | None = None) -> list[Note]:
        """Check that a column can be the target of a classification.

        Parameters
        ----------
        target : str
            The column with the labels.
        features : sequence of str, optional
            The columns to learn from; by default, and if empty, those of `features`.

        Returns
        -------
        list of Note
            What a person should know, beside `notes`.

        Raises
        ------
        TableError
            If it cannot: with the reason and what can be done.
        """
        column = self.column(target)
        counts = self.classes(target)
        labelled = sum(count for _, count in counts)
        self._refuse_labels(column, counts, labelled)
        notes = list(self._label_notes(column.name, counts, labelled))
        chosen = list(features) if features else self.features(target)
        if target in chosen:
            raise TableError("target_among_features", column=target)
        columns = [self.column(name) for name in chosen]
        if not any(feature.distinct for feature in columns):
            others = [other for other in self.columns[:6] if other.name != target]
            raise TableError(
                "table_without_features", file=self.path.name, reasons=reasons(others, 6)
            )
        return [*notes, *self._feature_notes(target, columns, labelled, bool(features))]

    def _refuse_labels(self, column: Column, counts: list[tuple[str, int]], labelled: int) -> None:
        given: dict[str, object] = {
            "column": column.name,
            "classes": len(counts),
            "rows": labelled,
            "fewest": FEWEST_ROWS,
        }
        if not counts:
            raise TableError("target_empty", **given)
        if len(counts) == 1:
            raise TableError("target_of_one_class", label=counts[0][0], **given)
        if labelled < FEWEST_ROWS:
            raise TableError("target_too_few_labels", **given)
        if max(count for _, count in counts) == 1:
            raise TableError("target_all_different", **given)
        numbers, whole = _are_numbers(counts)
        if numbers and len(counts) > (max(100, labelled // 50) if whole else 20):
            raise TableError("target_is_quantity", **given)
        if len(counts) > labelled / 2:
            raise TableError("target_too_many_classes", **given)

    def _label_notes(
        self, target: str, counts: list[tuple[str, int]], labelled: int
    ) -> Iterator[Note]:
        if labelled < self.rows:
            yield Note(
                "labels_missing",
                missing=self.rows - labelled,
                rows=self.rows,
                column=target,
                spellings=self._missing_labels(target),
            )
        if rare := [label for label, count in counts if count == 1]:
            yield Note("classes_of_one_row", count=len(rare), classes=rare)
        if scarce := [label for label, count in counts if count == 2]:
            yield Note("classes_of_two_rows", classes=scarce)
        yield from _look_alike_labels(counts, target)
        numbers, whole = _are_numbers(counts)
        if numbers and not whole:
            yield Note("labels_are_numbers", column=target, example=counts[0][0])
        elif len(counts) > MOST_CATEGORIES:
            yield Note("classes_many", column=target, classes=len(counts))

    def _missing_labels(self, target: str) -> list[str]:
        """How missing labels are written, where that could be the name of a class."""
        raw = read_raw(self._data, self.format, [self.names.index(target)])[target]
        gone = raw.reindex(self._frame.index.difference(self.labels(target).index))
        return sorted({text.strip() for text in gone if text.strip()})

    def _feature_notes(
        self, target: str, features: list[Column], labelled: int, chosen: bool
    ) -> Iterator[Note]:
        copies = self.copies(target)
        names = {column.name for column in features}
        if used := [name for name in copies if name in names]:
            yield Note("features_tell_label", columns=used)
        unused = [name for name in copies if name not in names]
        if unused and not chosen:
            yield Note("features_tell_label_left_out", columns=unused)
        yield from self._encoding_notes(features)
        known = {target, *names, *copies}
        doubtful = [c for c in features if not c.usable and c.name not in copies]
        left = [
            column
            for column in self.columns
            if column.kind not in ("empty", "date", "mixed")
            and not column.usable
            and column.name not in known
        ]
        if chosen and doubtful:
            yield Note("features_doubtful", reasons=reasons(doubtful[:6], 6))
        elif left and not chosen:
            yield Note("features_left_out", reasons=reasons(left, 6))
        if len(features) > labelled:
            yield Note("features_many", features=len(features), rows=labelled)

    def _encoding_notes(self, features: list[Column]) -> Iterator[Note]:
        words = [
            column
            for column in features
            if column.kind not in ("number", "integer", "empty")
            and not self._is_number(column.name)
        ]
        named = [column.name for column in words]
        width = sum(column.distinct for column in words)
        if width > _MOST_ONE_HOT:
            raise TableError("one_hot_too_wide", columns=named, width=width)
        if words:
            yield Note("features_one_hot", columns=named)
        if codes := [one.name for one in features if one.reason == "column_zeros_in_front"]:
            yield Note("features_are_codes", columns=codes)

    def _is_number(self, name: str) -> bool:
        from pandas.api.types import is_numeric_dtype

        return bool(is_numeric_dtype(self._frame[name].dtype))


def _are_numbers(counts: list[tuple[str, int]]) -> tuple[bool, bool]:
    """Whether all labels are numbers, and whether all of these are whole."""
    numbers = all(is_any_number(label) for label, _ in counts)
    return numbers, numbers and all(re.fullmatch(r"[+-]?\d+", label) for label, _ in counts)


def _look_alike_labels(counts: list[tuple[str, int]], name: str) -> Iterator[Note]:
    """Labels that are different texts but may be meant to be the same."""
    by_number: dict[float, list[str]] = {}
    by_letters: dict[str, list[str]] = {}
    for label, _ in counts:
        if is_point_number(label):
            by_number.setdefault(float(label), []).append(label)
        else:
            by_letters.setdefault(" ".join(label.casefold().split()), []).append(label)
    if equal := [label for labels in by_number.values() if len(labels) > 1 for label in labels]:
        yield Note("labels_equal_as_numbers", labels=equal, column=name)
    if alike := [label for labels in by_letters.values() if len(labels) > 1 for label in labels]:
        yield Note("labels_look_alike", labels=alike, column=name)
