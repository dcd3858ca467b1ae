"""OpenRaster: a ZIP of PNG files and one XML that says how they lie on each other.

References
----------
OpenRaster file layout specification, 0.0.6, freedesktop.org.
"""

from __future__ import annotations

import io
import posixpath
import zipfile
from collections.abc import Iterator
from typing import NamedTuple
from xml.etree import ElementTree

import numpy as np

from maskkit.codec.layers.record import Layer, Layered
from maskkit.codec.opening import TooManyPixelsError
from maskkit.codec.picture import Picture
from maskkit.errors import CodecError
from maskkit.kernels import convert
from maskkit.pixels import Array

__all__ = ["MODES", "ora_parts", "read_ora"]

_MIMETYPE = "image/openraster"
_THUMBNAIL = 256
_MOST_XML, _MOST_LAYERS = 4_000_000, 2000
MODES = {"normal": "src-over", "add": "plus"} | {
    name: name
    for name in (
        "multiply", "screen", "overlay", "darken", "lighten", "color-dodge", "color-burn", "hard-light",
        "soft-light", "difference", "color", "luminosity", "hue", "saturation",
    )
}  # fmt: skip
"""Blend modes by the name that the file has for them, after "svg:"."""
_BY_OPERATOR = {f"svg:{operator}": mode for mode, operator in MODES.items()}


def ora_parts(made: Layered) -> Iterator[bytes]:
    """The file, in one piece. A layer mask, which OpenRaster has none of, is a layer that keeps (dst-in)."""
    from maskkit.codec.writing import encode

    width, height = made.size
    root = ElementTree.Element("image", version="0.0.6", w=str(width), h=str(height))
    if made.whole.dpi:
        root.set("xres", str(round(made.whole.dpi[0])))
        root.set("yres", str(round(made.whole.dpi[1])))
    stack = ElementTree.SubElement(root, "stack")
    file, icc = io.BytesIO(), made.told_profile
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("mimetype", _MIMETYPE)  # first, and not compressed
        for number, layer in reversed(list(enumerate(made.layers))):  # the file lists the highest first
            for name, picture in _described(stack, layer, number, icc):
                archive.writestr(name, encode(picture, "png"))
        archive.writestr("stack.xml", ElementTree.tostring(root, "utf-8", xml_declaration=True))
        archive.writestr("mergedimage.png", encode(made.whole, "png"))
        archive.writestr("Thumbnails/thumbnail.png", encode(_thumbnail(made.whole), "png"))
    yield file.getvalue()


def _described(
    stack: ElementTree.Element, layer: Layer, number: int, icc: bytes | None
) -> Iterator[tuple[str, Picture]]:
    """The layer's element, put into ``stack``, and the files that it names."""
    inside, name = stack, f"data/layer{number}.png"
    told = {
        "name": layer.name,
        "opacity": f"{layer.opacity:.6g}",
        "visibility": "visible" if layer.visible else "hidden",
        "composite-op": f"svg:{MODES[layer.mode]}",
    }
    x, y = map(str, layer.position)
    if layer.mask is not None:
        inside = ElementTree.SubElement(stack, "stack", told | {"isolation": "isolate"})
        mask = f"data/mask{number}.png"
        shown = {"name": f"{layer.name} mask", "composite-op": "svg:dst-in", "src": mask, "x": x, "y": y}
        ElementTree.SubElement(inside, "layer", shown)
        told = {"name": f"{layer.name} pixels"}
        white = np.full((*layer.mask.shape, 3), np.iinfo(layer.mask.dtype).max, layer.mask.dtype)
        yield mask, Picture(np.dstack([white, layer.mask]), icc)
    ElementTree.SubElement(inside, "layer", told | {"src": name, "x": x, "y": y})
    yield name, Picture(layer.pixels, icc)


def _thumbnail(merged: Picture) -> Picture:
    from PIL import Image

    image = Image.fromarray(np.ascontiguousarray(convert(merged.pixels, np.uint8)))
    image.thumbnail((_THUMBNAIL, _THUMBNAIL))
    return Picture(np.asarray(image), merged.icc)


def read_ora(content: bytes, name: str = "file", max_pixels: int = 256_000_000) -> Layered:
    """The layers and the merged picture. Raises CodecError for what is no OpenRaster, or a hostile one."""
    from maskkit.codec.reading import read

    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            root = _stack(archive, name)
            merged = read(_member(archive, "mergedimage.png", name, _most(max_pixels)), max_pixels=max_pixels)
            budget = max_pixels - merged.size[0] * merged.size[1]
            layers: list[Layer] = []
            for found in _elements(root):
                content = _member(archive, found.source, name, _most(budget))
                picture = read(content, max_pixels=max(1, budget))
                mask = _mask(archive, found.mask, name, picture) if found.mask else None
                budget -= picture.size[0] * picture.size[1]
                layers.append(_layer(found, picture.pixels, mask, name))
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError) as error:
        raise CodecError(f"{name}: is a damaged OpenRaster file: {str(error)[:100]}") from None
    return Layered(tuple(reversed(layers)), merged.size, merged)


def _stack(archive: zipfile.ZipFile, name: str) -> ElementTree.Element:
    text = _member(archive, "stack.xml", name, _MOST_XML)
    if b"<!DOCTYPE" in text or b"<!ENTITY" in text:
        raise CodecError(f"{name}: its stack.xml declares entities, which no OpenRaster file needs")
    try:
        root = ElementTree.fromstring(text)  # noqa: S314 - without entities there is nothing to expand
    except ElementTree.ParseError as error:
        raise CodecError(f"{name}: its stack.xml is not XML: {error}") from None
    if len(list(root.iter("layer"))) > _MOST_LAYERS:
        raise CodecError(f"{name}: has more than {_MOST_LAYERS} layers")
    return root


def _most(pixels: int) -> int:
    """Bytes of a PNG of so many pixels: 8 each at most, and what deflate and metadata add."""
    return 9 * pixels + _MOST_XML


def _member(archive: zipfile.ZipFile, path: str, name: str, most: int) -> bytes:
    if path != posixpath.normpath(path) or path.startswith(("/", "..")) or "\\" in path or not path:
        raise CodecError(f"{name}: names a file outside itself: {path[:80]!r}")
    try:
        found = archive.getinfo(path)
    except KeyError:
        raise CodecError(f"{name}: is an OpenRaster file without {path[:80]}") from None
    if found.file_size > most:
        raise CodecError(f"{name}: its {path[:80]} is {found.file_size} bytes, too many")
    return archive.read(found)


class _Found(NamedTuple):
    """A layer of the XML: its element, the file of a mask in a group of their own, whether it is shown."""

    element: ElementTree.Element
    visible: bool
    groups: tuple[str, ...]
    source: str
    mask: str = ""


def _elements(root: ElementTree.Element) -> Iterator[_Found]:
    """Every layer, the highest first; a group of a photo and a mask that keeps (dst-in) is one layer."""
    waiting: list[tuple[ElementTree.Element, bool, tuple[str, ...]]] = [(root, True, ())]
    bottom = root.find("stack")  # the picture itself, no group of it: Krita names it "root"
    while waiting:
        element, shown, groups = waiting.pop()
        shown = shown and element.get("visibility", "visible") == "visible"
        if element.tag == "layer":
            yield _Found(element, shown, groups, element.get("src", ""))
        elif (pair := _masked(element)) is not None:
            yield _Found(element, shown, groups, pair[1].get("src", ""), pair[0].get("src", ""))
        else:
            named = element.get("name") and element is not bottom
            inner = (*groups, element.get("name", "")) if named else groups
            waiting += [(child, shown, inner) for child in reversed(element)]


def _masked(element: ElementTree.Element) -> tuple[ElementTree.Element, ElementTree.Element] | None:
    """The mask and the pixels of a group that `ora_parts` wrote."""
    children = list(element)
    if element.tag != "stack" or [one.tag for one in children] != ["layer", "layer"]:
        return None
    mask, pixels = children
    together = all(mask.get(side, "0") == pixels.get(side, "0") for side in "xy")
    return (mask, pixels) if mask.get("composite-op") == "svg:dst-in" and together else None


def _mask(archive: zipfile.ZipFile, path: str, name: str, picture: Picture) -> Array:
    from maskkit.codec.masks import read_mask

    pixels = picture.size[0] * picture.size[1]
    content = _member(archive, path, name, _most(pixels))
    try:
        mask = read_mask(content, channel="alpha", max_pixels=pixels)
    except TooManyPixelsError:
        mask = None
    if mask is None or mask.shape != picture.pixels.shape[:2]:
        raise CodecError(f"{name}: has a mask of another size than its layer")
    return mask


def _layer(found: _Found, pixels: Array, mask: Array | None, name: str) -> Layer:
    element = found.element
    at = element if element.tag == "layer" else element[1]
    try:
        opacity = float(element.get("opacity", "1"))
        position = int(float(at.get("x", "0"))), int(float(at.get("y", "0")))
    except (ValueError, OverflowError):
        raise CodecError(f"{name}: has a layer whose place or opacity is no number") from None
    operator = element.get("composite-op", "svg:src-over")
    return Layer(
        name=element.get("name", ""),
        pixels=pixels,
        mask=mask,
        position=position,
        opacity=min(max(opacity, 0.0), 1.0),
        mode=_BY_OPERATOR.get(operator, operator),
        visible=found.visible,
        group=found.groups,
    )
