"""Look at a user's table before any code is written for it."""

import lazy_loader

# Looked up on first use: the roles of columns are needed long before there is a table.
__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
