"""Dilation and erosion by a disc against scipy's filters with the disc as footprint."""

import numpy as np
import pytest

from maskkit.errors import PixelError
from maskkit.kernels import native
from maskkit.kernels.distance import dilate_disc, erode_disc

ndimage = pytest.importorskip("scipy.ndimage")
OPERATIONS = [(dilate_disc, ndimage.maximum_filter), (erode_disc, ndimage.minimum_filter)]


def grey(shape, dtype, seed=5):
    """Half grey noise, half two-valued, with a large flat corner."""
    rng = np.random.default_rng(seed)
    mask = rng.random(shape)
    mask = np.where(rng.random(shape) < 0.5, mask > 0.5, mask)
    mask[: shape[0] // 2, : shape[1] // 2] = rng.integers(0, 2)
    return (mask if np.dtype(dtype).kind == "f" else np.rint(mask * np.iinfo(dtype).max)).astype(dtype)


def disc(radius):
    y, x = np.mgrid[-radius : radius + 1, -radius : radius + 1]
    return x * x + y * y <= radius * radius


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
@pytest.mark.parametrize("shape", [(1, 1), (2, 67), (67, 1), (140, 150)])
@pytest.mark.parametrize("radius", [0, 1, 2, 5, 13])
@pytest.mark.parametrize(("ours", "theirs"), OPERATIONS)
def test_exact(dtype, shape, radius, ours, theirs):
    mask = grey(shape, dtype)
    wanted = theirs(mask, footprint=disc(radius), mode="nearest")
    np.testing.assert_array_equal(ours(mask, radius), wanted)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize(("ours", "theirs"), OPERATIONS)
def test_fractions_interpolate_with_halves_up(dtype, ours, theirs):
    mask = grey((90, 70), dtype)
    low, high = (theirs(mask, footprint=disc(r), mode="nearest").astype(np.int64) for r in (2, 3))
    np.testing.assert_array_equal(ours(mask, 2.25), (3 * low + high + 2) // 4)


@pytest.mark.parametrize("radius", [1, 2.5, 6.75])
def test_dtypes_agree_within_a_level(radius):
    mask = grey((60, 80), np.uint8)
    small = dilate_disc(mask, radius).astype(float)
    large = dilate_disc(mask.astype(np.uint16) * 257, radius) / 257
    real = dilate_disc(mask.astype(np.float32) / 255, radius) * 255.0
    assert np.abs(small - large).max() <= 1
    assert np.abs(small - real).max() <= 1


def test_a_radius_beyond_the_picture_reaches_everything():
    mask = np.zeros((40, 300), np.uint8)
    mask[3, 299] = 77
    assert (dilate_disc(mask, 1e9) == 77).all()
    assert (dilate_disc(mask, 302) == 77).all()


def test_a_straight_edge_moves_by_the_radius():
    mask = np.zeros((50, 200), np.float32)
    mask[:, :100] = 1
    for radius in (0.25, 1.5, 20.75):
        assert dilate_disc(mask, radius)[25].sum() == pytest.approx(100 + radius, abs=1e-3)
        assert erode_disc(mask, radius)[25].sum() == pytest.approx(100 - radius, abs=1e-3)


@pytest.mark.parametrize("radius", [-1, float("nan"), float("inf")])
def test_refuses_impossible_radius(radius):
    with pytest.raises(PixelError, match="radius"):
        dilate_disc(np.zeros((2, 2), np.uint8), radius)


def test_bool_takes_whole_radii():
    mask = np.zeros((9, 9), np.bool_)
    mask[4, 4] = True
    np.testing.assert_array_equal(dilate_disc(mask, 3)[1:-1, 1:-1], disc(3))
    with pytest.raises(PixelError, match="bool"):
        dilate_disc(mask, 1.5)


def by_distances(mask, radius):
    """Every level's set, grown by its exact distances."""
    wanted = np.full_like(mask, mask.min())
    for level in np.unique(mask)[1:]:
        distances = ndimage.distance_transform_edt(mask < level)
        wanted[np.rint(distances**2) <= radius**2] = level
    return wanted


@pytest.mark.parametrize("compiled", [True, False])
@pytest.mark.parametrize("radius", [40, 130, 420])
@pytest.mark.parametrize(("left", "top"), [(0, 0), (500, 250), (860, 20)])
def test_exact_far_beyond_a_tile(compiled, radius, left, top):
    before = native._active is not None
    if native.set_native(compiled) != compiled:
        pytest.skip("maskkit was installed without a compiler")
    rng = np.random.default_rng(radius + left)
    mask = np.zeros((530, 900), np.uint8)
    levels = np.array([0, 9, 90, 255], np.uint8)
    mask[top : top + 90, left : left + 30] = rng.choice(levels, (90, 30))
    mask[rng.integers(530), rng.integers(900)] = 200
    try:
        np.testing.assert_array_equal(dilate_disc(mask, radius), by_distances(mask, radius))
        np.testing.assert_array_equal(erode_disc(255 - mask, radius), 255 - by_distances(mask, radius))
    finally:
        native.set_native(before)
