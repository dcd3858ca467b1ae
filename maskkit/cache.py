"""Masks by content: what was paid for once is not paid for again.

A mask is found by the pixels of the upright picture, who made it, and what it was told. Each is a plain
file, written whole by a rename, so that several processes, and machines on a share, use one folder. The
folder and its files are their owner's alone.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import sys
import time
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from maskkit.codec.replacing import atomic
from maskkit.errors import CodecError, PixelError

if TYPE_CHECKING:
    from maskkit.codec.picture import Picture
    from maskkit.engines.base import Estimate

__all__ = [
    "FOUND",
    "Info",
    "alone",
    "clear",
    "folder",
    "get",
    "has_like",
    "info",
    "key",
    "limits",
    "put",
    "sketch",
    "verify",
]

FOUND = "the mask is in the cache: nothing is paid"
_MEGABYTES, _DAYS = 1000.0, 30.0
_SUFFIX = ".mask"


@dataclass(frozen=True)
class Info:
    """What the cache holds: where, how many masks, bytes, and its limits."""

    folder: str
    masks: int
    bytes: int
    megabytes: float
    days: float


def folder() -> Path:
    """``$MASKKIT_HOME/masks``, else in the user's cache folder, beside the weights of networks."""
    from maskkit.engines.weights import home

    return home().parent / "masks"


def limits() -> tuple[float, float]:
    """Megabytes and days that masks are kept: ``MASKKIT_CACHE``, 0 for no cache, and ``MASKKIT_CACHE_DAYS``.

    Raises PixelError for what is no number.
    """
    return _number("MASKKIT_CACHE", _MEGABYTES), _number("MASKKIT_CACHE_DAYS", _DAYS)


def _number(name: str, default: float) -> float:
    said = os.environ.get(name) or str(default)
    try:
        number = float(said)
    except ValueError:
        number = -1.0
    if not number >= 0:
        raise PixelError(f"{name}: need a number, 0 or more, got {said!r}")
    return number


def key(picture: Picture, source: str, told: Mapping[str, Any]) -> str:
    """The SHA-256 of the upright pixels, the source, and what it was told, in hexadecimal.

    >>> import numpy as np
    >>> from maskkit.codec.picture import Picture
    >>> one, same = (Picture(np.zeros((2, 3, 3), np.uint8)) for _ in range(2))
    >>> key(one, "adobe", {"api": "v2"}) == key(same, "adobe", {"api": "v2"}) != key(one, "adobe", {})
    True
    """
    pixels = picture.pixels
    head = json.dumps([source, sorted(told.items()), pixels.shape, pixels.dtype.name], default=str)
    whole = hashlib.sha256(head.encode())
    for row in pixels:  # a view need not be contiguous
        whole.update(row.tobytes())
    return whole.hexdigest()


def sketch(picture: Picture, source: str) -> str:
    """A hash of a 64th of the rows, of the size and the source: 16 digits that a longer name begins with."""
    pixels = picture.pixels
    whole = hashlib.sha256(f"{source} {pixels.shape} {pixels.dtype.name}".encode())
    for row in pixels[::64]:
        whole.update(row.tobytes())
    return whole.hexdigest()[:16]


def has_like(start: str) -> bool:
    """Whether a mask is there whose name begins like that: if not, the rest of its name need not be known."""
    try:
        kept = (folder() / start[:2]).iterdir()
        return any(one.name.startswith(start) and one.suffix == _SUFFIX for one in kept)
    except OSError:  # nothing was kept yet
        return False


def get(name: str) -> Estimate | None:
    """The mask of that key, if it is there, whole, and not too old."""
    megabytes, days = limits()
    file = _file(name)
    if not megabytes:
        return None
    try:
        content = file.read_bytes()
        if time.time() - file.stat().st_mtime > days * 86400:
            return None
    except OSError:
        return None
    found = _read(content)
    if found is not None:
        with suppress(OSError):
            os.utime(file)  # used last now
    return found


def put(name: str, found: Estimate) -> None:
    """Keep a mask; then the longest unused go until the cache is within its limits.

    Raises CodecError where it cannot be written.
    """
    megabytes, days = limits()
    if not megabytes:
        return
    file = _file(name)
    _make(file.parent)
    with atomic(file) as temporary:
        temporary.touch(0o600, exist_ok=False)
        temporary.write_bytes(_written(found))
    _prune(megabytes * 1e6, days * 86400)


@contextmanager
def alone(name: str) -> Iterator[None]:
    """Nobody else is making the mask of that key: not another thread, not another process.

    Whoever comes second waits, and finds the mask in the cache. The lock goes with the process that holds it.
    Raises CodecError where the folder cannot be made.
    """
    if not limits()[0]:
        yield
        return
    place = _file(name).with_suffix(".lock")
    _make(place.parent)
    with _locked(place):
        try:
            yield
        finally:
            # still held: whoever waits for it sees that it is gone, and asks anew
            with suppress(OSError):
                place.unlink()


@contextmanager
def _locked(place: Path) -> Iterator[None]:
    held = False
    while not held:
        with _opened(place) as file:
            _lock(file.fileno())
            if held := _is_same(place, file.fileno()):
                yield


def _opened(place: Path) -> BinaryIO:
    try:
        return place.open("ab")
    except OSError as error:
        raise CodecError(f"{place}: cannot be made: {error.strerror}") from None


def _is_same(place: Path, number: int) -> bool:
    try:
        return os.path.samestat(place.stat(), os.fstat(number))
    except OSError:  # removed by whoever held it before
        return False


def _lock(number: int) -> None:
    """Wait for the lock of an open file."""
    if sys.platform == "win32":
        import msvcrt

        while True:
            with suppress(OSError):  # it gives up after ten seconds
                msvcrt.locking(number, msvcrt.LK_LOCK, 1)
                return
    else:
        import fcntl

        fcntl.flock(number, fcntl.LOCK_EX)


def info() -> Info:
    """What there is."""
    sizes = [told.st_size for _, told in _files()]
    return Info(str(folder()), len(sizes), sum(sizes), *limits())


def clear() -> int:
    """Remove every mask; how many there were."""
    return sum(_remove(file) for file, _ in _files())


def verify() -> tuple[int, int]:
    """Read every mask and remove those that are damaged; how many are whole, and how many were not."""
    whole = damaged = 0
    for file, _ in _files():
        with suppress(OSError):
            if _read(file.read_bytes()) is None:
                damaged += _remove(file)
            else:
                whole += 1
    return whole, damaged


def _file(name: str) -> Path:
    return folder() / name[:2] / f"{name}{_SUFFIX}"


def _make(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.parent.chmod(0o700)
    except OSError as error:
        raise CodecError(f"{folder}: cannot be made: {error.strerror}") from None


def _files() -> Iterator[tuple[Path, os.stat_result]]:
    for file in folder().glob(f"*/*{_SUFFIX}"):
        with suppress(OSError):  # another process has removed it
            yield file, file.stat()


def _prune(most: float, seconds: float) -> None:
    now, held = time.time(), 0
    for file, told in sorted(_files(), key=lambda one: -one[1].st_mtime):
        held += told.st_size
        if held > most or now - told.st_mtime > seconds:
            _remove(file)


def _remove(file: Path) -> bool:
    with suppress(OSError):
        file.unlink()
        return True
    return False


def _written(found: Estimate) -> bytes:
    """A line of JSON, with the SHA-256 of what follows: the alpha as NumPy writes it, deflated."""
    import numpy as np

    file = io.BytesIO()
    np.save(file, found.alpha, allow_pickle=False)
    body = zlib.compress(file.getvalue(), 1)
    about = {name: value for name, value in asdict(found).items() if name != "alpha"}
    head = {"maskkit": 1, "sha256": hashlib.sha256(body).hexdigest(), "size": file.tell(), "estimate": about}
    return json.dumps(head).encode() + b"\n" + body


def _read(content: bytes) -> Estimate | None:
    """What `_written` wrote; None for anything else."""
    import numpy as np

    from maskkit.engines.base import Estimate

    line, _, body = content.partition(b"\n")
    try:
        head = json.loads(line)
        if head["maskkit"] != 1 or hashlib.sha256(body).hexdigest() != head["sha256"]:
            return None
        alpha = np.load(io.BytesIO(zlib.decompress(body, bufsize=head["size"])), allow_pickle=False)
        return Estimate(alpha, **head["estimate"])
    except (ValueError, KeyError, TypeError, zlib.error):
        return None
