"""Pixels inside a recipe: frozen, equal by what they show, and written as PNG."""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING, Any

from maskkit.errors import PixelError

if TYPE_CHECKING:
    from maskkit.codec.picture import Picture
    from maskkit.pixels import Array

# NumPy and the codec are imported where used: most recipes hold no pixels, and the command line reads this

__all__ = ["StoredPixels"]


class StoredPixels:
    """A mask ``(H, W)`` or a picture ``(H, W, 3 or 4)`` that a recipe holds; equal if all pixels are.

    ``icc`` is the profile of a picture that is not sRGB.

    >>> import numpy as np
    >>> one, same = (StoredPixels.of(np.eye(3, dtype=np.uint8) * 255, "mask") for _ in range(2))
    >>> one == same, one.sha256 == same.sha256, one.pixels.shape
    (True, True, (3, 3))
    """

    __slots__ = ("_sha256", "icc", "pixels")

    pixels: Array
    icc: bytes | None
    _sha256: str | None

    def __init__(self, pixels: Array, icc: bytes | None = None) -> None:
        """Keep ``pixels``, uint8 or uint16 in C order, as they are; `of` makes them from anything else."""
        pixels.flags.writeable = False
        object.__setattr__(self, "pixels", pixels)
        object.__setattr__(self, "icc", icc)
        object.__setattr__(self, "_sha256", None)

    @property
    def sha256(self) -> str:
        """The SHA-256 of size, dtype, pixels and profile, in hexadecimal; computed when first asked for."""
        if self._sha256 is None:
            shape = "x".join(map(str, self.pixels.shape))
            digest = hashlib.sha256(f"{shape} {self.pixels.dtype.name} ".encode())
            digest.update(self.pixels.data.cast("B"))
            digest.update(self.icc or b"")
            object.__setattr__(self, "_sha256", digest.hexdigest())
        return str(self._sha256)

    @classmethod
    def of(cls, given: Any, name: str) -> StoredPixels:
        """The mask or the picture in an array, a path, bytes, a file or a PIL.Image; a copy of it."""
        import numpy as np

        from maskkit.kernels import convert

        if isinstance(given, StoredPixels):
            return given
        pixels, icc = _array(given, name)
        dtype = np.uint8 if pixels.dtype in (np.uint8, np.bool_) else np.uint16
        return cls(np.array(convert(pixels, dtype), order="C"), icc)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"{name}: pixels of a recipe are frozen")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, StoredPixels) and self.sha256 == other.sha256

    def __hash__(self) -> int:
        return hash(self.sha256)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Array:
        import numpy as np

        return np.array(self.pixels, dtype=dtype, copy=copy)

    def __repr__(self) -> str:
        height, width = self.pixels.shape[:2]
        return f"StoredPixels({width}x{height}, sha256 {self.sha256[:8]})"

    def __reduce__(self) -> tuple[type[StoredPixels], tuple[Array, bytes | None]]:
        return StoredPixels, (self.pixels, self.icc)

    def as_picture(self) -> Picture:
        """The pixels of colour with their profile."""
        from maskkit.codec.picture import Picture

        return Picture(self.pixels, self.icc)

    def png(self) -> bytes:
        """The pixels as a PNG file, which holds them exactly."""
        from maskkit.codec import encode

        return encode(self.as_picture(), "png")

    @classmethod
    def from_png(cls, content: bytes) -> StoredPixels:
        """What `png` wrote."""
        import numpy as np

        from maskkit.codec.inputs import to_record

        kept = to_record(content)
        return cls(np.ascontiguousarray(kept.pixels), kept.icc)

    def to_text(self) -> str:
        """The PNG in base64, for JSON."""
        return base64.b64encode(self.png()).decode("ascii")

    @classmethod
    def from_text(cls, text: Any, name: str) -> StoredPixels:
        """What `to_text` wrote, or a mask that another program wrote in colour. Raises PixelError else."""
        try:
            content = base64.b64decode(text, validate=True)
        except (ValueError, TypeError):
            raise PixelError(f"{name}: need a PNG in base64, got {str(text)[:20]!r}") from None
        kept = cls.from_png(content)
        return cls.of(content, name) if "mask" in name and kept.pixels.ndim == 3 else kept


def _array(given: Any, name: str) -> tuple[Array, bytes | None]:
    """Colour where there is colour, with its profile; a grey picture is a mask."""
    import numpy as np

    from maskkit.codec import to_mask, to_picture
    from maskkit.pixels import check_image, check_mask

    if isinstance(given, np.ndarray):
        return check_mask(given, name) if given.ndim == 2 else check_image(given, name), None
    if "mask" in name:
        return to_mask(given, name), None
    picture = to_picture(given, name)
    return picture.pixels, picture.icc
