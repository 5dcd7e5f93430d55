"""The types of parameters: a new one is found in its file here, and nowhere else."""

from importlib import import_module
from pkgutil import iter_modules

from mlprov_widgets.packs.types.base import ParameterType, register, type_names, type_of

__all__ = ["ParameterType", "register", "type_names", "type_of"]

for _module in iter_modules(__path__):
    import_module(f"{__name__}.{_module.name}")
