"""The only package with pixel loops, which run in bands of rows over several threads."""

from maskkit.kernels.bands import (
    beforehand,
    map_bands,
    map_pixels,
    set_threads,
    stream_bands,
    threads,
    together,
)
from maskkit.kernels.blur import gaussian_blur
from maskkit.kernels.convert import convert
from maskkit.kernels.distance import dilate_disc, erode_disc
from maskkit.kernels.native import build_info, set_native

__all__ = [
    "beforehand",
    "build_info",
    "convert",
    "dilate_disc",
    "erode_disc",
    "gaussian_blur",
    "map_bands",
    "map_pixels",
    "set_native",
    "set_threads",
    "stream_bands",
    "threads",
    "together",
]
