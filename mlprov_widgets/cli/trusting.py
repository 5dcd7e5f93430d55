"""Whether a pack of somebody else may write code here."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from mlprov_widgets.cli.group import main
from mlprov_widgets.cli.options import with_packs
from mlprov_widgets.wording import format_count, visible

if TYPE_CHECKING:
    from mlprov_widgets.packs import Pack


def ask_trust(pack: Pack) -> None:
    """Ask at a terminal whether a pack of somebody else is trusted; elsewhere it is refused.

    Raises
    ------
    PackError
        If it is not.
    """
    from mlprov_widgets.packs import check_trust, is_trusted
    from mlprov_widgets.packs.trust import trust_pack

    if not is_trusted(pack) and sys.stdin.isatty():
        _describe(pack)
        if click.confirm("Trust these files as they are now?", err=True):
            trust_pack(pack)
    check_trust(pack)


def _describe(pack: Pack) -> None:
    from mlprov_widgets.packs.files import pack_files
    from mlprov_widgets.packs.reading import own_sha256

    files = format_count(len(pack_files(pack.folder)), "file")
    for line in (
        f"{pack.name} ({pack.title}, version {pack.version}) comes {pack.source.text}.",
        f"It has {files} in {pack.folder}; SHA-256 {own_sha256(pack)}.",
        "Nobody here has looked at what it writes. Its notebooks run with all your rights.",
    ):
        click.echo(visible(line), err=True)


@main.command()
@click.argument("pack")
@with_packs
@click.option("--folder", "whole", is_flag=True, help="Also as it is after later changes.")
@click.option("--revoke", is_flag=True, help="Trust it no more.")
@click.option("-y", "--yes", is_flag=True, help="Do not ask.")
@click.pass_context
def trust(
    ctx: click.Context, pack: str, packs: tuple[str, ...], whole: bool, revoke: bool, yes: bool
) -> None:
    """Let PACK, a name or a folder, write notebooks here.

    The packs that come with mlprov-widgets are trusted, and those that `mlprov new-pack` makes.
    Another is trusted as it is now: when one of its files changes, it is asked about again.

    Exit codes: 0 it is trusted, or with --revoke no more; 1 it is not, or with --revoke was not.
    """
    from mlprov_widgets.packs import find_pack
    from mlprov_widgets.packs.trust import revoke_trust, trust_folder, trust_pack

    found = find_pack(pack, packs)
    name = visible(found.name)
    if found.source.is_bundled:
        click.echo(f"{name} comes with mlprov-widgets.")
        ctx.exit(1 if revoke else 0)
    if revoke:
        was = revoke_trust(found)
        click.echo(f"{name} is not trusted any more." if was else f"{name} was not trusted.")
        ctx.exit(0 if was else 1)
    if not yes:
        _describe(found)
        if not click.confirm("Trust it?", err=True):
            ctx.exit(1)
    if whole:
        trust_folder(found.folder)
    else:
        trust_pack(found)
    click.echo(f"{name} is trusted{', whatever is in its folder' if whole else ''}.")
