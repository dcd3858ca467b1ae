"""What holds for every compositing verb, whatever the numbers are."""

import io
import tracemalloc

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

import maskkit as mk
from maskkit.kernels import convert, set_threads
from maskkit.pixels import max_value

pytestmark = pytest.mark.usefixtures("path")

DTYPES = [np.bool_, np.uint8, np.uint16, np.float32, np.float64]
VIEWS = {
    "packed": np.ascontiguousarray,
    "reversed rows": lambda a: np.ascontiguousarray(a[::-1])[::-1],
    "reversed columns": lambda a: np.ascontiguousarray(a[:, ::-1])[:, ::-1],
    "every other": lambda a: np.repeat(np.repeat(a, 2, 0), 2, 1)[::2, ::2],
    "columns first": lambda a: np.ascontiguousarray(a.swapaxes(0, 1)).swapaxes(0, 1),
    "of a wider pixel": lambda a: np.repeat(a, 2, -1)[..., ::2] if a.ndim == 3 else np.dstack([a, a])[..., 1],
    "read-only": lambda a: np.broadcast_to(a, a.shape),
}
relaxed = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def picture(seed, dtype, *shape):
    values = np.random.default_rng(seed).integers(0, 256, shape).astype(np.uint8)
    return convert(values.reshape(shape[0], -1), dtype).reshape(shape)


@st.composite
def scenes(draw):
    """Source, backdrop and mask of one size, in drawn dtypes and memory layouts."""
    height, width = draw(st.integers(1, 5)), draw(st.integers(1, 67))
    seed = draw(st.integers(0, 2**32 - 1))
    shapes = (height, width, draw(st.sampled_from([3, 4]))), (height, width, draw(st.sampled_from([3, 4])))
    arrays = [
        picture(seed + i, draw(st.sampled_from(DTYPES)), *s) for i, s in enumerate((*shapes, (height, width)))
    ]
    return [VIEWS[draw(st.sampled_from(sorted(VIEWS)))](array) for array in arrays]


@relaxed
@given(
    scenes(),
    st.sampled_from(["normal", "screen", "color-burn", "hue"]),
    st.booleans(),
    st.sampled_from([1, 0.3]),
)
def test_composite_of_any_layout(scene, mode, linear, opacity):
    copies = [np.array(array, order="C") for array in scene]
    got = mk.composite(*scene, mode=mode, linear=linear, opacity=opacity)
    source, backdrop, _ = scene
    assert got.shape == backdrop.shape
    assert got.dtype == np.result_type(source, backdrop)
    assert got.flags.c_contiguous
    if got.dtype.kind == "f":
        assert got.min() >= 0
        assert got.max() <= 1
    for array, copy in zip(scene, copies, strict=True):
        np.testing.assert_array_equal(array, copy)  # inputs are not written
    np.testing.assert_array_equal(got, mk.composite(*copies, mode=mode, linear=linear, opacity=opacity))
    for view in VIEWS.values():
        out = view(np.zeros_like(got))
        if out.flags.writeable:
            assert mk.composite(*scene, mode=mode, linear=linear, opacity=opacity, out=out) is out
            np.testing.assert_array_equal(out, got)


@relaxed
@given(scenes(), st.sampled_from(mk.PORTER_DUFF))
def test_other_verbs_of_any_layout(scene, operator):
    source, backdrop, mask = scene
    calls = [
        (mk.apply_mask, (backdrop, mask)),
        (mk.over, (source, backdrop)),
        (mk.premultiply, (source,)),
        (mk.unpremultiply, (mk.apply_mask(source, mask),)),
        (mk.porter_duff, (source, backdrop, operator)),
        (mk.srgb_to_linear, (source,)),
        (mk.linear_to_srgb, (source,)),
    ]
    for verb, args in calls:
        packed = [np.array(a, order="C") if isinstance(a, np.ndarray) else a for a in args]
        got = verb(*args)
        np.testing.assert_array_equal(got, verb(*packed))
        out = VIEWS["reversed columns"](np.zeros_like(got))
        assert verb(*args, out=out) is out
        np.testing.assert_array_equal(out, got)
        for before, after in zip(packed, args, strict=True):
            np.testing.assert_array_equal(before, after)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("mask_dtype", DTYPES)
@pytest.mark.parametrize("mode", ["normal", "multiply", "luminosity"])
@pytest.mark.parametrize("below", [3, 4])
def test_a_black_mask_leaves_the_backdrop(dtype, mask_dtype, mode, below):
    source, backdrop = picture(1, dtype, 9, 67, 4), picture(2, dtype, 9, 67, below)
    backdrop[:3, :, 3:] = 0  # hidden colour stays too
    got = mk.composite(source, backdrop, np.zeros((9, 67), mask_dtype), mode=mode)
    np.testing.assert_array_equal(got, backdrop)
    np.testing.assert_array_equal(mk.composite(source, backdrop, opacity=0, mode=mode), backdrop)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("mask_dtype", DTYPES)
@pytest.mark.parametrize("below", [3, 4])
@pytest.mark.parametrize("linear", [False, True])
def test_a_white_mask_gives_the_source(dtype, mask_dtype, below, linear):
    source, backdrop = picture(1, dtype, 9, 67, 3), picture(2, dtype, 9, 67, below)
    white = np.full((9, 67), max_value(mask_dtype), mask_dtype)
    got = mk.composite(source, backdrop, white, linear=linear)
    tolerance = 1e-6 if linear and np.dtype(dtype).kind == "f" else 0
    np.testing.assert_allclose(got[..., :3].astype(float), source.astype(float), rtol=0, atol=tolerance)
    assert below == 3 or (got[..., 3] == convert(np.array([[255]], np.uint8), dtype)).all()


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
@pytest.mark.parametrize("mode", ["normal", "soft-light", "color"])
def test_threads_do_not_change_results(dtype, mode):
    source, backdrop = picture(1, dtype, 300, 701, 4), picture(2, dtype, 300, 701, 4)
    mask = picture(3, dtype, 300, 701)
    results = []
    for count in (1, 4):
        set_threads(count)
        results.append(
            [mk.composite(source, backdrop, mask, mode=mode), mk.porter_duff(source, backdrop, "xor")]
        )
    for one, four in zip(*results, strict=True):
        np.testing.assert_array_equal(one, four)


@pytest.mark.parametrize(("dtype", "error"), [(np.float32, 5e-7), (np.float64, 1e-15)])
def test_over_is_associative_when_premultiplied(dtype, error):
    a, b, c = (np.random.default_rng(i).random((30, 40, 4)).astype(dtype) for i in range(3))
    left = mk.premultiply(mk.over(mk.over(a, b), c))
    right = mk.premultiply(mk.over(a, mk.over(b, c)))
    assert np.abs(left - right).max() < error


@pytest.mark.parametrize("shape", [(1200, 1500), (1, 1_800_000)])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize(
    "options", [{}, {"opacity": 0.3}, {"mode": "soft-light"}, {"linear": True}, {"mode": "hue"}]
)
def test_memory_beyond_inputs_and_output_stays_small(shape, dtype, options):
    source, backdrop = np.full((*shape, 4), 99, dtype), np.full((*shape, 4), 44, dtype)
    mask, out = np.full(shape, 7, np.uint8), np.empty((*shape, 4), dtype)
    mk.composite(source[:1, :1], backdrop[:1, :1], mask[:1, :1], **options)  # tables are built once
    tracemalloc.start()
    try:
        mk.composite(source, backdrop, mask, out=out, **options)
        assert tracemalloc.get_traced_memory()[1] < 16e6
    finally:
        tracemalloc.stop()


def test_the_wider_dtype_wins():
    for i, low in enumerate(DTYPES):
        for high in DTYPES[i:]:
            assert mk.over(picture(1, low, 2, 2, 4), picture(2, high, 2, 2, 4)).dtype == high
            assert mk.composite(picture(1, high, 2, 2, 4), picture(2, low, 2, 2, 3)).dtype == high


def test_paths_streams_and_pictures_go_through_the_same_door(tmp_path):
    source, backdrop, mask = (
        picture(1, np.uint8, 4, 5, 4),
        picture(2, np.uint8, 6, 7, 3),
        picture(3, np.uint8, 4, 5),
    )
    wanted = mk.composite(source, backdrop, mask, offset=(1, 1))
    mk.write(tmp_path / "backdrop.png", backdrop)
    stream = io.BytesIO()
    Image.fromarray(mask).save(stream, "PNG")
    got = mk.composite(Image.fromarray(source), tmp_path / "backdrop.png", stream.getvalue(), offset=(1, 1))
    np.testing.assert_array_equal(got, wanted)
    got = mk.composite(
        mk.Picture(source), str(tmp_path / "backdrop.png"), Image.fromarray(mask), offset=(1, 1)
    )
    np.testing.assert_array_equal(got, wanted)


GOOD = np.zeros((4, 5, 3), np.uint8)


@pytest.mark.parametrize(
    ("says", "call"),
    [
        (r"^foreground: dtype int32", lambda: mk.composite(GOOD.astype(np.int32), GOOD)),
        (r"^backdrop: dtype int64", lambda: mk.composite(GOOD, GOOD.astype(np.int64))),
        (r"^mask: dtype int64", lambda: mk.composite(GOOD, GOOD, np.zeros((4, 5), np.int64))),
        (r"^foreground: need shape", lambda: mk.over(GOOD[..., 0], GOOD)),
        (r"^backdrop: has NaN", lambda: mk.over(GOOD, np.full((4, 5, 3), np.nan))),
        (r"^foreground: .* got 2 to 2", lambda: mk.porter_duff(np.full((4, 5, 3), 2.0), GOOD, "in")),
        (r"^mask: has NaN or infinite", lambda: mk.apply_mask(GOOD, np.full((4, 5), np.inf))),
        (
            r"^mask: need 5x4 .* image, got 4x5: .*swapped",
            lambda: mk.apply_mask(GOOD, np.zeros((5, 4), np.uint8)),
        ),
        (
            r"^mask: need 5x4 .* foreground, got 5x5",
            lambda: mk.composite(GOOD, GOOD, np.zeros((5, 5), np.uint8)),
        ),
        (r"^foreground: need 5x3 .* backdrop, got 5x4", lambda: mk.over(GOOD, GOOD[:3])),
        (r"^opacity: need 0 to 1, got 1.5", lambda: mk.composite(GOOD, GOOD, opacity=1.5)),
        (r"^opacity: need 0 to 1, got nan", lambda: mk.composite(GOOD, GOOD, opacity=float("nan"))),
        (r"^offset: need two whole numbers", lambda: mk.composite(GOOD, GOOD, offset=(0.5, 1))),
        (r"^offset: need two whole numbers", lambda: mk.composite(GOOD, GOOD, offset=3)),
        (r"^out: shares memory", lambda: mk.composite(GOOD, GOOD.copy(), out=GOOD)),
        (r"^out: need a uint8 array", lambda: mk.over(GOOD, GOOD, out=np.zeros((4, 5, 4), np.uint8))),
        (r"^light: need a path.* got list", lambda: mk.linear_to_srgb([[0]])),
    ],
)
def test_bad_arguments_are_named(says, call):
    with pytest.raises(mk.PixelError, match=says):
        call()
