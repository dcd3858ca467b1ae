"""What a network and the picture's colours see together, at a reduced size, and how far they agree."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from maskkit.engines.fusion import fused
from maskkit.engines.inference import Found, soft_maps
from maskkit.engines.ranking import overlap
from maskkit.engines.reduced import reduced
from maskkit.engines.runtimes import Device
from maskkit.kernels.layers import reused_memory
from maskkit.pixels import Array

__all__ = ["Look", "NetworkMask", "first_look", "network_mask"]

Look = tuple[Array, str]  # a map of the whole picture, and what made it

_SIDE = 320  # as fine as the map of a small network
# IoUs of a map cut at 0.3 and at 0.7. Above the first a second look tells nothing; above the other it is no
# part of the mask, but of ten poor masks of the calibration photos up there it gives four away.
_SURE, _DECIDED = 0.97, 0.92


@dataclass(frozen=True, eq=False)
class NetworkMask:
    """A map (h, w) float32, what made it, and its marks, each an IoU.

    The marks: of the network's mask cut at 0.3 and at 0.7, of its looks, of its mask and the colours' cut.
    """

    soft: Array
    engine: str
    marks: Array


def first_look(image: Array, small: Array, network: Found, device: Device = "auto") -> Look:
    """The look that `network_mask` begins with."""
    with reused_memory():
        (soft,), engine = soft_maps(image, network, device=device, small=small)
    return soft, engine


def network_mask(
    image: Array, small: Array, network: Found, device: Device = "auto", first: Look | None = None
) -> NetworkMask:
    """A look of the network, a second, which is part of the map where the first is undecided, and colours.

    Parameters
    ----------
    image : (H, W, 3) or (H, W, 4) array, any dtype
    small : `reduced` of it, 320 pixels or more a side
    network, device : as in `maskkit.engines.inference.soft_maps`
    first : `first_look`, where the caller has it
    """
    with reused_memory():
        look, engine = first or first_look(image, small, network, device)
        maps, sure = [look], _decided(look)
        if sure < _SURE:
            maps += soft_maps(image, network, device=device, after=1, small=small)[0]
    taken = maps if sure < _DECIDED else maps[:1]
    colours = reduced(small, _SIDE)
    soft = cv2.resize(_together(taken), colours.shape[1::-1], interpolation=cv2.INTER_LINEAR)
    both, agreement = fused(colours, soft)
    looks = overlap(maps[0] > 0.5, maps[-1] > 0.5)
    return NetworkMask(both, engine, np.array([_decided(soft), looks, agreement]))


def _together(maps: list[Array]) -> Array:
    """Halfway from the mean of the looks to their maximum: a small network leaves parts out."""
    mean = np.average(maps, axis=0, weights=(2.0, 1.0)[: len(maps)])
    return np.asarray(0.5 * mean + 0.5 * np.max(maps, axis=0), np.float32)


def _decided(soft: Array) -> float:
    return overlap(soft > 0.3, soft > 0.7)
