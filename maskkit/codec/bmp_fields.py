"""BMP whose header says by masks which bits of 16 or 32 are which channel: the exact levels, alpha too.

Pillow knows a few of these layouts, and leaves the alpha out of 16 bits.

References
----------
Microsoft, BITMAPV4HEADER: BI_BITFIELDS, bV4RedMask to bV4AlphaMask; BI_ALPHABITFIELDS.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, NamedTuple

from maskkit.errors import CodecError

if TYPE_CHECKING:
    from maskkit.pixels import Array

__all__ = ["Fields", "fields_of"]

_BITFIELDS, _ALPHABITFIELDS = 3, 6
_WITH_ALPHA = 56  # the shortest header that holds a mask of alpha


class Fields(NamedTuple):
    """Where the pixels lie, and the masks of red, green and blue, and of alpha if there is one."""

    start: int
    size: tuple[int, int]
    upwards: bool
    """The first row is the lowest."""
    bits: int
    masks: tuple[int, ...]

    @property
    def wide(self) -> bool:
        """A channel has more than 8 bits."""
        return max(map(_highest, self.masks)) > 255

    def samples(self, content: bytes) -> Array:
        """``(H, W, C)``: ``round(M v / m)`` of a mask that holds 0 to m; uint16 where one has over 8 bits."""
        import numpy as np

        from maskkit.codec.deep import full_scale

        width, height = self.size
        stride = (width * self.bits + 31) // 32 * 4
        if len(content) < self.start + stride * height:
            raise CodecError("is cut short: some of its pixels lie beyond its end")
        lines = np.frombuffer(content, np.uint8, stride * height, self.start).reshape(height, stride)
        words = lines[:, : width * self.bits // 8].view(f"<u{self.bits // 8}").astype(np.uint32)
        out = np.empty((height, width, len(self.masks)), np.uint16 if self.wide else np.uint8)
        for channel, mask in enumerate(self.masks):
            values = ((words & mask) // (mask & -mask)).astype(out.dtype)
            out[..., channel] = full_scale(values, _highest(mask).bit_length())
        return out[::-1] if self.upwards else out


def _highest(mask: int) -> int:
    return mask // (mask & -mask)


def fields_of(content: bytes) -> Fields | None:
    """The masks of a BMP that has them; None of any other. CodecError where they are no channels.

    >>> fields_of(b"BM" + bytes(60)) is None
    True
    """
    if len(content) < 54:
        return None
    start, header, width, height, _, bits, compression = struct.unpack_from("<IIiiHHI", content, 10)
    if compression not in (_BITFIELDS, _ALPHABITFIELDS) or bits not in (16, 32) or header < 40:
        return None
    count = 4 if compression == _ALPHABITFIELDS or header >= _WITH_ALPHA else 3
    if len(content) < 54 + 4 * count:
        raise CodecError("is cut short: its masks lie beyond its end")
    masks = struct.unpack_from(f"<{count}I", content, 54)
    masks = masks if masks[3:] != (0,) else masks[:3]
    if not any(masks[:3]):
        return None
    contiguous = all(mask and not _highest(mask) & (_highest(mask) + 1) for mask in masks)
    if not contiguous or max(masks).bit_length() > bits or max(map(_highest, masks)) > 65535:
        told = ", ".join(f"{mask:#x}" for mask in masks)
        raise CodecError(f"is a BMP of masks that are no channels ({told}); save it with 24 or 32 bits")
    return Fields(start, (width, abs(height)), height > 0, bits, masks)
