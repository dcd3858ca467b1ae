"""TIFFs that Pillow does not read, by the extra ``tiff``: planes, grey with alpha of 16 bits, floats."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from PIL import Image, ImageFile

from maskkit.codec.deep import full_scale
from maskkit.errors import CodecError
from maskkit.kernels import compose
from maskkit.pixels import Array

__all__ = ["OtherTiff"]

_UNSPECIFIED, _ASSOCIATED, _STRAIGHT = 0, 1, 2
_COLOURS = {"MINISBLACK": 1, "MINISWHITE": 1, "RGB": 3}
_DTYPES = ("bool", "uint8", "uint16", "float16", "float32", "float64")
_ROUNDING = 1e-6
_EXTRA = "pip install 'maskkit[tiff]'"


class OtherTiff(ImageFile.ImageFile):
    """The first page of a TIFF as tifffile reads it, with the face of a Pillow image."""

    format = "TIFF"
    decoded_apart = True
    takes_alpha = False
    """The first sample beside the colour is alpha, whatever the file calls it."""

    def _open(self) -> None:
        try:
            import tifffile
        except ImportError:
            raise CodecError(f"is a TIFF of a kind that needs tifffile to be read; run: {_EXTRA}") from None
        content = self.fp.read() if self.fp else b""
        self.pages: Any = tifffile.TiffFile(io.BytesIO(content)).pages
        self.n_frames, self.at = len(self.pages), 0
        self._show(self.pages[0])

    def seek(self, frame: int) -> None:
        """Show another page."""
        self._show(self.pages[frame])
        self.at = frame

    def tell(self) -> int:
        """The page shown, counted from 0."""
        return self.at

    def _show(self, page: Any) -> None:
        self.page = page
        self._size = page.imagewidth, page.imagelength
        colours = _COLOURS.get(page.photometric.name)
        if colours is None or str(page.dtype) not in _DTYPES:
            raise CodecError(
                f"is a TIFF of {page.photometric.name} {page.dtype}; store grey or RGB of 8 or 16 bits"
            )
        self.colours, self.bits = colours, _bits(page)
        self._mode = "RGB" if colours == 3 else "L"
        self.wide = page.dtype.itemsize > 1
        self.info.update(_known(page))

    def plain_samples(self) -> Array:
        """Grey (H, W), or (H, W, C) with straight alpha; uint8, uint16 or float."""
        try:
            array = self.page.asarray()
        except ValueError as error:
            if "imagecodecs" not in str(error):
                raise
            packed = f"of {self.bits} bits a sample, compressed by {self.page.compression.name}"
            raise CodecError(f"is a TIFF {packed}, which needs imagecodecs; run: {_EXTRA}") from None
        return _straight(self._channels_last(array), self.colours, self._kinds())

    @property
    def left_out(self) -> int:
        """Samples a pixel beside the colour that are not taken as alpha."""
        return len(self._kinds()) - self.has_alpha

    @property
    def has_alpha(self) -> bool:
        """A sample is called alpha, or taken for it."""
        return any(kind in (_ASSOCIATED, _STRAIGHT) for kind in self._kinds())

    def _kinds(self) -> list[int]:
        """What each sample beside the colour is called, or taken for."""
        beside = max(0, self.page.samplesperpixel - self.colours)
        kinds = [int(one) for one in self.page.extrasamples][:beside]
        kinds += [_UNSPECIFIED] * (beside - len(kinds))
        return [_STRAIGHT, *kinds[1:]] if self.takes_alpha and beside else kinds

    def _channels_last(self, array: Array) -> Array:
        width, height = self._size
        if self.page.planarconfig == 2 and self.page.samplesperpixel > 1:
            array = np.moveaxis(array.reshape(-1, height, width), 0, 2)
        array = np.ascontiguousarray(array.reshape(height, width, -1))
        array = array.astype(np.float32) if array.dtype == np.float16 else array
        if array.dtype.kind == "f":
            return _within_unit(array)
        array = full_scale(array.astype(np.uint8) if array.dtype == np.bool_ else array, self.bits)
        inverted = self.page.photometric.name == "MINISWHITE"
        return np.asarray(np.iinfo(array.dtype).max - array) if inverted else array


def _known(page: Any) -> dict[str, Any]:
    """Profile, resolution and orientation, as Pillow's ``info`` has them."""
    tags = page.tags
    info: dict[str, Any] = {}
    if profile := tags.get(34675):
        info["icc_profile"] = bytes(profile.value)
    units = {2: 1.0, 3: 2.54}.get(int(getattr(tags.get(296), "value", 2)))
    if units and 282 in tags and 283 in tags:
        with_zero = [tags[tag].value for tag in (282, 283)]
        if all(below for _, below in with_zero):
            info["dpi"] = tuple(above / below * units for above, below in with_zero)
    if 274 in tags:
        exif = Image.Exif()
        exif[274] = int(tags[274].value)
        info["exif"] = exif.tobytes()
    return info


def _bits(page: Any) -> int:
    """Of a sample. CodecError where they differ, as those of 5, 6 and 5 do."""
    bits = np.unique(page.tags[258].value if 258 in page.tags else 1)
    if len(bits) > 1:
        raise CodecError(f"is a TIFF of {bits.tolist()} bits a sample; store grey or RGB of 8 or 16 bits")
    return int(bits[0])


def _within_unit(array: Array) -> Array:
    low, high = float(array.min()), float(array.max())
    if not (low >= -_ROUNDING and high <= 1 + _ROUNDING):  # NaN is neither
        raise CodecError(
            f"has float samples from {low:g} to {high:g}, which declare no range; bring them to 0 to 1"
        )
    return array.clip(0, 1)


def _straight(array: Array, colours: int, kinds: list[int]) -> Array:
    """The colour, and the alpha that there is; other samples are left out."""
    kept = next((at for at, kind in enumerate(kinds) if kind in (_ASSOCIATED, _STRAIGHT)), None)
    colour = array[..., :colours]
    if kept is None:
        return colour[..., 0] if colours == 1 else colour
    alpha = array[..., colours + kept, None]
    if kinds[kept] == _ASSOCIATED:
        pre = np.concatenate([np.broadcast_to(colour, (*colour.shape[:2], 3)), alpha], axis=2)
        straight = np.empty_like(pre)
        compose.unpremultiply(pre, straight)
        colour = straight[..., :colours]
    return np.concatenate([colour, alpha], axis=2)
