"""What led to an element and what came of it, as sets to mark and as sentences to read."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, islice

from mlprov_widgets.graph.document.model import Model, Node, collected
from mlprov_widgets.graph.document.relations import relation_label
from mlprov_widgets.graph.document.values import first, first_text, types
from mlprov_widgets.graph.document.ways import DOWN, UP
from mlprov_widgets.graph.reasons.answers import determined, function_of, value_of
from mlprov_widgets.graph.reasons.executions import Executions, executions_in
from mlprov_widgets.graph.reasons.influence import ancestors, causes
from mlprov_widgets.graph.wire import Reason
from mlprov_widgets.wording import format_list, one_line

MAX_STEPS = 12
_MAX_NAMES = 6
_MAX_SENTENCE = 240
# Of one element; a sentence names only the first few anyway.
_MAX_CAUSES = 300


def why(model: Model, id: str) -> list[Reason]:
    """Say why an element is as it is, the nearest reason first.

    Parameters
    ----------
    model : Model
        Of any level.
    id : str
        Of a node; for anything else there is nothing to say.

    Returns
    -------
    list of Reason
        At most `MAX_STEPS`.
    """
    node = model.nodes.get(id)
    if node is None:
        return []
    kinds = types(node)
    if "Field" in kinds:
        steps = list(_field(model, node))
    elif "Package" in kinds:
        steps = list(_package(model, node))
    else:
        executions = executions_in(model)
        start = id if id in executions.places else _first_execution(executions, node)
        steps = _ran(executions, node, start) if start else _any(model, node)
    return [
        {"text": one_line(text, _MAX_SENTENCE), "id": about, "depth": depth}
        for depth, about, text in steps[:MAX_STEPS]
    ]


def _itself(node: Node) -> tuple[int, str, str]:
    value = value_of(node)
    if value:
        return 0, node.id, f"{node.title} is {value}"
    told = [f"{node.headline_label} {node.headline}".strip()] if node.headline else []
    told += [f"{label} {text}".strip() for label, text in node.lines]
    return 0, node.id, node.title + (f": {', '.join(told)}" if told else "")


# -- recorded fields and packages -----------------------------------------------------------------


def _field(model: Model, node: Node) -> Iterator[tuple[int, str, str]]:
    yield _itself(node)
    for maker in model.targets(node.id, "wasGeneratedBy"):
        yield 1, maker.id, f"obtained by {maker.title}"
        for agent in model.targets(maker.id, "wasAssociatedWith"):
            version = first_text(agent, "schema:softwareVersion")
            yield 2, agent.id, f"called by {agent.title} {version}".rstrip()
    for owner in model.sources(node.id, "wasDerivedFrom"):
        yield 2, owner.id, f"as part of {owner.title} ({owner.type.lower()})".replace(" ()", "")
        for run in model.targets(owner.id, "wasGeneratedBy"):
            yield 3, run.id, f"for the {run.title}"
        for run in model.sources(owner.id, "used"):
            yield 3, run.id, f"used by the {run.title}"


def _package(model: Model, node: Node) -> Iterator[tuple[int, str, str]]:
    version = value_of(node)
    name = first_text(node, "schema:name") or node.title
    yield 0, node.id, f"{name} is {version}" if version else node.title
    for packages in model.sources(node.id, "hadMember"):
        members = len(model.targets(packages.id, "hadMember"))
        yield 1, packages.id, f"one of the {members:,} packages that the run had imported"
        for field in model.targets(packages.id, "wasDerivedFrom"):
            if function := function_of(model, field):
                yield 2, field.id, f"listed by {function}"
        for run in model.sources(packages.id, "used"):
            yield 3, run.id, f"used by the {run.title}"


# -- what executions made -------------------------------------------------------------------------


def _first_execution(executions: Executions, node: Node) -> str:
    """The execution at which the reasons of an element start; empty where there is none."""
    if (maker := executions.maker(node)) in executions.places:
        return maker
    runs = executions.of_cell(node.id) if "Cell" in types(node) else []
    return runs[-1].id if runs else ""


def _ran(executions: Executions, node: Node, start: str) -> list[tuple[int, str, str]]:
    steps: list[tuple[int, str, str]] = []
    if node.id == start:
        steps.append((0, start, _with_reads(executions, start)))
        if executions.failure(start):
            steps.append((0, start, f"it {executions.failure(start)}"))
    elif "Cell" in types(node):
        steps.append((0, node.id, _cell(executions, node)))
        last = executions.label(start).rpartition(", ")[2]
        steps.append((1, start, f"last run: {_with_reads(executions, start, last)}"))
    else:
        verb = "computed" if value_of(node) else "made"
        steps.append(_itself(node))
        steps.append((1, start, f"{verb} by {_with_reads(executions, start)}"))
    grounds = list(_grounds(executions, node))
    room = MAX_STEPS - len(steps) - len(grounds)
    depth = base = steps[-1][0]
    for further, about, text in _earlier(executions, node, start)[: max(room, 0)]:
        depth = base + further
        steps.append((depth, about, text))
    steps += [(depth + 1, about, text) for about, text in grounds]
    return steps


def _cell(executions: Executions, node: Node) -> str:
    origin = first(node, "mlprov:origin")
    if not executions.is_generated:
        return f"{node.title}: of a notebook that was not generated"
    words = {"edited": "edited by hand after it was generated", "added": "added by hand"}
    return f"{node.title}: {words.get(origin, 'as it was generated')}"


def _with_reads(executions: Executions, execution: str, label: str = "") -> str:
    """An execution, and the names that it read."""
    label = label or executions.label(execution)
    names = [*chain(*executions.sources(execution).values())]
    return f"{label}, which read {format_list(names, _MAX_NAMES)}" if names else label


def _earlier(executions: Executions, node: Node, start: str) -> list[tuple[int, str, str]]:
    """The executions whose results went into it, with the names that did, the nearest first."""
    found: list[tuple[int, str, str]] = []
    seen = {start}
    layer = executions.sources(start)
    trained = _trained(executions, node)
    depth = 1
    while layer or trained:
        # A model is trained in place: no name went from its training to what uses it.
        steps = [(trained[1], f"{trained[0]} was trained by")] if trained else []
        trained = None
        for execution in sorted(layer, key=executions.places.__getitem__, reverse=True):
            names = format_list(dict.fromkeys(layer[execution]), _MAX_NAMES)
            steps.append((execution, f"{names} came from"))
        following: list[tuple[str, list[str]]] = []
        for execution, how in steps:
            if execution not in seen:
                seen.add(execution)
                found.append((depth, execution, f"{how} {_with_reads(executions, execution)}"))
                following += executions.sources(execution).items()
        by_source = collected(following).items()
        layer = {source: [*chain(*names)] for source, names in by_source if source not in seen}
        depth += 1
    return found


def _trained(executions: Executions, node: Node) -> tuple[str, str] | None:
    """The model that a metric was measured on, and the execution that trained it."""
    for origin in executions.model.targets(node.id, "wasDerivedFrom"):
        if "Model" in types(origin):
            execution = executions.maker(origin)
            if execution in executions.places:
                return f"the model {origin.title}", execution
    return None


def _grounds(executions: Executions, node: Node) -> Iterator[tuple[str, str]]:
    """Where it all starts: the data and the seed."""
    led = ancestors(executions.model, node.id)
    for data in executions.of_type.get("Dataset", ()):
        if data.id in led:
            digest = first_text(data, "mlprov:sha256")
            known = f" (SHA-256 {digest[:12]}…)" if digest else ""
            yield data.id, f"the data is {data.title}{known}"
            break
    for values in reversed(executions.of_type.get("StepData", ())):
        seed = first(values, "mlprov:random_seed", "mlprov:seed")
        if values.id in led and isinstance(seed, int):
            yield values.id, f"the seed is {seed}"
            break


# -- any document ---------------------------------------------------------------------------------


def _any(model: Model, node: Node) -> list[tuple[int, str, str]]:
    steps = [_itself(node)]
    by = collected((text, label) for label, text in determined(model, node))
    for text, labels in islice(by.items(), MAX_STEPS // 2):
        verb = "were" if len(labels) > 1 else "was"
        steps.append((1, node.id, f"{format_list(labels, 4)} {verb} {text}"))
    seen = {node.id}
    layer = [node.id]
    depth = 1
    while layer and len(steps) < MAX_STEPS:
        following: list[str] = []
        for id in layer:
            if len(steps) < MAX_STEPS and not _influences(model, id) <= seen:
                steps += _influence_sentences(model, id, depth, seen, following)
        layer = following
        depth += 1
    return steps


def _influences(model: Model, id: str) -> frozenset[str]:
    """What may be told of an element; kept, because in a dense document all ask for the same."""
    known: dict[str, frozenset[str]] = model.derived("influences", dict)
    if id not in known:
        known[id] = frozenset(link.id for link in islice(causes(model, id), _MAX_CAUSES))
    return known[id]


def _influence_sentences(
    model: Model, id: str, depth: int, seen: set[str], following: list[str]
) -> list[tuple[int, str, str]]:
    """What influenced one element, a sentence for each kind of influence."""
    told: dict[str, list[str]] = {}
    every = list(islice(causes(model, id), _MAX_CAUSES))
    for link in every:
        # Of a collection that something is in, only the element asked for is told.
        if link.id in seen or (link.way == UP and depth > 1):
            continue
        seen.add(link.id)
        verb = relation_label(model, link.edge, link.edge.source == id)
        if link.edge.kind == "wasGeneratedBy":
            # In one sentence what made it and what started that, as of a cell that was run.
            starters = [one for one in model.targets(link.id, "wasStartedBy") if one.id not in seen]
            if len(starters) == 1:
                title = model.nodes[link.id].title
                told[f"{verb} {title}, which was started by"] = [starters[0].id]
                seen.add(starters[0].id)
                following += [link.id, starters[0].id]
                continue
        told.setdefault(verb, []).append(link.id)
        # What the members of a collection came of is asked of the members.
        if link.way != DOWN:
            following.append(link.id)
    title, uncounted = model.nodes[id].title, len(every) == _MAX_CAUSES
    named = {verb: f"{title} {verb} {_named(model, told[verb], uncounted)}" for verb in told}
    return [
        (depth, others[0] if len(others) == 1 else id, named[verb]) for verb, others in told.items()
    ]


def _named(model: Model, ids: list[str], uncounted: bool) -> str:
    titles = [model.nodes[id].title for id in ids]
    if uncounted and len(titles) > 4:
        return f"{', '.join(titles[:4])} and many more"
    return format_list(titles, 4)
