"""Mask arithmetic against SciPy, scikit-image, Pillow and exact integers."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image, ImageChops
from scipy import ndimage
from skimage import measure

from maskkit import masks
from maskkit.errors import PixelError
from maskkit.kernels import convert

MASKS = arrays(np.uint8, st.tuples(st.integers(1, 40), st.integers(1, 40)))
# small uniform-ish shapes: blobs, so that regions and edges mean something
BLOBS = MASKS.map(lambda mask: cv2.GaussianBlur(mask, (0, 0), 2, borderType=cv2.BORDER_REFLECT))


def blobs(side=200, seed=7):
    noise = np.random.default_rng(seed).random((side, side))
    field = ndimage.gaussian_filter(noise, 6)
    return np.clip((field - field.mean()) / field.std() * 90 + 110, 0, 255).astype(np.uint8)


SAME_IN_EVERY_DTYPE = {
    "threshold": lambda mask: masks.threshold(mask, 0.5),
    "feather": lambda mask: masks.feather(mask, 2.5),
    "feather large": lambda mask: masks.feather(mask, 20),
    "feather inside": lambda mask: masks.feather(mask, 2, "inside"),
    "feather outside": lambda mask: masks.feather(mask, 2, "outside"),
    "grow": lambda mask: masks.grow(mask, 3.3),
    "shrink": lambda mask: masks.shrink(mask, 3.3),
    "levels": lambda mask: masks.levels(mask, 0.2, 0.7, 1.8),
    "smooth": lambda mask: masks.smooth(mask, 3),
    "invert": masks.invert,
    "multiply": lambda mask: masks.combine(mask, mask[::-1].copy(), "multiply"),
    "subtract": lambda mask: masks.combine(mask, mask[::-1].copy(), "subtract"),
    "keep_largest": lambda mask: masks.keep_largest(mask, 2, level=0.5),
    "fill_holes": masks.fill_holes,
}


@pytest.mark.parametrize("name", SAME_IN_EVERY_DTYPE)
@pytest.mark.parametrize("dtype", [np.uint16, np.float32, np.float64])
def test_every_dtype_gives_the_same_to_one_level(name, dtype):
    edit, mask = SAME_IN_EVERY_DTYPE[name], blobs()
    expected = edit(mask).astype(float)
    result = edit(convert(mask, dtype))
    assert result.dtype == dtype
    assert np.abs(convert(result, np.float64) * 255 - expected).max() <= 1


@pytest.mark.parametrize("name", SAME_IN_EVERY_DTYPE)
def test_inputs_may_be_read_only_and_strided(name):
    edit, mask = SAME_IN_EVERY_DTYPE[name], blobs()
    wide = np.zeros((mask.shape[0], mask.shape[1] * 2), np.uint8)
    wide[:, ::2] = mask
    view = wide[:, ::2]
    view.flags.writeable = False
    assert np.array_equal(edit(view), edit(mask))
    assert np.array_equal(view, mask)


@given(MASKS, st.floats(0, 1))
def test_threshold_is_the_exact_comparison(mask, level):
    assert np.array_equal(masks.threshold(mask, level) == 255, mask / 255 >= level)


@pytest.mark.parametrize(("dtype", "top"), [(np.uint8, 255), (np.uint16, 65535)])
def test_levels_is_the_nearest_value_of_the_formula(dtype, top):
    mask = np.arange(top + 1, dtype=dtype).reshape(1, -1)
    expected = np.clip((mask / top - 0.1) / 0.6, 0, 1) ** (1 / 2.2) * top
    assert np.abs(masks.levels(mask, 0.1, 0.7, 2.2) - expected).max() <= 0.5 + 1e-9


@given(MASKS)
def test_combine_against_pillow(a):
    b = a[::-1, ::-1].copy()
    one, other = Image.fromarray(a), Image.fromarray(b)
    assert np.array_equal(masks.combine(a, b, "union"), ImageChops.lighter(one, other))
    assert np.array_equal(masks.combine(a, b, "intersect"), ImageChops.darker(one, other))
    assert np.array_equal(masks.combine(a, b, "subtract"), ImageChops.darker(one, ImageChops.invert(other)))
    assert np.array_equal(masks.invert(a), ImageChops.invert(one))


def test_multiply_of_all_8_bit_pairs_is_the_nearest_integer():
    a, b = (np.ascontiguousarray(grid) for grid in np.meshgrid(*[np.arange(256, dtype=np.uint8)] * 2))
    exact = (2 * a.astype(int) * b + 255) // 510  # Pillow's own multiply rounds 144 / 255 to 0
    assert np.array_equal(masks.combine(a, b, "multiply"), exact)


def test_multiply_of_all_16_bit_edges_is_the_nearest_integer():
    values = np.array([0, 1, 2, 254, 255, 256, 32767, 32768, 65533, 65534, 65535], np.uint16)
    a, b = (np.ascontiguousarray(grid) for grid in np.meshgrid(values, values))
    expected = [(2 * int(x) * int(y) + 65535) // (2 * 65535) for x, y in zip(a.flat, b.flat, strict=True)]
    assert masks.combine(a, b, "multiply").ravel().tolist() == expected


@pytest.mark.parametrize("radius", [0.7, 2.0, 5.5, 14.0, 40.0])
def test_feather_is_the_gaussian(radius):
    mask = np.where(blobs() > 128, 255, 0).astype(np.uint8)
    expected = ndimage.gaussian_filter(mask.astype(float), radius, mode="nearest", truncate=6)
    assert np.abs(masks.feather(mask, radius).astype(float) - expected).max() <= (2 if radius <= 30 else 4)


def test_feather_inside_adds_nothing_and_outside_takes_nothing_away():
    mask = blobs()
    assert (masks.feather(mask, 4, "inside") <= mask).all()
    assert (masks.feather(mask, 4, "outside") >= mask).all()
    hard = masks.threshold(mask)
    inside, outside = masks.feather(hard, 4, "inside"), masks.feather(hard, 4, "outside")
    assert ((inside > 0) & (inside < 255)).sum() > 500
    assert ((outside > 0) & (outside < 255)).sum() > 500


def disc(radius):
    y, x = np.mgrid[-radius : radius + 1, -radius : radius + 1]
    return x * x + y * y <= radius * radius


@pytest.mark.parametrize("px", [1, 2, 5, 9])
def test_grow_and_shrink_are_dilation_and_erosion_by_a_disc(px):
    mask = blobs(90)
    grown = ndimage.grey_dilation(mask, footprint=disc(px), mode="constant", cval=0)
    shrunk = ndimage.grey_erosion(mask, footprint=disc(px), mode="constant", cval=255)
    assert np.array_equal(masks.grow(mask, px), grown)
    assert np.array_equal(masks.shrink(mask, px), shrunk)


def test_growing_by_fractions_moves_a_straight_edge_by_fractions():
    mask = np.zeros((9, 60), np.uint8)
    mask[:, :20] = 255
    area = [masks.grow(mask, px)[4].sum() / 255 for px in (1, 1.25, 1.5, 1.75, 2)]
    assert area == pytest.approx([21, 21.25, 21.5, 21.75, 22], abs=0.005)


@settings(max_examples=30)
@given(BLOBS, st.floats(0, 4))
def test_shrinking_is_growing_what_is_not_there(mask, px):
    dual = masks.invert(masks.grow(masks.invert(mask), px)).astype(int)
    assert np.abs(masks.shrink(mask, px) - dual).max() <= (px % 1 > 0)  # a tie may round either way


def test_smooth_takes_steps_away_and_keeps_the_area():
    stairs = np.kron(np.tril(np.ones((12, 12))), np.full((8, 8), 255)).astype(np.uint8)
    smoothed = masks.smooth(stairs, 6)
    inner = np.s_[16:80, 16:80]
    # along the diagonal the half-level contour is straight: x - y is nearly constant on it
    y, x = np.nonzero((smoothed[inner] > 60) & (smoothed[inner] < 195))
    assert np.std(x - y) < 1.6
    assert smoothed.mean() == pytest.approx(stairs.mean(), rel=0.03)


def test_trimap_has_a_band_of_the_asked_width():
    mask = np.zeros((40, 80), np.uint8)
    mask[:, 40:] = 255
    row = masks.trimap(mask, 5)[20]
    assert (row[:35] == 0).all()
    assert (row[35:45] == 128).all()
    assert (row[45:] == 255).all()


@settings(max_examples=40)
@given(BLOBS)
def test_trimap_never_calls_soft_pixels_known(mask):
    known = masks.trimap(mask, 0)
    assert (mask[known == 255] / 255 >= 0.98).all()
    assert (mask[known == 0] / 255 <= 0.02).all()


@pytest.mark.parametrize("n", [1, 2, 5])
def test_keep_largest_keeps_the_heaviest_components(n):
    hard = masks.threshold(blobs())
    labels = measure.label(hard, connectivity=2)
    weights = np.bincount(labels.ravel())[1:]
    kept = np.argsort(-weights, kind="stable")[:n] + 1
    assert len(weights) > n
    assert np.array_equal(masks.keep_largest(hard, n) > 0, np.isin(labels, kept))


def test_keep_largest_keeps_the_soft_edge_and_drops_that_of_others():
    mask = np.zeros((60, 120), np.uint8)
    cv2.circle(mask, (30, 30), 20, 255, -1)
    cv2.circle(mask, (95, 30), 8, 255, -1)
    soft = cv2.GaussianBlur(mask, (0, 0), 3)
    kept = masks.keep_largest(soft)
    assert np.array_equal(kept[:, :60], soft[:, :60])
    assert kept[:, 85:].max() == 0


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_fill_holes_against_scipy(seed):
    hard = masks.threshold(blobs(seed=seed))
    expected = ndimage.binary_fill_holes(hard > 0)
    # SciPy fills by 4-connected background, as does this
    assert np.array_equal(masks.fill_holes(hard) > 0, expected)


def test_fill_holes_leaves_large_ones_and_takes_the_soft_rim():
    mask = np.full((60, 60), 255, np.uint8)
    mask[10:13, 10:13] = 0
    mask[30:50, 30:50] = 0
    mask = cv2.GaussianBlur(mask, (0, 0), 0.8)
    filled = masks.fill_holes(mask, max_area=30)
    assert filled[5:20, 5:20].min() == 255
    assert filled[40, 40] == 0


@given(MASKS)
def test_bounding_box_against_pillow(mask):
    assert masks.bounding_box(mask) == Image.fromarray(mask).getbbox()


def test_resize_averages_down_and_keeps_a_bool_mask_bool():
    mask = np.kron(np.eye(4), np.full((4, 4), 200)).astype(np.uint8)
    assert np.array_equal(masks.resize(mask, (4, 4)), np.eye(4) * 200)
    assert masks.resize(mask > 0, (8, 8)).dtype == np.bool_


def test_adjust_is_its_parts():
    mask = blobs()
    expected = masks.feather(masks.shrink(masks.threshold(mask, 0.4), 2), 1.5)
    assert np.array_equal(masks.adjust(mask, threshold=0.4, grow=-2, feather=1.5), expected)
    assert masks.adjust(mask) is mask


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda mask: masks.threshold(mask, 1.5), "level: need 0 to 1"),
        (lambda mask: masks.threshold(mask.astype(np.int32)), "mask: dtype int32"),
        (lambda mask: masks.threshold(mask[0]), r"mask: need shape \(H, W\)"),
        (lambda mask: masks.threshold(np.full((2, 2), np.nan)), "mask: has NaN"),
        (lambda mask: masks.threshold(np.full((2, 2), np.inf)), "mask: has NaN or infinite"),
        (lambda mask: masks.feather(mask, -1), "radius: need a finite number"),
        (lambda mask: masks.feather(mask, float("nan")), "radius: need a finite number"),
        (lambda mask: masks.feather(mask, 1, "left"), "edge: need one of both, inside, outside"),
        (lambda mask: masks.feather(mask > 0, 1), "for a soft edge, got bool"),
        (lambda mask: masks.grow(mask, float("inf")), "px: need a finite number"),
        (lambda mask: masks.levels(mask, 0.5, 0.5), "black: need less than white"),
        (lambda mask: masks.levels(mask, gamma=0), "gamma: need a finite number above 0"),
        (lambda mask: masks.combine(mask, mask[:-1]), "b: need 4x4 .* a, got 4x3"),
        (lambda mask: masks.combine(mask, mask, "xor"), "operation: need one of"),
        (lambda mask: masks.trimap(mask, 1, 0.9, 0.1), "low: need less than high"),
        (lambda mask: masks.keep_largest(mask, 0), "n: need a whole number, at least 1"),
        (lambda mask: masks.fill_holes(mask, 0), "max_area: need a whole number, at least 1"),
        (lambda mask: masks.resize(mask, (0, 4)), "size: need at least 1x1"),
        (lambda mask: masks.invert(mask, out=mask), "out: shares memory"),
        (lambda mask: masks.invert(mask, out=np.empty((4, 4), np.uint16)), "out: need a uint8 array"),
    ],
)
def test_bad_input_names_the_argument(call, words):
    with pytest.raises(PixelError, match=words):
        call(np.zeros((4, 4), np.uint8))


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_an_enlarged_mask_has_the_nearest_values(dtype):
    rng = np.random.default_rng(12)
    top = np.iinfo(dtype).max
    mask = rng.integers(0, top + 1, (20, 30)).astype(dtype)
    got = masks.resize(mask, (90, 60)).astype(np.float64)
    want = mask.astype(np.float64)
    for axis in (0, 1):  # bilinear at the centres of thirds, by its definition
        where = ((np.arange(want.shape[axis] * 3) + 0.5) / 3 - 0.5).clip(0, want.shape[axis] - 1)
        first = np.minimum(where.astype(int), want.shape[axis] - 2)
        share = (where - first)[:, None] if axis == 0 else where - first
        want = want.take(first, axis) * (1 - share) + want.take(first + 1, axis) * share
    assert np.abs(got - want).max() <= 0.5 + 1e-3 * top / 255
