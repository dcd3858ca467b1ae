"""What a decoded image holds, as an array: grey (H, W), or (H, W, C) with 2, 3 or 4 channels.

Pillow's `RGB` holds 8 bits. A file of 16 is decoded twice, keeping its high bytes and then its low ones:
the same decoder, checks and errors for every depth.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import numpy as np
from PIL import Image

from maskkit.codec.jpeg_still import StillJpeg
from maskkit.codec.opening import decoding
from maskkit.errors import CodecError
from maskkit.hearing import warn
from maskkit.kernels import compose, stream_bands
from maskkit.pixels import Array

__all__ = ["is_decoded_apart", "is_wide", "opaque_samples", "samples", "transparent_key", "with_key"]

# Read through another mode, where Pillow's own conversion is exact.
_THROUGH = {"1": "L", "PA": "RGBA", "RGBX": "RGB"}
# Associated alpha, which Pillow's conversion divides by without rounding.
_ASSOCIATED = {"La": (2,), "RGBa": (4,)}
_CHANNELS = {"L": (), "LA": (2,), "RGB": (3,), "RGBA": (4,)}
# The raw mode that reads the other byte of each 16-bit sample.
_OTHER_BYTE = {"L": "B", "B": "L", "N": "B" if sys.byteorder == "little" else "L"}


def samples(image: Image.Image, name: str, reopen: Callable[[], Any] | None = None) -> Array:
    """The samples of ``image`` as its file stores them, uint8 or uint16; a transparent colour becomes alpha.

    ``reopen`` opens the same file once more, for 16-bit colour.
    """
    raw = _raw_mode(image)
    key = transparent_key(image)
    if left_out := getattr(image, "left_out", 0):
        _warn_of_left_out(left_out, name, alone=not _has_alpha(image))
    _refuse_unknown(image, name)
    plain: Array | None = getattr(image, "plain_samples", lambda: None)()  # a WholePng's, an OtherTiff's
    if plain is not None:
        return plain
    if reopen and image.mode in ("RGB", "RGBA") and ";16" in raw:
        array = _wide(image, raw, reopen, name)
    elif image.mode in _ASSOCIATED or (reopen and _is_associated(image, raw)):
        array = _divided(image, raw)
    elif image.mode.startswith("I;16"):
        array = np.asarray(image).astype(np.uint16, copy=False)
        array = 65535 - array if _white_is_zero(image) else array
    else:
        array = _narrow(image)
    return array if key is None else with_key(array, key)


def _has_alpha(image: Image.Image) -> bool:
    """Whether the file calls one of its samples alpha."""
    return bool(getattr(image, "has_alpha", "a" in image.mode.lower()))


def _warn_of_left_out(count: int, name: str, *, alone: bool) -> None:
    """Say that samples beside the colour, of which the file does not say what they are, are left out."""
    said, these = ("one sample", "it is") if count == 1 else (f"{count} samples", "they are")
    way = "; unnamed_alpha=True takes it as a photo's alpha" if alone else ""
    told = (
        f"{name}: {said} a pixel beside the colour: the file does not call it alpha, so {these} left out{way}"
    )
    warn(told, stacklevel=7)


def opaque_samples(image: Image.Image) -> Array | None:
    """An RGB JPEG as opaque RGBA, uncopied: the memory it was decoded into. None for any other image."""
    if not isinstance(image, StillJpeg) or image.mode != "RGB":
        return None
    image.load()
    return np.frombuffer(image.memory, np.uint8).reshape(image.height, image.width, 4)


def is_wide(image: Image.Image) -> bool:
    """Whether the samples have 16 bits of RGB, RGBA or grey."""
    if getattr(image, "wide", False):  # an OtherTiff's, a DeepAvif's
        return True
    wide_colour = image.mode in ("RGB", "RGBA") and ";16" in _raw_mode(image)
    return wide_colour or image.mode.startswith("I;16")


def is_decoded_apart(image: Image.Image) -> bool:
    """Whether the straight samples of 8 bits are not what Pillow would make of them."""
    return getattr(image, "decoded_apart", False) or _is_associated(image, _raw_mode(image))


def _is_associated(image: Image.Image, raw: str) -> bool:
    return image.mode in _ASSOCIATED or (image.mode == "RGBA" and "a" in raw)


def _refuse_unknown(image: Image.Image, name: str) -> None:
    if image.mode in ("I", "F"):
        raise CodecError(f"{name}: has 32-bit samples, which declare no range; store it with 8 or 16 bits")
    if image.mode not in {*_CHANNELS, *_THROUGH, *_ASSOCIATED, "P"} and not image.mode.startswith("I;16"):
        raise CodecError(f"{name}: is {image.mode}, not RGB; to_srgb=True converts it")


def _raw_mode(image: Image.Image) -> str:
    tile = getattr(image, "tile", None)
    if not tile:
        return ""
    args = tile[0][3]
    return str(args[0] if isinstance(args, tuple) and args else args)


def _narrow(image: Image.Image) -> Array:
    mode = _THROUGH.get(image.mode, image.mode)
    if mode == "P":
        mode = "RGBA" if "transparency" in image.info else "RGB"
    return _array(image if mode == image.mode else image.convert(mode))


def _divided(image: Any, raw: str) -> Array:
    """The straight samples of 8 bits with associated alpha, which a file is made to give as they are."""
    if image.mode == "RGBA":
        image.tile = [_retold(tile, raw.replace("a", "A")) for tile in image.tile]
    return _straight(_array(image))


def _array(image: Image.Image, out: Array | None = None) -> Array:
    """A copy of the pixels in bands: three times as fast as ``np.asarray``, which joins 64 KB pieces.

    JPEG of 12 MP, decoding included: 66 ms, np.asarray 84 ms, cv2.imdecode 45 ms. OpenCV gives the same
    pixels, but its libjpeg and libpng print to standard error what is wrong with a file.
    """
    image.load()
    width, height = image.size
    if out is None:
        out = np.empty((height, width, *(_CHANNELS | _ASSOCIATED)[image.mode]), np.uint8)
    rows = max(1, 500_000 // width)
    for top in range(0, height, rows):
        bottom = min(top + rows, height)
        out[top:bottom] = np.asarray(image.crop((0, top, width, bottom)))
    return out


def _wide(image: Any, raw: str, reopen: Callable[[], Any], name: str) -> Array:
    if raw == "LA;16B":  # four bytes a pixel, as RGBA has
        image.tile = [tile._replace(args="RGBA") for tile in image.tile]
        return np.asarray(_array(image).view(">u2").astype(np.uint16))
    mode, order = raw.split(";16")
    straight = mode.replace("a", "A")
    raws = f"{straight};16{_OTHER_BYTE[order]}", f"{straight};16{order}"
    images = reopen(), image

    def decode(index: int, _: int) -> Array:
        with decoding(name):
            images[index].tile = [_retold(tile, raws[index]) for tile in images[index].tile]
            return _array(images[index])

    low, high = stream_bands(decode, 2, 1)
    wide = np.empty(low.shape, "<u2")
    halves = wide.view(np.uint8).reshape(*low.shape, 2)
    halves[..., 0], halves[..., 1] = low, high
    native: Array = wide.astype(np.uint16, copy=False)
    return _straight(native) if "a" in mode else native


def _retold(tile: Any, raw: str) -> Any:
    args = tile.args
    return tile._replace(args=(raw, *args[1:]) if isinstance(args, tuple) else raw)


def _straight(image_pre: Array) -> Array:
    """Associated alpha to straight, of colour or of grey: `compose.unpremultiply`."""
    grey = image_pre.shape[2] == 2
    colour_pre = image_pre[..., [0, 0, 0, 1]] if grey else image_pre
    image = np.empty_like(colour_pre)
    compose.unpremultiply(colour_pre, image)
    return image[..., 2:] if grey else image


def _white_is_zero(image: Image.Image) -> bool:
    # Pillow inverts WhiteIsZero up to 8 bits, not at 16.
    return bool(getattr(image, "tag_v2", {}).get(262, 1) == 0)


def transparent_key(image: Image.Image) -> tuple[int, ...] | None:
    """The one colour that PNG's tRNS makes transparent, in the scale of the decoded samples.

    Of an image that is not decoded yet: the scale stands in its tiles.
    """
    raw = _raw_mode(image)
    key = image.info.get("transparency")
    if image.mode in ("P", "PA") or key is None or isinstance(key, bytes):
        return None
    values = key if isinstance(key, tuple) else (key,)
    if image.mode == "L" and raw in ("L;2", "L;4"):
        return tuple(value * {"L;2": 85, "L;4": 17}[raw] for value in values)
    return tuple(values)


def with_key(array: Array, key: tuple[int, ...]) -> Array:
    """``array`` with an alpha that is 0 where the colour is ``key``."""
    top = np.iinfo(array.dtype).max
    colour = array if array.ndim == 3 else array[..., None]
    alpha = np.where((colour == np.array(key)).all(axis=2, keepdims=True), 0, top)
    return np.concatenate([colour, alpha.astype(array.dtype)], axis=2)
