"""A run that goes back to another one says so in PROV's own words, under that run's own names."""

from __future__ import annotations

from typing import Any

from mlprov_widgets.graph import static_view
from mlprov_widgets.provenance.document import document_of
from mlprov_widgets.provenance.prov_json import to_prov_json
from mlprov_widgets.provenance.reading import from_prov_json
from mlprov_widgets.provenance.schema import dangling, problems
from tests.provenance.sample import sample

FIRST = "2f8d6b9e-4f7e-4a9c-9a63-0c5c44c5d1aa"
CHANGES = {"epochs": [20, 40], "optimizer": ["Adam", "SGD"]}


def full(container: dict[str, Any], name: str) -> str:
    prefix, _, local = name.partition(":")
    return container["prefix"][prefix] + local


def derivations(container: dict[str, Any]) -> set[tuple[str, str]]:
    return {
        tuple(full(container, one[f"prov:{end}"]) for end in ("generatedEntity", "usedEntity"))
        for one in container["wasDerivedFrom"].values()
    }


def test_the_experiment_was_derived_from_the_earlier_one() -> None:
    first, second = sample(), sample()
    first.run_id = FIRST
    before = to_prov_json(first)
    for group in ("original", "started_from"):
        setattr(second, group, {"run_id": FIRST, "name": "first.ipynb"})
        container = to_prov_json(second)
        assert problems(container) == []
        assert dangling(container) == []
        ends = (full(container, "run:experiment"), full(before, "run:experiment"))
        assert ends in derivations(container)
        assert from_prov_json(container) == second


def test_two_runs_in_one_document_meet_in_the_first_experiment() -> None:
    first, second = sample(), sample()
    first.run_id = FIRST
    second.started_from = {"run_id": FIRST, "name": "first.ipynb", "changes": CHANGES}
    both = document_of(to_prov_json(first))
    both.update(document_of(to_prov_json(second)))
    united = both.unified()
    name = f"urn:uuid:{FIRST}#experiment"
    (found,) = (one for one in united.get_records() if getattr(one.identifier, "uri", "") == name)
    kinds = {str(kind) for kind in found.get_asserted_types()}
    assert {"mlprov:Experiment", "mlprov:EarlierExperiment"} <= kinds


def test_a_run_does_not_come_from_itself() -> None:
    record = sample()
    record.original = {"run_id": record.run_id, "name": "it.ipynb"}
    container = to_prov_json(record)
    assert all(new != old for new, old in derivations(container))
    assert from_prov_json(container) == record


def test_the_starting_point_is_told_where_a_run_is_shown() -> None:
    record = sample()
    record.started_from = {"run_id": FIRST, "name": "first.ipynb", "changes": CHANGES}
    told = "first.ipynb with 2 changes: epochs 20 → 40, optimizer Adam → SGD"
    seen = static_view(record)
    assert ("started from", told) in seen.summary["facts"]
    assert f"started from {told}" in seen.to_text()
    assert "epochs 20 → 40" in seen.to_html()


def test_a_starting_point_of_odd_content_is_told_all_the_same() -> None:
    many = {f"p{number}": [0, number] for number in range(12)}
    for changes, told in (
        ({}, "first.ipynb without changes"),
        ({"epochs": [1, 2]}, "first.ipynb with 1 change: epochs 1 → 2"),
        (many, "first.ipynb with 12 changes: p0 0 → 0, p1 0 → 1, p2 0 → 2, and 9 more"),
        ({"epochs": 3}, "first.ipynb with 1 change"),
        (["<b>"], "first.ipynb without changes"),
    ):
        record = sample()
        record.started_from = {"run_id": FIRST, "name": "first.ipynb", "changes": changes}
        assert ("started from", told) in static_view(record).summary["facts"]
