"""The layers of a network in the compiled core against sums written out."""

import cv2
import numpy as np
import pytest

from maskkit.kernels import layers, native

pytestmark = pytest.mark.skipif(not layers.available(), reason="needs the compiled core, and FMA")


def by_hand(picture, weights, bias, dilation):
    """``sum over taps and inputs of w x + b`` with zeros around, in float64."""
    (height, width, _), side = picture.shape, weights.shape[2]
    reach = dilation * (side // 2)
    wide = np.pad(picture.astype(np.float64), ((reach, reach), (reach, reach), (0, 0)))
    out = np.tile(bias.astype(np.float64), (height, width, 1))
    for i, j in np.ndindex(side, side):
        rows, columns = (slice(k * dilation, k * dilation + n) for k, n in ((i, height), (j, width)))
        out += wide[rows, columns] @ weights[:, :, i, j].T.astype(np.float64)
    return out


@pytest.mark.parametrize("size", [(1, 1), (5, 3), (13, 30), (24, 9), (70, 50)])
@pytest.mark.parametrize(
    ("inputs", "outputs", "side", "dilation"),
    [([3], 20, 3, 1), ([16], 16, 3, 1), ([8, 24], 64, 3, 1), ([16, 16], 1, 3, 1), ([16], 17, 3, 4),
     ([1, 1, 5], 2, 1, 1), ([5, 3], 16, 3, 1), ([16, 32], 64, 3, 1), ([48], 24, 3, 1)],
)  # fmt: skip
def test_convolution(size, inputs, outputs, side, dilation):
    rng = np.random.default_rng(0)
    parts = tuple(rng.normal(size=(*size, each)).astype(np.float32) for each in inputs)
    weights = rng.normal(size=(outputs, sum(inputs), side, side)).astype(np.float32)
    bias = rng.normal(size=outputs).astype(np.float32)
    plus = rng.normal(size=(*size, outputs)).astype(np.float32)
    ready = layers.convolution(weights, bias, dilation)
    truth = by_hand(np.concatenate(parts, axis=2), weights, bias, dilation)
    scale = np.abs(truth).max() * 2e-5
    np.testing.assert_allclose(layers.convolved(parts, ready), truth, atol=scale)
    both = layers.convolved(parts, ready, relu=True, plus=plus)
    np.testing.assert_allclose(both, np.maximum(truth, 0) + plus, atol=scale)


@pytest.mark.parametrize("size", [(1, 1), (4, 6), (7, 5)])
def test_the_largest_of_four(size):
    picture = np.random.default_rng(1).normal(size=(*size, 11)).astype(np.float32)
    found = layers.halved(picture)
    for y, x in np.ndindex(*found.shape[:2]):
        square = picture[2 * y : 2 * y + 2, 2 * x : 2 * x + 2]
        np.testing.assert_array_equal(found[y, x], square.max((0, 1)))


@pytest.mark.parametrize("size", [(1, 1), (9, 14), (3, 40)])
def test_stretched_as_opencv_does(size):
    picture = np.random.default_rng(2).random((5, 7, 3)).astype(np.float32)
    truth = cv2.resize(picture, size[::-1], interpolation=cv2.INTER_LINEAR)
    np.testing.assert_allclose(layers.stretched(picture, *size), truth, atol=1e-5)


def test_what_does_not_fit_is_refused():
    convolve, halve = native.whole("convolve"), native.whole("halve")
    good = np.zeros((4, 4, 8), np.float32)
    ready = layers.convolution(np.zeros((16, 8, 3, 3), np.float32), np.zeros(16, np.float32))
    out, weights = np.zeros((4, 4, 16), np.float32), np.zeros((36, 8, 16), np.float32)
    usual = {"parts": (good,), "weights": weights, "bias": ready.bias, "to": out, "plus": None}

    def call(*, more=(3, 1, False, True), span=(0, 1), **changed):
        convolve(*{**usual, **changed}.values(), *more, *span)

    call()
    wrong = (
        {"parts": ()}, {"parts": (good,) * 9}, {"parts": (good[:2],)}, {"parts": (good[..., :3].copy(),)},
        {"parts": (good[..., 0].copy(),)}, {"weights": weights[:1]}, {"bias": ready.bias[:3]},
        {"to": out[:2]}, {"to": good}, {"plus": good}, {"plus": out}, {"more": (3, 2, False, True)},
        {"more": (2, 1, False, False)}, {"span": (0, 2)}, {"span": (-1, 1)},
        {"parts": (good.astype(np.float64),)},
    )  # fmt: skip
    for one in wrong:
        with pytest.raises(ValueError):
            call(**one)
    with pytest.raises(TypeError):
        call(parts=[good])
    with pytest.raises(ValueError, match="do not fit"):
        halve(good, np.zeros((3, 2, 8), np.float32), 0, 1)


def test_weights_that_do_not_fit_are_refused():
    weigh, windows = native.whole("weigh"), np.zeros((9, 32), np.float32)
    weigh(windows, np.zeros((36, 32), np.float32))
    for given, numbers in (
        (windows, (36, 16)),
        (windows[:8].copy(), (32, 32)),
        (windows[:, :8].copy(), (36, 8)),
    ):
        with pytest.raises(ValueError, match="do not fit"):
            weigh(given, np.zeros(numbers, np.float32))


def test_memory_is_taken_again_once_nothing_views_it():
    picture = np.random.default_rng(3).random((300, 300, 16)).astype(np.float32)
    truth = layers.halved(picture)
    with layers.reused_memory():
        first = layers.halved(picture)
        view, at = first[1:].transpose(2, 0, 1), first.ctypes.data
        del first
        second = layers.halved(picture)
        assert not np.shares_memory(view, second)
        del view
        third = layers.halved(picture[:, :290].copy())
        assert third.ctypes.data == at
    np.testing.assert_array_equal(second, truth)
    np.testing.assert_array_equal(third[:, :140], truth[:, :140])


def test_the_same_answers_in_reused_memory():
    rng = np.random.default_rng(4)
    ready = layers.convolution(rng.normal(size=(32, 32, 3, 3)).astype(np.float32), np.zeros(32, np.float32))
    start = rng.random((120, 120, 32)).astype(np.float32)

    def chain():
        value = start
        for _ in range(4):
            value = layers.stretched(layers.halved(layers.convolved((value,), ready, relu=True)), 120, 120)
        return value

    with layers.reused_memory():
        again = chain()
    np.testing.assert_array_equal(again, chain())
