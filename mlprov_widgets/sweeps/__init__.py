"""Several values of the same experiment: each trial is a run, and the sweep has its own record."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
