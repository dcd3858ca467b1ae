"""Colours that a file declares without an ICC profile, against the formulas of their standards."""

import io
import struct

import numpy as np
import pytest
from oracle import files
from PIL import ImageCms

import maskkit as mk

rng = np.random.default_rng(18)
PIXELS = rng.integers(0, 256, (9, 14, 3), np.uint8)
P3, PQ, HLG, SRGB = (12, 13, 0, 1), (9, 16, 0, 1), (9, 18, 0, 1), (1, 13, 0, 1)
# xyY of the primaries, white at D65: linear light to XYZ by solving for the white (SMPTE RP 177)
_SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
_WHITE = np.array([0.3127 / 0.3290, 1, 0.3583 / 0.3290])
_XY = {
    "srgb": [(0.64, 0.33), (0.30, 0.60), (0.15, 0.06)],
    "p3": [(0.68, 0.32), (0.265, 0.69), (0.15, 0.06)],
    "2020": [(0.708, 0.292), (0.170, 0.797), (0.131, 0.046)],
}


def to_xyz(space):
    columns = np.array([[x / y, 1, (1 - x - y) / y] for x, y in _XY[space]]).T
    return columns * np.linalg.solve(columns, _WHITE)


def decoded(value):
    return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)


def encoded(light):
    light = light.clip(0, 1)
    return np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)


def in_srgb(light, space):
    """sRGB of linear light in ``space``, 0 to 1."""
    return encoded(np.asarray(light) @ np.linalg.solve(to_xyz("srgb"), to_xyz(space)).T)


def png(pixels, *chunks):
    bits = 16 if pixels.dtype == np.uint16 else 8
    kind = files.GREY if pixels.ndim == 2 else files.RGB if pixels.shape[2] == 3 else files.RGBA
    return files.png(pixels, kind, bits, before=b"".join(files.chunk(*one) for one in chunks))


def cicp(values):
    return b"cICP", bytes(values)


def gama(exponent):
    return b"gAMA", struct.pack(">I", round(100_000 * exponent))


def chrm(space):
    flat = [0.3127, 0.3290, *np.ravel(_XY[space])]
    return b"cHRM", struct.pack(">8I", *(round(100_000 * one) for one in flat))


def icc(profile):
    import zlib

    return b"iCCP", b"x\0\0" + zlib.compress(profile)


@pytest.mark.parametrize("grey", [False, True])
def test_gamma_1_is_linear_light(grey):
    pixels = np.full((3, 4), 128, np.uint8)
    content = png(pixels if grey else np.dstack([pixels] * 3), gama(1.0))
    kept = mk.read(content)
    assert (kept.pixels == 128).all()
    assert mk.read(mk.encode(kept, "png"), to_srgb=True).pixels[0, 0].tolist() == [188] * 3
    assert b"sRGB" not in mk.encode(kept, "png")
    made = mk.read(content, to_srgb=True)
    assert made.icc is None
    assert (made.pixels == 188).all()


def test_gamma_and_primaries_of_a_png():
    content = png(PIXELS, gama(1 / 1.8), chrm("2020"))
    want = in_srgb((PIXELS / 255) ** 1.8, "2020") * 255
    np.testing.assert_allclose(mk.read(content, to_srgb=True).pixels, want, atol=1.6)
    deep = PIXELS.astype(np.uint16) * 257
    content = png(deep, gama(1 / 1.8), chrm("2020"))
    np.testing.assert_allclose(mk.read(content, to_srgb=True).pixels / 257, want, atol=0.1)


@pytest.mark.parametrize(
    "chunks",
    [
        [gama(0.45455)],
        [gama(0.45455), chrm("srgb")],
        [(b"sRGB", b"\0"), gama(1.0), chrm("2020")],
        [cicp(SRGB), gama(1.0)],
        [cicp(SRGB), icc(files.adobe_rgb_profile())],
        [gama(1.0), icc(_SRGB)],
    ],
)
def test_what_means_srgb_is_left_alone(chunks):
    picture = mk.read(png(PIXELS, *chunks), to_srgb=True)
    np.testing.assert_array_equal(picture.pixels, PIXELS)
    kept = mk.read(png(PIXELS, *chunks)).icc
    assert kept is None or kept == _SRGB


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("before", [[], [icc(files.adobe_rgb_profile())], [(b"sRGB", b"\0")]])
def test_display_p3_of_a_png_is_kept_or_converted(before, dtype):
    pixels = np.dstack([PIXELS, PIXELS[..., :1]]).astype(dtype) * (257 if dtype == np.uint16 else 1)
    content = png(pixels, cicp(P3), *before)
    kept = mk.read(content)
    np.testing.assert_array_equal(kept.pixels, pixels)
    name = ImageCms.getProfileDescription(ImageCms.ImageCmsProfile(io.BytesIO(kept.icc)))
    assert name.strip() == "Display P3"
    made = mk.read(content, to_srgb=True)
    want = in_srgb(decoded(PIXELS / 255), "p3") * 255
    scale = 257 if dtype == np.uint16 else 1
    np.testing.assert_allclose(made.pixels[..., :3] / scale, want, atol=0.1 if scale > 1 else 1.6)
    np.testing.assert_array_equal(made.pixels[..., 3], pixels[..., 3])


@pytest.mark.parametrize("transfer", [PQ, HLG])
def test_hdr_is_refused_and_masks_are_not(transfer):
    name = "PQ" if transfer is PQ else "HLG"
    for to_srgb in (False, True):
        with pytest.raises(mk.CodecError, match=rf"HDR colours \({name}\).*SDR"):
            mk.read(png(PIXELS, cicp(transfer)), to_srgb=to_srgb)
    grey = PIXELS[..., 0]
    np.testing.assert_array_equal(mk.read_mask(png(grey, cicp(transfer))), grey)
    with pytest.raises(mk.CodecError, match=r"code points 77, 13"):
        mk.read(png(PIXELS, cicp((77, 13, 0, 1))))


def avif(primaries, transfer):
    """Pillow's AVIF, which says (1, 13), with other code points in its nclx box."""
    content = bytearray(files.saved(np.full((32, 32, 3), (200, 80, 40), np.uint8), "AVIF", quality=100))
    at = content.index(b"colrnclx") + 8
    assert content[at : at + 4] == struct.pack(">HH", 1, 13)
    content[at : at + 4] = struct.pack(">HH", primaries, transfer)
    return bytes(content)


def test_code_points_of_an_avif():
    plain = mk.read(avif(1, 13))
    assert plain.icc is None
    wide = mk.read(avif(12, 13))
    np.testing.assert_array_equal(wide.pixels, plain.pixels)
    assert wide.icc is not None
    want = in_srgb(decoded(plain.pixels / 255), "p3") * 255
    np.testing.assert_allclose(mk.read(avif(12, 13), to_srgb=True).pixels, want, atol=1.6)
    for transfer, name in ((16, "PQ"), (18, "HLG")):
        with pytest.raises(mk.CodecError, match=name):
            mk.read(avif(9, transfer))
