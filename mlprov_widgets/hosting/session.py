"""A visitor's private folder: outside of what is served, and gone with their kernel."""

from __future__ import annotations

import atexit
import contextlib
import getpass
import logging
import os
import shutil
import stat
import sys
import tempfile
import threading
import time
from logging.handlers import RotatingFileHandler
from pathlib import Path

from mlprov_widgets._files import reason
from mlprov_widgets.errors import MlprovError
from mlprov_widgets.hosting.limits import Limits, current_limits
from mlprov_widgets.hosting.locks import is_held, new_lock
from mlprov_widgets.hosting.place import Place

ROOT = "MLPROV_HOST_SESSIONS"
VISITOR_MEMORY = 1_000_000_000  # bytes
LOG = "errors.log"
_LOG_BYTES = 1_000_000
_LOCK = ".lock"
# A folder is made a moment before it is locked.
_YOUNG = 30.0


class Session:
    """A visitor's private folder, removed when this process ends.

    Parameters
    ----------
    limits : Limits
    """

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        root = sessions_root()
        try:
            self._home = Path(tempfile.mkdtemp(prefix="visitor-", dir=root))
            self._lock = new_lock(self._home / _LOCK)
            self._lock.acquire(timeout=1)
            self.folder = self._home / "files"
            self.folder.mkdir()
        except OSError as error:  # one in use, too
            why = error.strerror or "it is in use"
            raise MlprovError("visitor_folder_not_made", reason=why) from None
        self._process = os.getpid()
        # A visitor has one run at a time, also one that waits.
        self.running = threading.Lock()
        self._shared: tuple[Path, ...] = ()
        if limits.data_folder:
            self.offer(Path(limits.data_folder))
        atexit.register(self.close)

    @property
    def folders(self) -> tuple[Path, ...]:
        """The visitor's own folder, and those of the host that they may read."""
        return (self.folder, *self._shared)

    @property
    def place(self) -> Place:
        """What the visitor may read and write."""
        # Systems remove temporary files that nobody has touched for long.
        if not self.folder.is_dir():
            with contextlib.suppress(OSError):
                self.folder.mkdir(parents=True, exist_ok=True)
                for shared in self._shared:
                    self._link(shared)
        return Place(self.folder, self.limits, self._shared)

    def offer(self, folder: Path) -> None:
        """Let the visitor read a folder of the host's, by a link in their own folder."""
        shared = folder.resolve()
        if shared in self._shared:
            return
        if self.folder.is_relative_to(shared):
            raise MlprovError("shared_folder_holds_visitors")
        try:
            self._link(shared)
        except OSError as error:
            raise MlprovError(
                "shared_folder_unusable", folder=shared.name, reason=reason(error)
            ) from None
        self._shared += (shared,)

    def _link(self, shared: Path) -> None:
        (self.folder / shared.name).symlink_to(shared, target_is_directory=True)

    def close(self) -> None:
        """Remove the folder and all that is in it."""
        # A process that was forked from this one has no say.
        if self._process != os.getpid():
            return
        atexit.unregister(self.close)
        self._lock.release()
        shutil.rmtree(self._home, ignore_errors=True)


def _log_traceback(*_: object, **_more: object) -> None:
    logging.getLogger("mlprov_widgets").error("A message was not understood.", exc_info=True)


def _in_a_kernel() -> bool:
    """Whether this process is a visitor's kernel, and not whoever looks at how one would do."""
    # A script has no kernel, and shall not wait for IPython to find that out.
    app = sys.modules.get("ipykernel.kernelapp")
    return app is not None and app.IPKernelApp.initialized()


def _limit_memory() -> None:
    """Let a visitor's kernel take so much memory and no more, where the system can do that."""
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource

        _, most = resource.getrlimit(resource.RLIMIT_DATA)
        resource.setrlimit(resource.RLIMIT_DATA, (VISITOR_MEMORY, most))


def _log_for_the_host(root: Path) -> None:
    """Write logs and tracebacks to a file: all that a kernel prints goes to the visitor's page."""
    from IPython.core.getipython import get_ipython

    file = root / LOG
    handler = RotatingFileHandler(file, maxBytes=_LOG_BYTES, backupCount=1, delay=True)
    handler.setFormatter(logging.Formatter("%(asctime)s %(process)d %(name)s: %(message)s"))
    logging.getLogger().addHandler(handler)
    logging.captureWarnings(True)
    # Where even that fails, nothing is told to the page.
    logging.raiseExceptions = False
    for hooks, name in ((sys, "excepthook"), (sys, "unraisablehook"), (threading, "excepthook")):
        setattr(hooks, name, _log_traceback)
    shell = get_ipython()
    if shell is not None:
        setattr(shell, "showtraceback", _log_traceback)  # noqa: B010  (a method of this one shell)


_current: Session | None = None


def own_folders() -> tuple[Path, ...]:
    """The folders of this kernel's session; none before there is one."""
    return _current.folders if _current is not None else ()


def current_session() -> Session:
    """The session of this kernel, begun when it is first asked for.

    Raises
    ------
    MlprovError
        If there are as many visitors as the host allows, or there is no room for a folder.
    """
    global _current
    if _current is None:
        limits = current_limits()
        root = sessions_root()
        sweep(root)
        if len(live_sessions(root)) >= limits.visitors:
            raise MlprovError("app_full", visitors=limits.visitors)
        _current = Session(limits)
        if _in_a_kernel():
            _limit_memory()
            _log_for_the_host(root)
    return _current


def end_session() -> None:
    """Remove the folder of this kernel's visitor; the next one who asks gets another."""
    global _current
    if _current is not None:
        _current.close()
        _current = None


def sessions_root() -> Path:
    """The folder that holds those of all visitors, which nobody but this account may enter.

    Raises
    ------
    MlprovError
        If there can be no such folder.
    """
    chosen = os.environ.get(ROOT, "")
    # Servers hand out nothing that is in a hidden folder, should the temporary one be served.
    base = Path(chosen) if chosen else Path(tempfile.gettempdir())
    account = os.getuid() if hasattr(os, "getuid") else getpass.getuser()
    root = base / f".mlprov-{account}"
    try:
        if chosen:
            base.mkdir(parents=True, exist_ok=True)
        root.mkdir(mode=0o700, exist_ok=True)
        found = root.lstat()
    except OSError as error:
        raise MlprovError("visitors_folder_missing", reason=reason(error)) from None
    foreign = hasattr(os, "getuid") and (found.st_uid != os.getuid() or found.st_mode & 0o077)
    if not stat.S_ISDIR(found.st_mode) or foreign:
        raise MlprovError("visitors_folder_unsafe", variable=ROOT)
    return root.resolve()


def live_sessions(root: Path) -> list[Path]:
    """The folders of sessions that go on."""
    return [home for home in root.glob("visitor-*") if _is_live(home / _LOCK)]


def sweep(root: Path) -> None:
    """Remove what sessions left behind whose process was killed."""
    for home in root.glob("visitor-*"):
        with contextlib.suppress(OSError):
            young = time.time() - home.stat().st_mtime < _YOUNG
            if not young and not _is_live(home / _LOCK):
                shutil.rmtree(home, ignore_errors=True)


def _is_live(file: Path) -> bool:
    """Whether a process that lives holds the lock."""
    try:
        return file.exists() and is_held(file)
    except OSError:
        return False
