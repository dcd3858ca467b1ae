"""The edge's colour continued under alpha 0, so that scaling and filtering elsewhere grow no fringe."""

from __future__ import annotations

import numpy as np

from maskkit.codec.inputs import ImageInput, MaskInput, to_mask, to_pixels
from maskkit.errors import PixelError
from maskkit.kernels import convert
from maskkit.kernels.grid import enlarge, shrink
from maskkit.kernels.tiles import Tile, map_tiles, tiles
from maskkit.pixels import Array, check_out, check_same_size

__all__ = ["extend_edge"]

_TILE = 512


def extend_edge(image: ImageInput, mask: MaskInput | None = None, *, out: Array | None = None) -> Array:
    """``C(alpha = 0) = sum alpha C / sum alpha`` over the smallest block around that has any alpha.

    A pyramid of alpha-weighted means, from fine to coarse and back (pull-push): near the subject its edge's
    colour, further out ever wider means of it.

    Parameters
    ----------
    image : (H, W, 3) or (H, W, 4) array, or a picture as `maskkit.cutout` takes it
    mask : (H, W) array, or a mask as `maskkit.cutout` takes it, optional
        The alpha of the cutout; by default the image's own.
    out : array, optional
        Where to write the result.

    Returns
    -------
    The image's shape and dtype; unchanged where alpha is above 0, and where nothing has any.

    Raises
    ------
    PixelError
        If an argument is not by the pixel convention, or sizes differ.

    References
    ----------
    Gortler, Grzeszczuk, Szeliski, Cohen 1996, The Lumigraph, section 3.4 (pull-push).

    Examples
    --------
    >>> extend_edge(np.array([[[0, 0, 0], [9, 8, 7]]], np.uint8), np.array([[0, 255]], np.uint8)).tolist()
    [[[9, 8, 7], [9, 8, 7]]]
    """
    image = to_pixels(image)
    if mask is None and image.shape[2] == 3:
        raise PixelError(f"mask: need one for an image without alpha, got shape {image.shape}")
    alpha = image[..., 3] if mask is None else to_mask(mask)
    check_same_size(alpha, image)
    out = check_out(out, image.shape, image.dtype, image, alpha)
    out[...] = image
    empty = alpha == 0
    if empty.all() or not empty.any():
        return out
    colour = _push(_pull(image, alpha))

    def fill(tile: Tile) -> None:
        edit = empty[tile.core]
        wide = enlarge(colour, 2, *tile.core)[edit][None].clip(0, 1)
        out[tile.core][..., :3][edit] = convert(np.ascontiguousarray(wide), out.dtype)[0]

    map_tiles(fill, tiles(alpha.shape, _TILE, 0, empty))
    return out


def _pull(image: Array, alpha: Array) -> Array:
    """``(alpha C, alpha)`` as means of 2x2, (h, w, 4) float32, tile by tile."""
    height, width = alpha.shape
    half = np.empty((-(-height // 2), -(-width // 2), 4), np.float32)

    def fill(tile: Tile) -> None:
        weight = convert(alpha[tile.core], np.float32)[..., None]
        colour_pre = convert(image[tile.core][..., :3], np.float32) * weight
        rows, columns = (slice(side.start // 2, -(-side.stop // 2)) for side in tile.core)
        half[rows, columns] = shrink(np.concatenate([colour_pre, weight], axis=2), 2)

    map_tiles(fill, tiles(alpha.shape, _TILE, 0))
    return half


def _push(weighted: Array) -> Array:
    """The colours of a level, those without weight from the coarser one."""
    weight = weighted[..., 3:]
    colour: Array = weighted[..., :3] / np.maximum(weight, np.float32(1e-6))
    if (weight > 0).all() or weighted.shape[:2] == (1, 1):
        return colour
    coarse = _push(shrink(weighted, 2))
    everywhere = slice(0, weighted.shape[0]), slice(0, weighted.shape[1])
    filled: Array = np.where(weight > 0, colour, enlarge(coarse, 2, *everywhere))
    return filled
