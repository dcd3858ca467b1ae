"""The quickest zlib that is installed; needs no NumPy."""

from __future__ import annotations

import importlib.util
import zlib
from functools import cache
from typing import Any

__all__ = ["library"]


@cache
def library() -> Any:
    """ISA-L where it is installed (extra ``fast``), else the standard library; the same functions."""
    if importlib.util.find_spec("isal") is None:
        return zlib
    from isal import isal_zlib

    return isal_zlib
