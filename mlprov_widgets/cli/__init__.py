"""The same doors from a shell: each command is a thin layer over one Python function."""

# Each of them adds its commands to the group.
from mlprov_widgets.cli import (  # noqa: F401  (commands join the group)
    again,
    authoring,
    checking,
    comparing,
    hosting,
    listing,
    running,
    showing,
    sweeping,
    trusting,
    writing,
)
from mlprov_widgets.cli.group import main

__all__ = ["main"]
