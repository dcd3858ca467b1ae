import itertools
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from maskkit import PixelError, from_bgr, to_bgr
from maskkit.checks import check_amount, check_unit
from maskkit.codec import Picture
from maskkit.pixels import (
    check_image,
    check_mask,
    check_out,
    check_same_size,
    max_value,
    split_alpha,
)

DTYPES = [np.bool_, np.uint8, np.uint16, np.float32, np.float64]


@pytest.mark.parametrize(("dtype", "white"), [*zip(DTYPES, [1, 255, 65535, 1, 1], strict=True)])
def test_white(dtype, white):
    assert max_value(dtype) == white


@pytest.mark.parametrize(
    "dtype", [np.int8, np.int32, np.int64, np.uint32, np.float16, np.complex64, object, ">u2", "nope"]
)
def test_other_dtypes_have_no_white(dtype):
    with pytest.raises(PixelError, match="declares no pixel range"):
        max_value(dtype)


@pytest.mark.parametrize("dtype", [np.int32, np.int64, np.uint32, np.float16, np.longdouble, ">u2", ">f4"])
@pytest.mark.parametrize("check", [check_image, check_mask])
def test_arrays_of_other_dtypes_are_refused(check, dtype):
    shape = (2, 2, 3) if check is check_image else (2, 2)
    with pytest.raises(PixelError, match=r"^picture: dtype .* declares no pixel range; need bool, uint8"):
        check(np.zeros(shape, dtype), "picture")


@pytest.mark.parametrize(
    ("check", "shape"),
    [*itertools.product([check_image], [(4,), (2, 2), (2, 2, 1), (2, 2, 2), (2, 2, 5), (0, 2, 3)]),
     *itertools.product([check_mask], [(4,), (2, 2, 1), (2, 2, 3), (0, 2), (2, 0)])],
)  # fmt: skip
def test_other_shapes_are_refused(check, shape):
    with pytest.raises(PixelError, match=r"^it: (need shape|has no pixels)"):
        check(np.zeros(shape, np.uint8), "it")


@pytest.mark.parametrize("thing", [None, 3, [[0]], "a.png", b"", np.float32(0)])
def test_what_is_no_array_is_refused(thing):
    with pytest.raises(PixelError, match=rf"^mask: need a NumPy array, got {type(thing).__name__}"):
        check_mask(thing)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(
    ("value", "says"),
    [(np.nan, "NaN or infinite"), (-np.nan, "NaN or infinite"), (np.inf, "NaN or infinite"),
     (-np.inf, "NaN or infinite"), (1.5, "got 0 to 1.5"), (-0.25, "got -0.25 to 0"), (255.0, "got 0 to 255"),
     ("just over", "got 0 to 1.000002"), ("just under", "got -2e-06 to 0")],
)  # fmt: skip
@pytest.mark.parametrize("place", [0, 17, -1])
def test_floats_out_of_range_are_refused_wherever_they_are(dtype, value, says, place):
    mask = np.zeros((5, 7), dtype)
    near = {"just over": dtype(1.000002), "just under": dtype(-0.000002)}
    mask.flat[place] = near.get(value, value)
    with pytest.raises(PixelError, match=says):
        check_mask(mask)
    with pytest.raises(PixelError, match=says):
        check_mask(mask[::-1, ::-1])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_what_rounding_leaves_beside_0_and_1_is_clipped_in_a_copy(dtype):
    mask = np.array([[-1e-7, 0, 0.5, 1, 1 + 1e-7, 1.0000009]], dtype)
    before = mask.copy()
    np.testing.assert_array_equal(check_mask(mask), np.array([[0, 0, 0.5, 1, 1, 1]], dtype))
    np.testing.assert_array_equal(mask, before)
    assert check_mask(mask).dtype == dtype


def test_an_axis_too_many_is_refused_with_the_way_out():
    with pytest.raises(PixelError, match=r"got \(5, 7, 1\); take mask\[..., 0\]"):
        check_mask(np.zeros((5, 7, 1)))
    with pytest.raises(PixelError, match=r"got \(1, 5, 7\); take mask\[0\]"):
        check_mask(np.zeros((1, 5, 7)))
    with pytest.raises(PixelError, match=r"channels are the last axis: take image.transpose\(1, 2, 0\)"):
        check_image(np.zeros((3, 5, 7)))


@given(st.lists(st.floats(width=32), min_size=1, max_size=20))
def test_float_range_agrees_with_comparison(values):
    mask = np.array([values], np.float32)
    if ((mask >= 0) & (mask <= 1)).all():
        assert check_mask(mask) is mask
    elif ((mask >= -1e-6) & (mask <= 1 + 1e-6)).all():
        np.testing.assert_array_equal(check_mask(mask), mask.clip(0, 1))
    else:
        with pytest.raises(PixelError):
            check_mask(mask)


def test_edges_of_the_float_range_pass():
    check_mask(np.array([[0.0, -0.0, 1.0, 5e-324]]))


def test_sizes_that_differ_are_named():
    image = np.zeros((20, 30, 3))
    check_same_size(np.zeros((20, 30)), image)
    with pytest.raises(
        PixelError, match=r"mask: need 30x20 \(width x height\), the size of image, got 31x20$"
    ):
        check_same_size(np.zeros((20, 31)), image)
    with pytest.raises(PixelError, match="are swapped; one of them ignores the EXIF orientation"):
        check_same_size(np.zeros((30, 20)), image)


def test_out_must_fit():
    image = np.zeros((4, 4, 3), np.uint8)
    good = np.empty((4, 4), np.float32)
    assert check_out(good, (4, 4), np.float32, image) is good
    refused = {
        "need a float32 array of shape .4, 4., got float64": np.empty((4, 4)),
        "got float32 .4, 5.": np.empty((4, 5), np.float32),
        "got list": [[0]],
    }
    for says, out in refused.items():
        with pytest.raises(PixelError, match=f"^out: .*{says}"):
            check_out(out, (4, 4), np.float32, image)


def test_out_must_be_writable_and_apart():
    image = np.zeros((4, 4, 3), np.uint8)
    with pytest.raises(PixelError, match="shares memory with an input"):
        check_out(image[..., 0], (4, 4), np.uint8, None, image)
    with pytest.raises(PixelError, match="shares memory with an input"):
        check_out(image[::-1], image.shape, np.uint8, image)
    frozen = np.empty((4, 4), np.uint8)
    frozen.flags.writeable = False
    with pytest.raises(PixelError, match="read-only"):
        check_out(frozen, (4, 4), np.uint8)


@pytest.mark.parametrize("value", [-0.1, 1.1, float("nan"), float("inf")])
def test_unit_is_checked(value):
    with pytest.raises(PixelError, match=r"^level: need 0 to 1"):
        check_unit(value, "level")


@pytest.mark.parametrize("value", [-0.1, float("nan"), float("inf")])
def test_amount_is_checked(value):
    with pytest.raises(PixelError, match=r"^radius: need a finite number of pixels"):
        check_amount(value, "radius")


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("channels", [3, 4])
@pytest.mark.parametrize("view", [np.s_[:], np.s_[::-1, ::2], np.s_[:, ::-1]])
def test_bgr_swaps_red_and_blue(dtype, channels, view):
    image = np.random.default_rng(0).integers(0, 2, (6, 8, channels)).astype(dtype)[view]
    got = from_bgr(image)
    order = [2, 1, 0, 3][:channels]
    np.testing.assert_array_equal(got, image[..., order])
    np.testing.assert_array_equal(to_bgr(got), image)
    assert got.dtype == dtype
    assert got.flags.c_contiguous
    assert not np.shares_memory(got, image)


def test_split_alpha_gives_views():
    image = np.zeros((2, 3, 4), np.uint8)
    colour, alpha = split_alpha(image)
    assert np.shares_memory(colour, image)
    assert np.shares_memory(alpha, image)
    assert split_alpha(image[..., :3])[1] is None


def test_picture_carries_what_its_file_knows():
    picture = Picture(np.zeros((2, 3, 3), np.uint8), icc=b"icc", dpi=(300, 300))
    moved = picture.with_pixels(np.ones((5, 4, 4), np.uint16))
    assert (moved.size, moved.icc, moved.dpi, moved.exif) == ((4, 5), b"icc", (300, 300), None)
    assert repr(moved) == "Picture(4x5, 4 channels, uint16, with icc, dpi)"
    assert repr(picture.with_pixels(picture.pixels)).startswith("Picture(3x2, 3 channels, uint8")
    assert np.asarray(picture).shape == (2, 3, 3)
    assert np.array(picture, dtype=float).dtype == float
    with pytest.raises(AttributeError):
        picture.icc = b"other"


def test_picture_pickles():
    picture = pickle.loads(
        pickle.dumps(Picture(np.eye(3, dtype=np.uint8)[..., None].repeat(3, 2), exif=b"e"))
    )
    assert picture.exif == b"e"
    assert picture.pixels[1, 1].tolist() == [1, 1, 1]
