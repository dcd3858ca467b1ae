"""The name that `maskkit.masks` had before; it goes with version 1.0."""

from __future__ import annotations

import warnings
from typing import Any

__all__: list[str] = []


def __getattr__(name: str) -> Any:
    from maskkit import masks

    value = getattr(masks, name)
    said = f"maskkit.matte is called maskkit.masks now: use maskkit.masks.{name}"
    warnings.warn(said, DeprecationWarning, stacklevel=2)
    return value
