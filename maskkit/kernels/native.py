"""Access to the compiled kernels: whether they are there, and which arrays they take.

Every caller has a NumPy or OpenCV path beside them, which gives the same result.
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from maskkit.kernels.bands import map_bands, threads
from maskkit.kernels.convert import convert
from maskkit.layout import regular
from maskkit.pixels import Array

__all__ = ["build_info", "find", "find_fine", "modes", "module", "packed", "run", "set_native", "whole"]

# Pixels a call: Python's share (a few microseconds) vanishes beside it, and threads end together.
_PIXELS = 1 << 18


def _load() -> Any:
    try:
        return importlib.import_module("maskkit.kernels._native")
    except ImportError:  # installed without a compiler
        return None


_built = _load()
_active = None if os.environ.get("MASKKIT_NATIVE") == "0" else _built


def set_native(on: bool) -> bool:
    """Turn the compiled kernels on or off; returns whether they are used now.

    The environment variable MASKKIT_NATIVE=0 starts without them.
    """
    global _active  # noqa: PLW0603 - the one process-wide setting
    _active = _built if on else None
    return _active is not None


def build_info() -> dict[str, str | int]:
    """Which path is active: ``{"path": "native" | "numpy", "compiler", "simd", "threads"}``.

    >>> build_info()["path"] in ("native", "numpy")
    True
    """
    built = {"compiler": "none", "simd": "none"} if _built is None else _built.build()
    known = {name: built[name] for name in ("compiler", "simd")}
    return {"path": "native" if _active else "numpy", **known, "threads": threads()}


@cache
def modes() -> frozenset[str]:
    """The names of the formulas of `maskkit.blend` that are compiled as well."""
    return frozenset() if _built is None else frozenset(_built.build().get("modes", "").split())


def module(*masks: Array) -> Any:
    """The compiled module if it is active and takes masks of these dtypes: uint8, uint16 or float32."""
    return _active if all(mask.dtype in (np.uint8, np.uint16, np.float32) for mask in masks) else None


def find(name: str, out: Array, *inputs: Array | None) -> Callable[..., None] | None:
    """The compiled function if it takes these arrays: whole numbers, no input finer than the output."""
    if _active is None or out.dtype not in (np.uint8, np.uint16):
        return None
    whole = all(array is None or array.dtype.kind in "bu" for array in inputs)
    finest = max((array.dtype.itemsize for array in inputs if array is not None), default=1)
    return getattr(_active, name, None) if whole and finest <= out.dtype.itemsize else None


def find_fine(name: str, out: Array, mask: Array | None, *inputs: Array) -> Callable[..., None] | None:
    """The compiled function for a float32 mask over whole numbers, if it takes these arrays."""
    return find(f"{name}_fine", out, *inputs) if mask is not None and mask.dtype == np.float32 else None


def whole(name: str) -> Callable[..., Any] | None:
    """The compiled function for contiguous bytes of any meaning, if it is there."""
    return getattr(_active, name, None)


def run(function: Callable[..., None], *arrays: Array | None, extra: tuple[Any, ...] = ()) -> None:
    """``function(*inputs, out, *extra)`` for bands of rows, inputs widened to the dtype of ``out``, the last.

    A float mask over whole numbers stays as it is.
    Pixels that are not packed (a reversed view, RGB out of RGBA) go through a packed copy of the band.
    """
    dtype = arrays[-1].dtype  # type: ignore[union-attr]

    def widened(piece: Array) -> Array:
        return piece if piece.dtype.kind == "f" else convert(piece, dtype)

    def band(*pieces: Array | None) -> None:
        *inputs, out = (None if piece is None else packed(widened(piece)) for piece in pieces)
        function(*inputs, out, *extra)
        if out is not pieces[-1]:
            pieces[-1][...] = out  # type: ignore[index]

    width = next(array.shape[1] for array in arrays if array is not None)
    map_bands(band, *arrays, rows=max(1, _PIXELS // width))


def packed(piece: Array) -> Array:
    """``piece`` itself if the pixels of each row follow each other in memory, else a copy where they do."""
    item = piece.dtype.itemsize
    strides = (item,) if piece.ndim == 2 else (piece.shape[2] * item, item)
    return piece if piece.strides[1:] == strides and piece.flags.aligned else regular(piece)
