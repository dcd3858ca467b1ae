"""Row bands: a whole-picture operation as calls on pieces that fit in cache, over a thread pool."""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextvars import copy_context
from functools import cache
from typing import TypeVar

import numpy as np

from maskkit.cores import before_threads, set_threads, threads
from maskkit.pixels import Array

__all__ = ["beforehand", "map_bands", "map_pixels", "set_threads", "stream_bands", "threads", "together"]

T = TypeVar("T")
U = TypeVar("U")

# Pixels a call: large enough that Python's share is small, small enough that float32 scratch of four
# channels (1 MB) stays in the second-level cache.
BAND_PIXELS = 65_536
# Pixels a call of a pointwise formula, whose twenty or so planes of float64 then take 5 MB a thread; with
# more than two threads the blocks are smaller, so that they stay within 16 MB together.
BLOCK_PIXELS = 32_768

# glibc returns freed scratch to the system, page by page, until it has seen a larger block freed: 4 of 5
# formulas take half to a quarter of the time after this line.
np.empty(8 << 20, np.uint8)


_inside = threading.local()


def map_bands(function: Callable[..., None], *arrays: Array | None, rows: int | None = None) -> None:
    """Call ``function(*pieces)`` for every band of rows; ``pieces`` are views of ``arrays`` (None stays).

    The function writes into the pieces of its output; bands never overlap, so the result is the same for
    any thread count. ``rows`` sets the band's height. Called inside a band, it runs in that thread.
    """
    height, width = next(array.shape[:2] for array in arrays if array is not None)
    step = rows or max(1, BAND_PIXELS // width)
    _run([(slice(top, top + step), slice(None)) for top in range(0, height, step)], function, arrays)


def map_pixels(function: Callable[..., None], *arrays: Array | None, pixels: int = BLOCK_PIXELS) -> None:
    """`map_bands` for a function of single pixels: long rows are cut into blocks as well.

    Memory then does not grow with the width of the picture either. ``pixels`` is the size of a block for up
    to two threads; with more threads the blocks are smaller.
    """
    height, width = next(array.shape[:2] for array in arrays if array is not None)
    pixels = max(4096, min(pixels, 2 * pixels // threads()))
    rows, columns = max(1, pixels // width), min(width, pixels)
    tops, lefts = range(0, height, rows), range(0, width, columns)
    blocks = [(slice(top, top + rows), slice(left, left + columns)) for top in tops for left in lefts]
    _run(blocks, function, arrays)


def stream_bands(function: Callable[[int, int], T], height: int, rows: int) -> Iterator[T]:
    """``function(top, bottom)`` for every band of rows, computed ahead in the pool and given in order.

    At most two results a thread wait to be taken, so memory does not grow with the picture.

    >>> list(stream_bands(lambda top, bottom: (top, bottom), height=5, rows=2))
    [(0, 2), (2, 4), (4, 5)]
    """
    spans = [(top, min(top + rows, height)) for top in range(0, height, rows)]
    if threads() == 1 or len(spans) == 1 or getattr(_inside, "band", False):
        yield from (function(*span) for span in spans)
        return

    def run_in_pool(span: tuple[int, int]) -> T:
        _inside.band = True
        return function(*span)

    ahead: deque[Future[T]] = deque()
    try:
        for span in spans:
            ahead.append(_pool(threads()).submit(run_in_pool, span))
            if len(ahead) > 2 * threads():
                yield ahead.popleft().result()
        while ahead:
            yield ahead.popleft().result()
    finally:
        for future in ahead:
            future.cancel()


def together(first: Callable[[], T], second: Callable[[], U]) -> tuple[T, U]:
    """``(first(), second())``, the second call in another thread; if both raise, the first error is raised.

    For what spends its time without the interpreter's lock, such as two decoders.

    >>> together(lambda: 1, lambda: "a")
    (1, 'a')
    """
    if threads() == 1 or getattr(_inside, "band", False):
        return first(), second()
    ahead = _pool(1).submit(copy_context().run, second)  # who hears of warnings, hears of its too
    try:
        own = first()
        return own, second() if ahead.cancel() else ahead.result()
    finally:
        if not ahead.cancel():
            wait([ahead])


def beforehand(function: Callable[[], object]) -> None:
    """Call ``function()`` in another thread, unwaited for: what it makes is there sooner. Not with one core.

    For what spends its time without the interpreter's lock, and is made where it is used if it is not there.
    """
    if threads() > 1:
        _pool(1).submit(function)


def _run(
    blocks: Sequence[tuple[slice, slice]], function: Callable[..., None], arrays: Sequence[Array | None]
) -> None:
    nested = getattr(_inside, "band", False)
    workers = 1 if nested else min(threads(), max(1, len(blocks)))
    if workers == 1:  # half of what a call costs is sharing, here with nobody
        _in_turn(blocks, function, arrays)
        return
    shares = _neighbours(blocks, workers)
    turns = iter(range(workers))

    def work() -> None:
        _inside.band = True
        try:
            for block in _taken(shares, next(turns)):
                function(*(None if array is None else array[block] for array in arrays))
        except BaseException:
            for share in shares:
                share.clear()  # the others stop
            raise

    try:
        _share(work, workers - 1)
    finally:
        _inside.band = nested


def _in_turn(
    blocks: Sequence[tuple[slice, slice]], function: Callable[..., None], arrays: Sequence[Array | None]
) -> None:
    nested = getattr(_inside, "band", False)
    _inside.band = True
    try:
        for block in blocks:
            function(*(None if array is None else array[block] for array in arrays))
    finally:
        _inside.band = nested


def _neighbours(blocks: Sequence[T], count: int) -> list[deque[T]]:
    """The blocks as one run of neighbours a thread, so that one thread clears each huge page of the output.

    >>> [list(share) for share in _neighbours("abcde", 2)]
    [['a', 'b'], ['c', 'd', 'e']]
    """
    return [deque(blocks[len(blocks) * k // count : len(blocks) * (k + 1) // count]) for k in range(count)]


def _taken(shares: Sequence[deque[T]], own: int) -> Iterator[T]:
    """The blocks that thread ``own`` computes: its own share first, then what others have left, from the end.

    >>> list(_taken(_neighbours("abcde", 2), 1))
    ['c', 'd', 'e', 'b', 'a']
    """
    for k in range(len(shares)):
        share = shares[(own + k) % len(shares)]
        take = share.pop if k else share.popleft
        while share:
            try:
                block = take()
            except IndexError:  # another thread took the last one
                break
            yield block


def _share(work: Callable[[], None], helpers: int) -> None:
    """Run ``work`` here and in the pool; helpers that have not started by then are not waited for."""
    futures = [_pool(helpers).submit(work) for _ in range(helpers)]
    try:
        work()
    finally:  # nobody writes to the output any more once this returns or raises
        started = [future for future in futures if not future.cancel()]
        wait(started)
    for future in started:
        future.result()


@cache
def _pool(size: int) -> ThreadPoolExecutor:
    before_threads()
    return ThreadPoolExecutor(size, thread_name_prefix="maskkit")


# A forked child inherits the pool's record but none of its threads.
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_pool.cache_clear)
