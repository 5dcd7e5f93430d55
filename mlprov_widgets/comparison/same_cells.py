"""Which cell of one notebook is which of another."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

# Row of a cell to its id, and to a hash of its source.
Known = dict[int, tuple[Any, str]]


def same_cells(new: Known, original: Known) -> tuple[dict[int, int], list[int]]:
    """Row of each cell to that of the same one in the original, and the rows that are left there.

    Cells are told by their ids, and else by their sources: ids of added cells may be made up, and
    not every front end keeps them.
    """
    by_id = {id: row for row, (id, _) in reversed(original.items())}
    pairs = {row: by_id.pop(id) for row, (id, _) in new.items() if id in by_id}
    found, by_source = {*pairs.values()}, defaultdict[str, list[int]](list)
    for row, (_, source) in reversed(original.items()):
        if row not in found:
            by_source[source].append(row)
    for row, (_, source) in new.items():
        if row not in pairs and by_source[source]:
            pairs[row] = by_source[source].pop()
    return dict(sorted(pairs.items())), sorted(original.keys() - pairs.values())
