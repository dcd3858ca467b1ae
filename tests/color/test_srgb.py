import numpy as np
import pytest
from oracle import w3c

import maskkit as mk

pytestmark = pytest.mark.usefixtures("path")


def grey(values):
    """A row of values as an RGB picture."""
    return np.repeat(np.asarray(values)[None, :, None], 3, 2)


@pytest.mark.parametrize("top", [255, 65535])
def test_decoding_every_whole_value(top):
    dtype = np.uint8 if top == 255 else np.uint16
    got = mk.srgb_to_linear(grey(np.arange(top + 1, dtype=dtype)))[0, :, 0]
    truth = np.array([w3c.decode(v / top) for v in range(top + 1)])
    np.testing.assert_array_equal(got, truth.astype(np.float32))


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_whole_values_come_back(dtype):
    values = grey(np.arange(np.iinfo(dtype).max + 1, dtype=dtype))
    light = mk.srgb_to_linear(mk.kernels.convert(values, np.float64))
    np.testing.assert_array_equal(mk.linear_to_srgb(light, dtype), values)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_encoding_is_the_nearest_value(dtype):
    light = np.append(np.random.default_rng(0).random(20000) ** 4, [0, 1, 0.0031308])
    got = mk.linear_to_srgb(grey(light), dtype)[0, :, 0]
    top = np.iinfo(dtype).max
    truth = np.array([w3c.encode(v) * top for v in light.tolist()])
    np.testing.assert_array_equal(got, np.floor(truth + 0.5))


@pytest.mark.parametrize(("dtype", "error"), [(np.float32, 3e-7), (np.float64, 1e-15)])
def test_floats_follow_the_formula(dtype, error):
    values = np.random.default_rng(1).random(5000).astype(dtype)
    decoded = mk.srgb_to_linear(grey(values))[0, :, 0]
    encoded = mk.linear_to_srgb(grey(values))[0, :, 0]
    assert decoded.dtype == encoded.dtype == dtype
    assert np.abs(decoded - [w3c.decode(v) for v in values.tolist()]).max() < error
    assert np.abs(encoded - [w3c.encode(v) for v in values.tolist()]).max() < error


def test_alpha_is_not_encoded():
    image = np.full((2, 2, 4), 128, np.uint8)
    light = mk.srgb_to_linear(image)
    assert light[0, 0].tolist() == pytest.approx([0.2158605] * 3 + [128 / 255])
    assert mk.linear_to_srgb(light, np.uint8).tolist() == image.tolist()


def test_linear_composite_of_bytes_all_triples():
    mask, source = np.mgrid[0:256, 0:256].astype(np.uint8)
    light = np.array([w3c.decode(v / 255) for v in range(256)])
    for backdrop in range(256):
        mixed = (mask * light[source] + (255.0 - mask) * light[backdrop]) / 255
        curve = np.where(mixed <= 0.0031308, 12.92 * mixed, 1.055 * mixed ** (1 / 2.4) - 0.055)
        ground = np.full((256, 256, 3), backdrop, np.uint8)
        got = mk.composite(np.repeat(source[..., None], 3, 2), ground, mask, linear=True)
        np.testing.assert_array_equal(got, np.floor(curve * 255 + 0.5)[..., None].repeat(3, 2))


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_linear_over_with_alpha_on_both_sides(dtype):
    rng, top = np.random.default_rng(2), np.iinfo(dtype).max
    source, backdrop = rng.integers(0, top + 1, (2, 30, 40, 4)).astype(dtype)
    got = mk.composite(source, backdrop, opacity=0.9, linear=True)
    pairs = zip(source.reshape(-1, 4) / top, backdrop.reshape(-1, 4) / top, strict=True)
    colour = [w3c.composite(s.tolist(), b.tolist(), 0.9, linear=True)[:3] for s, b in pairs]
    np.testing.assert_array_equal(got.reshape(-1, 4)[:, :3], np.floor(np.array(colour) * top + 0.5))
    np.testing.assert_array_equal(got[..., 3], mk.composite(source, backdrop, opacity=0.9)[..., 3])
