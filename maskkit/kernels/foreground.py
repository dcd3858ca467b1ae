"""Multi-level foreground estimation: on each level, F and B relax towards their neighbours and the photo.

Both are worked out only on tiles that hold a soft pixel, and kept as uint16, six planes a level.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from maskkit.kernels import native
from maskkit.kernels.bands import map_bands
from maskkit.kernels.convert import convert
from maskkit.kernels.grid import shrink_as
from maskkit.kernels.tiles import Tile, map_tiles, tiles
from maskkit.layout import regular
from maskkit.pixels import Array, max_value

__all__ = ["finish", "halved", "photo_level", "relax", "relaxed_level"]

REGULARISATION = np.float32(1e-3)  # how much F and B resist change between any two neighbours
GRADIENT = np.float32(0.05)  # and more so across a change of alpha, per unit of it

_TILE = 64


def halved(array: Array, dtype: type[np.generic]) -> Array:
    """The means of 2 x 2 pixels, of the first three channels where there are any, in ``dtype``."""
    return shrink_as(array[..., :3] if array.ndim == 3 else array, 2, dtype)


def photo_level(image: Array) -> Array:
    """F and B of the coarsest level, which are both the photo. (6, h, w) uint16."""
    return regular(np.concatenate([np.moveaxis(convert(image, np.uint16), -1, 0)] * 2))


def relaxed_level(coarse: Array, image: Array, alpha: Array, rounds: int) -> Array:
    """F and B of one level, (6, H, W) uint16, which starts from those of the level of half its size.

    Parameters
    ----------
    coarse : (6, H / 2, W / 2) uint16
    image : (H, W, 3) uint8 or uint16, alpha : (H, W) uint16
        This level's.
    rounds : of `relax`
    """
    layers = np.empty((6, *alpha.shape), np.uint16)
    if compiled := native.module(image, alpha):
        _by_rows(len(alpha), lambda *span: compiled.relax(coarse, image, alpha, layers, rounds, *span))
        return layers
    layers[:3] = layers[3:] = np.moveaxis(convert(image, np.uint16), -1, 0)

    def fill(tile: Tile) -> None:
        found = _relaxed(coarse, image, alpha, tile, rounds)
        layers[:, *tile.core] = found * np.float32(65535) + np.float32(0.5)

    map_tiles(fill, tiles(alpha.shape, _TILE, rounds, (alpha > 0) & (alpha < max_value(alpha.dtype))))
    return layers


def finish(coarse: Array, image: Array, alpha: Array, out: Array, *, amount: float, rounds: int) -> None:
    """``out = image + amount (F - image)`` where alpha is soft; the rest of ``out`` is not written.

    Image, alpha and out are the full-size ones, of any dtype; coarse is as for `relaxed_level`.
    """
    if compiled := native.module(image, alpha):
        picture, cover, target = (native.packed(array) for array in (image, alpha, out))
        _by_rows(
            len(alpha),
            lambda *span: compiled.finish(coarse, picture, cover, target, rounds, *span, float(amount)),
        )
        if target is not out:
            out[...] = target
        return
    soft = (alpha > 0) & (alpha < max_value(alpha.dtype))

    def fill(tile: Tile) -> None:
        edit = soft[tile.core]
        found = _relaxed(coarse, image, alpha, tile, rounds)[:3, edit].T
        colour = convert(regular(image[tile.core][edit][None, :, :3]), np.float32)
        blend = colour + np.float32(amount) * (found - colour)
        out[tile.core][..., :3][edit] = convert(blend, out.dtype)[0]

    map_tiles(fill, tiles(alpha.shape, _TILE, rounds, soft))


def _by_rows(height: int, function: Callable[[int, int], None]) -> None:
    """``function(top, bottom)`` for every row of tiles, over the threads."""
    tops = np.arange(0, height, _TILE)[:, None]
    map_bands(lambda top: function(int(top[0, 0]), min(height, int(top[0, 0]) + _TILE)), tops, rows=1)


def _relaxed(coarse: Array, image: Array, alpha: Array, tile: Tile, rounds: int) -> Array:
    """F and B of the tile's core, (6, h, w) float32."""
    layers = _doubled(coarse, tile.around)
    colour = convert(regular(np.moveaxis(image[tile.around][..., :3], -1, 0)), np.float32)
    relax(layers, colour, convert(regular(alpha[tile.around]), np.float32), rounds)
    return layers[:, *tile.inner]


def _doubled(coarse: Array, around: tuple[slice, slice]) -> Array:
    """The part ``around`` of the planes, enlarged to twice their size, 0-1."""
    rows, columns = (np.arange(side.start, side.stop) // 2 for side in around)
    part = coarse[:, rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    wide: Array = part[:, (rows - rows[0])[:, None], columns - columns[0]]
    return wide * np.float32(1 / 65535)


def relax(layers: Array, image: Array, alpha: Array, rounds: int) -> None:
    """``F = f + alpha r / n``, ``B = b + (1 - alpha) r / n``, ``rounds`` times, in place.

    f and b are means over the four neighbours weighted by ``w = 0.001 + 0.05 |alpha_i - alpha_j|``,
    ``r = I - alpha f - (1 - alpha) b`` and ``n = alpha^2 + (1 - alpha)^2 + sum w``: Jacobi's method for
    ``(alpha F + (1 - alpha) B - I)^2 + sum_j w ((F_i - F_j)^2 + (B_i - B_j)^2)``. Beyond the frame, its
    pixels are repeated.

    Parameters
    ----------
    layers : (6, h, w) float32
        F and B, three planes each; overwritten.
    image : (3, h, w) float32
    alpha : (h, w) float32
    rounds : int
    """
    weights = [REGULARISATION + GRADIENT * np.abs(alpha - beside) for beside in _neighbours(alpha)]
    total = weights[0] + weights[1] + weights[2] + weights[3]
    rest, share = 1 - alpha, 1 / total
    norm = 1 / (alpha * alpha + rest * rest + total)
    weights = [weight * share for weight in weights]
    towards = alpha * norm, rest * norm
    mean, part = np.empty_like(layers), np.empty_like(layers)
    for _ in range(rounds):
        mean[...] = 0
        for weight, beside in zip(weights, _neighbours(layers), strict=True):
            mean += np.multiply(weight, beside, out=part)
        residual = image - alpha * mean[:3] - rest * mean[3:]
        np.multiply(towards[0], residual, out=part[:3])
        np.multiply(towards[1], residual, out=part[3:])
        np.clip(np.add(mean, part, out=layers), 0, 1, out=layers)


def _neighbours(array: Array) -> list[Array]:
    """The left, right, upper and lower neighbour of every pixel."""
    wide = np.pad(array, [(0, 0)] * (array.ndim - 2) + [(1, 1), (1, 1)], "edge")
    return [wide[..., 1:-1, :-2], wide[..., 1:-1, 2:], wide[..., :-2, 1:-1], wide[..., 2:, 1:-1]]
