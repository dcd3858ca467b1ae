"""The only room with pixel loops: row bands over threads."""

from maskkit.kernels.bands import map_bands, map_pixels, set_threads, threads
from maskkit.kernels.convert import convert

__all__ = ["convert", "map_bands", "map_pixels", "set_threads", "threads"]
