"""What a rebuilt notebook says of how it was made, after what has been decided on its cells."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from mlprov_widgets.errors import PackError
from mlprov_widgets.notebooks import Manifest, make_manifest
from mlprov_widgets.packs import Pack, check_values
from mlprov_widgets.rebuild.edits import rendered_cells
from mlprov_widgets.rebuild.pack_versions import has_changed
from mlprov_widgets.rebuild.sources import Blueprint


def manifest_after(
    blueprint: Blueprint,
    restored: Collection[str],
    accepted: Collection[str],
    pack: Pack | None,
) -> Manifest:
    """The manifest of the notebook in which these cells were restored, and those accepted.

    What the pack here writes counts as generated, whatever the source says was: so that a run of
    the notebook tells its edited cells from the others.
    """
    manifest = blueprint.manifest
    if pack is None:
        return manifest
    checked = check_values(pack, manifest.values, look=False)
    try:
        made = make_manifest(pack, checked.values, rendered_cells(pack, blueprint))
    except (PackError, KeyError):
        return manifest
    if not has_changed(pack, blueprint):
        return replace(
            manifest,
            generated=made.generated,
            parameters=manifest.parameters or made.parameters,
        )
    if not restored:
        return manifest
    if not accepted:
        # All of it is what the pack here writes, so it is a notebook of this pack.
        return replace(made, original=manifest.original, started_from=manifest.started_from)
    here = {row["id"]: row for row in made.generated if row["id"] in restored}
    rows = [here.pop(row.get("id", ""), row) for row in manifest.generated]
    known = {row["id"] for row in made.generated}
    kept = [row for row in rows if row.get("id") not in restored or row.get("id") in known]
    return replace(manifest, generated=[*kept, *here.values()])
