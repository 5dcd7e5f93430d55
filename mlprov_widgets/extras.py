"""What does not come with the core: which extra brings it, said where it is missing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from mlprov_widgets.errors import MissingPackageError

# Module to the extra of this package that installs it.
EXTRAS = {
    "matplotlib": "run",
    "sklearn": "run",
    "scipy": "run",
    "torch": "run",
    "torchvision": "run",
    "voila": "app",
    "jupyterlab": "lab",
    "optuna": "optuna",
    "dask": "dask",
    "distributed": "dask",
    "sqlalchemy": "postgresql",
    "psycopg": "postgresql",
}


def missing(module: str) -> MissingPackageError | None:
    """The error that says how to install a module; None for one that no extra brings.

    Parameters
    ----------
    module : str
        Its name, or that of a module inside it.
    """
    top = module.partition(".")[0]
    if top not in EXTRAS:
        return None
    return MissingPackageError("package_missing", module=top, command=command_for(top))


def command_for(module: str) -> str:
    """The command that installs a module and all that comes with it."""
    return f'pip install "mlprov-widgets[{EXTRAS[module]}]"'


@contextmanager
def needed() -> Iterator[None]:
    """Make an import that fails say which extra brings what is missing.

    Raises
    ------
    MissingPackageError
        If an extra brings it.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        named = missing(error.name or "")
        if named is None:
            raise
        raise named from None
