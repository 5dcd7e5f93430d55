"""NumPy arrays in files: their shape and type without reading them, their values by the piece."""

from __future__ import annotations

import io
import math
import stat
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from mlprov_widgets._files import reason
from mlprov_widgets.errors import ImageError
from mlprov_widgets.wording import format_number

if TYPE_CHECKING:
    import numpy as np

_LARGEST_HEADER = 10_000
_LARGEST_DIRECTORY = 2**20
_PIECE = 16 * 2**20
MOST_ARRAYS = 1_000


@dataclass(frozen=True)
class Stored:
    """An array in a file, not read yet.

    Parameters
    ----------
    name : str
        In the file; empty for a ``.npy`` file.
    shape : tuple of int
    dtype : numpy.dtype
    fortran : bool
        Whether the first index runs fastest.
    path : Path
        The file.
    problem : str
        Why it cannot be read; empty if it can.
    """

    name: str
    shape: tuple[int, ...]
    dtype: Any
    fortran: bool
    path: Path
    problem: str = ""

    @property
    def nbytes(self) -> int:
        """Size of the values in bytes."""
        return math.prod(self.shape, start=int(self.dtype.itemsize))

    @property
    def called(self) -> str:
        """What to call it: its name, else that of its file."""
        return self.name or self.path.name

    @property
    def shape_text(self) -> str:
        """Its shape for reading: ``(60,000, 28, 28)``."""
        lengths = ", ".join(format_number(length) for length in self.shape)
        return f"({lengths},)" if len(self.shape) == 1 else f"({lengths})"

    def pieces(self, most: int) -> Iterator[tuple[int, np.ndarray]]:
        """Items along the first axis, some at a time, with the number of the first of them.

        Parameters
        ----------
        most : int
            So many bytes, at least one item; from a ``.npy`` file they are taken evenly, from
            within a ``.npz`` file from the beginning.
        """
        if not self.shape or not self.shape[0] or not self.nbytes:
            return
        item = max(1, self.nbytes // self.shape[0])
        if self.name:
            yield from self._from_archive(item, most)
            return
        import numpy as np

        values = np.load(self.path, mmap_mode="r", allow_pickle=False)
        step = max(1, min(_PIECE, most) // item)
        wanted = max(1, most // (step * item))
        every = -(-self.shape[0] // step)
        for number in range(min(wanted, every)):
            start = (number * every // min(wanted, every)) * step
            yield start, np.array(values[start : start + step])

    def whole(self) -> np.ndarray:
        """All values at once, from where the shape was read, and from nowhere else."""
        from numpy.lib import format as npy

        with self._opened() as stream:
            return npy.read_array(stream, allow_pickle=False)

    @contextmanager
    def _opened(self) -> Iterator[IO[bytes]]:
        if not self.name:
            with self.path.open("rb") as file:
                yield file
            return
        # Asked for the same name, `numpy.load` would prefer an entry without the ending.
        with zipfile.ZipFile(self.path) as archive, archive.open(f"{self.name}.npy") as stream:
            yield stream

    def _from_archive(self, item: int, most: int) -> Iterator[tuple[int, np.ndarray]]:
        import numpy as np

        if self.fortran:
            if self.nbytes <= most:
                yield 0, self.whole()
            return
        step = max(1, min(_PIECE, most) // item)
        with self._opened() as stream:
            _header(stream)
            for start in range(0, self.shape[0], step):
                if start and (start + step) * item > most:
                    break
                length = min(step, self.shape[0] - start)
                data = stream.read(length * item)
                if len(data) < length * item:
                    raise ValueError("the array is cut off")
                yield start, np.frombuffer(data, self.dtype).reshape(length, *self.shape[1:])


def stored_arrays(path: Path) -> list[Stored]:
    """The arrays of a ``.npz`` or ``.npy`` file.

    Raises
    ------
    ImageError
        If it is not such a file.
    """
    name = path.name or str(path)
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            raise ImageError("array_file_is_folder", file=name)
        if not stat.S_ISREG(status.st_mode):
            raise ImageError("array_file_not_ordinary", file=name)
        with path.open("rb") as file:
            start = file.read(6)
            if start == b"\x93NUMPY":
                file.seek(0)
                return [_stored("", path, file, status.st_size)]
        if start[:2] == b"PK":
            return _in_archive(path, name)
    except FileNotFoundError:
        raise ImageError("array_file_missing", file=name, folder=path.parent) from None
    except PermissionError:
        raise ImageError("array_file_no_permission", file=name) from None
    except (OSError, ValueError, zipfile.BadZipFile, NotImplementedError) as error:
        raise ImageError("array_file_unreadable", file=name, reason=reason(error)) from None
    if not start:
        raise ImageError("array_file_empty", file=name)
    if start[:1] == b"\x80":
        raise ImageError("array_file_is_pickle", file=name)
    raise ImageError("array_file_without_arrays", file=name)


def _in_archive(path: Path, name: str) -> list[Stored]:
    with _Careful(path.open("rb", buffering=0)) as file, zipfile.ZipFile(file) as archive:
        # One called ".npy" has no name that it could be asked for by.
        members = [info for info in archive.infolist() if info.filename[1:].endswith(".npy")]
        if not members:
            raise ImageError("array_file_is_zip", file=name)
        if len(members) > MOST_ARRAYS:
            raise ImageError("array_file_of_many_arrays", file=name, arrays=len(members))
        if len({info.filename for info in members}) < len(members):
            raise ImageError("array_twice", file=name)
        found = []
        for info in members:
            label = info.filename.removesuffix(".npy")
            if info.flag_bits & 1:
                raise ImageError("array_file_encrypted", file=name)
            # Other methods may ask for gigabytes of memory to unpack a few bytes.
            if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                raise ImageError("array_file_packed_unusually", file=name)
            with archive.open(info) as stream:
                found.append(_stored(label, path, stream, info.file_size))
        return found


def _stored(name: str, path: Path, stream: IO[bytes], size: int) -> Stored:
    import numpy as np

    try:
        shape, fortran, dtype, header = _header(stream)
    except ValueError as error:
        return Stored(name, (), np.dtype("V1"), False, path, str(error))
    stored = Stored(name, shape, dtype, fortran, path)
    problem = ""
    if dtype.hasobject:
        problem = (
            "it holds Python objects, which can run any program when they are read; save plain "
            "numbers or text"
        )
    elif dtype.names is not None or dtype.subdtype is not None:
        problem = "it holds records; save plain numbers or text"
    elif stored.nbytes != size - header:
        problem = f"it should have {stored.nbytes:,} bytes and has {size - header:,}: it is damaged"
    return replace(stored, problem=problem)


def _header(stream: IO[bytes]) -> tuple[tuple[int, ...], bool, Any, int]:
    """Shape, order, type and length of the header; the stream is left at the first value."""
    from numpy.lib import format as npy

    try:
        version = npy.read_magic(stream)
        if version == (1, 0):
            read = npy.read_array_header_1_0
        elif version in ((2, 0), (3, 0)):
            read = npy.read_array_header_2_0
        else:
            raise ValueError("its format is too new")
        shape, fortran, dtype = read(stream, max_header_size=_LARGEST_HEADER)
    except (ValueError, TypeError, SyntaxError, OSError, OverflowError, EOFError) as error:
        words = str(error).splitlines()[0][:100] if str(error) else "it is damaged"
        raise ValueError(words) from None
    if len(shape) > 8 or any(type(n) is not int or n < 0 for n in shape):
        raise ValueError("its shape makes no sense")
    return shape, fortran, dtype, stream.tell()


class _Careful(io.BufferedReader):
    """A file of which little is read: a list of millions of entries would fill the memory."""

    def read(self, size: int | None = -1, /) -> bytes:
        if size is not None and size > _LARGEST_DIRECTORY:
            raise ValueError("its list of arrays is too long")
        return super().read(size)
