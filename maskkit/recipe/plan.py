"""From what is asked to what will be done: who makes the mask, what it costs, which steps follow."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from maskkit.engines.registry import ENGINES, EngineSpec, engine, engines, taking
from maskkit.errors import PixelError
from maskkit.keywords import check_known
from maskkit.recipe.record import Recipe

__all__ = ["Environment", "Facts", "Plan", "resolve"]

HINTS = ("box", "keep", "drop", "keep_mask", "drop_mask")


@dataclass(frozen=True)
class Facts:
    """What is known of the picture before anything is made of it.

    Attributes
    ----------
    transparent : some of its pixels are not opaque.
    masked : a mask is given beside the recipe.
    """

    transparent: bool = False
    masked: bool = False


@dataclass(frozen=True)
class Environment:
    """What this machine is set up for.

    Attributes
    ----------
    service : a staging area and credentials are named, so "auto" means the service.
    """

    service: bool = False


@dataclass(frozen=True)
class Plan:
    """What will be done.

    Attributes
    ----------
    maker : "given", "alpha" (the picture's own), or the name of an engine.
    costs : an order is paid for.
    options : what the engine is run with, of the recipe's options.
    hints : "" for none, "steer" where the engine takes them, "correct" where they correct its mask.
    refine : "none", "edge", "hair" or "soft"; "soft" for a small network's map where nobody asked.
    cut : the mask is cut at one half, since a binary one is asked for and the maker gives soft ones.
    decontaminate : 0 to 1.
    replace : the mask takes the place of the picture's alpha.
    steps : the names of the steps in their order, for people to read.
    """

    maker: str
    costs: bool
    options: dict[str, object]
    hints: str
    refine: Literal["none", "edge", "hair", "soft"]
    cut: bool
    decontaminate: float
    replace: bool
    steps: tuple[str, ...]


def resolve(
    recipe: Recipe,
    facts: Facts = Facts(),
    environment: Environment = Environment(),
    settings: Iterable[str] = (),
) -> Plan:
    """What will be done for a recipe; pure: nothing is fetched, paid or looked at here.

    Parameters
    ----------
    recipe : what is asked.
    facts : what is known of the picture.
    environment : what this machine is set up for.
    settings : the names of the engine's settings that are given, see `EngineSpec.settings`.

    Raises
    ------
    PixelError
        For a source that does not exist, and for options that cannot go together; before anything is paid.

    Examples
    --------
    >>> resolve(Recipe(source="chroma", feather=1)).steps
    ('estimate by chroma', 'refine the edge', 'edit the mask', 'decontaminate', 'apply the mask')
    >>> resolve(Recipe(), Facts(transparent=True)).maker
    'alpha'
    """
    masked = facts.masked or recipe.has_mask
    hinted = any(getattr(recipe, name) for name in HINTS)
    settings = tuple(settings)
    spec = _maker(recipe, facts, environment, settings, masked=masked, hinted=hinted)
    idle = spec is None and not masked and recipe.source == "auto"  # the picture's own alpha serves
    asked = [name for name in settings if not (idle and name in ENGINES["auto"].settings)]
    options = _options(recipe, spec, asked, masked=masked)
    maker = "given" if masked else "alpha" if spec is None else spec.name
    serviced = spec is not None and spec.finished  # with a mask, too: then it is the service's
    hints = "" if not hinted else "steer" if spec is not None and spec.steered and not masked else "correct"
    own_edge = bool(hints) or (spec is not None and not masked and not serviced)
    refine = recipe.refine or ("edge" if own_edge else "none")
    estimated = maker not in ("given", "alpha")
    soft = (estimated or serviced or bool(hints) or refine != "none") and recipe.mask_type == "soft"
    amount = float(soft) if recipe.decontaminate is None else recipe.decontaminate
    plan = Plan(
        maker=maker,
        costs=spec is not None and spec.costs and not masked,
        options=options,
        hints=hints,
        refine=refine,
        cut=recipe.mask_type == "binary",
        decontaminate=0.0 if recipe.product == "mask" else amount,
        replace=recipe.replace or maker == "alpha",
        steps=(),
    )
    return _with_steps(plan, recipe)


def _maker(
    recipe: Recipe,
    facts: Facts,
    environment: Environment,
    settings: tuple[str, ...],
    *,
    masked: bool,
    hinted: bool,
) -> EngineSpec | None:
    """The engine that is asked; None where nobody is, since the mask is there."""
    spec = engine(recipe.source)
    if recipe.source != "auto":
        if masked and not spec.finished:
            raise PixelError(f"source: a mask is given, so there is nothing for {spec.name!r} to estimate")
        return spec
    service = ENGINES["adobe"]
    if not masked and any(name in service.settings and name != "cache" for name in settings):
        return service
    if masked or (facts.transparent and not hinted):
        return None
    return service if environment.service else spec


def _options(
    recipe: Recipe, spec: EngineSpec | None, settings: Iterable[str], *, masked: bool
) -> dict[str, object]:
    """What the engine takes of the recipe. Raises PixelError for what no engine that is asked would take."""
    own = {name: getattr(recipe, name) for name in ("model", "screen") if getattr(recipe, name) is not None}
    given = {name: getattr(value, "pixels", value) for name, value in own.items()}
    given |= dict(recipe.engine_options)
    known = () if spec is None else spec.options
    for name in (*given, *settings):
        if spec is None or name not in (*spec.options, *spec.settings):
            raise PixelError(_not_taken(name, spec, masked=masked))
    if "mask_type" in known:
        given["mask_type"] = recipe.mask_type
    return given


def _not_taken(name: str, spec: EngineSpec | None, *, masked: bool) -> str:
    able = taking(name)
    if not able:
        every = [one for other in engines().values() for one in (*other.options, *other.settings)]
        check_known([name], every, "an engine")
    if masked:
        return f"{name}: a mask is given, so no engine is asked"
    asked = "the picture's own alpha is its mask" if spec is None else f"source is {spec.name!r}"
    able = [one for one in able if one != "auto"] if spec is None else able  # it takes that alpha
    needed = " or ".join(f"source {one!r}" for one in able) or "another source"
    return f"{name}: needs {needed}; {asked}"


def _with_steps(plan: Plan, recipe: Recipe) -> Plan:
    from dataclasses import replace

    made = {"given": "take the mask given", "alpha": "take the picture's own alpha"}
    edits = ("invert", "keep_largest", "threshold", "smooth", "grow", "feather")
    steps = (
        made.get(plan.maker, f"{'order from' if plan.costs else 'estimate by'} {plan.maker}"),
        "correct it by the hints" if plan.hints == "correct" else "",
        f"refine the {plan.refine}" if plan.refine != "none" else "",
        "cut the mask at one half" if plan.cut else "",
        "edit the mask" if any(recipe.asked().keys() & set(edits)) else "",
        "decontaminate" if plan.decontaminate else "",
        "apply the mask" if recipe.product != "mask" else "",
        "trim" if recipe.trim is not None else "",
        "place on the canvas" if recipe.canvas else "",
        "composite over the backdrop" if recipe.backdrop is not None else "",
    )
    return replace(plan, steps=tuple(step for step in steps if step))
