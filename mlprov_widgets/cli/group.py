"""The group of all commands, and how it speaks to people."""

from __future__ import annotations

import sys
from typing import Any

import click

from mlprov_widgets._files import reason
from mlprov_widgets._version import __version__
from mlprov_widgets.errors import MlprovError, NotSavedError
from mlprov_widgets.wording import visible


class Commands(click.Group):
    """Errors that are meant for people are one sentence and an exit code, never a traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        for stream in (sys.stdout, sys.stderr):
            # A terminal that cannot show a character must not end the command.
            if hasattr(stream, "reconfigure"):
                stream.reconfigure(errors="replace")
        try:
            return super().invoke(ctx)
        except MlprovError as error:
            message, code = str(error), 1 if isinstance(error, NotSavedError) else 2
        except BrokenPipeError:
            raise
        except OSError as error:
            where = f"{error.filename}: " if error.filename else ""
            message, code = f"{where}{reason(error)}.", 2
        click.echo(f"Error: {visible(message)}", err=True)
        ctx.exit(code)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="mlprov", message="%(prog)s %(version)s")
def main() -> None:
    """Write machine-learning notebooks that record their own provenance, run them, look at what
    they recorded, and reproduce them exactly.

    Exit codes: 0 all went well; 1 a cell failed, two runs differ, a file is not valid, or what was
    run could not be saved where it belongs; 2 the command could not do what was asked, and says
    why.
    """
