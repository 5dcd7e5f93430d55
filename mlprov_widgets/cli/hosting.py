"""The wizard as a web page, for a class or a workshop."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from mlprov_widgets.cli.group import main
from mlprov_widgets.cli.options import Command
from mlprov_widgets.hosting import Limits, parse_size
from mlprov_widgets.hosting.limits import PREFIX


# Older versions of click take no argument here.
class _Size(click.ParamType):  # type: ignore[type-arg]  # not generic in older click
    name = "size"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        if isinstance(value, int):
            return value
        try:
            return parse_size(value)
        except ValueError as error:
            self.fail(f"{error}.", param, ctx)


def _limit(flag: str, kind: Any, help: str) -> Callable[[Command], Command]:
    """An option for one of the limits, which its environment variable sets too."""
    name = flag.removeprefix("--").replace("-", "_")
    return click.option(
        flag,
        type=kind,
        default=getattr(Limits, name),
        envvar=PREFIX + name.upper(),
        show_envvar=True,
        metavar="SIZE" if isinstance(kind, _Size) else "N",
        help=help,
    )


@main.command()
@click.argument("notebook", required=False, type=click.Path(path_type=Path))
@click.option("--ip", default="127.0.0.1", show_default=True, help="Interface to listen on.")
@click.option("--port", type=click.IntRange(1, 65535), default=8866, show_default=True)
@click.option("--base-url", default="/", show_default=True, help="Path behind a proxy.")
@click.option(
    "--folder",
    "data_folder",
    default="",
    envvar=f"{PREFIX}DATA_FOLDER",
    show_envvar=True,
    metavar="DIR",
    help="A folder of yours that visitors may read, such as one with the tables of a course.",
)
@_limit("--visitors", click.IntRange(1), "Visitors at a time (default 20).")
@_limit("--runs", click.IntRange(0), "Notebooks run here at a time (default 0: none are).")
@_limit("--run-minutes", click.FloatRange(0, min_open=True), "Minutes a run may take (default 10).")
@_limit("--run-memory", _Size(), "Memory a run may take (default 3GB).")
@_limit("--upload-limit", _Size(), "Size an uploaded file may have (default 20MB).")
@_limit("--quota", _Size(), "Size all files of a visitor may have (default 200MB).")
@click.option(
    "--close-after",
    type=click.FloatRange(1),
    default=45.0,
    show_default=True,
    metavar="SECONDS",
    help="Time from the closing of a page to the end of all that it had here.",
)
def app(
    notebook: Path | None,
    ip: str,
    port: int,
    base_url: str,
    data_folder: str,
    close_after: float,
    **given: Any,
) -> None:
    """Serve the wizard, or NOTEBOOK, as a web page to many visitors.

    Each visitor has a private folder, which is removed when the page is closed. Notebooks are
    only written unless you allow some --runs; of those, only what this machine's packs write is
    run. Nothing that a visitor uploads is ever executed.
    """
    from mlprov_widgets.errors import MlprovError
    from mlprov_widgets.extras import needed

    with needed():
        from mlprov_widgets.server.application import memory_warning, serve

    if data_folder and not Path(data_folder).is_dir():
        raise MlprovError("folder_missing", folder=data_folder)
    folder = str(Path(data_folder).resolve()) if data_folder else ""
    limits = Limits(data_folder=folder, **given)
    warning = memory_warning(limits)
    if warning:
        click.echo(f"Warning: {warning}", err=True)
    path = base_url.strip("/")
    click.echo(f"The app is at http://{ip}:{port}/{path} for up to {limits.visitors} visitors.")
    serve(notebook, limits, ip, port, base_url, close_after)
