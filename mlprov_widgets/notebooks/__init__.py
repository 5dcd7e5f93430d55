"""Pack and values to a notebook: literal-safe cells, assembled and written without overwriting."""

from mlprov_widgets.notebooks.assembly import (
    as_text,
    free_name,
    generate,
    make_manifest,
    to_notebook,
    to_script,
    write_free,
    write_generated,
    write_new,
)
from mlprov_widgets.notebooks.literals import Symbol, literal
from mlprov_widgets.notebooks.manifest import Manifest, read_manifest
from mlprov_widgets.notebooks.rendering import (
    RenderedCell,
    check_templates,
    describe,
    render_cells,
)

__all__ = [
    "Manifest",
    "RenderedCell",
    "Symbol",
    "as_text",
    "check_templates",
    "describe",
    "free_name",
    "generate",
    "literal",
    "make_manifest",
    "read_manifest",
    "render_cells",
    "to_notebook",
    "to_script",
    "write_free",
    "write_generated",
    "write_new",
]
