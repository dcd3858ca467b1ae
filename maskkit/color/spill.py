"""The screen's light on the subject, taken away."""

from __future__ import annotations

import numpy as np

from maskkit.checks import check_choice, check_unit
from maskkit.codec.inputs import ImageInput, to_pixels
from maskkit.kernels import map_pixels
from maskkit.pixels import Array, check_out

__all__ = ["LIMITS", "SCREENS", "despill"]

SCREENS = {"red": 0, "green": 1, "blue": 2}
LIMITS = ("average", "max")


def despill(
    image: ImageInput,
    screen: str = "green",
    amount: float = 1.0,
    limit: str = "average",
    *,
    out: Array | None = None,
) -> Array:
    """``G' = G - amount max(0, G - limit(R, B))`` for a green screen; the like for the others.

    Parameters
    ----------
    image : (H, W, 3) or (H, W, 4) array, or a picture as `maskkit.cutout` takes it
    screen : str
        "green", "blue" or "red".
    amount : float
        0 to 1.
    limit : str
        "average" of the other two channels, or their "max", which leaves yellow and cyan as they are.
    out : array, optional
        Where to write the result.

    Returns
    -------
    The image's shape and dtype; the other channels and the alpha are its own.

    Raises
    ------
    PixelError
        If ``image`` is not by the pixel convention or an option is unknown or out of range.

    Examples
    --------
    >>> despill(np.array([[[100, 220, 60], [200, 90, 10]]], np.uint8)).tolist()
    [[[100, 80, 60], [200, 90, 10]]]
    """
    image = to_pixels(image)
    check_choice(screen, "screen", SCREENS)
    check_choice(limit, "limit", LIMITS)
    check_unit(amount, "amount")
    out = check_out(out, image.shape, image.dtype, image)
    out[...] = image
    own = SCREENS[screen]
    first, second = (channel for channel in range(3) if channel != own)

    def band(piece: Array) -> None:
        a, b, value = (piece[..., channel].astype(np.float64) for channel in (first, second, own))
        bound = np.maximum(a, b) if limit == "max" else (a + b) / 2
        clean = value - amount * np.maximum(value - bound, 0)
        piece[..., own] = clean if piece.dtype.kind == "f" else np.floor(clean + 0.5)

    map_pixels(band, out)
    return out
