"""Several runs of what was written: other seeds, or several values of one of its fields."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import ipywidgets as widgets

from mlprov_widgets.errors import MlprovError
from mlprov_widgets.notebooks.formats import stem_of
from mlprov_widgets.notebooks.manifest import read_manifest
from mlprov_widgets.packs import Pack, find_pack
from mlprov_widgets.widgets.guard import guarded, log, sentence
from mlprov_widgets.widgets.markup import banner, escape
from mlprov_widgets.widgets.parts import button, classed, hbox, hide, html_widget, vbox
from mlprov_widgets.wording import format_count, format_duration

if TYPE_CHECKING:
    from mlprov_widgets.sweeps import SweepResult
    from mlprov_widgets.sweeps.progress import State

_ABOUT = (
    "One run with one seed does not say how much of its result is chance. Several runs do, and "
    "say which of several values is best on the validation part."
)
_LISTED = ("integer", "number", "choice", "flag")


class SweepPanel:
    """Runs a notebook's experiment several times, and says what the runs come to together.

    Parameters
    ----------
    path : Path
        A notebook that a pack wrote.
    packs : iterable of Path or str
        Further folders with packs.

    Attributes
    ----------
    parameter : Dropdown
        Whose values are tried; None for that of nothing but seeds.
    values : Text
        The values, with commas between.
    seeds : BoundedIntText
        With how many seeds each is tried.
    result : SweepResult or None
        What the last sweep came to.

    Raises
    ------
    MlprovError
        If no pack wrote it, or the pack is not here.
    """

    def __init__(self, path: Path, packs: Iterable[Path | str] = ()) -> None:
        manifest = read_manifest(path)
        if manifest is None:
            raise MlprovError("sweep_not_generated", file=path)
        self.path, self._values, self._packs = path, manifest.values, tuple(packs)
        self._pack: Pack = find_pack(manifest.pack.get("name", ""), self._packs)
        self.result: SweepResult | None = None
        self._thread: threading.Thread | None = None
        self._stopping = threading.Event()
        self.parameter = self._field(widgets.Dropdown(options=self._options(), description="Try"))
        self.values = self._field(
            widgets.Text(description="Values", placeholder="0.001, 0.01, 0.1")
        )
        seeds = widgets.BoundedIntText(value=5, min=1, max=1000, description="Seeds of each")
        self.seeds = self._field(seeds)
        self.parameter.observe(self._chosen, "value")
        guard = guarded(self._say)
        self.run_button = button("Run them", guard(self._run), "mlprov-primary")
        self.stop_button = button("Stop", guard(self._stop), "mlprov-stop", "mlprov-hidden")
        self.head, self.message = html_widget(), html_widget()
        self.outcome = html_widget("", "mlprov-outcome")
        about = html_widget(f"<h3>Several runs</h3><p>{escape(_ABOUT, 400)}</p>")
        actions = hbox([self.run_button, self.stop_button], "mlprov-actions")
        fields = [self.parameter, self.values, self.seeds]
        rows = [vbox([hbox([one], "mlprov-row")], "mlprov-field") for one in fields]
        self._listed = rows[1]
        parts = [about, *rows, actions, self.message, self.head, self.outcome]
        self.widget = vbox(parts, "mlprov-several")
        self._chosen()

    @property
    def running(self) -> bool:
        """Whether a sweep has begun and not ended."""
        return self._thread is not None and self._thread.is_alive()

    def _field(self, control: Any) -> Any:
        return classed(control, "mlprov-control")

    def _options(self) -> list[tuple[str, str]]:
        parameters = self._pack.parameters.values()
        shown = [one for one in parameters if one.type in _LISTED and one.when(self._values)]
        return [("Nothing but other seeds", ""), *((one.label, one.name) for one in shown)]

    def _chosen(self, _change: Any = None) -> None:
        hide(self._listed, not self.parameter.value)

    def _say(self, text: str) -> None:
        self.message.value = banner(text)

    def _over(self) -> dict[str, list[Any]]:
        """What is to be tried, checked."""
        name = self.parameter.value
        if not name:
            return {}
        parameter = self._pack.parameters[name]
        texts = [one.strip() for one in self.values.value.split(",")]
        return {name: [parameter.parse(one) for one in texts if one]}

    def _run(self, _button: Any = None) -> None:
        if self.running:
            return  # the second half of a double click
        self._say("")
        over = self._over()
        self.outcome.value = ""
        self.head.value = _status("Starting…")
        self._stopping.clear()
        self.run_button.disabled = True
        hide(self.stop_button, False)
        self._thread = threading.Thread(
            target=self._go, args=(over, self.seeds.value), name="mlprov-sweep-panel", daemon=True
        )
        self._thread.start()

    def _stop(self, _button: Any = None) -> None:
        self._stopping.set()
        self.head.value = _status("Stopping…")

    # -- in a thread of its own ---------------------------------------------------------------

    def _go(self, over: dict[str, list[Any]], seeds: int) -> None:
        from mlprov_widgets.sweeps import sweep

        try:
            self.result = sweep(
                self._pack,
                self._given(),
                over,
                seeds,
                folder=self._folder(),
                progress=self._show,
                stop=self._stopping,
            )
            self.outcome.value = self.result._repr_html_()
            ended = format_count(len(self.result.trials), "run")
            self.head.value = f'<p class="mlprov-status" role="status">{ended} ended.</p>'
        except Exception as error:
            if not isinstance(error, MlprovError):
                log.error("A sweep failed.", exc_info=True)
            self.head.value = ""
            self._say(sentence(error))
        finally:
            hide(self.stop_button, True)
            self.run_button.disabled = False

    def _given(self) -> dict[str, Any]:
        """The notebook's values; its paths start where it lies."""
        given = dict(self._values)
        for name, parameter in self._pack.parameters.items():
            if parameter.is_path and isinstance(place := given.get(name), str) and place:
                given[name] = str(self.path.parent / place)
        return given

    def _folder(self) -> Path:
        stem = stem_of(self.path.name)
        names = (f"{stem}-sweep{'' if one == 1 else f'-{one}'}" for one in count(1))
        return next(place for name in names if not (place := self.path.with_name(name)).exists())

    def _show(self, state: State) -> None:
        left = format_duration(state.left)
        told = f"{state.ended} of {format_count(state.total, 'run')} ended"
        self.head.value = _status(f"{told}{f', about {left} left' if left else ''}…")


def _status(text: str) -> str:
    return f'<p class="mlprov-status mlprov-busy" role="status">{escape(text)}</p>'
