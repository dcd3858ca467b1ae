"""PQ and HLG to sRGB, where it is asked for, against the standards' formulas for one pixel at a time."""

import math

import numpy as np
import pytest
from oracle import files

import maskkit as mk
from maskkit.codec.tone import hlg_light, pq_light

# BT.2020 to BT.709 in linear light (BT.2087)
TO_709 = [[1.6605, -0.5876, -0.0728], [-0.1246, 1.1329, -0.0083], [-0.0182, -0.1006, 1.1187]]


def pq(light):
    power = (light / 10_000) ** 0.1593017578125
    return ((0.8359375 + 18.8515625 * power) / (1 + 18.6875 * power)) ** 78.84375


def png(pixels, transfer, bits=16, kind=files.RGB):
    return files.png(pixels, kind, bits, before=files.chunk(b"cICP", bytes([9, transfer, 0, 1])))


def encoded(light):
    return 12.92 * light if light <= 0.0031308 else 1.055 * light ** (1 / 2.4) - 0.055


def test_the_curves_have_the_values_of_the_standards():
    assert float(pq_light(np.array(0.5080784))) == pytest.approx(100, rel=1e-5)  # BT.2408, table 1
    assert pq_light(np.array([0.0, 1.0])).tolist() == pytest.approx([0, 10_000])
    greys = hlg_light(np.repeat(np.array([[0.0], [0.75], [1.0]]), 3, axis=1))[:, 0]
    assert greys.tolist() == pytest.approx([0, 203, 1000], abs=1)  # 75% is diffuse white


@pytest.mark.parametrize("bits", [8, 16])
def test_what_is_no_highlight_stays_as_it_is(bits):
    top, dtype = 2**bits - 1, np.uint8 if bits == 8 else np.uint16
    for light in (1.0, 20.0, 60.0, 90.0):
        code = np.full((2, 2, 3), round(pq(light) * top), dtype)
        found = mk.read(png(code, 16, bits), tone_map=True)
        want = encoded(light / 203)
        assert found.pixels.dtype == dtype
        assert found.icc is None
        np.testing.assert_allclose(found.pixels / top, want, atol=0.012 if bits == 8 else 1e-4)


def test_highlights_are_rolled_off_to_white_and_keep_their_order():
    ramp = np.linspace(0, 65535, 4000).astype(np.uint16)
    for transfer in (16, 18):
        grey = mk.read(png(np.dstack([ramp[None]] * 3), transfer), tone_map=True).pixels[0]
        assert (np.diff(grey[:, 0].astype(int)) >= 0).all()
        assert (grey.min(), grey.max()) == (0, 65535)
        assert np.ptp(grey, axis=1).max() <= 40  # grey stays grey
    white = round(pq(203) * 65535)
    found = mk.read(png(np.full((1, 1, 3), white, np.uint16), 16), tone_map=True).pixels[0, 0, 0]
    assert 0.7 < found / 65535 < 0.9


def test_colours_come_from_2020_to_srgb():
    light = np.array([40.0, 60.0, 25.0])
    code = np.array([[[round(pq(one) * 65535) for one in light]]], np.uint16)
    found = mk.read(png(code, 16), tone_map=True).pixels[0, 0] / 65535
    want = [encoded(max(0, sum(map(math.prod, zip(row, light / 203, strict=True))))) for row in TO_709]
    np.testing.assert_allclose(found, want, atol=3e-4)


def test_it_is_asked_for_or_refused(tmp_path):
    code = np.full((4, 6, 4), 30_000, np.uint16)
    code[..., 3] = [0, 9, 30_000, 40_000, 65_000, 65_535]
    content = png(code, 16, kind=files.RGBA)
    with pytest.raises(mk.CodecError, match=r"HDR colours \(PQ\).*tone_map=True brings it to sRGB"):
        mk.read(content)
    np.testing.assert_array_equal(mk.read(content, tone_map=True).pixels[..., 3], code[..., 3])
    alpha = np.full((4, 6), 200, np.uint8)
    made = mk.cutout(content, alpha, recipe=mk.Recipe(tone_map=True, replace=True))
    np.testing.assert_array_equal(made.color, mk.read(content, tone_map=True).pixels[..., :3])
    with pytest.raises(mk.CodecError, match="code points 9, 17"):
        mk.read(png(code, 17, kind=files.RGBA), tone_map=True)
