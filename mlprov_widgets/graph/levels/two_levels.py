"""The two ways of looking at one document, and what stands for what in the other one."""

from __future__ import annotations

from functools import cached_property

from mlprov_widgets.graph.document.elements import elements_of
from mlprov_widgets.graph.document.model import Model, step_id
from mlprov_widgets.graph.document.sources import Opened
from mlprov_widgets.graph.levels.grouping import group_elements
from mlprov_widgets.graph.levels.pipeline import activities_of, pipeline_of
from mlprov_widgets.provenance.legacy import legacy_record
from mlprov_widgets.record import Record
from mlprov_widgets.record.pipeline import StepStory
from mlprov_widgets.record.story import Story

ANALYST, ENGINEER = "analyst", "engineer"


class Levels:
    """A document as an analyst and as an engineer look at it; each is made when it is asked for.

    Parameters
    ----------
    opened : Opened
        What `open_source` has read.

    Attributes
    ----------
    names : tuple of str
        ``analyst``, ``engineer``.
    boxes : tuple of StepStory
        The pipeline of the run; empty where it is not known.
    record : Record or None
        The run, also one that is only known in part from a file of MLProvCodeGen.
    """

    names = (ANALYST, ENGINEER)

    def __init__(self, opened: Opened) -> None:
        self.opened = opened
        # Of a document that says it is one of ours something may not be what belongs there.
        self._is_run = opened.record is not None or bool(opened.problem)
        self.record = opened.record if self._is_run else legacy_record(opened.container)
        steps = Story(self.record).steps if self.record is not None else ()
        self.boxes: tuple[StepStory, ...] = tuple(steps)

    def model(self, level: str) -> Model:
        """Give one level; the same object each time.

        Raises
        ------
        ValueError
            If there is no such level.
        """
        if level not in self.names:
            raise ValueError(f"There is no level {level!r}; there are {' and '.join(self.names)}.")
        return self._analyst if level == ANALYST else self._engineer

    def counterpart(self, level: str, id: str) -> str:
        """Give what stands for `id`, of whichever level, on `level`; empty where nothing does."""
        if id in self.model(level):
            return id
        stands_for = self._engineer.stands_for
        if level == ANALYST:
            return stands_for.get(id, "")
        return next((one for one, box in stands_for.items() if box == id), "")

    @cached_property
    def _elements(self) -> Model:
        nodes, edges = elements_of(self.opened.container)
        groups = group_elements(
            self.opened.container, nodes, edges, self._is_run, self.record, self.boxes
        )
        return Model(ENGINEER, nodes, edges, groups)

    @cached_property
    def _engineer(self) -> Model:
        model = self._elements
        if self._piped:
            _boxes_stand_for(model, self.boxes, self.record)
        else:
            # The one is made of the other.
            _ = self._analyst
        return model

    @cached_property
    def _analyst(self) -> Model:
        return pipeline_of(self.boxes) if self._piped else activities_of(self._elements)

    @property
    def _piped(self) -> bool:
        return bool(self.boxes) or self.opened.record is not None


def _boxes_stand_for(model: Model, boxes: tuple[StepStory, ...], record: Record | None) -> None:
    ids = {step_id(box.step) for box in boxes}
    model.stands_for.update({id: id for id in model.groups if id in ids})
    for id in (*model.groups, *model.nodes):
        inside = next((group for group in reversed(model.path(id)) if group in ids), "")
        if inside:
            model.stands_for.setdefault(id, inside)
    failing = Story(record).failing_cell if record is not None else None
    if "step:" in ids and failing is not None:
        # A cell of no step is known by its number alone.
        cell = next((id for id in model.nodes if id.endswith(f":cell.{failing[0]}")), "")
        if cell:
            started = [edge.source for edge in model.incoming.get(cell, ())]
            model.stands_for.update(dict.fromkeys([cell, *started], "step:"))
