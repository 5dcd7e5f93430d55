"""What a run says while it goes on, beside what the notebook itself prints."""

from __future__ import annotations

from mlprov_widgets.messages import message


def print_notice(code: str, **arguments: object) -> None:
    """Print the sentence of a code, and who says it.

    Parameters
    ----------
    code : str
        A key in the files of `mlprov_widgets.messages`.
    **arguments
        What the sentence names.
    """
    print_sentence(message(code, arguments))


def print_sentence(sentence: str) -> None:
    """Print a sentence, and who says it."""
    print(f"mlprov-widgets: {sentence}")
