"""From a coarse mask to a matte, with the words of Photoshop's Select and Mask."""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np

from maskkit import masks
from maskkit.checks import check_amount, check_choice, check_unit
from maskkit.codec.inputs import ImageInput, MaskInput, to_mask, to_pixels
from maskkit.errors import PixelError
from maskkit.kernels import convert
from maskkit.keywords import keywords
from maskkit.matting.edge import edge
from maskkit.matting.from_trimap import Method, from_trimap
from maskkit.matting.hair import hair
from maskkit.matting.soft import soft
from maskkit.matting.support import keep_supported
from maskkit.pixels import Array, check_out, check_same_size

__all__ = ["Mode", "refine"]

Mode = Literal["edge", "hair", "soft", "trimap"]


@keywords()
def refine(
    image: ImageInput,
    mask: MaskInput,
    mode: Mode = "edge",
    *,
    radius: float | None = None,
    smooth: float = 0.0,
    feather: float = 0.0,
    contrast: float = 0.0,
    shift_edge: float = 0.0,
    trimap: MaskInput | None = None,
    method: Method = "closed_form",
    out: Array | None = None,
) -> Array:
    """``shift(contrast(feather(matte(smooth(mask)))))``: a matte whose edge is the picture's.

    Parameters
    ----------
    image : (H, W, 3) or (H, W, 4) array, or a picture as `maskkit.cutout` takes it
        The photo; an alpha it has is not looked at.
    mask : (H, W) array, or a mask as `maskkit.cutout` takes it
        White keeps; hard or soft. In mode "trimap" it is the trimap, unless ``trimap`` is given.
    mode : str
        - "edge": a guarded guided filter; fast, for every subject, finds edges as soft as they are.
        - "hair": matting in the undecided band, for fur and hair; each subject by itself.
        - "soft": matting where a soft map is unsure; for the map of a small network.
        - "trimap": matting where the trimap is grey.
    radius : float, optional
        How far from the mask's edge to look, pixels; by default 2.5% of the long side for "edge", and of
        each subject's for "hair" and "soft".
    smooth : float
        Pixels; rounds the mask's contour before it is refined, see `maskkit.smooth`.
    feather : float
        Pixels; the Gaussian's sigma, after refining, see `maskkit.feather`.
    contrast : float
        0 to below 1; ``clip((a - c/2) / (1 - c))``: a harder edge.
    shift_edge : float
        -1 to 1; ``clip(a / (1 - s))`` outwards, ``clip((a + s) / (1 + s))`` inwards: to either end of the
        soft edge.
    trimap : (H, W) array, optional
        0 surely outside, white surely inside, anything between unknown; for mode "trimap".
    method : str
        Of mode "trimap": "closed_form", or pymatting's by name, see `maskkit.matting.METHODS`.
    out : array, optional
        Where to write the result.

    Returns
    -------
    (H, W) array of the image's dtype.

    Raises
    ------
    PixelError
        If an argument is not by the pixel convention, sizes differ, or an option is out of range.
    MissingExtraError
        If a method of pymatting is asked for and it is not installed.

    References
    ----------
    See the modules `maskkit.matting.edge`, `hair`, `soft`, `from_trimap`, `closed_form` and `sampling`.

    Examples
    --------
    A ramp over 8 pixels, and a mask that knows its middle only:

    >>> ramp = np.clip((np.arange(40) - 16) / 8, 0, 1)
    >>> photo = np.full((40, 40, 3), 200) * ramp[None, :, None]
    >>> mask = np.tile(ramp > 0.5, (40, 1))
    >>> refine(photo.astype(np.uint8), mask, radius=12)[20, 16:25].tolist()
    [0, 0, 21, 60, 106, 159, 206, 247, 255]
    """
    image = to_pixels(image)
    mask = _checked(mask if trimap is None else trimap, image, "mask" if trimap is None else "trimap")
    out = check_out(out, mask.shape, image.dtype, image, mask)
    _check_options(mode, radius, contrast, shift_edge)
    check_amount(smooth, "smooth")
    check_amount(feather, "feather")
    if trimap is not None and mode != "trimap":
        raise PixelError(f"trimap: is for mode 'trimap', got mode {mode!r}")
    if smooth and mode != "trimap":
        mask = masks.smooth(mask, smooth)
    alpha = _matte(image[..., :3], mask, mode, radius, method)
    if feather:
        alpha = masks.feather(alpha, feather)
    if contrast:
        alpha = masks.levels(alpha, contrast / 2, 1 - contrast / 2)
    if shift_edge:
        alpha = masks.levels(alpha, min(0.999, max(0.0, -shift_edge)), max(0.001, 1 - max(0.0, shift_edge)))
    result: Array = convert(alpha, image.dtype, out)
    return result


def _matte(image: Array, mask: Array, mode: str, radius: float | None, method: Method) -> Array:
    if mode == "trimap":
        return from_trimap(image, mask, method)
    reach = None if radius is None else max(1, round(radius))
    if mode == "soft":
        return soft(image, mask, reach)
    matte = {"edge": edge, "hair": hair}[mode](image, mask, reach)
    keep_supported(image, mask, matte)
    return matte


def _checked(mask: MaskInput, image: Array, name: str) -> Array:
    checked: Array = to_mask(mask, name)
    check_same_size(checked, image, name)
    return convert(checked, np.uint8) if checked.dtype == np.bool_ else checked


def _check_options(mode: str, radius: float | None, contrast: float, shift_edge: float) -> None:
    check_choice(mode, "mode", get_args(Mode))
    if radius is not None:
        check_amount(radius, "radius")
    check_unit(contrast, "contrast")
    if contrast == 1:
        raise PixelError("contrast: need less than 1; use maskkit.threshold for a hard mask")
    check_unit(shift_edge, "shift_edge", least=-1)
