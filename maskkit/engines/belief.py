"""What a network believes of a picture and of a box in it; nothing where there is no network."""

from __future__ import annotations

import logging
from typing import Any, NamedTuple

from maskkit.engines.box import around
from maskkit.engines.inference import find_network, soft_map, soft_maps
from maskkit.engines.weights import digest
from maskkit.engines.windows import Window, over, whole
from maskkit.errors import FetchError
from maskkit.pixels import Array

__all__ = ["Belief", "believed", "box_looks"]

logger = logging.getLogger("maskkit")

# Surroundings a side of the closer views, as a share of the box, and how many looks each of them gets.
_CLOSER = ((0.1, 1), (0.3, 2))


class Belief(NamedTuple):
    """The chance that a pixel is subject, float32 (h, w) of the network's size; its weights' SHA-256."""

    chance: Array
    weights: str


def believed(image: Array, model: Any = None, fetch: bool | None = None) -> Belief | None:
    """What a network believes of the whole picture.

    None where the weights are not here and cannot be had, unless a ``model`` is asked for by name: then that
    raises.
    """
    try:
        network = find_network(model, fetch, insist=model is not None)
        return Belief(soft_map(image, network, looks=1)[0], digest(network[1]))
    except FetchError as error:
        if model is not None:
            raise
        logger.info("hints without a network: %s", error)
        return None


def box_looks(
    image: Array, box: Window, wide: Window, size: tuple[int, int], model: Any = None, *, first: Array
) -> list[Array]:
    """Four looks of a network, (h, w) = ``size`` over ``wide``: the ``first``, at all, and three at the box.

    The closer ones see what is too small in the whole; the wider ones what is cut off in the closest; the
    last is not mirrored. Their mean is better than each: on 140 photos of ECSSD, cut to the box.
    """
    looks = [over(first, whole(image.shape), wide, size)]
    for margin, count in _CLOSER:
        part = around(box, image.shape, margin)
        maps = soft_maps(image[part], model, fetch=False, looks=count)[0]
        looks += [over(closer, part, wide, size) for closer in maps]
    return looks
