"""For authors of packs: a new one, and what is wrong with it before anybody uses it."""

from mlprov_widgets.authoring.check import PackCheck, check_pack
from mlprov_widgets.authoring.new import new_pack

__all__ = ["PackCheck", "check_pack", "new_pack"]
