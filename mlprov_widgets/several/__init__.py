"""Several runs beside each other: what differs, which is better, and whether that is chance."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
