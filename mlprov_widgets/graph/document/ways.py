"""In which way what a relation leads to influenced what it starts from: what lineage follows."""

from __future__ import annotations

from mlprov_widgets.graph.document.model import Node
from mlprov_widgets.graph.document.values import first

NONE, PLAIN, UP, DOWN, FIELD = 0, 1, 2, 4, 8
WAYS = (PLAIN, UP, DOWN, FIELD)
# Pairs of ways (towards the cause) that are not taken one after the other:
# - A collection is what its members are, and a member inherits where its collection came from: so
#   membership is followed both ways, but never there and back, because then all members of a
#   collection, such as all packages of an environment, would have led to each of them.
# - A recorded field says something of one element, such as the kernel's name of a notebook; the
#   members of that element did not come of it.
NOT_AFTER = {UP: DOWN | FIELD, DOWN: UP, PLAIN: 0, FIELD: 0}


def way_of(kind: str, target: Node | None) -> int:
    """The way of a relation, `NONE` where its target is no cause of its source.

    Parameters
    ----------
    kind : str
        PROV's name of the relation.
    target : Node or None
        Where it leads to; None for a group.
    """
    if kind == "hadMember":
        return DOWN
    # What ended an entity did not make it; of two views of one thing neither came of the other.
    if kind in ("wasInvalidatedBy", "alternateOf"):
        return NONE
    if target is None:
        return PLAIN
    # Whom somebody acted for is a cause; for which activity they did is none of the agent.
    if kind == "actedOnBehalfOf" and target.kind == "activity":
        return NONE
    if kind == "wasDerivedFrom":
        field = first(target, "mlprov:field")
        # A field of a whole group, such as the list of packages, is that group.
        if isinstance(field, str) and "." in field:
            return FIELD
    return PLAIN
