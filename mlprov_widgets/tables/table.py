"""A table that was looked at: what it holds, and what of it can be learned from."""

from __future__ import annotations

import copy
import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlprov_widgets.errors import TableError
from mlprov_widgets.messages import Note
from mlprov_widgets.tables.columns import Column, with_role
from mlprov_widgets.tables.reading import read_frame, read_raw
from mlprov_widgets.tables.roles import Role
from mlprov_widgets.tables.targets import (
    check_features,
    check_target,
    check_target_alone,
    copies_of_number,
    guess_target,
)

if TYPE_CHECKING:
    import pandas as pd


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
        How it is read: ``sep, encoding, quotechar, escapechar, decimal, thousands, skiprows,
        skipinitialspace, header, names, na_values, keep_default_na`` as in `pandas.read_csv`
        (``names`` only where the header is absent or cannot be used as it is; ``na_values`` may be
        a dictionary by column), ``text`` and ``floats`` (columns to be read as text and as
        float64), ``numeric`` (columns of text that become numbers without the blanks around them),
        ``amounts`` (columns of text to how their numbers are written), ``ignore`` (no features by
        default).
    notes : list of Note
        What a person should know about it, whatever the target is.
    preview : list of list of str
        The cells of the first rows, as they are in the file.
    sha256 : str
        Of the file, as hexadecimal digits.
    doubtful_words : dict of str to list of str
        Columns of text to the words in them, such as NA, that may mean that there is no value.
    """

    path: Path
    rows: int
    columns: list[Column]
    format: dict[str, Any]
    notes: list[Note]
    preview: list[list[str]]
    sha256: str
    doubtful_words: dict[str, list[str]]
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

    def guess_target(self, roles: Sequence[str] = ("class",)) -> str:
        """The column that is most likely to be predicted; one that can be, if there is any.

        Parameters
        ----------
        roles : sequence of str
            What it may be: ``class``, ``number`` or both.
        """
        return guess_target(self, roles)

    def target_role(self, target: str, roles: Sequence[str] = ("class",)) -> Role:
        """What a target is, of the roles that it may have: ``class`` or ``number``."""
        if "class" not in roles or ("number" in roles and self.column(target).role == "number"):
            return "number"
        return "class"

    def with_roles(self, roles: Mapping[str, str]) -> Table:
        """The table with some of its columns for what a person says that they are for.

        Parameters
        ----------
        roles : mapping of str to str
            Column to one of `ROLES`.

        Raises
        ------
        TableError
            If there is no such column, or it cannot be that.
        """
        if not roles:
            return self
        changed = {
            name: with_role(self.column(name), role, self.is_number(name))
            for name, role in roles.items()
        }
        format = copy.deepcopy(self.format)
        # What is a class is read as text, so that it is encoded one-hot.
        words = [n for n, one in changed.items() if one.role == "class" and self.is_number(n)]
        format["text"] += words
        for key in ("floats", "numeric"):
            format[key] = [name for name in format[key] if name not in words]
        format["amounts"] = {n: one for n, one in format["amounts"].items() if n not in words}
        columns = [changed.get(one.name, one) for one in self.columns]
        return replace(self, columns=columns, format=format, _labels={})

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

    def ignored(
        self, target: str = "", roles: Sequence[str] = ("class",), others: Sequence[str] = ()
    ) -> list[str]:
        """The columns that are no features by default, in the order of the file.

        They are empty or constant, dates, identifiers, texts with too many values or numbers in
        them, what rows are grouped by, copies of the target, and `others`, which have another use.
        Parameters as of `check_target`.
        """
        if self._chosen_ignore is not None:
            left_out = {*self._chosen_ignore, *others}
        else:
            copies = self.copies(target, self.target_role(target, roles)) if target else []
            unusable = (column.name for column in self.columns if not column.usable)
            left_out = {*unusable, *copies, *others}
        return [name for name in self.names if name in left_out and name != target]

    def features(
        self, target: str = "", roles: Sequence[str] = ("class",), others: Sequence[str] = ()
    ) -> list[str]:
        """The columns that are features by default, in the order of the file.

        Parameters as of `check_target`.
        """
        left_out = {target, *self.ignored(target, roles, others)}
        return [name for name in self.names if name not in left_out]

    def format_for(
        self, target: str = "", roles: Sequence[str] = ("class",), others: Sequence[str] = ()
    ) -> dict[str, Any]:
        """`format` for one target: ``ignore`` is complete, and no list of types names classes.

        Parameters as of `check_target`.
        """
        format = copy.deepcopy(self.format)
        if target and self.target_role(target, roles) == "class":
            for key in ("text", "floats", "numeric"):
                format[key] = [name for name in format[key] if name != target]
            format["amounts"].pop(target, None)
        format["ignore"] = self.ignored(target, roles, others)
        return format

    def copies(self, target: str, role: Role = "class") -> list[str]:
        """Columns that tell the target one to one, perhaps in other words or as numbers.

        Parameters
        ----------
        target : str
        role : str
            ``class`` or ``number``; of a number, those are copies that are proportional to it.
        """
        return copies_of_number(self, target) if role == "number" else self._copies(target)

    def _copies(self, target: str) -> list[str]:
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

    def values(self, name: str) -> pd.Series:
        """The values of a column that are there, as the notebook reads them."""
        return self._frame[self.column(name).name].dropna()

    def is_number(self, name: str) -> bool:
        """Whether the notebook reads a column as numbers."""
        from pandas.api.types import is_numeric_dtype

        return name not in self.format["text"] and is_numeric_dtype(self._frame[name].dtype)

    def spellings_of_missing(self, target: str) -> list[str]:
        """How missing labels are written, where that could be the name of a class."""
        raw = read_raw(self._data, self.format, [self.names.index(target)])[target]
        gone = raw.reindex(self._frame.index.difference(self.labels(target).index))
        return sorted({text.strip() for text in gone if text.strip()})

    def check_target(
        self,
        target: str,
        features: Sequence[str] | None = None,
        roles: Sequence[str] = ("class",),
        others: Sequence[str] = (),
    ) -> list[Note]:
        """Check that a column can be predicted from others.

        Parameters
        ----------
        target : str
            The column with the labels or numbers.
        features : sequence of str, optional
            The columns to learn from; by default, and if empty, those of `features`.
        roles : sequence of str
            What it may be: ``class``, ``number`` or both.
        others : sequence of str
            Columns with another use, such as one that groups rows: no features.

        Returns
        -------
        list of Note
            What a person should know, beside `notes`.

        Raises
        ------
        TableError
            If it cannot: with the reason and what can be done.
        """
        return check_target(self, target, features, roles, others)

    def check_target_alone(self, target: str, roles: Sequence[str] = ("class",)) -> list[Note]:
        """Check that a column can be predicted, whatever it is predicted from.

        Parameters, result and errors as of `check_target`.
        """
        return check_target_alone(self, target, roles)[0]

    def check_features(
        self, features: Sequence[str] = (), others: Sequence[str] = ()
    ) -> list[Note]:
        """Check columns to learn from where nothing is predicted.

        Parameters
        ----------
        features : sequence of str
            By default, and if empty, those of `features`.
        others : sequence of str
            Columns with another use.

        Returns
        -------
        list of Note
            What a person should know, beside `notes`.

        Raises
        ------
        TableError
            If there is nothing to learn from.
        """
        return check_features(self, features, others)
