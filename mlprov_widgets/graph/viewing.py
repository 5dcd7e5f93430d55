"""The doors of this room: a run or a document to look at, and its pictures as files."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import Any

from mlprov_widgets.errors import RecordError
from mlprov_widgets.graph.drawing import draw, graph_of, inline_svg
from mlprov_widgets.graph.overview import overview
from mlprov_widgets.graph.page import page
from mlprov_widgets.graph.sources import Opened, Source, open_source
from mlprov_widgets.graph.texts import one_line
from mlprov_widgets.graph.tree import document_tree, record_tree
from mlprov_widgets.provenance.schema import ELEMENTS, RELATIONS


class View:
    """Provenance to look at; a notebook shows it as the last value of a cell.

    Parameters
    ----------
    opened : Opened
        What `view` has read.

    Attributes
    ----------
    record : Record or None
        The run, where the document describes one of ours.
    """

    def __init__(self, opened: Opened) -> None:
        self._opened = opened
        self.record = opened.record

    def __repr__(self) -> str:
        return self.to_text()

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        return {"text/html": self.to_html(), "text/plain": self.to_text()}

    def to_html(self) -> str:
        """Give a page without scripts: summary, picture and everything recorded, folded."""
        record, opened = self.record, self._opened
        if record is None:
            title, facts = opened.name or "Provenance document", _counts(opened.container)
            label = "the document's elements and relations"
            tree = document_tree(opened.container)
        else:
            seen = overview(record)
            title, facts = seen.title, seen.facts
            label = "the steps of the run: " + ", ".join(box.title for box in seen.boxes)
            tree = record_tree(record)
        empty = record is not None and not overview(record).boxes
        svg = "" if empty else draw(graph_of(opened, "analyst"), "svg").decode()
        return page(
            title,
            facts,
            inline_svg(svg, escape(one_line(label, 300))) if svg else "",
            tree,
            failed=record is not None and record.status != "finished",
            note=f"It is not shown as a run, because: {opened.problem}" if opened.problem else "",
        )

    def to_text(self) -> str:
        """Give a summary in a few lines."""
        if self.record is None:
            facts = ", ".join(
                f"{value} {label}" for label, value in _counts(self._opened.container)
            )
            return f"{self._opened.name or 'Provenance document'}: {facts or 'nothing in it'}"
        seen = overview(self.record)
        lines = [f"{seen.title}: {seen.sentence}"]
        for box in seen.boxes:
            values = [f"{box.headline_label} {box.headline}".strip()] if box.headline else []
            values += [f"{label} {value}".strip() for label, value in box.lines]
            lines.append(f"  {box.title}: {', '.join(values)}".rstrip(": "))
        return "\n".join(lines)


def view(source: Source) -> View:
    """Look at a run or at any PROV document.

    Parameters
    ----------
    source : Path, str, dict, Record, prov.model.ProvDocument or finished run
        A file in any format of PROV, its text, or an object that holds one.

    Returns
    -------
    View
        Shows itself in a notebook; `print` gives a few lines.

    Raises
    ------
    RecordError
        If it cannot be read.
    """
    return View(open_source(source))


def to_dot(source: Source, level: str = "analyst") -> str:
    """Give a picture in the DOT language.

    Parameters
    ----------
    source : Path, str, dict, Record, prov.model.ProvDocument or finished run
        As for `view`.
    level : str, default "analyst"
        ``analyst`` (one box a pipeline step) or ``engineer`` (the whole PROV graph). Documents that
        are no run of ours are drawn whole.

    Raises
    ------
    RecordError
        If the source cannot be read.
    ValueError
        If there is no such level.
    """
    return str(graph_of(open_source(source), level).to_string())


def to_svg(source: Source, level: str = "analyst") -> str:
    """Give a picture as an SVG document; parameters and errors as for `to_dot`."""
    return draw(graph_of(open_source(source), level), "svg").decode("utf-8")


def to_png(source: Source, path: Path | str | None = None, level: str = "analyst") -> bytes | Path:
    """Give a picture as PNG; `source`, `level` and errors as for `to_dot`.

    Parameters
    ----------
    path : Path or str, optional
        Where to write it; a file that is there already is kept and an error raised.

    Returns
    -------
    bytes or Path
        The picture, or the file where `path` is given.
    """
    picture = draw(graph_of(open_source(source), level), "png")
    if path is None:
        return picture
    path = Path(path)
    try:
        with path.open("xb") as file:
            file.write(picture)
    except FileExistsError:
        raise RecordError(f"{path} is there already; choose another name.") from None
    except OSError as error:
        raise RecordError(f"{path} cannot be written: {error.strerror or error}.") from error
    return path


def _counts(container: dict[str, Any]) -> list[tuple[str, str]]:
    titles = {"entity": "entities", "activity": "activities", "agent": "agents"}
    sizes = {
        kind: len(section) if isinstance(section := container.get(kind), dict) else 0
        for kind in (*ELEMENTS, *RELATIONS, "bundle")
    }
    facts = [(titles[kind], f"{sizes[kind]:,}") for kind in ELEMENTS]
    facts.append(("relations", f"{sum(sizes[kind] for kind in RELATIONS):,}"))
    if sizes["bundle"]:
        facts.append(("bundles", f"{sizes['bundle']:,}"))
    return facts
