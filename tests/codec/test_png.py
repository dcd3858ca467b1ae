"""Our PNG writer: other people's readers give the same samples back."""

import io
import struct
import sys
import zlib
from fractions import Fraction

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from PIL import Image

import maskkit as mk
from maskkit.codec import deflate, fast_zlib
from maskkit.codec.png_filters import FILTERS, filtered
from maskkit.kernels import native, set_native, set_threads, threads

shapes = st.tuples(st.integers(1, 67), st.integers(1, 67), st.sampled_from([(), (3,), (4,)])).map(
    lambda parts: (*parts[:2], *parts[2])
)
arrays = st.sampled_from([np.uint8, np.uint16]).flatmap(lambda dtype: hnp.arrays(dtype, shapes))


@pytest.fixture(params=["compiled", "isal", "zlib"])
def library(request, monkeypatch):
    before = native._active is not None
    if set_native(request.param == "compiled") is False and request.param == "compiled":
        pytest.skip("maskkit was installed without a compiler")
    if request.param == "zlib":
        monkeypatch.setitem(sys.modules, "isal", None)
    elif request.param == "isal":
        pytest.importorskip("isal")
    fast_zlib.library.cache_clear()
    yield request.param
    monkeypatch.undo()
    set_native(before)
    fast_zlib.library.cache_clear()


def chunks(content):
    """(kind, content) of every chunk, each with its checksum compared."""
    at = 8
    while at < len(content):
        (length,) = struct.unpack_from(">I", content, at)
        kind, body = content[at + 4 : at + 8], content[at + 8 : at + 8 + length]
        assert struct.unpack_from(">I", content, at + 8 + length)[0] == zlib.crc32(kind + body)
        yield kind, body
        at += 12 + length


def by_hand(content):
    """Samples by the specification: one zlib stream, rows unfiltered one byte after the other."""
    parts = list(chunks(content))
    width, height, bits, colour = struct.unpack(">IIBB", parts[0][1][:10])
    step = {0: 1, 2: 3, 6: 4}[colour] * bits // 8
    unpacker = zlib.decompressobj()
    rows = unpacker.decompress(b"".join(body for kind, body in parts if kind == b"IDAT"))
    assert unpacker.eof
    assert not unpacker.unused_data
    stride = width * step
    previous, out = bytearray(stride), bytearray()
    for top in range(0, len(rows), stride + 1):
        kind, row = rows[top], bytearray(rows[top + 1 : top + 1 + stride])
        for i in range(stride):
            a, c = (row[i - step], previous[i - step]) if i >= step else (0, 0)
            b = previous[i]
            nearest = min((a, b, c), key=lambda value: abs(a + b - c - value))
            row[i] = (row[i] + (0, a, b, (a + b) // 2, nearest)[kind]) & 255
        out += row
        previous = row
    samples = np.frombuffer(bytes(out), ">u2" if bits == 16 else np.uint8)
    shape = (height, width) if colour == 0 else (height, width, -1)
    return samples.reshape(shape).astype(np.uint16 if bits == 16 else np.uint8)


def by_opencv(content):
    array = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_UNCHANGED)
    return array if array.ndim == 2 else array[..., [2, 1, 0, 3][: array.shape[2]]]


@settings(max_examples=40, deadline=None)
@given(array=arrays)
def test_stream_is_what_the_specification_says(array):
    np.testing.assert_array_equal(by_hand(mk.encode(array, "png")), array)


@pytest.mark.parametrize("compression", ["fast", "small"])
def test_other_readers_give_the_same_samples(library, compression):
    @settings(max_examples=40, deadline=None)
    @given(array=arrays)
    def check(array):
        content = mk.encode(array, "png", compression=compression)
        np.testing.assert_array_equal(by_opencv(content), array)
        if array.dtype == np.uint8:
            np.testing.assert_array_equal(np.asarray(Image.open(io.BytesIO(content))), array)

    check()


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("channels", [1, 3, 4])
def test_many_bands_are_one_stream(library, dtype, channels):
    ramp = np.arange(1700 * 403 * channels) // 7 % 257
    array = ramp.astype(dtype).reshape(1700, 403, channels)
    array = array[..., 0] if channels == 1 else array
    content = mk.encode(array, "png")
    assert sum(kind == b"IDAT" for kind, _ in chunks(content)) > 2
    np.testing.assert_array_equal(by_opencv(content), array)


def test_bytes_do_not_depend_on_the_threads():
    array = np.random.default_rng(0).integers(0, 40, (900, 700, 4), np.uint8)
    before = threads()
    try:
        contents = set()
        for count in (1, 2, 5):
            set_threads(count)
            contents.add(mk.encode(array, "png"))
    finally:
        set_threads(before)
    assert len(contents) == 1


@pytest.mark.parametrize("kind", FILTERS)
@given(
    array=hnp.arrays(np.uint8, st.tuples(st.integers(2, 6), st.integers(6, 20))),
    step=st.sampled_from([1, 2, 3, 6]),
)
@settings(max_examples=25, deadline=None)
def test_filters_are_the_formulas_of_the_specification(kind, array, step):
    got = filtered(kind, array[1:], array[:-1], step)
    assert (got[:, 0] == kind).all()
    for y, x in np.ndindex(array.shape[0] - 1, array.shape[1]):
        a, c = (int(array[y + 1, x - step]), int(array[y, x - step])) if x >= step else (0, 0)
        b, value = int(array[y, x]), int(array[y + 1, x])
        paeth = min((a, b, c), key=lambda near: abs(a + b - c - near))
        predicted = (0, a, b, int(Fraction(a + b, 2)), paeth)[kind]
        assert got[y, 1 + x] == (value - predicted) % 256


def test_views_and_read_only_arrays_are_written_as_they_look():
    array = np.random.default_rng(1).integers(0, 65536, (40, 30, 4)).astype(np.uint16)
    for view in (array[::-1, ::2], array[..., 2::-1], array.transpose(1, 0, 2), array[3:, 5:, :3]):
        view.flags.writeable = False
        np.testing.assert_array_equal(by_opencv(mk.encode(view, "png")), view)


def test_what_the_picture_knows_stands_in_its_chunks():
    icc = b"\0" * 16 + b"RGB " + b"\0" * 16 + b"acsp" + b"\0" * 100
    pixels = np.zeros((2, 2, 3), np.uint8)
    content = mk.encode(
        mk.Picture(pixels, icc, b"Exif\0\0MM\0*\0\0\0\x08\0\0\0\0\0\0", (300.0, 150.0)), "png"
    )
    found = dict(chunks(content))
    assert zlib.decompress(found[b"iCCP"].partition(b"\0\0")[2]) == icc
    assert struct.unpack(">IIB", found[b"pHYs"]) == (11811, 5906, 1)
    assert found[b"eXIf"].startswith(b"MM\0*")
    assert b"sRGB" not in found
    assert dict(chunks(mk.encode(pixels, "png")))[b"sRGB"] == b"\0"
    assert b"sRGB" not in dict(chunks(mk.encode(pixels[..., 0], "png")))


def test_size_stays_near_pillow_s_default(library):
    data = pytest.importorskip("skimage.data")
    photo = data.astronaut()
    file = io.BytesIO()
    Image.fromarray(photo).save(file, "PNG")
    assert len(mk.encode(photo, "png")) < 1.2 * len(file.getvalue())
    assert len(mk.encode(photo, "png", compression="small")) <= len(mk.encode(photo, "png"))


def test_checksums_of_pieces_combine():
    rng = np.random.default_rng(2)
    for first, second in ((0, 5), (1, 0), (70000, 65521), (3, 200_000)):
        a, b = rng.bytes(first), rng.bytes(second)
        joined = deflate.adler32_combine(zlib.adler32(a), zlib.adler32(b), len(b))
        assert joined == zlib.adler32(a + b)
