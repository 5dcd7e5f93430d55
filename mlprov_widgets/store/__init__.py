"""Many runs: the folders of their records are the truth, an index beside them makes them quick."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
