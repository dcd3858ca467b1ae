"""Reading masks: every kind of grey, and no colour."""

import numpy as np
import pytest
from oracle import files
from PIL import Image

import maskkit as mk

rng = np.random.default_rng(4)
GREY = rng.integers(0, 256, (11, 9), np.uint8)


def test_the_same_mask_from_every_kind_of_file():
    image = Image.fromarray(GREY)
    opaque = Image.merge("LA", [image, Image.new("L", image.size, 255)])
    for variant in (image, image.convert("RGB"), image.convert("RGBA"), opaque, image.convert("P")):
        for kind in ("PNG", "TIFF", "WEBP"):
            if kind == "TIFF" and variant.mode == "P":
                continue
            content = files.saved(variant, kind, **({"lossless": True} if kind == "WEBP" else {}))
            got = mk.read_mask(content)
            assert got.dtype == np.uint8
            np.testing.assert_array_equal(got, GREY)
        np.testing.assert_array_equal(mk.codec.to_mask(variant), GREY)


def test_1_bit_is_black_and_white():
    bits = GREY > 100
    for kind in ("PNG", "TIFF"):
        got = mk.read_mask(files.saved(Image.fromarray(bits), kind))
        np.testing.assert_array_equal(got, np.where(bits, 255, 0))


@pytest.mark.parametrize("kind", [files.GREY, files.GREY_ALPHA, files.RGB, files.RGBA])
def test_16_bit_stays_16_bit(kind):
    grey = rng.integers(0, 65536, (8, 6, 1))
    colour = np.repeat(grey, 3 if kind in (files.RGB, files.RGBA) else 1, 2)
    samples = colour if kind in (files.GREY, files.RGB) else np.concatenate([colour, 0 * grey + 65535], 2)
    got = mk.read_mask(files.png(samples, kind, 16))
    assert got.dtype == np.uint16
    np.testing.assert_array_equal(got, grey[..., 0])


@pytest.mark.parametrize("bits", [8, 16])
def test_transparency_removes(bits):
    samples = rng.integers(0, 2**bits, (8, 6, 2))
    top = 2**bits - 1
    want = (2 * samples[..., 0] * samples[..., 1] + top) // (2 * top)
    np.testing.assert_array_equal(mk.read_mask(files.png(samples, files.GREY_ALPHA, bits)), want)
    colour = np.concatenate([samples[..., :1]] * 3 + [samples[..., 1:]], 2)
    np.testing.assert_array_equal(mk.read_mask(files.png(colour, files.RGBA, bits)), want)


def test_a_colour_picture_is_refused():
    colour = np.repeat(GREY[..., None], 3, 2)
    colour[5, 5, 2] ^= 1
    with pytest.raises(mk.CodecError, match=r"colour picture; a mask is grey"):
        mk.read_mask(files.saved(colour, "PNG"))
    with pytest.raises(mk.PixelError, match="three channels differ"):
        mk.codec.to_mask(colour)
    with pytest.raises(mk.CodecError, match="colour"):
        mk.codec.to_mask(Image.fromarray(colour))
    red = np.zeros((40, 40, 3), np.uint8)
    red[..., 0] = 200
    for kind in ("JPEG", "WEBP", "AVIF"):
        with pytest.raises(mk.CodecError, match="colour"):
            mk.read_mask(files.saved(red, kind))


def test_colour_where_nothing_is_seen_does_not_count():
    picture = np.dstack([GREY, GREY, GREY, np.where(GREY > 9, 255, 0).astype(np.uint8)])
    picture[GREY <= 9, 0] = 77
    np.testing.assert_array_equal(mk.read_mask(files.saved(picture, "PNG")), np.where(GREY > 9, GREY, 0))


@pytest.mark.parametrize("kind", ["JPEG", "WEBP", "AVIF"])
@pytest.mark.parametrize("quality", [30, 80, 95])
def test_lossy_grey_is_still_a_mask(kind, quality):
    y, x = np.mgrid[:64, :80]
    disc = np.clip(8 * (25 - np.hypot(x - 40, y - 32)), 0, 255).astype(np.uint8)
    got = mk.read_mask(files.saved(np.dstack([disc] * 3), kind, quality=quality))
    assert np.abs(got.astype(int) - disc).mean() < 6


def test_orientation_holds_for_masks():
    for kind, bits in ((files.GREY, 8), (files.GREY, 16), (files.GREY_ALPHA, 8)):
        samples = np.full((5, 8, files.CHANNELS[kind]), 2**bits - 1)
        before = files.chunk(b"eXIf", files.exif(6)[6:])
        assert mk.read_mask(files.png(samples, kind, bits, before=before)).shape == (8, 5)


def test_arrays_pass_the_door():
    for mask in (GREY, GREY > 9, GREY / 255):
        assert mk.codec.to_mask(mask) is mask
    np.testing.assert_array_equal(mk.codec.to_mask(mk.Picture(np.dstack([GREY] * 3))), GREY)
    with pytest.raises(mk.PixelError, match="int64"):
        mk.codec.to_mask(GREY.astype(np.int64))
