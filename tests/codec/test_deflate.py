"""The compiled deflate and row filters: zlib reads it, NumPy agrees, and nothing wrong is accepted."""

import io
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

import maskkit as mk
from maskkit.codec.png_filters import FILTERS, filtered
from maskkit.kernels import native, set_native

pytestmark = pytest.mark.skipif(native._built is None, reason="maskkit was installed without a compiler")

BLOCK = 1 << 17
runs = st.lists(st.tuples(st.binary(min_size=1, max_size=12), st.integers(1, 700)), max_size=30).map(
    lambda parts: b"".join(piece * times for piece, times in parts)
)


@pytest.fixture(autouse=True)
def _restored():
    before = native._active is not None
    set_native(True)
    yield
    set_native(before)


def inflated(content):
    """What zlib reads; the last block is ours to add."""
    reader = zlib.decompressobj(wbits=-15)
    read = reader.decompress(native._built.deflate(content) + b"\x03\x00")
    assert reader.eof
    return read


@settings(max_examples=200, deadline=None)
@given(content=st.binary(max_size=600) | runs)
def test_zlib_reads_what_was_deflated(content):
    assert inflated(content) == content


@pytest.mark.parametrize(
    "length", [*range(20), 257, 258, 259, 266, 65535, 65536, BLOCK - 1, BLOCK, BLOCK + 9]
)
def test_zlib_reads_every_length(length):
    rng = np.random.default_rng(length)
    noise = rng.integers(0, 256, length, np.uint8)
    narrow = rng.normal(0, 3, length).astype(np.int8)
    for content in (noise, narrow, np.zeros(length, np.uint8), np.repeat(noise, 9)[:length]):
        assert inflated(content.tobytes()) == content.tobytes()
        assert len(native._built.deflate(content)) <= length + length // 4096 + 16


def test_codes_too_deep_for_the_format_are_cut():
    counts, content = [1, 1], []
    while sum(counts) < BLOCK:
        counts.append(counts[-1] + counts[-2])  # Fibonacci's numbers make the deepest code
    for value, count in enumerate(counts):
        content.append(np.full(count, value, np.uint8))
    shuffled = np.random.default_rng(3).permutation(np.concatenate(content))
    assert inflated(shuffled) == shuffled.tobytes()


def test_the_estimate_is_near_the_size():
    residuals = np.random.default_rng(4).normal(0, 4, 100_000).astype(np.int8)
    size = len(native._built.deflate(residuals))
    assert abs(native._built.deflate_bits(residuals) / 8 - size) < 200


@pytest.mark.parametrize("kind", FILTERS)
@pytest.mark.parametrize("step", [1, 2, 3, 4, 6, 8])
def test_filters_equal_numpy_at_every_width(kind, step):
    rng = np.random.default_rng(5)
    for width in [*range(step, 68), 1024, 2101]:
        lines = rng.integers(0, 256, (4, width + 3), np.uint8)[:, 1 : width + 1]
        ours = filtered(kind, lines[1:], lines[:-1], step)
        set_native(False)
        np.testing.assert_array_equal(ours, filtered(kind, lines[1:], lines[:-1], step))
        set_native(True)


def test_wrong_arguments_are_refused_in_c():
    rows, wide = np.zeros((3, 8), np.uint8), np.zeros((3, 9), np.uint8)
    native._built.png_filter(rows, rows, wide, 4, 8)
    for args, message in [
        ((rows, rows[:2], wide, 0, 1), "size"),
        ((rows, rows, rows.copy(), 0, 1), "wider"),
        ((rows, rows, wide, 5, 1), "need 0 to 4"),
        ((rows, rows, wide, 0, 0), "narrower"),
        ((rows[:, :3], rows[:, :3], wide[:, :4], 0, 4), "narrower"),
        ((rows.astype(np.uint16), rows, wide, 0, 1), "uint8"),
        ((wide[:, 1:], rows, wide, 0, 1), "shares"),
    ]:
        with pytest.raises(ValueError, match=message):
            native._built.png_filter(*args)
    for entry in (native._built.deflate, native._built.deflate_bits):
        with pytest.raises((TypeError, BufferError, ValueError)):
            entry(np.zeros((8, 8), np.uint8)[:, ::2])


def by_pillow(pixels):
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


def test_what_repeats_itself_is_matched():
    page = Image.new("RGB", (900, 900), "white")
    pen = ImageDraw.Draw(page)
    for line in range(60):
        pen.text((10, 15 * line), "the quick brown fox jumps over the lazy dog " * 3, fill="black")
    pixels = np.asarray(page)
    content = mk.encode(pixels, "png")
    assert len(content) < 1.5 * len(by_pillow(pixels))
    assert 1.5 * len(content) < len(native._built.deflate(pixels))
    np.testing.assert_array_equal(mk.read(content).pixels, pixels)
