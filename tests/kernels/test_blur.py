"""gaussian_blur against scipy's Gaussian in float64."""

import numpy as np
import pytest

from maskkit.errors import PixelError
from maskkit.kernels import set_threads, threads
from maskkit.kernels.blur import gaussian_blur

ndimage = pytest.importorskip("scipy.ndimage")


def soft_mask(shape=(211, 317), seed=3):
    """A disc with a soft edge, thin strands and a hard corner that touches the border."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[: shape[0], : shape[1]]
    mask = np.clip(80 - np.hypot(y - shape[0] / 2, x - shape[1] / 2), 0, 1)
    mask[:, rng.integers(0, shape[1], 12)] = rng.random(12)
    mask[:37, :51] = 1
    return mask


def levels(mask):
    return mask.astype(np.float64) * (255 / (1 if mask.dtype.kind == "f" else np.iinfo(mask.dtype).max))


def as_dtype(mask, dtype):
    return (mask if np.dtype(dtype).kind == "f" else np.rint(mask * np.iinfo(dtype).max)).astype(dtype)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
@pytest.mark.parametrize("sigma", [0.4, 1, 3, 4.9, 6, 8, 12, 30])
def test_within_two_levels_of_the_true_gaussian(dtype, sigma):
    mask = as_dtype(soft_mask(), dtype)
    truth = ndimage.gaussian_filter(levels(mask), sigma, mode="nearest", truncate=6)
    assert np.abs(levels(gaussian_blur(mask, sigma)) - truth).max() <= 2


@pytest.mark.slow
@pytest.mark.parametrize("sigma", [60, 150, 1000])
def test_within_four_levels_beyond(sigma):
    mask = as_dtype(soft_mask((523, 611)), np.uint8)
    truth = ndimage.gaussian_filter(levels(mask), sigma, mode="nearest", truncate=6)
    assert np.abs(levels(gaussian_blur(mask, sigma)) - truth).max() <= 4


@pytest.mark.parametrize("shape", [(1, 1), (1, 67), (67, 1), (5, 130), (129, 513)])
@pytest.mark.parametrize("sigma", [0, 2, 9, 70])
def test_a_flat_mask_stays(shape, sigma):
    mask = np.full(shape, 201, np.uint8)
    np.testing.assert_array_equal(gaussian_blur(mask, sigma), mask)


@pytest.mark.parametrize("sigma", [3, 11])
def test_same_for_any_thread_count_and_strides(sigma):
    mask = as_dtype(soft_mask(), np.uint16)
    before = threads()
    try:
        set_threads(1)
        one = gaussian_blur(mask, sigma)
        set_threads(3)
        np.testing.assert_array_equal(gaussian_blur(np.asfortranarray(mask), sigma), one)
    finally:
        set_threads(before)
    out = np.empty((2 * mask.shape[0], mask.shape[1]), np.uint16)[::2]
    assert gaussian_blur(mask, sigma, out=out) is out
    np.testing.assert_array_equal(out, one)


@pytest.mark.parametrize("sigma", [-1, float("nan"), float("inf")])
def test_refuses_impossible_sigma(sigma):
    with pytest.raises(PixelError, match="sigma"):
        gaussian_blur(np.zeros((2, 2), np.uint8), sigma)


def test_refuses_bool():
    with pytest.raises(PixelError, match="bool"):
        gaussian_blur(np.zeros((2, 2), np.bool_), 1)


def test_the_largest_sigma_costs_no_more_than_a_large_one():
    mask = as_dtype(soft_mask((40, 60)), np.uint8)
    wide = gaussian_blur(mask, 1e6).astype(int)
    assert np.abs(gaussian_blur(mask, 1e300).astype(int) - wide).max() <= 1, (
        "nothing of the mask is left by then"
    )
