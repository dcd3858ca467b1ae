"""The default engine, with hints where there are any: then the mask begins with them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from maskkit.engines.automatic import auto
from maskkit.engines.base import Estimate
from maskkit.engines.hinting import hints
from maskkit.engines.runtimes import Device
from maskkit.pixels import Array

__all__ = ["auto_or_hints"]


def auto_or_hints(
    image: Array,
    *,
    model: str | Path | None = None,
    device: Device = "auto",
    fetch: bool | None = None,
    **given: Any,
) -> Estimate:
    """`auto`, or `hints` where there are some: ``box``, ``keep``, ``drop``, ``keep_mask``, ``drop_mask``."""
    if given:
        return hints(image, model=model, fetch=fetch, **given)
    return auto(image, model=model, device=device, fetch=fetch)
