"""An animation's bytes to the bytes of another: `maskkit.frames`, as the library and the command call it."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Literal

from maskkit.errors import PixelError
from maskkit.server.compute import Inputs, Made, Product, asked_of, safe, watched

__all__ = ["ANIMATED", "FramesAsked", "make_frames"]

ANIMATED: dict[str, Literal["png", "webp", "gif", "avif"]] = {
    "image/apng": "png",
    "image/webp": "webp",
    "image/gif": "gif",
    "image/avif": "avif",
}
"""The media types of animations, and what `maskkit.write_frames` calls them."""


@dataclass(frozen=True)
class FramesAsked:
    """What is asked of a sequence beside its recipe, and how many frames it may have.

    ``steady`` and ``plays`` are those of `maskkit.frames`.
    """

    steady: float | None
    plays: int | None
    max_frames: int


def make_frames(
    inputs: Inputs, product: Product, engine: str, max_pixels: int, *, sequence: FramesAsked
) -> Made:
    """The animation ordered. Raises JobError for whatever is wrong, which can travel between processes."""
    return watched(engine, lambda: _make(inputs, product, engine, max_pixels, sequence))


def _make(inputs: Inputs, product: Product, engine: str, max_pixels: int, sequence: FramesAsked) -> Made:
    from maskkit.codec.frames import frames_of
    from maskkit.sequences import frames

    recipe = asked_of(safe(product.recipe, max_pixels).but(source=engine), inputs, max_pixels)
    found = frames_of(inputs.photo, None, max_pixels, "photo")
    if (found.count or 0) > sequence.max_frames:
        raise PixelError(f"photo: need at most {sequence.max_frames} frames, got {found.count}")
    file = io.BytesIO()
    made = frames(
        found,
        file,
        inputs.mask,
        recipe=recipe,
        backdrop=inputs.backdrop,
        steady=sequence.steady,
        plays=sequence.plays,
        format=ANIMATED[product.media_type],
        max_pixels=max_pixels,
    )
    return Made(file.getvalue(), *made.size, made.source, made.confidence)
