"""The local engines with hints: where there are any, the mask begins with them."""

from __future__ import annotations

from typing import Any

from maskkit.engines.base import Estimate
from maskkit.engines.hinting import hints
from maskkit.engines.weight_free import classical
from maskkit.pixels import Array

__all__ = ["auto", "classical_by_hints"]


def classical_by_hints(image: Array, **given: Any) -> Estimate:
    """`classical`, or `hints` where there are some."""
    return hints(image, **given) if given else classical(image)


auto = classical_by_hints
