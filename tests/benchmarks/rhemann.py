"""The four errors of a matte: SAD, MSE, Grad, Conn (Rhemann et al. 2009), over the whole picture.

Rhemann, Rother, Wang, Gelautz, Kohli, Rott: A Perceptually Motivated Online Benchmark for Image Matting,
CVPR 2009. Scales as the field prints them: SAD, Grad and Conn in thousands, MSE in thousandths.
"""

import math

import cv2
import numpy as np

__all__ = ["conn", "errors", "grad", "mse", "sad"]

SIGMA = 1.4  # of the Gaussian derivative, pixels
STEP = 0.1  # between the levels at which connectedness is looked at
SLACK = 0.15  # a pixel this far above its connected level still counts as fully connected


def sad(matte, truth):
    """``sum |matte - truth| / 1000``."""
    return float(np.abs(matte - truth).sum(dtype=np.float64)) / 1e3


def mse(matte, truth):
    """``1000 mean (matte - truth)^2``."""
    return float(np.square(matte - truth).mean(dtype=np.float64)) * 1e3


def grad(matte, truth):
    """``sum (|grad matte| - |grad truth|)^2 / 1000``, by first derivatives of a Gaussian of 1.4 px."""
    return float(np.square(slope(matte) - slope(truth)).sum(dtype=np.float64)) / 1e3


def slope(alpha):
    """The gradient's length, by Gaussian derivative filters of unit energy."""
    half = math.ceil(SIGMA * math.sqrt(-2 * math.log(math.sqrt(2 * math.pi) * SIGMA * 1e-2)))
    x = np.arange(-half, half + 1)
    bell = np.exp(-(x**2) / (2 * SIGMA**2)) / (SIGMA * math.sqrt(2 * math.pi))
    derivative = -x * bell / SIGMA**2
    energy = np.sqrt(np.square(np.outer(bell, derivative)).sum())
    alpha = alpha.astype(np.float64)
    across = cv2.sepFilter2D(alpha, -1, derivative / energy, bell, borderType=cv2.BORDER_REPLICATE)
    down = cv2.sepFilter2D(alpha, -1, bell, derivative / energy, borderType=cv2.BORDER_REPLICATE)
    return np.hypot(across, down)


def conn(matte, truth):
    """``sum |phi(matte) - phi(truth)| / 1000``, phi how far a pixel is connected to the common solid part."""
    level = np.full(truth.shape, -1.0)
    for step in range(1, round(1 / STEP) + 1):
        threshold = step * STEP
        solid = largest((matte >= threshold) & (truth >= threshold))
        level[(level < 0) & ~solid] = threshold - STEP
    level[level < 0] = 1
    return float(np.abs(_connected(matte, level) - _connected(truth, level)).sum()) / 1e3


def largest(region):
    """The largest 4-connected component of a bool array."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(region.astype(np.uint8), connectivity=4)
    if count < 2:
        return np.zeros(region.shape, bool)
    return labels == 1 + stats[1:, cv2.CC_STAT_AREA].argmax()


def errors(matte, truth):
    """All four by name, for float arrays within 0-1 of one shape."""
    return {name.__name__: name(matte, truth) for name in (sad, mse, grad, conn)}


def _connected(alpha, level):
    gap = alpha - level
    return 1 - gap * (gap >= SLACK)
