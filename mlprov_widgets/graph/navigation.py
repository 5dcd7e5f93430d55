"""Where somebody is in a document: level, open groups, selection and search, and what follows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from typing import Any, TypeVar

from mlprov_widgets.errors import MlprovError
from mlprov_widgets.graph.details.record import details
from mlprov_widgets.graph.details.search import Index
from mlprov_widgets.graph.document.model import Model
from mlprov_widgets.graph.levels.scene import default_opened, path_groups, scene
from mlprov_widgets.graph.levels.two_levels import Levels
from mlprov_widgets.graph.reasons.executions import executions_in
from mlprov_widgets.graph.reasons.influence import ancestors, descendants
from mlprov_widgets.graph.wire import Details, Empty, Marks, Scene, SearchResults

MAX_QUERY = 200
CHOSEN = ("level", "selected", "opened", "query")
FOLLOWING = ("scene", "marks", "results", "details")
_Made = TypeVar("_Made")


class Sight:
    """What stands for what in a scene.

    Parameters
    ----------
    model : Model
        The level that the scene is of.
    scene : Scene
        As drawn.
    """

    def __init__(self, model: Model, scene: Scene) -> None:
        self._model = model
        self._hidden = model.hidden({group["id"] for group in scene["groups"]})

    def of(self, id: str) -> str:
        """The box or frame that shows a node or group; empty for what the level has not."""
        box = self._model.get(id)
        return (self._hidden[box.parent] or id) if box else ""

    def of_nodes(self, ids: Iterable[str]) -> list[str]:
        """The boxes that show these nodes of the level, each once."""
        hidden, nodes = self._hidden, self._model.nodes
        return list(dict.fromkeys(hidden[nodes[id].parent] or id for id in ids))


class Navigation:
    """What is chosen, checked, and what is to be shown for it.

    Parameters
    ----------
    levels : Levels
        Of the document.

    Attributes
    ----------
    level : str
        The level that is shown.
    selected : str
        Id of an element, group or step of any level; empty for none.
    query : str
        What is searched for; empty for nothing.
    """

    def __init__(self, levels: Levels) -> None:
        self.levels = levels
        self.level = levels.names[0]
        self.selected = ""
        self.query = ""
        self._opened: dict[str, tuple[str, ...]] = {}
        self._known: dict[str, tuple[Any, Any]] = {}

    # -- what is chosen -----------------------------------------------------------------------

    @property
    def model(self) -> Model:
        """The level that is shown, with nothing folded."""
        return self.levels.model(self.level)

    @property
    def opened(self) -> tuple[str, ...]:
        """Ids of the groups of this level that are open; each level remembers its own."""
        if self.level not in self._opened:
            self._opened[self.level] = tuple(default_opened(self.model))
        return self._opened[self.level]

    def check(self, name: str, value: Any) -> Any:
        """Give a value that may be chosen.

        Parameters
        ----------
        name : str
            ``level``, ``selected``, ``opened`` or ``query``.
        value : object
            From anywhere.

        Raises
        ------
        MlprovError
            If there is no such level, element or group, or the query is no text.
        """
        if name == "level":
            if not isinstance(value, str) or value not in self.levels.names:
                raise _refused("level_unknown", "level", value, levels=self.levels.names)
        elif name == "selected":
            if not isinstance(value, str) or (value and not self._level_of(value)):
                raise _refused("element_unknown", "id", value)
        elif name == "opened":
            if isinstance(value, str) or not isinstance(value, Iterable):
                raise MlprovError("groups_not_list")
            value = list(value)
            wrong = next((one for one in value if not self._is_group(one)), None)
            if wrong is not None:
                raise _refused("group_unknown", "id", wrong)
            value = list(dict.fromkeys(value))
        elif not isinstance(value, str):
            raise MlprovError("query_not_text")
        elif len(value) > MAX_QUERY:
            raise MlprovError("query_too_long", most=MAX_QUERY)
        return value

    def choose(self, **chosen: Any) -> None:
        """Change what is chosen; what else changes because of it is changed too.

        Parameters
        ----------
        **chosen
            Any of ``level``, ``selected``, ``opened`` and ``query``, as `check` gives them.
        """
        self.level = chosen.get("level", self.level)
        self.query = chosen.get("query", self.query)
        if "opened" in chosen:
            groups = self.model.groups
            self._opened[self.level] = tuple(one for one in chosen["opened"] if one in groups)
        before, self.selected = self.selected, chosen.get("selected", self.selected)
        moved = before != self.selected
        # The eye is led to what is newly selected, not again to what has been folded away since.
        if self.selected and (moved or "level" in chosen):
            if moved and not self._counterpart():
                self.level = self._level_of(self.selected)
            if at := self._counterpart():
                self._open_around(at)

    def fold(self, group: str | None = None) -> None:
        """Fold a group, or all of this level."""
        if group is None:
            self.choose(opened=())
        else:
            self.check("opened", [group])
            self.choose(opened=[one for one in self.opened if one != group])

    def unfold(self, group: str | None = None) -> None:
        """Open a group and what is around it, or all of this level that can be drawn."""
        if group is None:
            everything = scene(self.model, list(self.model.groups))
            self.choose(opened=[one["id"] for one in everything["groups"]])
            return
        self.check("opened", [group])
        if group not in self.model.groups:
            self.choose(level=self._level_of(group))
        around = [*self.model.path(group), group]
        self.choose(opened=[*self.opened, *(one for one in around if one not in self.opened)])

    def focus(self, id: str | None = None) -> None:
        """Fold all but the groups on the way to and from an element (that which is selected)."""
        if id is not None:
            self.choose(selected=self.check("selected", id))
        at = self._counterpart()
        if not at:
            self.fold()
            return
        ids = {at, *ancestors(self.model, at), *descendants(self.model, at)}
        groups = path_groups(self.model, [one for one in ids if one in self.model.nodes])
        drawn = scene(self.model, list(groups))
        self.choose(opened=[one["id"] for one in drawn["groups"]])
        self._open_around(at)

    # -- what follows -------------------------------------------------------------------------

    @property
    def scene(self) -> Scene:
        """What is drawn."""
        key = (self.level, self.opened)
        return self._once("scene", key, lambda: scene(self.model, list(self.opened)))

    @property
    def marks(self) -> Marks:
        """What stands out in the scene."""
        key = (self.level, self.opened, self.selected, self.query)
        return self._once("marks", key, self._marks)

    @property
    def results(self) -> SearchResults:
        """What was found."""
        return self._once("results", (self.query,), self._results)

    @property
    def details(self) -> Details | Empty:
        """The whole record of what is selected."""
        return self._once("details", (self.level, self.selected), self.described)

    def described(self, id: str | None = None) -> Details | Empty:
        """The whole record of an element, group or step; empty where none is selected."""
        id = self.selected if id is None else self.check("selected", id)
        level = self._level_of(id)
        return details(self.levels, level, id) if level else {}

    @cached_property
    def index(self) -> Index:
        """The level that has all elements, to be searched."""
        return Index(self.levels.model(self.levels.names[-1]))

    def prepare(self) -> Iterator[None]:
        """Find out beforehand, in small parts, what the first choices would have to wait for."""
        model = self.levels.model(self.levels.names[-1])
        yield
        yield from self.index.build()
        scene(model)
        yield
        _ = model.outgoing
        yield
        _ = model.incoming
        yield
        _ = executions_in(model).places

    def _results(self) -> SearchResults:
        if not self.query.strip():
            return {"query": self.query, "total": 0, "items": []}
        return self.index.find(self.query)

    def _marks(self) -> Marks:
        model, at = self.model, self._counterpart()
        sight = Sight(model, self.scene)
        shown = sight.of(at)
        found: Marks = {"selected": shown, "ancestors": [], "descendants": [], "matches": {}}
        if at:
            # Folding and searching change nothing of it.
            led, came = self._once(
                "lineage", (self.level, at), lambda: (ancestors(model, at), descendants(model, at))
            )
            found["ancestors"] = [id for id in sight.of_nodes(led) if id != shown]
            found["descendants"] = [id for id in sight.of_nodes(came) if id != shown]
        if self.query.strip():
            matches = found["matches"]
            for id in self.index.hits(self.query):
                if box := sight.of(self.levels.counterpart(self.level, id)):
                    matches[box] = matches.get(box, 0) + 1
        return found

    # -- levels and sight ---------------------------------------------------------------------

    def _once(self, name: str, key: object, make: Callable[[], _Made]) -> _Made:
        if name not in self._known or self._known[name][0] != key:
            self._known[name] = (key, make())
        made: _Made = self._known[name][1]
        return made

    def _level_of(self, id: str) -> str:
        """The level that has it, this one if it has; empty where none has."""
        levels = (self.level, *self.levels.names)
        return next((level for level in levels if id in self.levels.model(level)), "")

    def _is_group(self, id: Any) -> bool:
        return isinstance(id, str) and any(
            id in self.levels.model(level).groups for level in self.levels.names
        )

    def _counterpart(self) -> str:
        """What stands for the selected element in this level; empty where nothing does."""
        return self.levels.counterpart(self.level, self.selected)

    def _open_around(self, id: str) -> None:
        around = self.model.path(id)
        if missing := [group for group in around if group not in self.opened]:
            self._opened[self.level] = (*self.opened, *missing)


def _refused(code: str, name: str, value: object, **arguments: object) -> MlprovError:
    arguments[name] = value if isinstance(value, str) else ""
    return MlprovError(code, type=type(value).__name__, **arguments)
