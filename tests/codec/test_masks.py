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
def test_an_even_transparency_removes(bits):
    samples = rng.integers(0, 2**bits, (8, 6, 2))
    top = 2**bits - 1
    samples[..., 1] = top // 3
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
    alpha = np.where(GREY > 9, GREY, 0)
    picture = np.dstack([np.full_like(GREY, 90)] * 3 + [alpha])
    picture[alpha == 0, 0] = 77
    np.testing.assert_array_equal(mk.read_mask(files.saved(picture, "PNG")), alpha)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("colour", [0, 255, (200, 10, 10), "alpha"])
def test_a_mask_in_the_alpha_is_taken_from_there(colour, dtype):
    alpha = GREY.astype(dtype) * (257 if dtype == np.uint16 else 1)
    planes = [alpha] * 3 if colour == "alpha" else np.broadcast_to(np.array(colour, dtype), (11, 9, 3))
    rgba = np.dstack([*planes, alpha] if colour == "alpha" else [planes, alpha])
    bits = 8 * rgba.itemsize
    np.testing.assert_array_equal(mk.read_mask(files.png(rgba, files.RGBA, bits)), alpha)
    np.testing.assert_array_equal(mk.codec.to_mask(rgba), alpha)
    if not isinstance(colour, tuple):
        grey = np.ascontiguousarray(rgba[..., 2:])
        np.testing.assert_array_equal(mk.read_mask(files.png(grey, files.GREY_ALPHA, bits)), alpha)


def test_where_alpha_and_colour_both_vary_the_channel_is_to_be_said():
    colour = rng.integers(0, 256, (11, 9, 3), np.uint8)
    cutout = files.saved(np.dstack([colour, GREY]), "PNG")
    with pytest.raises(mk.CodecError, match=r"mask in its alpha and another picture.*mask_channel='alpha'"):
        mk.read_mask(cutout)
    with pytest.raises(mk.PixelError, match="mask_channel="):
        mk.codec.to_mask(np.dstack([colour, GREY]))
    luma = np.rint(colour @ np.array([0.2126, 0.7152, 0.0722]))
    wanted = {"alpha": GREY, "luminance": luma, "red": colour[..., 0], "green": colour[..., 1]}
    for channel, want in wanted.items():
        np.testing.assert_array_equal(mk.read_mask(cutout, channel=channel), want)
    np.testing.assert_array_equal(mk.read_mask(files.saved(GREY, "PNG"), channel="luminance"), GREY)
    with pytest.raises(mk.CodecError, match="has no alpha"):
        mk.read_mask(files.saved(colour, "PNG"), channel="alpha")
    with pytest.raises(mk.PixelError, match="channel: need one of alpha"):
        mk.read_mask(cutout, channel="cyan")


@pytest.mark.parametrize("top", [1, 20])
@pytest.mark.parametrize("bits", [8, 16])
def test_levels_that_do_not_fill_the_file(top, bits):
    levels = rng.integers(0, top + 1, (8, 6, 1))
    levels[0, :2, 0] = 0, top
    content = files.png(levels, files.GREY, bits)
    with pytest.warns(
        mk.MaskkitWarning, match=rf"highest level is {top} of {2**bits - 1}.*mask_levels='auto'"
    ):
        np.testing.assert_array_equal(mk.read_mask(content), levels[..., 0])
    white = 2**bits - 1
    want = (2 * levels[..., 0] * white + top) // (2 * top)
    np.testing.assert_array_equal(mk.read_mask(content, levels="auto"), want)
    np.testing.assert_array_equal(mk.read_mask(content, levels=(0, top)), want)
    np.testing.assert_array_equal(
        mk.read_mask(content, class_number=top), np.where(levels[..., 0] == top, 255, 0)
    )
    with pytest.raises(mk.PixelError, match="class_number: the mask has no 99; it has 0, "):
        mk.read_mask(content, class_number=99)


def test_a_class_of_a_palette_is_its_number():
    numbers = rng.integers(0, 21, (8, 6), np.uint8)
    image = Image.fromarray(numbers)
    image.putpalette(rng.integers(0, 256, 768, np.uint8).tobytes())
    content = files.saved(image, "PNG")
    for number in (int(numbers[0, 0]), int(numbers[5, 3])):
        want = np.where(numbers == number, 255, 0)
        np.testing.assert_array_equal(mk.read_mask(content, class_number=number), want)
    with pytest.raises(mk.CodecError, match="colour picture"):
        mk.read_mask(content)


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
