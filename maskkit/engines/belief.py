"""What a network believes of a picture and of a box in it; nothing where there is no network."""

from __future__ import annotations

import logging
from typing import Any, NamedTuple

from maskkit.engines.box import around
from maskkit.engines.inference import find_network, soft_map
from maskkit.engines.weights import digest
from maskkit.engines.windows import Window, over, whole
from maskkit.errors import FetchError
from maskkit.pixels import Array

__all__ = ["Belief", "believed", "box_looks"]

logger = logging.getLogger("maskkit")

_MARGINS = (0.1, 0.3)  # surroundings a side of the second and the third look, as a share of the box


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
    """Three looks of a network, (h, w) = ``size`` over ``wide``: the ``first``, at all, and two at the box.

    The closer ones see what is too small in the whole; the wider one what is cut off in the closest. Their
    mean is better than each: on 140 photos of ECSSD, cut to the box.
    """
    looks = [over(first, whole(image.shape), wide, size)]
    for margin in _MARGINS:
        part = around(box, image.shape, margin)
        closer = soft_map(image[part], model, fetch=False, looks=1)[0]
        looks.append(over(closer, part, wide, size))
    return looks
