"""The name of a package in an index, whatever a tool called it."""

from __future__ import annotations

from packaging.utils import canonicalize_name

# What some tools call by the name that it is imported under.
_IMPORTED_AS = {
    "sklearn": "scikit-learn",
    "pil": "pillow",
    "cv2": "opencv-python",
    "yaml": "pyyaml",
    "skimage": "scikit-image",
}


def distribution_name(name: str) -> str:
    """The distribution that `name` stands for, in the normalized form of PEP 503."""
    plain = str(canonicalize_name(name))
    return _IMPORTED_AS.get(plain, plain)
