"""The compiled kernels: the same result as the NumPy path, and nothing wrong accepted."""

import itertools
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import maskkit as mk
from maskkit.kernels import (
    build_info,
    dilate_disc,
    erode_disc,
    gaussian_blur,
    native,
    set_native,
    set_threads,
    threads,
)

compiled = native._built
needs_compiled = pytest.mark.skipif(compiled is None, reason="maskkit was installed without a compiler")


@pytest.fixture(autouse=True)
def _restored():
    before = threads(), native._active is not None
    yield
    set_threads(before[0])
    set_native(before[1])


def both(function, *args, **kwargs):
    """The compiled result and the NumPy one."""
    set_native(True)
    ours = function(*args, **kwargs)
    set_native(False)
    return ours, function(*args, **kwargs)


def picture(rng, height, width, channels, dtype):
    """Noise with runs of 0 and white in the last channel, as masks have."""
    top = np.iinfo(dtype).max
    pixels = rng.integers(0, top + 1, (height, width, channels)).astype(dtype)
    if channels != 3:
        kinds = np.repeat(rng.integers(0, 4, (height, -(-width // 37))), 37, axis=1)[:, :width]
        pixels[..., -1][kinds == 0] = 0
        pixels[..., -1][kinds == 1] = top
    return pixels


def mask(rng, height, width, dtype):
    return np.ascontiguousarray(picture(rng, height, width, 1, dtype)[..., 0])


def test_build_info_names_the_path():
    info = build_info()
    assert info["path"] == ("native" if native._active else "numpy")
    assert info["threads"] == threads()
    assert not set_native(False)
    assert build_info()["path"] == "numpy"


@needs_compiled
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize(
    ("source", "backdrop", "masked"), [*itertools.product((3, 4), (3, 4), (False, True))]
)
def test_composite_equals_numpy_at_every_width(dtype, source, backdrop, masked):
    rng = np.random.default_rng(source * 10 + backdrop)
    for width in [*range(1, 68), 1023, 1024, 1025, 2100]:
        s, b = picture(rng, 3, width, source, dtype), picture(rng, 3, width, backdrop, dtype)
        ours, numpy = both(mk.composite, s, b, mask(rng, 3, width, dtype) if masked else None)
        np.testing.assert_array_equal(ours, numpy)


@needs_compiled
@pytest.mark.parametrize("opacity", [0.5, 0.3, 1 / 3, 0.001, 0])
def test_opacity_equals_numpy(opacity):
    rng = np.random.default_rng(1)
    for source, backdrop in itertools.product((3, 4), (3, 4)):
        s, b = picture(rng, 20, 300, source, np.uint8), picture(rng, 20, 300, backdrop, np.uint8)
        ours, numpy = both(mk.composite, s, b, mask(rng, 20, 300, np.uint8), opacity=opacity)
        np.testing.assert_array_equal(ours, numpy)


@needs_compiled
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("channels", [3, 4])
@pytest.mark.parametrize("replace", [False, True])
def test_apply_mask_equals_numpy(dtype, channels, replace):
    rng = np.random.default_rng(2)
    for width in [*range(1, 68), 1500]:
        image = picture(rng, 3, width, channels, dtype)
        ours, numpy = both(mk.apply_mask, image, mask(rng, 3, width, dtype), replace=replace)
        np.testing.assert_array_equal(ours, numpy)


@needs_compiled
def test_every_triple_of_bytes_through_a_mask():
    values = np.arange(256, dtype=np.uint8)
    backdrop, cover = (np.broadcast_to(v, (256, 256)) for v in (values[:, None], values))
    out = np.empty((256, 256, 3), np.uint8)
    backdrops = np.repeat(backdrop[..., None], 3, axis=2)
    for value in values:
        compiled.over(np.full_like(out, value), backdrops, np.ascontiguousarray(cover), out, 1, 1)
        exact = value * cover.astype(np.int64) + backdrop * (255 - cover.astype(np.int64))
        np.testing.assert_array_equal(out[..., 1], (exact + 127) // 255)


@needs_compiled
def test_views_of_every_kind_equal_numpy():
    rng = np.random.default_rng(3)
    wide = picture(rng, 40, 130, 4, np.uint8)
    cover = mask(rng, 130, 40, np.uint8).T
    for view in (wide[..., :3], wide[..., 2::-1], wide[::-1], wide[:, ::-1], np.asfortranarray(wide)):
        ours, numpy = both(mk.composite, view, wide[..., :3], cover)
        np.testing.assert_array_equal(ours, numpy)
    out = np.zeros((40, 260, 3), np.uint8)
    set_native(True)
    mk.composite(wide, wide[..., :3], cover, out=out[:, ::2])
    np.testing.assert_array_equal(out[:, ::2], numpy_of(mk.composite, wide, wide[..., :3], cover))
    assert not out[:, 1::2].any()


def numpy_of(function, *args):
    set_native(False)
    return function(*args)


@needs_compiled
def test_narrower_masks_are_widened_exactly():
    rng = np.random.default_rng(4)
    s, b = picture(rng, 9, 70, 4, np.uint16), picture(rng, 9, 70, 4, np.uint8)
    for cover in (mask(rng, 9, 70, np.uint8), mask(rng, 9, 70, np.uint8) > 100):
        np.testing.assert_array_equal(*both(mk.composite, s, b, cover))


def float_mask(rng, height, width):
    """Runs of 0 and white, values half-way between bytes, values finer than a step, and noise."""
    grey = mask(rng, height, width, np.uint16).astype(np.float32) / np.float32(65535)
    grey[rng.random(grey.shape) < 0.2] = np.float32(0.5 / 255 * rng.integers(0, 511))
    grey[rng.random(grey.shape) < 0.1] = np.float32(2.0 ** -rng.integers(20, 30))
    return grey


@needs_compiled
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize(("source", "backdrop"), [(3, 3), (3, 4), (4, 3), (4, 4)])
def test_float_masks_equal_numpy(dtype, source, backdrop):
    rng = np.random.default_rng(12)
    for width in (1, 7, 8, 9, 67, 1023, 1024, 1025, 2100):
        s, b = picture(rng, 5, width, source, dtype), picture(rng, 5, width, backdrop, dtype)
        fine = float_mask(rng, 5, width)
        np.testing.assert_array_equal(*both(mk.composite, s, b, fine))
        for replace in (False, True):
            np.testing.assert_array_equal(*both(mk.apply_mask, s, fine, replace=replace))


@needs_compiled
def test_every_difference_of_bytes_under_float_steps():
    """Against whole numbers of any length: all pairs of bytes, steps around every half."""
    values = np.arange(256)
    s, b = (np.broadcast_to(v, (256, 256)) for v in (values[:, None], values))
    for step in [1, 4095, 4096, 4097, 65537, 1 << 23, (1 << 23) + 1, (1 << 24) - 4097, (1 << 24) - 1]:
        out = np.empty((256, 256, 3), np.uint8)
        source, backdrop = (np.repeat(v[..., None].astype(np.uint8), 3, axis=2) for v in (s, b))
        compiled.over_fine(source, backdrop, np.full((256, 256), step / 2**24, np.float32), out)
        exact = (s * step + b * (2**24 - step) + 2**23) // 2**24
        np.testing.assert_array_equal(out[..., 1], exact)


@needs_compiled
@pytest.mark.parametrize("value", [np.nan, np.inf, -0.5, 1.5, 1e30])
def test_float_masks_beyond_the_unit_are_refused_in_c(value):
    image, wrong = rgb(2, 3, 3), np.full((2, 3), value, np.float32)
    with pytest.raises(ValueError, match="0 to 1"):
        compiled.over_fine(image, image, wrong, rgb(2, 3, 3))
    with pytest.raises(ValueError, match="0 to 1"):
        compiled.apply_mask_fine(image, wrong, rgb(2, 3, 4), False)
    with pytest.raises(ValueError, match="float32"):
        compiled.over_fine(image, image, rgb(2, 3), rgb(2, 3, 3))


@needs_compiled
@pytest.mark.parametrize("offset", range(1, 9))
def test_any_alignment_gives_the_same(offset):
    rng = np.random.default_rng(5)
    s, b, m = picture(rng, 4, 65, 4, np.uint8), picture(rng, 4, 65, 4, np.uint8), mask(rng, 4, 65, np.uint8)

    def moved(array):
        memory = np.empty(array.size + offset, np.uint8)[offset:].reshape(array.shape)
        memory[...] = array
        return memory

    set_native(True)
    wanted = mk.composite(s, b, m)
    np.testing.assert_array_equal(mk.composite(moved(s), moved(b), moved(m), out=moved(b)), wanted)


@needs_compiled
def test_any_thread_count_and_eight_callers_at_once():
    rng = np.random.default_rng(6)
    s, b, m = (picture(rng, 800, 900, 4, np.uint8) for _ in range(3))
    m = np.ascontiguousarray(m[..., 3])
    set_native(True)
    set_threads(1)
    wanted = mk.composite(s, b, m)
    for count in (2, 3, 7):
        set_threads(count)
        np.testing.assert_array_equal(mk.composite(s, b, m), wanted)
    with ThreadPoolExecutor(8) as callers:
        for result in callers.map(lambda _: mk.composite(s, b, m), range(16)):
            np.testing.assert_array_equal(result, wanted)


def rgb(*shape, dtype=np.uint8):
    return np.zeros(shape, dtype)


@needs_compiled
@pytest.mark.parametrize(
    ("args", "message"),
    [
        ((rgb(2, 3, 3), rgb(2, 3, 3), None, rgb(2, 4, 3), 1, 1), "size"),
        ((rgb(2, 3, 3), rgb(2, 3, 3), rgb(3, 3), rgb(2, 3, 3), 1, 1), "size"),
        ((rgb(2, 3, 3), rgb(2, 3, 4), None, rgb(2, 3, 3), 1, 1), "channels"),
        ((rgb(2, 3, 2), rgb(2, 3, 3), None, rgb(2, 3, 3), 1, 1), "channels"),
        ((rgb(2, 3), rgb(2, 3, 3), None, rgb(2, 3, 3), 1, 1), "channels"),
        ((rgb(2, 3, 3, dtype=np.uint16), rgb(2, 3, 3), None, rgb(2, 3, 3), 1, 1), "dtype"),
        ((rgb(2, 3, 3, dtype=np.int32),) * 4 + (1, 1), "need uint8"),
        ((rgb(2, 3, 3, dtype=np.dtype(">u2")),) * 4 + (1, 1), "need uint8"),
        (
            (
                rgb(2, 3, 3, dtype=np.float32),
                rgb(2, 3, 3, dtype=np.float32),
                None,
                rgb(2, 3, 3, dtype=np.float32),
                1,
                1,
            ),
            "uint8",
        ),
        ((rgb(2, 3, 6)[..., ::2], rgb(2, 3, 3), None, rgb(2, 3, 3), 1, 1), "packed"),
        ((rgb(2, 6, 3)[:, ::2], rgb(2, 3, 3), None, rgb(2, 3, 3), 1, 1), "packed"),
        (
            (rgb(2, 3, 3), rgb(2, 3, 3), None, np.broadcast_to(rgb(1, 3, 3), (2, 3, 3)), 1, 1),
            "read-only|writ",
        ),
        ((rgb(2, 3, 3), rgb(2, 3, 3), None, rgb(2, 3, 3), 0, 1), "need 1"),
        ((rgb(2, 3, 3), rgb(2, 3, 3), None, rgb(2, 3, 3), 2, 1), "need 2"),
        ((rgb(2, 3, 3), rgb(2, 3, 3), None, rgb(2, 3, 3)), "arguments"),
        ((7, rgb(2, 3, 3), None, rgb(2, 3, 3), 1, 1), "bytes-like"),
    ],
)
def test_refused_in_c(args, message):
    with pytest.raises((ValueError, TypeError, BufferError), match=message):
        compiled.over(*args)


@needs_compiled
def test_overlap_and_misalignment_are_refused_in_c():
    memory = np.zeros((5, 4, 3), np.uint8)
    with pytest.raises(ValueError, match="shares memory"):
        compiled.over(memory[:3], rgb(3, 4, 3), None, memory[2:], 1, 1)
    with pytest.raises(ValueError, match="shares memory"):
        compiled.over(rgb(5, 4, 3), memory[::-1], None, memory, 1, 1)
    folded = np.lib.stride_tricks.as_strided(memory, (5, 4, 3), (3, 3, 1), writeable=True)
    with pytest.raises(ValueError, match="rows overlap"):
        compiled.over(rgb(5, 4, 3), rgb(5, 4, 3), None, folded, 1, 1)
    odd = np.zeros(49, np.uint8)[1:].view(np.uint16).reshape(2, 4, 3)
    with pytest.raises(ValueError, match="aligned"):
        compiled.over(odd, rgb(2, 4, 3, dtype=np.uint16), None, rgb(2, 4, 3, dtype=np.uint16), 1, 1)


ARRAYS = st.tuples(
    st.integers(0, 5),
    st.integers(0, 70),
    st.sampled_from([(), (1,), (2,), (3,), (4,)]),
    st.sampled_from(["u1", "u2", "f4", ">u2", "i4", "?", "f8"]),
    st.sampled_from(["plain", "reversed", "skipped", "broadcast", "fortran", "none", "shared"]),
)
SHARED = np.zeros(4096, np.uint8)


def build(spec):
    height, width, tail, dtype, layout = spec
    shape = (height, width, *tail)
    if layout == "none":
        return None
    if layout == "shared":
        size = int(np.prod(shape)) * np.dtype(dtype).itemsize
        return SHARED[:size].view(dtype).reshape(shape) if size <= SHARED.size else None
    if layout == "broadcast":
        return np.broadcast_to(np.ones((), dtype), shape)
    if layout == "skipped":
        return np.ones((height, 2 * width, *tail), dtype)[:, ::2]
    array = np.ones(shape, dtype, order="F" if layout == "fortran" else "C")
    return array[::-1] if layout == "reversed" else array


@needs_compiled
@settings(max_examples=600, deadline=None)
@given(st.data())
def test_every_entry_survives_any_arguments(data):
    """A refusal or a result; never a crash. Half the time the shapes are made to agree."""
    name = data.draw(st.sampled_from([n for n in dir(compiled) if not n.startswith("__") and n != "build"]))
    first = data.draw(ARRAYS)
    same = data.draw(st.booleans())
    args = []
    for _ in range(data.draw(st.integers(1, 5))):
        spec = data.draw(ARRAYS)
        args.append(build((first[0], first[1], spec[2], first[3], spec[4]) if same else spec))
    args += data.draw(st.lists(st.sampled_from([0, 1, 2, 255, -3, 2**40, 0.5, None, "multiply"]), max_size=4))
    try:
        getattr(compiled, name)(*args)
    except (ValueError, TypeError, BufferError, OverflowError, DeprecationWarning):
        return  # of an array taken for a truth, NumPy before 2.2 warns where later ones refuse


MODES = [mode for mode in mk.BLEND_MODES if mode != "normal"]


@needs_compiled
@pytest.mark.parametrize("mode", MODES)
def test_modes_equal_numpy_in_almost_every_pixel(mode):
    rng = np.random.default_rng(7)
    for source, backdrop, dtype in itertools.product((3, 4), (3, 4), (np.uint8, np.uint16)):
        s, b = picture(rng, 60, 301, source, dtype), picture(rng, 60, 301, backdrop, dtype)
        for cover, opacity in ((mask(rng, 60, 301, dtype), 1.0), (None, 0.3)):
            ours, numpy = both(mk.composite, s, b, cover, mode=mode, opacity=opacity)
            apart = np.abs(ours.astype(np.int64) - numpy).max(axis=2)
            assert apart.max() <= 1
            assert (apart == 0).mean() >= 0.999
            np.testing.assert_array_equal(ours[..., 3:], numpy[..., 3:])


@needs_compiled
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize(("source", "backdrop"), [(3, 3), (3, 4), (4, 3), (4, 4)])
def test_linear_light_equals_numpy(dtype, source, backdrop):
    rng = np.random.default_rng(8)
    for width in (1, 15, 16, 17, 67, 1500):
        s, b = picture(rng, 5, width, source, dtype), picture(rng, 5, width, backdrop, dtype)
        for cover in (mask(rng, 5, width, dtype), None):
            np.testing.assert_array_equal(*both(mk.composite, s, b, cover, linear=True))


@needs_compiled
def test_every_triple_of_bytes_in_linear_light():
    """Against the formula in extended precision: the nearest value of all 256^3 mixtures."""
    value = np.arange(256, dtype=np.uint8)
    exact = value.astype(np.longdouble) / 255
    light = np.where(
        exact <= 0.04045,
        exact / np.longdouble("12.92"),
        ((exact + np.longdouble("0.055")) / np.longdouble("1.055")) ** np.longdouble("2.4"),
    )
    half = (np.arange(255) + np.longdouble("0.5")) / 255
    steps = np.where(
        half <= 0.04045,
        half / np.longdouble("12.92"),
        ((half + np.longdouble("0.055")) / np.longdouble("1.055")) ** np.longdouble("2.4"),
    )
    backdrop = np.ascontiguousarray(np.broadcast_to(value[:, None, None], (256, 256, 3)))
    cover = np.ascontiguousarray(np.broadcast_to(value, (256, 256)))
    set_native(True)
    for v in value:
        ours = mk.composite(np.full_like(backdrop, v), backdrop, cover, linear=True)[..., 1]
        mixed = (light[v] * cover + light[value][:, None] * (255 - cover.astype(np.int64))) / 255
        np.testing.assert_array_equal(ours, np.searchsorted(steps, mixed, side="right"))


@needs_compiled
def test_wrong_tables_and_modes_are_refused_in_c():
    image = rgb(2, 3, 3)
    light, guesses, steps = np.zeros(256), np.zeros(4097, np.uint8), np.ones(256)
    for tables in (
        (light[:9], guesses, steps),
        (light - 1, guesses, steps),
        (light * np.nan, guesses, steps),
        (light, guesses[:40], steps),
        (light, guesses.astype(np.float32), steps),
        (light, guesses, steps[:255]),
        (light.astype(np.float32), guesses, steps),
        (np.zeros(65536), guesses.astype(np.uint16), np.ones(65536)),
    ):
        with pytest.raises(ValueError, match="tables"):
            compiled.linear(image, image, None, rgb(2, 3, 3), 1, 1, *tables)
    with pytest.raises(ValueError, match="none that is compiled"):
        compiled.blend(image, image, None, rgb(2, 3, 3), 1, 1, "normal")
    with pytest.raises(TypeError, match="mode"):
        compiled.blend(image, image, None, rgb(2, 3, 3), 1, 1, 3)


def as_dtype(grey, dtype):
    return (
        (grey / 65535).astype(dtype)
        if dtype == np.float32
        else (grey // (65535 // np.iinfo(dtype).max)).astype(dtype)
    )


@needs_compiled
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
def test_discs_equal_numpy(dtype):
    rng = np.random.default_rng(9)
    for height, width in [(1, 1), (1, 67), (67, 1), (17, 16), (150, 201)]:
        whole = mask(rng, height, width, np.uint16)
        whole[: height // 2, : width // 3] = rng.choice([0, 65535])
        grey = as_dtype(whole, dtype)
        for radius in (0, 0.3, 1, 2.75, 9, 40, 170.5):
            np.testing.assert_array_equal(*both(dilate_disc, grey, radius))
            np.testing.assert_array_equal(*both(erode_disc, grey, radius))


@needs_compiled
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
@pytest.mark.parametrize("sigma", [6.1, 7.3, 31, 400])
def test_feathers_agree_with_numpy(dtype, sigma):
    rng = np.random.default_rng(10)
    for height, width in [(1, 1), (3, 67), (67, 2), (150, 201)]:
        grey = as_dtype(mask(rng, height, width, np.uint16), dtype)
        ours, numpy = both(gaussian_blur, grey, sigma)
        tolerance = {np.uint8: 1, np.uint16: 2, np.float32: 1e-5}[dtype]
        np.testing.assert_allclose(ours.astype(float), numpy.astype(float), atol=tolerance)


@needs_compiled
def test_levels_refuse_what_would_read_astray():
    coarse, layers = np.zeros((6, 4, 5), np.uint16), np.zeros((6, 8, 10), np.uint16)
    image, alpha, out = rgb(8, 10, 3), rgb(8, 10), rgb(8, 10, 3)
    assert compiled.relax(coarse, image, alpha, layers, 2, 0, 8) is None
    assert compiled.finish(coarse, image, alpha, out, 2, 0, 8, 1.0) is None
    for args, message in [
        ((coarse[:, :3].copy(), image, alpha), "beyond"),
        ((coarse[:, :, :4].copy(), image, alpha), "beyond"),
        ((coarse[:, :, :4], image, alpha), "contiguous"),
        ((coarse[:5], image, alpha), "layers"),
        ((coarse.astype(np.float32), image, alpha), "layers"),
        ((coarse, image[:7], alpha), "size"),
        ((coarse, image, alpha[:0]), "no pixels|size"),
    ]:
        for entry, target, more in (("relax", layers, ()), ("finish", out, (1.0,))):
            with pytest.raises((ValueError, BufferError), match=message):
                getattr(compiled, entry)(*args, target, 2, 0, 8, *more)
    for numbers, message in [((65, 0, 8), "need 0"), ((2, 1, 8), "tile"), ((2, 0, 9), "need 0")]:
        with pytest.raises(ValueError, match=message):
            compiled.relax(coarse, image, alpha, layers, *numbers)
    for entry, args, message in [
        ("relax", (coarse, image.astype(np.float32), alpha, layers, 2, 0, 8), "uint8 or uint16"),
        ("relax", (coarse, image, alpha, layers[:, :7].copy(), 2, 0, 8), "layers' size"),
        ("relax", (layers, image, alpha, layers, 2, 0, 8), "shares"),
        ("finish", (coarse, image, alpha, image, 2, 0, 8, 1.0), "shares"),
        ("finish", (coarse, image, alpha, rgb(8, 10, 4), 2, 0, 8, 1.0), "shape"),
        ("finish", (coarse, image, alpha, out, 2, 0, 8, np.nan), "amount"),
    ]:
        with pytest.raises(ValueError, match=message):
            getattr(compiled, entry)(*args)


@needs_compiled
def test_filters_refuse_wrong_sizes():
    grey, cells, block, small = rgb(40, 50), rgb(3, 4), rgb(1, 1), np.zeros((12, 15), np.float32)
    compiled.extremes(grey, cells, cells.copy())
    compiled.disc(grey, cells, cells.copy(), block, block, rgb(40, 50), 3, 7, 1, 0, 40)
    one, none = np.ones(1, np.float32), np.zeros(1, np.int32)
    offsets = np.array([[0, 3]], np.int32)
    ring = offsets, one, np.zeros((1, 2), np.int32), none
    compiled.ring(grey, cells, grey.copy(), rgb(40, 50), *ring, 3, 0.0, 0)
    compiled.reduce(grey, small, 4, 0)
    compiled.lift(small, rgb(40, 50), 4, 0, 40)
    for entry, args, message in [
        ("extremes", (grey, cells[:2], cells.copy()), "16 x 16"),
        ("extremes", (grey, cells, cells), "shares"),
        ("disc", (grey, cells, cells, block, block, rgb(40, 49), 3, 0, 0, 0, 40), "size"),
        ("disc", (grey, cells, cells, block, block, rgb(40, 50), 3, 0, 0, 0, 41), "need 0 to 40"),
        ("disc", (grey, cells, cells, block, block, rgb(40, 50), 1 << 21, 0, 0, 0, 40), "need 0"),
        ("disc", (grey, cells, rgb(3, 8)[:, ::2], block, block, rgb(40, 50), 3, 0, 0, 0, 40), "packed"),
        ("disc", (grey, cells, cells, block, rgb(1, 2), rgb(40, 50), 3, 0, 0, 0, 40), "square of pixels"),
        ("disc", (grey, cells, cells, block, block, grey, 3, 0, 0, 0, 40), "shares"),
        ("disc", (grey[:0], cells, cells, block, block, rgb(40, 50), 3, 0, 0, 0, 40), "no pixels"),
        ("ring", (grey, cells, grey[:39], rgb(40, 50), *ring, 3, 0.0, 0), "size"),
        ("ring", (grey, cells, grey, rgb(41, 50), *ring, 3, 0.0, 0), "rows"),
        ("ring", (grey, cells[:2], grey, rgb(40, 50), *ring, 3, 0.0, 0), "16 x 16"),
        ("ring", (grey, cells, grey[:9], rgb(9, 50), *ring, 3, 0.0, 32), "need 0 to 31"),
        ("ring", (grey, cells, grey, rgb(40, 50), *ring, 2, 0.0, 0), "beyond the reach"),
        ("ring", (grey, cells, grey, rgb(40, 50), *ring[:3], none + 1, 3, 0.0, 0), "no group"),
        ("ring", (grey, cells, grey, rgb(40, 50), *ring[:3], none - 1, 3, 0.0, 0), "no group"),
        (
            "ring",
            (grey, cells, grey, rgb(40, 50), offsets, small[0], *ring[2:], 3, 0.0, 0),
            "wrong dtype or length",
        ),
        ("ring", (grey, cells, grey, rgb(40, 50), offsets[0], *ring[1:], 3, 0.0, 0), "wrong dtype or length"),
        ("ring", (grey, cells, grey, rgb(40, 50), small, *ring[1:], 3, 0.0, 0), "wrong dtype or length"),
        ("ring", (grey, cells, rgb(40, 50), grey, *ring, 3, 0.0, 0), "shares"),
        ("under", (rgb(9, 9, 4), rgb(9, 8), rgb(9, 9, 4), 1, 2, 3), "size"),
        ("under", (rgb(9, 9, 4), rgb(9, 9), rgb(9, 9, 4), 1, 2, 256), "need 0 to 255"),
        ("reduce", (grey, small, 0, 0), "at least 1"),
        ("reduce", (grey, rgb(12, 15), 4, 0), "float32"),
        ("lift", (small[:11], rgb(40, 50), 4, 0, 40), "every side"),
        ("lift", (small, rgb(40, 50), 4, 0, 41), "need 0 to 40"),
    ]:
        with pytest.raises(ValueError, match=message):
            getattr(compiled, entry)(*args)


@needs_compiled
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
@pytest.mark.parametrize("channels", [3, 4])
def test_decontaminate_equals_numpy(dtype, channels):
    rng = np.random.default_rng(11)
    for height, width in [(1, 9), (37, 41), (150, 280)]:
        photo = as_dtype(picture(rng, height, width, channels, np.uint16), dtype)
        matte = as_dtype(mask(rng, height, width, np.uint16), dtype)
        np.testing.assert_array_equal(*both(mk.decontaminate, photo, matte))
