"""Rows of batches are hashed together or by themselves, and come to the same."""

from __future__ import annotations

import numpy
import pytest
import torch

from mlprov_widgets.capture.objects.rows import Batches, row_hashes


@pytest.mark.parametrize(
    ("rows", "columns", "size"),
    [(90, 4, 32), (210_000, 1, 2_000), (3_000, 50, 40), (64, 3_000, 16), (700, 1, 1)],
)
def test_however_large_the_batches_are(rows: int, columns: int, size: int) -> None:
    data = torch.randn(rows, columns, generator=torch.Generator().manual_seed(1))
    batches = Batches()
    for first in range(0, rows, size):
        batches.append(Batches.read(data[first : first + size]))
    halves = [row_hashes(data[: rows // 2]), row_hashes(data[rows // 2 :])]
    assert (batches.hashes() == numpy.concatenate(halves)).all()


def test_batches_of_several_widths_stay_in_order() -> None:
    parts = [torch.ones(3, 2), torch.zeros(2, 5), torch.ones(4, 2), torch.ones(2, 3, 4, 4)]
    batches = Batches()
    assert not batches
    for part in parts:
        batches.append(Batches.read(part))
    assert batches
    assert (batches.hashes() == numpy.concatenate([row_hashes(one) for one in parts])).all()


def test_what_changes_afterwards_is_told_as_it_was() -> None:
    data = torch.ones(4, 2)
    before, batches = row_hashes(data), Batches()
    batches.append(Batches.read(data))
    data.zero_()
    assert (batches.hashes() == before).all()


@pytest.mark.parametrize(
    "value",
    [torch.zeros(5, 3).to_sparse(), torch.zeros(5, 3, device="meta")],
    ids=["sparse", "meta"],
)
def test_what_has_no_rows_to_hash_is_left_alone(value: torch.Tensor) -> None:
    assert Batches.read(value) is None
