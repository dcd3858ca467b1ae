"""Runs a plan: mask, refined edge, edits, colours, alpha."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from maskkit import __version__
from maskkit.alpha import apply_mask
from maskkit.codec.picture import Picture
from maskkit.cutouts.beginning import Begun
from maskkit.cutouts.kept import Kept
from maskkit.cutouts.masking import adjusted, chosen, flatness, with_edge
from maskkit.cutouts.record import Cutout
from maskkit.engines.registry import engine
from maskkit.hearing import warn
from maskkit.pixels import Array
from maskkit.recipe import Made, Recipe, options_of
from maskkit.recipe.plan import HINTS

if TYPE_CHECKING:
    from maskkit.engines.base import Estimate

# engines, refining and decontamination are imported where used: a mask that is given needs none of them

__all__ = ["Tell", "estimated", "follow", "is_quick", "refined", "run", "silent", "tell_flat"]


def silent(_: str) -> None:
    """Hears the steps of a run, and tells nobody."""


_OWN_ALPHA = "the picture's own alpha"


Tell = Callable[[str], object]


class Origin(NamedTuple):
    """Who made a mask, how far to trust it, what would help, the SHA-256 of the weights, see `Estimate`."""

    source: str
    confidence: float | None = None
    advice: str | None = None
    weights: str | None = None
    coarse: bool = False


def run(begun: Begun, tell: Tell = silent) -> Cutout:
    """The cutout that the plan leads to; ``tell`` hears the name of every step."""
    made, flat = follow(begun, tell, Kept())
    tell_flat(flat, stacklevel=4)
    return made


def tell_flat(said: str, stacklevel: int = 3) -> None:
    """Warn of a mask that keeps nothing or removes nothing; ``said`` is `flatness` of it."""
    if said:
        warn(said, stacklevel=stacklevel)


def follow(begun: Begun, tell: Tell, kept: Kept) -> tuple[Cutout, str]:
    """`run` with what was made for the photo before, which spares slow steps; and what it would warn of."""
    recipe, plan, picture = begun.job.recipe, begun.plan, begun.picture
    mask, origin = refined(begun, tell, kept)
    mask = chosen(mask, recipe, cut=plan.cut)
    flat, mask = flatness(mask), adjusted(mask, recipe)
    pixels = picture.pixels
    if plan.decontaminate:
        from maskkit.color import decontaminate

        tell("taking the old background out of the edge")
        pixels = decontaminate(pixels, mask, plan.decontaminate, linear=recipe.linear_edge)
    if begun.spare:
        pixels = apply_mask(pixels, mask, replace=True, out=pixels)
    else:
        pixels = apply_mask(pixels, mask, replace=plan.replace)
    made = Made(__version__, origin.source, origin.weights)
    cutout = Cutout(
        picture.with_pixels(pixels),
        source=origin.source,
        confidence=origin.confidence,
        advice=origin.advice,
        asked=recipe,
        given=begun.given,
        made=made,
    )
    return cutout, flat


def estimated(begun: Begun, tell: Tell = silent) -> Estimate:
    """The `Estimate` of the engine that the plan names; its edge is not refined."""
    if begun.plan.maker != "alpha":
        return _estimate(begun, tell)
    from maskkit.engines import Estimate
    from maskkit.kernels import convert

    return Estimate(convert(begun.picture.pixels[..., 3], "float32"), None, _OWN_ALPHA)


def is_quick(begun: Begun, kept: Kept) -> bool:
    """Whether the steps that take long, the mask and its refined edge, were made before."""
    return kept.has("edge", _decides_edge(begun))


def refined(begun: Begun, tell: Tell, kept: Kept) -> tuple[Array, Origin]:
    """The mask with its edge refined, before any edit, and who made it."""

    def made() -> tuple[Array, Origin]:
        mask, origin = kept.once("mask", _decides_mask(begun), lambda: _mask(begun, tell))
        if begun.plan.refine != "none":
            tell("refining the edge")
            mask = with_edge(
                begun.picture.pixels, mask, begun.plan.refine, begun.job.recipe, coarse=origin.coarse
            )
        return mask, origin

    return kept.once("edge", _decides_edge(begun), made)


def _decides_mask(begun: Begun) -> tuple[object, ...]:
    """What of the job decides the mask of one and the same photo."""
    job = begun.job
    return *(getattr(job.recipe, name) for name in options_of("mask")), dict(job.settings), id(job.mask)


def _decides_edge(begun: Begun) -> tuple[object, ...]:
    return *_decides_mask(begun), begun.plan.refine, begun.job.recipe.refine, begun.job.recipe.refine_radius


def _mask(begun: Begun, tell: Tell) -> tuple[Array, Origin]:
    """The mask, and who made it."""
    plan, picture = begun.plan, begun.picture
    if plan.maker == "alpha":
        return picture.pixels[..., 3], Origin(_OWN_ALPHA)
    if begun.mask is None:
        found = _estimate(begun, tell)
    elif plan.hints:
        found = _corrected(begun, begun.mask, Origin("given"))
    else:
        return begun.mask, Origin("given")
    return found.alpha, Origin(found.engine, found.confidence, found.advice, found.weights, found.coarse)


def _estimate(begun: Begun, tell: Tell) -> Estimate:
    from maskkit import fetch

    plan, job = begun.plan, begun.job
    spec, hints = engine(plan.maker), _hints(job.recipe)
    if plan.hints == "correct" and spec.remote:
        _check_hints(begun.picture, hints)
    told = hints if plan.hints == "steer" else {}
    heard = {"tell": tell} if "tell" in spec.settings else {}
    if not spec.remote:  # a service says itself how far it is
        tell("estimating the mask")
    found = fetch.run_engine(
        spec, begun.image, begun.picture, {**heard, **plan.options, **job.settings, **told}
    )
    if plan.hints != "correct":
        return found
    return _corrected(begun, found.alpha, Origin(found.engine, weights=found.weights))


def _corrected(begun: Begun, mask: Array, by: Origin) -> Estimate:
    from maskkit import fetch
    from maskkit.engines.base import weights_of

    found = fetch.corrected(begun.picture, mask, _hints(begun.job.recipe))
    ran = weights_of(by.weights, found.weights)
    return replace(found, engine=f"{by.source}, then hints", weights=ran)


def _hints(recipe: Recipe) -> dict[str, object]:
    given = {name: getattr(recipe, name) for name in HINTS if getattr(recipe, name)}
    return {name: getattr(value, "pixels", value) for name, value in given.items()}


def _check_hints(picture: Picture, hints: Mapping[str, Any]) -> None:
    """Hints that do not fit the picture are refused before a service is paid: an empty mask tries them."""
    import numpy as np

    from maskkit import engines

    engines.hints(picture.pixels, mask=np.zeros(picture.pixels.shape[:2], np.uint8), **hints)
