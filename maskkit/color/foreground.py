"""The subject's own colour at its soft edge: multi-level foreground estimation on the tiles that need it."""

from __future__ import annotations

from typing import Any

import numpy as np

from maskkit.kernels import convert
from maskkit.kernels.foreground import relaxed
from maskkit.kernels.grid import shrink
from maskkit.kernels.tiles import Tile, map_tiles, tiles
from maskkit.pixels import Array, check_image, check_mask, check_out, check_same_size, check_unit, max_value

__all__ = ["decontaminate"]

_TILE = 128
_ROUNDS = 4  # at levels above _SMALL pixels, as many as the halo is wide
_ROUNDS_FINEST = 2
_ROUNDS_SMALL = 12
_SMALL = 64


def decontaminate(image: Any, mask: Any, amount: float = 1.0, *, out: Array | None = None) -> Array:
    """``out = image + amount (F - image)``, F of ``image = alpha F + (1 - alpha) B`` where 0 < alpha < 1.

    Old background shines through a soft edge. F, the subject's own colour there, and B, the backdrop's, are
    the smoothest pair that explains the photo, found from coarse to fine.

    Parameters
    ----------
    image : (H, W, 3) or (H, W, 4) array
        The photo; an alpha it has is kept.
    mask : (H, W) array
        The matte that the cutout is to have. Its errors become colour errors: refine it first.
    amount : float
        0 to 1.
    out : array, optional
        Where to write the result.

    Returns
    -------
    The image's shape and dtype; unchanged where the mask is 0 or white.

    Raises
    ------
    PixelError
        If an argument is not by the pixel convention, sizes differ, or the amount is outside 0 to 1.

    References
    ----------
    Germer, Uelwer, Conrad, Harmeling 2020, Fast Multi-Level Foreground Estimation, ICPR.

    Examples
    --------
    >>> x = np.clip((np.arange(16) - 5) / 6, 0, 1)[None, :, None].repeat(4, 0)
    >>> photo = x * (1, 0, 0) + (1 - x) * (0, 0, 1)  # red in front of blue
    >>> decontaminate(photo, x[..., 0])[0, 8].round(1).tolist()
    [1.0, 0.0, 0.0]
    """
    image, alpha = check_image(image), check_mask(mask)
    check_same_size(alpha, image)
    check_unit(amount, "amount")
    out = check_out(out, image.shape, image.dtype, image, alpha)
    out[...] = image
    if amount and alpha.dtype != np.bool_:
        _finest(image[..., :3], alpha, amount, out)
    return out


def _finest(image: Array, alpha: Array, amount: float, out: Array) -> None:
    soft = (alpha > 0) & (alpha < max_value(alpha.dtype))
    if not soft.any():
        return
    layers = _coarser(shrink(image, 2), shrink(convert(alpha, np.float32), 2))

    def fill(tile: Tile) -> None:
        found = relaxed(layers, image, alpha, tile.around, _ROUNDS_FINEST)[:3, *tile.inner]
        edit = soft[tile.core]
        colour = convert(np.ascontiguousarray(image[tile.core][edit][None]), np.float32)
        blend = colour + np.float32(amount) * (found[:, edit].T - colour)
        out[tile.core][..., :3][edit] = convert(blend, out.dtype)[0]

    map_tiles(fill, tiles(alpha.shape, _TILE, _ROUNDS_FINEST, soft))


def _coarser(image: Array, alpha: Array) -> Array:
    """F and B, (6, h, w), at this size, from those at half of it."""
    size = max(alpha.shape)
    layers = np.empty((6, *alpha.shape), np.float32)
    for start in (layers[:3], layers[3:]):
        start[...] = np.moveaxis(convert(image, np.float32), -1, 0)
    if size <= 2:
        return layers
    coarse = _coarser(shrink(image, 2), shrink(alpha, 2))
    rounds = _ROUNDS_SMALL if size <= _SMALL else _ROUNDS

    def fill(tile: Tile) -> None:
        layers[:, *tile.core] = relaxed(coarse, image, alpha, tile.around, rounds)[:, *tile.inner]

    map_tiles(fill, tiles(alpha.shape, _TILE, rounds, (alpha > 0) & (alpha < 1)))
    return layers
