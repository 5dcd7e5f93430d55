"""The door through which a notebook or script begins a run."""

from __future__ import annotations

import atexit
import json
import os
import sys
import uuid
from collections.abc import Mapping
from contextlib import suppress

from mlprov_widgets.capture.environment.seeding import check_seed
from mlprov_widgets.capture.finished import RunState
from mlprov_widgets.capture.run import Run
from mlprov_widgets.notebooks.beside import RUN_ID

_active: Run | None = None
# What became of the run that whoever runs the notebook asks for, where another one follows it.
_earlier: RunState | None = None


# The run id that whoever runs the notebook has chosen, and for which process. Taken out at once:
# a program that the notebook starts before its own run begins is another run.
_given = (os.environ.pop(RUN_ID, ""), os.getpid())


def _take_id() -> str:
    """The id that was chosen, for only one run to have; of any other run one of its own."""
    global _given
    (chosen, process), _given = _given, ("", 0)
    with suppress(ValueError):
        if process == os.getpid() and str(uuid.UUID(chosen)) == chosen:
            return chosen
    return str(uuid.uuid4())


def start_run(
    notebook: str | os.PathLike[str],
    *,
    seed: int | None = None,
    title: str | None = None,
    agent: str | Mapping[str, str] | None = None,
) -> Run:
    """Start to record what this notebook or script does.

    Seeds ``random``, NumPy and PyTorch, makes PyTorch's operations deterministic where they can be,
    and captures every cell that runs from now on. A run that was started before in the same kernel
    ends here.

    The provenance file is there at once, so that a killed run leaves one too. Where the folder
    cannot be written, it goes to the user's state folder or to a temporary one, which is said now;
    the run goes on, because nothing that it computes is lost.

    Parameters
    ----------
    notebook : str or path
        File name of the notebook or script; the provenance file is named after it.
    seed : int, optional
        From 0 to 2**64 - 1 (NumPy takes it modulo 2**32). By default no generator is touched.
    title : str, optional
        By default the title of the task for which the notebook was generated, else its name.
    agent : str or mapping, optional
        Name of whoever runs it, or a mapping with ``name`` and ``orcid``. By default
        ``MLPROV_AGENT_NAME`` and ``MLPROV_AGENT_ORCID``, a configuration file, or the account.

    Returns
    -------
    Run

    Raises
    ------
    InvalidValuesError
        If the seed is no whole number of that range.
    RecordError
        If the working directory is no longer there, or no folder at all can be written.
    """
    global _active, _earlier
    number = check_seed(seed)
    previous, _active = _active, None
    _active = Run(os.fspath(notebook), number, title, agent, sys._getframe(1), previous, _take_id())
    if previous is not None and _earlier is None:
        _earlier = previous.state()
    return _active


def run_report(run_id: str) -> str:
    """What has become of a run in this process, for whoever runs the notebook.

    Parameters
    ----------
    run_id : str
        The id that the first run of the process was given.

    Returns
    -------
    str
        JSON with ``run_id``, ``status``, ``file`` (None while there is none), ``metrics`` and
        ``problem`` (why the file is not where it belongs); ``{}`` where there is no such run.
    """
    reports = (_earlier, None if _active is None else _active.state())
    found = (one for one in reports if one is not None and one["run_id"] == run_id)
    return json.dumps(next(found, {}))


def end_run() -> None:
    """Write what there is of the run in this process, and capture no more; without one, nothing.

    Python calls it at its end; whoever ends a process without that calls it before.
    """
    if _active is not None:
        _active.close()


atexit.register(end_run)
