"""The inspection: every measure against its limit."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cache

import numpy as np

from maskkit.alpha import unpremultiply
from maskkit.codec.inputs import ImageInput, to_pixels
from maskkit.errors import PixelError
from maskkit.kernels import convert
from maskkit.pixels import Array, check_same_size
from maskkit.quality import fringe, shape
from maskkit.quality.premultiplied import premultiplied
from maskkit.quality.report import LIMITS, Finding, Inspection, limits_with

__all__ = ["OF_ALPHA", "inspect"]

OF_ALPHA = ("empty", "full", "inverted", "frame", "islands", "hard", "banding", "pinholes")
"""The checks that look at alpha alone: a fifth of the time of all."""


def inspect(
    cutout: ImageInput,
    original: ImageInput | None = None,
    *,
    limits: Mapping[str, float] | None = None,
    checks: Iterable[str] = tuple(LIMITS),
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
    checks : iterable of str
        Only these are measured.

    Returns
    -------
    Inspection
        ``passed``, ``faults``, ``warnings``, a finding for every check; ``str()`` is a table.

    Raises
    ------
    PixelError
        If the cutout has no alpha, sizes differ, or a limit or a check is of an unknown name.
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
    wanted, measure = _known(checks), _measuring(pixels, photo)
    measures = {name: measure(name) for name in LIMITS if name in wanted}
    findings = (
        Finding(name, value, bounds[name], text, tuple(spots))
        for name, (value, text, spots) in measures.items()
    )
    return Inspection((pixels.shape[1], pixels.shape[0]), tuple(findings))


def _measuring(pixels: Array, photo: Array | None) -> Callable[[str], shape.Measure]:
    """What measures a check by its name; what several of them need is measured once."""
    image, alpha = pixels[..., :3], convert(np.ascontiguousarray(pixels[..., 3]), np.float32)
    own = cache(lambda: premultiplied(image, alpha))
    hidden = cache(lambda: fringe.hidden(image, alpha))

    def of_edge() -> shape.Measure:
        # the darkness of a premultiplied edge is no old background
        straight = unpremultiply(pixels)[..., :3] if own()[0] else image
        return fringe.fringe(straight, alpha, straight if photo is None and hidden()[0] else photo)

    of_colour: dict[str, Callable[[], shape.Measure]] = {
        "premultiplied": own,
        "hidden": hidden,
        "fringe": of_edge,
        "pinholes": lambda: shape.pinholes(alpha, photo),
    }

    def measure(name: str) -> shape.Measure:
        found: shape.Measure = of_colour[name]() if name in of_colour else getattr(shape, name)(alpha)
        return found

    return measure


def _known(checks: Iterable[str]) -> set[str]:
    wanted = {checks} if isinstance(checks, str) else set(checks)
    if unknown := wanted - set(LIMITS):
        raise PixelError(f"checks: unknown check {min(unknown)!r}; need one of {', '.join(LIMITS)}")
    return wanted
