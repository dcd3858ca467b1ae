"""The hair mode: colour sampling and closed-form matting, one subject at a time, at a bounded size."""

from __future__ import annotations

from functools import partial

import cv2
import numpy as np

from maskkit.matting.closed_form import closed_form
from maskkit.matting.edge import fused
from maskkit.matting.guided import along, planes
from maskkit.matting.sampling import sample_alpha
from maskkit.matting.separability import Fit, evidence, fisher_ratio, smoothstep, stretch, veil
from maskkit.matting.subjects import by_subject, disc, reach
from maskkit.pixels import Array

__all__ = ["hair"]


def hair(image: Array, mask: Array, radius: int | None = None) -> Array:
    """``argmin_p p^T L p + sum w (p - t)^2`` in the unknown band of each subject, lifted to full size.

    The band is where a colour guided filter is undecided. Its alpha and that of sampled colour pairs are the
    data term t. The matte counts where the edge mode's wide windows do (the mask does not fit the picture
    as it is) and the colours inside and outside differ (Fisher's ratio, 0.5 to 2); elsewhere the edge mode
    stands in. Flecks and pinholes that touch nothing are removed.

    Parameters
    ----------
    image : (H, W, 3) array
    mask : (H, W) array
    radius : int, optional
        How far hair may reach from the mask's edge, pixels; 2.5% of each subject's side by default.

    Returns
    -------
    (H, W) float32 within 0-1.

    References
    ----------
    See `closed_form` and `sample_alpha`.
    """
    return by_subject(image, mask, partial(_solve, radius=radius))


def _solve(factor: int, image: Array, mask: Array, radius: int | None = None) -> Array:
    """The matte of one subject that is reduced ``factor`` times; ``mask`` is float32."""
    colour = planes(image)
    radius = reach(mask, factor, radius)
    seen = evidence(colour, mask, radius)
    guess, unknown = _band(colour, mask, seen.wide)
    safe = fused(colour, radius, seen)  # of all that follows, this takes most memory
    known = cv2.erode((~unknown).astype(np.uint8), disc(2), borderValue=1).view(bool)
    sampled, trust = sample_alpha(image, known & (mask > 0.5), known & (mask <= 0.5))
    weight = 0.02 * trust + np.float32(3e-3)
    target = (0.02 * trust * sampled + np.float32(3e-3) * guess) / weight
    matte = closed_form(image, guess, unknown, target, weight)
    clear = stretch(matte, veil(seen.wide, seen.distance, 0.15 * radius, radius))
    tells = seen.share * smoothstep(fisher_ratio(colour, mask, radius), 0.5, 2)
    return _tidy(safe + tells * (clear - safe), mask)


def _band(colour: Array, mask: Array, fit: Fit) -> tuple[Array, Array]:
    """A first alpha, and where it is undecided or disagrees with the mask, grown by a pixel."""
    alpha = stretch(along(fit.a, cv2.split(colour)) + fit.b, 0.3 * fit.residual)
    unknown = ((alpha > 0.05) & (alpha < 0.95)) | ((alpha > 0.5) != (mask > 0.5))
    unknown = cv2.dilate(unknown.astype(np.uint8), disc(1)).view(bool)
    return np.where(unknown, alpha, mask > 0.5).astype(np.float32), unknown


def _tidy(alpha: Array, mask: Array) -> Array:
    """Parts of the matte that hold no pixel of the mask become 0; holes that hold none outside it, 1."""
    return 1 - _attached(1 - _attached(alpha, mask > 0.5), mask <= 0.5)


def _attached(alpha: Array, anchor: Array) -> Array:
    count, labels = cv2.connectedComponents((alpha > 0.04).astype(np.uint8), connectivity=8)
    kept = np.zeros(count, bool)
    kept[labels[anchor]] = True
    return np.where(kept[labels], alpha, np.float32(0))
