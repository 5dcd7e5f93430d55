"""What cells made, read and changed: objects, each with a version for every change."""

from __future__ import annotations

import weakref
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from mlprov_widgets.capture.objects.state import NONE, HashBudget, describe_shape, kind_of, state_of
from mlprov_widgets.capture.values import qualified_name
from mlprov_widgets.record import TrackedObject, Version

_MOST = 2_000  # objects of one run


@dataclass(eq=False)
class Tracked:
    """One object that is followed; the run does not keep it alive.

    Parameters
    ----------
    kind : str
        As `state.kind_of` gives it.
    type_name : str
        Qualified name of its class.
    reference : weakref or None
    versions : list of Version
    """

    kind: str
    type_name: str
    reference: Any = None
    names: dict[str, None] = field(default_factory=dict)
    role: str = ""
    versions: list[Version] = field(default_factory=list)
    token: object = None
    coverage: str = NONE

    @property
    def value(self) -> Any:
        """The object itself; None where it is gone."""
        return self.reference() if self.reference is not None else None

    @property
    def current(self) -> Version:
        return self.versions[-1]


def is_among(version: Version, versions: Iterable[Version]) -> bool:
    """Whether this very version is one of them: those of two objects may look alike."""
    return any(one is version for one in versions)


class ObjectTracker:
    """The objects of one run."""

    def __init__(self) -> None:
        self.all: list[Tracked] = []
        self._by_id: dict[int, Tracked] = {}

    def find(self, value: Any) -> Tracked | None:
        """What is known of an object; None where nothing is."""
        tracked = self._by_id.get(id(value))
        return tracked if tracked is not None and tracked.value is value else None

    def follow(self, value: Any, execution: str, *, role: str = "") -> Tracked | None:
        """Begin to follow an object, or go on; None for what is of no kind that a record knows.

        Parameters
        ----------
        value : object
        execution : str
            Id of the execution that has it now; the maker, where it was not known before.
        role : str
            What it is for; the first word counts.
        """
        tracked = self.find(value)
        if tracked is None:
            kind = kind_of(value)
            if not kind or len(self.all) >= _MOST:
                return None
            try:
                reference = weakref.ref(value)
            except TypeError:
                return None
            tracked = Tracked(kind, qualified_name(type(value)), reference)
            tracked.versions.append(Version("", execution, values=describe_shape(value)))
            self._by_id[id(value)] = tracked
            self.all.append(tracked)
        tracked.role = tracked.role or role
        return tracked

    def change(self, tracked: Tracked, change: str, execution: str, sha256: str = "") -> Version:
        """Make the next version of an object."""
        value = tracked.value
        values = describe_shape(value) if value is not None else {}
        version = Version("", execution, change, sha256, tracked.coverage, values)
        tracked.versions.append(version)
        return version

    def refresh(self, tracked: Tracked, budget: HashBudget) -> None:
        """Take the present state of an object as that of its last version."""
        value = tracked.value
        if value is not None:
            tracked.token, tracked.coverage = state_of(value, tracked.kind, budget)
            tracked.current.coverage = tracked.coverage

    def track(self, names: Iterable[str], namespace: Mapping[str, Any], execution: str) -> None:
        """Follow what is new under these names, and note what was changed in place.

        Parameters
        ----------
        names : iterable of str
        namespace : mapping
        execution : str
            Id of the execution that has ended, which made and changed it; empty where one is only
            about to begin: then it was none that is known.
        """
        budget = HashBudget()
        for name in names:
            value = namespace.get(name)
            known = self.find(value)
            tracked = known or self.follow(value, execution)
            if tracked is None:
                continue
            tracked.names[name] = None
            before, made_here = tracked.token, tracked.current.execution == execution
            self.refresh(tracked, budget)
            if known is not None and not made_here and before != tracked.token and before:
                self.change(tracked, "changed", execution)

    def to_record(self) -> list[TrackedObject]:
        """The objects as a record has them, and ids for their versions.

        What had neither a name nor a role was there for a moment only, and is left out.
        """
        found, taken = [], set()
        for tracked in self.all:
            if not (tracked.names or tracked.role):
                continue
            stem = next(iter(tracked.names), "") or tracked.role
            name, number = stem, 2
            while name in taken:
                name, number = f"{stem}-{number}", number + 1
            taken.add(name)
            for place, version in enumerate(tracked.versions, 1):
                version.id = f"{name}.{place}"
            found.append(
                TrackedObject(
                    name, tracked.type_name, list(tracked.names), tracked.role, tracked.versions
                )
            )
        return found
