"""Under which term each attribute of what a record holds stands, for writing and for reading."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeVar

from mlprov_widgets.provenance.container import qualified, text_list
from mlprov_widgets.provenance.elements import Element
from mlprov_widgets.provenance.literals import Literal, encode, time_text
from mlprov_widgets.provenance.vocabulary import full_iri
from mlprov_widgets.record import Cell, Execution, Finding, Operation, Part, TrackedObject, Version

T = TypeVar("T")


@dataclass(frozen=True)
class Term:
    """How one attribute of a class of the record stands in a document.

    Parameters
    ----------
    name : str
        Attribute of the class, or a name of what only the writer knows.
    term : str
        Qualified name of the attribute in the document.
    kind : str
        ``text``, ``integer``, ``object``, ``counts`` (an object of whole numbers), ``flags`` (an
        object of true and false), ``texts`` (a list), ``time``, or ``name`` (of another element).
    among : tuple of str
        The texts that are allowed; any where empty.
    optional : bool
        Whether it is left out where it is the default of the class, and may be missing.
    read : bool
        Whether it is read back; what follows from the rest is not.
    """

    name: str
    term: str
    kind: str = "text"
    among: tuple[str, ...] = ()
    optional: bool = False
    read: bool = True


_ORDER = Term("order", "mlprov:order", "integer", read=False)
_SHA256 = Term("sha256", "mlprov:sha256", optional=True)
_TIMES = (
    Term("start", "prov:startTime", "time", optional=True),
    Term("end", "prov:endTime", "time", optional=True),
)

# What an object of a kind may hold, and what is said where it holds anything else.
_HOLDS: dict[str, tuple[type, str]] = {
    "counts": (int, "there is more than numbers of rows"),
    "flags": (bool, "there is more than true and false"),
}

# In the order in which they are written.
TERMS: dict[type, tuple[Term, ...]] = {
    Cell: (
        _ORDER,
        Term("id", "mlprov:cell_id"),
        Term("kind", "mlprov:kind", among=("code", "markdown", "raw")),
        Term("origin", "mlprov:origin", read=False),
        Term("step", "mlprov:step", optional=True),
        Term("generated", "mlprov:generated", optional=True),
    ),
    Execution: (
        _ORDER,
        Term("status", "mlprov:status", among=("ok", "error", "interrupted")),
        Term("source", "mlprov:source"),
        Term("reads", "mlprov:reads", "texts"),
        Term("binds", "mlprov:binds", "texts"),
        Term("cell", "p-plan:correspondsToStep", "name", read=False),
        # PROV has no part-whole relation between activities.
        Term("run", "dct:isPartOf", "name", read=False),
        Term("id", "mlprov:executionId", optional=True),
        Term("used", "mlprov:usedVersions", "texts", optional=True),
        Term("count", "mlprov:count", "integer", optional=True),
        Term("error", "mlprov:error", optional=True),
        *_TIMES,
    ),
    TrackedObject: (
        Term("id", "mlprov:objectId"),
        _ORDER,
        Term("kind", "mlprov:className"),
        Term("role", "mlprov:role"),
        Term("names", "mlprov:names", "texts"),
    ),
    Version: (
        Term("id", "mlprov:versionId"),
        Term("object", "mlprov:objectId", read=False),
        _ORDER,
        Term("change", "mlprov:change", among=("made", "trained", "fitted", "loaded", "changed")),
        Term("coverage", "mlprov:coverage", among=("whole", "sampled", "none")),
        Term("values", "mlprov:values", "object"),
        Term("execution", "mlprov:madeBy"),
        _SHA256,
    ),
    Part: (
        Term("name", "mlprov:partName"),
        _ORDER,
        Term("rows", "mlprov:rows", "integer"),
        Term("known", "mlprov:howKnown", among=("observed", "told")),
        Term("numbers", "mlprov:rowNumbers"),
        Term("objects", "mlprov:heldBy", "texts"),
        Term("overlap", "mlprov:overlaps", "counts"),
        _SHA256,
    ),
    Operation: (
        Term("id", "mlprov:operationId"),
        _ORDER,
        Term(
            "kind",
            "mlprov:operationKind",
            among=("load", "split", "fit", "train", "transform", "predict", "evaluate"),
        ),
        Term("name", "mlprov:function"),
        Term("status", "mlprov:status", among=("ok", "error")),
        Term("execution", "mlprov:inExecution"),
        Term("settings", "mlprov:settings", "object"),
        Term("defaults", "mlprov:defaults", "flags", optional=True),
        Term("values", "mlprov:values", "object"),
        Term("parts", "mlprov:partRows", "counts"),
        Term("used", "mlprov:usedVersions", "texts"),
        Term("made", "mlprov:madeVersions", "texts"),
        *_TIMES,
    ),
    Finding: (
        _ORDER,
        Term("code", "mlprov:code"),
        Term("kind", "mlprov:findingKind", among=("leak", "warning", "note")),
        Term("step", "mlprov:aboutStep"),
        Term("execution", "mlprov:seenIn"),
        Term("arguments", "mlprov:arguments", "object"),
    ),
}


def attributes_of(one: object, where: str, **known: Any) -> dict[str, Literal]:
    """Attributes of the element that stands for a part of a record.

    Parameters
    ----------
    one : Cell, Execution, TrackedObject, Version, Part, Operation or Finding
    where : str
        Names it in an error.
    **known
        What is written instead of an attribute of that name; None leaves it out.
    """
    found: dict[str, Literal] = {}
    for term in TERMS[type(one)]:
        value = known[term.name] if term.name in known else getattr(one, term.name)
        if term.optional and value == getattr(type(one), term.name, None):
            continue
        if term.kind == "time":
            found[term.term] = time_text(value)
        elif term.kind == "texts":
            found[term.term] = text_list(value, where)
        else:
            found[term.term] = qualified(value) if term.kind == "name" else encode(value, where)
    return found


def read_as(kind: type[T], element: Element, **known: Any) -> T:
    """A part of a record from the element that stands for it.

    Parameters
    ----------
    kind : type
        Class of the record, one of `TERMS`.
    element : Element
    **known
        Further arguments of the class.

    Raises
    ------
    RecordError
        If anything is missing or not what belongs there.
    """
    found = {term.name: _read(element, term) for term in TERMS[kind] if _there(element, term)}
    return kind(**found, **known)


def _there(element: Element, term: Term) -> bool:
    return term.read and not (term.optional and full_iri(term.term) not in element.attributes)


def _read(element: Element, term: Term) -> Any:
    if term.among:
        return element.state(term.term, term.among)
    if term.kind == "time":
        return element.moment(term.term)
    if term.kind == "texts":
        return element.texts(term.term)
    if term.kind in ("object", "counts", "flags"):
        found: dict[str, Any] = element.one(term.term, dict)
        kind, problem = _HOLDS.get(term.kind, (object, ""))
        if kind is not object and not all(type(one) is kind for one in found.values()):
            raise element.fail(term.term, problem)
        return found
    return element.one(term.term, int if term.kind == "integer" else str)
