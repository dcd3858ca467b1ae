"""The trimap mode: the user says what is known; our own solver, or pymatting's methods by name."""

from __future__ import annotations

import math
from typing import Any, Literal, get_args

import cv2
import numpy as np

from maskkit.checks import check_choice
from maskkit.errors import MissingExtraError, PixelError
from maskkit.kernels import convert
from maskkit.kernels.grid import shrink
from maskkit.kernels.tiles import Box
from maskkit.matting.closed_form import closed_form
from maskkit.matting.lift import lift
from maskkit.matting.sampling import sample_alpha
from maskkit.matting.separability import stretch
from maskkit.pixels import Array

__all__ = ["METHODS", "Method", "from_trimap"]

Method = Literal[
    "closed_form", "pymatting.cf", "pymatting.knn", "pymatting.lbdm", "pymatting.lkm", "pymatting.rw"
]
METHODS: tuple[str, ...] = get_args(Method)
_UNKNOWN = 2_000_000  # pixels that are solved at the picture's own size, in about 300 MB
_LONGEST = 16_000  # pixels
_MARGIN = 24  # known pixels around it
_SAMPLED = np.float32(1e-3)  # what a sampled pair of colours weighs against the Laplacian
_END = 0.01  # alpha within this of an end is noise


def from_trimap(image: Array, trimap: Array, method: Method = "closed_form") -> Array:
    """``argmin_p p^T L p + sum w (p - t)^2`` over the trimap's grey; black stays 0 and white 1.

    Parameters
    ----------
    image : (H, W, 3) array
    trimap : (H, W) array
        0 surely outside, white surely inside, anything between unknown.
    method : str
        "closed_form", our own: Levin's energy with sampled colours as a data term, solved at the picture's
        size up to 2 million unknown pixels, beyond at a reduced size and lifted. Or one of pymatting's
        estimators by name, at full size: "pymatting.cf" (closed form), "pymatting.knn", "pymatting.lbdm"
        (learning based), "pymatting.lkm" (large kernel), "pymatting.rw" (random walk).

    Returns
    -------
    (H, W) float32 within 0-1.

    Raises
    ------
    PixelError
        If the method is unknown, or the trimap has no white or no black.
    MissingExtraError
        If pymatting is asked for and not installed.

    References
    ----------
    See `closed_form` and `sample_alpha`. Germer et al. 2020, PyMatting, JOSS 5(54).
    """
    check_choice(method, "method", METHODS)
    level = convert(trimap, np.float32)
    inside, outside = level == 1, level == 0
    if not (inside.any() and outside.any()):
        raise PixelError("trimap: needs white (surely inside) and black (surely outside) pixels")
    if (inside | outside).all():
        return np.array(level)
    if method != "closed_form":
        return _by_pymatting(image, level, method.removeprefix("pymatting."))
    return _own(image, level, _around(~(inside | outside)))


def _own(image: Array, level: Array, box: Box) -> Array:
    factor = _factor(level[box])
    small = shrink(image[box], factor)
    known = shrink(level[box], factor)
    inside, outside = known == 1, known == 0
    alpha, trust = sample_alpha(small, inside, outside)
    unknown = ~(inside | outside)
    matte = closed_form(small, alpha, unknown, alpha, _SAMPLED * trust)
    out = np.array(level)
    part = out[box]
    lifted = stretch(lift(image[box], small, matte, factor), _END)
    np.copyto(part, lifted, where=(part > 0) & (part < 1))
    return out


def _factor(level: Array) -> int:
    """How many times smaller the unknown part must be to be solved: as a rule not at all."""
    unknown = int(np.count_nonzero((level > 0) & (level < 1)))
    longest: int = max(level.shape)
    return max(1, math.ceil(math.sqrt(unknown / _UNKNOWN)), math.ceil(longest / _LONGEST))


def _around(region: Array) -> Box:
    left, top, width, height = cv2.boundingRect(region.view(np.uint8))
    return (
        slice(max(0, top - _MARGIN), top + height + _MARGIN),
        slice(max(0, left - _MARGIN), left + width + _MARGIN),
    )


def _by_pymatting(image: Array, level: Array, name: str) -> Array:
    try:
        import pymatting
    except ImportError:
        raise MissingExtraError("matting", "pymatting") from None
    estimate: Any = getattr(pymatting, f"estimate_alpha_{name}")
    alpha = estimate(convert(image, np.float64), level.astype(np.float64))
    clipped: Array = np.clip(alpha, 0, 1).astype(np.float32)
    return clipped
