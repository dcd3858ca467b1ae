import os
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from maskkit.errors import PixelError
from maskkit.kernels import bands, convert, map_bands, map_pixels, set_threads, threads, together

TOPS = {np.bool_: 1, np.uint8: 255, np.uint16: 65535, np.float32: 1, np.float64: 1}


@pytest.fixture(autouse=True)
def _restored():
    before = threads()
    yield
    set_threads(before)


@pytest.mark.parametrize("count", [1, 2, 5])
@pytest.mark.parametrize("mapped", [map_bands, map_pixels])
@pytest.mark.parametrize("shape", [(1, 1), (1, 200_003), (200_003, 1), (700, 301)])
def test_every_pixel_is_visited_once(count, mapped, shape):
    set_threads(count)
    visits = np.zeros(shape, np.uint8)

    def count_up(piece, nothing):
        assert nothing is None
        piece += 1

    mapped(count_up, visits, None)
    assert (visits == 1).all()


def test_rows_set_the_height_of_a_band():
    heights = []
    set_threads(1)
    map_bands(lambda piece: heights.append(len(piece)), np.zeros((10, 3)), rows=4)
    assert heights == [4, 4, 2]


@pytest.mark.parametrize("shape", [(1, 3_000_000), (3_000_000, 1), (1500, 2000)])
@pytest.mark.parametrize("count", [1, 2, 16])
def test_blocks_are_small_whatever_the_shape(shape, count):
    set_threads(count)
    sizes = []
    map_pixels(lambda piece: sizes.append(piece.size), np.zeros(shape, np.uint8))
    assert max(sizes) * count <= max(2 * bands.BLOCK_PIXELS, 4096 * count)


def test_a_band_within_a_band_stays_in_its_thread():
    set_threads(4)
    seen = []

    def outer(piece):
        here = threading.get_ident()
        inner = set()
        map_bands(lambda _: inner.add(threading.get_ident()), piece, rows=1)
        seen.append(inner == {here})

    map_bands(outer, np.zeros((64, 8)), rows=8)
    assert seen == [True] * 8


def test_threads_share_the_work():
    set_threads(3)
    meeting = threading.Barrier(3, timeout=20)
    map_bands(lambda _: meeting.wait(), np.zeros((3, 2)), rows=1)  # passes only if three are there at once


@pytest.mark.parametrize("count", [1, 3])
def test_an_error_is_raised_and_nothing_runs_afterwards(count):
    set_threads(count)
    running = []

    def fail_at_five(piece):
        running.append(1)
        try:
            if piece[0, 0] == 5:
                raise ZeroDivisionError
        finally:
            running.pop()

    rows = np.arange(1000).reshape(-1, 1)
    with pytest.raises(ZeroDivisionError):
        map_bands(fail_at_five, rows, rows=1)
    assert not running
    total = []
    map_bands(lambda piece: total.append(piece.size), rows, rows=100)  # the pool still works
    assert sum(total) == 1000


def test_an_index_error_of_the_function_is_not_swallowed():
    with pytest.raises(IndexError):
        map_bands(lambda piece: piece[99], np.zeros((8, 2)), rows=1)


def test_callers_from_many_threads_do_not_mix():
    set_threads(2)

    def fill(value):
        out = np.zeros((300, 400), np.int64)
        map_bands(lambda piece: np.add(piece, value, out=piece), out, rows=7)
        return (out == value).all()

    with ThreadPoolExecutor(8) as callers:
        assert all(callers.map(fill, range(1, 40)))


def test_stream_gives_results_in_order_and_stops_when_left():
    set_threads(3)
    started = []

    def span(top, bottom):
        started.append(top)
        return top, bottom

    stream = bands.stream_bands(span, height=1000, rows=3)
    first = [next(stream) for _ in range(3)]
    stream.close()
    assert first == [(0, 3), (3, 6), (6, 9)]
    assert len(started) <= 3 + 2 * 3 + 1


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
@pytest.mark.filterwarnings("ignore:This process.*multi-threaded:DeprecationWarning")
def test_a_forked_child_has_a_pool_of_its_own():
    set_threads(2)
    map_bands(lambda piece: None, np.zeros((10, 2)), rows=1)  # the parent's pool exists
    child = os.fork()
    if child == 0:
        out = np.zeros((10, 2))
        map_bands(lambda piece: np.add(piece, 1, out=piece), out, rows=1)
        os._exit(0 if out.all() else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


@pytest.mark.parametrize("count", [0, -1])
def test_no_threads_are_refused(count):
    with pytest.raises(PixelError, match="count: need at least 1 thread"):
        set_threads(count)


@pytest.mark.parametrize("to", TOPS)
@pytest.mark.parametrize("dtype", [np.bool_, np.uint8, np.uint16])
def test_convert_every_whole_value(dtype, to):
    top, white = TOPS[dtype], TOPS[to]
    values = np.arange(top + 1, dtype=np.int64)
    got = convert(values.astype(dtype)[None], to)[0]
    assert got.dtype == to
    if np.dtype(to).kind == "f":
        np.testing.assert_array_equal(got, (values / top).astype(to))
    else:
        np.testing.assert_array_equal(got, (2 * values * white + top) // (2 * top))  # halves up


@pytest.mark.parametrize("to", TOPS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_convert_floats(dtype, to):
    values = np.append(np.random.default_rng(0).random(20_000), [0, 1]).astype(dtype)[None]
    got = convert(values, to)
    exact = values if np.dtype(to).kind == "f" else np.floor(values.astype(np.longdouble) * TOPS[to] + 0.5)
    np.testing.assert_array_equal(got, exact.astype(to))


@pytest.mark.parametrize("to", [np.uint8, np.uint16])
def test_convert_float_halves_go_up(to):
    below = np.arange(TOPS[to])
    np.testing.assert_array_equal(convert((below + 0.5)[None] / TOPS[to], to)[0], below + 1)


def test_convert_to_the_same_dtype_returns_the_array():
    image = np.zeros((2, 2, 3), np.uint8)
    assert convert(image, np.uint8) is image
    assert not np.shares_memory(convert(image, np.uint8, out=np.empty_like(image)), image)


def test_convert_refuses_other_dtypes():
    with pytest.raises(PixelError, match="int32"):
        convert(np.zeros((2, 2), np.uint8), np.int32)


@pytest.mark.parametrize("count", [1, 2])
def test_together_gives_both_and_the_first_error(count):
    set_threads(count)
    done = threading.Event()

    def late():
        done.set()
        raise ValueError("second")

    def fails():
        if count > 1:
            assert done.wait(20)
        raise ValueError("first")

    assert together(lambda: 1, lambda: 2) == (1, 2)
    with pytest.raises(ValueError, match="first"):
        together(fails, late)
    with pytest.raises(ValueError, match="second"):
        together(lambda: 1, late)


def test_together_runs_the_second_beside_the_first():
    set_threads(2)
    begun = threading.Event()
    assert together(lambda: begun.wait(20), begun.set) == (True, None)


@pytest.mark.parametrize("count", [1, 2, 3])
def test_what_is_done_together_may_do_more_together(count):
    set_threads(count)
    found = together(lambda: 1, lambda: together(lambda: 2, lambda: together(lambda: 3, lambda: 4)))
    assert found == (1, (2, (3, 4)))


def test_a_whole_picture_of_lines_is_drawn_in_several_bands(monkeypatch):
    from maskkit.engines import over_picture

    pieces, drawn = [], over_picture.apply_lines
    monkeypatch.setattr(
        over_picture, "apply_lines", lambda image, *rest: (pieces.append(len(image)), drawn(image, *rest))
    )
    over_picture.over_picture(np.ones((3, 4, 4), np.float32), np.zeros((1200, 800, 3), np.uint8))
    assert sum(pieces) == 1200
    assert len(pieces) > 2
