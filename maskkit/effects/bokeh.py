"""Out of focus as by a lens: every point becomes a disc, in linear light."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np

from maskkit.checks import check_amount, check_unit
from maskkit.codec.inputs import ImageInput, MaskInput, to_mask, to_pixels
from maskkit.kernels import convert, map_bands
from maskkit.kernels.grid import enlarge
from maskkit.keywords import keywords
from maskkit.layout import regular
from maskkit.pixels import Array, check_out, check_same_size
from maskkit.srgb import encode, from_light, light_table, to_light

__all__ = ["disc", "lens_blur"]

_RADIUS = 10  # of the disc at the reduced size: from 20 pixels on, the picture is averaged over squares first
_STRIP = 64  # rows at a time, at least
_CHUNK = 1 << 16  # pixels at a time on the way to squares and back
_MOST = 0.95  # of `highlights`: white then counts 20 times
_SPECK = 1e-3  # of the weight: where no more of the backdrop is near, its mean comes in
_TABLE = 1 << 19  # steps from black to white in the curve, on the way to bytes
_FINE = 16  # parts of a pixel's side, for the disc's edge


@keywords()
def lens_blur(
    photo: ImageInput,
    radius: float,
    mask: MaskInput | None = None,
    *,
    highlights: float = 0.75,
    out: Array | None = None,
) -> Array:
    """``f(L') = D(f(L) w) / D(w)``, ``f(L) = L / (1 - h L)``: the mean over a disc, in linear light ``L``.

    ``w = 1 - mask``, so the subject's colour does not bleed into what lies around it; ``D`` is the disc of
    ``radius`` and ``h`` is ``highlights``: bright points grow to bright discs, even areas stay as they are.
    From 20 pixels on the picture is averaged over squares of ``k`` pixels until the radius is 10 to 20 of
    them; squares and the way back have variances that the small disc leaves out. Where next to no weight is
    near, the mean ``m`` of all comes in: ``(D(f w) + m / 1000) / (D(w) + 1 / 1000)``.

    Parameters
    ----------
    photo : (H, W, 3) or (H, W, 4) array, or a picture as `maskkit.cutout` takes it
        An alpha counts as weight, and is blurred.
    radius : float
        Of the disc, in pixels, 0 or more; 0 changes nothing.
    mask : (H, W) array, or a mask as `maskkit.cutout` takes it, optional
        The subject, left out; its place is filled with what is around it.
    highlights : float
        0 to 1: how much more bright points count than in the mean; 0 is the mean of light.
    out : array, optional
        Where to write the result; must not share memory with the inputs.

    Returns
    -------
    Array of the photo's shape and dtype.

    Raises
    ------
    PixelError
        If an argument is not by the pixel convention or sizes differ.

    References
    ----------
    Potmesil and Chakravarty 1981, A lens and aperture camera model for synthetic image generation.
    Knutsson and Westin 1993, Normalized and differential convolution.

    Examples
    --------
    >>> lamp = np.zeros((5, 5, 3), np.uint8); lamp[2, 2] = 255
    >>> lens_blur(lamp, 1)[2, :, 0].tolist()
    [0, 164, 206, 164, 0]
    """
    photo = to_pixels(photo, "photo")
    check_amount(radius, "radius")
    check_unit(highlights, "highlights")
    if mask is not None:
        mask = to_mask(mask)
        check_same_size(mask, photo, other="photo")
    out = check_out(out, photo.shape, photo.dtype, photo, mask)
    if radius == 0:
        out[...] = photo
        return out
    lens = _Lens.of(photo, mask, min(radius, 2.0 * max(photo.shape[:2])), _MOST * highlights)
    step = max(_STRIP, 4 * lens.reach) // lens.factor * lens.factor or lens.factor
    if out.dtype == np.uint8:
        _coded(lens.curve)  # its scratch is gone before there are strips
    tops = np.arange(0, len(photo), step)[:, None]
    map_bands(lambda top: lens.blur(int(top[0, 0]), step, out), tops, rows=1)
    return out


def disc(radius: float) -> Array:
    """The disc as weights that sum to 1, pixels on its edge by how much of them it covers.

    >>> disc(0.5).round(2).tolist()
    [[0.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 0.0]]
    """
    side = 2 * math.ceil(radius) + 1
    place = (np.arange(side * _FINE) + 0.5) / _FINE - side / 2
    inside = place[:, None] ** 2 + place**2 <= radius**2
    cover = inside.reshape(side, _FINE, side, _FINE).mean(axis=(1, 3), dtype=np.float64)
    return np.asarray((cover / cover.sum()).astype(np.float32))


@lru_cache(8)
def _coded(curve: float) -> Array:
    """The byte of ``f(L)``, for as many even steps of it from black to white as the table has."""
    lifted = (np.arange(_TABLE + 1) + 0.5) / (_TABLE * (1 - curve))
    light = np.minimum(lifted / (1 + curve * lifted), 1)
    return np.asarray(np.rint(255 * from_light(light)).astype(np.uint8))


@dataclass(frozen=True, eq=False)
class _Lens:
    """What blurs one strip after the other: the squares' side, the small disc, the curve."""

    photo: Array
    mask: Array | None
    factor: int
    kernel: Array
    curve: float
    mean: Array

    @classmethod
    def of(cls, photo: Array, mask: Array | None, radius: float, curve: float) -> _Lens:
        factor = max(1, int(radius / _RADIUS))
        small = math.sqrt(max(radius**2 - (factor**2 - 1), 0.25)) / factor
        lens = cls(photo, mask, factor, disc(small), curve, np.zeros(3))
        step = max(1, math.isqrt(photo.shape[0] * photo.shape[1]) // 256)
        if lens.plain:
            return lens
        seen = lens._weighted(photo[::step, ::step], None if mask is None else mask[::step, ::step])
        total = seen.reshape(-1, 4).sum(axis=0, dtype=np.float64)
        mean = total[:3] / total[3] if total[3] else np.zeros(3)
        return cls(photo, mask, factor, lens.kernel, curve, mean.astype(np.float32))

    @property
    def plain(self) -> bool:
        """Every pixel counts alike: no plane of weights is kept."""
        return self.mask is None and self.photo.shape[2] == 3

    @property
    def reach(self) -> int:
        """Pixels around a strip that are seen, whole squares of them."""
        return self.factor * (len(self.kernel) // 2 + 2)

    def blur(self, top: int, step: int, out: Array) -> None:
        """Rows ``top`` to ``top + step`` of the result."""
        height, width = out.shape[:2]
        bottom, k = min(height, top + step), self.factor
        small = self._squares(top - self.reach, -(-(bottom - top) // k) * k + 2 * self.reach)
        soft = cv2.filter2D(small, -1, self.kernel, borderType=cv2.BORDER_REPLICATE)
        rows = max(k, _CHUNK // width // k * k)
        across = slice(self.reach, self.reach + width)
        for first in range(0, bottom - top, rows):
            last = min(bottom - top, first + rows)
            inner = slice(self.reach + first, self.reach + last)
            part = soft[inner, across] if k == 1 else enlarge(soft, k, inner, across)
            self._write(part, out[top + first : top + last])

    def _squares(self, top: int, rows: int) -> Array:
        """The means over squares of rows from ``top`` on, the picture's border repeated around it."""
        height, width = self.photo.shape[:2]
        k, right = self.factor, self.reach + -width % self.factor
        small = np.empty((rows // k, (width + self.reach + right) // k, 3 if self.plain else 4), np.float32)
        chunk = max(1, _CHUNK // (k * small.shape[1] * k))
        for first in range(0, len(small), chunk):
            target = small[first : first + chunk]
            where = np.arange(top + k * first, top + k * (first + len(target))).clip(0, height - 1)
            mask = None if self.mask is None else self.mask[where]
            value = self._weighted(self.photo[where], mask)
            value = cv2.copyMakeBorder(value, 0, 0, self.reach, right, cv2.BORDER_REPLICATE)
            cv2.resize(value, target.shape[1::-1], dst=target, interpolation=cv2.INTER_AREA)
        return small

    def _weighted(self, photo: Array, mask: Array | None) -> Array:
        """``f(L) w`` of three colours, and ``w``; float32."""
        if self.plain:
            return self._lifted(photo)
        value = np.empty((*photo.shape[:2], 4), np.float32)
        weight = np.ones(photo.shape[:2], np.float32)
        if photo.shape[2] == 4:
            weight *= convert(photo[..., 3], np.float32)
        if mask is not None:
            weight *= 1 - convert(mask, np.float32)
        np.multiply(self._lifted(photo[..., :3]), weight[..., None], out=value[..., :3])
        value[..., 3] = weight
        return value

    def _lifted(self, colour: Array) -> Array:
        """``f(L)``, float32."""
        if colour.dtype.kind == "f":
            return self._lift(to_light(colour.astype(np.float32)))
        whole = colour.view(np.uint8) if colour.dtype == np.bool_ else colour
        return np.take(self._lift(light_table(colour.dtype, np.dtype(np.float32))), whole)

    def _lift(self, light: Array) -> Array:
        lifted: Array = light / (1 - np.float32(self.curve) * light)
        return lifted

    def _write(self, soft: Array, out: Array) -> None:
        """The colours back from their weight and from the curve."""
        weight = np.maximum(soft[..., 3:], 0)
        lifted = soft[..., :3]
        if not self.plain:
            lifted = (lifted + np.float32(_SPECK) * self.mean) / (weight + np.float32(_SPECK))
        if out.dtype == np.uint8:
            # truncation, and the ends, are the table's: the darkest level is 7 of its steps or more
            place = (lifted * np.float32(_TABLE * (1 - self.curve))).astype(np.int32)
            out[..., :3] = np.take(_coded(self.curve), place, mode="clip")
        else:
            light = np.clip(lifted / (1 + np.float32(self.curve) * lifted), 0, 1)
            coded = encode(light, np.uint8 if out.dtype == np.bool_ else out.dtype)
            out[..., :3] = convert(coded, out.dtype)
        if out.shape[2] == 4:
            alpha = weight[..., 0]
            if self.mask is not None:
                alpha = np.ones_like(alpha)
            out[..., 3] = convert(np.clip(regular(alpha), 0, 1), out.dtype)
