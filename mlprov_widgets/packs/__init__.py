"""Read a pack, check values against it, find out which packs there are."""

from mlprov_widgets.packs.checking import Checked, check_values, complete_values
from mlprov_widgets.packs.choices import Choice
from mlprov_widgets.packs.conditions import Condition
from mlprov_widgets.packs.discovery import (
    discover_packs,
    find_pack,
    name_in,
    pack_as_recorded,
    readable_packs,
)
from mlprov_widgets.packs.model import CellTemplate, Pack, Rule, WizardPage
from mlprov_widgets.packs.parameters import Parameter
from mlprov_widgets.packs.reading import load_pack
from mlprov_widgets.packs.sources import PackSource, bundled_folder
from mlprov_widgets.packs.trust import check_trust, is_trusted

__all__ = [
    "CellTemplate",
    "Checked",
    "Choice",
    "Condition",
    "Pack",
    "PackSource",
    "Parameter",
    "Rule",
    "WizardPage",
    "bundled_folder",
    "check_trust",
    "check_values",
    "complete_values",
    "discover_packs",
    "find_pack",
    "is_trusted",
    "load_pack",
    "name_in",
    "pack_as_recorded",
    "readable_packs",
]
