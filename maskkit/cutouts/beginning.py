"""From what is asked to a picture that is open and a plan that is made; nothing is estimated or paid yet."""

from __future__ import annotations

import os
from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass, replace
from importlib import import_module
from typing import Any

from maskkit import codec
from maskkit.codec.picture import Picture
from maskkit.cutouts.given_mask import as_given, at_full_range, fitted
from maskkit.engines.registry import engine
from maskkit.kernels import beforehand, together
from maskkit.pixels import Array, max_value
from maskkit.recipe import Environment, Facts, Plan, Recipe, resolve

__all__ = ["READING", "Begun", "Job", "begin"]

_ANOTHER = ("unnamed_alpha", "tone_map", "frame")  # of a file is read another picture than others read
_BY_COLOUR = ("auto", "classical")  # engines that look at L*a*b* first
READING = ("to_srgb", "premultiplied", *_ANOTHER)
"""Options of a recipe that say how the photo's file is read."""


@dataclass(frozen=True)
class Job:
    """One picture, the mask given for it if there is one, and what is asked.

    ``settings`` are those of the engine; ``local`` keeps "auto" here, whatever the environment says.
    ``print_too`` converts CMYK, Lab and YCbCr to sRGB, where a local engine would refuse them.
    """

    image: Any
    mask: Any
    recipe: Recipe
    settings: Mapping[str, Any]
    local: bool = False
    print_too: bool = False

    @property
    def masked(self) -> bool:
        """A mask is given, beside the recipe or in it, or lies beside the photo in its own file."""
        return self.mask is not None or self.recipe.has_mask

    def plan(self, *, transparent: bool = False) -> Plan:
        """What will be done, once it is known whether the picture is transparent."""
        facts = Facts(transparent, masked=self.masked)
        return resolve(self.recipe, facts, self.environment(), self.settings)

    def environment(self) -> Environment:
        """What "auto" means here; nobody looks where it is not asked."""
        if self.local or self.masked or self.recipe.source != "auto":
            return Environment()
        from maskkit.fetch import service_is_set_up

        return Environment(service=service_is_set_up())


@dataclass(frozen=True)
class Begun:
    """A job whose picture is open and whose plan is made; nothing is estimated or paid yet.

    Attributes
    ----------
    image : what an engine of another machine is sent: the file itself where there is one.
    picture : the upright picture; with ``spare`` its pixels may be written to.
    mask : the mask given, of the picture's size; ``given`` is the same as it came.
    """

    job: Job
    plan: Plan
    image: Any
    picture: Picture
    mask: Array | None = None
    given: Array | None = None
    spare: bool = False


def begin(job: Job) -> Begun:
    """Open the picture and decide what will be done. Raises PixelError for what cannot go together."""
    if job.masked:
        return _with_mask(job)
    plan = job.plan()  # what is refused whatever the picture holds is refused before it is read
    image, picture = _opened(job, plan)
    job = replace(job, image=image)  # a decoder's own copy of the pixels is let go
    if _is_transparent(picture, job):
        plan = job.plan(transparent=True)
    return Begun(job, plan, image, picture)


def _with_mask(job: Job) -> Begun:
    plan, recipe = job.plan(), job.recipe
    mask = recipe.mask.pixels if job.mask is None and recipe.mask is not None else job.mask
    if mask is None:  # a part of the photo's file, which is read once
        mask = codec.load(job.image, "image")[0] if hasattr(job.image, "read") else job.image
        job = replace(job, image=mask)
    serviced = engine(recipe.source).finished
    changed = any(getattr(recipe, name) for name in READING)
    at_once = not (plan.decontaminate or plan.hints or plan.refine != "none" or changed or serviced)

    def photo() -> tuple[Picture, bool]:
        if at_once:  # nothing comes between the photo and its alpha
            return codec.to_spare(job.image)
        return _to_picture(job.image, recipe, print_too=job.print_too or serviced), False

    (picture, spare), given = together(photo, lambda: as_given(mask, recipe))
    fitting = fitted(at_full_range(given, recipe), picture, recipe, job.image)
    return Begun(job, plan, job.image, picture, fitting, given, spare)


def _opened(job: Job, plan: Plan) -> tuple[Any, Picture]:
    """What an engine of another machine is sent, and the upright picture; a file object is read once.

    A file is decoded in a thread, while what the plan needs is imported here.
    """
    image = job.image
    if hasattr(image, "read"):
        image = codec.load(image, "image")[0]
    if isinstance(image, (str, os.PathLike, bytes)):
        image = codec.ahead(image, argument="image")
    _import_for(plan)
    picture = _to_picture(image, job.recipe, print_too=job.print_too or plan.costs)
    if any(getattr(job.recipe, name) for name in _ANOTHER):
        return picture, picture
    return image.result().content if isinstance(image, Future) else image, picture


def _import_for(plan: Plan) -> None:
    """Import what the plan will run, while another thread makes the tables of colours it will need."""
    if plan.maker in _BY_COLOUR:
        from maskkit.engines.reduced import lab_tables

        beforehand(lab_tables)
    _ = engine(plan.maker).function
    if plan.refine != "none":
        import_module("maskkit.matting")
    if plan.decontaminate:
        import_module("maskkit.color")


def _to_picture(image: Any, recipe: Recipe, *, print_too: bool) -> Picture:
    return codec.to_picture(image, print_too=print_too, **{name: getattr(recipe, name) for name in READING})


def _is_transparent(picture: Picture, job: Job) -> bool:
    """Some pixels are not opaque; looked at only where it matters."""
    if job.recipe.source != "auto" or picture.pixels.shape[2] != 4:
        return False
    alpha = picture.pixels[..., 3]
    return bool(alpha.min() < max_value(alpha.dtype))
