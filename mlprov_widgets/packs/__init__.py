"""Read a pack, check values against it, find out which packs there are."""

from mlprov_widgets.packs.checking import Checked, check_values, complete_values
from mlprov_widgets.packs.choices import Choice
from mlprov_widgets.packs.conditions import Condition
from mlprov_widgets.packs.discovery import (
    discover_packs,
    find_pack,
    pack_as_recorded,
    readable_packs,
)
from mlprov_widgets.packs.model import CellTemplate, Pack, Rule, WizardPage
from mlprov_widgets.packs.parameters import Parameter
from mlprov_widgets.packs.reading import bundled_folder, load_pack

__all__ = [
    "CellTemplate",
    "Checked",
    "Choice",
    "Condition",
    "Pack",
    "Parameter",
    "Rule",
    "WizardPage",
    "bundled_folder",
    "check_values",
    "complete_values",
    "discover_packs",
    "find_pack",
    "load_pack",
    "pack_as_recorded",
    "readable_packs",
]
