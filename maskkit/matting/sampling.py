"""Colour sampling: an alpha for each unknown pixel from pairs of known colours around it."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from maskkit.kernels import native
from maskkit.matting.guided import box, planes
from maskkit.pixels import Array

__all__ = ["sample_alpha"]

_DIRECTIONS = ((0, 1), (0, -1), (1, 0), (-1, 0), (1, 1), (-1, -1), (1, -1), (-1, 1))
_NOISE = np.float32(0.03)  # of a colour, as a share of white
_CHUNK = 65_536  # pixels whose 64 pairs are compared at once


def sample_alpha(image: Array, inside: Array, outside: Array) -> tuple[Array, Array]:
    """``alpha = (I - B).(F - B) / |F - B|^2`` of the best pair (F, B), and how far to trust it (0-1).

    For every unknown pixel the nearest known pixel in each of 8 directions offers a colour of the subject
    and one of the backdrop, as the mean of its 3x3 neighbourhood. The best of the 64 pairs has the least
    ``|I - alpha F - (1 - alpha) B|^2 / noise^2 + distance(F) / nearest F + distance(B) / nearest B``.
    Confidence falls with the misfit, and where F and B are alike.

    Parameters
    ----------
    image: (H, W, 3), any dtype of the convention.
    inside, outside: (H, W) bool, known subject and known backdrop; the rest is unknown.

    Returns
    -------
    alpha, confidence: (H, W) float32 each; known pixels have their alpha and confidence 0.

    References
    ----------
    Gastal, Oliveira: Shared Sampling for Real-Time Alpha Matting, Computer Graphics Forum 29(2), 2010.
    """
    alpha = inside.astype(np.float32)
    confidence = np.zeros(alpha.shape, np.float32)
    if not (inside.any() and outside.any()):
        return alpha, confidence
    colour = planes(image)
    means = box(colour, 1)
    if compiled := native.whole("sample"):
        known = inside + np.uint8(2) * outside
        compiled(colour, means, known, alpha, confidence)
        return alpha, confidence
    means = means.reshape(-1, 3)
    where = np.flatnonzero(~(inside | outside))
    near_f, near_b = _nearest(inside, where), _nearest(outside, where)
    for start in range(0, where.size, _CHUNK):
        part = slice(start, start + _CHUNK)
        sides = [_candidates(means, near[:, part], where[part], alpha.shape[1]) for near in (near_f, near_b)]
        best = _best_pair(colour.reshape(-1, 3)[where[part]], *sides)
        alpha.flat[where[part]], confidence.flat[where[part]] = best
    return alpha, confidence


def _nearest(known: Array, where: Array) -> Array:
    """The flat index of the nearest known pixel in each direction from each of ``where``, -1 for none."""
    index = np.where(known, np.arange(known.size, dtype=np.int32).reshape(known.shape), np.int32(-1))
    return np.stack([_sweep(index, dy, dx).ravel()[where] for dy, dx in _DIRECTIONS])


def _sweep(index: Array, dy: int, dx: int) -> Array:
    """Carry indices along a direction, line by line: a pixel without one takes that of its predecessor."""
    if dy == 0:
        return _sweep(index.T, dx, 0).T
    out = index.copy()
    lines = out if dy > 0 else out[::-1]
    to, come = slice(max(0, dx), min(0, dx) or None), slice(max(0, -dx), min(0, -dx) or None)
    for before, line in pairwise(lines):
        np.copyto(line[to], before[come], where=line[to] < 0)
    return out


def _candidates(means: Array, near: Array, where: Array, width: int) -> tuple[Array, Array]:
    """Colours (8, N, 3) and costs (8, N): the distance over that of the nearest one; infinite for none."""
    rows, columns = where // width, where % width
    distance = np.hypot(near // width - rows, near % width - columns).astype(np.float32)
    distance[near < 0] = np.inf
    nearest = np.minimum(distance.min(0), 1e6)
    return means[near], distance / np.maximum(nearest, 1)


def _best_pair(
    colour: Array, inside: tuple[Array, Array], outside: tuple[Array, Array]
) -> tuple[Array, Array]:
    least = np.full(len(colour), np.inf, np.float32)
    alpha = np.full(len(colour), 0.5, np.float32)
    trust = np.zeros(len(colour), np.float32)
    for f, cost_f in zip(*inside, strict=True):
        for b, cost_b in zip(*outside, strict=True):
            line = f - b
            length = np.einsum("nc,nc->n", line, line)
            offset = colour - b
            a = np.clip(np.einsum("nc,nc->n", offset, line) / np.maximum(length, 1e-6), 0, 1)
            offset -= a[:, None] * line
            misfit = np.einsum("nc,nc->n", offset, offset) / _NOISE**2
            cost = misfit + cost_f + cost_b
            better = cost < least
            least[better], alpha[better] = cost[better], a[better]
            trust[better] = (np.exp(-misfit / 2) * length / (length + 4 * _NOISE**2))[better]
    return alpha, trust
