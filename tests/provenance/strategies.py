"""Records with anything in them that a run, a person or an odd file could put there."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

from hypothesis import strategies as st

from mlprov_widgets.record import Cell, Execution, Record, Step

ODD = [
    *("", " ", "x\n", "\r\n", "a\rb", "\ud83d\ude00", "\ud800", "😀", "\0", "\\ud83d"),
    *('"""', "\\", "prov:Entity", "_x0041_", "_x_", "step", "order", "]]>", "<b>", "%20"),
    *("'", "\ufffe", "trailing  ", "\u2028", "\x85", "a\\", 'a"', "{", "[1]", "null"),
    *("1.0", "@value", "true"),
]
# Every code point there is, lone surrogates and control characters among them.
TEXT = st.one_of(
    st.sampled_from(ODD),
    st.text(st.characters(codec=None, exclude_categories=()), max_size=12),
)
NAMES = st.one_of(TEXT, st.text("abc_xX0041.- ", max_size=8))
SCALARS = st.one_of(
    TEXT,
    st.booleans(),
    st.none(),
    st.integers(),
    st.sampled_from([2**31, -(2**31), -(2**31) - 1, 2**63, -(2**63), 10**300, 0]),
    # NaN is not equal to itself; it has a test of its own.
    st.floats(allow_nan=False),
    st.sampled_from([-0.0, 1e-320, 0.1 + 0.2, 1e22, float("inf")]),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.one_of(TEXT, st.sampled_from(["@value", "@type"])), inner, max_size=3)
    ),
    max_leaves=6,
)
FIELDS = st.dictionaries(NAMES, VALUES, max_size=3)
TEXTS = st.dictionaries(NAMES, TEXT, max_size=3)
ZONES = st.one_of(
    st.just(UTC),
    st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes))),
    st.just(timezone(timedelta(hours=1, seconds=17))),
)
TIMES = st.none() | st.datetimes(datetime(1900, 1, 2), datetime(2200, 1, 1), timezones=ZONES)
EXECUTIONS = st.builds(
    Execution,
    source=TEXT,
    count=st.none() | st.integers(0, 2**40),
    start=TIMES,
    end=TIMES,
    status=st.sampled_from(["ok", "error", "interrupted"]),
    error=TEXT,
    reads=st.lists(st.sampled_from(["a", "b", "größe", "model"]), max_size=3),
    binds=st.lists(st.sampled_from(["a", "b", "größe", "model"]), max_size=3),
)
STEPS = st.sampled_from(
    ["", "data_ingestion", "model_parameters", "model_training", "model_evaluation", "my own/step"]
)
CELLS = st.builds(
    Cell,
    id=TEXT,
    kind=st.sampled_from(["code", "markdown", "raw"]),
    step=STEPS | NAMES,
    generated=st.none() | TEXT,
    executions=st.lists(EXECUTIONS, max_size=2),
)
EARLIER = FIELDS | st.fixed_dictionaries(
    {"run_id": st.just("2f8d6b9e-4f7e-4a9c-9a63-0c5c44c5d1aa") | TEXT, "name": TEXT},
    optional={"changes": st.dictionaries(NAMES, st.lists(SCALARS, min_size=2, max_size=2))},
)
RECORDS = st.builds(
    Record,
    run_id=st.uuids().map(str) | TEXT,
    status=st.sampled_from(["finished", "failed", "interrupted", "unfinished"]),
    start=TIMES,
    end=TIMES,
    agent=TEXTS | st.fixed_dictionaries({"name": TEXT, "orcid": st.just("0000-0002-1825-0097")}),
    software=TEXT,
    pack=TEXTS,
    values=FIELDS,
    parameters=st.lists(TEXTS, max_size=2),
    experiment_info=FIELDS | st.fixed_dictionaries({"title": TEXT, "creation_date": TEXT}),
    hardware_info=FIELDS,
    packages=TEXTS,
    notebook=FIELDS | st.fixed_dictionaries({"name": TEXT, "prov:type": TEXT}),
    environment=FIELDS,
    git=FIELDS,
    functions=st.dictionaries(
        st.sampled_from(["experiment_info.creation_date", "notebook.name", "packages.a"]) | NAMES,
        st.sampled_from(["datetime.datetime.now", "f"]) | NAMES,
        max_size=3,
    ),
    steps=st.dictionaries(
        STEPS | NAMES,
        st.builds(
            Step,
            start=TIMES,
            end=TIMES,
            values=FIELDS | st.fixed_dictionaries({"evaluation_metrics": FIELDS}),
        ),
        max_size=3,
    ),
    fingerprints=TEXTS | st.fixed_dictionaries({"data": TEXT, "weights": TEXT}),
    cells=st.lists(CELLS, max_size=4),
    original=EARLIER,
    started_from=EARLIER,
)
