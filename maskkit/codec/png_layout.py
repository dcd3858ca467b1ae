"""Where things are in a PNG file, and how many bytes its rows are.

References
----------
W3C Portable Network Graphics (PNG) Specification, Third Edition, sections 5, 8, 10 and 11.
"""

from __future__ import annotations

from collections.abc import Iterator

__all__ = ["CHANNELS", "chunks", "filtered_bytes", "size_of"]

# Of each colour type.
CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
# Adam7: first column, first row, column step, row step of each pass.
_PASSES = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))


def chunks(content: bytes) -> Iterator[tuple[bytes, memoryview, memoryview]]:
    """Kind, data and checksum of every chunk, the last ones as far as they are there."""
    at, whole = 8, memoryview(content)
    while at + 8 <= len(content):
        end = at + 8 + int.from_bytes(content[at : at + 4], "big")
        yield content[at + 4 : at + 8], whole[at + 8 : end], whole[end : end + 4]
        at = end + 4


def size_of(content: bytes) -> tuple[int, int]:
    """Width and height, by the header that ``content`` begins with."""
    return int.from_bytes(content[16:20], "big"), int.from_bytes(content[20:24], "big")


def filtered_bytes(content: bytes) -> int:
    """Bytes of all rows, each with its filter's number, by the header that ``content`` begins with."""
    width, height = size_of(content)
    bits = content[24] * CHANNELS[content[25]]
    total = 0
    for left, top, across, down in _PASSES if content[28] else ((0, 0, 1, 1),):
        columns, rows = -(-(width - left) // across), -(-(height - top) // down)
        total += rows * (1 + -(-columns * bits // 8)) if columns > 0 and rows > 0 else 0
    return total
