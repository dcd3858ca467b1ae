"""One level of multi-level foreground estimation: relax F and B towards their neighbours and the photo."""

from __future__ import annotations

import numpy as np

from maskkit.kernels import native
from maskkit.kernels.convert import convert
from maskkit.pixels import Array

__all__ = ["relax", "relaxed"]

REGULARISATION = np.float32(1e-3)  # how much F and B resist change between any two neighbours
GRADIENT = np.float32(0.05)  # and more so across a change of alpha, per unit of it


def relaxed(coarse: Array, image: Array, alpha: Array, around: tuple[slice, slice], rounds: int) -> Array:
    """F and B, (6, h, w) float32, of the box ``around``, begun from the level of half the size.

    Parameters
    ----------
    coarse : (6, h / 2, w / 2) float32, contiguous
    image : (H, W, 3) array, alpha : (H, W) array
        This level's, of any dtype.
    around : rows and columns of this level
    rounds : of `relax`
    """
    piece, cover = image[around], alpha[around]
    if compiled := native.module(piece, cover):
        layers = np.empty((6, *cover.shape), np.float32)
        top, left = (int(side.start) for side in around)
        compiled.relax(coarse, native.packed(piece), native.packed(cover), layers, top, left, rounds)
        return layers
    layers = _doubled(coarse, around)
    colour = np.ascontiguousarray(np.moveaxis(convert(piece, np.float32), -1, 0))
    relax(layers, colour, convert(cover, np.float32), rounds)
    return layers


def _doubled(coarse: Array, around: tuple[slice, slice]) -> Array:
    """The part ``around`` of the planes at twice their size."""
    rows, columns = (np.arange(side.start, side.stop) // 2 for side in around)
    part = coarse[:, rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    return part[:, (rows - rows[0])[:, None], columns - columns[0]]


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
    rest = 1 - alpha
    norm = 1 / (alpha * alpha + rest * rest + total)
    weights = [weight / total for weight in weights]
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
    """Left, right, upper, lower neighbour of every pixel."""
    wide = np.pad(array, [(0, 0)] * (array.ndim - 2) + [(1, 1), (1, 1)], "edge")
    return [wide[..., 1:-1, :-2], wide[..., 1:-1, 2:], wide[..., :-2, 1:-1], wide[..., 2:, 1:-1]]
