"""One picture: its size and mode from the first bytes, its pixels, a small copy to look at."""

from __future__ import annotations

import hashlib
import io
import math
import warnings
from collections.abc import Iterator, Sequence
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
# Modes with more than 8 bits in a channel.
DEEP = {"I", "F", "I;16", "I;16B", "I;16L", "I;16N"}
_GRAY = {"1", "L", "LA", *DEEP}


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
        return self.mode in DEEP


def pixels(width: int, height: int) -> str:
    """A size for reading: ``640 × 480``."""
    return f"{format_number(width)} × {format_number(height)}"


def look(path: Path) -> Picture:
    """Read the head of an image file; never raises for what is in it."""
    from PIL import Image, UnidentifiedImageError

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
        problem = _reason(error)
        if isinstance(error, UnidentifiedImageError) and _is_tiff(path):
            problem = "this kind of TIFF cannot be read; save it with 8 bits a channel"
        return Picture(problem=problem, too_large=too_large)


def _is_tiff(path: Path) -> bool:
    """Whether a file says that it is a TIFF, of which there are more kinds than Pillow reads."""
    try:
        with path.open("rb") as file:
            return file.read(4) in (b"II*\0", b"MM\0*")
    except OSError:
        return False


@dataclass(frozen=True)
class Decoded:
    """What the pixels of an image file say.

    Parameters
    ----------
    problem : str
        Why they cannot be used; empty if they can.
    digest : bytes
        The same for the same pixels, in whatever format they are kept.
    low, high : float
        The darkest and the brightest, of an image with more than 8 bits in a channel.
    """

    problem: str = ""
    digest: bytes = b""
    low: float = 0
    high: float = 0


def decode_pixels(path: Path) -> Decoded:
    """Decode all pixels of a file that `look` found to be an image; never raises."""
    import numpy as np

    try:
        with _open(path) as image:
            image.load()
            if image.mode not in DEEP:
                return Decoded(digest=_digest(image.size, image.convert("RGBA").tobytes()))
            values = np.asarray(image)
            low, high = float(values.min()), float(values.max())
            if not math.isfinite(low + high):
                return Decoded("it holds NaN or infinite numbers")
            return Decoded("", _digest(image.size, values.astype("float64").tobytes()), low, high)
    except Exception as error:
        return Decoded(_reason(error))


def _digest(size: tuple[int, int], pixels: bytes) -> bytes:
    return hashlib.blake2b(pixels, digest_size=16, key=repr(size).encode()).digest()


def thumbnail(path: Path, levels: Sequence[float] | None = None) -> bytes | None:
    """A small copy as PNG; None if the file cannot be decoded.

    Parameters
    ----------
    path : Path
    levels : sequence of float, optional
        What is black and what is white in an image with more than 8 bits in a channel.
    """
    try:
        with _open(path) as image:
            image.draft("RGB", (_THUMBNAIL, _THUMBNAIL))
            return _as_png(image, levels or (0, 65535))
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


def _as_png(image: Image.Image, levels: Sequence[float] = (0, 65535)) -> bytes:
    from PIL import Image

    if image.mode in DEEP:
        small = leveled(image, levels)
    elif image.mode not in ("L", "RGB"):
        small = image.convert("RGBA" if image.mode in ("P", "LA", "PA", "RGBA") else "RGB")
    else:
        small = image.copy()
    small.thumbnail((_THUMBNAIL, _THUMBNAIL), Image.Resampling.BILINEAR)
    stream = io.BytesIO()
    small.save(stream, "PNG")
    return stream.getvalue()


def leveled(image: Image.Image, levels: Sequence[float]) -> Image.Image:
    """An image of 8 bits, from black to white, of one with more; Pillow would cut it off at 255."""
    import numpy as np
    from PIL import Image

    black, white = levels
    shares = (np.asarray(image, dtype="float64") - black) / (white - black)
    return Image.fromarray((shares * 255).round().clip(0, 255).astype("uint8"))


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
