"""Bad files: one CodecError with one clear line, never another error, never a warning, nothing decoded."""

import io
import os
import struct
import warnings
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oracle import files
from PIL import Image

import maskkit as mk

rng = np.random.default_rng(5)
PHOTO = rng.integers(0, 256, (24, 31, 3), np.uint8)
KINDS = {
    kind: files.saved(PHOTO, kind, exif=files.exif(6)) for kind in ("JPEG", "PNG", "WEBP", "TIFF", "AVIF")
}
KINDS["TIFF deflate"] = files.saved(PHOTO, "TIFF", compression="tiff_deflate")
KINDS["PNG 16"] = files.png(rng.integers(0, 65536, (24, 31, 3)), files.RGB, 16)
KINDS["PNG palette"] = files.saved(Image.fromarray(PHOTO).quantize(16), "PNG")
KINDS["GIF"] = files.saved(Image.fromarray(PHOTO).quantize(16), "GIF")
KINDS["BMP"] = files.saved(PHOTO, "BMP")


def refused(source, match, **options):
    for verb in (mk.read, mk.read_mask):
        with pytest.raises(mk.CodecError, match=match) as caught:
            verb(source, **options)
        assert "\n" not in str(caught.value)
        assert "BytesIO" not in str(caught.value)


def test_paths_that_are_no_file(tmp_path):
    refused(tmp_path / "missing.png", r"missing\.png: cannot be read: No such file")
    refused(tmp_path, "cannot be read: Is a directory")
    refused("with\0nul.png", "not a valid path")
    (tmp_path / "empty.png").touch()
    refused(tmp_path / "empty.png", r"empty\.png: is empty")
    (tmp_path / "text.png").write_text("this is no picture\n")
    refused(tmp_path / "text.png", r"text\.png: is not an image")
    refused(b"", "the bytes given: is empty")
    refused(io.StringIO("text"), "text mode")
    refused(42, "need a path, bytes or a binary file object, got int")


def test_a_file_without_permission(tmp_path):
    path = tmp_path / "locked.png"
    path.write_bytes(KINDS["PNG"])
    path.chmod(0)
    if os.access(path, os.R_OK):
        pytest.skip("this user reads everything")
    refused(path, "Permission denied")


@pytest.mark.parametrize("kind", KINDS)
def test_cut_short(kind):
    content = KINDS[kind]
    for length in (9, 12, 30, len(content) // 4, len(content) // 2, len(content) * 3 // 4):
        refused(content[:length], "the bytes given")


@pytest.mark.parametrize("kind", KINDS)
def test_any_damage_gives_pixels_or_one_error(kind):
    """Random bytes overwritten: whatever comes back is a picture, whatever is raised is ours."""
    content = KINDS[kind]

    @settings(max_examples=80, deadline=None)
    @given(
        st.lists(st.tuples(st.integers(0, len(content) - 1), st.integers(0, 255)), min_size=1, max_size=12)
    )
    def check(changes):
        damaged = bytearray(content)
        for at, value in changes:
            damaged[at] = value
        for to_srgb in (False, True):
            try:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore", mk.MaskkitWarning)
                    picture = mk.read(bytes(damaged), to_srgb=to_srgb, max_pixels=1_000_000)
            except mk.CodecError as error:
                assert "\n" not in str(error)  # noqa: PT017 - there may be no error
            else:
                assert picture.pixels.shape[2] in (3, 4)

    check()


def test_the_size_is_judged_before_anything_is_decoded():
    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 6, 0, 0, 0)
    lying = b"\x89PNG\r\n\x1a\n" + files.chunk(b"IHDR", header) + files.chunk(b"IDAT", zlib.compress(b""))
    refused(lying, r"60000x60000 is 3600000000 pixels, max_pixels is 256000000")
    for kind, content in KINDS.items():
        size = "24x31" if kind == "TIFF" else "31x24"  # a TIFF's header is turned as it is opened
        refused(content, f"{size} is 744 pixels, max_pixels is 743", max_pixels=743)
        assert mk.read(content, max_pixels=744).pixels.size
    webp = bytearray(files.saved(PHOTO, "WEBP", lossless=True, exif=b""))
    webp[21:25] = (16383 | 16383 << 14).to_bytes(4, "little")
    refused(bytes(webp), "16384x16384 is 268435456 pixels")


def test_no_pixels():
    for size in ((0, 5), (5, 0), (0, 0)):
        header = struct.pack(">IIBBBBB", *size, 8, 2, 0, 0, 0)
        end = files.chunk(b"IDAT", zlib.compress(b"\0")) + files.chunk(b"IEND", b"")
        refused(b"\x89PNG\r\n\x1a\n" + files.chunk(b"IHDR", header) + end, "no pixels|damaged")


def test_one_pixel_and_a_very_wide_strip():
    assert mk.read(files.saved(PHOTO[:1, :1], "PNG")).size == (1, 1)
    strip = rng.integers(0, 256, (2, 50_000, 3), np.uint8)
    for kind in ("png", "tiff", "jpeg"):
        picture = mk.read(mk.encode(strip, kind))
        assert picture.size == (50_000, 2)
    np.testing.assert_array_equal(mk.read(mk.encode(strip, "png")).pixels, strip)
    with pytest.raises(mk.CodecError, match="50000x2 cannot be written as webp"):
        mk.encode(strip, "webp")


@pytest.mark.parametrize("kind", [b"zTXt", b"iCCP", b"iTXt"])
def test_a_chunk_that_unpacks_to_much_more(kind):
    bomb = zlib.compress(b"\0" * 50_000_000, 9)
    lead = {b"zTXt": b"Comment\0\0", b"iCCP": b"ICC\0\0", b"iTXt": b"Comment\0\1\0\0\0"}[kind]
    content = KINDS["PNG"][:33] + files.chunk(kind, lead + bomb) + KINDS["PNG"][33:]
    refused(content, "the bytes given")


@pytest.mark.parametrize("length", [0x7FFFFFFF, 0xFFFFFFFF, 1_000_000])
def test_a_chunk_that_claims_more_than_there_is(length):
    start = KINDS["PNG"][:33]
    refused(start + struct.pack(">I", length) + b"IDAT" + b"\0" * 100, "the bytes given")
    refused(start + struct.pack(">I", length) + b"tEXt" + b"\0" * 100, "the bytes given")


@pytest.mark.parametrize("interlaced", [False, True])
@pytest.mark.parametrize("missing", [1, 7, 300])
@pytest.mark.parametrize(
    ("kind", "bits"), [(files.GREY, 1), (files.GREY, 8), (files.GREY, 16), (files.RGB, 8), (files.RGBA, 16)]
)
def test_pixels_that_end_early_in_a_sound_stream(kind, bits, missing, interlaced):
    """Every checksum is right and the stream says that it has ended; rows are missing all the same."""
    whole = files.png(
        rng.integers(0, 2**bits, (25, 31, files.CHANNELS[kind])), kind, bits, interlaced=interlaced
    )
    assert mk.read(whole).size == (31, 25)
    length = int.from_bytes(whole[33:37], "big")
    rows = zlib.decompress(whole[41 : 41 + length])[:-missing]
    end = files.chunk(b"IDAT", zlib.compress(rows)) + files.chunk(b"IEND", b"")
    refused(whole[:33] + end, "the pixels end before the last row|damaged")


@pytest.mark.parametrize("size", [(1, 1), (1, 2), (2, 1), (3, 5), (9, 8), (8, 9)])
@pytest.mark.parametrize("interlaced", [False, True])
def test_whole_pixels_are_whole_whatever_the_last_one_is(size, interlaced):
    for value in (0, 173, 255):
        samples = np.full((*size, 1), value)
        content = files.png(samples, files.GREY, 8, interlaced=interlaced)
        np.testing.assert_array_equal(mk.read_mask(content), samples[..., 0])
    ink = np.broadcast_to((173, 91, 38, 6), (*size, 4))
    content = files.png(ink, files.RGBA, 8, interlaced=interlaced)
    np.testing.assert_array_equal(mk.read(content).pixels, ink)


def test_pixels_that_unpack_to_more_than_the_header_says():
    """The surplus is never unpacked: a decoder stops at the last row."""
    header = struct.pack(">IIBBBBB", 4, 4, 8, 0, 0, 0, 0)
    rows = zlib.compress(b"\0" * 20 + b"\0" * 20_000_000, 1)
    content = b"\x89PNG\r\n\x1a\n" + files.chunk(b"IHDR", header) + files.chunk(b"IDAT", rows)
    assert mk.read(content + files.chunk(b"IEND", b"")).size == (4, 4)


def test_16_bit_palette_is_no_png():
    content = files.png(np.zeros((4, 4, 1), int), files.PALETTE, 16, before=files.chunk(b"PLTE", b"\0" * 6))
    refused(content, "the bytes given")


def test_a_palette_index_out_of_range_is_not_a_crash():
    index = np.full((4, 4, 1), 200)
    content = files.png(index, files.PALETTE, 8, before=files.chunk(b"PLTE", bytes(range(6))))
    assert mk.read(content).size == (4, 4)


def test_32_bit_and_float_samples_declare_no_range():
    refused(files.saved(Image.new("I", (4, 4)), "TIFF"), "32-bit samples")
    refused(files.saved(Image.new("F", (4, 4), 2.5), "TIFF"), "float samples from 2.5 to 2.5")
    for mode in ("I", "F"):
        with pytest.raises(mk.CodecError, match="32-bit samples"):
            mk.codec.to_picture(Image.new(mode, (4, 4)))
