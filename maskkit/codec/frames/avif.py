"""AVIF sequences, written by Pillow a frame at a time: 8 bits, the alpha exact.

References
----------
AV1 Image File Format (AVIF) v1.2.0, section 3, "Image Sequences".
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import Any, BinaryIO

import numpy as np
from PIL import Image, features

from maskkit.codec.avif import alpha_options
from maskkit.codec.formats import FORMATS
from maskkit.codec.frames.canvas import rgba
from maskkit.codec.frames.clock import Clock
from maskkit.codec.frames.frame import Frame
from maskkit.codec.options import Options
from maskkit.errors import CodecError, MaskkitError
from maskkit.hearing import warn

__all__ = ["write_avif"]

_TICK = Fraction(1, 1000)
_ENDLESS = "AVIF as it is written here is shown without end, not {}; APNG, WebP and GIF count"


class _Reel(Image.Image):
    """The frames as the one image of several that Pillow asks for them, each of which it takes once."""

    is_animated = True

    def __init__(self, frames: Iterable[Frame]) -> None:
        super().__init__()
        self._frames = iter(frames)
        self._clock = Clock(_TICK, least=1)
        self.ticks: list[int] = []
        """Of the frames that were taken, milliseconds."""
        self._take()

    def seek(self, frame: int) -> None:
        """Show the next frame; EOFError where there is none. What has been shown is gone."""
        if frame == len(self.ticks):
            self._take()

    def _take(self) -> None:
        found = next(self._frames, None)
        if found is None:
            raise EOFError
        shown = Image.fromarray(np.ascontiguousarray(rgba(found.picture.pixels, np.uint8)))
        self.im, self._mode, self._size = shown.im, shown.mode, shown.size
        if not self.ticks and found.picture.icc:
            self.info["icc_profile"] = found.picture.icc
        self.ticks.append(self._clock.ticks(found.seconds))


def write_avif(file: BinaryIO, frames: Iterable[Frame], plays: int, options: Options) -> None:
    """Write the frames as an AVIF sequence of RGBA. Warns where it is not to be shown without end."""
    options.refuse_lossless("avif")
    if not features.check("avif"):
        raise CodecError("this build of Pillow does not write AVIF; need another animation")
    reel = _Reel(frames)
    width, height = reel.size
    if max(width, height) > (FORMATS["avif"].side or 0):
        raise CodecError(f"{width}x{height} cannot be written as avif, which holds up to 32768 pixels a side")
    if plays:
        warn(_ENDLESS.format(f"{plays} times"), stacklevel=4)
    how: dict[str, Any] = {
        "quality": options.quality_of("avif"),
        "advanced": alpha_options(options.alpha_quality),
    }
    try:
        reel.save(file, "AVIF", save_all=True, duration=reel.ticks, **how)
    except MaskkitError:
        raise
    except (OSError, ValueError) as error:
        raise CodecError(f"{width}x{height} cannot be written as avif: {str(error)[:120]}") from None
