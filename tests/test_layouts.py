"""Every public verb times every way that an array may lie in memory: a packed copy's answer or a PixelError.

The verbs are those of `test_bad_input`; half of the pictures have a side of one pixel, to which NumPy gives
any stride.
"""

import itertools
import re
import warnings
from typing import Any

import numpy as np
import pytest
from held_to import arrays, grey, scene
from test_bad_input import OF_MASK, OF_PHOTO, WITH_PHOTO, H, W

import maskkit as mk
from maskkit.layout import regular
from maskkit.pixels import check_out

SIZES = [(1, 1), (1, 37), (37, 1), (2, 3), (19, 23)]
pytestmark = pytest.mark.usefixtures("path")
DTYPES = [np.bool_, np.uint8, np.uint16, np.float32, np.float64]


def moved(array: np.ndarray, offset: int) -> np.ndarray:
    """The same values, ``offset`` bytes into their memory."""
    memory = np.zeros(array.nbytes + offset, np.uint8)
    there = np.frombuffer(memory.data, array.dtype, array.size, offset).reshape(array.shape)
    there[...] = array
    return there


def field(array: np.ndarray) -> np.ndarray:
    """A field of packed records: neither aligned nor dense."""
    records = np.zeros(array.shape, [("before", np.uint8), ("value", array.dtype)])
    records["value"] = array
    return records["value"]


def flipped(array: np.ndarray, *axes: int) -> np.ndarray:
    return np.flip(np.ascontiguousarray(np.flip(array, axes)), axes)


def strided(array: np.ndarray, axis: int) -> np.ndarray:
    step = tuple(slice(None, None, 2) if side == axis else slice(None) for side in range(array.ndim))
    return np.repeat(array, 2, axis)[step]


def overlapping(array: np.ndarray) -> np.ndarray:
    """Rows that begin one value after each other, in the same memory."""
    memory = np.resize(array, array.size + len(array))
    steps = memory.itemsize, *np.zeros(array.shape[1:], array.dtype).strides
    return np.lib.stride_tricks.as_strided(memory, array.shape, steps)


LAYOUTS = {
    "offset by 1": lambda a: moved(a, 1),
    "offset by 3": lambda a: moved(a, 3),
    "rows reversed": lambda a: flipped(a, 0),
    "columns reversed": lambda a: flipped(a, 1),
    "channels reversed": lambda a: flipped(a, a.ndim - 1),
    "all reversed": lambda a: flipped(a, *range(a.ndim)),
    "reversed and offset": lambda a: np.flip(moved(np.flip(a, (0, 1)), 1), (0, 1)),
    "every other row": lambda a: strided(a, 0),
    "every other column": lambda a: strided(a, 1),
    "every other channel": lambda a: strided(a, a.ndim - 1),
    "one row, repeated": lambda a: np.broadcast_to(a[:1], a.shape),
    "one column, repeated": lambda a: np.broadcast_to(a[:, :1], a.shape),
    "one value, repeated": lambda a: np.broadcast_to(a.flat[0], a.shape),
    "rows that overlap": overlapping,
    "Fortran order": np.asfortranarray,
    "transposed": lambda a: np.ascontiguousarray(a.swapaxes(0, 1)).swapaxes(0, 1),
    "channels first": lambda a: np.moveaxis(np.ascontiguousarray(np.moveaxis(a, -1, 0)), 0, -1),
    "a field of records": field,
    "read-only": lambda a: np.broadcast_to(a, a.shape),
    "from bytes": lambda a: np.frombuffer(a.tobytes(), a.dtype).reshape(a.shape),
    "a matrix": lambda a: a.view(np.matrix) if a.ndim == 2 else a,
    "a memory map": lambda a: a.view(np.memmap),
    "other byte order": lambda a: a.astype(a.dtype.newbyteorder()),
    "a masked array": np.ma.array,
}
REFUSED = {"other byte order", "a masked array"}


def outcome(call: Any, *args: Any) -> list[np.ndarray] | str:
    """The arrays of the answer, or the refusal's text; any other error is raised."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.simplefilter("ignore", mk.MaskkitWarning)
        try:
            return arrays(call(*args))
        except mk.PixelError as refusal:
            return str(refusal)


def same(found: Any, wanted: Any) -> bool:
    if isinstance(found, str) or isinstance(wanted, str):
        return found == wanted
    return len(found) == len(wanted) and all(map(np.array_equal, found, wanted))


def compare(call: Any, array: np.ndarray, layout: str) -> None:
    view = LAYOUTS[layout](array)
    if layout in REFUSED:
        assert view.dtype == array.dtype or array.itemsize > 1
        if view.dtype != array.dtype or isinstance(view, np.ma.MaskedArray):
            assert isinstance(outcome(call, view), str)
        return
    packed = np.array(view, order="C", subok=False)
    found, wanted = outcome(call, view), outcome(call, packed)
    assert same(found, wanted), (layout, array.shape, array.dtype, found if isinstance(found, str) else "")
    assert np.array_equal(view, packed), "an input was written to"


ENGINES = "classical|estimate|fetch_mask|hints|Session|binary"  # what takes a second a call; the door is one


def quick(verbs: Any) -> list[str]:
    return sorted(verb for verb in verbs if not re.search(ENGINES, verb))


def cases(sizes: Any) -> Any:
    """Every layout with one size of a single row, column or pixel and one without, in turn."""
    thin, wide = itertools.cycle(sizes[:3]), itertools.cycle(sizes[3:])
    for k, layout in enumerate(LAYOUTS):
        for size in (next(thin), next(wide)):
            yield layout, size, DTYPES[(k + size[0]) % len(DTYPES)], 3 + k % 2


@pytest.mark.parametrize("verb", quick(OF_PHOTO))
def test_a_photo_may_lie_in_memory_as_it_likes(verb):
    for layout, size, dtype, channels in cases(SIZES):
        compare(OF_PHOTO[verb].call, scene(*size, dtype, channels), layout)


@pytest.mark.parametrize("verb", sorted(OF_MASK))
def test_a_mask_may_lie_in_memory_as_it_likes(verb):
    for layout, size, dtype, _ in cases(SIZES):
        compare(OF_MASK[verb].call, grey(*size, dtype), layout)


COLUMNS = ["one row, repeated", "one value, repeated", "all reversed"]


@pytest.mark.parametrize("verb", quick(OF_PHOTO))
def test_a_photo_of_one_column_is_not_read_beyond(verb):
    """OpenCV goes by a column's steps, and takes one of 0 for a packed column's."""
    for layout, dtype in itertools.product(COLUMNS, (np.uint8, np.uint16, np.float32)):
        compare(OF_PHOTO[verb].call, scene(37, 1, dtype, 3), layout)


@pytest.mark.parametrize("verb", sorted(OF_MASK))
def test_a_mask_of_one_column_is_not_read_beyond(verb):
    for layout, dtype in itertools.product(COLUMNS, (np.uint8, np.uint16, np.float32)):
        compare(OF_MASK[verb].call, grey(37, 1, dtype), layout)


@pytest.mark.parametrize("verb", quick(WITH_PHOTO))
def test_the_mask_of_a_photo_may_lie_in_memory_as_it_likes(verb):
    for k, layout in enumerate(LAYOUTS):
        compare(WITH_PHOTO[verb].call, grey(H, W, DTYPES[k % 5]), layout)


OUT = {
    "composite": lambda p, b, m, out: mk.composite(p, b, m, out=out),
    "composite, mode": lambda p, b, m, out: mk.composite(p, b, m, mode="hue", out=out),
    "composite, linear": lambda p, b, m, out: mk.composite(p, b, m, linear=True, out=out),
    "composite, offset": lambda p, b, m, out: mk.composite(p, b, m, offset=(1, 0), out=out),
    "over": lambda p, b, _, out: mk.over(p, b, out=out),
    "porter_duff": lambda p, b, _, out: mk.porter_duff(p, b, "xor", out=out),
    "apply_mask": lambda p, _, m, out: mk.apply_mask(p, m, out=out),
    "premultiply": lambda p, _, __, out: mk.premultiply(p, out=out),
    "unpremultiply": lambda p, _, __, out: mk.unpremultiply(p, out=out),
    "decontaminate": lambda p, _, m, out: mk.decontaminate(p, m, out=out),
    "decontaminate, linear": lambda p, _, m, out: mk.decontaminate(p, m, linear=True, out=out),
    "despill": lambda p, _, __, out: mk.despill(p, out=out),
    "extend_edge": lambda p, _, m, out: mk.extend_edge(p, m, out=out),
    "light_wrap": lambda p, b, _, out: mk.light_wrap(p, b, 2, out=out),
    "srgb_to_linear": lambda p, _, __, out: mk.srgb_to_linear(p, out=out),
    "linear_to_srgb": lambda p, _, __, out: mk.linear_to_srgb(p, out=out),
    "feather": lambda _, __, m, out: mk.feather(m, 2, out=out),
    "feather, wide": lambda _, __, m, out: mk.feather(m, 9, out=out),
    "feather inside": lambda _, __, m, out: mk.feather(m, 2, "inside", out=out),
    "grow": lambda _, __, m, out: mk.grow(m, 2.5, out=out),
    "shrink": lambda _, __, m, out: mk.shrink(m, 2.5, out=out),
    "smooth": lambda _, __, m, out: mk.smooth(m, 2, out=out),
    "threshold": lambda _, __, m, out: mk.threshold(m, out=out),
    "levels": lambda _, __, m, out: mk.levels(m, 0.2, 0.9, 2.2, out=out),
    "invert": lambda _, __, m, out: mk.invert(m, out=out),
    "combine": lambda _, __, m, out: mk.combine(m, np.array(m[::-1]), "multiply", out=out),
}


@pytest.mark.parametrize("verb", OUT)
def test_all_inputs_and_the_output_at_once(verb):
    for k, (layout, size, _, __) in enumerate(cases(SIZES)):
        dtype = (np.uint8, np.uint16, np.float32)[k % 3]
        inputs = scene(*size, dtype, 4), scene(*size, dtype, 4)[::-1], grey(*size, dtype)
        if layout in REFUSED:
            continue
        views = [LAYOUTS[layout](array) for array in inputs]
        wanted = OUT[verb](*(np.array(view, order="C", subok=False) for view in views), None)
        out = LAYOUTS[layout](np.ones_like(wanted))
        found = outcome(OUT[verb], *views, out)
        if isinstance(found, str):
            assert found.startswith("out: need an")
        else:
            assert found[0] is out
            assert np.array_equal(out, wanted), (layout, size, dtype)


def test_what_may_be_written_to():
    shape = (5, 7, 3)
    fits = [np.zeros(shape, np.uint16), np.zeros((10, 7, 3), np.uint16)[::-2], np.zeros((7, 5, 3), np.uint16)]
    fits[2] = fits[2].swapaxes(0, 1)
    for out in fits:
        assert check_out(out, shape, np.uint16) is out
    folded = np.lib.stride_tricks.as_strided(np.zeros(99, np.uint16), shape, (6, 6, 2))
    repeated = np.lib.stride_tricks.as_strided(np.zeros(99, np.uint16), shape, (0, 6, 2))
    for out in (folded, repeated, moved(fits[0], 1)):
        with pytest.raises(mk.PixelError, match=r"^out: need an aligned array whose values each have memory"):
            check_out(out, shape, np.uint16)


def test_a_regular_array_is_itself_a_view_or_a_copy():
    packed = np.arange(24, dtype=np.uint16).reshape(1, 8, 3)
    assert regular(packed) is packed
    row = packed[::-1]
    assert np.shares_memory(regular(row), packed)
    assert regular(row).strides == packed.strides
    for view in (packed[:, ::-1], moved(packed, 1), np.broadcast_to(packed, (4, 8, 3))):
        assert not np.shares_memory(regular(view), view)
        np.testing.assert_array_equal(regular(view), view)
