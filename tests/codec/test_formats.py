"""The table of formats is the truth: what it says of each is what reading and writing do."""

import io
import re
import struct
from typing import get_args

import numpy as np
import pytest
from oracle import files
from PIL import Image, ImageCms
from PIL.TiffImagePlugin import ImageFileDirectory_v2

import maskkit as mk
from maskkit.codec import FORMATS, Format, format_by_media_type
from maskkit.codec.formats import format_of, format_to_write, loaded

WRITTEN = [one for one in FORMATS.values() if one.encoder]
UNREAD = [one for one in FORMATS.values() if not one.decoder]
SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
y, x = np.mgrid[:96, :128]
SMOOTH = np.dstack([x // 2 + 90, y // 2 + 80, 200 - x // 3 - y // 3]).astype(np.uint8)
SOFT = np.clip(4 * (40 - np.hypot(x - 64, y - 48)), 0, 255).astype(np.uint8)
CUTOUT = np.dstack([SMOOTH, SOFT])
NOISE = np.random.default_rng(8).integers(0, 256, (65, 63), np.uint8)


def named(formats):
    return pytest.mark.parametrize("format", formats, ids=lambda one: one.name)


def ftyp(*brands):
    return (
        struct.pack(">I", 8 + 4 * (1 + len(brands))) + b"ftyp" + brands[0] + bytes(4) + b"".join(brands[1:])
    )


def tga(footer=b""):
    return struct.pack("<BBBHHBHHHHBB", 0, 0, 2, 0, 0, 0, 0, 0, 2, 1, 24, 0) + bytes(6) + footer


FIRST_BYTES = {
    "gif": [files.saved(Image.new("P", (2, 2)), "GIF")],
    "bmp": [files.saved(SMOOTH, "BMP")],
    "heif": [ftyp(b"heic", b"mif1", b"heic"), ftyp(b"mif1", b"mif1", b"heic", b"miaf")],
    "psd": [b"8BPS\0\1" + bytes(20), b"8BPS\0\2" + bytes(20)],
    "ora": [b"PK\3\4" + bytes(26) + b"mimetypeimage/openraster" + bytes(40)],
    "exr": [b"v/1\1\2\0\0\0channels"],
    "jxl": [b"\xff\x0a\x10\x10", b"\0\0\0\x0cJXL \r\n\x87\n" + ftyp(b"jxl ", b"jxl ")],
    "jp2": [b"\0\0\0\x0cjP  \r\n\x87\n" + ftyp(b"jp2 ", b"jp2 "), b"\xff\x4f\xff\x51\0\x2f"],
    "tga": [tga(), b"\x05" + tga()[1:] + bytes(8) + b"TRUEVISION-XFILE.\0"],
    "ico": [files.saved(Image.new("RGB", (16, 16)), "ICO"), b"\0\0\2\0\1\0" + bytes(40)],
    "dds": [files.saved(Image.new("RGB", (4, 4)), "DDS")],
    "qoi": [b"qoif" + struct.pack(">IIBB", 4, 4, 3, 0)],
    "svg": [
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"\xef\xbb\xbf<?xml version='1.0'?>\n<!-- drawn -->\n<svg/>\n",
    ],
    "raw": [
        b"II*\0\x10\0\0\0CR\2\0" + bytes(30),
        ftyp(b"crx ", b"crx ", b"isom"),
        b"FUJIFILMCCD-RAW 0201",
        b"IIU\0" + bytes(20),
        b"IIRO" + bytes(20),
        b"MMOR" + bytes(20),
    ],
    "pdf": [b"%PDF-1.7\n"],
    "eps": [b"%!PS-Adobe-3.0 EPSF-3.0\n", b"\xc5\xd0\xd3\xc6" + bytes(26)],
    "kra": [b"PK\3\4" + bytes(26) + b"mimetypeapplication/x-krita" + bytes(40)],
    "xcf": [b"gimp xcf v011\0"],
    "pnm": [b"P6 2 2 255\n" + bytes(12), b"P5\n2 2\n255\n" + bytes(4), b"P7\nWIDTH 2\n", b"PF\n2 2\n-1\n"],
    "hdr": [b"#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n"],
    "dpx": [b"SDPX" + bytes(40), b"XPDS" + bytes(40)],
    "jls": [b"\xff\xd8\xff\xf7" + bytes(20)],
    "jxr": [b"II\xbc\1" + bytes(20)],
}


def samples_of(format):
    if format.encoder:
        return [mk.encode(SMOOTH, format.name), mk.encode(NOISE, format.name)]
    return FIRST_BYTES[format.name]


def test_the_words_of_the_type_are_the_formats_that_are_written():
    assert get_args(Format) == tuple(one.name for one in WRITTEN)


def test_no_two_formats_share_a_name_a_suffix_or_a_media_type():
    suffixes = [suffix for one in FORMATS.values() for suffix in one.suffixes]
    assert len(set(suffixes)) == len(suffixes)
    assert len({one.media_type for one in FORMATS.values()}) == len(FORMATS)
    assert all(name == one.name for name, one in FORMATS.items())


@named(FORMATS.values())
def test_a_signature_is_that_of_one_format(format):
    for content in samples_of(format):
        ends = content[:1024] + (b"" if content[4:8] == b"ftyp" else content[-18:])
        told = [other.name for other in FORMATS.values() if re.match(other.signature, ends)]
        assert told == [format.name]
        assert format_of(content) is format


@named(FORMATS.values())
def test_suffixes_and_media_types_lead_back(format):
    assert format_by_media_type(format.media_type) is format
    assert format_by_media_type(f" {format.media_type.upper()}; q=1") is format
    for suffix in format.suffixes:
        if format.encoder:
            assert format_to_write(None, f"a{suffix.upper()}") is format
            assert format_to_write(suffix) is format_to_write(format.name) is format
        else:
            with pytest.raises(mk.CodecError, match=f"maskkit does not write {format.name.upper()}"):
                format_to_write(None, f"a{suffix}")
    with pytest.raises(mk.CodecError, match="media type: need one of image/png"):
        format_by_media_type("text/plain")


@named(FORMATS.values())
def test_what_the_table_names_is_there(format):
    for reference in filter(None, (format.decoder, format.encoder, format.measure)):
        assert callable(loaded(reference))
    assert bool(format.decoder) != bool(format.instead)


@named(WRITTEN)
def test_what_is_written_comes_back_within_the_tolerance(format):
    for shape in (SMOOTH, SMOOTH[:61, :47], SMOOTH[::-1, ::-1]):
        back = mk.read(mk.encode(shape, format.name)).pixels
        assert np.abs(back.astype(int) - shape).max() <= format.tolerance
    grey = np.repeat(SOFT[..., None], 3, 2)
    back = mk.read(mk.encode(grey, format.name)).pixels.astype(int)
    assert np.ptp(back, axis=2).max() <= format.tolerance


@named(WRITTEN)
def test_alpha_comes_back_exactly_or_is_refused(format):
    for alpha in (SOFT, np.resize(NOISE, SOFT.shape)):
        cutout = np.dstack([SMOOTH, alpha])
        if format.alpha:
            np.testing.assert_array_equal(mk.read(mk.encode(cutout, format.name)).pixels[..., 3], alpha)
        else:
            with pytest.raises(mk.CodecError, match=f"{format.name} holds no transparency"):
                mk.encode(cutout, format.name)


@named([one for one in WRITTEN if one.tolerance])
def test_bits_of_a_format_are_what_it_keeps(format):
    assert format.bits == 8
    assert mk.read(mk.encode(SMOOTH.astype(np.uint16) * 257, format.name)).pixels.dtype == np.uint8


@named([one for one in WRITTEN if not one.tolerance])
def test_16_bits_come_back(format):
    assert format.bits == 16
    deep = SMOOTH.astype(np.uint16) * 257 + NOISE[:1, :1]
    np.testing.assert_array_equal(mk.read(mk.encode(deep, format.name)).pixels, deep)


@named(WRITTEN)
def test_a_profile_comes_back(format):
    assert format.icc
    assert mk.read(mk.encode(mk.Picture(SMOOTH, SRGB), format.name)).icc == SRGB


@named([one for one in WRITTEN if one.name != "jpeg"])
@pytest.mark.parametrize("mask", [SOFT, NOISE, SOFT > 99], ids=["soft", "noise", "bool"])
def test_a_mask_comes_back_exactly(format, mask):
    want = np.where(mask, 255, 0) if mask.dtype == bool else mask
    np.testing.assert_array_equal(mk.read_mask(mk.encode(mask, format.name)), want)
    np.testing.assert_array_equal(mk.read_mask(mk.encode(mask, format.name, lossless=True)), want)


@pytest.mark.parametrize("format", ["webp", "avif"])
def test_a_quality_that_is_said_makes_masks_and_alphas_smaller(format):
    noisy = np.dstack([SMOOTH, np.resize(NOISE, SOFT.shape)])
    assert len(mk.encode(NOISE, format, quality=40)) < len(mk.encode(NOISE, format)) / 2
    assert len(mk.encode(NOISE, format, lossless=False)) < len(mk.encode(NOISE, format))
    sizes = [len(mk.encode(noisy, format, alpha_quality=value)) for value in (10, 60, 100)]
    assert sizes == sorted(sizes)
    assert sizes[0] < 0.8 * sizes[2]
    assert mk.encode(noisy, format, alpha_quality=100) == mk.encode(noisy, format)
    soft = mk.read(mk.encode(CUTOUT, format, alpha_quality=60)).pixels[..., 3]
    assert 0 < np.abs(soft.astype(int) - SOFT).max() < 40
    for value in (0, 101, 0.5, "high"):
        with pytest.raises(mk.PixelError, match="alpha_quality: need a whole number from 1 to 100"):
            mk.encode(CUTOUT, format, alpha_quality=value)


def test_the_colour_of_an_avif_is_not_lossless_and_says_so():
    with pytest.raises(mk.CodecError, match="lossless: avif as written here is lossy"):
        mk.encode(SMOOTH, "avif", lossless=True)


@named(UNREAD)
def test_a_file_that_is_known_and_not_read_is_named(format, tmp_path):
    for content in FIRST_BYTES[format.name]:
        path = tmp_path / f"picture{format.suffixes[0]}"
        path.write_bytes(content)
        for verb in (mk.read, mk.read_mask):
            with pytest.raises(mk.CodecError) as told:
                verb(path)
            assert str(told.value) == f"{path}: {format.refusal}"
    assert re.fullmatch(r"is an? [A-Z0-9]+ file, .*; \w.*|is a raw photo, .*", format.refusal)


@pytest.mark.parametrize("tags", [{50706: b"\1\4\0\0"}, {254: 1, 330: 8}])
def test_a_raw_photo_that_is_a_tiff_does_not_show_its_thumbnail(tags):
    directory = ImageFileDirectory_v2()
    directory.tagtype |= {50706: 1, 254: 4, 330: 4}
    for tag, value in tags.items():
        directory[tag] = value
    with pytest.raises(mk.CodecError, match=r"the bytes given: is a raw photo, .* develop it"):
        mk.read(files.saved(SMOOTH, "TIFF", tiffinfo=directory))
    if 330 in tags:  # one of both alone makes a TIFF of several sizes, whose first is read
        del directory[330]
        np.testing.assert_array_equal(mk.read(files.saved(SMOOTH, "TIFF", tiffinfo=directory)).pixels, SMOOTH)


def test_what_is_no_image_is_told_what_is_one():
    with pytest.raises(
        mk.CodecError, match=r"is not an image that maskkit reads; need PNG, JPEG, .* or HEIF"
    ):
        mk.read(b"some text")


def test_heic_without_its_extra_names_it(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "pillow_heif", None)
    with pytest.raises(mk.MissingExtraError, match=re.escape(f"maskkit[{FORMATS['heif'].extra}]")):
        mk.read(FIRST_BYTES["heif"][0])


@pytest.mark.parametrize("extension", ["png", "jpeg", "webp", "avif", "tiff"])
def test_a_resolution_that_a_file_does_not_tell_is_none(extension):
    without = files.saved(SMOOTH, "TIFF")
    with Image.open(io.BytesIO(without)) as image:
        assert 282 not in image.tag_v2
        assert mk.codec.to_picture(image).dpi is None
    record = Image.Exif()
    record[0x010F] = "Maker"
    bmp = files.saved(SMOOTH, "BMP")
    bmp = bmp[:38] + bytes(8) + bmp[46:]  # pixels a metre, which Pillow fills in
    for content in (without, files.saved(SMOOTH, "JPEG", exif=record.tobytes()), bmp):
        picture = mk.read(content)
        assert picture.dpi is None
        again = mk.read(mk.encode(picture, extension))
        assert again.dpi is None
        with Image.open(io.BytesIO(mk.encode(picture, extension))) as image:
            assert "dpi" not in image.info or image.format in ("TIFF", "JPEG")  # Pillow guesses 1, and 72


def test_a_resolution_that_a_tiff_tells_is_kept():
    content = files.saved(SMOOTH, "TIFF", dpi=(300, 150))
    assert mk.read(content).dpi == (300, 150)
    assert mk.read(mk.encode(mk.read(content), "jpeg")).dpi == (300, 150)
