"""The matting Laplacian on squares, against Levin's formula written out as a dense matrix in float64."""

from contextlib import contextmanager

import numpy as np
import pytest

from maskkit.kernels import native, set_native, set_threads, threads
from maskkit.kernels.laplacian import collect, project, spread, stencil, step
from maskkit.kernels.squares import gather, patches, scatter, squares
from maskkit.matting import colour_lines
from maskkit.matting.sampling import sample_alpha

PATHS = [False] if native._built is None else [True, False]
SIZES = [(3, 3), (9, 11), (16, 8), (3, 40), (25, 7), (21, 34)]


@contextmanager
def path(compiled):
    before = native._active is not None
    set_native(compiled)
    try:
        yield
    finally:
        set_native(before)


def levin(image, eps):
    """Equation 12 of Levin et al. 2008: (HW, HW) float64."""
    height, width = image.shape[:2]
    top = 1 if image.dtype.kind == "f" else np.iinfo(image.dtype).max
    colour, index = image.reshape(-1, 3) / top, np.arange(height * width).reshape(height, width)
    matrix = np.zeros((height * width, height * width))
    for y in range(1, height - 1):
        for x in range(1, width - 1):
            w = index[y - 1 : y + 2, x - 1 : x + 2].ravel()
            centred = colour[w] - colour[w].mean(0)
            inverse = np.linalg.inv(centred.T @ centred / 9 + eps * np.eye(3))
            matrix[np.ix_(w, w)] += np.eye(9) - (1 + centred @ inverse @ centred.T) / 9
    return matrix


def noisy(height, width, dtype=np.uint8, seed=0):
    rng = np.random.default_rng(seed)
    smooth = np.add.outer(np.linspace(0, 0.5, height), np.linspace(0, 0.3, width))[..., None] * [1, 0.7, 0.4]
    photo = smooth + 0.1 * rng.random((height, width, 3)) * (rng.random((height, width, 1)) > 0.5)
    return photo.astype(dtype) if dtype == np.float32 else (photo * np.iinfo(dtype).max).astype(dtype)


def hats(height, width, where, basis):
    """P as a dense matrix (HW, nodes * 4), from its definition."""
    rows, columns = where.grid
    y, x = np.mgrid[:height, :width] + 0.5
    out = np.zeros((height, width, rows + 1, columns + 1, 4))
    for i, j in np.ndindex(rows + 1, columns + 1):
        hat = np.maximum(0, 1 - abs(y / 8 - i)) * np.maximum(0, 1 - abs(x / 8 - j))
        out[:, :, i, j] = hat[..., None] * basis
    return out.reshape(height * width, -1)


def case(height, width, dtype=np.uint8):
    image = noisy(height, width, dtype)
    unknown = np.random.default_rng(1).random((height, width)) > 0.3
    where = squares(np.ones((height, width), bool))
    colour = image / (1 if dtype == np.float32 else np.iinfo(dtype).max) - 0.5
    basis = np.dstack([np.ones((height, width)), colour]) * unknown[..., None]
    tiled = np.stack([gather(basis[..., c], where) for c in range(4)], 1)
    return image, unknown, where, basis, np.ascontiguousarray(tiled)


@pytest.mark.parametrize("compiled", PATHS)
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
@pytest.mark.parametrize("size", SIZES)
def test_a_step_is_levins_matrix(compiled, dtype, size):
    image, unknown, where, *_ = case(*size, dtype)
    rng = np.random.default_rng(2)
    field, right = rng.random((2, *size), np.float32)
    with path(compiled):
        rows = stencil(image, where, 1e-5)
        found = np.zeros(size, np.float32)
        scatter(step(rows, where.near, *(gather(a, where) for a in (field, right, unknown))), where, found)
    wanted = (right - (levin(image, 1e-5) @ field.ravel()).reshape(size)) * unknown
    np.testing.assert_allclose(found, wanted, atol=3e-4)
    assert np.abs(rows.sum(1)).max() < 1e-5


@pytest.mark.parametrize("compiled", PATHS)
@pytest.mark.parametrize("size", SIZES)
def test_the_projection_on_colour_lines(compiled, size):
    image, _, where, basis, tiled = case(*size)
    spreading = hats(*size, where, basis)
    matrix = levin(image, 1e-4)
    with path(compiled):
        rows = stencil(image, where, 1e-4)
        grid = colour_lines._grid(project(rows, where.near, tiled), where)
        residual = np.random.default_rng(3).random(size, np.float32)
        parts = collect(tiled, gather(residual, where))
        field = np.zeros(size, np.float32)
        scatter(spread(tiled, parts), where, field)
        x = np.random.default_rng(4).random((*grid.shape, 4)).astype(np.float32)
        rest = colour_lines._rest(grid, x, np.zeros_like(x))
    want = spreading.T @ (matrix @ (spreading @ x.ravel().astype(float)))
    used = grid.inverse[..., 0, 0] != 0
    np.testing.assert_allclose(rest[used], -want.reshape(x.shape)[used], atol=1e-3)
    sums = np.zeros((*grid.shape, 4))
    for corner, at in enumerate(colour_lines._corners(where)):
        np.add.at(sums, at, parts[:, corner])
    np.testing.assert_allclose(sums.ravel(), spreading.T @ residual.ravel(), atol=1e-4)


@pytest.mark.parametrize("compiled", PATHS)
@pytest.mark.parametrize("shape", [(4, 4), (5, 9), (2, 17)])
def test_the_coarser_grid_is_galerkins(compiled, shape):
    rng = np.random.default_rng(5)
    matrix = np.zeros((*shape, 5, 5, 4, 4), np.float32)
    for y, x, down, across in np.ndindex(*shape, 5, 5):
        if 0 <= y + down - 2 < shape[0] and 0 <= x + across - 2 < shape[1]:
            matrix[y, x, down, across] = rng.random((4, 4))
    coarse = rng.random((shape[0] // 2 + 1, shape[1] // 2 + 1, 4), np.float32)
    with path(compiled):
        smaller = colour_lines._coarser(matrix)
        grids = [
            colour_lines._Grid(m, np.ones((*m.shape[:2], 4, 4), np.float32), None) for m in (matrix, smaller)
        ]
        fine = np.ascontiguousarray(colour_lines._enlarged(coarse, shape))
        want = colour_lines._reduced(-colour_lines._rest(grids[0], fine, np.zeros_like(fine)))
        found = -colour_lines._rest(grids[1], coarse, np.zeros_like(coarse))
    np.testing.assert_allclose(found, want, rtol=1e-4)


def test_squares_hold_the_region_and_their_surroundings():
    array = np.random.default_rng(0).random((21, 30), np.float32)
    region = np.zeros(array.shape, bool)
    region[:10, 9:20] = True
    where = squares(region)
    assert where.corners.tolist() == [[0, 1], [0, 2], [1, 1], [1, 2]]
    values = gather(array, where)
    np.testing.assert_array_equal(patches(values, where.near[:1])[0, 2:, 2:], array[:10, 8:18])
    out = np.zeros_like(array)
    scatter(values, where, out)
    np.testing.assert_array_equal(out[:16, 8:24], array[:16, 8:24])
    assert not out[16:].any()


@pytest.mark.skipif(native._built is None, reason="maskkit was installed without a compiler")
def test_colours_are_sampled_alike_with_and_without_the_compiled_core():
    rng = np.random.default_rng(6)
    image = rng.integers(0, 256, (37, 50, 3), np.uint8)
    inside, outside = rng.random((37, 50)) > 0.95, rng.random((37, 50)) > 0.9
    answers = []
    for compiled in (True, False):
        with path(compiled):
            answers.append(sample_alpha(image, inside, outside & ~inside))
    np.testing.assert_allclose(answers[0], answers[1], atol=1e-6)


def test_threads_change_no_bytes():
    image, unknown, where, _, tiled = case(90, 200)
    before, answers = threads(), []
    try:
        for count in (1, 2):
            set_threads(count)
            rows = stencil(image, where, 1e-8)
            one = step(rows, where.near, tiled[:, 0].copy(), None, gather(unknown, where))
            answers.append((rows, one, project(rows, where.near, tiled), collect(tiled, one)))
    finally:
        set_threads(before)
    for one, other in zip(*answers, strict=True):
        np.testing.assert_array_equal(one, other)
