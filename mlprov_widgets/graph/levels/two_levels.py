"""The two ways of looking at one document, and what stands for what in the other one."""

from __future__ import annotations

from functools import cached_property

from mlprov_widgets.graph.document.elements import elements_of
from mlprov_widgets.graph.document.model import Model, step_id
from mlprov_widgets.graph.document.sources import Opened, Source, open_source
from mlprov_widgets.graph.levels.grouping import group_elements
from mlprov_widgets.graph.levels.pipeline import activities_of, pipeline_of
from mlprov_widgets.provenance.legacy import legacy_record
from mlprov_widgets.record import Record
from mlprov_widgets.record.pipeline import StepStory
from mlprov_widgets.record.story import Story

ANALYST, ENGINEER = "analyst", "engineer"


def levels_of(source: Source) -> Levels:
    """Read a source and give its levels.

    Raises
    ------
    RecordError
        If there is nothing to read, or it cannot be read.
    """
    return Levels(open_source(source))


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
    kind : str
        ``run``, ``legacy`` (of MLProvCodeGen), or empty for any other document.
    boxes : tuple of StepStory
        The pipeline of the run; empty where it is not known.
    record : Record or None
        The run, also one that is only known in part from a file of MLProvCodeGen.
    """

    names = (ANALYST, ENGINEER)

    def __init__(self, opened: Opened) -> None:
        self.opened = opened
        self.kind, self.record = _recognised(opened)
        self.boxes: tuple[StepStory, ...] = (
            tuple(Story(self.record).steps) if self.record is not None else ()
        )

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

    def stand_in(self, id: str) -> str:
        """Give the analyst's box that stands for an element or group; empty where none does."""
        if id in self._analyst.nodes or id in self._analyst.groups:
            return id
        return self._engineer.stands_for.get(id, "")

    def counterpart(self, level: str, id: str) -> str:
        """Give what stands for `id`, of whichever level, on `level`; empty where nothing does."""
        if level == ANALYST:
            return self.stand_in(id)
        if id in self._engineer.nodes or id in self._engineer.groups:
            return id
        return next((one for one, box in self._engineer.stands_for.items() if box == id), "")

    @cached_property
    def _elements(self) -> Model:
        nodes, edges = elements_of(self.opened.container)
        groups = group_elements(
            self.opened.container, nodes, edges, self.kind, self.record, self.boxes
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
        return bool(self.boxes) or (self.kind == "run" and self.record is not None)


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
            model.stands_for[cell] = "step:"
            started = model.incoming.get(cell, ())
            model.stands_for.update({edge.source: "step:" for edge in started})


def _recognised(opened: Opened) -> tuple[str, Record | None]:
    """What kind of document it is, and the run that it describes."""
    if opened.record is not None:
        return "run", opened.record
    if opened.problem:
        # It says that it is one of ours, but something in it is not what belongs there.
        return "run", None
    record = legacy_record(opened.container)
    return ("legacy" if record is not None else ""), record
