"""The record: straight-alpha RGBA of a subject, and where it came from."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Unpack, get_args

import numpy as np

from maskkit import codec, masks
from maskkit.checks import check_amount, check_choice, is_finite
from maskkit.codec.one_space import Profile, icc_of_space, in_space
from maskkit.codec.picture import Picture, WriteOptions
from maskkit.cutouts.scene import Scene, behind, effects
from maskkit.errors import PixelError
from maskkit.pixels import Array
from maskkit.recipe import Made, Recipe
from maskkit.recipe.record import Fit, Hidden

if TYPE_CHECKING:
    from maskkit.blend import Mode
    from maskkit.codec.inputs import ImageInput
    from maskkit.effects.options import Asked

# backdrops, previews and edge colours are imported where used: saving a cutout needs none of them

__all__ = ["HIDDEN", "Cutout"]

HIDDEN = get_args(Hidden)


@dataclass(frozen=True, eq=False, repr=False)
class Cutout:
    """Straight-alpha RGBA of a subject, and where it came from.

    ``picture`` carries the pixels ``(H, W, 4)`` with the photo's ICC profile, EXIF and dpi; ``position`` is
    the left and top of this cutout in the photo (not 0 after `trim`); ``source`` says who made the mask, and
    ``confidence`` how far to trust it, where the mask was estimated. ``asked`` is the recipe without the mask
    that was ``given`` beside it, ``made`` what it was made with.
    """

    picture: Picture
    position: tuple[int, int] = (0, 0)
    source: str = "given"
    confidence: float | None = None
    advice: str | None = None
    asked: Recipe = field(default_factory=Recipe)
    given: Array | None = None
    made: Made | None = None

    @property
    def recipe(self) -> Recipe:
        """All that was asked for this cutout, the mask given included: `maskkit.replay` makes it again."""
        mask = {} if self.given is None else {"mask": self.given}
        return self.asked.but(made=self.made, **mask)

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
        self,
        backdrop: ImageInput,
        *,
        fit: Fit = "cover",
        position: tuple[float, float] = (0.5, 0.5),
        mode: Mode = "normal",
        opacity: float = 1.0,
        linear: bool = False,
        profile: Profile | None = None,
        shadow: Asked | None = None,
        outline: Asked | None = None,
        glow: Asked | None = None,
        reflection: Asked | None = None,
        lens_blur: Asked | None = None,
        tint_match: Asked | None = None,
        light_wrap: Asked | None = None,
    ) -> Picture:
        """The cutout over a backdrop of its own size: ``composite(self, backdrop)``.

        The backdrop is brought to the cutout's colours: a CSS colour is sRGB, an image what its profile says.
        An array has none and is taken as it is.

        Parameters
        ----------
        backdrop : str, path, bytes, file, PIL.Image, Picture or array
            A CSS colour, "transparent", "checker", "blur:20" (the photo itself, out of focus, without the
            subject), "linear:COLOUR;COLOUR[@DEGREES]", "radial:COLOUR;COLOUR", or an image.
        fit, position :
            How an image fills the size, see `maskkit.backdrop.image`.
        mode, opacity, linear :
            As in `maskkit.composite`.
        profile : "srgb" or ICC bytes, optional
            The space of the result, in the place of the cutout's.
        shadow, outline, glow, reflection, lens_blur, tint_match, light_wrap :
            Effects, as in `maskkit.composite`; see `maskkit.effects`.

        Returns
        -------
        Picture of the cutout's size with its ICC profile, EXIF and dpi.

        Examples
        --------
        >>> from maskkit.cutouts import cutout
        >>> red = cutout(np.full((1, 2, 3), (255, 0, 0), np.uint8), np.array([[255, 0]], np.uint8))
        >>> red.over("white").pixels.tolist()
        [[[255, 0, 0], [255, 255, 255]]]
        """
        from maskkit.compositing import composite

        source, below = self.with_backdrop(backdrop, fit=fit, position=position, profile=profile)
        put = composite(
            source, below, mode=mode, opacity=opacity, linear=linear, shadow=shadow, outline=outline,
            glow=glow, reflection=reflection, lens_blur=lens_blur, tint_match=tint_match,
            light_wrap=light_wrap,
        )  # fmt: skip
        return source.with_pixels(put)

    def with_backdrop(
        self,
        backdrop: ImageInput,
        *,
        fit: Fit = "cover",
        position: tuple[float, float] = (0.5, 0.5),
        profile: Profile | None = None,
    ) -> tuple[Picture, Array]:
        """The picture, and the backdrop at its size, in one space."""
        from maskkit import backdrop as backdrops

        source = self.picture if profile is None else in_space(self.picture, icc_of_space(profile))
        if isinstance(backdrop, str):
            kind, pixels = backdrop.partition(":")[0], source.pixels
            backdrop = backdrops.from_text(backdrop, self.size, photo=pixels, dtype=pixels.dtype)
            if kind != "blur" and isinstance(backdrop, np.ndarray):  # the blurred photo has its colours
                backdrop = Picture(backdrop)
        record = codec.to_picture(backdrop, "backdrop")
        below = backdrops.image(record, self.size, fit, position)
        if not isinstance(backdrop, np.ndarray):
            below = in_space(record.with_pixels(below), source.icc, "backdrop").pixels
        return source, below

    def in_scene(self, recipe: Recipe, shade: Array | None = None) -> Scene:
        """The cutout before what the recipe puts behind it, transparent where that is nothing, with effects.

        ``shade`` is the photo's own shadow, ``(H, W, 4)``, for the recipes that keep it.
        """
        below = behind(recipe)
        source, pixels = self.with_backdrop("transparent" if below is None else below, fit=recipe.fit)
        asked = effects(recipe)
        if not any(asked.values()):
            return Scene(source, pixels, None)
        from maskkit.effects import Dressing
        from maskkit.kernels import convert

        whole = convert(source.pixels, np.result_type(source.pixels, pixels))
        return Scene(source, pixels, Dressing.of(whole, pixels, asked, shade, source.icc))

    def trim(self, margin: int = 0, level: float = 0.0) -> Cutout:
        """Crop to the pixels with alpha above ``level``, plus ``margin`` pixels where the picture has them.

        >>> from maskkit.cutouts import cutout
        >>> dot = cutout(np.zeros((5, 5, 3), np.uint8), np.pad([[np.uint8(255)]], 2))
        >>> dot.trim().size, dot.trim(margin=1).position
        ((1, 1), (1, 1))
        """
        check_amount(margin, "margin")
        margin = math.floor(margin)
        box = masks.bounding_box(self.alpha, level)
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

        >>> from maskkit.cutouts import cutout
        >>> wide = cutout(np.zeros((1, 2, 3), np.uint8), np.array([[255, 8]], np.uint8))
        >>> wide.place((4, 1), scale=1).alpha.tolist()
        [[0, 255, 8, 0]]
        """
        from maskkit.placement import placed, plan

        if not ((is_finite(scale) and scale > 0) or (isinstance(scale, str) and scale == "fit")):
            raise PixelError(f"scale: need 'fit' or a factor above 0, got {scale!r}")
        factor = None if isinstance(scale, str) else scale
        where = plan(self.size, (0, 0, *self.size), size, scale=factor, position=position)
        return self._with(placed(self.pixels, where), (0, 0))

    def save(
        self, target: str | Path | BinaryIO, hidden: Hidden = "keep", **options: Unpack[WriteOptions]
    ) -> None:
        """Write the cutout to a file, see `maskkit.write` for formats and options.

        ``hidden`` is about the colour under alpha 0: "keep" leaves the photo there (as Adobe does), "clear"
        makes it black (smaller, and nothing to leak), "extend" continues the edge's colour outwards, so that
        scaling and filtering elsewhere grow no fringe.
        """
        codec.write(target, self.with_hidden(hidden).picture, **options)

    def save_layers(
        self,
        path: str | Path,
        backdrop: ImageInput | None = None,
        *,
        fit: Fit = "cover",
        mode: Mode = "normal",
        opacity: float = 1.0,
        baked: bool = False,
    ) -> None:
        """Write a .psd, .psb or .ora: the backdrop, the photo with its mask beside it, and all that merged.

        Parameters
        ----------
        path : str or path
            Its extension says the format. OpenRaster has no layer masks: there the mask is a layer that
            keeps what is under it (``svg:dst-in``), in a group with the photo.
        backdrop, fit, mode, opacity :
            As in `over`; without a backdrop the merged picture is the cutout.
        baked : bool
            The mask becomes the alpha of the photo's layer instead of a mask beside it.

        Raises
        ------
        CodecError
            Another extension, or a blend mode that the format does not have.
        """
        from maskkit.codec.layers import write_layers
        from maskkit.cutouts.layered import layers

        how = Recipe(backdrop=backdrop, fit=fit, mode=mode, opacity=opacity)  # type: ignore[arg-type]
        scene = self.in_scene(how)
        merged = self.picture if backdrop is None else scene.put(how)
        write_layers(path, layers(scene, merged, how, baked=baked))

    def with_hidden(self, hidden: Hidden = "keep") -> Cutout:
        """The cutout with the colour under alpha 0 kept, made black ("clear") or the edge's ("extend")."""
        check_choice(hidden, "hidden", HIDDEN)
        if hidden == "keep":
            return self
        if hidden == "clear":
            return replace(self, picture=self.picture.with_pixels(self.pixels * (self.alpha > 0)[..., None]))
        from maskkit.color import extend_edge

        return replace(self, picture=self.picture.with_pixels(extend_edge(self.pixels)))

    def to_pil(self) -> Any:
        """A `PIL.Image.Image` in mode RGBA, 8 bit, see `Picture.to_pil`."""
        return self.picture.to_pil()

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Array:
        """The pixels, as NumPy's array protocol asks for them."""
        return np.array(self.pixels, dtype=dtype, copy=copy)

    def _repr_mimebundle_(self, **_: object) -> dict[str, object]:
        """On a checkerboard, who made the mask and how far to trust it under it, for Jupyter."""
        from maskkit.codec.looks import mimebundle, trusted

        told = trusted("mask", self.source, self.confidence)
        return mimebundle(self.picture, repr(self), told, self.advice or "")

    def __repr__(self) -> str:
        width, height = self.size
        return f"Cutout({width}x{height}, {self.pixels.dtype}, mask: {self.source})"

    def _with(self, pixels: Array, position: tuple[int, int]) -> Cutout:
        return replace(self, picture=self.picture.with_pixels(pixels), position=position)
