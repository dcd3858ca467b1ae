"""The soft mode: a network's map, whose own softness says where it is unsure."""

from __future__ import annotations

from functools import partial

import cv2
import numpy as np

from maskkit.kernels import convert, together
from maskkit.matting.closed_form import closed_form
from maskkit.matting.edge import by_bands
from maskkit.matting.guided import planes
from maskkit.matting.hair import hair
from maskkit.matting.sampling import sample_alpha
from maskkit.matting.separability import stretch
from maskkit.matting.subjects import by_subject, disc, reach
from maskkit.matting.support import borne_out, keep_supported
from maskkit.pixels import Array

__all__ = ["soft"]

_LOW, _HIGH = 0.1, 0.9  # between them a map is unsure
_WIDEN = 0.6  # of the reach, by which what is unsure is widened: 1.5% of the side
_VAGUE = 0.22  # unsure pixels for each of the subject: beyond, whole parts are meant and not an edge
_SAMPLED = np.float32(1e-3)  # what a sampled pair of colours weighs against the Laplacian
_AROUND = 6  # radius within which a change is weighed, pixels
_PART, _WHOLE = 0.5, 0.7  # share of it that the colours bear out: none is followed below, all above
_END = 0.01  # alpha within this of an end is noise
_ROWS = 16  # counted at once, in the cache


def soft(image: Array, level: Array, radius: int | None = None) -> Array:
    """``argmin_p p^T L p + sum w (p - t)^2`` where the map is unsure or near it; elsewhere the map is cut.

    A small network's map is soft for two reasons: its pixels are wide, and it does not know. Both leave the
    old background in the edge, so its softness is not taken for alpha but for a trimap: between 0.1 and 0.9,
    widened by 1.5% of each subject's side, colours decide. Where the photo does not bear out what this matte
    changes of the edge mode's (`borne_out`, t from 0.5 to 0.7), the edge mode's stays. Where more than 22%
    of the subject is unsure, whole parts are in doubt and not an edge: then `maskkit.matting.hair` of the
    map cut at 1/2, as far as the photo bears it out against the cut (`keep_supported`).

    From u2netp's maps of 12 photos of the alphamatting.com set the median errors are 0.46 (SAD), 0.49 (MSE)
    and 0.65 (gradient) of those of the edge mode.

    Parameters
    ----------
    image : (H, W, 3) array
    level : (H, W) array, soft
    radius : int, optional
        1/0.6 of how far what is unsure is widened, pixels; 2.5% of each subject's side by default.

    Returns
    -------
    (H, W) float32 within 0-1.

    References
    ----------
    See `closed_form` and `sample_alpha`.
    """
    level = convert(level, np.float32)
    cut = level > 0.5
    if _unsure_share(level, cut) > _VAGUE:
        matte = hair(image, cut, radius)
        keep_supported(image, cut, matte)
        return matte
    return by_subject(image, cut, partial(_solve, radius=radius), level)


def _unsure_share(level: Array, cut: Array) -> float:
    """Pixels of a map within 0.1 and 0.9 for each one that the cut keeps.

    >>> level = np.array([[0.0, 0.5, 0.8, 1.0]])
    >>> _unsure_share(level, level > 0.5)
    1.0
    """
    bands = (level[top : top + _ROWS] for top in range(0, len(level), _ROWS))
    unsure = sum(int(np.count_nonzero((band > _LOW) & (band < _HIGH))) for band in bands)
    return unsure / max(1, int(np.count_nonzero(cut)))


def _solve(factor: int, image: Array, cut: Array, level: Array, radius: int | None) -> Array:
    """The matte of one subject that is reduced ``factor`` times."""
    near = reach(level, factor, radius)
    matte, safe = together(lambda: _matte(image, level, near), lambda: by_bands(image, cut, near))
    share = borne_out(planes(image), safe, matte, around=_AROUND, part=_PART, whole=_WHOLE, undecided=_PART)
    return np.asarray(safe + share * (matte - safe), np.float32)


def _matte(image: Array, level: Array, near: int) -> Array:
    """Closed-form matting from sampled colours, where the map is unsure or near it."""
    inside, outside = _sure(level > _HIGH, near), _sure(level < _LOW, near)
    sampled, trust = sample_alpha(image, inside, outside)
    return stretch(closed_form(image, sampled, ~(inside | outside), sampled, _SAMPLED * trust), _END)


def _sure(side: Array, near: int) -> Array:
    """What lies well within ``side``."""
    away = disc(max(1, round(_WIDEN * near)))
    return cv2.erode(side.astype(np.uint8), away, borderValue=1).view(bool)
