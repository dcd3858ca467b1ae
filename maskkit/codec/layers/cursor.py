"""A place in bytes that never runs beyond their end."""

from __future__ import annotations

import struct
from typing import Any

from maskkit.errors import CodecError

__all__ = ["Cursor"]


class Cursor:
    """Reads on from ``at``. Raises CodecError for more than there is.

    >>> Cursor(b"abc").take(">H")
    (24930,)
    """

    def __init__(self, content: bytes | memoryview, at: int = 0, *, big: bool = False) -> None:
        self.content, self.at, self.big = memoryview(content), at, big

    @property
    def size(self) -> int:
        """Bytes in all."""
        return len(self.content)

    @property
    def left(self) -> int:
        """Bytes from here to the end."""
        return max(0, self.size - self.at)

    @property
    def length(self) -> str:
        """The form of a length, which a PSB writes with 8 bytes."""
        return ">Q" if self.big else ">I"

    def take(self, form: str) -> tuple[Any, ...]:
        """The values of ``form``, as `struct` has it."""
        return struct.unpack(form, self._piece(struct.calcsize(form)))

    def bytes(self, count: int) -> bytes:
        """So many bytes."""
        return bytes(self._piece(count))

    def skip(self, count: int) -> None:
        """Go on by so many bytes."""
        self._piece(count)

    def block(self, form: str) -> Cursor:
        """What a length of ``form`` stands before, without a copy."""
        (count,) = self.take(form)
        return Cursor(self._piece(count), big=self.big)

    def _piece(self, count: int) -> memoryview:
        if count < 0 or count > self.left:
            raise CodecError(f"is cut short: {count} bytes are needed where {self.left} are left")
        piece = self.content[self.at : self.at + count]
        self.at += count
        return piece
