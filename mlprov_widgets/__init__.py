"""A wizard that writes machine-learning notebooks which record their own provenance."""

import lazy_loader

# Looked up on first use, so that a generated notebook does not pay for widgets it never shows.
__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
