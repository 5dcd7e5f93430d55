"""What a pack declares: pages, parameters, choices and rules."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from mlprov_widgets.packs.conditions import Condition
from mlprov_widgets.packs.parameters import Parameter
from mlprov_widgets.packs.sources import PackSource
from mlprov_widgets.record.fields import Field, Metric


@dataclass(frozen=True)
class Rule:
    """Something to say about a combination of values.

    Parameters
    ----------
    when : Condition
        The combination.
    parameter : str
        Beside which field it is said.
    message : str
        One or two sentences.
    error : bool
        True refuses the combination, False is a note.
    """

    when: Condition
    parameter: str
    message: str
    error: bool = False


@dataclass(frozen=True)
class WizardPage:
    """A page of the wizard; `steps` are the pipeline steps whose cells it shows."""

    name: str
    title: str
    help: str = ""
    steps: tuple[str, ...] = ()


@dataclass(frozen=True)
class CellTemplate:
    """One Jinja file: a cell of the notebook.

    Parameters
    ----------
    name : str
        The file's name without its endings, such as ``060_data_ingestion``.
    kind : str
        ``code`` or ``markdown``.
    step : str
        The word behind the number.
    file : Path
        The file.
    """

    name: str
    kind: str
    step: str
    file: Path


@dataclass(frozen=True, eq=False)
class Pack:
    """An experiment, declared.

    Parameters
    ----------
    name, title, summary, version, task_type : str
        Words for people and for the record.
    folder, common : Path
        Where its files are, and where those are that packs share.
    sha256 : str
        Over the names and bytes of all these files.
    source : PackSource
        The place that it comes from.
    pages : tuple of WizardPage
    parameters : dict of str to Parameter
    rules : tuple of Rule
    cells : tuple of CellTemplate
    examples : dict of str to dict
        Named value sets.
    metrics : tuple of Metric
        What its evaluation comes to, first what is told first.
    fields : tuple of Field
        What its steps record beyond what the core knows.
    order : int
        Packs with a lower number come first; those with the same are in alphabetical order.
    question, needs : str
        What one wants to know who takes it, and which data that takes; empty if it does not say.
    """

    name: str
    title: str
    summary: str
    version: str
    task_type: str
    folder: Path
    common: Path
    sha256: str
    source: PackSource
    pages: tuple[WizardPage, ...]
    parameters: dict[str, Parameter]
    rules: tuple[Rule, ...]
    cells: tuple[CellTemplate, ...]
    examples: dict[str, dict[str, Any]] = field(default_factory=dict)
    metrics: tuple[Metric, ...] = ()
    fields: tuple[Field, ...] = ()
    order: int = 100
    question: str = ""
    needs: str = ""

    @property
    def declared(self) -> dict[str, list[dict[str, Any]]]:
        """Its metrics and fields as a notebook and a record carry them; empty without any."""
        said = {
            "metrics": [_said(row) for row in self.metrics],
            "fields": [_said(row) for row in self.fields],
        }
        return {name: rows for name, rows in said.items() if rows}

    def __repr__(self) -> str:
        return f"Pack({self.name!r}, version {self.version}, {len(self.parameters)} parameters)"


def _said(row: Field | Metric) -> dict[str, Any]:
    """What a declaration says, without what it leaves as it is by default."""
    defaults = {one.name: one.default for one in fields(row)}
    return {name: value for name, value in asdict(row).items() if value != defaults[name]}
