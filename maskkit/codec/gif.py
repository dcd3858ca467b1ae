"""A GIF whose first frame may be smaller than its canvas: nothing is there beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PIL.GifImagePlugin import GifImageFile

if TYPE_CHECKING:
    from maskkit.pixels import Array

__all__ = ["CanvasGif"]


class CanvasGif(GifImageFile):
    """Pillow's GIF, which fills the canvas beside its first frame with the first colour of its palette."""

    def plain_samples(self) -> Array | None:
        """RGBA, transparent beside a frame that does not fill the canvas; None for any other frame."""
        box = self.dispose_extent
        if box is None or box == (0, 0, *self.size) or self.tell() or "transparency" in self.info:
            return None
        left, top, right, bottom = box
        import numpy as np

        pixels = np.zeros((self.height, self.width, 4), np.uint8)
        inner = np.asarray(self.convert("RGBA").crop(box))
        pixels[top:bottom, left:right] = inner
        return pixels
