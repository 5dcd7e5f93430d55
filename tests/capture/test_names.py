"""Names that cells read and bind."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from IPython.core.inputtransformer2 import TransformerManager

from mlprov_widgets.capture.cells.names import names_of
from mlprov_widgets.capture.cells.reach import reachable


@pytest.mark.parametrize(
    ("source", "reads", "binds"),
    [
        ("x = y", "y", "x"),
        ("x = 1\nprint(x)", "", "x"),
        ("print(x)\nx = 1", "x", "x"),
        ("x += 1", "x", "x"),
        ("x: int = y", "y", "x"),
        ("x.y = z", "x z", ""),
        ("x[i] = z", "i x z", ""),
        ("def f(a, b=c):\n    return a + d", "c d", "f"),
        ("def f():\n    return x\nx = 1", "", "f x"),
        ("def f():\n    global x\n    x = 1", "", "f x"),
        ("class A(B):\n    x = 1\n    y = x + z\n    def m(self):\n        return w", "B w z", "A"),
        ("[a for a in b if a > c]", "b c", ""),
        ("{k: v + d for k, v in e}", "d e", ""),
        ("f = lambda a: a + b", "b", "f"),
        ("if (n := len(a)) > 1:\n    print(n)", "a", "n"),
        ("for i in range(N):\n    s += i", "N s", "i s"),
        ("with open(p) as f:\n    t = f.read()", "p", "f t"),
        ("import a.b, c.d as e\nfrom f import g as h, i", "", "a e h i"),
        ("from f import *", "", ""),
        ("try:\n    a()\nexcept E as error:\n    print(error)", "E a", "error"),
        ("match v:\n    case {'a': k, **rest} | [k, *rest]:\n        pass", "v", "k rest"),
        ("await f(x)\nasync for a in b:\n    pass", "b f x", "a"),
        ("@decorate(a)\nasync def f():\n    await g()", "a decorate g", "f"),
        ("print(f'{name:>{width}}')", "name width", ""),
        ("del x", "x", ""),
        ("a, (b, *c) = d", "d", "a b c"),
        ("%matplotlib inline\nx = y", "y", "x"),
        ("%%time\nx = y", "y", "x"),
        ("%time x = f()\nprint(x)", "f", "x"),
        ("from __future__ import annotations\nx: Unknown = 1", "", "annotations x"),
        ("'Only words.'", "", ""),
        ("%%capture\n!ls\nx = y", "", ""),
        ("files = !ls {x}", "", "files"),
        ("!pip install y", "", ""),
        ("?x", "", ""),
        ("%%bash\necho $x", "", ""),
        ("x = (", "", ""),
        ("x = 1\0", "", ""),
        ("", "", ""),
    ],
)
def test_names(source: str, reads: str, binds: str) -> None:
    names = names_of(TransformerManager().transform_cell(source))
    assert " ".join(names.reads) == reads
    assert " ".join(names.binds) == binds


def test_uses_hold_also_what_the_cell_bound_itself() -> None:
    names = names_of("LIMIT = 3\nprint(LIMIT)")
    assert names.reads == ()
    assert "LIMIT" in names.uses


def test_a_timed_cell_reaches_what_it_would_without_the_clock() -> None:
    timed = TransformerManager().transform_cell("%%time\nfit(LIMIT)")
    assert {"fit", "LIMIT"} <= reachable(timed, {})


def test_what_is_only_defined_is_not_reached() -> None:
    source = "def f():\n    return a\ng = sorted(b, key=lambda one: c)"
    assert reachable(source, {}) == {"b", "c", "sorted"}
    assert names_of(source).later == {"a", "c"}


def test_deep_nesting_is_no_error() -> None:
    assert names_of("(" * 5000 + "x" + ")" * 5000).binds == ()
    assert names_of("x = " + "+".join("a" * 1 for _ in range(20_000))).binds in ((), ("x",))


@given(st.text())
def test_any_text_is_no_error(source: str) -> None:
    names_of(source)
