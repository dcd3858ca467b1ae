"""A picture that shows where the faults are."""

from __future__ import annotations

import cv2
import numpy as np

from maskkit.codec.inputs import ImageInput, to_pixels
from maskkit.kernels import convert
from maskkit.pixels import Array
from maskkit.quality.report import Inspection

__all__ = ["mark"]

_GREY = 128
_COLOURS = {
    "frame": (255, 140, 0),
    "islands": (255, 0, 0),
    "pinholes": (255, 0, 255),
    "fringe": (255, 220, 0),
    "hidden": (0, 160, 255),
}


def mark(cutout: ImageInput, inspection: Inspection) -> Array:
    """The cutout over grey, a box and its check's name at every spot that exceeds a limit.

    Parameters
    ----------
    cutout : path, bytes, file, PIL.Image, Picture or (H, W, 4) array
    inspection : Inspection
        Of the same cutout, see `maskkit.inspect`.

    Returns
    -------
    (H, W, 3) uint8 array.

    Examples
    --------
    >>> from maskkit.quality import inspect
    >>> cutout = np.zeros((40, 60, 4), np.uint8)
    >>> mark(cutout, inspect(cutout)).shape
    (40, 60, 3)
    """
    pixels = convert(to_pixels(cutout, "cutout"), np.uint8)
    alpha = pixels[..., 3:].astype(np.float32) / 255
    seen = np.rint(pixels[..., :3] * alpha + _GREY * (1 - alpha)).astype(np.uint8)
    size = max(seen.shape[:2])
    pen = max(1, size // 500)
    for finding in inspection.findings:
        for box in finding.spots if finding.verdict in ("fault", "warning") else ():
            colour = _COLOURS.get(finding.check, (255, 0, 0))
            corner = box[0] - 2 * pen, box[1] - 2 * pen
            cv2.rectangle(seen, corner, (box[2] + 2 * pen, box[3] + 2 * pen), colour, pen)
            cv2.putText(seen, finding.check, corner, cv2.FONT_HERSHEY_SIMPLEX, size / 1200, colour, pen)
    return seen
