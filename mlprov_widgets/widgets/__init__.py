"""The wizard and its kin in a notebook, and hosted with Voilà."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
