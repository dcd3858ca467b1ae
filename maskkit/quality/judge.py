"""The inspection: every measure against its limit."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from maskkit.alpha import unpremultiply
from maskkit.codec.inputs import ImageInput, to_pixels
from maskkit.errors import PixelError
from maskkit.kernels import convert
from maskkit.pixels import check_same_size
from maskkit.quality import fringe, shape
from maskkit.quality.premultiplied import premultiplied
from maskkit.quality.report import Finding, Inspection, limits_with

__all__ = ["inspect"]

_OF_ALPHA = ("empty", "full", "inverted", "frame", "islands", "hard", "banding")


def inspect(
    cutout: ImageInput, original: ImageInput | None = None, *, limits: Mapping[str, float] | None = None
) -> Inspection:
    """Every check of `maskkit.quality.LIMITS`, measured on a cutout.

    Parameters
    ----------
    cutout : path, bytes, file, PIL.Image, Picture or (H, W, 4) array
    original : the same kinds, optional
        The photo it was cut from, of the same size: what its old background was. Without it, the colour
        left under alpha 0 serves, if there is any.
    limits : mapping, optional
        Other limits than the default ones, by check.

    Returns
    -------
    Inspection
        ``passed``, ``faults``, ``warnings``, a finding for every check; ``str()`` is a table.

    Raises
    ------
    PixelError
        If the cutout has no alpha, sizes differ, or a limit is of an unknown check.
    CodecError
        If a file cannot be read.

    Examples
    --------
    >>> y, x = np.mgrid[:64, :64]
    >>> alpha = np.clip(20.5 - np.hypot(y - 32, x - 32), 0, 1)
    >>> cutout = np.dstack([np.full((64, 64, 3), 0.5) * (alpha > 0)[..., None], alpha])
    >>> inspect(cutout).passed
    True
    >>> cutout[30:32, 30:32, 3] = 0
    >>> inspect(cutout).faults
    ('pinholes',)
    """
    bounds = limits_with(limits)
    pixels = to_pixels(cutout, "cutout")
    if pixels.shape[2] != 4:
        raise PixelError(f"cutout: need alpha, (H, W, 4), got shape {pixels.shape}")
    photo = None if original is None else to_pixels(original, "original")[..., :3]
    if photo is not None:
        check_same_size(photo, pixels, "original", "cutout")
    image, alpha = pixels[..., :3], convert(np.ascontiguousarray(pixels[..., 3]), np.float32)
    measures = {name: getattr(shape, name)(alpha) for name in _OF_ALPHA}
    measures["pinholes"] = shape.pinholes(alpha, photo)
    hidden = fringe.hidden(image, alpha)
    measures["premultiplied"] = premultiplied(image, alpha)
    if measures["premultiplied"][0]:  # the darkness of its edge is no old background
        image = unpremultiply(pixels)[..., :3]
    around = image if photo is None and hidden[0] else photo
    measures |= {"fringe": fringe.fringe(image, alpha, around), "hidden": hidden}
    findings = (
        Finding(name, value, bounds[name], text, tuple(spots))
        for name, (value, text, spots) in measures.items()
    )
    return Inspection((pixels.shape[1], pixels.shape[0]), tuple(findings))
