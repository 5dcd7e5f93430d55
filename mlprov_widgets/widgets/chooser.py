"""A file chooser for folders of any size that says what it cannot open."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ipyfilechooser import FileChooser
from ipyfilechooser.utils import get_subpaths

from mlprov_widgets._files import reason
from mlprov_widgets.hosting import Place
from mlprov_widgets.messages import message

# A browser builds a list of ten thousand lines slowly, and nobody reads it.
MOST_SHOWN = 500


@dataclass
class _Listing:
    """What a folder holds that can be chosen; names that a browser cannot show are left out."""

    path: str = ""
    changed: int = -1
    folders: list[str] = field(default_factory=list)
    files: list[str] = field(default_factory=list)


class Chooser(FileChooser):
    """The library's chooser, with a listing of its own.

    Parameters
    ----------
    place : Place
        The folder to begin in; what may not be read there is neither listed, also not by a link,
        nor picked.
    on_pick : callable
        Called with the absolute path; whoever uses the file checks it again.
    endings : sequence of str
        Of the files that are offered, in small letters; where there are none, a folder is picked.
    say : callable
        Takes a sentence on a folder that cannot be opened; an empty one when all is well.
    hint : callable, optional
        Takes a sentence that is no problem, such as how many files are not shown; by default `say`.

    Attributes
    ----------
    on_unfold : callable
        Called when all of it is shown again.
    places, entries : Dropdown, Select
        The folders above the one that is listed; what is in it.
    name_field : Text
        Name of the file that is picked.
    choose_button, cancel_button : Button
        Take it; fold the chooser up without.
    chosen_label : HTML
        What has been taken, which is said elsewhere.
    """

    # The library writes the chosen name into HTML as it is; this one writes none.
    _LBL_TEMPLATE = "<span></span>"

    def __init__(
        self,
        place: Place,
        on_pick: Callable[[str], None],
        endings: Sequence[str],
        say: Callable[[str], None],
        hint: Callable[[str], None] | None = None,
    ) -> None:
        root = str(place.folder.resolve())
        self._space, self._on_pick = place, on_pick
        self._say_problem, self._hint = say, hint or say
        self._wanted = ""
        self.on_unfold: Callable[[], None] = lambda: None
        self._endings = tuple(endings)
        self._listing = _Listing()
        super().__init__(
            path=root,
            show_only_dirs=not endings,
            select_desc="Choose",
            change_desc=f"Choose another {'file' if endings else 'folder'}…",
            sandbox_path=root if place.confined else None,
        )
        self.layout.width = "auto"
        # Two fixed shares and a gap between them are more than there is room for.
        self._gb.layout.grid_template_columns = "minmax(0, 3fr) minmax(0, 2fr)"
        self.places, self.entries = self._pathlist, self._dircontent
        self.choose_button, self.cancel_button = self._select, self._cancel
        self.name_field, self.chosen_label = self._filename, self._label
        # Out of sight, for who hears the page.
        self._pathlist.description, self._dircontent.description = "Folder", "In the folder"
        self._filename.description = "File"
        self._filename.placeholder = "File"
        self._filename.tooltip = "Name of the file; part of it finds it in a large folder"
        self._show_dialog()
        self.register_callback(self._picked)

    def __repr__(self) -> str:
        return f"Chooser({self._listing.path!r}, {len(self._listing.files)} files)"

    @property
    def folded(self) -> bool:
        """Whether no more than a button is shown."""
        return self._gb.layout.display is not None

    def list_folder(self, path: Path | str, name: str = "") -> None:
        """List a folder, with this name in the field of the file."""
        self._set_form_values(str(path), name)

    def unfold(self) -> None:
        """Show all of it again."""
        self._show_dialog()

    def fold(self) -> None:
        """Show no more than a button that opens it again."""
        self._on_cancel_click(None)

    def _show_dialog(self) -> None:
        self._select.description = self._select_desc
        self.remove_class("mlprov-folded")
        super()._show_dialog()
        self.on_unfold()

    def _on_cancel_click(self, _b: Any) -> None:
        super()._on_cancel_click(_b)
        self._select.description = self._change_desc
        self.add_class("mlprov-folded")

    def _apply_selection(self) -> None:
        super()._apply_selection()
        self.add_class("mlprov-folded")

    def _picked(self, _chooser: Any) -> None:
        path = Path(self.selected or "")
        # Path.is_file raises where the folder may be listed but not entered.
        there = (os.path.isdir if self._show_only_dirs else os.path.isfile)(path)
        if there and self._space.may_read(path):
            self._on_pick(str(path))
            return
        self.unfold()
        kind = "folder" if self._show_only_dirs else "file"
        self._say_problem(message("chosen_path_outside", {"name": path.name, "kind": kind}))

    def _set_form_values(self, path: str, filename: str) -> None:
        # Its own sandbox can be left by message, which would list any folder to a visitor.
        is_name = len(filename) <= 255 and filename.isprintable()
        if not is_name or not self._space.may_read(path):
            return
        try:
            listing = self._list(path)
        except OSError as error:
            why = {"folder": Path(path).name or path, "reason": reason(error).lower()}
            self._say_problem(message("chosen_folder_unreadable", why))
            listing, path = self._listing, self._listing.path
            if not path:
                return
        else:
            self._say_problem("")
        if self._show_only_dirs:
            filename = ""
        handlers = (
            (self._pathlist, self._on_pathlist_select),
            (self._dircontent, self._on_dircontent_select),
            (self._filename, self._on_filename_change),
        )
        for control, handler in handlers:
            control.unobserve(handler, names="value")
        try:
            self._fill(listing, path, filename)
        finally:
            for control, handler in handlers:
                control.observe(handler, names="value")

    def _fill(self, listing: _Listing, path: str, filename: str) -> None:
        restricted = self._restrict_path(path)
        self._pathlist.options = get_subpaths(restricted)
        self._pathlist.value = restricted
        self._filename.value = filename
        # The library puts a sign before the names of folders, and looks names up by what it shows.
        above = [os.pardir] if restricted != str(Path(restricted).parent) else []
        shown = {f"{self._dir_icon or ''}{name}": name for name in [*above, *listing.folders]}
        shown |= {name: name for name in listing.files}
        options = list(shown)
        if len(options) > MOST_SHOWN:
            # Who picks one of those that were found keeps them in sight.
            if filename not in shown.values() or self._wanted not in filename.lower():
                self._wanted = filename.lower() if filename not in shown.values() else ""
            options = [name for name in options if self._wanted in name.lower()]
            left = len(options) - MOST_SHOWN
            options = options[:MOST_SHOWN]
            if left > 0:
                self._hint(f"{left:,} more are not shown: type part of the name into the field.")
        self._map_disp_to_name = shown
        self._map_name_to_disp = {name: display for display, name in shown.items()}
        self._dircontent.options = options
        is_file = filename in listing.files
        self._dircontent.value = filename if is_file and filename in options else None
        if self._gb.layout.display is None:
            self._select.disabled = not (self._show_only_dirs or is_file)

    def _list(self, path: str) -> _Listing:
        changed = Path(path).stat().st_mtime_ns
        if (path, changed) == (self._listing.path, self._listing.changed):
            return self._listing
        found = _Listing(path, changed)
        with os.scandir(path) as entries:
            for entry in entries:
                if entry.name.startswith(".") or not entry.name.isprintable():
                    continue
                try:
                    if entry.is_symlink() and not self._space.may_read(entry.path):
                        continue
                    if entry.is_dir():
                        found.folders.append(entry.name)
                    elif entry.name.lower().endswith(self._endings) and entry.is_file():
                        found.files.append(entry.name)
                except OSError:  # gone since, or a circle of links
                    continue
        found.folders.sort(key=str.lower)
        found.files.sort(key=str.lower)
        self._listing = found
        return found

    def _on_dircontent_select(self, change: Any) -> None:
        # A browser may send that nothing is picked, or what is not there.
        name = self._map_disp_to_name.get(change["new"])
        if name is None:
            return
        if name == os.pardir or name in self._listing.folders:
            # The library follows links, and would be where a link leads instead of where it is.
            here = self._expand_path(self._pathlist.value)
            self._set_form_values(os.path.normpath(Path(here) / name), self._filename.value)
        else:
            super()._on_dircontent_select(change)
