"""A photo's bytes to the bytes of what was ordered; runs in a process of the pool or on a Dask worker.

read -> `maskkit.cutout`, the same call that the library and the command line make -> encode
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from maskkit.errors import CodecError, MaskkitError, PixelError
from maskkit.hearing import overheard, sentences
from maskkit.pixels import Array
from maskkit.recipe import Recipe
from maskkit.redact import redact
from maskkit.server.faults import JobError, bad_input

if TYPE_CHECKING:
    from maskkit.codec.picture import Encoding
    from maskkit.cutouts import Cutout

    class EncodeOptions(Encoding, total=False):
        """What `maskkit.encode` takes beside the picture and its format."""

        background: str


__all__ = [
    "LAYERED",
    "PSD",
    "Inputs",
    "Made",
    "Product",
    "asked_of",
    "make",
    "safe",
    "warm",
    "watched",
]

PSD = "image/vnd.adobe.photoshop"
LAYERED = {PSD: ".psd", "image/openraster": ".ora"}
"""The media types of files of layers, and their suffixes."""

Space = Literal["rgb", "rgba", "grey", "deep"]


@dataclass(frozen=True)
class Product:
    """What is to be made of a photo; both contracts and the direct routes are reduced to it.

    Attributes
    ----------
    recipe : what decides the pixels; its ``source`` is the server's engine, whatever stands there.
    space : of a mask or a cutout, v1's ``output.color.space``; "deep" is grey with as many bits as the photo
        has, where the contracts' masks have 8.
    media_type : of the answer.
    """

    recipe: Recipe = field(default_factory=Recipe)
    space: Space = "rgb"
    media_type: str = "image/png"

    def to_json(self) -> dict[str, object]:
        """A JSON object."""
        recipe = json.loads(self.recipe.to_json())
        return {"recipe": recipe, "space": self.space, "media_type": self.media_type}

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> Product:
        """The product in a JSON object, also in one that a server wrote before there were recipes."""
        recipe = body.get("recipe")
        asked = _before_recipes(body) if recipe is None else Recipe.from_json(json.dumps(recipe))
        return cls(asked, body["space"], body["media_type"])


def _before_recipes(body: Mapping[str, Any]) -> Recipe:
    same = {name: body[name] for name in ("threshold", "grow", "feather")}
    return Recipe(
        product=body["kind"],
        mask_type=body["format"],
        trim=0 if body["trim"] else None,
        backdrop=rgba(*body["background"]) if body["background"] else None,
        decontaminate=body["decontamination"],
        **same,
    )


def rgba(red: float, green: float, blue: float, alpha: float = 1.0) -> str:
    """A colour of 0-255 with alpha 0-1, as CSS writes it.

    >>> rgba(10, 200, 30, 0.5)
    'rgba(10, 200, 30, 0.5)'
    """
    return f"rgba({red:g}, {green:g}, {blue:g}, {alpha:g})"


@dataclass(frozen=True)
class Inputs:
    """The files that come in: a photo, a mask for it, a picture that goes behind, painted strokes.

    ``strokes`` are pairs of an option's name, "keep_mask" or "drop_mask", and a file.
    """

    photo: bytes
    mask: bytes | None = None
    backdrop: bytes | None = None
    strokes: tuple[tuple[str, bytes], ...] = ()


@dataclass(frozen=True)
class Made:
    """The bytes made, with what is worth telling of them."""

    content: bytes
    width: int
    height: int
    engine: str
    confidence: float | None = None
    warned: tuple[str, ...] = ()


def make(inputs: Inputs, product: Product, engine: str, max_pixels: int) -> Made:
    """The picture ordered. Raises JobError for whatever is wrong, which can travel between processes."""
    return watched(engine, lambda: _make(inputs, product, engine, max_pixels))


def watched(engine: str, work: Callable[[], Made]) -> Made:
    """What ``work()`` makes, with what maskkit warned of meanwhile; whatever goes wrong is a JobError."""
    with _told(engine), overheard() as heard:
        made = work()
    return replace(made, warned=sentences(heard))


@contextmanager
def _told(engine: str) -> Iterator[None]:
    """Whatever goes wrong with a picture leaves as a JobError."""
    try:
        yield
    except JobError:
        raise
    except (CodecError, PixelError) as error:
        raise bad_input(f"input: {redact(error)}") from None
    except MaskkitError as error:
        raise JobError(502, "EngineError", f"engine {engine}: {redact(error)}") from None
    except MemoryError:
        raise JobError(500, "InternalError", "the picture needs more memory than there is") from None


def warm(engine: str) -> str:
    """Load what ``engine`` needs, before the first job does; returns its name."""
    from maskkit.cutouts import estimate
    from maskkit.engines.registry import engine as spec_of

    if spec_of(engine).costs:  # that would be a billed job
        return engine
    try:
        estimate(np.full((32, 32, 3), 255, np.uint8), "classical" if engine == "auto" else engine)
    except MaskkitError as error:
        raise JobError(502, "EngineError", f"engine {engine}: {redact(error)}") from None
    return engine


def _make(inputs: Inputs, product: Product, engine: str, max_pixels: int) -> Made:
    from maskkit.codec import encode
    from maskkit.cutouts import finished, size_of

    recipe = safe(product.recipe, max_pixels)
    if inputs.backdrop is not None:
        recipe = _over(recipe, inputs.backdrop, max_pixels)
    made = _cutout(inputs, recipe.but(source=engine), max_pixels)
    if recipe.trim is not None and not made.alpha.any():
        recipe = recipe.but(trim=None)  # an empty mask is an answer, too
    if product.media_type in LAYERED:
        return _layers(made, recipe, LAYERED[product.media_type])
    shown = finished(made, recipe)
    if recipe.product == "mask" and isinstance(shown, np.ndarray):
        shown = _channels(shown, product.space)
    elif product.space == "rgb" and recipe.backdrop is None:
        shown = made.over("white")
    content = encode(shown, _FORMATS[product.media_type], **_options(product))
    return Made(content, *size_of(shown), made.source, made.confidence)


def _layers(made: Cutout, recipe: Recipe, suffix: str) -> Made:
    from maskkit.codec.layers.writing import layered_parts
    from maskkit.cutouts import layers_of

    layered = layers_of(made, recipe)
    content = b"".join(layered_parts(layered, suffix))
    return Made(content, *layered.size, made.source, made.confidence)


_FORMATS: dict[str, Literal["png", "jpeg", "webp"]] = {
    "image/png": "png",
    "image/jpeg": "jpeg",
    "image/webp": "webp",
}
_WORDS = ("transparent", "checker", "checkerboard")
_PAINTED = ("blur:", "lens:", "linear:", "radial:")


def safe(recipe: Recipe, max_pixels: int) -> Recipe:
    """The recipe, if what is behind is a colour or painted, and its canvas no larger than a photo may be.

    A path would be the server's.
    """
    width, height = recipe.canvas or (1, 1)
    if width * height > max_pixels:
        raise PixelError(f"canvas: need at most {max_pixels} pixels, got {width}x{height}")
    words = recipe.backdrop
    if isinstance(words, str) and words not in _WORDS and not words.startswith(_PAINTED):
        from maskkit.backdrop import solid

        solid(words, (1, 1))
    return recipe


def _over(recipe: Recipe, backdrop: bytes, max_pixels: int) -> Recipe:
    from maskkit.codec import to_picture

    return recipe.but(backdrop=to_picture(backdrop, "backdrop", print_too=True, max_pixels=max_pixels))


def _options(product: Product) -> EncodeOptions:
    asked = product.recipe
    if product.media_type == "image/jpeg":
        return {"background": "white", "quality": asked.quality or 92}
    if product.media_type == "image/webp":
        return {"lossless": asked.lossless or asked.product == "mask", "quality": asked.quality}
    return {"compression": asked.compression}


def _cutout(inputs: Inputs, recipe: Recipe, max_pixels: int) -> Cutout:
    from maskkit.codec import ahead, at_once, warn_of_frames
    from maskkit.cutouts import rehearse
    from maskkit.cutouts.beginning import Job, begin
    from maskkit.cutouts.running import run
    from maskkit.kernels import threads

    opened = at_once if threads() == 1 else ahead
    photo = opened(inputs.photo, max_pixels, "photo")
    mask = None if inputs.mask is None else opened(inputs.mask, max_pixels, "mask")
    warn_of_frames(photo, recipe.frame)
    warn_of_frames(mask, recipe.mask_frame)
    asked = asked_of(recipe, inputs, max_pixels)
    begun = begin(Job(photo, mask, asked, {}, local=True, print_too=True))
    rehearse(begun, asked)
    return run(begun)


def asked_of(recipe: Recipe, inputs: Inputs, max_pixels: int) -> Recipe:
    """The recipe with the strokes that were sent; a mask that is there needs no engine but to finish it.

    It was sent, or lies in the photo's file.
    """
    from maskkit.codec import at_once, to_mask
    from maskkit.engines.registry import engine

    strokes = {name: to_mask(at_once(file, max_pixels, name), name) for name, file in inputs.strokes}
    recipe = recipe.but(**strokes)
    alone = (inputs.mask is not None or recipe.has_mask) and not engine(recipe.source).finished
    return recipe.but(source="auto") if alone else recipe


def _channels(alpha: Array, space: str) -> Array:
    from maskkit.kernels import convert

    if space == "deep":
        return alpha
    alpha = convert(alpha, np.uint8)
    if space == "grey":
        return alpha
    # Adobe's mask has three equal channels; the fourth, where it is asked for, is opaque
    planes = [alpha] * 3 + [np.full_like(alpha, 255)] * (space == "rgba")
    return np.stack(planes, axis=-1)
