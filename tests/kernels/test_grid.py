"""Means of blocks made band by band, against those of the whole array."""

import numpy as np
import pytest

from maskkit.kernels import convert
from maskkit.kernels.grid import shrink, shrink_as


@pytest.mark.parametrize("factor", [1, 2, 3, 40])
@pytest.mark.parametrize("shape", [(1, 1), (70, 90), (700, 301), (301, 2), (5, 3000)])
@pytest.mark.parametrize(("given", "wanted"), [
    (np.bool_, np.float32), (np.uint8, np.float32), (np.uint8, np.uint16), (np.float32, np.float32),
    (np.uint16, np.uint8),
])  # fmt: skip
def test_means_in_another_dtype(factor, shape, given, wanted):
    level = np.random.default_rng(0).random(shape)
    array = convert(level, given)[::-1]
    found, truth = shrink_as(array, factor, wanted), shrink(convert(array, wanted), factor)
    assert found.dtype == wanted
    if wanted is np.float32:  # a mean of few rows may be rounded otherwise
        np.testing.assert_allclose(found, truth, atol=1e-6)
    else:
        np.testing.assert_allclose(found.astype(int), truth.astype(int), atol=1 if factor > 2 else 0)


def test_truth_is_what_it_was():
    mask = np.random.default_rng(1).random((50, 30)) > 0.5
    assert convert(np.array([0.4, 0.5, 0.6])[None], np.bool_).tolist() == [[False, True, True]]
    np.testing.assert_array_equal(convert(mask, np.float32), mask.astype(float))
