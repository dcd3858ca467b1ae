"""A mask for a picture: runs the engine that a plan names, and lets hints correct what it says."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

from maskkit import __version__, cache
from maskkit.codec.picture import Picture
from maskkit.codec.sources import names_file
from maskkit.engines.registry import EngineSpec
from maskkit.errors import CodecError
from maskkit.keywords import Options
from maskkit.pixels import Array

if TYPE_CHECKING:
    from maskkit.engines.base import Estimate

__all__ = ["corrected", "run_engine", "service_is_set_up"]

logger = logging.getLogger("maskkit")

_LONG, _LONG_A_PIXEL = 1.0, 0.25e-6  # seconds


def run_engine(spec: EngineSpec, photo: Any, picture: Picture, options: Mapping[str, Any]) -> Estimate:
    """What the engine says of a photo; its name, and how far to trust it, on the logger "maskkit".

    A mask is looked for in the cache first. One that costs is kept there once it is paid for, a local one
    where making it took long: a second, and a quarter of one a megapixel, which keeping it may take.

    Parameters
    ----------
    spec : the engine.
    photo : for an engine that is ``remote``, the file itself, which is then sent as it is, or the picture.
    picture : upright.
    options : what its function takes: options, settings and, where it is ``steered``, hints.
    """
    given = dict(options)
    kept = given.pop("cache", True) if "cache" in spec.settings else False
    if not (kept and cache.limits()[0]):
        found = _made(spec, photo, picture, given)
    elif spec.costs:
        found = _paid(spec, photo, picture, given)
    else:
        found = _made_here(spec, picture, given)
    _tell(found)
    return found


def _made(spec: EngineSpec, photo: Any, picture: Picture, given: Mapping[str, Any]) -> Estimate:
    found: Estimate = spec.function(photo if spec.remote else picture.pixels, **given)
    return found


def _paid(spec: EngineSpec, photo: Any, picture: Picture, given: Mapping[str, Any]) -> Estimate:
    """The mask that was paid for before, or is now."""
    name = _key(spec, picture, given)
    found = _kept(name, given)
    return _made_alone(name, spec, photo, picture, given) if found is None else found


def _made_alone(
    name: str, spec: EngineSpec, photo: Any, picture: Picture, given: Mapping[str, Any]
) -> Estimate:
    """Pay for a mask that nobody else is paying for; who came second finds it in the cache."""
    with ExitStack() as stack:
        try:
            stack.enter_context(cache.alone(name))
        except CodecError as error:
            logger.warning("the mask is not kept: %s", error)
        found = _kept(name, given)
        if found is None:
            found = _made(spec, photo, picture, given)
            _keep(name, found)
        return found


def _made_here(spec: EngineSpec, picture: Picture, given: Mapping[str, Any]) -> Estimate:
    """The mask of a local engine, kept where it took long; all pixels are read only if one may be there."""
    name = _key(spec, picture, given) if cache.has_like(cache.sketch(picture, spec.name)) else None
    found = _kept(name, given) if name else None
    if found is not None:
        return found
    started = time.perf_counter()
    found = _made(spec, None, picture, given)
    if time.perf_counter() - started > _LONG + _LONG_A_PIXEL * found.alpha.size:
        name = _key(spec, picture, given) if name is None else name
        if name:
            _keep(name, found)
    return found


def _key(spec: EngineSpec, picture: Picture, options: Mapping[str, Any]) -> str:
    """By pixels, mask type and the service that is asked; whose account pays decides no pixel.

    For a local engine by a sketch, pixels, its options, the weights that are here and maskkit's version;
    nothing where an option is more than a few words, as a painted hint is.
    """
    if not spec.costs:
        told = {name: value for name, value in options.items() if name not in spec.settings}
        if not all(isinstance(value, (str, int, float, tuple)) for value in told.values()):
            return ""
        by = {**told, "weights": _weights(told), "maskkit": __version__}
        return cache.sketch(picture, spec.name) + cache.key(picture, spec.name, by)
    where = _removebgs(options) if spec.name == "removebg" else _adobes(options)
    return cache.key(picture, spec.name, {**where, "mask_type": options.get("mask_type", "soft")})


def _weights(told: Mapping[str, Any]) -> list[str]:
    """The SHA-256 of every file of weights that may be meant."""
    from maskkit.engines.weights import digest, installed

    model = str(told.get("model") or "")
    files = [Path(model)] if names_file(model) else installed().values()
    return [digest(one) for one in files]


def _adobes(options: Mapping[str, Any]) -> Options:
    from maskkit.adobe.environment import settings

    named = {name: options[name] for name in ("base_url", "api") if options.get(name) is not None}
    return {name: value for name, value in settings(**named).items() if name in ("base_url", "api")}


def _removebgs(options: Mapping[str, Any]) -> Options:
    from maskkit.clients.removebg_call import account_of

    return {"base_url": account_of(options.get("base_url"), options.get("token")).url}


def _kept(name: str, options: Mapping[str, Any]) -> Estimate | None:
    """The mask in the cache; but an order to go on with is paid for, and is ended as it should be."""
    if getattr(options.get("order"), "resume", False):
        return None
    found = cache.get(name)
    if found is not None:
        options.get("tell", logger.info)(cache.FOUND)
    return found


def _keep(name: str, found: Estimate) -> None:
    """Keep it, where there is room; the mask is here in any case."""
    try:
        cache.put(name, found)
    except CodecError as error:
        logger.warning("the mask is not kept: %s", error)


def corrected(picture: Picture, mask: Array, hints: Mapping[str, Any]) -> Estimate:
    """A mask after hints have corrected it, see `maskkit.engines.hints`."""
    from maskkit import engines

    found: Estimate = engines.hints(picture.pixels, mask=mask, **hints)
    _tell(found)
    return found


def service_is_set_up() -> bool:
    """The environment names a staging area and credentials (``MASKKIT_*``), so "auto" means the service."""
    if not os.environ.get("MASKKIT_STAGING"):
        return False
    from maskkit.adobe.environment import settings

    return bool(settings().keys() & {"token", "client_secret"})


def _tell(found: Estimate) -> None:
    trust = "" if found.confidence is None else f", confidence {found.confidence:.2f}"
    logger.info("mask by %s%s", found.engine, trust)
    if found.advice:
        logger.info("to get a better mask: %s", found.advice)
