"""Photoshop's PSD of 8 and 16 bits, and PSB beyond 30,000 pixels a side: written, with layer masks.

Layers are deflated (compression 2), the merged picture is stored plain, which every reader of it takes.

References
----------
Adobe Photoshop File Formats Specification, November 2019.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

import numpy as np

from maskkit.codec.deflate import HEADER, TRAILER, adler32, adler32_combine, deflate
from maskkit.codec.layers.record import Layer, Layered
from maskkit.errors import CodecError
from maskkit.kernels import convert, stream_bands
from maskkit.pixels import Array, max_value

__all__ = ["MODES", "psd_parts"]

_SIDE, _BIG_SIDE = 30_000, 300_000
_RGB, _PLAIN, _DEFLATED, _HIDDEN = 3, 0, 2, 2
_ALPHA, _MASK = -1, -2
_ROWS = 256  # of the merged picture at a time
_BAND_BYTES = 1 << 19  # of a layer's channel that are deflated at a time
MODES = {
    "normal": b"norm", "multiply": b"mul ", "screen": b"scrn", "overlay": b"over", "darken": b"dark",
    "lighten": b"lite", "color-dodge": b"div ", "color-burn": b"idiv", "hard-light": b"hLit",
    "soft-light": b"sLit", "difference": b"diff", "exclusion": b"smud", "hue": b"hue ", "saturation": b"sat ",
    "color": b"colr", "luminosity": b"lum ", "linear-burn": b"lbrn", "add": b"lddg",
    "vivid-light": b"vLit", "linear-light": b"lLit", "pin-light": b"pLit", "hard-mix": b"hMix",
    "subtract": b"fsub", "divide": b"fdiv",
}  # fmt: skip
"""Blend modes by the four letters that the file has for them."""


def psd_parts(made: Layered) -> Iterator[bytes]:
    """The file in pieces."""
    width, height = made.size
    if max(width, height) > _BIG_SIDE:
        raise CodecError(f"{width}x{height} cannot be written as psd, which holds up to {_BIG_SIDE} a side")
    big = max(width, height) > _SIDE
    merged = made.whole.pixels
    dtype = np.dtype(np.uint16 if made.deep else np.uint8)
    clear = merged.shape[2] == 4
    yield (
        b"8BPS"
        + struct.pack(">H6xHIIHH", 2 if big else 1, merged.shape[2], height, width, 8 * dtype.itemsize, _RGB)
        + _counted(b"")
    )
    yield _counted(b"".join(_resources(made)))
    yield from _counted_parts(_layers(made, dtype, big=big, clear=clear), big=big)
    yield struct.pack(">H", _PLAIN)
    for channel in range(merged.shape[2]):
        for top in range(0, height, _ROWS):
            shown = convert(merged[top : top + _ROWS], dtype)
            yield _big_endian(_on_white(shown, channel)).tobytes()


def _counted(content: bytes, *, big: bool = False) -> bytes:
    return struct.pack(">Q" if big else ">I", len(content)) + content


def _counted_parts(parts: list[bytes], *, big: bool) -> list[bytes]:
    """`_counted`, of what is not joined: all layers at once would be there twice."""
    return [struct.pack(">Q" if big else ">I", sum(map(len, parts))), *parts]


def _resources(made: Layered) -> Iterator[bytes]:
    if made.whole.dpi:
        across, down = (round(value * 65536) for value in made.whole.dpi)
        yield _resource(1005, struct.pack(">IHHIHH", across, 1, 1, down, 1, 1))
    if icc := made.told_profile:
        yield _resource(1039, icc)
    # the merged picture is real
    yield _resource(1057, struct.pack(">IB", 1, 1) + _unicode("maskkit") + _unicode("maskkit") + b"\0\0\0\1")


def _resource(number: int, content: bytes) -> bytes:
    return b"8BIM" + struct.pack(">HH", number, 0) + _counted(content) + b"\0" * (len(content) % 2)


def _unicode(text: str) -> bytes:
    encoded = text.encode("utf-16-be")
    return struct.pack(">I", len(encoded) // 2) + encoded


def _layers(made: Layered, dtype: np.dtype[np.generic], *, big: bool, clear: bool) -> list[bytes]:
    """The layer and mask section; layers of 16 bits stand in a block of their own, Lr16."""
    planes = [list(_planes(layer)) for layer in made.layers]
    packed = _packed([plane for held in planes for _, plane in held], dtype)
    records, left = [], iter(packed)
    for layer, held in zip(made.layers, planes, strict=True):
        lengths = [(number, sum(map(len, next(left)))) for number, _ in held]
        records.append(_record(layer, lengths, big=big))
    count = -len(records) if clear else len(records)  # below 0: the merged picture's fourth channel is alpha
    info = [struct.pack(">h", count), *records, *(piece for pieces in packed for piece in pieces)]
    info.append(b"\0" * (-sum(map(len, info)) % 4))
    if dtype.itemsize == 1:
        return [*_counted_parts(info, big=big), _counted(b"")]
    return [_counted(b"", big=big) + _counted(b"") + b"8BIMLr16", *_counted_parts(info, big=big)]


def _planes(layer: Layer) -> Iterator[tuple[int, Array]]:
    pixels = layer.pixels
    opaque = np.broadcast_to(np.array(max_value(pixels.dtype), pixels.dtype), pixels.shape[:2])
    yield _ALPHA, pixels[..., 3] if pixels.shape[2] == 4 else opaque
    for channel in range(3):
        yield channel, pixels[..., channel]
    if layer.mask is not None:
        yield _MASK, layer.mask


def _big_endian(plane: Array) -> Array:
    """Its bytes, most significant first."""
    return np.ascontiguousarray(plane, plane.dtype.newbyteorder(">")).view(np.uint8)


def _packed(planes: list[Array], dtype: np.dtype[np.generic]) -> list[list[bytes]]:
    """The pieces of each plane's data, deflated in bands: beside them there are a few bands in memory."""
    spans = [(number, band) for number, plane in enumerate(planes) for band in _bands(plane, dtype)]

    def deflated(at: int, _: int) -> tuple[bytes, int, int]:
        number, band = spans[at]
        content = _big_endian(convert(planes[number][band], dtype))
        return deflate(content, "fast"), adler32(content), content.nbytes

    packed = [[struct.pack(">H", _DEFLATED) + HEADER] for _ in planes]
    sums = [adler32(b"")] * len(planes)
    pieces = stream_bands(deflated, len(spans), 1) if spans else ()
    for (number, _), (piece, checksum, length) in zip(spans, pieces, strict=True):
        packed[number].append(piece)
        sums[number] = adler32_combine(sums[number], checksum, length)
    for held, checksum in zip(packed, sums, strict=True):
        held.append(TRAILER + checksum.to_bytes(4, "big"))
    return packed


def _bands(plane: Array, dtype: np.dtype[np.generic]) -> Iterator[slice]:
    height, width = plane.shape
    rows = max(1, _BAND_BYTES // max(1, width * dtype.itemsize))
    yield from (slice(top, top + rows) for top in range(0, height, rows))


def _record(layer: Layer, channels: list[tuple[int, int]], *, big: bool) -> bytes:
    left, top = layer.position
    box = struct.pack(">4i", top, left, top + layer.pixels.shape[0], left + layer.pixels.shape[1])
    form = ">hQ" if big else ">hI"
    listed = b"".join(struct.pack(form, number, length) for number, length in channels)
    flags = 0 if layer.visible else _HIDDEN
    how = struct.pack(">4BI", round(layer.opacity * 255), 0, flags, 0, len(extra := _extra(layer, box)))
    return box + struct.pack(">H", len(channels)) + listed + b"8BIM" + MODES[layer.mode] + how + extra


def _extra(layer: Layer, box: bytes) -> bytes:
    """The layer mask's place, no blending ranges, the name twice: as the Mac had it, and in Unicode."""
    mask = b"" if layer.mask is None else box + b"\0\0\0\0"  # black outside; enabled
    plain = layer.name.encode("ascii", "replace")[:255]
    name = bytes([len(plain)]) + plain
    full = _unicode(layer.name)
    full += b"\0" * (-len(full) % 4)
    return _counted(mask) + _counted(b"") + name + b"\0" * (-len(name) % 4) + b"8BIMluni" + _counted(full)


def _on_white(image: Array, channel: int) -> Array:
    """``C a + white (1 - a)``: what a channel of the merged picture is where that is transparent."""
    if image.shape[2] == 3 or channel == 3:
        return image[..., channel]
    top = max_value(image.dtype)
    wide, alpha = image[..., channel].astype(np.uint32), image[..., 3].astype(np.uint32)
    return np.asarray((wide * alpha + top * (top - alpha) + top // 2) // top, image.dtype)
