"""What a run is, as pure data: neither how it was seen nor how it is written."""

import lazy_loader

# Looked up on first use: the fields of packs are needed long before there is a run.
__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
