"""For authors of packs: what is wrong with one, before anybody uses it."""

from mlprov_widgets.authoring.check import PackCheck, check_pack

__all__ = ["PackCheck", "check_pack"]
