"""The recipe: all that decides the pixels of a mask, a cutout or a composite, in one frozen record."""

from __future__ import annotations

import hashlib
import json
import math
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from functools import cache
from typing import TYPE_CHECKING, Any, Literal, TypedDict, get_type_hints

from maskkit.keywords import Options, check_known
from maskkit.recipe.kinds import Box, Option, Point, checked
from maskkit.recipe.made import Made
from maskkit.recipe.stored import StoredPixels
from maskkit.recipe.text import asked_in, from_base64, in_base64, members, parsed

if TYPE_CHECKING:
    from maskkit.codec.inputs import ImageInput

__all__ = ["OPTIONS", "Recipe", "RecipeOptions", "option_types", "options_of"]

MaskType = Literal["soft", "binary"]
Refine = Literal["none", "edge", "hair", "soft"]
FeatherEdge = Literal["both", "inside", "outside"]
Hidden = Literal["keep", "clear", "extend"]
Fit = Literal["cover", "contain", "stretch", "tile", "none"]
Product = Literal["mask", "cutout", "composite"]
FileFormat = Literal["png", "jpeg", "webp", "tiff", "avif"]
Compression = Literal["fast", "small"]
Channel = Literal["alpha", "luminance", "red", "green", "blue"]


def _option(default: Any, kind: str, group: str, help: str, **rest: Any) -> Any:
    return field(default=default, metadata={"option": Option(kind, help, group, **rest)})


def _words(default: Any, words: Any, group: str, help: str) -> Any:
    return _option(default, "choice", group, help, choices=words.__args__)


@dataclass(frozen=True)
class Recipe:
    """All that decides the pixels of a mask, a cutout or a composite; what is left out has its default.

    A recipe is made from the options of `maskkit.cutout` and of the command line, travels as JSON or TOML,
    and gives the same bytes again. Two recipes are equal if all their options are; pixels count by what they
    show.

    Raises
    ------
    PixelError
        If a value is not what its option needs; the message names the option.

    Examples
    --------
    >>> recipe = Recipe(feather=1.5, backdrop="white")
    >>> recipe == Recipe.from_json(recipe.to_json())
    True
    >>> recipe
    Recipe(feather=1.5, backdrop='white')
    """

    # ---- the mask: who makes it, and where
    source: str = _option(
        "auto", "text", "mask", "Who makes the mask: auto, or the name of an engine or a service."
    )
    mask: StoredPixels | None = _option(
        None, "picture", "mask", "A grey mask, white keeps, instead of an estimate."
    )
    mask_type: MaskType = _words("soft", MaskType, "mask", "A soft mask, or a binary one of 0 and 255 only.")
    model: str | None = _option(
        None, "text", "mask", "The network: a name that maskkit models lists, or an .onnx file."
    )
    screen: str | StoredPixels | None = _option(
        None, "picture or text", "mask", "The colour of the screen behind the subject, for chroma keying."
    )
    box: tuple[Box, ...] | None = _option(
        None, "box", "mask", "The subject is inside this box, in pixels.", metavar="LEFT TOP RIGHT BOTTOM"
    )
    keep: tuple[Point, ...] = _option(
        (), "points", "mask", "A point on the subject, in pixels; repeatable.", metavar="X,Y"
    )
    drop: tuple[Point, ...] = _option(
        (), "points", "mask", "A point beside the subject, in pixels; repeatable.", metavar="X,Y"
    )
    keep_mask: StoredPixels | None = _option(
        None, "picture", "mask", "Strokes on the subject: a grey picture, white where it is painted."
    )
    drop_mask: StoredPixels | None = _option(
        None, "picture", "mask", "Strokes beside the subject: a grey picture, white where it is painted."
    )
    engine_options: tuple[tuple[str, Any], ...] = _option(
        (), "engine", "mask", "What one engine alone knows, as NAME=VALUE; repeatable.", metavar="NAME=VALUE"
    )
    mask_part: str | None = _option(
        None, "text", "mask",
        "A picture beside the photo of a HEIC: matte, hair, skin, depth; without --mask, the photo's own.",
        metavar="PART",
    )  # fmt: skip
    mask_channel: Channel | None = _words(
        None,
        Channel,
        "mask",
        "Where the mask's file holds it; else grey, or an alpha that alone varies.",
    )
    mask_levels: str | tuple[float, float] | None = _option(
        None, "levels", "mask", "What is black and what is white in the mask: auto, or two levels.",
        metavar="auto|BLACK,WHITE",
    )  # fmt: skip
    mask_class: int | None = _option(
        None, "whole", "mask", "Keep where the mask, a label map, holds this number.", metavar="N"
    )
    mask_frame: int = _option(
        0, "whole", "mask", "Which picture or page of the mask's file, counted from 0.", metavar="N"
    )
    resize_mask: bool = _option(False, "flag", "mask", "Scale a mask of another size to the photo's size.")
    stretch_mask: bool = _option(
        False, "flag", "mask", "Scale a mask of other proportions to the photo's size, too."
    )
    replace: bool = _option(False, "flag", "mask", "Let the mask replace an alpha that the photo has.")

    # ---- the edge: edits of the mask, in this order
    refine: Refine | None = _words(
        None,
        Refine,
        "edge",
        "Fit the mask's edge to the photo's; an estimate's by edge, a small network's by soft.",
    )
    refine_radius: float | None = _option(
        None, "amount", "edge", "How far from the mask's edge refining looks, in pixels.", metavar="PX"
    )
    invert: bool = _option(False, "flag", "edge", "Turn the mask round: keep what it removes.")
    subjects: str | int = _option(
        "all",
        "subjects",
        "edge",
        "How many subjects stay: all, largest, or so many of the largest.",
        metavar="all|largest|N",
    )
    keep_largest: int = _option(
        0, "whole", "edge", "Keep only so many of the largest parts; 0 keeps all.", metavar="N"
    )
    threshold: float | None = _option(None, "unit", "edge", "Make the mask hard at this level, 0 to 1.")
    smooth: float = _option(
        0.0, "amount", "edge", "Round the mask's outline off at this scale.", metavar="PX"
    )
    grow: float = _option(
        0.0, "amount", "edge", "Grow the mask by so many pixels; below 0, shrink it.",
        least=-math.inf, metavar="PX",
    )  # fmt: skip
    feather: float = _option(0.0, "amount", "edge", "Soften the edge: the sigma of a Gaussian.", metavar="PX")
    feather_edge: FeatherEdge = _words(
        "both", FeatherEdge, "edge", "On which side of the edge feathering works."
    )
    decontaminate: float | None = _option(
        None, "unit", "edge",
        "Take the old background out of the edge's colour, 0 to 1; 1 for a soft estimate or a refined mask.",
    )  # fmt: skip
    linear_edge: bool = _option(False, "flag", "edge", "Decontaminate in linear light.")

    # ---- the picture
    to_srgb: bool = _option(False, "flag", "picture", "Convert CMYK, Lab and other colour profiles to sRGB.")
    premultiplied: bool = _option(
        False, "flag", "picture", "The photo's colour is multiplied by its alpha; divide it again."
    )
    unnamed_alpha: bool = _option(
        False, "flag", "picture", "A sample beside the colour that the file does not call alpha is its alpha."
    )
    tone_map: bool = _option(False, "flag", "picture", "Bring HDR (PQ, HLG), refused otherwise, to sRGB.")
    frame: int = _option(
        0, "whole", "picture", "Which picture of an animation, or page, counted from 0.", metavar="N"
    )
    trim: int | None = _option(
        None, "whole", "picture", "Crop to the subject, leaving a margin of so many pixels.", metavar="PX"
    )
    trim_level: float = _option(
        0.0, "unit", "picture", "What trimming counts as subject: alpha above this level."
    )
    canvas: tuple[int, int] | None = _option(
        None, "size", "picture", "Place the cutout on a canvas of this size.", metavar="WIDTHxHEIGHT"
    )
    position: tuple[float, float] = _option(
        (0.5, 0.5), "share", "picture", "Where on the canvas: 0 to 1 across and down.", metavar="X,Y"
    )
    scale: str | float = _option(
        "fit", "factor", "picture", "How large on the canvas: fit, or a factor.", metavar="FACTOR"
    )
    margin: str | None = _option(
        None, "margins", "picture",
        "Keep so much of the canvas clear around the subject: one to four lengths in pixels or %.",
        metavar="PX|%",
    )  # fmt: skip
    fill: float | None = _option(
        None, "unit", "picture", "The share of the canvas that the subject's box takes, 0 to 1."
    )
    at: tuple[int, int] | None = _option(
        None, "place", "picture",
        "Where the subject's picture goes on the backdrop, which keeps its size, in pixels.", metavar="X,Y",
    )  # fmt: skip
    preset: str | None = _option(
        None, "preset", "picture", "Canvas, share and backdrop of a shop, unless they are given.",
        metavar="NAME",
    )  # fmt: skip
    backdrop: str | StoredPixels | None = _option(
        None, "picture or text", "picture",
        "An image file, a CSS colour, blur:PX, lens:PX, checkerboard, transparent, "
        "linear:COLOUR,COLOUR@DEGREES or radial:COLOUR,COLOUR.", metavar="BACKDROP",
    )  # fmt: skip
    fit: Fit = _words("cover", Fit, "picture", "How an image file fills the size.")
    mode: str = _option("normal", "mode", "picture", "Blend mode: normal, multiply, screen, ...")
    opacity: float = _option(1.0, "unit", "picture", "Opacity of the subject, 0 to 1.")
    linear: bool = _option(False, "flag", "picture", "Composite in linear light.")

    # ---- effects: shadows and lines around the subject, the backdrop's light on it
    shadow: str | None = _option(
        None, "effect", "effects",
        "A shadow: drop, contact, cast or own (the photo's); and its settings, as in cast,direction=30. "
        "Several are parted by semicolons.", metavar="KIND,NAME=VALUE",
    )  # fmt: skip
    outline: str | None = _option(
        None, "effect", "effects",
        "A line along the edge: its width in pixels, color, where (outside, center, inside), opacity.",
        metavar="PX,NAME=VALUE",
    )  # fmt: skip
    glow: str | None = _option(
        None, "effect", "effects", "Light around the subject: its radius in pixels, color, opacity.",
        metavar="PX,NAME=VALUE",
    )  # fmt: skip
    reflection: str | None = _option(
        None, "effect", "effects", "A reflection below: its opacity, length (0 to 1), gap in pixels.",
        metavar="OPACITY,NAME=VALUE",
    )  # fmt: skip
    lens_blur: str | None = _option(
        None, "effect", "effects", "The backdrop out of focus: the radius in pixels, highlights (0 to 1).",
        metavar="PX,NAME=VALUE",
    )  # fmt: skip
    tint_match: str | None = _option(
        None, "effect", "effects", "The subject in the backdrop's colours, 0 to 1.", metavar="AMOUNT"
    )
    light_wrap: str | None = _option(
        None, "effect", "effects", "The backdrop's light on the subject's rim: 0 to 1, radius in pixels.",
        metavar="AMOUNT,NAME=VALUE",
    )  # fmt: skip

    # ---- the file
    product: Product = _words("cutout", Product, "output", "What is made.")
    to: FileFormat | None = _words(
        None, FileFormat, "output", "The file format; by default what the name says."
    )
    quality: int | None = _option(
        None, "whole", "output", "Quality of lossy JPEG, WebP and AVIF, 1 to 100.", least=1, most=100
    )
    lossless: bool = _option(False, "flag", "output", "Write lossless WebP.")
    compression: Compression = _words("fast", Compression, "output", "Of PNG and TIFF.")
    associated: bool = _option(
        False, "flag", "output", "Write TIFF with its colour multiplied by the alpha, and say so in it."
    )
    hidden: Hidden = _words(
        "keep", Hidden, "output", "The colour under alpha 0: kept, made black, or the edge's continued."
    )

    made: Made | None = field(default=None, compare=False)

    def __post_init__(self) -> None:
        for name, option in OPTIONS.items():
            value = getattr(self, name)
            if value is not _DEFAULTS[name]:
                object.__setattr__(self, name, checked(value, name, option))

    @classmethod
    def of(cls, given: Mapping[str, Any], verb: str = "Recipe") -> Recipe:
        """A recipe of these options. Raises PixelError for an unknown one, with the nearest that there is."""
        check_known(given, OPTIONS, verb)
        return cls(**given)

    def but(self, **changes: Any) -> Recipe:
        """The recipe with some options changed.

        >>> Recipe(feather=2).but(grow=-1)
        Recipe(grow=-1.0, feather=2.0)
        """
        check_known(changes, [*OPTIONS, "made"], "Recipe")
        return replace(self, **changes)

    def asked(self) -> Options:
        """The options that are not at their default, in the order of the fields."""
        return {name: getattr(self, name) for name in OPTIONS if getattr(self, name) != _DEFAULTS[name]}

    @property
    def has_mask(self) -> bool:
        """A mask is in it, or it names the one beside the photo in its file: nothing is estimated."""
        return self.mask is not None or self.mask_part is not None

    @property
    def digest(self) -> str:
        """The SHA-256 of what is asked, in hexadecimal: the same in every process and every version.

        >>> Recipe(feather=1).digest == Recipe(feather=1.0).digest != Recipe(feather=2).digest
        True
        """
        asked = {name: getattr(value, "sha256", value) for name, value in self.asked().items()}
        return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()

    def to_json(self) -> str:
        """The recipe as one line of JSON; pixels stand in it as PNG in base64."""
        return json.dumps(members(self.asked(), self.made, OPTIONS, in_base64))

    @classmethod
    def from_json(cls, text: str) -> Recipe:
        """What `to_json` wrote. Raises PixelError for anything else, and for a version that is not known.

        >>> Recipe.from_json('{"recipe": 2}')
        Traceback (most recent call last):
        maskkit.errors.PixelError: recipe: need version 1, got 2
        """
        asked, made = asked_in(parsed(text), OPTIONS, from_base64)
        return cls(**asked, made=made)

    def __repr__(self) -> str:
        return f"Recipe({', '.join(f'{name}={value!r}' for name, value in self.asked().items())})"


OPTIONS: dict[str, Option] = {
    one.name: one.metadata["option"] for one in fields(Recipe) if "option" in one.metadata
}
_DEFAULTS: dict[str, object] = {one.name: one.default for one in fields(Recipe)}


@cache
def options_of(group: str) -> dict[str, Option]:
    """The options that stand under one heading."""
    return {name: option for name, option in OPTIONS.items() if option.group == group}


@cache
def option_types() -> dict[str, object]:
    """The types of the options' fields, by name."""
    return {name: kind for name, kind in get_type_hints(Recipe).items() if name in OPTIONS}


class RecipeOptions(TypedDict, total=False):
    """The options of a mask and its edge as keywords, for type checkers: all but ``source``, which leads."""

    mask_type: MaskType
    model: str | os.PathLike[str] | None
    screen: ImageInput | None
    box: Sequence[float] | Sequence[Sequence[float]] | None
    keep: Iterable[Sequence[float]]
    drop: Iterable[Sequence[float]]
    keep_mask: ImageInput | None
    drop_mask: ImageInput | None
    engine_options: Mapping[str, object]
    mask_part: str | None
    mask_channel: Channel | None
    mask_levels: str | tuple[float, float] | None
    mask_class: int | None
    mask_frame: int
    resize_mask: bool
    stretch_mask: bool
    replace: bool
    refine: Refine | None
    refine_radius: float | None
    invert: bool
    subjects: Literal["all", "largest"] | int
    keep_largest: int
    threshold: float | None
    smooth: float
    grow: float
    feather: float
    feather_edge: FeatherEdge
    decontaminate: float | None
    linear_edge: bool
    to_srgb: bool
    premultiplied: bool
    unnamed_alpha: bool
    tone_map: bool
    frame: int
