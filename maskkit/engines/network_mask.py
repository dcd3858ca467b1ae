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
from maskkit.pixels import Array

__all__ = ["NetworkMask", "network_mask"]

_SIDE = 320  # as fine as the map of a small network
_SURE = 0.92  # IoU of a map cut at 0.3 and at 0.7 above which a second look changes nothing


@dataclass(frozen=True, eq=False)
class NetworkMask:
    """A map (h, w) float32, what made it, and its marks, each an IoU.

    The marks: of the network's mask cut at 0.3 and at 0.7, of its looks, of its mask and the colours' cut.
    """

    soft: Array
    engine: str
    marks: Array


def network_mask(image: Array, small: Array, network: Found, device: Device = "auto") -> NetworkMask:
    """One look of the network, a second where the first is undecided, and what colours say.

    Parameters
    ----------
    image : (H, W, 3) or (H, W, 4) array, any dtype
    small : `reduced` of it, 320 pixels or more a side
    network, device : as in `maskkit.engines.inference.soft_maps`
    """
    maps, engine = soft_maps(image, network, device=device)
    if _decided(maps[0]) < _SURE:
        maps += soft_maps(image, network, device=device, after=1)[0]
    colours = reduced(small, _SIDE)
    soft = cv2.resize(_together(maps), colours.shape[1::-1], interpolation=cv2.INTER_LINEAR)
    both, agreement = fused(colours, soft)
    looks = overlap(maps[0] > 0.5, maps[-1] > 0.5)
    return NetworkMask(both, engine, np.array([_decided(soft), looks, agreement]))


def _together(maps: list[Array]) -> Array:
    """Halfway from the mean of the looks to their maximum: a small network leaves parts out."""
    mean = np.average(maps, axis=0, weights=(2.0, 1.0)[: len(maps)])
    return np.asarray(0.5 * mean + 0.5 * np.max(maps, axis=0), np.float32)


def _decided(soft: Array) -> float:
    return overlap(soft > 0.3, soft > 0.7)
