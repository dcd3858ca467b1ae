"""PNG read past Pillow: the same samples from every layout and filter, Pillow's word on what is not plain."""

import io
import struct
import tracemalloc
import zlib
from itertools import pairwise

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

import maskkit as mk
from maskkit.codec import png_layout, png_rows
from maskkit.codec.png_filters import FILTERS, filtered
from maskkit.codec.png_pieces import BrokenStreamError, in_turn, inflated_apart, pieces_apart
from maskkit.kernels import native, set_native, set_threads, threads

pytestmark = pytest.mark.skipif(native._active is None, reason="the compiled core is off")

COLOUR_TYPE = {1: 0, 2: 4, 3: 2, 4: 6}
LAYOUTS = [(channels, dtype) for channels in COLOUR_TYPE for dtype in (np.uint8, np.uint16)]


def chunk(kind, data=b""):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def rows_of(samples, kinds):
    """The bytes of every row after its filter, of which NumPy's are used in turn."""
    height, _, channels = samples.shape
    lines = np.ascontiguousarray(samples.astype(samples.dtype.newbyteorder(">"))).view(np.uint8)
    lines = np.concatenate([np.zeros((1, lines[0].size), np.uint8), lines.reshape(height, -1)])
    before = set_native(False)
    try:
        parts = [
            filtered(kinds[y % len(kinds)], lines[y + 1 :][:1], lines[y:][:1], channels * samples.itemsize)
            for y in range(height)
        ]
    finally:
        set_native(True)
    assert not before
    return b"".join(part.tobytes() for part in parts)


def png(samples, kinds=FILTERS, *, rows=None, interlaced=0, before=b"", after=b"", pieces=1, end=None):
    height, width, channels = samples.shape
    head = struct.pack(
        ">IIBBBBB", width, height, 8 * samples.itemsize, COLOUR_TYPE[channels], 0, 0, interlaced
    )
    data = zlib.compress(rows_of(samples, kinds) if rows is None else rows)
    step = -(-len(data) // pieces)
    parts = b"".join(chunk(b"IDAT", data[at : at + step]) for at in range(0, len(data), step))
    end = chunk(b"IEND") if end is None else end
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + before + parts + after + end


def picture(channels=3, dtype=np.uint8, height=9, width=7, seed=1):
    top = np.iinfo(dtype).max
    return np.random.default_rng(seed).integers(0, top, (height, width, channels), dtype, endpoint=True)


def by_pillow(read, content):
    """What ``read`` gives with the compiled core off."""
    set_native(False)
    try:
        return read(content)
    finally:
        set_native(True)


def told(content):
    """The pixels, or the error's line."""
    try:
        return mk.read(content).pixels.tolist()
    except mk.CodecError as error:
        return str(error)


def expected(samples):
    """As `mk.read` gives them: RGB or RGBA."""
    if samples.shape[2] > 2:
        return samples
    return np.concatenate([np.repeat(samples[..., :1], 3, axis=2), samples[..., 1:]], axis=2)


@pytest.mark.parametrize(("channels", "dtype"), LAYOUTS)
@settings(max_examples=25, deadline=None)
@given(st.tuples(st.integers(1, 40), st.integers(1, 40)), st.permutations(FILTERS), st.integers(1, 4))
def test_every_layout_filter_and_size(channels, dtype, size, kinds, pieces):
    samples = picture(channels, dtype, *size)
    content = png(samples, kinds, pieces=pieces)
    rows = png_rows.inflated(content)
    want = samples.squeeze(2) if channels == 1 else samples
    np.testing.assert_array_equal(png_rows.unfiltered(rows), want)
    np.testing.assert_array_equal(png_rows.decoded(content), want)
    np.testing.assert_array_equal(mk.read(content).pixels, expected(samples))


LENGTHS = st.sampled_from([8, 16, 24]) | st.integers(1, 40)  # the core looks at eight bytes at once
RUNS = st.lists(st.tuples(st.sampled_from([0, 1, 128, 255]), LENGTHS), min_size=1, max_size=6)


@settings(max_examples=200, deadline=None)
@given(st.lists(RUNS, min_size=1, max_size=6), st.permutations(FILTERS))
def test_masks_of_runs_that_begin_and_end_anywhere(lines, kinds):
    width = max(sum(length for _, length in runs) for runs in lines)
    rows = [np.repeat(*zip(*runs, strict=True)).astype(np.uint8) for runs in lines]
    samples = np.stack([np.resize(row, width) for row in rows for _ in range(3)])
    content = png(samples[..., None], kinds)
    np.testing.assert_array_equal(png_rows.unfiltered(png_rows.inflated(content)), samples)
    np.testing.assert_array_equal(png_rows.decoded(content), samples)


@pytest.mark.parametrize(("channels", "dtype"), LAYOUTS)
@pytest.mark.parametrize("kind", FILTERS)
def test_each_filter_at_long_rows_as_opencv_reads_it(channels, dtype, kind):
    samples = picture(channels, dtype, 5, 1000)
    content = png(samples, (kind,))
    theirs = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_UNCHANGED)
    if channels != 2:  # of grey with alpha OpenCV makes four channels
        ours = mk.read(content).pixels
        order = {1: [0, 0, 0], 3: [2, 1, 0], 4: [2, 1, 0, 3]}[channels]
        np.testing.assert_array_equal(ours, np.atleast_3d(theirs)[..., order])
    np.testing.assert_array_equal(mk.read(content).pixels, by_pillow(mk.read, content).pixels)


@pytest.mark.parametrize("height", [1, 3])
def test_a_row_of_many_pieces(height):
    samples = picture(height=height, width=500_000)
    content = png(samples, pieces=3)
    assert len(content) > height * 10 * (1 << 17)
    np.testing.assert_array_equal(mk.read(content).pixels, samples)


def test_metadata_is_kept():
    exif = Image.Exif()
    exif[0x0112] = 6
    info = PngImagePlugin.PngInfo()
    info.add_text("Title", "mask")
    file = io.BytesIO()
    Image.fromarray(picture(height=4, width=6)).save(file, "PNG", exif=exif, dpi=(300, 150), pnginfo=info)
    assert png_rows.inflated(file.getvalue())
    found = mk.read(file.getvalue())
    assert found.pixels.shape == (6, 4, 3)
    assert found.dpi == pytest.approx((150, 300), abs=0.1)
    assert found.exif is not None


LATE_EXIF = b"MM\x00*\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00\x03\x00\x00\x00\x00\x00\x00"


def test_what_stands_after_the_pixels_is_read_too():
    samples = picture()
    content = png(samples, after=chunk(b"eXIf", LATE_EXIF))
    assert png_rows.inflated(content) is None
    np.testing.assert_array_equal(mk.read(content).pixels, samples[::-1, ::-1])  # orientation 3


PALE = {
    "a transparent colour": {"before": chunk(b"tRNS", bytes(6))},
    "an animation": {"before": chunk(b"acTL", struct.pack(">II", 1, 0))},
    "a chunk of a kind that must be known": {"before": chunk(b"CgBI", bytes(4))},
    "pixels in two places": {"after": chunk(b"tEXt", b"a\0b") + chunk(b"IDAT", b"")},
    "no end": {"end": b""},
    "a cut end": {"end": chunk(b"IEND")[:-2]},
    "a wrong checksum": {"end": chunk(b"IEND")[:-1] + b"\0"},
    "rows that end early": {"rows": rows_of(picture(), (0,))[:-1]},
    "more than its rows": {"rows": rows_of(picture(), (0,)) + b"\0"},
}


@pytest.mark.parametrize("what", PALE)
def test_what_is_not_plain_is_left_to_pillow(what):
    assert png_rows.inflated(png(picture())) is not None
    content = png(picture(), **PALE[what])
    assert png_rows.inflated(content) is None
    assert png_rows.decoded(content) is None
    assert told(content) == by_pillow(told, content)


def test_interlaced_and_palette_files_are_left_to_pillow():
    file = io.BytesIO()
    Image.fromarray(picture(1)[..., 0]).convert("P").save(file, "PNG")
    assert png_rows.inflated(file.getvalue()) is None
    assert png_rows.inflated(png(picture(), interlaced=1)) is None


def test_unknown_filters_get_pillows_error():
    samples = picture()
    rows = bytearray(rows_of(samples, (0,)))
    rows[0] = 9
    with pytest.raises(mk.CodecError, match="damaged"):
        mk.read(png(samples, rows=bytes(rows)))


def test_damage_anywhere_gives_the_same_answer_as_pillow():
    content = png(picture(4, height=20, width=20))
    for at in range(8, len(content), 7):
        broken = bytearray(content)
        broken[at] ^= 0x55
        assert told(bytes(broken)) == by_pillow(told, bytes(broken)), at


LARGE = np.random.default_rng(5).integers(0, 4, (400, 900, 3), np.uint8) + 100
ROWS = 400 * (1 + 3 * 900)


def parts_of(content):
    return [data for kind, data, _ in png_layout.chunks(content) if kind == b"IDAT"]


@pytest.fixture
def two_threads():
    before = threads()
    set_threads(2)
    yield
    set_threads(before)


def test_pieces_are_inflated_apart_to_what_the_stream_holds(two_threads):
    for dtype in (np.uint8, np.uint16):
        content = mk.encode(LARGE.astype(dtype), "png")
        needed = png_layout.filtered_bytes(content)
        want = zlib.decompress(b"".join(parts_of(content)))
        assert inflated_apart(parts_of(content), needed) == want
        assert b"".join(pieces_apart(parts_of(content), needed)) == want
        np.testing.assert_array_equal(mk.read(content).pixels, LARGE)


WHOLE = np.random.default_rng(6).integers(0, 9, (600, 700, 3), np.uint8)  # rows of more than a megabyte
STREAM = zlib.compress(rows_of(WHOLE, FILTERS), 1)


@pytest.mark.parametrize("count", [1, 2])
def test_one_stream_comes_piece_by_piece_however_its_parts_are_cut(count):
    before = threads()
    set_threads(count)
    try:
        needed = 600 * (1 + 3 * 700)
        for step in (1 << 30, 100_000, 8192, 33):
            parts = [memoryview(STREAM)[at : at + step] for at in range(0, len(STREAM), step)]
            pieces = list(in_turn(parts, needed))
            assert b"".join(pieces) == rows_of(WHOLE, FILTERS)
            assert step == 33 or len(pieces) > 2
            assert [len(one) > 0 for one in pieces] == [True] * len(pieces)
        for pieces in (1, 40, 700):
            got = png_rows.decoded(png(WHOLE, pieces=pieces))
            np.testing.assert_array_equal(got, WHOLE)
    finally:
        set_threads(before)


@pytest.mark.parametrize("count", [1, 2])
@pytest.mark.parametrize("step", [1 << 30, 8192])
def test_a_stream_that_is_wrong_anywhere_is_told_before_its_end(count, step):
    before = threads()
    set_threads(count)
    needed = 600 * (1 + 3 * 700)
    flipped = STREAM[:-1] + bytes([STREAM[-1] ^ 1])
    middle = bytearray(STREAM)
    middle[len(STREAM) // 2] ^= 0x10
    try:
        for stream, length in (
            (flipped, needed),  # the checksum
            (bytes(middle), needed),
            (STREAM[:-1], needed),
            (STREAM[:-4], needed),
            (STREAM[: len(STREAM) // 2], needed),
            (STREAM + b"\0", needed),
            (STREAM, needed - 1),
            (STREAM, needed + 1),
            (b"no zlib", needed),
        ):
            parts = [memoryview(stream)[at : at + step] for at in range(0, len(stream), step)]
            with pytest.raises(BrokenStreamError):
                list(in_turn(parts, length))
    finally:
        set_threads(before)


def test_an_unknown_filter_far_down_is_left_to_pillow():
    rows = bytearray(rows_of(WHOLE, FILTERS))
    rows[500 * (1 + 3 * 700)] = 5
    assert png_rows.decoded(png(WHOLE, rows=bytes(rows))) is None


def in_parts(stream, *ends):
    """A PNG of the stream with an IDAT up to each of the places."""
    view, at = memoryview(stream), [0, *ends, len(stream)]
    return [view[start:end] for start, end in pairwise(at)]


def flushed(content, pieces, *, apart):
    """A stream of pieces that end with a sync flush; each looks back into the ones before, or does not."""
    packer = zlib.compressobj(6)
    how = zlib.Z_FULL_FLUSH if apart else zlib.Z_SYNC_FLUSH
    step = -(-len(content) // pieces)
    made = [
        packer.compress(content[at : at + step]) + packer.flush(how) for at in range(0, len(content), step)
    ]
    return [memoryview(one) for one in [*made, packer.flush()]]


def test_what_does_not_stand_alone_is_left_to_one_thread(two_threads):
    content = np.random.default_rng(1).integers(0, 256, 30_000, np.uint8).tobytes() * 40
    assert inflated_apart(flushed(content, 50, apart=True), len(content)) == content
    assert inflated_apart(flushed(content, 50, apart=False), len(content)) is None
    apart = flushed(content, 50, apart=True)
    for wrong in (
        [*apart[:-1], memoryview(bytes(apart[-1])[:-1] + b"\0")],  # the checksum
        [*apart[:7], *apart[8:]],
        [apart[1], apart[0], *apart[2:]],
        [*apart[:-1], memoryview(bytes(apart[-1]) + b"\0")],
        apart[:-1],
        in_parts(b"".join(apart), 999, 5000),  # not where the flushes are
    ):
        assert inflated_apart(wrong, len(content)) is None
    for needed in (len(content) - 1, len(content) + 1):
        assert inflated_apart(apart, needed) is None


def test_pieces_that_unpack_to_much_more_are_left(two_threads):
    bomb = flushed(bytes(300_000_000), 3, apart=True)
    tracemalloc.start()
    assert inflated_apart(bomb, 2_000_000) is None
    assert tracemalloc.get_traced_memory()[1] < 12_000_000
    tracemalloc.stop()


def test_wrong_arguments_are_refused_in_c():
    rows, out = np.zeros((3, 13), np.uint8), np.zeros((3, 12), np.uint8)
    assert native._built.png_unfilter(rows, out, 4, 0) is True
    for args, message in [
        ((rows, out[:2], 4, 0), "narrower"),
        ((rows, rows.copy(), 4, 0), "narrower"),
        ((rows, out, 5, 0), "whole pixels"),
        ((rows, out, 8, 0), "whole pixels"),
        ((rows, out, 0, 0), "whole pixels"),
        ((rows, out, 9, 0), "need 0 to 8"),
        ((rows.astype(np.uint16), out, 4, 0), "uint8"),
        ((rows, rows[:, 1:], 4, 0), "shares"),
        ((rows, out, 3, 1), "two bytes"),
        ((rows, out, 4, 2), "need 0 to 1"),
    ]:
        with pytest.raises(ValueError, match=message):
            native._built.png_unfilter(*args)
    rows[1, 0] = 5
    assert native._built.png_unfilter(rows, out, 4, 0) is False


def test_the_row_above_may_come_with_those_that_are_made():
    rows, out = np.ones((2, 5), np.uint8), np.zeros((3, 4), np.uint8)
    rows[:, 0], out[0] = 2, 7  # the filter Up
    assert native._built.png_unfilter(rows, out, 4, 0) is True
    assert out.tolist() == [[7] * 4, [8] * 4, [9] * 4]
    with pytest.raises(ValueError, match="narrower"):
        native._built.png_unfilter(rows, np.zeros((4, 4), np.uint8), 4, 0)


def test_bytes_change_places_in_all_rows_but_the_last():
    rows, out = np.tile(np.uint8([2, 1, 3, 0, 0]), (3, 1)), np.zeros((4, 4), np.uint8)  # the filter Up
    out[0] = 5, 6, 7, 8
    assert native._built.png_unfilter(rows, out, 4, 1) is True
    assert out.tolist() == [[6, 5, 8, 7], [9, 6, 8, 7], [12, 7, 8, 7], [8, 15, 7, 8]]
