"""One picture: its size and mode from the first bytes, its pixels, a small copy to look at."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from mlprov_widgets.wording import format_number

if TYPE_CHECKING:
    import numpy as np
    from PIL import Image

# The formats behind `IMAGE_SUFFIXES`; others, such as EPS, would start programs.
_FORMATS = ("BMP", "GIF", "JPEG", "PNG", "PPM", "TIFF", "WEBP")
MOST_PIXELS = 50_000_000
PREVIEW_CLASSES = 10
PREVIEW_IMAGES = 4
_THUMBNAIL = 64
_DEEP = {"I", "F", "I;16", "I;16B", "I;16L", "I;16N"}
_GRAY = {"1", "L", "LA", *_DEEP}


@dataclass(frozen=True)
class Picture:
    """What the first bytes of an image file say.

    Parameters
    ----------
    width, height : int
        In pixels.
    mode : str
        Pillow's name for the colours, such as ``RGB`` or ``L``.
    animated : bool
        Whether it has more than one frame.
    problem : str
        Why the file cannot be used; empty if it can.
    too_large : bool
        Whether it has more pixels than anybody should have to decode.
    """

    width: int = 0
    height: int = 0
    mode: str = ""
    animated: bool = False
    problem: str = ""
    too_large: bool = False

    @property
    def gray(self) -> bool:
        """Whether one channel holds all there is."""
        return self.mode in _GRAY

    @property
    def deep(self) -> bool:
        """Whether there are more than 8 bits in a channel."""
        return self.mode in _DEEP


def pixels(width: int, height: int) -> str:
    """A size for reading: ``640 × 480``."""
    return f"{format_number(width)} × {format_number(height)}"


def look(path: Path) -> Picture:
    """Read the head of an image file; never raises for what is in it."""
    from PIL import Image

    try:
        with _open(path) as image:
            width, height = image.size
            if width < 1 or height < 1:
                return Picture(problem="it has no pixels")
            if width * height > MOST_PIXELS:
                problem = f"{pixels(width, height)} pixels are too many"
                return Picture(problem=problem, too_large=True)
            moves = image.format in ("GIF", "PNG", "WEBP") and getattr(image, "is_animated", False)
            return Picture(width, height, image.mode, bool(moves))
    except Exception as error:  # decoders throw anything at bytes made to hurt them
        # Far beyond the limit Pillow refuses by itself, before it says how many there are.
        too_large = isinstance(error, Image.DecompressionBombError)
        return Picture(problem=_reason(error), too_large=too_large)


def decode_pixels(path: Path) -> str:
    """Decode all pixels of a file that `look` found to be an image; what is wrong, or nothing."""
    try:
        with _open(path) as image:
            image.load()
    except Exception as error:
        return _reason(error)
    return ""


def thumbnail(path: Path) -> bytes | None:
    """A small copy as PNG; None if the file cannot be decoded."""
    try:
        with _open(path) as image:
            image.draft("RGB", (_THUMBNAIL, _THUMBNAIL))
            return _as_png(image)
    except Exception:
        return None


def array_thumbnail(pixels: np.ndarray) -> bytes:
    """A small copy, as PNG, of a height × width (× 3) array with numbers from 0 to 1."""
    import numpy as np
    from PIL import Image

    bytes_ = (np.clip(np.nan_to_num(pixels), 0, 1) * 255).round().astype("uint8")
    return _as_png(Image.fromarray(bytes_))


@contextmanager
def _open(path: Path) -> Iterator[Image.Image]:
    from PIL import Image

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with Image.open(path, formats=_FORMATS) as image:
            yield image


def _as_png(image: Image.Image) -> bytes:
    from PIL import Image

    if image.mode in _DEEP:
        # Pillow cuts off what is above 255, which would show most such pictures as white.
        small = image.convert("F")
    elif image.mode not in ("L", "RGB"):
        small = image.convert("RGBA" if image.mode in ("P", "LA", "PA", "RGBA") else "RGB")
    else:
        small = image.copy()
    small.thumbnail((_THUMBNAIL, _THUMBNAIL), Image.Resampling.BILINEAR)
    if small.mode == "F":
        small = _stretched(small)
    stream = io.BytesIO()
    small.save(stream, "PNG")
    return stream.getvalue()


def _stretched(image: Image.Image) -> Image.Image:
    """Numbers of any range as gray, from the lowest to the highest."""
    import numpy as np
    from PIL import Image

    values = np.asarray(image, dtype="float64")
    low, span = values.min(), max(float(np.ptp(values)), 1e-300)
    return Image.fromarray(((values - low) / span * 255).astype("uint8"))


def _reason(error: Exception) -> str:
    from PIL import Image, UnidentifiedImageError

    if isinstance(error, UnidentifiedImageError):
        return "it is not an image, whatever its name says"
    if isinstance(error, Image.DecompressionBombError):
        return "it has too many pixels"
    if isinstance(error, PermissionError):
        return "there is no permission to read it"
    if "truncated" in str(error).lower():
        return "the file is cut off"
    return "it is damaged"
