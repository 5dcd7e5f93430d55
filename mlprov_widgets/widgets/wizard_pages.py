"""The pages of a wizard: the task, those of the pack, the review."""

from __future__ import annotations

from dataclasses import dataclass

from mlprov_widgets.packs import Pack

TASK, REVIEW = "task", "review"


@dataclass(frozen=True)
class WizardPage:
    """A page of the wizard: the task, one of the pack's pages, or the review.

    Parameters
    ----------
    name, title, help : str
        Words for people; the name is unique.
    steps : tuple of str
        The pipeline steps whose cells belong to it.
    """

    name: str
    title: str
    help: str = ""
    steps: tuple[str, ...] = ()


def pages_of(pack: Pack) -> list[WizardPage]:
    """All pages in order."""
    first = WizardPage(TASK, "Task", "What kind of experiment, and what to start from.", ("title",))
    own = [WizardPage(page.name, page.title, page.help, page.steps) for page in pack.pages]
    last = WizardPage(REVIEW, "Review", "All choices once, and the file to be written.", ("title",))
    return [first, *own, last]
