import numpy as np
import pytest

import maskkit as mk
from maskkit.errors import PixelError
from maskkit.kernels import set_threads, threads
from maskkit.matting import guided_filter


def windows(array, radius):
    """Every (2r+1) squared window of a mirrored array: (H, W, n, ...)."""
    pad = [(radius, radius)] * 2 + [(0, 0)] * (array.ndim - 2)
    wide = np.pad(array, pad, "symmetric")
    height, width = array.shape[:2]
    span = range(2 * radius + 1)
    return np.stack([wide[y : y + height, x : x + width] for y in span for x in span], axis=2)


def definition(guide, mask, radius, eps):
    """Equations 5, 6, 8 of He et al. 2013 (9-11 for colour) in float64, window by window."""
    seen, target = windows(guide, radius), windows(mask, radius)
    mean_i, mean_p = seen.mean(2), target.mean(2)
    centred = seen - mean_i[:, :, None]
    n = seen.shape[2]
    covariance = np.einsum("hwni,hwnj->hwij", centred, centred) / n + eps * np.eye(guide.shape[2])
    cross = np.einsum("hwni,hwn->hwi", centred, target - mean_p[:, :, None]) / n
    a = np.linalg.solve(covariance, cross[..., None])[..., 0]
    b = mean_p - np.einsum("hwi,hwi->hw", a, mean_i)
    return np.einsum("hwi,hwi->hw", windows(a, radius).mean(2), guide) + windows(b, radius).mean(2)


@pytest.fixture
def scene():
    rng = np.random.default_rng(3)
    y, x = np.mgrid[:37, :45]
    mask = ((y - 18) ** 2 + (x - 22) ** 2 < 120).astype(np.float64)
    guide = 0.3 + 0.4 * mask[..., None] * [1, 0.6, 0.2] + rng.normal(0, 0.03, (37, 45, 3))
    return guide.clip(0, 1), mask


@pytest.mark.parametrize("eps", [1e-2, 1e-4, 1e-6])
@pytest.mark.parametrize("radius", [1, 4])
def test_is_the_papers_definition(scene, radius, eps):
    guide, mask = scene
    np.testing.assert_allclose(
        guided_filter(guide, mask, radius, eps), definition(guide, mask, radius, eps), atol=2e-4
    )
    grey = guide.mean(2)
    np.testing.assert_allclose(
        guided_filter(grey, mask, radius, eps), definition(grey[..., None], mask, radius, eps), atol=2e-4
    )


def test_does_not_depend_on_tiles_or_threads():
    rng = np.random.default_rng(0)
    guide = rng.integers(0, 256, (450, 900, 3), np.uint8)
    mask = np.zeros((450, 900), np.uint8)
    mask[100:300, 200:700] = 255
    before = threads()
    try:
        set_threads(1)
        once = guided_filter(guide, mask, 5, 1e-3)
        set_threads(3)
        again = guided_filter(guide, mask, 5, 1e-3)
    finally:
        set_threads(before)
    np.testing.assert_array_equal(once, again)
    part = guided_filter(guide[300:450, 330:600], mask[300:450, 330:600], 5, 1e-3)
    np.testing.assert_allclose(part[10:-10, 10:-10], once[310:440, 340:590], atol=1e-5)


def test_active_tiles_leave_the_rest_as_the_mask():
    rng = np.random.default_rng(1)
    guide = rng.random((60, 1000, 3), np.float32)
    mask = np.zeros((60, 1000), np.float32)
    mask[:, :100] = 1
    active = np.zeros(mask.shape, bool)
    active[:, 80:120] = True
    partial = guided_filter(guide, mask, 4, 1e-3, active=active)
    np.testing.assert_array_equal(partial[:, 500:], mask[:, 500:])
    np.testing.assert_allclose(partial, guided_filter(guide, mask, 4, 1e-3), atol=1e-5)


def test_the_coarse_grid_is_near_the_fine_one(scene):
    y, x = np.mgrid[:300, :501]
    shade = 0.5 + 0.2 * np.sin(x / 40) * np.cos(y / 50)
    inside = (y - 150) ** 2 + (x - 250) ** 2 < 80**2
    guide = np.dstack([shade * 0.5, shade, np.where(inside, 0.9, 0.3)])
    fine = guided_filter(guide, inside, 12, 1e-4)
    coarse = guided_filter(guide, inside, 12, 1e-4, subsample=4)
    assert np.abs(fine - coarse).mean() < 0.01
    assert np.abs(coarse - inside).mean() < 0.01


def test_a_soft_edge_is_recovered_from_a_hard_mask():
    x = np.linspace(-1, 1, 201)
    alpha = np.tile(np.clip(x * 8 + 0.5, 0, 1), (50, 1))
    guide = alpha[..., None] * [0.9, 0.2, 0.1] + (1 - alpha[..., None]) * [0.1, 0.3, 0.8]
    found = guided_filter(guide, alpha > 0.5, 20, 1e-5)
    assert np.abs(found - alpha).mean() < 0.5 * np.abs((alpha > 0.5) - alpha).mean()


def test_one_pixel_and_a_strip():
    assert guided_filter(np.zeros((1, 1, 3)), np.ones((1, 1)), 9).tolist() == [[1.0]]
    strip = guided_filter(np.zeros((3, 5000), np.uint8), np.ones((3, 5000), bool), 30, subsample=3)
    np.testing.assert_allclose(strip, 1, atol=1e-5)


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ((np.zeros((4, 5, 3)), np.zeros((5, 4)), 1), "swapped"),
        ((np.zeros((4, 5, 3)), np.zeros((4, 5)), 0), "radius"),
        ((np.zeros((4, 5, 3)), np.zeros((4, 5)), 1, 0.0), "eps"),
        ((np.full((4, 5, 3), np.nan), np.zeros((4, 5)), 1), "guide: has NaN"),
    ],
)
def test_bad_arguments_are_named(arguments, text):
    with pytest.raises(PixelError, match=text):
        guided_filter(*arguments)


def test_public_name():
    assert mk.guided_filter is guided_filter
