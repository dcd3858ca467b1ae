"""Masks smoothed over time: each takes after the one before, moved as the picture has moved.

``m'(x) = m(x) + s w(x) (m'_before(x + f(x)) - m(x))``, where ``f`` is the optical flow to the frame before,
``s`` how much is asked for, and ``w`` how far the flow is to be trusted there: 1 where the frame before,
moved along it, shows the same, and 0 where something is uncovered or the scene changes.

References
----------
T. Kroeger, R. Timofte, D. Dai, L. Van Gool, "Fast Optical Flow using Dense Inverse Search", ECCV 2016.
N. Bonneel et al., "Blind Video Temporal Consistency", ACM Transactions on Graphics 34(6), 2015.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np

from maskkit.cutouts.kept import Kept
from maskkit.kernels import convert
from maskkit.kernels.grid import resample
from maskkit.pixels import Array

__all__ = ["Steady", "SteadyMasks"]

T = TypeVar("T")
_SIDE = 384  # pixels of the longer side that motion is looked for in
_NOISE = 0.06  # a difference of luma, 0 to 1, that noise may make
_SAME_SCENE = 0.25  # of the picture, found again in the frame before: less is a cut
_ASTRAY = 1.5  # pixels by which the flow there and back may miss


class Steady:
    """Smooths the masks of one sequence, given in their order."""

    def __init__(self, amount: float) -> None:
        self.amount = amount
        self._luma: Array | None = None
        self._mask: Array | None = None

    def mask(self, picture: Array, mask: Array) -> Array:
        """The mask after the one before; float ``(H, W)``, the first as it is."""
        now, value = _small_luma(picture), convert(mask, np.float32)
        if self._luma is not None and self._mask is not None and self._mask.shape == value.shape:
            flow, trust = _motion(now, self._luma)
            trust = trust * (trust.mean() > _SAME_SCENE)
            weight = resample(trust[..., None], value.shape[::-1])[..., 0]
            moved = _moved(self._mask, _enlarged(flow, value.shape))
            value = np.clip(value + self.amount * weight * (moved - value), 0, 1, dtype=np.float32)
        self._luma, self._mask = now, value
        return value


class SteadyMasks(Kept):
    """What runs on one frame: its mask is smoothed as soon as it is there, before its edge is refined."""

    def __init__(self, steady: Steady, picture: Array) -> None:
        super().__init__()
        self._steady, self._picture = steady, picture

    def once(self, step: str, decided: object, make: Callable[[], T]) -> T:
        """What ``make`` gives, or gave; a mask smoothed."""
        if step != "mask":
            return super().once(step, decided, make)

        def smoothed() -> Any:
            made: Any = make()
            return self._steady.mask(self._picture, made[0]), made[1]

        smooth: T = super().once(step, decided, smoothed)
        return smooth


def _small_luma(picture: Array) -> Array:
    """The picture's luma with at most `_SIDE` pixels a side, uint8."""
    import cv2

    colour = np.ascontiguousarray(convert(picture[..., :3], np.uint8))
    height, width = colour.shape[:2]
    scale = min(1.0, _SIDE / max(height, width))
    size = max(16, round(width * scale)), max(16, round(height * scale))  # the flow needs a patch or two
    small = cv2.resize(colour, size, interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY))


def _motion(now: Array, before: Array) -> tuple[Array, Array]:
    """Where each pixel was before, ``(H, W, 2)`` in pixels, and how far to trust it, 0 to 1."""
    import cv2

    search: Any = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    flow, back = search.calc(now, before, None), search.calc(before, now, None)
    differs = (now.astype(np.float32) - _moved(before.astype(np.float32), flow)) / 255
    astray = np.linalg.norm(flow + _moved(back, flow), axis=2)
    trust = np.exp(-((differs / _NOISE) ** 2) - (astray / _ASTRAY) ** 2)
    return flow, cv2.GaussianBlur(np.asarray(trust, np.float32), (0, 0), 1.0)


def _enlarged(flow: Array, shape: tuple[int, ...]) -> Array:
    """The flow at another size, its lengths in that size's pixels."""
    import cv2

    height, width = shape[:2]
    scale = np.array([width / flow.shape[1], height / flow.shape[0]], np.float32)
    return np.asarray(cv2.resize(flow, (width, height), interpolation=cv2.INTER_LINEAR) * scale)


def _moved(before: Array, flow: Array) -> Array:
    """``before(x + flow(x))``; the edge goes on beyond the picture."""
    import cv2

    height, width = flow.shape[:2]
    across, down = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    where = across + flow[..., 0], down + flow[..., 1]
    return np.asarray(cv2.remap(before, *where, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE))
