"""Superpixels, and what is known about each: colour, place, neighbours, share of the border."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from maskkit.pixels import Array

__all__ = ["Superpixels", "slic", "superpixels"]


@dataclass(frozen=True, eq=False)
class Superpixels:
    """What is known about n regions.

    ``labels`` (H, W), 0 to n - 1; per region the mean ``lab``, ``place`` (x, y in 0-1), ``size`` in pixels,
    pixels on the four ``sides`` (top, bottom, left, right); who is ``touching`` whom (n, n).
    """

    labels: Array
    lab: Array
    place: Array
    size: Array
    sides: Array
    touching: Array

    def spread(self, values: Array) -> Array:
        """Values of the regions, laid out over their pixels; float32 (H, W)."""
        return np.asarray(values.astype(np.float32)[self.labels])

    def mean(self, plane: Array) -> Array:
        """The mean of a plane (H, W) over each region."""
        return np.asarray(_total(self.labels, plane) / self.size)


def superpixels(lab: Array, cells: int = 300) -> Superpixels:
    """The regions of `slic` with their means and their neighbourhood."""
    labels = slic(lab, cells)
    height, width = labels.shape
    y, x = np.mgrid[:height, :width]
    size = np.bincount(labels.ravel()).astype(np.float64)
    means = [_total(labels, plane) / size for plane in (*np.moveaxis(lab, 2, 0), x / width, y / height)]
    rims = (labels[0], labels[-1], labels[:, 0], labels[:, -1])
    sides = np.stack([np.bincount(rim, minlength=len(size)) for rim in rims], axis=1)
    return Superpixels(labels, np.stack(means[:3], 1), np.stack(means[3:], 1), size, sides, _touching(labels))


def slic(lab: Array, cells: int = 300, compactness: float = 12.0, rounds: int = 5) -> Array:
    """``argmin_k |lab - lab_k|^2 + (m / S)^2 |p - p_k|^2`` over nine grid cells; int labels 0..n-1.

    The grid version: a pixel only ever belongs to a cell next to its own, so one round is nine array
    operations. Regions come out connected up to crumbs, which the means absorb.

    References
    ----------
    Achanta et al. 2012, SLIC superpixels compared to state-of-the-art superpixel methods.
    """
    height, width = lab.shape[:2]
    step = np.sqrt(height * width / cells)
    rows, columns = max(1, round(height / step)), max(1, round(width / step))
    y, x = np.mgrid[:height, :width].astype(np.float32)
    weight = np.float32(compactness / step)
    points = np.dstack([lab, x * weight, y * weight])
    row, column = _cell_of(height, rows), _cell_of(width, columns)
    labels = row[:, None] * columns + column
    near = _nearby(rows, columns)
    for _ in range(rounds):
        centres = _means(labels, points, rows * columns)
        labels = _nearest(points, centres, near, row, column)
    return np.unique(labels, return_inverse=True)[1].reshape(height, width)


def _cell_of(length: int, cells: int) -> Array:
    return np.asarray(np.arange(length) * cells // length)


def _nearby(rows: int, columns: int) -> Array:
    """The nine cells about each, at the border its own instead of those beyond; (rows, columns, 9)."""
    row, column, down, right = np.ogrid[:rows, :columns, -1:2, -1:2]
    near = np.clip(row + down, 0, rows - 1) * columns + np.clip(column + right, 0, columns - 1)
    return np.asarray(near.reshape(rows, columns, 9))


def _means(labels: Array, points: Array, count: int) -> Array:
    size = np.maximum(np.bincount(labels.ravel(), minlength=count), 1)
    totals = [_total(labels, plane, count) for plane in np.moveaxis(points, 2, 0)]
    return np.asarray(np.stack(totals, axis=1) / size[:, None], np.float32)


def _nearest(points: Array, centres: Array, near: Array, row: Array, column: Array) -> Array:
    """``argmin_k |c_k|^2 - 2 p . c_k``, k the cells ``near`` that of the pixel; a cell at a time."""
    labels = np.empty(points.shape[:2], np.intp)
    middle = centres.mean(axis=0)  # away from it the difference of large numbers would cost digits
    points, centres = points - middle, centres - middle
    constant = np.square(centres).sum(axis=1)
    tops, lefts = (
        np.searchsorted(of, np.arange(count + 1))
        for of, count in zip((row, column), near.shape, strict=False)
    )
    for r, c in np.ndindex(*near.shape[:2]):
        cell = slice(tops[r], tops[r + 1]), slice(lefts[c], lefts[c + 1])
        ids = near[r, c]
        labels[cell] = ids[np.argmin(constant[ids] - 2 * (points[cell] @ centres[ids].T), axis=2)]
    return labels


def _total(labels: Array, plane: Array, count: int = 0) -> Array:
    return np.asarray(np.bincount(labels.ravel(), weights=plane.ravel(), minlength=count))


def _touching(labels: Array) -> Array:
    count = int(labels.max()) + 1
    touching = np.zeros((count, count), bool)
    for a, b in ((labels[:, 1:], labels[:, :-1]), (labels[1:], labels[:-1])):
        touching[a.ravel(), b.ravel()] = True
    touching |= touching.T
    np.fill_diagonal(touching, False)
    return touching
