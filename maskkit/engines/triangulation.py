"""Two plates: a scene before two known backdrops gives its alpha and colour exactly, glass and smoke too."""

from __future__ import annotations

from functools import partial

import numpy as np

from maskkit.codec.inputs import ImageInput, to_pixels
from maskkit.color import linear_to_srgb, srgb_to_linear
from maskkit.engines.plates import plate
from maskkit.errors import PixelError
from maskkit.kernels import convert, map_bands
from maskkit.kernels.channels import total
from maskkit.pixels import Array, check_same_size, split_alpha

__all__ = ["two_plate"]


def two_plate(
    image_on_a: ImageInput,
    image_on_b: ImageInput,
    plate_a: ImageInput,
    plate_b: ImageInput,
    *,
    linear: bool = False,
) -> tuple[Array, Array]:
    """``alpha = 1 - (Ca - Cb) . (Ba - Bb) / |Ba - Bb|^2``, ``alpha F = mean(C) - (1 - alpha) mean(B)``.

    From ``Ca = alpha F + (1 - alpha) Ba`` and the same with b, by least squares over the channels. The
    camera, the light and the subject must not move between the two. Photographs mix light: with ``linear``
    all of C and B are decoded to it first, and F is encoded again. Pictures composited as encoded values
    (many renders) are taken as they are.

    Parameters
    ----------
    image_on_a, image_on_b: (H, W, 3), the subject before the one and the other backdrop; arrays, or pictures
        as `maskkit.cutout` takes them.
    plate_a, plate_b: the backdrops alone (clean plates), the same, or CSS colours.
    linear: the pictures mix light, as photographs do.

    Returns
    -------
    alpha (H, W) and foreground (H, W, 3), float32, straight; the foreground is 0 where alpha is.

    Raises
    ------
    PixelError: sizes that differ, or backdrops nowhere different enough to tell alpha by.

    References
    ----------
    Smith and Blinn 1996, Blue screen matting, theorem 4.

    >>> ink = np.full((1, 1, 3), 0.5, np.float32)
    >>> on_black, on_white = 0.25 * ink, 0.25 * ink + 0.75
    >>> alpha, foreground = two_plate(on_black, on_white, "black", "white")
    >>> alpha.tolist(), foreground.tolist()
    ([[0.25]], [[[0.5, 0.5, 0.5]]])

    The same as a camera sees it:

    >>> seen = [linear_to_srgb(light) for light in (on_black, on_white)]
    >>> alpha, foreground = two_plate(*seen, "black", "white", linear=True)
    >>> bool(np.allclose(alpha, 0.25)), bool(np.allclose(foreground, linear_to_srgb(ink)))
    (True, True)
    """
    a, b = _opaque(image_on_a, "image_on_a"), _opaque(image_on_b, "image_on_b")
    check_same_size(b, a, "image_on_b", "image_on_a")
    plate_a, plate_b = plate(plate_a, a, "plate_a"), plate(plate_b, a, "plate_b")
    found = np.empty((*a.shape[:2], 4), np.float32)
    told = np.empty(a.shape[:2], bool)
    map_bands(partial(_triangulate, linear=linear), a, b, plate_a, plate_b, found, told)
    if not told.all():
        share = 1 - float(told.mean())
        raise PixelError(
            f"plate_a, plate_b: differ by less than 0.1 on {share:.1%} of the pixels; "
            "need two backdrops of clearly different colour or lightness everywhere"
        )
    return found[..., 3], linear_to_srgb(found[..., :3]) if linear else found[..., :3]


def _triangulate(*pieces: Array, linear: bool) -> None:
    light = (srgb_to_linear(array) if linear else array for array in pieces[:4])
    a, b, plate_a, plate_b = (convert(array, np.float32) for array in light)
    found, told = pieces[4:]
    apart = plate_a - plate_b
    square = total(np.square(apart))
    np.greater_equal(square, 0.01, out=told)
    through = total((a - b) * apart) / np.maximum(square, 1e-6)
    alpha = np.clip(1 - through, 0, 1)[..., None]
    own = (a + b - (1 - alpha) * (plate_a + plate_b)) / 2  # alpha F, the mean over the two plates
    found[..., :3] = np.clip(np.divide(own, alpha, out=np.zeros_like(own), where=alpha > 0), 0, 1)
    found[..., 3:] = alpha


def _opaque(image: ImageInput, name: str) -> Array:
    image, alpha = split_alpha(to_pixels(image, name))
    if alpha is not None:
        raise PixelError(f"{name}: has alpha; need (H, W, 3), the picture as the camera saw it")
    return np.asarray(image)
