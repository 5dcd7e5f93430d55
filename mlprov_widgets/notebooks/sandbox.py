"""The sandbox of a pack's templates: what they can call, and how much they can do.

A pack may be a stranger's. Whatever can run more than once pays for what is in it, and what makes
a value larger says how large it will be, so that no template runs or grows without end.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any

from jinja2 import (
    BaseLoader,
    Environment,
    TemplateNotFound,
    TemplateRuntimeError,
    TemplateSyntaxError,
    Undefined,
    nodes,
    pass_context,
)
from jinja2.compiler import CodeGenerator
from jinja2.filters import make_attrgetter
from jinja2.loaders import split_template_path
from jinja2.runtime import BlockReference, Context, LoopContext, Macro
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.visitor import NodeTransformer

from mlprov_widgets._files import stamp_of
from mlprov_widgets.packs.files import read_text

LARGEST_TEMPLATE = 100_000  # bytes
# What one notebook may take; those of the bundled packs take 2,000 steps and 20,000 characters.
MOST_STEPS = 1_000_000
MOST_CHARACTERS = 20_000_000
MOST_SECONDS = 10
DEEPEST = 40
# What one value may be.
MOST_ITEMS = 100_000
MOST_BITS = 4_096

_Text = (str, bytes)
# Methods that only look at a text, list, dict or loop; those that pad, repeat or format a text
# could make one of any length.
_METHODS = {
    *("capitalize", "casefold", "lower", "swapcase", "title", "upper"),
    *("lstrip", "removeprefix", "removesuffix", "rstrip", "strip"),
    *("partition", "rpartition", "rsplit", "split", "splitlines"),
    *("count", "endswith", "find", "index", "replace", "rfind", "rindex", "startswith"),
    *("isalnum", "isalpha", "isascii", "isdecimal", "isdigit", "isidentifier", "islower"),
    *("isnumeric", "isprintable", "isspace", "istitle", "isupper"),
    *("get", "items", "keys", "values", "changed", "cycle"),
}


class Budget:
    """What is left of what one notebook may take."""

    __slots__ = ("_characters", "_depth", "_end", "_steps")

    def __init__(self) -> None:
        self._steps, self._characters, self._depth = MOST_STEPS, MOST_CHARACTERS, 0
        self._end = time.monotonic() + MOST_SECONDS

    def pay(self, steps: int) -> None:
        """Take so many steps."""
        self._steps -= steps
        if self._steps < 0:
            raise TemplateRuntimeError(
                f"it takes more than {MOST_STEPS:,} steps; take loops or includes out"
            )
        # Steps are of about the same size; this holds where one of them is not.
        if time.monotonic() > self._end:
            raise TemplateRuntimeError(f"it takes more than {MOST_SECONDS} seconds")

    def write(self, characters: int) -> None:
        """Make a text of so many characters."""
        self._characters -= characters
        if self._characters < 0:
            raise TemplateRuntimeError(f"it writes more than {MOST_CHARACTERS:,} characters")

    def enter(self) -> None:
        """Go into an included template or a macro."""
        self._depth += 1
        if self._depth > DEEPEST:
            raise TemplateRuntimeError(
                "it includes or calls itself without end, or goes through more than "
                f"{DEEPEST} includes and macros, one in the other"
            )

    def leave(self) -> None:
        """Come back from it."""
        self._depth -= 1


_budget: ContextVar[Budget] = ContextVar("budget")


@contextmanager
def limited() -> Iterator[None]:
    """Render templates within one budget."""
    token = _budget.set(Budget())
    try:
        yield
    finally:
        _budget.reset(token)


class Sandbox(ImmutableSandboxedEnvironment):
    """An environment in which templates can only compute values, and only so much of it."""

    intercepted_binops = frozenset(ImmutableSandboxedEnvironment.default_binop_table)

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        # Nothing but the loader's own folders can be reached, and nothing but values be computed.
        self.globals.clear()
        self.filters = {name: self.filters[name] for name in ("length", "sort", "first", "last")}
        self.filters["join"] = _join

    @staticmethod
    def concat(pieces: Iterable[str]) -> str:
        """Jinja's way to make one text of the pieces that a template or macro writes."""
        budget, taken = _budget.get(), []
        for piece in pieces:
            budget.write(len(piece))
            taken.append(piece)
        return "".join(taken)

    def call(__self, __context: Context, __obj: Any, *args: Any, **kwargs: Any) -> Any:
        if getattr(__obj, "__self__", None) is __self:
            return __obj(*args)  # Jinja adds the variables of loops and blocks by name
        if not __self.is_safe_callable(__obj):
            name = str(getattr(__obj, "__name__", type(__obj).__name__))
            raise TemplateRuntimeError(f"{name!r} cannot be called in a template")
        __self.made((args, kwargs))
        if getattr(__obj, "__name__", "") == "replace" and len(args) > 1:
            text, (old, new) = __obj.__self__, map(str, args[:2])
            __self._check_size(text, len(text) + text.count(old) * len(new))
        budget = _budget.get()
        budget.pay(1)
        budget.enter()
        try:
            return __self.made(super().call(__context, __obj, *args, **kwargs))
        finally:
            budget.leave()

    def is_safe_callable(self, obj: Any) -> bool:
        """Whether it is a macro, a block, or a method that only looks at a value."""
        if isinstance(obj, Macro | BlockReference | Undefined):
            return True
        owner, name = getattr(obj, "__self__", None), getattr(obj, "__name__", "")
        return isinstance(owner, str | list | tuple | dict | LoopContext) and name in _METHODS

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """The result of an operator, unless it would be too large."""
        if operator == "%" and isinstance(left, _Text):
            raise TemplateRuntimeError("text cannot be formatted with % in a template")
        if operator == "*":
            for several, times in ((left, right), (right, left)):
                if isinstance(several, (*_Text, list, tuple)) and isinstance(times, int):
                    self._check_size(several, len(several) * times)
        if (
            operator == "**"
            and isinstance(left, int)
            and isinstance(right, int)
            and left.bit_length() * abs(right) > MOST_BITS
        ):
            raise TemplateRuntimeError("the number is too large")
        return self.made(super().call_binop(context, operator, left, right))

    def _check_size(self, value: Any, size: int) -> None:
        most = MOST_CHARACTERS if isinstance(value, _Text) else MOST_ITEMS
        if size > most:
            raise TemplateRuntimeError(f"a value would have more than {most:,} characters or items")

    def made(self, value: Any) -> Any:
        """Give back a value that a template made; what is in it again and again counts again."""
        budget = _budget.get()
        if isinstance(value, _Text):
            budget.write(len(value))
            return value
        waiting, items, characters = [value], 0, 0
        while waiting:
            item = waiting.pop()
            items += 1
            if isinstance(item, _Text):
                characters += len(item)
            elif isinstance(item, list | tuple | set):
                items += len(item)
                waiting.extend(item)
            elif isinstance(item, dict):
                items += len(item)
                waiting.extend(item.keys())
                waiting.extend(item.values())
            elif isinstance(item, int) and item.bit_length() > MOST_BITS:
                raise TemplateRuntimeError("the number is too large")
            if items > 2 * MOST_ITEMS or characters > MOST_CHARACTERS:
                raise TemplateRuntimeError(
                    f"a value has more than {MOST_ITEMS:,} items or {MOST_CHARACTERS:,} characters"
                )
        budget.pay(items // 10)
        return value

    def each(self, items: Iterable[Any], weight: int) -> Iterator[Any]:
        """The items of a loop, each of which pays for its body."""
        budget = _budget.get()
        for item in items:
            budget.pay(weight)
            yield item

    def step(self, weight: int) -> None:
        """Pay for the body of a template, macro or block."""
        _budget.get().pay(weight)

    def enter(self) -> None:
        """Go into an included template."""
        _budget.get().enter()

    def leave(self) -> None:
        """Come back from it."""
        _budget.get().leave()

    def joined(self, *parts: Any) -> str:
        """What ``~`` makes of its parts."""
        return self.concat(map(str, parts))


@pass_context
def _join(context: Context, value: Any, d: str = "", attribute: str | int | None = None) -> str:
    """Jinja's filter of that name, which says first how long the text will be."""
    items = list(value)
    if attribute is not None:
        items = list(map(make_attrgetter(context.environment, attribute), items))
    texts, between = list(map(str, items)), str(d)
    budget = _budget.get()
    budget.pay(len(texts))
    budget.write(sum(map(len, texts)) + len(between) * len(texts))
    return between.join(texts)


def counted(text: str) -> str:
    """Give back a text that is written in place of a value."""
    budget = _budget.get()
    budget.pay(1)
    budget.write(len(text))
    return text


class _Paying(NodeTransformer):
    """A template in which everything that can run more than once pays for itself."""

    def _call(self, node: nodes.Node, name: str, *args: Any) -> nodes.Call:
        method = nodes.EnvironmentAttribute(name, lineno=node.lineno)
        return nodes.Call(method, list(args), [], None, None, lineno=node.lineno)

    def _statement(self, node: nodes.Node, name: str, *args: Any) -> nodes.ExprStmt:
        return nodes.ExprStmt(self._call(node, name, *args), lineno=node.lineno)

    def _body(self, node: Any) -> Any:
        weight = nodes.Const(_weight(node.body))
        self.generic_visit(node)
        node.body.insert(0, self._statement(node, "step", weight))
        return node

    visit_Template = visit_Macro = visit_CallBlock = visit_Block = _body

    def visit_For(self, node: nodes.For) -> nodes.For:
        if node.recursive:
            raise TemplateSyntaxError("a loop cannot call itself here", node.lineno)
        weight = nodes.Const(_weight(node.body))
        self.generic_visit(node)
        node.iter = self._call(node, "each", node.iter, weight)
        return node

    def _going_in(self, node: nodes.Stmt) -> list[nodes.Node]:
        self.generic_visit(node)
        return [self._statement(node, "enter"), node, self._statement(node, "leave")]

    visit_Include = visit_Import = visit_FromImport = _going_in

    def visit_Extends(self, node: nodes.Extends) -> list[nodes.Node]:
        # What it extends is rendered at its end, so nothing comes back from there.
        return [self._statement(node, "enter"), node]

    def visit_Concat(self, node: nodes.Concat) -> nodes.Call:
        self.generic_visit(node)
        return self._call(node, "joined", *node.nodes)

    def _collection(self, node: nodes.List | nodes.Tuple | nodes.Dict) -> nodes.Expr:
        self.generic_visit(node)
        parts = node.iter_child_nodes()
        # What is written out in the template is no larger than that.
        if getattr(node, "ctx", "load") != "load" or all(_is_constant(part) for part in parts):
            return node
        return self._call(node, "made", node)

    visit_List = visit_Tuple = visit_Dict = _collection


def _is_constant(node: nodes.Node) -> bool:
    if isinstance(node, nodes.Pair):
        return _is_constant(node.key) and _is_constant(node.value)
    return isinstance(node, nodes.Const)


def _weight(body: list[nodes.Node]) -> int:
    return 1 + sum(1 + sum(1 for _ in node.find_all(nodes.Node)) for node in body)


class _Compiler(CodeGenerator):
    def visit_Template(self, node: nodes.Template, frame: Any = None) -> None:
        super().visit_Template(_Paying().visit(node), frame)


Sandbox.code_generator_class = _Compiler


class Folder(BaseLoader):
    """Templates from one folder, whatever links there are in it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def get_source(self, environment: Environment, template: str) -> tuple[str, str, Any]:
        """Text, file, and whether that is still what is in it."""
        file = self._folder.joinpath(*split_template_path(template))
        try:
            stamp = stamp_of(file)
            text = read_text(file, self._folder, LARGEST_TEMPLATE)
        except (FileNotFoundError, ValueError):
            raise TemplateNotFound(template) from None
        return text, str(file), lambda: stamp_of(file) == stamp
