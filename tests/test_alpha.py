from fractions import Fraction
from typing import get_args

import numpy as np
import pytest
from oracle import exact

import maskkit as mk
from maskkit import alpha

pytestmark = pytest.mark.usefixtures("path")

TOPS = {np.uint8: 255, np.uint16: 65535, np.bool_: 1}


def noise(rng, dtype, *shape):
    """Random values with many whites and blacks among them, where formulas branch."""
    values = rng.integers(0, TOPS[dtype] + 1, shape)
    return np.where(rng.random(shape) < 0.2, rng.choice([0, TOPS[dtype]], shape), values).astype(dtype)


def compared(result, *inputs, truth):
    flat = zip(*(array.reshape(-1, array.shape[-1]) for array in (result, *inputs)), strict=True)
    for row in flat:
        assert row[0].astype(int).tolist() == truth(*row[1:]), row[1:]


def test_mask_over_bytes_all_cases_of_one_channel():
    mask, source = np.mgrid[0:256, 0:256].astype(np.uint8)
    m, s = mask.astype(np.int64), source.astype(np.int64)
    for b in range(256):
        picture, ground = (np.repeat(plane[..., None], 3, 2) for plane in (source, np.full_like(source, b)))
        got = mk.composite(picture, ground, mask)
        truth = (2 * (m * s + (255 - m) * b) + 255) // 510
        assert (got == truth[..., None]).all(), b


@pytest.mark.parametrize(
    ("s", "b"), [(0, 255), (255, 0), (255, 255), (1, 0), (1, 254), (128, 127), (3, 200), (77, 78), (254, 1)]
)
def test_over_bytes_all_pairs_of_alphas(s, b):
    above, below = np.mgrid[0:256, 0:256]
    source, backdrop = (np.full((256, 256, 4), colour, np.uint8) for colour in (s, b))
    source[..., 3], backdrop[..., 3] = above, below
    got = mk.over(source, backdrop)
    ws, wb = 255 * above, below * (255 - above)
    total = ws + wb
    colour = np.where(total == 0, b, (2 * (ws * s + wb * b) + total) // np.maximum(2 * total, 1))
    assert (got[..., :3] == colour[..., None]).all()
    assert (got[..., 3] == (2 * total + 255) // 510).all()


@pytest.mark.parametrize("share", [0, 0.05, 0.5, 1])
def test_over_bytes_all_pairs_of_alphas_with_few_and_many_soft_pixels(share):
    """Where few pixels of a block are soft they are picked out; the others are copied."""
    rng = np.random.default_rng(12)
    above, below = np.mgrid[0:256, 0:256]
    for _ in range(20):
        source, backdrop = rng.integers(0, 256, (2, 256, 256, 4), dtype=np.uint8)
        flat = rng.choice([0, 255], above.shape)
        source[..., 3] = np.where(rng.random(above.shape) < share, above, flat)
        backdrop[..., 3] = below
        got = mk.over(source, backdrop)
        a, s, b = source[..., 3].astype(int), source[..., :3].astype(int), backdrop[..., :3].astype(int)
        ws, wb = 255 * a, below * (255 - a)
        total = ws + wb
        top = 2 * (ws[..., None] * s + wb[..., None] * b) + total[..., None]
        colour = np.where(total[..., None] == 0, b, top // np.maximum(2 * total, 1)[..., None])
        assert (got[..., :3] == colour).all()
        assert (got[..., 3] == (2 * total + 255) // 510).all()


@pytest.mark.parametrize("below", [3, 4])
def test_opaque_bytes_under_bytes_all_cases_of_one_channel(below):
    alpha, value = np.mgrid[0:256, 0:256].astype(np.uint8)
    source = np.dstack([value, value, value, alpha])
    a, s = alpha.astype(np.int64), value.astype(np.int64)
    for b in range(256):
        backdrop = np.full((256, 256, below), b, np.uint8)
        backdrop[..., 3:] = 255
        got = mk.over(source, backdrop)
        assert (got[..., :3] == ((2 * (a * s + (255 - a) * b) + 255) // 510)[..., None]).all(), b
        assert (got[..., 3:] == 255).all()


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("below", [3, 4])
def test_few_soft_pixels_are_the_nearest_value_too(dtype, below):
    rng, top = np.random.default_rng(13), TOPS[dtype]
    source, backdrop = noise(rng, dtype, 9, 31, 4), noise(rng, dtype, 9, 31, below)
    mask = rng.choice([0, top], (9, 31)).astype(dtype)
    source[..., 3] = np.where(rng.random((9, 31)) < 0.3, source[..., 3], rng.choice([0, top], (9, 31)))
    for cover in (mask, mask / top):
        compared(
            mk.composite(source, backdrop, cover), source, backdrop, mask[..., None],
            truth=lambda s, b, m: exact.over(s, b, top, Fraction(int(m[0]), top)),
        )  # fmt: skip


@pytest.mark.parametrize("channels", [3, 4])
@pytest.mark.parametrize("below", [3, 4])
@pytest.mark.parametrize("dtype", TOPS)
@pytest.mark.parametrize("mask_dtype", TOPS)
@pytest.mark.parametrize("opacity", ["1", "1/2", "3/10"])
def test_composite_is_the_nearest_value_of_the_rational(channels, below, dtype, mask_dtype, opacity):
    rng = np.random.default_rng(5)
    top, white = TOPS[dtype], TOPS[mask_dtype]
    source, backdrop = noise(rng, dtype, 9, 31, channels), noise(rng, dtype, 9, 31, below)
    mask = noise(rng, mask_dtype, 9, 31)
    got = mk.composite(source, backdrop, mask, opacity=float(Fraction(opacity)))
    compared(
        got, source, backdrop, mask[..., None],
        truth=lambda s, b, m: exact.over(s, b, top, Fraction(int(m[0]), white) * Fraction(opacity)),
    )  # fmt: skip


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_over_with_alpha_on_both_sides(dtype):
    rng = np.random.default_rng(6)
    source, backdrop = noise(rng, dtype, 40, 67, 4), noise(rng, dtype, 40, 67, 4)
    compared(mk.over(source, backdrop), source, backdrop, truth=lambda s, b: exact.over(s, b, TOPS[dtype]))


@pytest.mark.parametrize("dtype", TOPS)
@pytest.mark.parametrize("mask_dtype", TOPS)
def test_apply_mask_multiplies_alpha_and_keeps_colour(dtype, mask_dtype):
    rng = np.random.default_rng(7)
    image, mask = noise(rng, dtype, 9, 31, 4), noise(rng, mask_dtype, 9, 31)
    got = mk.apply_mask(image, mask)
    assert (got[..., :3] == image[..., :3]).all()
    for a, m, value in zip(image[..., 3].flat, mask.flat, got[..., 3].flat, strict=True):
        assert int(value) == exact.half_up(Fraction(int(a) * int(m), TOPS[mask_dtype]))


def test_apply_mask_replaces_alpha():
    image = np.full((2, 3, 4), 7, np.uint8)
    got = mk.apply_mask(image, np.full((2, 3), 1.0, np.float32), replace=True)
    assert got[..., 3].tolist() == [[255] * 3] * 2


@pytest.mark.parametrize("replace", [False, True])
@pytest.mark.parametrize("mask_dtype", [*TOPS, np.float32])
@pytest.mark.parametrize("dtype", [*TOPS, np.float32])
def test_apply_mask_in_place_writes_the_alpha_alone(dtype, mask_dtype, replace):
    rng = np.random.default_rng(8)
    image, mask = (
        rng.random(shape, dtype) if dtype == np.float32 else noise(rng, dtype, *shape)
        for dtype, shape in ((dtype, (9, 31, 4)), (mask_dtype, (9, 31)))
    )
    truth = mk.apply_mask(image, mask, replace=replace)
    assert mk.apply_mask(image, mask, replace=replace, out=image) is image
    assert np.array_equal(image, truth)


def test_apply_mask_in_place_takes_no_part_of_its_input():
    image = np.zeros((4, 5, 4), np.uint8)
    with pytest.raises(mk.PixelError, match="out: shares memory"):
        mk.apply_mask(image, image[..., 0], out=image)
    with pytest.raises(mk.PixelError, match="out: shares memory"):
        mk.apply_mask(image[:2], image[:2, :, 0].copy(), out=image[1:3])


def test_transparent_source_leaves_hidden_colour_of_the_backdrop():
    backdrop = np.array([[[9, 8, 7, 0]]], np.uint8)
    assert mk.over(np.zeros((1, 1, 4), np.uint8), backdrop).tolist() == backdrop.tolist()


@pytest.mark.parametrize("offset", [(0, 0), (-2, 1), (3, -1), (4, 2), (6, 0), (0, -9), (-99, 99)])
def test_offset_places_source_and_mask_together(offset):
    rng = np.random.default_rng(8)
    source, backdrop = noise(rng, np.uint8, 4, 5, 4), noise(rng, np.uint8, 5, 6, 3)
    mask = noise(rng, np.uint8, 4, 5)
    got = mk.composite(source, backdrop, mask, offset=offset)
    for y, x in np.ndindex(5, 6):
        j, i = x - offset[0], y - offset[1]
        expected = backdrop[y, x].tolist()
        if 0 <= i < 4 and 0 <= j < 5:
            expected = exact.over(source[i, j], backdrop[y, x], 255, Fraction(int(mask[i, j]), 255))
        assert got[y, x].tolist() == expected


@pytest.mark.parametrize("operator", mk.PORTER_DUFF)
@pytest.mark.parametrize("dtype", TOPS)
def test_porter_duff(operator, dtype):
    rng = np.random.default_rng(9)
    source, backdrop = noise(rng, dtype, 20, 33, 4), noise(rng, dtype, 20, 33, 4)
    got = mk.porter_duff(source, backdrop, operator).astype(int)
    for s, b, pixel in zip(source.reshape(-1, 4), backdrop.reshape(-1, 4), got.reshape(-1, 4), strict=True):
        expected = exact.porter_duff(s, b, operator, TOPS[dtype])
        seen = [None, None, None, pixel[3]] if None in expected else pixel.tolist()
        assert seen == expected, (s, b)


@pytest.mark.parametrize(
    ("operator", "keeps"),
    [("clear", None), ("copy", "s"), ("in", "s"), ("out", "s"), ("dest-over", "s"), ("dest-atop", "s"),
     ("dest", "b"), ("over", "b"), ("dest-in", "b"), ("dest-out", "b"), ("atop", "b"), ("xor", "b"),
     ("lighter", "b")],
)  # fmt: skip
@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
def test_porter_duff_hidden_colour(operator, keeps, dtype):
    source, backdrop = np.array([[[1, 0, 1, 0]]], dtype), np.array([[[0, 1, 0, 0]]], dtype)
    expected = {"s": source, "b": backdrop, None: np.zeros_like(source)}[keeps]
    np.testing.assert_array_equal(mk.porter_duff(source, backdrop, operator), expected)


@pytest.mark.parametrize("operator", mk.PORTER_DUFF)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_porter_duff_floats(operator, dtype):
    rng = np.random.default_rng(10)
    source, backdrop = rng.random((2, 9, 31, 4)).astype(dtype)
    got = mk.porter_duff(source, backdrop, operator)
    whole = [(picture.astype(np.float64) * 2**53).astype(np.int64) for picture in (source, backdrop, got)]
    for s, b, pixel in zip(*(picture.reshape(-1, 4) for picture in whole), strict=True):
        expected = exact.porter_duff(s, b, operator, 2**53)
        difference = [abs(e - p) for e, p in zip(expected, pixel.tolist(), strict=True) if e is not None]
        assert max(difference) <= 2**53 * 4 * np.finfo(dtype).eps


@pytest.mark.parametrize("dtype", TOPS)
def test_premultiply_and_back_are_the_nearest_values(dtype):
    rng, top = np.random.default_rng(11), TOPS[dtype]
    image = noise(rng, dtype, 20, 33, 4)
    pre, straight = mk.premultiply(image).astype(int), mk.unpremultiply(image).astype(int)
    for (*c, a), p, u in zip(
        image.reshape(-1, 4).astype(int), pre.reshape(-1, 4), straight.reshape(-1, 4), strict=True
    ):
        assert p.tolist() == [*(exact.half_up(Fraction(int(v * a), top)) for v in c), a]
        assert u.tolist() == [
            *(exact.half_up(Fraction(int(min(v, a) * top), int(a))) if a else 0 for v in c),
            a,
        ]


def test_premultiply_takes_rgb_as_opaque():
    assert mk.premultiply(np.full((1, 2, 3), 9, np.uint16)).tolist() == [[[9, 9, 9, 65535]] * 2]


def test_unpremultiply_wants_alpha():
    with pytest.raises(mk.PixelError, match="image_pre: need four channels"):
        mk.unpremultiply(np.zeros((1, 1, 3), np.uint8))


def test_unknown_operator_is_refused():
    image = np.zeros((1, 1, 4), np.uint8)
    with pytest.raises(mk.PixelError, match=r"^operator: need one of clear.*got 'under'"):
        mk.porter_duff(image, image, "under")


@pytest.mark.parametrize(
    "call",
    [
        lambda **named: mk.over(backdrop=np.full((1, 1, 3), 9, np.uint8), **named),
        lambda **named: mk.porter_duff(backdrop=np.zeros((1, 1, 3), np.uint8), operator="copy", **named),
        lambda **named: mk.composite(backdrop=np.full((1, 1, 3), 9, np.uint8), **named),
        lambda **named: mk.light_wrap(backdrop=np.zeros((1, 1, 3), np.uint8), **named),
    ],
)
def test_the_foreground_was_called_source_before(call):
    picture = np.full((1, 1, 4), 255, np.uint8)
    wanted = call(foreground=picture)
    with pytest.warns(DeprecationWarning, match="source of .* is called foreground now"):
        np.testing.assert_array_equal(call(source=picture), wanted)
    with pytest.raises(mk.PixelError, match=r"foregruond: is no option.*did you mean 'foreground'"):
        call(foregruond=picture)


def test_every_operator_has_its_type():
    assert get_args(alpha.Operator) == mk.PORTER_DUFF == tuple(exact.PORTER_DUFF)
