"""A cutout: colour and alpha as one frozen record, and the verb that makes it from a photo."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Literal

import numpy as np

from maskkit import codec, matte
from maskkit.alpha import apply_mask
from maskkit.errors import MaskkitWarning, PixelError
from maskkit.kernels import convert
from maskkit.pixels import Array, Picture, check_amount, check_same_size, max_value

if TYPE_CHECKING:
    from maskkit import fetch

# engines, backdrops and previews are imported where used: a cutout by a given mask needs none of them

__all__ = ["HIDDEN", "Cutout", "cutout"]

HIDDEN = ("keep", "clear", "extend")


@dataclass(frozen=True, eq=False, repr=False)
class Cutout:
    """Straight-alpha RGBA of a subject, and where it came from.

    ``picture`` carries the pixels ``(H, W, 4)`` with the photo's ICC profile, EXIF and dpi; ``position`` is
    the left and top of this cutout in the photo (not 0 after `trim`); ``source`` says who made the mask, and
    ``confidence`` how far to trust it, where the mask was estimated.
    """

    picture: Picture
    position: tuple[int, int] = (0, 0)
    source: str = "given"
    confidence: float | None = None
    advice: str | None = field(default=None)

    @property
    def pixels(self) -> Array:
        """(H, W, 4) straight-alpha RGBA."""
        return self.picture.pixels

    @property
    def color(self) -> Array:
        """(H, W, 3) view of the colour, also where alpha is 0."""
        return self.pixels[..., :3]

    @property
    def alpha(self) -> Array:
        """(H, W) view of the alpha."""
        return self.pixels[..., 3]

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) in pixels."""
        return self.picture.size

    def over(
        self, backdrop: Any, *, fit: str = "cover", position: tuple[float, float] = (0.5, 0.5), **options: Any
    ) -> Picture:
        """The cutout over a backdrop of its own size: ``composite(self, backdrop)``.

        Parameters
        ----------
        backdrop : str, path, bytes, file, PIL.Image, Picture or array
            A CSS colour, "transparent", "checker", "blur:20" (the photo itself, out of focus, without the
            subject), "linear:COLOUR;COLOUR[@DEGREES]", "radial:COLOUR;COLOUR", or an image.
        fit, position :
            How an image fills the size, see `maskkit.backdrop.image`.
        **options :
            ``mode``, ``opacity``, ``linear`` of `maskkit.composite`.

        Returns
        -------
        Picture of the cutout's size with its ICC profile, EXIF and dpi.

        Examples
        --------
        >>> red = cutout(np.full((1, 2, 3), (255, 0, 0), np.uint8), np.array([[255, 0]], np.uint8))
        >>> red.over("white").pixels.tolist()
        [[[255, 0, 0], [255, 255, 255]]]
        """
        from maskkit import backdrop as backdrops
        from maskkit.compositing import composite

        if isinstance(backdrop, str):
            backdrop = backdrops.from_text(backdrop, self.size, photo=self.pixels, dtype=self.pixels.dtype)
        below = backdrops.image(backdrop, self.size, fit, position)
        return self.picture.with_pixels(composite(self.pixels, below, **options))

    def trim(self, margin: int = 0, level: float = 0.0) -> Cutout:
        """Crop to the pixels with alpha above ``level``, plus ``margin`` pixels where the picture has them.

        >>> dot = cutout(np.zeros((5, 5, 3), np.uint8), np.pad([[np.uint8(255)]], 2))
        >>> dot.trim().size, dot.trim(margin=1).position
        ((1, 1), (1, 1))
        """
        check_amount(margin, "margin")
        box = matte.bounding_box(self.alpha, level)
        if box is None:
            raise PixelError(f"trim: no pixel has alpha above level={level}; nothing would be left")
        left, top = max(0, box[0] - margin), max(0, box[1] - margin)
        pixels = self.pixels[top : box[3] + margin, left : box[2] + margin]
        return self._with(pixels, (self.position[0] + left, self.position[1] + top))

    def place(
        self, size: tuple[int, int], position: tuple[float, float] = (0.5, 0.5), scale: str | float = "fit"
    ) -> Cutout:
        """The cutout on a transparent canvas of ``size``.

        ``scale`` is "fit" (as large as the canvas allows) or a factor; ``position`` is 0 to 1 across and
        down, (0.5, 1) standing on the lower edge.

        >>> wide = cutout(np.zeros((1, 2, 3), np.uint8), np.array([[255, 8]], np.uint8))
        >>> wide.place((4, 1), scale=1).alpha.tolist()
        [[0, 255, 8, 0]]
        """
        from maskkit import backdrop as backdrops

        pixels = self.pixels
        if scale != "fit":
            if isinstance(scale, str) or not scale > 0:
                raise PixelError(f"scale: need 'fit' or a factor above 0, got {scale!r}")
            wanted = (max(1, round(self.size[0] * scale)), max(1, round(self.size[1] * scale)))
            pixels = backdrops.image(pixels, wanted, fit="stretch")
        fit = "contain" if scale == "fit" else "none"
        return self._with(backdrops.image(pixels, size, fit=fit, position=position), (0, 0))

    def save(self, target: str | Path | BinaryIO, hidden: str = "keep", **options: Any) -> None:
        """Write the cutout to a file, see `maskkit.write` for formats and options.

        ``hidden`` is about the colour under alpha 0: "keep" leaves the photo there (as Adobe does), "clear"
        makes it black (smaller, and nothing to leak), "extend" continues the edge's colour outwards, so that
        scaling and filtering elsewhere grow no fringe.
        """
        if hidden not in HIDDEN:
            raise PixelError(f"hidden: need one of {', '.join(HIDDEN)}, got {hidden!r}")
        picture = self.picture
        if hidden == "clear":
            picture = picture.with_pixels(self.pixels * (self.alpha > 0)[..., None])
        elif hidden == "extend":
            from maskkit.color import extend_edge

            picture = picture.with_pixels(extend_edge(self.pixels))
        codec.write(target, picture, **options)

    def to_pil(self) -> Any:
        """A `PIL.Image.Image` in mode RGBA, 8 bit."""
        from PIL import Image

        return Image.fromarray(convert(self.pixels, np.uint8), "RGBA")

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Array:
        """The pixels, as NumPy's array protocol asks for them."""
        return np.array(self.pixels, dtype=dtype, copy=copy)

    def _repr_png_(self) -> bytes:
        """On a checkerboard, for Jupyter."""
        from maskkit import display

        return display.preview(self.pixels)

    def __repr__(self) -> str:
        width, height = self.size
        return f"Cutout({width}x{height}, {self.pixels.dtype}, mask: {self.source})"

    def _with(self, pixels: Array, position: tuple[int, int]) -> Cutout:
        return Cutout(self.picture.with_pixels(pixels), position, self.source, self.confidence, self.advice)


def cutout(
    image: Any,
    mask: Any = None,
    *,
    source: fetch.Source = "auto",
    format: fetch.Format = "soft",
    threshold: float | None = None,
    grow: float = 0.0,
    feather: float = 0.0,
    refine: Literal["none", "edge", "hair"] | None = None,
    decontaminate: float | None = None,
    replace: bool = False,
    resize_mask: bool = False,
    **engine: Any,
) -> Cutout:
    """The subject alone: ``alpha = mask`` (times the alpha the image has).

    A mask that is given is taken as it is, and no colour is touched. One that is estimated softly has its
    edge refined and the old background taken out of its soft pixels' colour, unless told otherwise.

    Parameters
    ----------
    image : path, bytes, file, PIL.Image, Picture or array
    mask : the same kinds, optional
        White keeps. Without it, one is estimated from the picture.
    source, format :
        Who estimates, and whether softly, see `maskkit.fetch_mask`.
    threshold, grow, feather :
        Edits of the mask in this order, after refining, see `maskkit.matte.adjust`.
    refine : str, optional
        "none", "edge" or "hair", see `maskkit.refine`; by default "edge" for a soft estimate.
    decontaminate : float, optional
        0 to 1, see `maskkit.decontaminate`; by default 1 for a soft estimate, else 0.
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
    >>> photo = np.full((2, 2, 3), 7, np.uint8)
    >>> cutout(photo, np.array([[0, 255], [128, 255]], np.uint8)).pixels[0, 0].tolist()
    [7, 7, 7, 0]
    """
    picture = codec.to_picture(image)
    if mask is None:
        mask, origin = _estimated(picture, source, format, engine)
    else:
        mask, origin = _given(picture, mask, resize_mask, engine)
    soft_estimate = "confidence" in origin and format == "soft"
    refine = refine or ("edge" if soft_estimate else "none")
    if refine != "none":
        from maskkit.matting import refine as refined

        mask = refined(picture.pixels, mask, refine)
    _warn_if_flat(mask)
    mask = matte.adjust(mask, threshold=threshold, grow=grow, feather=feather)
    pixels = picture.pixels
    amount = float(soft_estimate) if decontaminate is None else decontaminate
    if amount:
        from maskkit.color import decontaminate as decontaminated

        pixels = decontaminated(pixels, mask, amount)
    return Cutout(picture.with_pixels(apply_mask(pixels, mask, replace=replace)), **origin)


def _estimated(
    picture: Picture, source: fetch.Source, format: fetch.Format, engine: dict[str, Any]
) -> tuple[Array, dict[str, Any]]:
    from maskkit import fetch

    estimate = fetch.estimate(picture, source, **engine)
    mask = estimate.alpha >= 0.5 if format == "binary" else estimate.alpha
    return mask, {"source": estimate.engine, "confidence": estimate.confidence, "advice": estimate.advice}


def _given(
    picture: Picture, mask: Any, resize_mask: bool, hints: dict[str, Any]
) -> tuple[Array, dict[str, Any]]:
    mask = codec.to_mask(mask)
    if resize_mask and mask.shape != picture.pixels.shape[:2]:
        mask = matte.resize(mask, picture.size)
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
