"""What a file with cells holds, whatever its format, and what a format has to be able to do."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from mlprov_widgets.notebooks.manifest import Manifest

CODE, MARKDOWN = "code", "markdown"


@dataclass(frozen=True)
class SourceCell:
    """A cell as it was written, or as a file has it.

    Parameters
    ----------
    id : str
        The nbformat cell id; empty where the file has none.
    kind : str
        ``code`` or ``markdown``.
    source : str
    step : str
        The pipeline step, where the cell was generated.
    line : int
        Its first line in a script, from 1; 0 in a notebook.
    name : str
        The name of the template that it was rendered from, such as ``060_data_ingestion``.
    """

    id: str
    kind: str
    source: str
    step: str = ""
    line: int = 0
    name: str = ""


@dataclass(frozen=True)
class Document:
    """What a notebook or script holds; of the right types, and otherwise anybody's.

    Parameters
    ----------
    cells : list of SourceCell
        Code and Markdown cells, in their order.
    manifest : object
        How it says that it was generated, as JSON; None where it says nothing.
    is_manifest_damaged : bool
        Whether it says so in a way that is no JSON.
    kernel : str
        The name of the kernel that it asks for.
    outputs : list of dict
        All outputs of its cells, as nbformat has them.
    """

    cells: list[SourceCell]
    manifest: object = None
    is_manifest_damaged: bool = False
    kernel: str = ""
    outputs: list[dict[str, Any]] = field(default_factory=list)


class NotebookFormat(ABC):
    """The reader and writer of one kind of file with cells.

    Attributes
    ----------
    suffix : str
        How names of such files end, with the dot.
    noun : str
        What such a file is called: ``notebook``.
    is_notebook : bool
        Whether Jupyter opens and runs it, cell by cell and with outputs.
    is_module : bool
        Whether Python imports it, so that its name can hide a library's.
    """

    suffix: ClassVar[str]
    noun: ClassVar[str]
    is_notebook: ClassVar[bool] = False
    is_module: ClassVar[bool] = False

    @abstractmethod
    def read(self, text: str, *, strict: bool = False) -> Document:
        """What a text in this format holds.

        Parameters
        ----------
        text : str
            With lines that end in a line feed.
        strict : bool, default False
            Whether to refuse what only looks like this format.

        Raises
        ------
        RecordError
            If the text is not in this format.
        """

    @abstractmethod
    def write(self, cells: Iterable[SourceCell], manifest: Manifest | None) -> str:
        """Cells, and how they were generated, as a text that `read` gives back.

        Raises
        ------
        RecordError
            If the format cannot hold them.
        """
