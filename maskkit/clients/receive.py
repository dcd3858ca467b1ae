"""The file that comes back, checked and normalised: one channel, the photo's size, two values if binary."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from maskkit.codec import read
from maskkit.engines.lift import lift
from maskkit.errors import CodecError, ContractError
from maskkit.hearing import warn
from maskkit.kernels import convert
from maskkit.pixels import Array, split_alpha
from maskkit.wire import Format

__all__ = ["cutout_of", "file_of", "lifted", "mask_of"]

_BEGINS = {
    "image/jpeg": b"\xff\xd8\xff",
    "image/png": b"\x89PNG\r\n\x1a\n",
    "image/webp": b"RIFF",
    "image/vnd.adobe.photoshop": b"8BPS",
}
_MAX_PIXELS = 256_000_000


def mask_of(content: bytes, *, format: Format, local: bool, sent: tuple[int, int] | None = None) -> Array:
    """The mask in a file as uint8 ``(H, W)``; L, LA, RGB and RGBA are accepted.

    Parameters
    ----------
    content : the file.
    format : "soft", or "binary" for 0 and 255 only.
    local : a binary mask is made here, at 50 % (v2 has soft ones only); otherwise the service's is checked.
    sent : (height, width) that the mask must have.

    Raises
    ------
    ContractError
        It is not an image, not grey, of another size, or not two-valued.
    """
    mask = _grey(_decoded(content, sent))
    _check_size("the mask", mask, sent)
    if format == "binary":
        mask = _binary(mask, local=local)
    if not mask.any():
        warn("the mask is all black: the service found no subject", stacklevel=2)
    return mask


def cutout_of(content: bytes, *, sent: tuple[int, int] | None = None, edits: Collection[str] = ()) -> Array:
    """The cutout in a file as uint8 ``(H, W, 4)``. Raises ContractError without alpha, or of another size.

    ``edits`` are those of `maskkit.Job`: a trimmed one may be smaller, one on a background may be opaque.
    """
    pixels = convert(_decoded(content, sent), np.uint8)
    if "trim" not in edits:
        _check_size("the cutout", pixels, sent)
    if pixels.shape[2] == 4:
        return pixels
    if "background" not in edits:
        raise ContractError("the cutout has no alpha channel")
    return np.dstack([pixels, np.full(pixels.shape[:2], 255, np.uint8)])


def file_of(content: bytes, media_type: str) -> bytes:
    """The file as it came. Raises ContractError if it is none of ``media_type``."""
    if content.startswith(_BEGINS[media_type]) and (media_type != "image/webp" or content[8:12] == b"WEBP"):
        return content
    raise ContractError(f"the result is not the {media_type} that was ordered")


def lifted(mask: Array, photo: Array, format: Format = "soft") -> Array:
    """A mask of a photo that was scaled down, at the photo's size, its edge on the photo's own edges."""
    alpha = lift(mask.astype(np.float32) / 255, photo)
    return convert(alpha >= 0.5 if format == "binary" else alpha, np.uint8)


def _decoded(content: bytes, sent: tuple[int, int] | None) -> Array:
    cap = sent[0] * sent[1] if sent else _MAX_PIXELS
    try:
        return read(content, max_pixels=cap).pixels
    except CodecError as error:
        said = str(error)
    raise ContractError(f"the result is not the picture that was ordered: {said}")


def _grey(pixels: Array) -> Array:
    colour, alpha = split_alpha(pixels)
    if (colour[..., :1] != colour[..., 1:]).any():
        raise ContractError("the mask is a colour picture; grey is needed")
    grey = colour[..., 0]
    if alpha is not None and alpha.min() != alpha.max() and grey.min() == grey.max():
        grey = alpha  # a mask that travels as the transparency of a plain colour
    return convert(np.ascontiguousarray(grey), np.uint8)


def _binary(mask: Array, *, local: bool) -> Array:
    kept = mask >= 128
    if not local and not np.array_equal(mask, np.where(kept, np.uint8(255), np.uint8(0))):
        raise ContractError("the mask was ordered binary, and has values between 0 and 255")
    return convert(kept, np.uint8)


def _check_size(what: str, pixels: Array, sent: tuple[int, int] | None) -> None:
    height, width = pixels.shape[:2]
    if sent is not None and (height, width) != sent:
        raise ContractError(f"{what} is {width}x{height}, the photo that was sent is {sent[1]}x{sent[0]}")
