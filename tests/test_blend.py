import numpy as np
import pytest
from oracle import w3c

import maskkit as mk

pytestmark = pytest.mark.usefixtures("path")

NAMED = [mode for mode in mk.BLEND_MODES if mode != "normal"]
FLOATS = {np.float32: 2e-6, np.float64: 1e-12}


def noise(rng, dtype, *shape):
    """Values on a coarse grid half of the time, where formulas branch; whole numbers span their range."""
    values = np.where(rng.random(shape) < 0.5, rng.integers(0, 5, shape) / 4, rng.random(shape))
    top = {np.uint8: 255, np.uint16: 65535}.get(dtype)
    return values.astype(dtype) if top is None else np.floor(values * top + 0.5).astype(dtype)


def truth(source, backdrop, cover, mode, linear=False):
    """The oracle's result for arrays of float64 0-1, of four channels each."""
    rows = zip(
        source.reshape(-1, 4).tolist(), backdrop.reshape(-1, 4).tolist(), cover.ravel().tolist(), strict=True
    )
    return np.reshape([w3c.composite(s, b, c, mode, linear) for s, b, c in rows], source.shape)


def opaque(image):
    return np.dstack([image, np.full(image.shape[:2], np.iinfo(image.dtype).max, image.dtype)])


def assert_levels(got, exact, top, share=0.999):
    """Within one level everywhere, the nearest one (a computed half may fall either way) nearly always."""
    off = np.abs(got - exact * top)
    assert off.max() < 1.5
    assert (off <= 0.5 + 1e-6).mean() >= share


@pytest.mark.parametrize("mode", sorted(w3c.SEPARABLE))
def test_bytes_all_pairs(mode):
    cb, cs = (np.repeat(plane[..., None], 3, 2) for plane in np.mgrid[0:256, 0:256].astype(np.uint8))
    got = mk.composite(cs, cb, mode=mode)
    formula = w3c.SEPARABLE[mode]
    exact = np.array([[formula(b / 255, s / 255) for s in range(256)] for b in range(256)])
    assert_levels(got, exact[..., None], 255, share=1)


@pytest.mark.parametrize("mode", NAMED)
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_alpha_on_both_sides(mode, dtype):
    rng, top = np.random.default_rng(1), np.iinfo(dtype).max
    source, backdrop = noise(rng, dtype, 24, 50, 4), noise(rng, dtype, 24, 50, 4)
    mask = noise(rng, dtype, 24, 50)
    got = mk.composite(source, backdrop, mask, mode=mode)
    assert_levels(got, truth(source / top, backdrop / top, mask / top, mode), top)


@pytest.mark.parametrize("mode", NAMED)
def test_opaque_bytes_with_opacity(mode):
    rng = np.random.default_rng(2)
    source, backdrop = noise(rng, np.uint8, 24, 50, 3), noise(rng, np.uint8, 24, 50, 3)
    got = mk.composite(source, backdrop, mode=mode, opacity=0.7)
    exact = truth(opaque(source) / 255, opaque(backdrop) / 255, np.full((24, 50), 0.7), mode)
    assert_levels(got, exact[..., :3], 255)


@pytest.mark.parametrize("mode", mk.BLEND_MODES)
@pytest.mark.parametrize("linear", [False, True])
@pytest.mark.parametrize("dtype", FLOATS)
def test_floats(mode, linear, dtype):
    rng = np.random.default_rng(3)
    source, backdrop = noise(rng, dtype, 12, 30, 4), noise(rng, dtype, 12, 30, 4)
    mask = noise(rng, dtype, 12, 30)
    got = mk.composite(source, backdrop, mask, mode=mode, linear=linear)
    exact = truth(source.astype(float), backdrop.astype(float), mask.astype(float), mode, linear)
    assert got.dtype == dtype
    assert got.min() >= 0
    assert got.max() <= 1
    slack = (
        40 if linear else 1
    )  # the curve at black is 13 times steeper, and a straight colour at small alpha
    assert np.abs(got - exact).max() < FLOATS[dtype] * slack


@pytest.mark.parametrize("mode", ["multiply", "overlay", "hard-mix", "hue", "luminosity"])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_modes_in_linear_light(mode, dtype):
    rng, top = np.random.default_rng(4), np.iinfo(dtype).max
    source, backdrop = noise(rng, dtype, 24, 50, 4), noise(rng, dtype, 24, 50, 4)
    got = mk.composite(source, backdrop, mode=mode, linear=True)
    assert_levels(got, truth(source / top, backdrop / top, np.ones((24, 50)), mode, linear=True), top, 0.995)


def test_unknown_mode_is_refused():
    image = np.zeros((1, 1, 3), np.uint8)
    with pytest.raises(mk.PixelError, match=r"^mode: need one of normal, multiply.*got 'average'"):
        mk.composite(image, image, mode="average")
