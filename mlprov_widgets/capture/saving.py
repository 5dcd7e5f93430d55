"""Weights and checkpoints: whole files, and a full disk that costs the file, not the training."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mlprov_widgets._files import reason, replacing
from mlprov_widgets.capture.cells.errors import describe_error
from mlprov_widgets.messages import message


def save_state(state: Any, file: Path) -> str:
    """Write a state, over an earlier file only once all of it is on the disk.

    A file that ends in ``.joblib`` is written by joblib, any other by PyTorch.

    Returns
    -------
    str
        What went wrong, in a sentence; empty where nothing did.
    """
    try:
        # Only what is needed: a run of scikit-learn does without PyTorch.
        if file.suffix == ".joblib":
            from joblib import dump as write
        else:
            from torch import save as write

        with replacing(file) as stream:
            write(state, stream)
    except Exception as error:
        # PyTorch wraps what the disk says, or the state is nothing that can be saved.
        cause = error if isinstance(error, OSError) else error.__context__
        why = reason(cause) if isinstance(cause, OSError) else describe_error(error)
    else:
        return ""
    said = {"file": file.name, "reason": why}
    return message("weights_kept" if file.exists() else "weights_not_written", said)
