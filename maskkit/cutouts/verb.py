"""The verbs: from a photo, and a mask if there is one, to its cutout, its mask, or what an engine says."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar, Unpack

from maskkit.cutouts.beginning import READING, Job, begin
from maskkit.cutouts.record import Cutout
from maskkit.cutouts.running import estimated, run
from maskkit.engines.registry import EngineOptions, EngineSettings, Source, engines
from maskkit.keywords import Options, check_known, renamed
from maskkit.pixels import Array
from maskkit.recipe import Recipe, RecipeOptions, options_of

if TYPE_CHECKING:
    from maskkit.codec.inputs import ImageInput
    from maskkit.engines.base import Estimate

__all__ = ["CutoutOptions", "asked", "cutout", "estimate", "fetch_mask"]

Settings = Mapping[str, Any]
F = TypeVar("F", bound=Callable[..., Any])
_TAKEN = (*options_of("mask"), *options_of("edge"), *READING)
_OLD = {"format": "mask_type", "backdrop": "screen"}


class CutoutOptions(RecipeOptions, EngineOptions, EngineSettings, total=False):
    """The keywords of `cutout`, `fetch_mask` and `estimate`, for type checkers."""


def _with_options(verb: F) -> F:
    """Show the options of the recipe in the verb's signature, with their defaults."""
    signature = inspect.signature(verb)
    named = [one for one in signature.parameters.values() if one.kind is not inspect.Parameter.VAR_KEYWORD]
    here = {one.name for one in named}
    taken = [name for name in _TAKEN if name not in here]
    more = [inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=_default(name)) for name in taken]
    rest = inspect.Parameter("engine", inspect.Parameter.VAR_KEYWORD)
    verb.__signature__ = signature.replace(parameters=[*named, *more, rest])  # type: ignore[attr-defined]
    return verb


def _default(name: str) -> Any:
    return getattr(Recipe, name)


@_with_options
def cutout(
    image: ImageInput,
    mask: ImageInput | None = None,
    *,
    source: Source | str | None = None,
    recipe: Recipe | None = None,
    **options: Unpack[CutoutOptions],
) -> Cutout:
    """The subject alone: ``alpha = mask`` (times the alpha the image has).

    A mask that is given is taken as it is, and no colour is touched. One that is estimated has its edge
    refined and, where it is soft, the old background taken out of its soft pixels' colour, unless told
    otherwise; so has one that is given with ``refine`` or with hints. Adobe's is a finished matte: its edge
    stays as it came; only colours change where it is soft. A picture that is transparent already is its own
    cutout: without a mask, a source or a hint, its alpha is the mask.

    Parameters
    ----------
    image : path, bytes, file, PIL.Image, Picture, Cutout or array
    mask : the same kinds, optional
        White keeps. Without it, one is estimated from the picture.
    recipe : Recipe, optional
        What is asked, as one record; the keywords beside it win over it.
    source : str
        Who makes the mask: "auto" chooses, and says which on the logger "maskkit"; or the name of an engine.
        With a mask, "adobe" says that it is Adobe's.
    mask_type : str
        "soft", or "binary": the mask is cut at one half.
    box, keep, drop, keep_mask, drop_mask :
        Hints, see `maskkit.estimate`. They correct a mask that is given, or ordered, too.
    refine, refine_radius :
        "none", "edge" or "hair", see `maskkit.refine`; by default "edge" for an estimate that is not Adobe's.
    invert, keep_largest, threshold, smooth, grow, feather, feather_edge :
        Edits of the mask in this order, after refining, see `maskkit.masks`.
    decontaminate : float, optional
        0 to 1, see `maskkit.decontaminate`; by default 1 for a soft estimate or a refined mask, else 0.
    linear_edge : bool
        Decontaminate in linear light.
    replace : bool
        The mask replaces an alpha that the image has.
    mask_part : str
        A picture beside the photo in a HEIC, ``part`` of `maskkit.read_mask`, brought to the photo's size:
        of the mask's file, or without a mask of the photo's.
    mask_channel, mask_levels, mask_class :
        Which channel of the mask's file is the mask, what is black and white in it, and which number of a
        label map: ``channel``, ``levels`` and ``class_number`` of `maskkit.read_mask`.
    mask_frame, frame : int
        Which picture of an animation, or page, of the mask's file and of the photo's, counted from 0.
    resize_mask, stretch_mask : bool
        A mask of another size is scaled to the picture's; without them, that is an error. One whose sides
        are swapped is turned as the photo's EXIF says; other proportions are stretched only by the latter.
    to_srgb : bool
        Convert CMYK, Lab and other colour profiles to sRGB.
    premultiplied : bool
        The picture's colour is multiplied by its alpha, see `maskkit.read`.
    unnamed_alpha, tone_map : bool
        A sample that the file does not call alpha is its alpha; HDR is brought to sRGB, see `maskkit.read`.
    **options :
        What the engine takes: ``model``, ``device`` and ``fetch`` of a network, ``screen`` of "chroma", what
        `maskkit.MaskClient` takes for "adobe".

    Returns
    -------
    Cutout

    Raises
    ------
    PixelError
        If an argument is not by the pixel convention, sizes differ, an option does not exist (the message
        names the nearest), or options cannot go together.
    CodecError
        If a file cannot be read.

    Warns
    -----
    MaskkitWarning
        If the mask is all 0 (nothing is kept) or all white (nothing is removed), or its highest level is so
        low that next to nothing is kept.

    Examples
    --------
    >>> import numpy as np
    >>> photo = np.full((2, 2, 3), 7, np.uint8)
    >>> cutout(photo, np.array([[0, 255], [128, 255]], np.uint8)).pixels[0, 0].tolist()
    [7, 7, 7, 0]
    """
    wanted, settings = asked("cutout", recipe, _with_source(source, options))
    return run(begin(Job(image, mask, wanted, settings)))


@_with_options
def fetch_mask(
    image: ImageInput,
    source: str | None = None,
    *,
    recipe: Recipe | None = None,
    **options: Unpack[CutoutOptions],
) -> Array:
    """The subject's mask as uint8 ``(H, W)``: what ``maskkit mask`` writes, the alpha of `cutout`.

    Parameters
    ----------
    image : path, bytes, file, PIL.Image, Picture, Cutout or array
    source, recipe, **options :
        As in `cutout`. `estimate` gives what the engine says before its edge is refined.

    Returns
    -------
    (H, W) uint8, white keeps.

    Examples
    --------
    >>> import numpy as np
    >>> photo = np.full((60, 60, 3), 240, np.uint8)
    >>> photo[20:40, 20:40] = (180, 30, 30)
    >>> mask = fetch_mask(photo, mask_type="binary")
    >>> int(mask[30, 30]), int(mask[5, 5])
    (255, 0)
    """
    import numpy as np

    from maskkit.kernels import convert

    wanted, settings = asked("fetch_mask", recipe, _with_source(source, options))
    return convert(run(begin(Job(image, None, wanted.but(product="mask"), settings))).alpha, np.uint8)


@_with_options
def estimate(
    image: ImageInput,
    source: str | None = None,
    *,
    recipe: Recipe | None = None,
    **options: Unpack[CutoutOptions],
) -> Estimate:
    """What an engine says: float alpha, the confidence in it, the engine's name, and advice.

    Parameters
    ----------
    image : path, bytes, file, PIL.Image, Picture, Cutout or array
    source : str
        Who makes the mask, as in `cutout`.
    recipe : Recipe, optional
    box : (left, top, right, bottom)
        In pixels, around the subject.
    keep, drop : list of (x, y)
        Points in pixels, on the subject and beside it.
    keep_mask, drop_mask : masks
        Painted strokes, white where there is paint, on the subject and beside it.
    **options :
        What the engine of that name takes.

    Returns
    -------
    Estimate
        Before any refining or editing, see `fetch_mask`.

    Raises
    ------
    PixelError
        For a source or an option that does not exist, and for hints outside the picture.
    CodecError
        For a photo that is not an image.
    """
    wanted, settings = asked("estimate", recipe, _with_source(source, options))
    return estimated(begin(Job(image, None, wanted, settings)))


def asked(verb: str, recipe: Recipe | None, given: Mapping[str, Any]) -> tuple[Recipe, Settings]:
    """The recipe that keywords make, over the one given, and the engine's settings beside them.

    Raises PixelError for a keyword that does not exist, with the nearest that does.
    """
    today = _without_offline(renamed(dict(given), _OLD, verb, stacklevel=5), verb)
    options = {name: value for name, value in today.items() if name in _TAKEN}
    base, settings = recipe or Recipe(), {}
    if beside := today.keys() - options.keys():  # looking for other packages' engines takes a while
        check_known(today, [*_TAKEN, *sorted(_names("options") | _names("settings"))], verb)
        given_beside = {name: today[name] for name in beside if today[name] is not None}
        settings = {name: value for name, value in given_beside.items() if name in _names("settings")}
        if decisive := given_beside.keys() - settings.keys():
            known = dict(options.get("engine_options", base.engine_options))
            options["engine_options"] = known | {name: given_beside[name] for name in decisive}
    return (base.but(**options) if options else base), settings


def _names(kind: str) -> set[str]:
    """The options, or the settings, of all engines."""
    return {name for spec in engines().values() for name in getattr(spec, kind)}


def _with_source(source: str | None, options: Mapping[str, Any]) -> Mapping[str, Any]:
    return dict(options) if source is None else {**options, "source": source}


def _without_offline(given: Options, verb: str) -> Options:
    if "offline" not in given:
        return given
    said = f"offline of {verb} is the opposite of fetch now: fetch=False"
    warnings.warn(said, DeprecationWarning, stacklevel=5)
    offline = given.pop("offline")
    return given if offline is None else {**given, "fetch": not offline}
