"""Fingerprints: all of the content, and nothing but the content."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
import scipy.sparse
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from torch import nn

from mlprov_widgets.capture.objects.fingerprint import fingerprint, weights_fingerprint

FRAME = pd.DataFrame({"a": [1.5, np.nan], "b": ["x", None], "c": pd.Categorical(["u", "v"])})


@pytest.mark.parametrize(
    "make",
    [
        lambda: np.arange(12.0).reshape(3, 4),
        lambda: np.array(["2024-01-01", "NaT"], dtype="datetime64[D]"),
        lambda: np.array(["a", "äö"]),
        lambda: np.array([b"a", b"b"]),
        lambda: np.array([1 + 2j]),
        lambda: np.array(3),
        lambda: np.empty((0, 3)),
        lambda: np.array(["x", None, 3, float("nan")], dtype=object),
        lambda: torch.arange(6).reshape(2, 3),
        lambda: torch.tensor([1.5], dtype=torch.bfloat16, requires_grad=False),
        lambda: torch.tensor(2.0, requires_grad=True),
        lambda: torch.tensor([0.0, 2.0]).to_sparse(),
        lambda: FRAME.copy(),
        lambda: FRAME["b"].copy(),
        lambda: pd.Series([1, None], dtype="Int64"),
        lambda: pd.Series(pd.to_datetime(["2024-01-01", None])),
        lambda: pd.Index(["p", "q"]),
        lambda: scipy.sparse.csr_matrix(np.eye(3)),
        lambda: {"b": [1, 2.5, None], "a": ("x", True)},
        lambda: torch.utils.data.TensorDataset(torch.ones(3), torch.zeros(3)),
        lambda: torch.utils.data.Subset(torch.utils.data.TensorDataset(torch.ones(3)), [0, 2]),
    ],
)
def test_equal_content_has_equal_fingerprints(make: Callable[[], Any]) -> None:
    first, second = fingerprint(make()), fingerprint(make())
    assert first is not None
    assert first == second


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (np.zeros(3), np.zeros(3, dtype=np.float32)),
        (np.zeros((2, 3)), np.zeros((3, 2))),
        (np.zeros(3), np.array([0, 0, -0.0])),
        (np.array(["ab", "c"], dtype=object), np.array(["a", "bc"], dtype=object)),
        (np.array(["1"], dtype=object), np.array([1], dtype=object)),
        (np.array([None], dtype=object), np.array([""], dtype=object)),
        (FRAME, FRAME.rename(columns={"a": "z"})),
        (FRAME, FRAME[["b", "a", "c"]]),
        (FRAME, FRAME.iloc[::-1]),
        (torch.zeros(2), torch.zeros(2, dtype=torch.float64)),
        ([1, 2], [2, 1]),
        ([[1], [2]], [[1, 2]]),
        ([1], [True]),
        ({"a": 1}, {"a": 2}),
    ],
)
def test_different_content_has_different_fingerprints(one: Any, other: Any) -> None:
    assert fingerprint(one) != fingerprint(other)


def test_the_way_of_storing_does_not_count() -> None:
    array = np.arange(24.0).reshape(4, 6)
    assert fingerprint(np.asfortranarray(array)) == fingerprint(array)
    assert fingerprint(np.repeat(array, 2, axis=0)[::2]) == fingerprint(array)
    assert fingerprint(array.astype(">f8")) == fingerprint(array)
    assert fingerprint(torch.arange(6).reshape(2, 3).t().contiguous()) == fingerprint(
        torch.arange(6).reshape(2, 3).t()
    )
    assert fingerprint(FRAME.set_index(pd.Index([5, 7]))) == fingerprint(FRAME)


def test_padding_between_fields_does_not_count() -> None:
    kind = np.dtype({"names": ["a", "b"], "formats": ["u1", "f8"], "offsets": [0, 8]})
    one, other = np.zeros(4, dtype=kind), np.zeros(4, dtype=kind)
    other.view(np.uint8).reshape(4, -1)[:, 1:8] = 255
    assert fingerprint(one) == fingerprint(other)


def test_all_of_a_large_array_counts() -> None:
    array = np.zeros((3_000_000, 4), dtype=np.float32)[:, ::2]
    before = fingerprint(array)
    array[-1, -1] = 1
    assert fingerprint(array) != before


@given(arrays.arrays(st.sampled_from(["i4", "f4", "?", "U3"]), arrays.array_shapes(max_side=4)))
def test_a_copy_is_the_same(array: np.ndarray) -> None:
    assert fingerprint(array) == fingerprint(array.copy(order="F"))


@given(st.lists(st.text(st.characters(codec=None))), st.lists(st.text(st.characters(codec=None))))
def test_texts_never_run_together(one: list[str], other: list[str]) -> None:
    same = fingerprint(np.array([*one, None], dtype=object)) == fingerprint(
        np.array([*other, None], dtype=object)
    )
    assert same == (one == other)


def test_what_cannot_be_read_has_none() -> None:
    loop: list[Any] = []
    loop.append(loop)
    assert fingerprint(loop) is None
    assert fingerprint(open) is not None
    assert fingerprint(number for number in range(3)) is None
    assert fingerprint(torch.zeros(2, device="meta")) is None


def test_weights_are_those_of_the_state() -> None:
    torch.manual_seed(1)
    one = nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3))
    other = nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3))
    assert weights_fingerprint(one) != weights_fingerprint(other)
    other.load_state_dict(one.state_dict())
    assert weights_fingerprint(one) == weights_fingerprint(other)
    other[1].running_mean += 1
    assert weights_fingerprint(one) != weights_fingerprint(other)


@pytest.mark.parametrize("kind", [LogisticRegression, RandomForestClassifier])
def test_weights_of_an_estimator(kind: Any) -> None:
    X, y = np.random.default_rng(0).normal(size=(60, 3)), np.arange(60) % 2

    def fit(state: int, size: int = 60) -> str | None:
        model = kind(random_state=state)
        if hasattr(model, "n_estimators"):
            model.set_params(n_estimators=5)
        return weights_fingerprint(model.fit(X[:size], y[:size]))

    assert fit(0) is not None
    assert fit(0) == fit(0)
    assert fit(0) != fit(0, size=50)
