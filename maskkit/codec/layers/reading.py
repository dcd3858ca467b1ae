"""A file of layers, by its own bytes."""

from __future__ import annotations

from maskkit.codec.formats import format_of
from maskkit.codec.layers.record import Layered
from maskkit.codec.sources import MAX_PIXELS, FileInput, load
from maskkit.errors import CodecError
from maskkit.keywords import keywords

__all__ = ["has_layers", "read_layers"]


@keywords(source="file")
def read_layers(file: FileInput, *, max_pixels: int = MAX_PIXELS) -> Layered:
    """The layers of an OpenRaster file, a PSD or a PSB (RGB or grey of 8 or 16 bits), with their masks.

    Parameters
    ----------
    file : path, bytes, or binary file object
    max_pixels : int
        Refuse a larger canvas, and more pixels in all layers together.

    Returns
    -------
    Layered
        ``layers`` from the lowest to the highest, ``layer(name)``, ``on_canvas(layer)`` as RGBA.

    Raises
    ------
    CodecError
        The file is missing, damaged, hostile, or holds no layers.
    """
    content, name = load(file)
    kind = has_layers(content)
    if kind == "ora":
        from maskkit.codec.layers.ora import read_ora

        return read_ora(content, name, max_pixels)
    if kind == "psd":
        from maskkit.codec.layers.psd_reading import read_psd

        return read_psd(content, name, max_pixels)
    raise CodecError(f"{name}: holds no layers; need a PSD, a PSB or an OpenRaster file")


def has_layers(content: bytes) -> str:
    """Tell "ora" and "psd", or nothing for any other file."""
    kind = format_of(content)
    return kind.name if kind is not None and kind.name in ("ora", "psd") else ""
