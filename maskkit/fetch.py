"""A mask for a picture: runs the engine that a plan names, and lets hints correct what it says."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from maskkit.engines.registry import EngineSpec
from maskkit.pixels import Array, Picture

if TYPE_CHECKING:
    from maskkit.engines.base import Estimate

__all__ = ["corrected", "run_engine", "service_is_set_up"]

logger = logging.getLogger("maskkit")


def run_engine(spec: EngineSpec, photo: Any, options: Mapping[str, Any]) -> Estimate:
    """What the engine says of a photo; its name, and how far to trust it, on the logger "maskkit".

    Parameters
    ----------
    spec : the engine.
    photo : a Picture; for an engine that is ``remote`` also the file itself, which is then sent as it is.
    options : what its function takes: options, settings and, where it is ``steered``, hints.
    """
    found = spec.function(photo if spec.remote else photo.pixels, **options)
    _tell(found)
    return found


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
