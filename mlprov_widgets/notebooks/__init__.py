"""Pack and values to a notebook: literal-safe cells, assembled and written without overwriting."""

import lazy_loader

# A run reads notebooks; it does not wait for what only writing one needs.
__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
