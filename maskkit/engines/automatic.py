"""The engine that is taken where none is named: a network and a plain backdrop, or what stands out."""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import cv2
import numpy as np

from maskkit.checks import check_subjects
from maskkit.engines.base import Estimate
from maskkit.engines.confidence import agreed, network_advice
from maskkit.engines.frames import inside
from maskkit.engines.inference import find_network
from maskkit.engines.lift import lift
from maskkit.engines.network_mask import first_look, network_mask
from maskkit.engines.networks import Network
from maskkit.engines.plain import Plain, before_plain
from maskkit.engines.plain_fusion import settled
from maskkit.engines.ranking import overlap
from maskkit.engines.reduced import reduced
from maskkit.engines.runtimes import Device
from maskkit.engines.weight_free import classical
from maskkit.engines.weights import digest
from maskkit.errors import MaskkitError
from maskkit.kernels.bands import together
from maskkit.keywords import keywords
from maskkit.masks import keep_largest
from maskkit.pixels import Array, check_image

__all__ = ["auto"]

logger = logging.getLogger("maskkit")

_SIDE = 640
_LEAST = 8  # pixels a side
_RADIUS = 1 / 160  # of the long side: as far as the map's edge may be from the picture's
_CLEAN = 0.9  # the confidence from which nearly all of the border is backdrop
_SAME = 0.9  # the IoU of two masks of one subject, of which the cut by colours has the finer edge
_DOUBT = 0.7  # of its own confidence, what a mask without the network is trusted


@keywords()
def auto(
    image: Any,
    *,
    model: str | Path | Network | None = None,
    device: Device = "auto",
    fetch: bool | None = None,
    subjects: Literal["all", "largest"] | int = "all",
) -> Estimate:
    """The subjects of ``image``: what differs from a plain backdrop, else what a network and colours see.

    Frames, letterbox bars and black corners are found first and are never part of it. A plain backdrop is
    one smooth colour field along the border; there edges, holes and thin parts follow colours at the
    picture's own size, and one look of a network tells shadows and what is like the backdrop on the subject
    from it (`settled`). Elsewhere a network's map, in one look or, where that is undecided, two, meets a cut
    by colours; how far the looks agree tells of the confidence. Where its weights cannot be had, the
    backdrop's colours serve alone, or `classical`, and the confidence says so.

    Parameters
    ----------
    image : (H, W, 3) or (H, W, 4) array, any dtype of the pixel convention
    model, device : as in `onnx`
    fetch : whether weights may be fetched; None means unless the environment sets MASKKIT_OFFLINE
    subjects : "all", "largest", or how many of the largest connected parts stay

    Returns
    -------
    Estimate; ``engine`` says which of these took part. The confidence is the chance that the IoU with the
    subject is 0.8 or better, calibrated for each of them.

    Raises
    ------
    PixelError: a model or a number of subjects that does not exist. MaskkitError: a model named by the
    caller cannot be had or run.
    """
    image = check_image(image)
    count = check_subjects(subjects, "subjects")
    rows, columns = inside(image)
    within = image[rows, columns]
    found = _estimate(within, model, device, fetch)
    alpha = keep_largest(found.alpha, count) if count else found.alpha
    if within.shape != image.shape:
        whole = np.zeros(image.shape[:2], np.float32)
        whole[rows, columns] = alpha
        alpha = whole
    return replace(found, alpha=alpha)


def _estimate(
    image: Array, model: str | Path | Network | None, device: Device, fetch: bool | None
) -> Estimate:
    small = reduced(image, _SIDE)
    if min(small.shape[:2]) < _LEAST:
        return classical(image)
    try:
        network = find_network(model, fetch, insist=model is not None)
    except MaskkitError as error:
        if model is not None:
            raise
        plain = _found(small)
        return _without(image, error) if plain is None else _by_colours(image, plain)
    look, plain = together(lambda: first_look(image, small, network, device), lambda: _found(small))
    weights = digest(network[1])
    if plain is not None and plain.confidence >= _CLEAN:
        return _by_colours(image, settled(plain, look[0]), look[1], weights)
    seen = network_mask(image, small, network, device, look)
    confidence = agreed(seen.marks) if (seen.soft > 0.5).any() else 0.0
    soft = cv2.resize(seen.soft, small.shape[1::-1], interpolation=cv2.INTER_LINEAR)
    if plain is not None and (plain.confidence > confidence or overlap(plain.cut, soft > 0.5) >= _SAME):
        return _by_colours(image, plain, seen.engine, weights)
    alpha = lift(soft, image, _RADIUS, small=small)
    return Estimate(alpha, confidence, seen.engine, network_advice(confidence), weights, coarse=True)


def _found(small: Array) -> Plain | None:
    plain = before_plain(small)
    return plain if plain is not None and plain.found else None


def _by_colours(image: Array, plain: Plain, engine: str = "", weights: str | None = None) -> Estimate:
    name = f"plain backdrop and {engine}" if engine else "plain backdrop"
    return Estimate(plain.alpha(image), plain.confidence, name, weights=weights)


def _without(image: Array, error: MaskkitError) -> Estimate:
    """What `classical` makes of it, trusted less; said once for each reason."""
    if str(error) not in _said:
        _said.add(str(error))
        logger.warning("the mask is made without a network, which is much less exact: %s", error)
    found = classical(image)
    confidence = _DOUBT * (found.confidence or 0.0)
    return Estimate(
        found.alpha, confidence, found.engine, "maskkit models --fetch u2netp gives far better masks"
    )


_said: set[str] = set()
