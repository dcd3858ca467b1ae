"""TIFF of 16 bits in strips, plain or deflated, read in parallel; Pillow decodes such a file twice.

References
----------
TIFF Revision 6.0, sections 7, 8 and 14; Adobe Photoshop TIFF Technical Notes (deflate, compression 8).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from maskkit.codec.fast_zlib import library
from maskkit.errors import CodecError
from maskkit.kernels import native, stream_bands
from maskkit.pixels import Array

__all__ = ["strip_samples"]

_PLAIN, _DEFLATED = (1,), (8, 32946)
_ROOMS = {1: (1,), 3: (2,), 4: (2,)}  # the photometric interpretations of so many samples that are read here
_STRAIGHT = (2,)


def strip_samples(tags: Any, content: bytes, order: str) -> Array | None:
    """``(H, W)``, ``(H, W, 3)`` or ``(H, W, 4)`` uint16, or None for a file of any other kind.

    ``tags`` are the directory's, ``order`` is "<" or ">". Raises CodecError where a strip is cut short.
    """
    width, height, count = int(tags.get(256, 0)), int(tags.get(257, 0)), int(tags.get(277, 1))
    if not _is_ours(tags, count):
        return None
    starts, lengths = tags.get(273, ()), tags.get(279, ())
    rows = min(int(tags.get(278, height)), height)
    if rows < 1 or not len(starts) == len(lengths) == -(-height // rows):
        return None
    deflated, differences = tags.get(259, 1) in _DEFLATED, tags.get(317, 1) == 2
    out = np.empty((height, width, count), np.uint16)

    def strip(at: int, _: int) -> None:
        stored = content[starts[at] : starts[at] + lengths[at]]
        place = out[at * rows : (at + 1) * rows]
        if deflated:
            stored = library().decompressobj().decompress(stored, place.nbytes + 1)
        if len(stored) < place.nbytes:
            raise CodecError("a strip is cut short")
        values = np.frombuffer(stored, f"{order}u2", place.size).reshape(place.shape)
        if differences:
            _sum(values, place)
        else:
            place[...] = values

    for _ in stream_bands(strip, len(starts), 1):
        pass
    return out[..., 0] if count == 1 else out


def _sum(differences: Array, out: Array) -> None:
    """Each sample is its difference to the one on the left added to that, modulo 65536 (predictor 2)."""
    rows, width, count = out.shape
    compiled = native.whole("sum_rows")
    if compiled is None:
        np.cumsum(differences, axis=1, dtype=np.uint16, out=out)
        return
    swapped = not differences.dtype.isnative
    lines = differences.view(np.uint16).reshape(rows, width * count)
    compiled(lines, out.reshape(rows, width * count), count, int(swapped))


def _is_ours(tags: Any, count: int) -> bool:
    return (
        set(tags.get(258, (1,))) == {16}
        and set(tags.get(339, (1,))) == {1}
        and tags.get(262) in _ROOMS.get(count, ())
        and tags.get(259, 1) in (*_PLAIN, *_DEFLATED)
        and tags.get(317, 1) in (1, 2)
        and tags.get(284, 1) == 1
        and tags.get(274, 1) == 1
        and tags.get(266, 1) == 1
        and tuple(tags.get(338, ())) == (_STRAIGHT if count == 4 else ())
        and 324 not in tags
    )
