"""What a kernel knows of being hosted: whose folder it works in, and what a visitor may use."""

from mlprov_widgets.hosting.limits import Limits, current_limits, hosted, parse_size
from mlprov_widgets.hosting.paths import without_server_paths
from mlprov_widgets.hosting.place import Place, inside
from mlprov_widgets.hosting.queue import Ticket
from mlprov_widgets.hosting.session import (
    Session,
    current_session,
    end_session,
    live_sessions,
    sessions_root,
    sweep,
)

__all__ = [
    "Limits",
    "Place",
    "Session",
    "Ticket",
    "current_limits",
    "current_session",
    "end_session",
    "hosted",
    "inside",
    "live_sessions",
    "parse_size",
    "sessions_root",
    "sweep",
    "without_server_paths",
]
