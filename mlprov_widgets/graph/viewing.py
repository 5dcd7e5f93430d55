"""The doors of this room: a run or a document to look at, and its pictures as files."""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import cached_property
from pathlib import Path
from typing import Any

from mlprov_widgets._files import reason, write_new
from mlprov_widgets.errors import RecordError
from mlprov_widgets.graph.document.model import PLURALS
from mlprov_widgets.graph.document.sources import Opened, Source, open_source, original_of
from mlprov_widgets.graph.levels.scene import default_opened, scene
from mlprov_widgets.graph.levels.two_levels import ANALYST, Levels
from mlprov_widgets.graph.pictures.dot import scene_graph
from mlprov_widgets.graph.pictures.drawing import draw, inline_svg
from mlprov_widgets.graph.pictures.tree import document_tree, record_tree
from mlprov_widgets.graph.wire import Scene, Summary
from mlprov_widgets.notebooks.formats import suffixes
from mlprov_widgets.present import blocks_to_html
from mlprov_widgets.present.blocks import Block, Figure, Paragraph, Tiles, Tree
from mlprov_widgets.provenance.schema import ELEMENTS, RELATIONS
from mlprov_widgets.record.story import Story
from mlprov_widgets.record.strip import started_from, strip_of
from mlprov_widgets.wording import one_line

# Up to here a picture of the whole document is still one.
MAX_WHOLE = 220


class StaticView:
    """Provenance to look at, without scripts; `print` gives a few lines.

    Parameters
    ----------
    opened : Opened
        What `view` has read.

    Attributes
    ----------
    record : Record or None
        The run, where the document describes one of ours.
    name : str
        Name of the file, where there is one; else empty.
    """

    def __init__(self, opened: Opened) -> None:
        self._opened = opened
        self.record, self.name = opened.record, opened.name

    def __repr__(self) -> str:
        return self.to_text()

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        return {"text/html": self.to_html(), "text/plain": self.to_text()}

    @cached_property
    def levels(self) -> Levels:
        """The document as an analyst and as an engineer look at it."""
        return Levels(self._opened)

    @cached_property
    def summary(self) -> Summary:
        """What is said above every picture."""
        opened = self._opened
        note = f"It is not shown as a run, because: {opened.problem}" if opened.problem else ""
        if opened.remark:
            note = f"It is shown all the same: {opened.remark}"
        record = self.levels.record
        if record is None:
            title, facts = opened.name or "Provenance document", _counts(opened.container)
        else:
            story = Story(record)
            title, facts = story.title, strip_of(story)
        failed = self.record is not None and self.record.status != "finished"
        return {"title": title, "facts": list(facts), "failed": failed, "note": note}

    def original(self) -> Path:
        """Provenance file of the run that this one reproduces, found beside its own.

        Raises
        ------
        RecordError
            If it reproduces none, the file is not there, or it is that of another run.
        """
        return original_of(self.record, self._opened.folder)

    def scene(self, level: str = ANALYST) -> Scene:
        """What is drawn of a level at first; of the engineer's, all of it where that is little.

        Raises
        ------
        ValueError
            If there is no such level.
        """
        model = self.levels.model(level)
        whole = level != ANALYST and len(model.nodes) <= MAX_WHOLE
        return scene(model, list(model.groups) if whole else default_opened(model))

    def to_html(self) -> str:
        """Give a page without scripts: summary, picture and everything recorded, folded."""
        drawn, summary = self.scene(), self.summary
        if self.record is None:
            tree = document_tree(self._opened.container)
        else:
            tree = record_tree(self.record)
        blocks: list[Block] = [Paragraph(summary["title"], "title")]
        if summary["note"]:
            blocks.append(Paragraph(summary["note"], "bad"))
        blocks.append(Tiles(list(summary["facts"])))
        if drawn["nodes"]:
            steps = ", ".join(node["title"] for node in drawn["nodes"][:40])
            label = one_line(f"how it came about: {steps}", 300)
            blocks.append(Figure(inline_svg(draw(scene_graph(drawn), "svg").decode(), label)))
        return blocks_to_html([*blocks, Tree(tree)], "mlprov-view")

    def to_page(
        self, level: str = ANALYST, opened: Collection[str] | None = None, selected: str = ""
    ) -> str:
        """Give a page of its own, with scripts and the whole document: the viewer without Python.

        Parameters
        ----------
        level : str, default "analyst"
            What is shown first.
        opened : collection of str, optional
            Ids of the groups that are open first.
        selected : str, optional
            Id of what is selected first.
        """
        from mlprov_widgets.graph.pictures.standalone import standalone, whole_of

        return standalone(whole_of(self.levels, self.summary, level, opened, selected))

    def to_text(self) -> str:
        """Give a summary in a few lines."""
        record = self.levels.record
        if record is None:
            facts = ", ".join(
                f"{value} {label}" for label, value in _counts(self._opened.container)
            )
            return f"{self._opened.name or 'Provenance document'}: {facts or 'nothing in it'}"
        story = Story(record)
        lines = [f"{story.title}: {story.ended}"]
        start = started_from(record)
        lines += [f"  started from {start}"] if start else []
        for step in story.steps:
            values = [f"{step.headline_label} {step.headline}".strip()] if step.headline else []
            values += [f"{label} {value}".strip() for label, value in step.lines]
            lines.append(f"  {step.title}: {', '.join(values)}".rstrip(": "))
        return "\n".join(lines)


def static_view(source: Source) -> StaticView:
    """Look at a run or at any PROV document.

    Parameters
    ----------
    source : Path, str, dict, Record, prov.model.ProvDocument or finished run
        A file in any format of PROV, its text, or an object that holds one; what is such a view
        already stays what it is.

    Returns
    -------
    StaticView
        Shows itself in a notebook; `print` gives a few lines.

    Raises
    ------
    RecordError
        If it cannot be read.
    """
    return source if isinstance(source, StaticView) else StaticView(open_source(source))


def to_dot(source: Source, level: str = "analyst") -> str:
    """Give a picture in the DOT language.

    Parameters
    ----------
    source : Path, str, dict, Record, prov.model.ProvDocument or finished run
        As for `view`.
    level : str, default "analyst"
        ``analyst`` (the steps, or what else was done) or ``engineer`` (the PROV graph; of a large
        one its groups, folded).

    Raises
    ------
    RecordError
        If the source cannot be read.
    ValueError
        If there is no such level.
    """
    return str(scene_graph(static_view(source).scene(level)).to_string())


def to_svg(source: Source, level: str = "analyst") -> str:
    """Give a picture as an SVG document; parameters and errors as for `to_dot`."""
    return drawn(static_view(source).scene(level), "svg").decode("utf-8")


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
    picture = drawn(static_view(source).scene(level), "png")
    return picture if path is None else write_file(path, picture)


def drawn(scene: Scene, format: str) -> bytes:
    """Draw a scene with Graphviz, as ``svg`` or ``png``."""
    return draw(scene_graph(scene), format)


def write_file(path: Path | str, content: bytes) -> Path:
    """Write a new file.

    Raises
    ------
    RecordError
        If there is one already, which is kept, or it cannot be written.
    """
    path = Path(path)
    try:
        write_new(path, content)
    except FileExistsError:
        raise RecordError("file_there_already", file=path) from None
    except (OSError, ValueError) as error:
        raise RecordError("file_not_writable", file=path, reason=reason(error)) from error
    return path


def file_stem(name: str) -> str:
    """A name for files about a document, from the document's own name."""
    stem = Path(name).name
    for ending in (".json", ".provn", ".xml", ".ttl", ".trig", *suffixes(), ".prov"):
        stem = stem.removesuffix(ending)
    return re.sub(r"[^\w.-]+", "-", stem).strip("-.")[:80] or "provenance"


def _counts(container: dict[str, Any]) -> list[tuple[str, str]]:
    sizes = {
        kind: len(section) if isinstance(section := container.get(kind), dict) else 0
        for kind in (*ELEMENTS, *RELATIONS, "bundle")
    }
    facts = [(PLURALS[kind], f"{sizes[kind]:,}") for kind in ELEMENTS]
    facts.append(("relations", f"{sum(sizes[kind] for kind in RELATIONS):,}"))
    if sizes["bundle"]:
        facts.append(("bundles", f"{sizes['bundle']:,}"))
    return facts
