"""Every entry of the compiled kernels: right arguments, slightly wrong ones, many threads at once.

`.ci/sanitize` runs this under AddressSanitizer and UndefinedBehaviorSanitizer, where a stray read is an
error too.
"""

import contextlib
import os
import subprocess
import sys
import zlib
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maskkit.kernels import native

compiled = native._built
pytestmark = pytest.mark.skipif(compiled is None, reason="maskkit was installed without a compiler")
REFUSALS = (ValueError, TypeError, BufferError, OverflowError, MemoryError)


class Out:
    """Marks a written argument; it lies amid bytes that must stay as they are."""

    def __init__(self, *shape, dtype):
        self.item = np.dtype(dtype).itemsize
        size = int(np.prod(shape)) * self.item
        self.memory = np.full(size + 128, 0xA5, np.uint8)
        self.array = self.memory[64 : 64 + size].view(dtype).reshape(shape)
        self.array[...] = 0

    def is_intact(self):
        return bool((self.memory[:64] == 0xA5).all() and (self.memory[-64:] == 0xA5).all())


def noise(rng, *shape, dtype):
    if np.dtype(dtype).kind == "f":
        return rng.random(shape, np.float32)
    return rng.integers(0, np.iinfo(dtype).max + 1, shape).astype(dtype)


def layer_arguments(name, rng, height, width):
    """The same for the layers of a network."""
    floats = {"dtype": np.float32}
    if name == "weigh":
        wide = 16 * height
        return [noise(rng, 9, wide, **floats), Out(36, wide, **floats)]
    channels, outputs, winograd = 8 * int(rng.integers(1, 3)), int(rng.integers(1, 20)), bool(rng.integers(2))
    photo = noise(rng, height, width, channels, **floats)
    if name == "halve":
        size = (height + 1) // 2, (width + 1) // 2
        return [photo, Out(*size, channels, **floats), 0, size[0]]
    if name == "stretch":
        rows = int(rng.integers(1, 200))
        return [photo, Out(rows, 2 * width, channels, **floats), 0, rows]
    side = 3 if winograd else int(rng.choice([1, 3]))
    numbers, wide = 36 if winograd else side * side, -(-outputs // 16) * 16
    plus = noise(rng, height, width, outputs, **floats) if rng.integers(2) else None
    return [
        (photo, photo),
        noise(rng, numbers * 2 * channels * wide, **floats),
        noise(rng, wide, **floats),
        Out(height, width, outputs, **floats),
        plus,
        side,
        1 if winograd else int(rng.integers(1, 9)),
        bool(rng.integers(2)),
        winograd,
        0,
        -(-height // 4) if winograd else height,
    ]


def line_arguments(name, rng, height, width, dtype):
    """The same for colour lines of coarse grids, which stand anywhere over the picture."""
    args = [noise(rng, height, width, 3, dtype=dtype), Out(height, width, dtype=np.float32)]
    for planes in {"lines": (4,), "fuse": (4, 11), "bound": (7,)}[name]:
        rows, columns = (int(side) for side in rng.integers(1, 20, 2))
        under = tuple(int(side) for side in (*rng.integers(1, 400, 2), *rng.integers(0, 400, 2)))
        args += [noise(rng, rows, columns, planes, dtype=np.float32), under]
    return args


def matting_arguments(name, rng, height, width, dtype):  # noqa: PLR0911 - a table of calls
    """The same for the entries that take tiles of 8 x 8 pixels, or a grid of nodes."""
    if name in ("convolve", "halve", "stretch", "weigh"):
        return layer_arguments(name, rng, height, width)
    if name in ("lines", "fuse", "bound"):
        return line_arguments(name, rng, height, width, dtype)
    floats = {"dtype": np.float32}
    tiles = 1 + height * width // 64
    near = rng.integers(0, tiles + 1, (tiles, 9), np.int32)
    stencil = noise(rng, tiles, 25, 8, 8, **floats)
    field, right, share = (noise(rng, tiles + 1, 8, 8, **floats) for _ in range(3))
    basis = noise(rng, tiles + 1, 4, 8, 8, **floats)
    if name == "stencil":
        corners = rng.integers(0, 1 + max(height, width) // 8, (tiles, 2), np.int32)
        return [
            noise(rng, height, width, 3, dtype=dtype),
            corners,
            Out(tiles, 25, 8, 8, **floats),
            1e-6,
            0,
            tiles,
        ]
    if name == "step":
        return [stencil, near, field, right, share, Out(tiles + 1, 8, 8, **floats), True, 0, tiles]
    if name == "project":
        return [stencil, near, basis, Out(tiles, 4, 4, 16, 4, **floats), 0, tiles]
    if name == "transfer":
        return [basis, Out(tiles, 4, 4, **floats), field, False, 0, tiles]
    if name == "sample":
        known = rng.integers(0, 3, (height, width)).astype(np.uint8)
        outs = [Out(height, width, **floats) for _ in range(2)]
        return [*(noise(rng, height, width, 3, **floats) for _ in range(2)), known, *outs]
    rows, columns = 1 + height // 8, 1 + width // 8
    matrix = noise(rng, rows, columns, 25, 4, 4, **floats)
    if name == "coarser":
        return [matrix, Out(rows // 2 + 1, columns // 2 + 1, 25, 4, 4, **floats), rows, columns]
    assert name == "nodes", f"a new entry needs its arguments here: {name}"
    inverse = noise(rng, rows, columns, 4, 4, **floats)
    vectors = [noise(rng, rows, columns, 4, **floats) for _ in range(2)]
    return [matrix, inverse, *vectors, Out(rows, columns, 4, **floats), rows, columns, 0]


def right_arguments(name, rng, height, width, dtype):  # noqa: PLR0911, PLR0912, PLR0915 - a table of calls
    """Arguments that the entry takes."""
    source, backdrop = (int(rng.choice([3, 4])) for _ in range(2))
    whole = np.uint8 if dtype == np.float32 else dtype
    image = noise(rng, height, width, source, dtype=whole)
    mask = noise(rng, height, width, dtype=whole)
    cells = -(-height // 16), -(-width // 16)
    if name in ("over", "blend", "linear"):
        args = [image, noise(rng, height, width, backdrop, dtype=whole), mask]
        args += [Out(height, width, backdrop, dtype=whole), 1, 1]
        top = np.iinfo(whole).max
        tables = [np.linspace(0, 1, top + 1), np.zeros(4097, whole), np.ones(top + 1)]
        return args + {"over": [], "blend": ["multiply"], "linear": tables}[name]
    if name == "over_fine":
        backdrop = 3 if whole == np.uint16 else backdrop
        ground, out = (
            noise(rng, height, width, backdrop, dtype=whole),
            Out(height, width, backdrop, dtype=whole),
        )
        return [image, ground, noise(rng, height, width, dtype=np.float32), out]
    if name in ("apply_mask", "apply_mask_fine"):
        cover = mask if name == "apply_mask" else noise(rng, height, width, dtype=np.float32)
        return [image, cover, Out(height, width, 4, dtype=whole), bool(rng.integers(2))]
    if name in ("premultiply", "unpremultiply"):
        return [noise(rng, height, width, 4, dtype=whole), Out(height, width, 4, dtype=whole)]
    if name == "lookup":
        table = noise(rng, 65536, dtype=np.uint8)
        images = [noise(rng, height, width, 3, dtype=np.uint8) for _ in range(2)]
        return [*images, Out(height, width, 3, dtype=np.uint8), table]
    if name in ("deflate", "deflate_bits"):
        return [noise(rng, height, width, dtype=np.uint8) // 9]
    if name == "png_filter":
        rows, above = (noise(rng, height, width, dtype=np.uint8) for _ in range(2))
        step = int(rng.integers(1, min(width, 8) + 1))
        return [rows, above, Out(height, width + 1, dtype=np.uint8), int(rng.integers(5)), step]
    if name == "png_unfilter":
        step = int(rng.choice([1, 2, 3, 4, 6, 8]))
        rows = noise(rng, height, 1 + width * step, dtype=np.uint8)
        rows[:, 0] %= 6
        return [rows, Out(height, width * step, dtype=np.uint8), step, int(rng.integers(2 - step % 2))]
    if name == "sum_rows":
        step = int(rng.integers(1, 5))
        rows = noise(rng, height, width * step, dtype=np.uint16)
        return [rows, Out(height, width * step, dtype=np.uint16), step, int(rng.integers(2))]
    grey = noise(rng, height, width, dtype=dtype)
    if name == "extremes":
        return [grey, Out(*cells, dtype=dtype), Out(*cells, dtype=dtype)]
    if name == "disc":
        lows, highs = np.zeros((2, *cells), dtype)
        blocks = np.zeros((2, -(-height // 256), -(-width // 256)), dtype)
        compiled.extremes(grey, lows, highs)
        compiled.extremes(lows, blocks[0], blocks[1].copy())
        compiled.extremes(highs, blocks[0].copy(), blocks[1])
        numbers = [int(rng.integers(0, 90)), int(rng.integers(0, 65536)), int(rng.integers(2)), 0, height]
        return [grey, lows, highs, *blocks, Out(height, width, dtype=dtype), *numbers]
    if name == "ring":
        lows, highs = np.zeros((2, *cells), dtype)
        compiled.extremes(grey, lows, highs)
        reach, count, groups = (int(rng.integers(0, most)) for most in (90, 40, 9))
        offsets = rng.integers(-reach, reach + 1, (count if groups else 0, 2)).astype(np.int32)
        weights = -np.sort(-rng.random(len(offsets)).astype(np.float64 if dtype == np.uint16 else np.float32))
        near = rng.integers(-reach, reach + 1, (groups, 2)).astype(np.int32)
        group = rng.integers(0, max(groups, 1), len(offsets)).astype(np.int32)
        planes = grey, highs, noise(rng, height, width, dtype=dtype), Out(height, width, dtype=dtype)
        return [*planes, offsets, weights, near, group, reach, 0.1, 0]
    if name == "under":
        cutout, line = (noise(rng, height, width, *more, dtype=np.uint8) for more in ((4,), ()))
        return [cutout, line, Out(height, width, 4, dtype=np.uint8), *map(int, rng.integers(0, 256, 3))]
    factor = int(rng.integers(1, 9))
    squares = -(-height // factor) + 2, -(-width // factor) + 2
    if name == "reduce":
        return [grey, Out(*squares, dtype=np.float32), factor, 0]
    if name == "lift":
        small = noise(rng, *squares, dtype=np.float32)
        return [small, Out(height, width, dtype=dtype), factor, int(rng.integers(0, height)), height]
    coarse = noise(rng, 6, -(-height // 2), -(-width // 2), dtype=np.uint16)
    rounds = int(rng.integers(0, 13))
    if name == "relax":
        return [coarse, image, mask, Out(6, height, width, dtype=np.uint16), rounds, 0, height]
    photo = noise(rng, height, width, source, dtype=dtype)
    if name != "finish":
        return matting_arguments(name, rng, height, width, dtype)
    return [coarse, photo, mask, Out(height, width, source, dtype=dtype), rounds, 0, height, 0.5]


FACTS = "build", "network_pays"  # which take nothing
NAMES = [] if compiled is None else [n for n in dir(compiled) if not n.startswith("__") and n not in FACTS]
DTYPES = st.sampled_from([np.uint8, np.uint16, np.float32])


def call(name, args):
    return getattr(compiled, name)(*(a.array if isinstance(a, Out) else a for a in args))


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=25, deadline=None)
@given(st.integers(1, 140), st.integers(1, 140), DTYPES, st.integers(0, 2**32))
def test_right_arguments_write_the_output_and_nothing_beside_it(name, height, width, dtype, seed):
    args = right_arguments(name, np.random.default_rng(seed), height, width, dtype)
    answer = call(name, args)
    if name == "deflate":
        assert zlib.decompressobj(-15).decompress(answer) == args[0].tobytes()
    else:
        assert answer is None or name in ("deflate_bits", "png_unfilter")
    assert all(arg.is_intact() for arg in args if isinstance(arg, Out))


def shifted(array):
    """Off its alignment by a byte."""
    memory = np.zeros(array.nbytes + 1, np.uint8)[1:]
    return memory.view(array.dtype).reshape(array.shape)


ARRAY_FAULTS = {
    "reversed rows": lambda a, _: a[::-1],
    "reversed columns": lambda a, _: a[:, ::-1],
    "every other column": lambda a, _: np.repeat(a, 2, axis=1)[:, ::2],
    "wide rows": lambda a, _: np.concatenate([a, a], axis=1)[:, : a.shape[1]],
    "one row for all": lambda a, _: np.broadcast_to(a[:1], a.shape),
    "endless rows": lambda a, _: np.broadcast_to(a[:1], (2**40, *a.shape[1:])),
    "folded rows": lambda a, _: np.lib.stride_tricks.as_strided(a, a.shape, (a.itemsize, *a.strides[1:])),
    "Fortran": lambda a, _: np.asfortranarray(a),
    "no rows": lambda a, _: a[:0],
    "no columns": lambda a, _: a[:, :0],
    "a row less": lambda a, _: a[:-1],
    "a column less": lambda a, _: np.ascontiguousarray(a[:, :-1]),
    "one more dimension": lambda a, _: a[None],
    "flat": lambda a, _: a.reshape(-1),
    "scalar": lambda a, _: a.reshape(-1)[0],
    "double": lambda a, _: a.astype(np.float64),
    "float": lambda a, _: a.astype(np.float32),
    "bytes": lambda a, _: a.astype(np.uint8),
    "signed": lambda a, _: a.astype(np.int16),
    "other end": lambda a, _: a.astype(a.dtype.newbyteorder(">")),
    "misaligned": lambda a, _: shifted(a),
    "read-only": lambda a, _: memoryview(bytes(a.tobytes())),
    "shared": lambda _, other: other,
    "part of another": lambda a, other: other[: len(a)],
    "none": lambda *_: None,
}
NUMBERS = [
    -1,
    0,
    1,
    3,
    64,
    65,
    65535,
    65536,
    2**31 - 1,
    2**31,
    2**32 + 1,
    2**63 - 1,
    2**63,
    -(2**63),
    0.5,
    None,
    "x",
]


@pytest.mark.slow
@settings(max_examples=900, deadline=None)
@given(st.data(), st.integers(2, 80), st.integers(2, 80), DTYPES, st.integers(0, 2**32))
def test_one_wrong_argument_is_refused_or_harmless(data, height, width, dtype, seed):
    rng, name = np.random.default_rng(seed), data.draw(st.sampled_from(NAMES))
    args = right_arguments(name, rng, height, width, dtype)
    at = data.draw(st.integers(0, len(args) - 1))
    wrong = args[at].array if isinstance(args[at], Out) else args[at]
    if isinstance(wrong, np.ndarray) and data.draw(st.booleans()) is False:
        others = [a.array if isinstance(a, Out) else a for i, a in enumerate(args) if i != at]
        other = next((a for a in others if isinstance(a, np.ndarray)), wrong)
        fault = data.draw(st.sampled_from(sorted(ARRAY_FAULTS)))
        if fault == "folded rows" and isinstance(args[at], Out) is False:
            fault = "one row for all"
        try:
            wrong = ARRAY_FAULTS[fault](wrong, other)
        except (ValueError, IndexError):
            return  # NumPy itself has no such view
    elif not (name == "reduce" and at == 2):  # a factor of millions is right, and takes its time
        wrong = data.draw(st.sampled_from(NUMBERS))
    with contextlib.suppress(*REFUSALS):
        call(name, [*args[:at], wrong, *args[at + 1 :]])
    assert all(arg.is_intact() for arg in args if isinstance(arg, Out))


@pytest.mark.parametrize("name", NAMES)
def test_eight_callers_at_once(name):
    rng = np.random.default_rng(3)
    args = right_arguments(name, rng, 150, 170, np.uint8)
    call(name, args)
    wanted = [arg.array.copy() for arg in args if isinstance(arg, Out)]

    def again(_):
        mine = [Out(*a.array.shape, dtype=a.array.dtype) if isinstance(a, Out) else a for a in args]
        call(name, mine)
        return [arg.array for arg in mine if isinstance(arg, Out)]

    with ThreadPoolExecutor(8) as callers:
        for found in callers.map(again, range(24)):
            for ours, theirs in zip(found, wanted, strict=True):
                np.testing.assert_array_equal(ours, theirs)


@pytest.mark.skipif(sys.platform != "linux", reason="needs a limit on address space")
@pytest.mark.skipif("MASKKIT_SANITIZED" in os.environ, reason="a sanitizer's own memory is larger")
def test_without_memory_there_is_an_error_and_no_crash(tmp_path):
    code = """
import re, resource
import numpy as np
from maskkit.kernels import native
grey, out, cells, block = (np.zeros(shape, np.float32) for shape in [(40, 50), (40, 50), (3, 4), (1, 1)])
used = 1024 * int(re.search(r"VmSize:\\s+(\\d+)", open("/proc/self/status").read())[1])
resource.setrlimit(resource.RLIMIT_AS, (used + (8 << 20), used + (8 << 20)))
try:
    native._built.disc(grey, cells, cells, block, block, out, 1 << 20, 0, 0, 0, 40)
except MemoryError:
    print("refused")
"""
    command = [sys.executable, "-c", code]  # from a folder without a maskkit of its own, which is not built
    answer = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert answer.stdout == "refused\n", answer.stderr
