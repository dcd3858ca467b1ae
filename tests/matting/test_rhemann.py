import importlib.util
import math
from pathlib import Path

import numpy as np
import pytest

spec = importlib.util.spec_from_file_location(
    "rhemann", Path(__file__).parents[1] / "benchmarks" / "rhemann.py"
)
rhemann = importlib.util.module_from_spec(spec)
spec.loader.exec_module(rhemann)


def test_a_perfect_matte_has_no_error():
    truth = np.random.default_rng(0).random((30, 40))
    assert rhemann.errors(truth, truth) == {"sad": 0, "mse": 0, "grad": 0, "conn": 0}


def test_sad_and_mse_of_known_differences():
    truth = np.zeros((10, 20))
    matte = truth.copy()
    matte[0, :5] = 0.5
    assert rhemann.sad(matte, truth) == pytest.approx(2.5 / 1000)
    assert rhemann.mse(matte, truth) == pytest.approx(1000 * 5 * 0.25 / 200)


def test_the_slope_of_a_ramp():
    """A filter of unit energy: for rise k a pixel, k * sum(g) * sum(x^2 g / sigma^2) / energy."""
    ramp = np.tile(np.linspace(0, 0.5, 51), (51, 1))
    x = np.arange(-20, 21)
    bell = np.exp(-(x**2) / (2 * 1.4**2)) / (1.4 * math.sqrt(2 * math.pi))
    energy = np.sqrt(np.square(np.outer(bell, x * bell / 1.4**2)).sum())
    assert rhemann.slope(ramp)[25, 25] == pytest.approx(0.01 / energy, rel=0.02)


def test_grad_sees_a_blurred_edge_and_not_a_constant():
    truth = np.zeros((20, 20))
    truth[:, 10:] = 1
    soft = np.tile(np.clip((np.arange(20) - 7) / 6, 0, 1), (20, 1))
    assert rhemann.grad(soft, truth) > 0
    assert rhemann.grad(np.full((20, 20), 0.5), np.full((20, 20), 0.2)) == pytest.approx(0)


def test_conn_sees_an_island_and_not_an_equal_area_at_the_body():
    truth = np.zeros((20, 40))
    truth[5:15, 5:20] = 1
    island, bump = truth.copy(), truth.copy()
    island[8:12, 30:34] = 1
    assert rhemann.conn(island, truth) == pytest.approx(16 / 1000)
    bump[5:15, 20] = 0.1  # within the slack of connectedness
    assert rhemann.conn(bump, truth) == 0
    assert rhemann.sad(bump, truth) > 0
