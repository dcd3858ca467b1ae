"""What a file of layers holds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from maskkit.codec.matrix_profiles import SRGB_CURVE, SRGB_XY, matrix_profile
from maskkit.codec.picture import Picture
from maskkit.errors import CodecError
from maskkit.kernels import convert
from maskkit.pixels import Array

__all__ = ["Layer", "Layered"]


@dataclass(frozen=True, eq=False, kw_only=True)
class Layer:
    """One layer.

    Attributes
    ----------
    name : what a program lists it as.
    pixels : (H, W, 3) or straight (H, W, 4), uint8 or uint16.
    mask : (H, W), a layer mask beside the pixels, white shows; or None.
    position : left and top of it on the canvas.
    opacity : 0 to 1.
    mode : its blend mode, one of `maskkit.BLEND_MODES`.
    visible : it is shown.
    group : the names of the groups that it is in, the outermost first.
    """

    name: str
    pixels: Array
    mask: Array | None = None
    position: tuple[int, int] = (0, 0)
    opacity: float = 1.0
    mode: str = "normal"
    visible: bool = True
    group: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Layered:
    """Layers from the lowest to the highest, and the picture that they make together.

    Attributes
    ----------
    layers : from the lowest to the highest; a group's stand in its place.
    size : (width, height) of the canvas.
    merged : of that size, with the profile and dpi of the whole file.
    """

    layers: tuple[Layer, ...]
    size: tuple[int, int]
    merged: Picture | None = None

    @property
    def whole(self) -> Picture:
        """The merged picture. Raises CodecError where there is none."""
        if self.merged is None:
            raise CodecError("layers: the merged picture is not there")
        return self.merged

    @property
    def deep(self) -> bool:
        """A layer, or the merged picture, has 16 bits."""
        return any(one.dtype != np.uint8 for one in (self.whole.pixels, *(one.pixels for one in self.layers)))

    @property
    def told_profile(self) -> bytes | None:
        """The profile for the file: with 16 bits sRGB is said, where Krita takes or asks for linear light."""
        srgb = matrix_profile("sRGB", SRGB_XY, SRGB_CURVE) if self.deep else None
        return self.whole.icc or srgb

    def layer(self, name: str) -> Layer:
        """The highest layer of a name. Raises CodecError, which lists the names, where there is none."""
        for one in reversed(self.layers):
            if one.name == name:
                return one
        listed = ", ".join(repr(one.name) for one in reversed(self.layers)) or "none"
        raise CodecError(f"layer: there is none of the name {name!r}; there is {listed}")

    def on_canvas(self, layer: Layer) -> Picture:
        """A layer as RGBA of the canvas's size, its mask in its alpha; clear beside it."""
        pixels = layer.pixels
        top = np.iinfo(pixels.dtype).max
        alpha = pixels[..., 3] if pixels.shape[2] == 4 else np.full(pixels.shape[:2], top, pixels.dtype)
        if layer.mask is not None:
            product = alpha.astype(np.uint32) * convert(layer.mask, pixels.dtype)
            alpha = ((product + top // 2) // top).astype(pixels.dtype)
        width, height = self.size
        out = np.zeros((height, width, 4), pixels.dtype)
        (left, above), (high, wide) = layer.position, pixels.shape[:2]
        rows, columns = _inside(above, high, height), _inside(left, wide, width)
        here = slice(rows.start - above, rows.stop - above), slice(columns.start - left, columns.stop - left)
        out[rows, columns, :3], out[rows, columns, 3] = pixels[..., :3][here], alpha[here]
        return Picture(out, self.merged.icc if self.merged else None)


def _inside(start: int, length: int, room: int) -> slice:
    first = min(max(start, 0), room)
    return slice(first, max(first, min(start + length, room)))
