"""The layers of a convolutional network on (height, width, channels) float32 pictures, in the compiled core.

There is no NumPy path beside them: OpenCV runs what these cannot.
"""

from __future__ import annotations

import math
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import NamedTuple

import numpy as np

from maskkit.kernels import native
from maskkit.kernels.bands import map_bands, threads
from maskkit.pixels import Array

__all__ = ["Convolution", "available", "convolution", "convolved", "halved", "reused_memory", "stretched"]

_BLOCK = 16  # outputs are summed so many at once
_TILE = 4  # pixels across that Winograd's formula gives at once
# Products of fewer than this are summed sooner than another thread would wake for its share.
_SMALL = 6_000_000
_LARGE = 1 << 18  # floats, from which the system takes memory back at once, and zeroes it anew

# What is held, by what it is lent to.
_blocks: ContextVar[list[tuple[Array, weakref.ref[Array]]] | None] = ContextVar("blocks", default=None)


class Convolution(NamedTuple):
    """A convolution's weights in blocks of 16 outputs, as the compiled core reads them.

    Winograd's four times as many numbers are made anew for each picture, in a fiftieth of its time.
    """

    weights: Array
    bias: Array
    outputs: int
    side: int
    dilation: int
    winograd: bool


@contextmanager
def reused_memory() -> Iterator[None]:
    """Within this, a layer's result takes the memory of one that nobody refers to any more.

    Fresh memory is zeroed by the system, page by page, which takes a sixth of a small network's time.
    """
    if _blocks.get() is not None:
        yield
        return
    token = _blocks.set([])
    try:
        yield
    finally:
        _blocks.reset(token)


def _empty(shape: tuple[int, ...]) -> Array:
    """`numpy.empty` of float32, in memory that is held already where some is free."""
    size, blocks = math.prod(shape), _blocks.get()
    if blocks is None or size < _LARGE:
        return np.empty(shape, np.float32)
    free = [at for at, (block, user) in enumerate(blocks) if user() is None and block.size >= size]
    smallest = min(free, key=lambda at: blocks[at][0].size, default=None)
    block = np.empty(size, np.float32) if smallest is None else blocks.pop(smallest)[0]
    lent = np.frombuffer(block.data, np.float32, size)  # lives as long as any view of it
    blocks.append((block, weakref.ref(lent)))
    return lent.reshape(shape)


def available() -> bool:
    """Whether the compiled core is there, and is quick on this processor."""
    pays = native.whole("network_pays")
    return pays is not None and bool(pays())


def convolution(weights: Array, bias: Array, dilation: int = 1) -> Convolution:
    """Weights (outputs, inputs, side, side), side 1 or 3, made ready."""
    outputs, inputs, side = weights.shape[:3]
    blocks, taps = -(-outputs // _BLOCK), side * side
    wide = np.zeros((blocks * _BLOCK, inputs, taps), np.float32)
    wide[:outputs] = weights.reshape(outputs, inputs, taps)
    wide = wide.reshape(blocks, _BLOCK, inputs, taps)
    padded = np.zeros(blocks * _BLOCK, np.float32)
    padded[:outputs] = bias
    winograd = side == 3 and dilation == 1 and inputs % 8 == 0
    if winograd:
        ready = np.ascontiguousarray(wide.transpose(3, 0, 2, 1)).reshape(taps, -1)
    else:
        ready = np.ascontiguousarray(wide.transpose(0, 3, 2, 1))
    return Convolution(ready, padded, outputs, side, dilation, winograd)


def convolved(
    parts: tuple[Array, ...], by: Convolution, *, relu: bool = False, plus: Array | None = None
) -> Array:
    """``max(w * x + b, 0) + plus`` with zeros around the picture; ``parts`` are x, by channels.

    Parameters
    ----------
    parts : (H, W, inputs of each) float32, contiguous, 1 to 8 of them
    by : of as many inputs
    relu : whether what is below 0 is cut
    plus : (H, W, outputs), optional
    """
    if by.winograd and any(part.shape[2] % 8 for part in parts):
        parts = (np.concatenate(parts, axis=2),)
    height, width = parts[0].shape[:2]
    out = _empty((height, width, by.outputs))
    run = _compiled("convolve")
    weights = by.weights
    if by.winograd:
        weights = np.empty((4 * len(by.weights), by.weights.shape[1]), np.float32)
        _compiled("weigh")(by.weights, weights)

    def rows(first: int, last: int) -> None:
        run(parts, weights, by.bias, out, plus, by.side, by.dilation, relu, by.winograd, first, last)

    _by_rows(rows, -(-height // _TILE) if by.winograd else height, height * width * by.weights.size)
    return out


def halved(picture: Array) -> Array:
    """The largest of each 2 x 2; a last odd row or column stands for two."""
    height, width, channels = picture.shape
    return _filled("halve", picture, ((height + 1) // 2, (width + 1) // 2, channels))


def stretched(picture: Array, height: int, width: int) -> Array:
    """Bilinear, from the middles of pixels."""
    return _filled("stretch", picture, (height, width, picture.shape[2]))


def _filled(name: str, picture: Array, shape: tuple[int, int, int]) -> Array:
    out = _empty(shape)
    run = _compiled(name)
    _by_rows(lambda first, last: run(picture, out, first, last), shape[0], 16 * out.size)
    return out


def _compiled(name: str) -> Callable[..., None]:
    found = native.whole(name)
    if found is None:
        raise RuntimeError(f"{name} needs the compiled core: ask `available` first")
    return found


def _by_rows(function: Callable[[int, int], None], count: int, products: int) -> None:
    """``function(first, last)`` for all rows, a few shares a thread so that they end together."""
    if products < _SMALL:
        function(0, count)
        return
    share = max(1, -(-count // (4 * threads())))
    firsts = np.arange(0, count, share)[:, None]
    map_bands(lambda first: function(int(first[0, 0]), min(count, int(first[0, 0]) + share)), firsts, rows=1)
