import itertools
from typing import get_args

import numpy as np
import pytest
from oracle import w3c

import maskkit as mk
from maskkit import blend
from maskkit.kernels import native

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


def geometric(cb, cs):
    """A mode of no table: the geometric mean."""
    return np.sqrt(cb * cs)


def screen(cb, cs):
    """Has the name of a compiled one, and another formula."""
    return (cb + cs) / 2


def redder(cb, cs):
    """Not separable: the colour of the two with more red."""
    return np.where(cs[0] > cb[0], cs, cb)


ADDED = {
    "geometric": ("SEPARABLE", geometric, lambda b, s: [(x * y) ** 0.5 for x, y in zip(b, s, strict=True)]),
    "other-screen": ("SEPARABLE", screen, lambda b, s: [(x + y) / 2 for x, y in zip(b, s, strict=True)]),
    "redder": ("NON_SEPARABLE", redder, lambda b, s: s if s[0] > b[0] else b),
}


@pytest.mark.parametrize("linear", [False, True])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32, np.float64])
@pytest.mark.parametrize("channels", [*itertools.product((3, 4), (3, 4))])
@pytest.mark.parametrize("mode", ADDED)
def test_a_mode_added_to_the_tables_works_everywhere(monkeypatch, mode, channels, dtype, linear):
    above, below = channels
    table, formula, scalar = ADDED[mode]
    monkeypatch.setitem(getattr(blend, table), mode, formula)
    monkeypatch.setitem(w3c.NON_SEPARABLE, mode, scalar)
    rng, top = np.random.default_rng(5), {np.uint8: 255, np.uint16: 65535}.get(dtype, 1)
    source, backdrop = noise(rng, dtype, 9, 30, above), noise(rng, dtype, 9, 30, below)
    for mask, opacity in itertools.product((None, noise(rng, dtype, 9, 30)), (1, 0.25)):
        got = mk.composite(source, backdrop, mask, mode=mode, linear=linear, opacity=opacity)
        whole = [
            np.concatenate([image / top, np.ones((9, 30, 1))], axis=2)[..., :4]
            for image in (source, backdrop)
        ]
        cover = opacity * (np.ones((9, 30)) if mask is None else mask / top)
        exact = truth(*whole, cover, mode, linear)[..., :below]
        if top == 1:
            assert np.abs(got - exact).max() < FLOATS[dtype] * (40 if linear else 1)
        else:
            assert_levels(got, exact, top, 0.99)


def test_every_mode_has_its_type():
    assert get_args(blend.Mode) == mk.BLEND_MODES == ("normal", *blend.SEPARABLE, *blend.NON_SEPARABLE)


@pytest.mark.skipif(native._built is None, reason="maskkit was installed without a compiler")
def test_every_mode_of_the_module_is_compiled():
    names = {blend.compiled_name(formula) for formula in (blend.SEPARABLE | blend.NON_SEPARABLE).values()}
    assert names == native.modes() - {"normal"}
