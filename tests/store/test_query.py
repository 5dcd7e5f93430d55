"""Which runs, in which order, a page at a time."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from mlprov_widgets.errors import MlprovError
from mlprov_widgets.store import Query, RunStore
from tests.reproduction.made_runs import BEGAN
from tests.store.made import run_file


@pytest.fixture(scope="module")
def store(
    tmp_path_factory: pytest.TempPathFactory, new_index: Callable[[], str]
) -> Iterator[RunStore]:
    """Runs with and without results, with equal ones among them."""
    folder = tmp_path_factory.mktemp("store")
    chance = random.Random(7)
    for number in range(40):
        metrics = {"loss": chance.random()}
        if number % 3:
            metrics["accuracy"] = chance.choice([0.5, 0.75, 0.9])
        values = {
            "seed": number,
            "learning_rate": chance.choice([0.1, 0.01]),
            "optimizer": chance.choice(["Adam", "SGD"]),
            "remark": "plain" if number % 2 else number,
            "shuffle": number % 4 == 0,
        }
        status = "failed" if number % 5 == 0 else "finished"
        run_file(folder, f"r{number:02}", metrics, values, minutes=number % 7, status=status)
    made = RunStore(folder, index=new_index())
    made.refresh()
    yield made
    made.close()


def names(store: RunStore, query: Query) -> list[str]:
    return [row.facts.path[1:3] for row in store.runs(query)]


MIDDLE = (BEGAN + timedelta(minutes=3)).timestamp()
CONDITIONS = [
    ("status == 'failed'", lambda f: f.status == "failed"),
    ("accuracy > 0.6", lambda f: f.metrics.get("accuracy", 0) > 0.6),
    ("0.6 < accuracy", lambda f: f.metrics.get("accuracy", 0) > 0.6),
    ("not accuracy > 0.6", lambda f: not f.metrics.get("accuracy", 0) > 0.6),
    ("accuracy != 0.5", lambda f: f.metrics.get("accuracy") != 0.5),
    ("optimizer == 'Adam' and loss < 0.5",
     lambda f: f.parameters["optimizer"] == "Adam" and f.metrics["loss"] < 0.5),
    ("optimizer in ['Adam'] or learning_rate == 0.1",
     lambda f: f.parameters["optimizer"] == "Adam" or f.parameters["learning_rate"] == 0.1),
    ("optimizer not in ['Adam']", lambda f: f.parameters["optimizer"] != "Adam"),
    ("shuffle", lambda f: f.parameters["shuffle"] is True),
    ("not shuffle", lambda f: not f.parameters["shuffle"]),
    ("remark == 'plain'", lambda f: f.parameters["remark"] == "plain"),
    ("remark > 10", lambda f: f.parameters["remark"] != "plain" and f.parameters["remark"] > 10),
    ("seed >= 30 and seed < 35", lambda f: 30 <= f.parameters["seed"] < 35),
    ("title == 5 or duration in [9, 10] and seed > 20",
     lambda f: f.duration in (9, 10) and f.parameters["seed"] > 20),
    (f"started < '{BEGAN + timedelta(minutes=3)}'", lambda f: f.started < MIDDLE),
    (f"'{(BEGAN + timedelta(minutes=3)).isoformat()}' <= started", lambda f: f.started >= MIDDLE),
]  # fmt: skip


@pytest.mark.parametrize(("condition", "holds"), CONDITIONS, ids=[text for text, _ in CONDITIONS])
def test_conditions(store: RunStore, condition: str, holds) -> None:
    expected = {row.facts.path for row in store.runs() if holds(row.facts)}
    query = Query(where=condition)
    assert {row.facts.path for row in store.runs(query)} == expected
    assert store.count(query) == len(expected)
    assert 0 < len(expected) < 40


@pytest.mark.parametrize(
    ("condition", "why"),
    [
        ("acuracy > 0.5", "is 'accuracy' meant"),
        ("accuracy >", "is not a condition"),
        ("open('x')", "uses Call"),
        ("accuracy > loss", "is more than runs can be asked for"),
        ("0.1 < accuracy < 0.5", "is more than runs can be asked for"),
        ("accuracy + 1 > 2", "is more than runs can be asked for"),
        ("accuracy > 'high'", "accuracy is a number and is not compared with 'high'"),
        ("started > 'last week'", "a day or a moment such as"),
    ],
)
def test_what_cannot_be_asked_is_said(store: RunStore, condition: str, why: str) -> None:
    with pytest.raises(MlprovError, match=why):
        store.page(Query(where=condition))


@pytest.mark.parametrize("text", ["'; drop table runs; --", 'x" or 1=1', "%", "\x00"])
def test_no_text_becomes_sql(store: RunStore, text: str) -> None:
    assert store.count(Query(where=f"optimizer == {text!r}")) == 0
    assert store.count(Query(words=text)) in (0, 40)
    with pytest.raises(MlprovError):
        store.page(Query(sort=text))
    assert store.count() == 40


@pytest.mark.parametrize("descending", [True, False])
@pytest.mark.parametrize("sort", ["started", "status", "accuracy", "loss", "optimizer", "remark"])
@pytest.mark.parametrize("limit", [1, 7, 100])
def test_pages_are_one_sorted_list(
    store: RunStore, sort: str, descending: bool, limit: int
) -> None:
    query = Query(sort=sort, descending=descending)
    rows, after = [], None
    while True:
        page = store.page(query, limit, after)
        assert len(page.rows) <= limit
        rows += page.rows
        after = page.following
        if after is None:
            break
    assert len({row.id for row in rows}) == len(rows) == 40

    def value(row):
        facts = row.facts
        if sort in ("accuracy", "loss"):
            return facts.metrics.get(sort)
        found = facts.parameters.get(sort) if sort in facts.parameters else getattr(facts, sort)
        # Numbers come before texts.
        return (isinstance(found, str), found)

    values = [value(row) for row in rows]
    there = [one for one in values if one is not None]
    assert values == there + [None] * (len(values) - len(there))
    assert there == sorted(there, reverse=descending)


def test_words_are_found_wherever_they_stand(store: RunStore) -> None:
    assert len(names(store, Query(words="r07"))) == 1
    assert len(names(store, Query(words="A PERSON adam"))) == store.count(
        Query(where="optimizer == 'Adam'")
    )
    assert names(store, Query(words="adam nonsense")) == []


def test_a_name_that_no_run_has(store: RunStore) -> None:
    with pytest.raises(MlprovError, match="is 'optimizer' meant"):
        store.page(Query(sort="optimiser"))


@pytest.mark.parametrize("by", ["status", "optimizer", "remark", "shuffle", "verdict"])
def test_groups_hold_each_run_once(store: RunStore, by: str) -> None:
    groups = store.groups(by, Query(where="seed >= 3"), ["loss", "accuracy"])
    assert sum(one.runs for one in groups) == 37
    for group in groups:
        query = Query(where=f"seed >= 3 and {group.condition(by)}")
        found = [row.facts for row in store.runs(query)]
        assert len(found) == group.runs
        ended = [facts for facts in found if facts.status == "finished"]
        assert len(ended) == group.finished
        if ended:
            mean = sum(facts.metrics["loss"] for facts in ended) / len(ended)
            assert group.means["loss"] == pytest.approx(mean)


@pytest.mark.parametrize("by", ["accuracy", "duration", "run_id"])
def test_what_runs_cannot_be_put_together_by(store: RunStore, by: str) -> None:
    with pytest.raises(MlprovError, match="cannot be put together"):
        store.groups(by)
