"""The verb: from a photo, and a mask if there is one, to its cutout."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any, Literal, get_args

from maskkit import codec, masks
from maskkit.alpha import apply_mask
from maskkit.checks import check_choice, check_unit
from maskkit.cutouts.record import Cutout
from maskkit.errors import MaskkitWarning
from maskkit.kernels import together
from maskkit.pixels import Array, Picture, check_same_size, max_value

if TYPE_CHECKING:
    from maskkit import fetch

# engines, refining and decontamination are imported where used: a mask that is given needs none of them

__all__ = ["cutout"]

Refine = Literal["none", "edge", "hair"]


def cutout(
    image: Any,
    mask: Any = None,
    *,
    source: fetch.Source = "auto",
    format: fetch.Format = "soft",
    threshold: float | None = None,
    grow: float = 0.0,
    feather: float = 0.0,
    refine: Refine | None = None,
    decontaminate: float | None = None,
    linear_edge: bool = False,
    replace: bool = False,
    resize_mask: bool = False,
    **engine: Any,
) -> Cutout:
    """The subject alone: ``alpha = mask`` (times the alpha the image has).

    A mask that is given is taken as it is, and no colour is touched. One that is estimated has its edge
    refined and, where it is soft, the old background taken out of its soft pixels' colour, unless told
    otherwise; so has one that is given with ``refine``. Adobe's is a finished matte: its edge stays as it
    came, in the library, the CLI and the server; only colours change where it is soft. A binary estimate is
    the soft one cut at one half.

    Parameters
    ----------
    image : path, bytes, file, PIL.Image, Picture or array
    mask : the same kinds, optional
        White keeps. Without it, one is estimated from the picture.
    source, format :
        Who estimates, and whether softly, see `maskkit.fetch_mask`; with a mask, "adobe" says it is Adobe's.
    threshold, grow, feather :
        Edits of the mask in this order, after refining, see `maskkit.masks.adjust`.
    refine : str, optional
        "none", "edge" or "hair", see `maskkit.refine`; by default "edge" for an estimate that is not Adobe's.
    decontaminate : float, optional
        0 to 1, see `maskkit.decontaminate`; by default 1 for a soft estimate or a refined mask, else 0.
    linear_edge : bool
        The edge's colours mixed as light; ``linear`` of `maskkit.decontaminate`.
    replace : bool
        The mask replaces an alpha that the image has.
    resize_mask : bool
        A mask of another size is scaled to the picture's; without it, that is an error.
    **engine :
        Hints and what the source takes (``box``, ``keep``, ``drop``, ``model``, ...), see `maskkit.estimate`.
        Hints correct a mask that is given, too.

    Returns
    -------
    Cutout

    Raises
    ------
    PixelError
        If an argument is not by the pixel convention or sizes differ.
    CodecError
        If a file cannot be read.

    Warns
    -----
    MaskkitWarning
        If the mask is all 0 (nothing is kept) or all white (nothing is removed).

    Examples
    --------
    >>> import numpy as np
    >>> photo = np.full((2, 2, 3), 7, np.uint8)
    >>> cutout(photo, np.array([[0, 255], [128, 255]], np.uint8)).pixels[0, 0].tolist()
    [7, 7, 7, 0]
    """
    if refine is not None:
        check_choice(refine, "refine", get_args(Refine))
    if decontaminate is not None:
        check_unit(decontaminate, "decontaminate")
    serviced = source == "adobe"  # with a mask, too: it is the service's
    spare = False
    if mask is None:
        picture = codec.to_picture(image, print_too=serviced)
        mask, origin = _estimated(picture, source, format, engine)
    else:
        at_once = not (serviced or decontaminate or engine) and refine in (None, "none")

        def photo() -> tuple[Picture, bool]:
            if at_once:  # nothing comes between the photo and its alpha
                return codec.to_spare(image)
            return codec.to_picture(image, print_too=serviced), False

        (picture, spare), mask = together(photo, lambda: codec.to_mask(mask))
        mask, origin = _given(picture, mask, resize_mask, engine)
    estimated = "confidence" in origin
    # what comes without a confidence, given or by the service, is a finished matte
    if refine is None:
        refine = "none" if origin.get("confidence") is None else "edge"
    if refine != "none":
        from maskkit.matting import refine as refined

        mask = refined(picture.pixels, mask, refine)
    if estimated and format == "binary":
        mask = masks.threshold(mask, 0.5)
    _warn_if_flat(mask)
    mask = masks.adjust(mask, threshold=threshold, grow=grow, feather=feather)
    pixels = picture.pixels
    made_soft = (estimated or serviced or refine != "none") and format == "soft"
    amount = float(made_soft) if decontaminate is None else decontaminate
    if amount:
        from maskkit.color import decontaminate as decontaminated

        pixels = decontaminated(pixels, mask, amount, linear=linear_edge)
    if spare:
        pixels = apply_mask(pixels, mask, replace=True, out=pixels)
    else:
        pixels = apply_mask(pixels, mask, replace=replace)
    return Cutout(picture.with_pixels(pixels), **origin)


def _estimated(
    picture: Picture, source: fetch.Source, format: str, engine: dict[str, Any]
) -> tuple[Array, dict[str, Any]]:
    from maskkit import fetch

    check_choice(format, "format", get_args(fetch.Format))
    estimate = fetch.estimate(picture, source, **engine)
    origin = {"source": estimate.engine, "confidence": estimate.confidence, "advice": estimate.advice}
    return estimate.alpha, origin


def _given(
    picture: Picture, mask: Array, resize_mask: bool, hints: dict[str, Any]
) -> tuple[Array, dict[str, Any]]:
    if resize_mask and mask.shape != picture.pixels.shape[:2]:
        mask = masks.resize(mask, picture.size)
    check_same_size(mask, picture.pixels)
    if not hints:
        return mask, {"source": "given"}
    from maskkit import engines

    return engines.hints(picture.pixels, mask=mask, **hints).alpha, {"source": "given, then hints"}


def _warn_if_flat(mask: Array) -> None:
    low, high = mask.min(), mask.max()
    if high == 0:
        warnings.warn("the mask is all 0: nothing is kept", MaskkitWarning, stacklevel=3)
    elif low == max_value(mask.dtype):
        warnings.warn("the mask is all white: nothing is removed", MaskkitWarning, stacklevel=3)
