"""Files that Pillow reads wrong or not at all: TIFF of planes and floats, deep AVIF and HEIC, BMP, GIF."""

import contextlib
import io
import struct

import numpy as np
import pytest
from handed import bmp_masks
from oracle import files, heif_parts
from PIL import Image

import maskkit as mk

imagecodecs, tifffile = (pytest.importorskip(name) for name in ("imagecodecs", "tifffile"))
rng = np.random.default_rng(21)
EIGHT = rng.integers(0, 256, (20, 30, 4), np.uint8)
DEEP = rng.integers(0, 65536, (20, 30, 4)).astype(np.uint16)
FLOAT = rng.random((20, 30, 4)).astype(np.float32)
FLOAT[0, :2] = [[0] * 4, [1] * 4]


@pytest.fixture(autouse=True)
def packs(monkeypatch):
    """Samples of other bits are written by an imagecodecs too that only reads them: rows to whole bytes."""

    def packints_encode(data, bits, axis=-1):
        rows = data.reshape(-1, int(np.prod(data.shape[axis:])))
        spread = (rows[..., None] >> np.arange(bits - 1, -1, -1, dtype=rows.dtype)) & 1
        return np.packbits(spread.reshape(len(rows), -1).astype(np.uint8), axis=-1).tobytes()

    try:
        imagecodecs.packints_encode(np.zeros(8, np.uint8), 2)
    except NotImplementedError:
        monkeypatch.setattr(imagecodecs, "packints_encode", packints_encode)


def tiff(array, **options):
    file = io.BytesIO()
    options = {
        "photometric": "rgb" if array.shape[2] > 2 else "minisblack",
        "planarconfig": "contig",
    } | options
    if options["planarconfig"] == "separate":
        array = np.moveaxis(array, 2, 0)
    array = array[..., 0] if options["planarconfig"] == "contig" and array.shape[2] == 1 else array
    if array.ndim == 2:
        options.pop("planarconfig")
    tifffile.imwrite(file, np.ascontiguousarray(array), **options)
    return file.getvalue()


def straight(pre):
    """Of associated alpha: ``min(max, round(c max / a))``, and 0 under alpha 0."""
    if pre.dtype.kind == "f":
        alpha = pre[..., 3:]
        colour = np.divide(pre[..., :3], alpha, out=np.zeros_like(pre[..., :3]), where=alpha > 0).clip(0, 1)
        return np.concatenate([colour, alpha], axis=2)
    top = np.iinfo(pre.dtype).max
    colour, alpha = pre[..., :3].astype(np.int64), pre[..., 3:].astype(np.int64)
    colour = np.where(alpha, np.minimum((2 * colour * top + alpha) // np.maximum(2 * alpha, 1), top), 0)
    return np.concatenate([colour, alpha], axis=2)


@pytest.mark.parametrize("planes", ["contig", "separate"])
@pytest.mark.parametrize("pixels", [EIGHT, DEEP, FLOAT], ids=["8", "16", "float"])
def test_tiffs_of_four_samples(pixels, planes):
    same = {"planarconfig": planes}
    got = mk.read(tiff(pixels, extrasamples=["unassalpha"], **same)).pixels
    assert got.dtype == pixels.dtype
    np.testing.assert_array_equal(got, pixels)
    np.testing.assert_array_equal(mk.read(tiff(pixels[..., :3], **same)).pixels, pixels[..., :3])
    got = mk.read(tiff(pixels, extrasamples=["assocalpha"], **same)).pixels
    np.testing.assert_allclose(got, straight(pixels), atol=1e-6)
    with pytest.warns(mk.MaskkitWarning, match="does not call it alpha, so it is left out"):
        got = mk.read(tiff(pixels, extrasamples=["unspecified"], **same)).pixels
    np.testing.assert_array_equal(got, pixels[..., :3])
    content = tiff(pixels, extrasamples=["unspecified"], **same)
    np.testing.assert_array_equal(mk.read(content, unnamed_alpha=True).pixels, pixels)


@pytest.mark.parametrize("pixels", [EIGHT, DEEP, FLOAT], ids=["8", "16", "float"])
def test_tiffs_of_grey_with_alpha(pixels):
    content = tiff(pixels[..., 2:], extrasamples=["unassalpha"])
    got = mk.read(content).pixels
    np.testing.assert_array_equal(got[..., 0], pixels[..., 2])
    np.testing.assert_array_equal(got[..., 3], pixels[..., 3])
    np.testing.assert_array_equal(mk.read_mask(content, channel="alpha"), pixels[..., 3])
    with pytest.warns(mk.MaskkitWarning, match="left out"):
        mk.read(tiff(pixels[..., 2:]))
    got = mk.read(tiff(pixels[..., 2:]), unnamed_alpha=True).pixels
    np.testing.assert_array_equal(got[..., 2:], pixels[..., 2:])
    np.testing.assert_array_equal(mk.read_mask(tiff(pixels[..., :1])), pixels[..., 0])


def test_floats_without_a_range_and_what_else_is_no_picture():
    for array, said in (
        (FLOAT * 3, "float samples from 0 to 3, which declare no range"),
        (-FLOAT, "from -1 to"),
    ):
        with pytest.raises(mk.CodecError, match=said):
            mk.read_mask(tiff(array[..., :1]))
    with pytest.raises(mk.CodecError, match=r"32-bit|uint32"):
        mk.read(tiff(DEEP[..., :1].astype(np.uint32)))


def test_what_a_tiff_knows_is_kept_on_the_other_way():
    profile = files.adobe_rgb_profile()
    content = tiff(
        DEEP, planarconfig="separate", extrasamples=["unassalpha"], iccprofile=profile,
        resolution=(240, 120), resolutionunit="inch", extratags=[(274, "H", 1, 6, True)],
    )  # fmt: skip
    picture = mk.read(content)
    np.testing.assert_array_equal(picture.pixels, np.rot90(DEEP, -1))
    assert picture.icc == profile
    assert picture.dpi == (120, 240)
    with pytest.raises(mk.CodecError, match="max_pixels is 599"):
        mk.read(content, max_pixels=599)
    want = files.adobe_rgb_to_srgb(np.rot90(DEEP, -1)[..., :3] / 65535) * 65535
    np.testing.assert_allclose(mk.read(content, to_srgb=True).pixels[..., :3], want, atol=128)


@pytest.mark.parametrize("bits", [2, 4, 6, 10, 12, 14])
@pytest.mark.parametrize("channels", [1, 3])
def test_tiffs_of_other_bits_fill_the_range(bits, channels):
    top = 2**bits - 1
    samples = rng.integers(0, top, (20, 30, channels), endpoint=True).astype(
        np.uint8 if bits < 9 else np.uint16
    )
    samples[0, :2] = [[0] * channels, [top] * channels]
    white = np.iinfo(samples.dtype).max
    got = mk.read(tiff(samples, bitspersample=bits)).pixels
    want = np.floor(samples / top * white + 0.5).astype(samples.dtype)
    np.testing.assert_array_equal(got, np.broadcast_to(want, got.shape))


def test_tiffs_of_channels_of_different_bits_are_refused():
    content = tiff(EIGHT[..., :3], photometric="rgb").replace(
        struct.pack("<3H", 8, 8, 8), struct.pack("<3H", 5, 6, 5)
    )
    with pytest.raises(mk.CodecError, match=r"\[5, 6\] bits a sample; store grey or RGB"):
        mk.read(content)


STRAIGHT, ASSOCIATED = (
    {"planarconfig": "separate", "extrasamples": [f"{kind}alpha"]} for kind in ("unass", "assoc")
)
PAGES = {
    "grey": (EIGHT[..., 0], {"photometric": "minisblack"}),
    "16 bits in planes": (np.moveaxis(DEEP, 2, 0), STRAIGHT),
    "associated planes": (np.moveaxis(EIGHT, 2, 0), ASSOCIATED),
    "floats": (FLOAT[..., :3], {}),
    "10 bits": (DEEP[..., :3] >> 6, {"bitspersample": 10}),
    "grey with alpha": (
        DEEP[..., 2:],
        {"photometric": "minisblack", "planarconfig": "contig", "extrasamples": ["unassalpha"]},
    ),
    "16 bits": (DEEP, {"extrasamples": ["unassalpha"]}),
}  # fmt: skip


def pages(*names, bigtiff=False):
    file = io.BytesIO()
    with tifffile.TiffWriter(file, bigtiff=bigtiff) as written:
        for name in names:
            array, how = PAGES[name]
            written.write(np.ascontiguousarray(array), metadata=None, **({"photometric": "rgb"} | how))
    return file.getvalue()


@pytest.mark.parametrize("first", ["grey", "16 bits in planes"])
@pytest.mark.parametrize("second", PAGES)
def test_a_page_is_read_by_its_own_kind(first, second):
    alone = mk.read(pages(second)).pixels
    for big in (False, True):
        content = pages(first, second, "grey", bigtiff=big)
        for frame, want in (
            (0, mk.read(pages(first)).pixels),
            (1, alone),
            (2, mk.read(pages("grey")).pixels),
        ):
            got = mk.read(content, frame=frame).pixels
            assert got.dtype == want.dtype
            np.testing.assert_array_equal(got, want)
        with pytest.raises(mk.CodecError, match="frame 3 is asked for, it has 3"):
            mk.read(content, frame=3)


def test_pages_that_go_round_in_a_circle_are_counted_once():
    content = bytearray(pages("grey", "grey"))
    (first,) = struct.unpack_from("<I", content, 4)
    (count,) = struct.unpack_from("<H", content, first)
    (second,) = struct.unpack_from("<I", content, first + 2 + 12 * count)
    (count,) = struct.unpack_from("<H", content, second)
    struct.pack_into("<I", content, second + 2 + 12 * count, first)
    assert mk.read(bytes(content), frame=1).pixels.shape == (20, 30, 3)
    with pytest.raises(mk.CodecError, match="it has 2"):
        mk.read(bytes(content), frame=2)


def test_what_tifffile_reads_of_8_bits_is_brought_to_srgb_by_its_profile():
    profile = files.adobe_rgb_profile()
    want = mk.read(tiff(EIGHT, extrasamples=["unassalpha"], iccprofile=profile), to_srgb=True).pixels
    five = np.dstack([EIGHT, EIGHT[..., :1]])
    planar = {"planarconfig": "separate", "extrasamples": ["unassalpha", "unspecified"]}
    with pytest.warns(mk.MaskkitWarning, match="left out"):
        got = mk.read(tiff(five, **planar, iccprofile=profile), to_srgb=True).pixels
    np.testing.assert_array_equal(got, want)
    pre = tiff(EIGHT, extrasamples=["assocalpha"], iccprofile=profile)
    plain = tiff(straight(EIGHT).astype(np.uint8), extrasamples=["unassalpha"], iccprofile=profile)
    np.testing.assert_array_equal(mk.read(pre, to_srgb=True).pixels, mk.read(plain, to_srgb=True).pixels)


def test_pillows_images_of_associated_alpha_are_divided_to_the_nearest_level():
    image = Image.frombytes("RGBa", (30, 20), EIGHT.tobytes())
    got = mk.cutout(image, EIGHT[..., 0]).pixels[..., :3]
    np.testing.assert_array_equal(got, straight(EIGHT)[..., :3])


def test_pillows_image_of_a_file_stays_as_it_was():
    content = tiff(EIGHT, extrasamples=["assocalpha"])
    image = Image.open(io.BytesIO(content))
    mk.cutout(image, EIGHT[..., 0])
    np.testing.assert_array_equal(np.asarray(image), np.asarray(Image.open(io.BytesIO(content))))


@pytest.mark.parametrize("kind", ["webp", "jpegxl"])
def test_tiffs_of_new_compressions(kind):
    pytest.importorskip("imagecodecs")
    content = tiff(EIGHT[..., :3], compression=kind, compressionargs={"lossless": True, "level": 0}
                   if kind == "webp" else {"lossless": True})  # fmt: skip
    np.testing.assert_array_equal(mk.read(content).pixels, EIGHT[..., :3])


@pytest.mark.parametrize("cut", [1, 500])
def test_a_tiff_whose_tags_are_cut_off_is_refused(cut):
    content = _tags_last(EIGHT.tobytes(), files.adobe_rgb_profile())
    assert mk.read(content).icc == files.adobe_rgb_profile()
    with pytest.raises(mk.CodecError, match="cut short: some of its tags lie beyond its end"):
        mk.read(content[:-cut])


def _tags_last(pixels, profile):
    """A TIFF of 30x20 grey: the pixels, the directory, then the profile."""
    tags = [
        (256, 3, 1, 30), (257, 3, 1, 20), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 1), (273, 4, 1, 8),
        (277, 3, 1, 1), (278, 3, 1, 20), (279, 4, 1, 600),
    ]  # fmt: skip
    start = 8 + 600
    end = start + 2 + 12 * (len(tags) + 1) + 4
    tags.append((34675, 7, len(profile), end))
    body = b"".join(struct.pack("<HHII", *tag) for tag in tags)
    directory = struct.pack("<H", len(tags)) + body + b"\0" * 4
    return b"II*\0" + struct.pack("<I", start) + pixels[:600] + directory + profile


@pytest.mark.parametrize("bits", [10, 12])
def test_deep_avif_keeps_its_bits(bits):
    codecs = pytest.importorskip("imagecodecs")
    samples = rng.integers(0, 2**bits, (32, 40, 4)).astype(np.uint16)
    samples[0, 0] = 2**bits - 1
    for array in (samples, np.ascontiguousarray(samples[..., :3])):
        content = codecs.avif_encode(array, bitspersample=bits, level=100)
        got = mk.read(content).pixels
        want = np.rint(array.astype(np.float64) * 65535 / (2**bits - 1))
        assert got[0, 0].tolist() == [65535] * array.shape[2]
        np.testing.assert_array_equal(got, want)


def test_a_deep_avif_without_the_extra_says_so(monkeypatch):
    codecs = pytest.importorskip("imagecodecs")
    content = codecs.avif_encode(np.full((16, 16, 3), 1023, np.uint16), bitspersample=10, level=100)
    monkeypatch.setitem(__import__("sys").modules, "imagecodecs", None)
    with pytest.warns(
        mk.MaskkitWarning, match=r"AVIF of 10 bits is read with 8; pip install 'maskkit\[tiff\]'"
    ):
        assert mk.read(content).pixels.dtype == np.uint8


def test_an_avif_sequence_of_more_bits_is_read_with_8_and_says_so():
    codecs = pytest.importorskip("imagecodecs")
    frames = np.zeros((3, 32, 40, 3), np.uint16)
    frames[1:] = np.array([512, 1023])[:, None, None, None]
    content = codecs.avif_encode(frames, bitspersample=10, level=100)
    for frame, level in ((0, 0), (1, 128), (2, 255)):
        with pytest.warns(mk.MaskkitWarning, match="AVIF sequence of 10 bits is read with 8"):
            got = mk.read(content, frame=frame).pixels
        assert got.dtype == np.uint8
        assert abs(got[..., :3].astype(int) - level).max() <= 1


@pytest.mark.parametrize("bits", [8, 10])
def test_the_part_of_an_avif_that_is_to_be_shown(bits):
    codecs = pytest.importorskip("imagecodecs")
    samples = rng.integers(0, 2**bits, (40, 60, 3)).astype(np.uint8 if bits == 8 else np.uint16)
    whole = codecs.avif_encode(samples, bitspersample=bits, level=100)
    want = mk.read(whole).pixels[8:28, 10:40]
    content = heif_parts.shown_part(whole, 10, 8, 30, 20)
    np.testing.assert_array_equal(mk.read(content).pixels, want)
    np.testing.assert_array_equal(mk.read_mask(content, channel="red"), want[..., 0])
    for cut in range(40, 400, 7):
        with contextlib.suppress(mk.CodecError):
            mk.read(content[:cut])
    for left in (31, -1):
        with pytest.raises(mk.CodecError, match=r"a part of its 60x40 pixels that is not of whole ones"):
            mk.read(heif_parts.shown_part(whole, left, 8, 30, 20))


def test_a_jpeg_of_12_bits_is_told_from_a_damaged_one():
    codecs = pytest.importorskip("imagecodecs")
    content = codecs.jpeg8_encode(DEEP[..., :3] >> 4, bitspersample=12)
    with pytest.raises(
        mk.CodecError, match="is a JPEG of more than 8 bits a sample; store it as PNG or TIFF"
    ):
        mk.read(content)


def test_deep_heic_is_white_where_it_is_white():
    pillow_heif = pytest.importorskip("pillow_heif")
    for mode, shape in (("RGB;16", (32, 40, 3)), ("I;16", (32, 40))):
        samples = np.full(shape, 1023 << 6, np.uint16)
        samples[16:] = 512 << 6
        file = io.BytesIO()
        pillow_heif.from_bytes(mode=mode, size=(40, 32), data=samples.tobytes()).save(file, quality=-1)
        got = mk.read_mask(file.getvalue()) if len(shape) == 2 else mk.read(file.getvalue()).pixels
        assert got.dtype == np.uint16
        assert (got[4] == 65535).all()
        assert abs(got[28].astype(int) - round(512 * 65535 / 1023)).max() <= 65


def bmp(header, alpha_mask, pixels):
    """A BMP of 32 bits, BI_RGB, bottom row first, with a header of that many bytes."""
    height, width = pixels.shape[:2]
    body = np.ascontiguousarray(pixels[::-1, :, [2, 1, 0, 3]]).tobytes()
    dib = struct.pack("<IiiHHIIiiII", header, width, height, 1, 32, 0, len(body), 0, 0, 0, 0)
    dib += struct.pack("<IIII", 0xFF0000, 0xFF00, 0xFF, alpha_mask)
    dib = dib[:40].ljust(header, b"\0") if header == 40 else dib.ljust(header, b"\0")
    return b"BM" + struct.pack("<IHHI", 14 + len(dib) + len(body), 0, 0, 14 + len(dib)) + dib + body


@pytest.mark.parametrize("header", [108, 124])
def test_a_bmp_with_an_alpha_mask_has_alpha(header):
    np.testing.assert_array_equal(mk.read(bmp(header, 0xFF000000, EIGHT)).pixels, EIGHT)


def test_a_bmp_whose_fourth_byte_is_not_called_alpha_is_warned_of():
    for header, mask in ((40, 0), (108, 0)):
        with pytest.warns(mk.MaskkitWarning, match="left out"):
            got = mk.read(bmp(header, mask, EIGHT)).pixels
        np.testing.assert_array_equal(got, EIGHT[..., :3])
        np.testing.assert_array_equal(mk.read(bmp(header, mask, EIGHT), unnamed_alpha=True).pixels, EIGHT)
    one = np.full((1, 1, 4), 9, np.uint8)
    with pytest.warns(mk.MaskkitWarning, match="left out"):
        mk.read(bmp(40, 0, one))
    np.testing.assert_array_equal(mk.read(bmp(40, 0, one), unnamed_alpha=True).pixels, one)
    empty = EIGHT.copy()
    empty[..., 3] = 0
    np.testing.assert_array_equal(mk.read(bmp(40, 0, empty)).pixels, EIGHT[..., :3])


MASKS = {
    "565": (16, (0xF800, 0x7E0, 0x1F, 0)),
    "1555": (16, (0x7C00, 0x3E0, 0x1F, 0x8000)),
    "4444": (16, (0xF00, 0xF0, 0xF, 0xF000)),
    "2:10:10:10": (32, (0x3FF00000, 0xFFC00, 0x3FF, 0xC0000000)),
    "RGBA": (32, (0xFF, 0xFF00, 0xFF0000, 0xFF000000)),
}


@pytest.mark.parametrize("kind", MASKS)
def test_a_bmp_of_masks_has_the_nearest_levels(kind):
    bits, masks = MASKS[kind]
    words = rng.integers(0, 2**bits, (20, 31)).astype(np.uint32)
    words[0, :2] = 0, 2**bits - 1
    content = bmp_masks(bits, masks, words)
    used = [mask for mask in masks if mask]
    tops = [mask // (mask & -mask) for mask in used]
    dtype = np.uint16 if max(tops) > 255 else np.uint8
    white = np.iinfo(dtype).max
    planes = [
        np.floor((words & mask) // (mask & -mask) / top * white + 0.5)
        for mask, top in zip(used, tops, strict=True)
    ]
    got = mk.read(content).pixels
    assert got.dtype == dtype
    np.testing.assert_array_equal(got, np.dstack(planes))
    with pytest.raises(mk.CodecError, match="is cut short"):
        mk.read(content[:-1])


def test_a_bmp_of_masks_that_are_none():
    words = np.full((2, 2), 0x00FFFFFF, np.uint32)
    for masks in ((0xF0F, 0xF0, 0xF000, 0), (0xFF0000, 0, 0xFF, 0), (0xFFFFF000, 0xF00, 0xF, 0)):
        with pytest.raises(mk.CodecError, match="is a BMP of masks that are no channels"):
            mk.read(bmp_masks(32, masks, words))
    unnamed = bmp_masks(32, (0xFF0000, 0xFF00, 0xFF, 0), words | 9 << 24)
    with pytest.warns(mk.MaskkitWarning, match="left out"):
        assert mk.read(unnamed).pixels.shape == (2, 2, 3)
    assert mk.read(unnamed, unnamed_alpha=True).pixels[0, 0].tolist() == [255, 255, 255, 9]


def test_a_gif_is_clear_beside_a_smaller_first_frame():
    content = bytearray(files.saved(Image.new("P", (8, 6), 1), "GIF"))
    content[6:10] = struct.pack("<HH", 20, 12)  # the canvas
    at = content.index(b",\0\0\0\0")
    content[at + 1 : at + 5] = struct.pack("<HH", 5, 3)  # the frame's corner
    got = mk.read(bytes(content)).pixels
    want = np.zeros((12, 20), np.uint8)
    want[3:9, 5:13] = 255
    assert got.shape == (12, 20, 4)
    np.testing.assert_array_equal(got[..., 3], want)
