"""The same doors from a shell: each command is a thin layer over one Python function."""

from mlprov_widgets.cli.again import inspect, reproduce
from mlprov_widgets.cli.checking import export, validate, verify
from mlprov_widgets.cli.group import main
from mlprov_widgets.cli.hosting import app
from mlprov_widgets.cli.running import run
from mlprov_widgets.cli.showing import report, view
from mlprov_widgets.cli.writing import generate, tasks

__all__ = ["main"]

for command in (
    tasks,
    generate,
    run,
    inspect,
    reproduce,
    verify,
    validate,
    export,
    view,
    report,
    app,
):
    main.add_command(command)
