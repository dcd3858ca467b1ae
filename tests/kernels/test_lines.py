"""Colour lines over a picture, against loops in double precision that follow the formula."""

import numpy as np
import pytest

from maskkit.kernels import native, set_native
from maskkit.kernels.lines import Grid, apply_lines, bound_lines, fuse_lines

TOPS = {np.uint8: 255, np.uint16: 65535, np.float32: 1}


def at(grid, y, x):
    """The planes at a pixel, by hand."""
    spots = []
    for place, corner, length, cells in zip((y, x), grid.corner, grid.size, grid.planes.shape, strict=False):
        where = min(max((place + corner + 0.5) * cells / length - 0.5, 0), cells - 1)
        low = int(where)
        spots.append(((low, 1 - (where - low)), (min(low + 1, cells - 1), where - low)))
    down, across = spots
    return sum(v * w * grid.planes[i, j].astype(float) for i, v in down for j, w in across)


def line(planes, colour, centre=0.0):
    return float(planes[:3] @ (colour - centre) + planes[3])


def clipped(value):
    return min(max(value, 0.0), 1.0)


def fused(fine, wide, colour):
    """`maskkit.matting.edge` at a pixel."""
    alpha = line(fine, colour, 0.5)
    for k in (0, 5):
        veil = wide[k + 4]
        alpha += wide[10] * (clipped((line(wide[k:], colour, 0.5) - veil) / (1 - 2 * veil)) - alpha)
    return clipped(alpha)


def photo(rng, shape, dtype):
    return (rng.random((*shape, 3)) * TOPS[dtype]).astype(dtype)


@pytest.fixture(params=["compiled", "numpy"])
def path(request):
    before = native.module() is not None
    if set_native(request.param == "compiled") is False and request.param == "compiled":
        pytest.skip("maskkit was installed without a compiler")
    yield request.param
    set_native(before)


@pytest.mark.parametrize("dtype", TOPS)
@pytest.mark.parametrize(("cells", "size"), [((5, 7), (31, 300)), ((1, 1), (4, 9)), ((9, 2), (9, 600))])
def test_lines_are_bilinear_and_clipped(path, dtype, cells, size):
    rng = np.random.default_rng(4)
    grid = Grid(rng.normal(0.2, 0.5, (*cells, 4)).astype(np.float32), size, (1, 0))
    image, out = photo(rng, (size[0] - 1, size[1]), dtype), np.empty((size[0] - 1, size[1]), np.float32)
    apply_lines(image, grid, out)
    for y, x in zip(rng.integers(0, len(out), 60), rng.integers(0, size[1], 60), strict=True):
        wanted = clipped(line(at(grid, y, x), image[y, x] / TOPS[dtype]))
        assert out[y, x] == pytest.approx(wanted, abs=2e-4), (y, x)


def test_where_the_slopes_are_0_alpha_is_the_offset_whatever_the_colour(path):
    planes = np.zeros((3, 4, 4), np.float32)
    planes[:, 2:, 3] = 1
    out = np.empty((30, 40), np.float32)
    apply_lines(photo(np.random.default_rng(1), out.shape, np.uint8), Grid(planes, out.shape), out)
    assert (out[:, :15] == 0).all()
    assert (out[:, 25:] == 1).all()
    np.testing.assert_allclose(out[:, 15:25], np.tile((np.arange(10) + 0.5) / 10, (30, 1)), atol=1e-5)


@pytest.mark.skipif(native._built is None, reason="maskkit was installed without a compiler")
@pytest.mark.parametrize("dtype", TOPS)
@pytest.mark.parametrize("share", [0.0, 0.7])
def test_fused_lines_follow_the_formula(dtype, share):
    rng = np.random.default_rng(6)
    fine = Grid(rng.normal(0.1, 0.6, (12, 70, 4)).astype(np.float32), (48, 280), (5, 3))
    wide = Grid(rng.random((8, 50, 11)).astype(np.float32), (48, 300), (6, 12))
    wide.planes[..., [4, 9]] *= 0.4
    wide.planes[..., 10] *= share
    image, out = photo(rng, (30, 270), dtype), np.empty((30, 270), np.float32)
    fuse_lines(image, fine, wide, out)
    for y, x in zip(rng.integers(0, 30, 80), rng.integers(0, 270, 80), strict=True):
        wanted = fused(at(fine, y, x), at(wide, y, x), image[y, x] / TOPS[dtype])
        assert out[y, x] == pytest.approx(wanted, abs=2e-5), (y, x)


@pytest.mark.skipif(native._built is None, reason="maskkit was installed without a compiler")
@pytest.mark.parametrize("dtype", TOPS)
@pytest.mark.parametrize("factor", [2, 3, 7])
def test_bound_lines_follow_the_formula_in_the_cells_that_are_wanted(dtype, factor):
    rng = np.random.default_rng(7)
    planes = rng.normal(0.3, 0.6, (9, 90, 7)).astype(np.float32)
    planes[..., 4:6] = np.sort(rng.uniform(-0.1, 1.1, (9, 90, 2)))
    planes[..., 6] = rng.random((9, 90)) < 0.3
    planes[4:] *= planes[4:, :, 6:] > 2  # rows of which nothing is wanted
    rows, left = 8 * factor, 2 * factor
    grid = Grid(planes, (9 * factor, 90 * factor), (factor, left))
    image, out = photo(rng, (rows, 80 * factor), dtype), np.full((rows, 80 * factor), 7, np.float32)
    bound_lines(image, grid, out)
    for y, x in zip(rng.integers(0, rows, 300), rng.integers(0, 80 * factor, 300), strict=True):
        seen = at(grid, y, x)
        alpha = clipped(min(max(line(seen, image[y, x] / TOPS[dtype], 0.5), seen[4]), seen[5]))
        wanted = planes[(y + factor) // factor, (x + left) // factor, 6]
        assert out[y, x] == pytest.approx(alpha if wanted else 7, abs=2e-5), (y, x)
