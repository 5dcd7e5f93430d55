"""Executions of a run of ours, their cells, and the names that went between them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain

from mlprov_widgets.graph.document.model import Model, Node, collected
from mlprov_widgets.graph.document.values import first, first_text, listed, types
from mlprov_widgets.wording import one_line

_IMPORT = re.compile(
    r"^[ \t]*(?:from[ \t]+[\w.]+[ \t]+)?import[ \t]+(\([^()]{0,2000}\)|[^\n()#;]{1,2000})",
    re.MULTILINE,
)
_STARTED = re.compile(r"^[ \t]*(\w{1,100})[ \t]*=[ \t]*start_run\(", re.MULTILINE)
_SEEN = 50_000


@dataclass
class Executions:
    """Executions of a model's document; empty for documents that are no run of ours.

    Parameters
    ----------
    model : Model
        Of the engineer's level.
    """

    model: Model
    _given: dict[str, set[str]] = field(default_factory=dict)

    @cached_property
    def of_type(self) -> dict[str, list[Node]]:
        """Type to the nodes that have it; only the types that are asked for."""
        names = {"Execution", "Dataset", "StepData", "Pack"}
        return collected(
            (type, node)
            for node in self.model.nodes.values()
            if "prov:type" in node.body
            for type in types(node) & names
        )

    @cached_property
    def places(self) -> dict[str, int]:
        """Execution to its place in time, in the order of time."""
        found = [node for node in self.of_type.get("Execution", ()) if node.kind == "activity"]
        return {node.id: at for at, node in enumerate(sorted(found, key=_clock))}

    @property
    def is_generated(self) -> bool:
        """Whether a pack made the notebook: only then can a cell have been added to it."""
        return "Pack" in self.of_type

    def cell(self, execution: str) -> Node | None:
        """The cell that an execution ran."""
        starters = self.model.targets(execution, "wasStartedBy")
        return next((node for node in starters if "Cell" in types(node)), None)

    def of_cell(self, cell: str) -> list[Node]:
        """The executions of a cell, in the order of time."""
        started = {node.id: node for node in self.model.sources(cell, "wasStartedBy")}
        known = started.keys() & self.places.keys()
        return [started[id] for id in sorted(known, key=self.places.__getitem__)]

    def step(self, execution: str) -> str:
        """Name of the step that an execution belongs to; empty for none."""
        cell = self.cell(execution)
        found = first(cell, "mlprov:step") if cell is not None else None
        return found if isinstance(found, str) else ""

    def label(self, execution: str) -> str:
        """``cell 24 (model evaluation), execution 1``."""
        cell, node = self.cell(execution), self.model.nodes[execution]
        if cell is None:
            return node.title
        notes = [self.step(execution).replace("_", " ")]
        if first(cell, "mlprov:origin") == "edited":
            notes.append("edited by hand")
        elif first(cell, "mlprov:origin") == "added" and self.is_generated:
            notes.append("added by hand")
        about = ", ".join(note for note in notes if note)
        number, order = first(node, "mlprov:order"), first(cell, "mlprov:order")
        text = f"cell {order}" if isinstance(order, int) else cell.title
        text += f" ({about})" if about else ""
        return one_line(text + (f", execution {number}" if isinstance(number, int) else ""), 160)

    def failure(self, execution: str) -> str:
        """How an execution ended early, with its error; empty where all went well."""
        node = self.model.nodes[execution]
        status, error = first_text(node, "mlprov:status"), first_text(node, "mlprov:error")
        if status in ("", "ok"):
            return ""
        status = "failed" if status == "error" else status
        return one_line(f"{status}: {error}" if error else status, 200)

    def sources(self, execution: str) -> dict[str, list[str]]:
        """Earlier execution to the names that this one read from it, the latest first.

        Names of imported modules and of the run itself are left out: they say nothing of a value.
        """
        node = self.model.nodes[execution]
        earlier = {one.id for one in self.model.targets(execution, "wasInformedBy")}
        found: dict[str, list[str]] = {}
        left = set(listed(node, "mlprov:reads"))
        changed, taken = self._used(execution), set[str]()
        known = earlier & self.places.keys()
        for source in sorted(known, key=self.places.__getitem__, reverse=True):
            binds = set(listed(self.model.nodes[source], "mlprov:binds"))
            names = (left & binds) | (changed.get(source, set()) - taken)
            left -= names
            taken |= names
            telling = sorted(names - self._given_names(source))
            if telling:
                found[source] = telling
        return found

    def _used(self, execution: str) -> dict[str, set[str]]:
        """Earlier execution to the objects, as it left them, that this one had to do with."""
        found: dict[str, set[str]] = {}
        for node in self.model.targets(execution, "used"):
            name = first(node, "mlprov:objectId")
            if "ObjectVersion" in types(node) and isinstance(name, str):
                for maker in self.model.targets(node.id, "wasGeneratedBy"):
                    found.setdefault(maker.id, set()).add(name)
        return found

    def _given_names(self, execution: str) -> set[str]:
        """Names that are there before anything is computed: imports, and the run."""
        if execution not in self._given:
            source = first_text(self.model.nodes[execution], "mlprov:source")[:_SEEN]
            names = set(_STARTED.findall(source))
            for imported in _IMPORT.findall(source):
                for part in imported.strip("()").split(","):
                    words = part.split("#")[0].split()
                    if words:
                        names.add(words[-1].partition(".")[0])
            self._given[execution] = names
        return self._given[execution]

    def maker(self, node: Node) -> str:
        """The activity that made an entity: of a step's values the execution that recorded them.

        Records of format 1 say of a step's values that the step's last execution generated them.
        What a person wants to see is where they were recorded.
        """
        made = next((one.id for one in self.model.targets(node.id, "wasGeneratedBy")), "")
        observed = made in self.places and first(self.model.nodes[made], "mlprov:executionId")
        is_recorded = types(node) & {"StepData", "ModelEvaluation", "Model"}
        if observed or made not in self.places or not is_recorded:
            return made
        step = self.step(made)
        metric = first(node, "mls:specifiedBy")
        record = re.compile(r"\.record\(\s*[\"']" + re.escape(step) + r"[\"']")
        executions = [id for id in reversed(self.places) if self.step(id) == step]
        nodes = self.model.nodes
        sources = {id: first_text(nodes[id], "mlprov:source")[:_SEEN] for id in executions}
        recording = [id for id, source in sources.items() if record.search(source)]
        # The last one that names the metric, else the last one.
        named = (id for id in recording if isinstance(metric, str) and metric in sources[id])
        return next(chain(named, recording), made)


def executions_in(model: Model) -> Executions:
    """The executions of a model, found once for it."""
    return model.derived("executions", lambda: Executions(model))


def _clock(node: Node) -> tuple[str, int]:
    """Texts of one zone sort like their times; what ran before capture began comes first."""
    count = first(node, "mlprov:count")
    return first_text(node, "prov:startTime"), count if isinstance(count, int) else 0
