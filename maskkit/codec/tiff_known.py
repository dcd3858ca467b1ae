"""A TIFF of samples that are read; the raw photos that are TIFFs inside are told apart."""

from __future__ import annotations

from typing import Any

from PIL.TiffImagePlugin import TiffImageFile

from maskkit.codec.formats import FORMATS
from maskkit.errors import CodecError

__all__ = ["KnownTiff"]

_DNG_VERSION, _SUBFILE_TYPE, _SUB_DIRECTORIES = 50706, 254, 330


class KnownTiff(TiffImageFile):
    """Pillow's TIFF, which would show a raw photo's thumbnail in the place of the photo."""

    def _open(self) -> None:
        try:
            super()._open()
        except Exception as error:
            _refuse_raw(getattr(self, "tag_v2", {}))
            if "unknown pixel mode" in str(error):
                raise CodecError(
                    "TIFF of samples that are not read; store grey, RGB or RGBA (for grey with alpha too) of "
                    "8 or 16 bits"
                ) from None
            raise
        _refuse_raw(self.tag_v2)


def _refuse_raw(tags: Any) -> None:
    """DNG says so; in the others the first picture is a reduced one, and the photo a directory below it."""
    reduced = tags.get(_SUBFILE_TYPE, 0) & 1 and _SUB_DIRECTORIES in tags
    if _DNG_VERSION in tags or reduced:
        raise CodecError(FORMATS["raw"].refusal)
