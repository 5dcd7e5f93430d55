"""A document's provenance to walk through, in a notebook or hosted: drawn there, decided here."""

from __future__ import annotations

import base64
import contextlib
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from mlprov_widgets._files import asset
from mlprov_widgets.errors import MlprovError, RecordError
from mlprov_widgets.graph import viewing
from mlprov_widgets.graph.document.sources import Source
from mlprov_widgets.graph.levels.packing import packed
from mlprov_widgets.graph.navigation import CHOSEN, FOLLOWING, Navigation
from mlprov_widgets.widgets.guard import log, sentence
from mlprov_widgets.widgets.idle import when_idle
from mlprov_widgets.widgets.saved import show_with_page


class _RefusedError(MlprovError, traitlets.TraitError):
    """A value that a trait does not take, in a sentence where a notebook shows it."""


class Matches(list[dict[str, Any]]):
    """What a search found; each with ``id``, ``title``, ``where``, ``what`` and ``answer``.

    Parameters
    ----------
    found : dict
        The search's results.

    Attributes
    ----------
    total : int
        How many there are, of which the first are listed.
    """

    def __init__(self, found: dict[str, Any]) -> None:
        super().__init__(found["items"])
        self.query: str = found["query"]
        self.total: int = found["total"]

    def __repr__(self) -> str:
        head = f"{self.total:,} matches for {self.query!r}"
        rows = [
            " › ".join([*match["where"], match["title"]])
            + (f": {match['answer']}" if match["answer"] else "")
            + f"  [{match['id']}]"
            for match in self[:12]
        ]
        more = [f"… and {self.total - len(rows):,} more"] if self.total > len(rows) else []
        return "\n  ".join([head, *rows, *more])


class Reasons(list[dict[str, Any]]):
    """Why something is as it is; each step has ``text``, ``id`` and ``depth``."""

    def __repr__(self) -> str:
        steps = [f"{'  ' * step['depth']}{step['text']}" for step in self]
        return "\n".join(steps) or "Nothing is recorded of how it came about."


class ProvenanceViewer(anywidget.AnyWidget):
    """Provenance to look at and walk through; made by `view`.

    The traits can be read, set and observed: ``viewer.level = "engineer"``,
    ``viewer.observe(tell, "selected")``.

    Parameters
    ----------
    source : Path, str, dict, Record, prov.model.ProvDocument or finished run
        As for `view`.

    Attributes
    ----------
    level : str
        ``analyst`` (the pipeline's steps) or ``engineer`` (every element and relation).
    selected : str
        Id of what is selected; empty for nothing.
    opened : list of str
        Ids of the open groups of this level.
    query : str
        What is searched for, at most 200 characters.
    levels, summary, scene, marks, results, details : list or dict
        What the browser draws for these, as plain values; they can be observed, not set.
    record : Record or None
        The run, where the document describes one of ours.

    Raises
    ------
    RecordError
        If the source cannot be read.
    """

    # Sent once for every viewer, and kept with a notebook that stores its widgets.
    _esm = asset("widgets/viewer.js")
    _css = asset("widgets/viewer.css")

    level = traitlets.Unicode().tag(sync=True)
    selected = traitlets.Unicode().tag(sync=True)
    opened = traitlets.List(traitlets.Unicode()).tag(sync=True)
    query = traitlets.Unicode().tag(sync=True)

    levels = traitlets.List(traitlets.Unicode(), read_only=True).tag(sync=True)
    summary = traitlets.Dict(read_only=True).tag(sync=True)
    scene = traitlets.Dict(read_only=True).tag(
        sync=True, to_json=lambda scene, _viewer: packed(scene)
    )
    marks = traitlets.Dict(read_only=True).tag(sync=True)
    results = traitlets.Dict(read_only=True).tag(sync=True)
    details = traitlets.Dict(read_only=True).tag(sync=True)

    def __init__(self, source: Source) -> None:
        self._view = viewing.static_view(source)
        self._navigation = Navigation(self._view.levels)
        self.record = self._view.record
        # Before the other half is told of this one, so that it gets all of it at once.
        self.set_trait("levels", list(self._view.levels.names))
        self.set_trait("summary", self._view.summary)
        self._tell()
        super().__init__()
        self.on_msg(self._received)
        when_idle(self._navigation.prepare())

    def __repr__(self) -> str:
        return self._view.to_text()

    # -- for Python ---------------------------------------------------------------------------

    def search(self, text: str) -> Matches:
        """Find names, values, types and code; the viewer shows the same.

        Parameters
        ----------
        text : str
            Words, of which every one has to be found; at most 200 characters.

        Returns
        -------
        Matches
            The best first, at most 50.
        """
        self.query = text
        return Matches(self.results)

    def fold(self, group: str | None = None) -> None:
        """Fold a group.

        Parameters
        ----------
        group : str, optional
            Its id; by default all groups of this level.

        Raises
        ------
        MlprovError
            If there is no such group.
        """
        self._navigation.fold(group)
        self._tell()

    def unfold(self, group: str | None = None) -> None:
        """Open a group and those around it.

        Parameters
        ----------
        group : str, optional
            Its id; by default as many groups as can be drawn.

        Raises
        ------
        MlprovError
            If there is no such group.
        """
        self._navigation.unfold(group)
        self._tell()

    def focus(self, id: str | None = None) -> None:
        """Fold all but an element's ancestors and descendants.

        Parameters
        ----------
        id : str, optional
            Its id; by default that of the selected one.

        Raises
        ------
        MlprovError
            If there is no such element.
        """
        self._navigation.focus(id)
        self._tell()

    def describe(self, id: str | None = None) -> dict[str, Any]:
        """Give the whole record of an element, a group or a step.

        Parameters
        ----------
        id : str, optional
            By default that of what is selected.

        Returns
        -------
        dict
            ``title``, ``answer``, ``attributes``, ``relations``, ``why`` and more; empty where
            nothing is selected.

        Raises
        ------
        MlprovError
            If there is no such element.
        """
        return {**self._navigation.described(id)}

    def why(self, id: str | None = None) -> Reasons:
        """Say why an element has its value.

        Parameters
        ----------
        id : str, optional
            Its id; by default that of the selected one.

        Returns
        -------
        Reasons
            Steps, the element itself first; each has ``text``, ``id`` and ``depth``.

        Raises
        ------
        MlprovError
            If there is no such element.
        """
        return Reasons(self.describe(id).get("why", []))

    def original(self) -> ProvenanceViewer:
        """Look at the run that this one reproduces; its provenance file lies beside this one's.

        Raises
        ------
        RecordError
            If it reproduces none, the file is not there, or it is that of another run.
        """
        return ProvenanceViewer(self._view.original())

    def to_html(self, path: Path | str) -> Path:
        """Write a page that works on its own in a browser, with what is chosen now.

        Parameters
        ----------
        path : Path or str
            A new file.

        Returns
        -------
        Path
            That file.

        Raises
        ------
        RecordError
            If the file is there already or cannot be written.
        """
        return viewing.write_file(path, self._page())

    def to_svg(self, path: Path | str | None = None, level: str | None = None) -> str | Path:
        """Draw what is open now with Graphviz.

        Parameters
        ----------
        path : Path or str, optional
            A new file; without one the picture is given back.
        level : str, optional
            By default the one that is shown.

        Returns
        -------
        str or Path
            The picture, or the file that it was written to.

        Raises
        ------
        RecordError
            If the file is there already or cannot be written.
        MlprovError
            If there is no such level.
        """
        svg = self._drawn("svg", level)
        return svg.decode("utf-8") if path is None else viewing.write_file(path, svg)

    def to_png(self, path: Path | str | None = None, level: str | None = None) -> bytes | Path:
        """Draw what is open now with Graphviz.

        Parameters
        ----------
        path : Path or str, optional
            A new file; without one the picture is given back.
        level : str, optional
            By default the one that is shown.

        Returns
        -------
        bytes or Path
            The picture, or the file that it was written to.

        Raises
        ------
        RecordError
            If the file is there already or cannot be written.
        MlprovError
            If there is no such level.
        """
        png = self._drawn("png", level)
        return png if path is None else viewing.write_file(path, png)

    def _drawn(self, format: str, level: str | None) -> bytes:
        here = self._navigation
        if level is None or level == here.level:
            return viewing.drawn(here.scene, format)
        here.check("level", level)
        return viewing.drawn(self._view.scene(level), format)

    def _page(self) -> bytes:
        here = self._navigation
        page = self._view.to_page(here.level, here.opened, here.selected)
        return page.encode("utf-8")

    # -- for the notebook ---------------------------------------------------------------------

    def _ipython_display_(self, **_options: Any) -> None:
        # PNG is for where only the words of the page are shown, as on GitHub.
        show_with_page(self, self._picture(), "mlprov-viewer", self._png)

    def _picture(self) -> str:
        try:
            return self._view.to_html()
        except Exception:
            log.error("The picture of a viewer could not be drawn.", exc_info=True)
            return ""

    def _png(self) -> dict[str, str]:
        try:
            picture = viewing.drawn(self._view.scene(), "png")
        except Exception:
            log.error("The picture of a viewer could not be drawn.", exc_info=True)
            return {}
        return {"image/png": base64.b64encode(picture).decode("ascii")}

    # -- to and from the browser --------------------------------------------------------------

    @traitlets.validate(*CHOSEN)
    def _checked(self, proposal: Any) -> Any:
        try:
            return self._navigation.check(proposal["trait"].name, proposal["value"])
        except MlprovError as error:
            raise _RefusedError(error.code, **error.arguments) from None

    @traitlets.observe(*CHOSEN)
    def _chosen(self, change: Any) -> None:
        if change["new"] != self._now(change["name"]):
            self._navigation.choose(**{change["name"]: change["new"]})
            self._tell()

    def _now(self, name: str) -> Any:
        value = getattr(self._navigation, name)
        return list(value) if name == "opened" else value

    def _tell(self) -> None:
        """Bring all traits to where the navigation is, in one message."""
        state = {name: self._now(name) for name in (*CHOSEN, *FOLLOWING)}
        with self.hold_sync(), self.hold_trait_notifications():
            for name, value in state.items():
                self.set_trait(name, value)

    def set_state(self, sync_data: dict[str, Any]) -> None:
        """Take over what the browser has chosen.

        Parameters
        ----------
        sync_data : dict
            From outside: what is not one of the choices is dropped, and the truth sent back.
        """
        given = sync_data if isinstance(sync_data, dict) else {}
        chosen: dict[str, Any] = {}
        for name in filter(CHOSEN.__contains__, given):
            with contextlib.suppress(MlprovError):
                chosen[name] = self._navigation.check(name, given[name])
        wrong = [name for name in given if name not in chosen]
        with self._lock_property(**chosen):
            try:
                self._navigation.choose(**chosen)
                self._tell()
            except Exception:
                log.error("What was chosen in a viewer could not be shown.", exc_info=True)
                wrong += chosen
        if known := [name for name in wrong if name in self.keys]:
            self.send_state(known)

    def _received(self, _widget: Any, content: Any, _buffers: Any) -> None:
        kind = content.get("kind") if isinstance(content, dict) else None
        try:
            if kind == "page":
                name = viewing.file_stem(self._view.name) + ".html"
                self.send({"kind": "file", "name": name}, [self._page()])
            elif kind in ("fold_all", "unfold_all", "focus"):
                getattr(self, kind.removesuffix("_all"))()
        except Exception as error:
            log.warning("A viewer could not do what was asked of it.", exc_info=True)
            self.send({"kind": "refused", "message": sentence(error)})


def view(source: Source) -> ProvenanceViewer:
    """Look at a run or at any PROV document.

    Parameters
    ----------
    source : Path, str, dict, Record, prov.model.ProvDocument or finished run
        A file in any format of PROV, its text, an object that holds one, or a generated notebook
        that was executed (its own provenance file is looked for beside it).

    Returns
    -------
    ProvenanceViewer
        Shows itself in a notebook; `print` gives a few lines.

    Raises
    ------
    RecordError
        If it cannot be read.
    """
    try:
        return ProvenanceViewer(source)
    except MlprovError:
        raise
    except Exception as error:
        # What nobody thought of when this was written, in a file that anybody can write.
        log.error("A document could not be shown.", exc_info=True)
        raise RecordError("not_showable", type=type(error).__name__) from error
