"""A JPEG as one picture, whose EXIF cannot cost its pixels."""

from __future__ import annotations

from contextlib import suppress

from PIL.JpegImagePlugin import JpegImageFile

__all__ = ["StillJpeg"]


class StillJpeg(JpegImageFile):
    """Pillow's JPEG without its factory, which may turn a JPEG into an MPO of several frames."""

    def _read_dpi_from_exif(self) -> None:
        # Pillow looks for the resolution as it opens the file, and a text in its place may raise anything.
        with suppress(Exception):
            super()._read_dpi_from_exif()
