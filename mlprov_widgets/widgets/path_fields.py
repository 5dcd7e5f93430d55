"""Fields whose answer is a path: typed or picked, and then what was found there."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import ipywidgets as widgets

from mlprov_widgets.packs import Parameter
from mlprov_widgets.widgets.fields import FormField, OnAnswer
from mlprov_widgets.widgets.guard import guarded
from mlprov_widgets.widgets.host import store
from mlprov_widgets.widgets.parts import button, hbox, hide, html_widget, vbox
from mlprov_widgets.widgets.state import WizardState
from mlprov_widgets.widgets.transfer import Upload

LARGEST_UPLOAD = 100 * 10**6


class PathField(FormField):
    """A file or folder: typed, picked or uploaded."""

    placeholder = ""
    looking = ""
    endings: tuple[str, ...] = ()  # of the file; none where a folder is asked for
    archives: tuple[str, ...] = ()  # that may be uploaded in place of a folder
    upload_label = "Upload…"
    upload_what = ""

    def __init__(self, parameter: Parameter, answer: OnAnswer, state: WizardState) -> None:
        self._space = state.place
        self.chooser: Any = None
        self._shown: tuple[Any, Any] = (None, None)
        super().__init__(parameter, answer, state)
        self.widget.add_class("mlprov-wide")

    def _make_control(self) -> Any:
        return widgets.Text(
            description=self.parameter.label, placeholder=self.placeholder, continuous_update=False
        )

    def _parts(self) -> list[widgets.Widget]:
        what = "file from the folder" if self.endings else "folder"
        opened = guarded(self._say)(self._open_chooser)
        self.browse = button("Browse…", opened, tooltip=f"Pick a {what}")
        tools: list[widgets.Widget] = [self.browse]
        if uploads := self.endings or self.archives:
            self.upload = Upload(
                label=self.upload_label,
                accept=",".join(uploads),
                limit=self._space.largest_upload(LARGEST_UPLOAD),
                on_file=self._uploaded,
                what=self.upload_what,
            )
            tools.append(self.upload)
        self.place = vbox((), "mlprov-chooser", "mlprov-hidden")
        self.summary = html_widget("", "mlprov-table")
        buttons = hbox(tools, "mlprov-file-buttons")
        return [self.row, buttons, self.place, self.messages, self.summary]

    def _changed(self, value: str) -> None:
        self._say_looking()
        super()._changed(value)

    def _say_looking(self) -> None:
        if self.looking:
            # Much data takes seconds to look at, and a form that says nothing looks broken.
            self.messages.value = f'<p class="mlprov-remark" role="status">{self.looking}</p>'

    def _open_chooser(self, _button: Any) -> None:
        if self.chooser is None:
            from mlprov_widgets.widgets.chooser import Chooser

            self.chooser = Chooser(
                self._space,
                guarded(self._say)(self._picked),
                self.endings,
                lambda text: self._say(text) if text else None,
            )
            self.place.children = [self.chooser]
            hide(self.place, False)
            return
        closed = "mlprov-hidden" in self.place._dom_classes
        if closed:
            # It folds itself up once something was picked.
            self.chooser.unfold()
        hide(self.place, not closed)

    def _picked(self, path: str) -> None:
        hide(self.place, True)
        self._changed(_short(Path(path), self._space.folder))

    def _uploaded(self, name: str, content: bytes) -> str | None:
        hide(self.place, True)
        path = store(self._space, name, content, self.endings)
        self._changed(path.name)
        return None

    def _show_value(self, state: WizardState) -> None:
        # A path that was refused stays there to be corrected.
        name = self.parameter.name
        typed = state.given.get(name, state.checked.defaults.get(name, ""))
        if self.control.value != typed and name not in state.wrong:
            self.control.value = typed

    def show(self, state: WizardState) -> None:
        """Bring the field up to date with the state."""
        super().show(state)
        name = self.parameter.name
        data = state.checked.found.get(name) if name in state.checked.shown else None
        also = self._also(state) if data is not None else None
        if data is not self._shown[0] or also != self._shown[1]:
            self._shown = data, also
            hide(self.place, self.chooser is None or data is not None)
            self.summary.value = self._summary(data, state) if data is not None else ""

    def _also(self, state: WizardState) -> Any:
        """What else the summary depends on."""
        return None

    def _summary(self, data: Any, state: WizardState) -> str:
        """What was found, as HTML."""
        return ""


class FolderField(PathField):
    """A folder that is there or can be made."""

    placeholder = "data"


def _short(path: Path, folder: Path) -> str:
    """A path as somebody in the folder would write it."""
    # Not resolved at first: a link in the folder is a name in the folder.
    absolute = Path(os.path.normpath(path))
    for one, start in ((absolute, folder), (absolute, folder.resolve()), (path.resolve(), folder)):
        if one.is_relative_to(start):
            return one.relative_to(start).as_posix()
    return os.fspath(path)
