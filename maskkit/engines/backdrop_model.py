"""A plain backdrop: the smooth colour field that the border shows, and what differs from it."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from maskkit.pixels import Array

__all__ = ["Backdrop", "cut_backdrop", "fit_backdrop"]

_ROUNDS = 8

# Of the long side: as far as an edge and its blur part a subject from what is around it; and as deep as the
# shadow where something stands may reach into what was taken for it.
_OUTLINE = 0.01
_CONTACT = 0.03


@dataclass(frozen=True, eq=False)
class Backdrop:
    """The fitted field and what decides whether it is one.

    ``lab`` is the modelled colour (H, W, 3); ``spread`` the noise about it; ``inliers`` the share of the
    border that follows it; ``texture`` the mean gradient where the picture is near it.
    """

    lab: Array
    spread: float
    inliers: float
    texture: float

    @property
    def plain(self) -> bool:
        """Whether the border shows one smooth backdrop: measured thresholds."""
        quiet = self.spread < 2.2 and self.texture < 2.2
        return self.inliers >= 0.6 and (quiet or (self.spread < 4.8 and self.texture < 1.6))


def fit_backdrop(lab: Array) -> Backdrop:
    """``argmin_c sum_i w_i |lab_i - P(x_i, y_i) c|^2`` over the border ring, P quadratic, w reweighted.

    Iteratively reweighted least squares: ``w = 1 / (1 + (e / 2.5 s)^4)`` with the residual e and
    ``s = 1.4826 median(e) + 0.3``; the first weights favour the ring's median colour, so that a subject
    which crosses the border does not bend the field.

    References
    ----------
    Holland and Welsch 1977, Robust regression using iteratively reweighted least-squares.
    """
    ring = _border_ring(lab.shape[:2])
    design = _quadratic(lab.shape[:2])
    rows, colours = design[ring].astype(np.float64), lab[ring].astype(np.float64)
    residual = np.linalg.norm(colours - np.median(colours, axis=0), axis=1)
    for _ in range(_ROUNDS):
        spread = 1.4826 * float(np.median(residual)) + 0.3
        weight = 1 / (1 + (residual / (2.5 * spread)) ** 4)
        coefficients = _weighted_fit(rows, colours, weight)
        residual = np.linalg.norm(colours - rows @ coefficients, axis=1)
    spread = 1.4826 * float(np.median(residual)) + 0.3
    field = design @ coefficients.astype(np.float32)
    near = np.linalg.norm(lab - field, axis=2) < max(5.0, 2.2 * spread + 3)
    gradient = _gradient(lab[..., 0])
    texture = float(gradient[near].mean()) if near.any() else np.inf
    return Backdrop(field, spread, float((residual < max(4.0, 3.5 * spread)).mean()), texture)


def cut_backdrop(rgb: Array, lab: Array, backdrop: Backdrop) -> Array:
    """The subject as bool (H, W): what is neither near the backdrop nor its shadow, as seen from the border.

    Background is what is near the backdrop's colour, or a smooth darkening of it, and connected to the
    border; where something stands the darkening may be steeper, if that costs the subject a thin rim at
    most. An enclosed part counts as a hole if it is the backdrop no darker than a weak shadow.
    """
    limit = max(5.0, 2.2 * backdrop.spread + 3)
    near = np.linalg.norm(lab - backdrop.lab, axis=2) < limit
    shade, off = _shade(rgb, backdrop)
    shadow = (shade > 0.42) & (shade < 1.02) & (off < 0.012 + 0.03 * (1 - shade))
    gradient = _gradient(cv2.GaussianBlur(lab[..., 0], (5, 5), 0))
    smooth = gradient < 2.5  # a cast shadow has no edge; noise has
    subject = _all_but(near, shadow & smooth, shade, off)
    # Where something stands it has one, but no hue of its own; what is grey itself may look like that.
    contact = (gradient < 12) & (off < 0.01) & (shade > 0.55)
    less = _all_but(near, shadow & (smooth | contact), shade, off)
    little = np.count_nonzero(less) >= 0.85 * np.count_nonzero(subject)
    return less | _deep(subject & ~less, subject) if little else subject


def _deep(parts: Array, subject: Array) -> Array:
    """Those of the ``parts`` that reach further into the ``subject`` than a contact shadow would."""
    inward = cv2.distanceTransform(subject.astype(np.uint8), cv2.DIST_L2, 3)
    _, labels = cv2.connectedComponents(parts.astype(np.uint8))
    return np.isin(labels, np.unique(labels[parts & (inward > _CONTACT * max(subject.shape))]))


def _all_but(near: Array, shadow: Array, shade: Array, off: Array) -> Array:
    behind = near | shadow
    outside = _touching_border(behind)
    background = outside | _holes(behind, outside, near, shade, off)
    subject = cv2.morphologyEx((~background).astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    return _large_parts(subject > 0, 0.002)


def _shade(rgb: Array, backdrop: Backdrop) -> tuple[Array, Array]:
    """``k = C.B / B.B`` and ``|C - k B|``: how dark a shadow of the backdrop would be, and how far off it is.

    A shadow scales all three channels alike, whatever the backdrop's hue; in L*a*b* its chroma would change.

    References
    ----------
    Horprasert, Harwood and Davis 1999, A statistical approach for real-time robust background subtraction
    and shadow detection (brightness and chromaticity distortion).
    """
    behind = np.clip(cv2.cvtColor(backdrop.lab, cv2.COLOR_Lab2RGB), 0.02, 1)
    colour = cv2.GaussianBlur(rgb, (3, 3), 0).astype(np.float32) / 255
    shade = (colour * behind).sum(axis=2) / np.square(behind).sum(axis=2)
    return shade, np.linalg.norm(colour - shade[..., None] * behind, axis=2)


def _holes(behind: Array, outside: Array, near: Array, shade: Array, off: Array) -> Array:
    """Enclosed parts of the background: at least 12 pixels large, weakly shadowed, of the backdrop's hue.

    What only a thin outline parts from the ``outside`` is a subject as grey as its backdrop, unless most of
    it is ``near`` that.
    """
    enclosed = (behind & (off < 0.025)).astype(np.uint8)
    count, labels = cv2.connectedComponents(enclosed, connectivity=4)

    def total(of: Array) -> Array:
        return np.bincount(labels.ravel(), of.ravel(), count)

    rim = enclosed > cv2.erode(enclosed, np.ones((3, 3), np.uint8), borderValue=1)
    across = 2 * round(_OUTLINE * max(behind.shape)) + 1
    beside = cv2.dilate(
        outside.astype(np.uint8), cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (across, across))
    )
    size = np.maximum(total(enclosed), 1)
    outlined = (2 * total(rim & (beside > 0)) > total(rim)) & (2 * total(near) < size)
    hole = (size >= max(12, 0.0003 * behind.size)) & (total(shade) / size > 0.62) & ~outlined
    hole[0] = False
    return np.asarray(hole[labels])


def _border_ring(shape: tuple[int, ...]) -> Array:
    width = max(1, round(0.03 * min(shape)))
    ring = np.ones(shape, bool)
    ring[width:-width, width:-width] = False
    return ring


def _quadratic(shape: tuple[int, ...]) -> Array:
    y, x = (np.linspace(-1, 1, n, dtype=np.float32) if n > 1 else np.zeros(1, np.float32) for n in shape)
    x, y = np.meshgrid(x, y)
    return np.stack([np.ones_like(x), x, y, x * x, x * y, y * y], axis=-1)


def _weighted_fit(rows: Array, colours: Array, weight: Array) -> Array:
    """By the normal equations, 6 x 6; of least norm where a thin picture leaves some of them open."""
    weighted = rows.T * weight
    return np.asarray(np.linalg.lstsq(weighted @ rows, weighted @ colours, rcond=None)[0])


def _gradient(plane: Array) -> Array:
    """Gradient magnitude in levels a pixel (Scharr's kernel sums to 16)."""
    return np.hypot(cv2.Scharr(plane, cv2.CV_32F, 1, 0), cv2.Scharr(plane, cv2.CV_32F, 0, 1)) / 16


def _touching_border(region: Array) -> Array:
    _, labels = cv2.connectedComponents(region.astype(np.uint8), connectivity=4)
    rim = np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]])
    return np.isin(labels, np.setdiff1d(rim, 0))


def _large_parts(region: Array, share: float) -> Array:
    _, labels, stats, _ = cv2.connectedComponentsWithStats(region.astype(np.uint8), connectivity=4)
    large = stats[:, cv2.CC_STAT_AREA] >= share * region.size
    large[0] = False
    return np.asarray(large[labels])
