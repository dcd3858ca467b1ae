"""PSD and PSB of RGB and grey, 8 and 16 bits, read: layers, groups, and layer masks as they work.

Every length is held against what is there, and every layer against the pixels allowed, before memory is
taken for it.

References
----------
Adobe Photoshop File Formats Specification, November 2019.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import reduce
from typing import Any

import numpy as np

from maskkit.codec.layers.cursor import Cursor
from maskkit.codec.layers.packbits import unpacked_rows
from maskkit.codec.layers.psd import MODES
from maskkit.codec.layers.psd_merged import known, merged_picture
from maskkit.codec.layers.record import Layer, Layered
from maskkit.codec.masks import times
from maskkit.errors import CodecError
from maskkit.kernels import gaussian_blur
from maskkit.pixels import Array, max_value

__all__ = ["read_psd"]

_MOST = 10_000
_CHANNELS = {1: 1, 3: 3}  # of the colour modes that are read: grey and RGB
_COLOURS = {
    0: "bitmap", 1: "grey", 2: "indexed colour", 3: "RGB", 4: "CMYK", 7: "multichannel", 8: "duotone",
    9: "Lab",
}  # fmt: skip
_HIDDEN, _DISABLED, _WITH_PARAMETERS = 0x02, 0x02, 0x10
_GROUP_BEGINS, _GROUP_ENDS = (1, 2), 3  # of "lsct", seen from the highest layer down
_BY_KEY = {key: mode for mode, key in MODES.items()}
Box = tuple[int, int, int, int]


@dataclass
class _Mask:
    box: Box = (0, 0, 0, 0)  # top, left, bottom, right
    outside: int = 0
    disabled: bool = False
    density: int = 255
    feather: float = 0.0


@dataclass
class _Record:
    """What stands in a layer's record."""

    box: Box
    channels: list[tuple[int, int]]
    mode: str
    opacity: float
    visible: bool
    name: str = ""
    mask: _Mask | None = None
    section: int = 0
    planes: dict[int, Array] = field(default_factory=dict)


def read_psd(content: bytes, name: str = "file", max_pixels: int = 256_000_000) -> Layered:
    """The layers with their masks as they work: density, feather, what is outside, disabled.

    Raises CodecError for what is damaged, too large, or not RGB or grey of 8 or 16 bits.
    """
    try:
        return _read(content, max_pixels)
    except CodecError as error:
        raise CodecError(f"{name}: {error}") from None
    except (struct.error, zlib.error, ValueError, IndexError, OverflowError) as error:
        raise CodecError(f"{name}: damaged or unknown PSD: {str(error)[:100]}") from None


def _read(content: bytes, max_pixels: int) -> Layered:
    cursor = Cursor(content, at=4)
    version, channels, height, width, depth, mode = cursor.take(">H6xHIIHH")
    if mode not in _CHANNELS or depth not in (8, 16):
        kind = f"{_COLOURS.get(mode, f'mode {mode}')} of {depth} bits"
        raise CodecError(
            f"is a PSD of {kind}; need RGB or grey of 8 or 16: convert its mode where it was made"
        )
    if not 0 < width * height <= max_pixels:
        raise CodecError(f"{width}x{height} is {width * height} pixels, max_pixels is {max_pixels}")
    cursor.block(">I")  # the colour mode's data
    icc, dpi = known(cursor.block(">I"))
    cursor.big = version == 2
    section = cursor.block(cursor.length)
    info = section.block(section.length) if section.left >= 4 else Cursor(b"")
    if not info.left:
        info = _deep_info(section)
    clear = info.left >= 2 and struct.unpack(">h", info.content[info.at : info.at + 2])[0] < 0
    records = list(_records(info))
    budget = max_pixels
    for record in records:
        budget -= _area(record.box) + (_area(record.mask.box) if record.mask else 0)
        if budget < 0:
            raise CodecError(f"its layers are more than {max_pixels} pixels together, max_pixels")
        _fill(record, info, depth, _CHANNELS[mode])
    shape = (channels, height, width)
    merged = merged_picture(cursor, shape, depth, colours=_CHANNELS[mode], clear=clear, icc=icc)
    return Layered(tuple(_layers(records)), (width, height), replace(merged, dpi=dpi))


def _area(box: Box) -> int:
    top, left, bottom, right = box
    if bottom < top or right < left:
        raise CodecError("has a layer whose sides are below 0")
    return (bottom - top) * (right - left)


def _deep_info(section: Cursor) -> Cursor:
    """The layers of a file of 16 bits: the block Lr16 behind the global mask."""
    if section.left < 4:
        return Cursor(b"")
    section.block(">I")
    for key, block in _blocks(section, align=4):
        if key in (b"Lr16", b"Layr"):
            block.big = section.big
            return block
    return Cursor(b"")


_LONG_KEYS = (
    b"LMsk",
    b"Lr16",
    b"Lr32",
    b"Layr",
    b"Mt16",
    b"Mt32",
    b"Mtrn",
    b"Alph",
    b"FMsk",
    b"lnk2",
    b"FEid",
)


def _blocks(cursor: Cursor, align: int) -> Iterator[tuple[bytes, Cursor]]:
    """Additional information, by key; of a PSB some lengths have 8 bytes."""
    while cursor.left >= 12:
        signature, key = cursor.take(">4s4s")
        if signature not in (b"8BIM", b"8B64"):
            return
        block = cursor.block(">Q" if cursor.big and key in _LONG_KEYS else ">I")
        yield key, block
        cursor.skip(min(-block.size % align, cursor.left))


def _records(info: Cursor) -> Iterator[_Record]:
    if info.left < 2:
        return
    count = abs(info.take(">h")[0])
    if count > _MOST:
        raise CodecError(f"has {count} layers, more than {_MOST}")
    for _ in range(count):
        yield _record(info)


def _record(info: Cursor) -> _Record:
    box = info.take(">4i")
    (count,) = info.take(">H")
    channels = [info.take(">hQ" if info.big else ">hI") for _ in range(count)]
    signature, key, opacity, _, flags, _ = info.take(">4s4s4B")
    if signature != b"8BIM":
        raise CodecError("is damaged: a layer's record is not where it should be")
    mode = _BY_KEY.get(key, key.decode("latin-1").strip())
    record = _Record(box, channels, mode, opacity / 255, not flags & _HIDDEN)
    extra = info.block(">I")
    record.mask = _mask_record(extra.block(">I"))
    extra.block(">I")  # blending ranges
    (length,) = extra.take(">B")
    record.name = extra.bytes(length).decode("latin-1")
    extra.skip(min(-(length + 1) % 4, extra.left))
    extra.big = info.big
    for kind, block in _blocks(extra, align=1):
        if kind == b"luni":
            (letters,) = block.take(">I")
            record.name = (
                block.bytes(min(2 * letters, block.left)).decode("utf-16-be", "replace").rstrip("\0")
            )
        elif kind in (b"lsct", b"lsdk"):
            (record.section,) = block.take(">I")
    return record


def _mask_record(block: Cursor) -> _Mask | None:
    if block.left < 18:
        return None
    box = block.take(">4i")
    outside, flags = block.take(">BB")
    mask = _Mask(box, outside, bool(flags & _DISABLED))
    if flags & _WITH_PARAMETERS and block.left:
        (given,) = block.take(">B")
        mask.density = block.take(">B")[0] if given & 1 else 255
        mask.feather = block.take(">d")[0] if given & 2 else 0.0
    return mask


def _fill(record: _Record, info: Cursor, depth: int, colours: int) -> None:
    """Decode the channels: 0 to 2 colour, -1 alpha, -2 the mask, which is all that a group has.

    Grey, which has one colour, becomes all three.
    """
    wanted = (-2,) if record.section else (-2, -1, *range(colours))
    for number, length in record.channels:
        if number in record.planes:
            raise CodecError(f"is damaged: a layer has its channel {number} twice")
        data = Cursor(info.bytes(length))
        box = record.mask.box if number == -2 and record.mask else record.box
        if number in wanted and _area(box):
            record.planes[number] = _plane(data, box, depth, big=info.big)
    if colours == 1 and 0 in record.planes:
        record.planes |= dict.fromkeys((1, 2), record.planes[0])


def _plane(data: Cursor, box: Box, depth: int, *, big: bool) -> Array:
    """0 plain, 1 PackBits, 2 deflate, 3 deflate of differences along the rows."""
    height, width = box[2] - box[0], box[3] - box[1]
    (compression,) = data.take(">H")
    needed = height * width * depth // 8
    if compression == 1:
        raw = unpacked_rows(data, height, width * depth // 8, big=big)
    elif compression in (2, 3):
        raw = zlib.decompressobj().decompress(data.bytes(data.left), needed)
    elif compression == 0:
        raw = data.bytes(needed)
    else:
        raise CodecError(f"has a channel of unknown compression {compression}")
    if len(raw) != needed:
        raise CodecError("is damaged: a channel's pixels end early")
    plane = np.frombuffer(raw, ">u2" if depth == 16 else np.uint8).reshape(height, width)
    plane = plane.astype(np.uint16 if depth == 16 else np.uint8)
    return np.add.accumulate(plane, axis=1, dtype=plane.dtype) if compression == 3 else plane


def _layers(records: list[_Record]) -> Iterator[Layer]:
    """From the lowest to the highest, as the file has them; a group's end comes before its layers."""
    found: list[Layer] = []
    groups: list[_Record] = []
    for record in reversed(records):
        if record.section in _GROUP_BEGINS:
            groups.append(record)
        elif record.section == _GROUP_ENDS:
            groups = groups[:-1]
        elif all(channel in record.planes for channel in (0, 1, 2)):
            shown = record.visible and all(group.visible for group in groups)
            layer = _layer(record, groups)
            found.append(replace(layer, visible=shown, group=tuple(group.name for group in groups)))
    return reversed(found)


def _layer(record: _Record, groups: list[_Record]) -> Layer:
    top, left, _, _ = record.box
    planes = [record.planes[number] for number in (0, 1, 2, -1) if number in record.planes]
    if len(planes) == 4 and (planes[3] == max_value(planes[3].dtype)).all():
        planes = planes[:3]  # opaque
    return Layer(
        name=record.name,
        pixels=np.stack(planes, axis=2),
        mask=_masks([record, *groups], record.box, planes[0].dtype),
        position=(left, top),
        opacity=record.opacity,
        mode=record.mode,
    )


def _masks(records: list[_Record], box: Box, dtype: np.dtype[Any]) -> Array | None:
    """The layer's mask times those of its groups, over the layer's box; None where all of it is shown."""
    found = [mask for mask in (_mask(record, box, dtype) for record in records) if mask is not None]
    return reduce(times, found) if found else None


def _mask(record: _Record, box: Box, dtype: np.dtype[Any]) -> Array | None:
    """A mask over a box: filled outside its own, feathered, thinned by its density; None if disabled."""
    mask, (top, left, bottom, right) = record.mask, box
    if mask is None or mask.disabled or (-2 not in record.planes and _area(mask.box)):
        return None
    full = max_value(dtype)
    whole = np.full((bottom - top, right - left), round(mask.outside * full / 255), dtype)
    if -2 in record.planes:
        y0, x0 = max(top, mask.box[0]), max(left, mask.box[1])
        y1, x1 = max(y0, min(bottom, mask.box[2])), max(x0, min(right, mask.box[3]))
        inner = record.planes[-2][y0 - mask.box[0] :, x0 - mask.box[1] :][: y1 - y0, : x1 - x0]
        whole[y0 - top : y1 - top, x0 - left : x1 - left] = inner
    if 0 < mask.feather <= 1000:
        whole = gaussian_blur(whole, mask.feather)
    if mask.density == 255:
        return whole
    return np.rint(full - (full - whole.astype(np.float64)) * mask.density / 255).astype(dtype)
