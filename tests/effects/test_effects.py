"""Each effect against a slow float64 formula that is written here once more, and what it must never do."""

import itertools
import math
import tracemalloc

import numpy as np
import pytest

import maskkit as mk
from maskkit import effects
from maskkit.effects.layer import moved
from maskkit.effects.stroke import widened as dilated
from maskkit.errors import PixelError
from maskkit.kernels import native
from maskkit.pixels import max_value

DTYPES = (np.uint8, np.uint16, np.float32)


def blob(shape=(40, 60), dtype=np.uint8, soft=1.0):
    """A disc with a soft edge, off the middle."""
    y, x = np.mgrid[: shape[0], : shape[1]]
    edge = 0.25 * min(shape) - np.hypot(y - 0.4 * shape[0], x - 0.5 * shape[1])
    share = np.clip(edge / soft + 0.5, 0, 1)
    return as_dtype(share, dtype)


def as_dtype(share, dtype):
    top = max_value(dtype)
    return (share * top + (0.5 if top > 1 else 0)).astype(dtype)


def noise(shape, dtype, seed=0, channels=3):
    return as_dtype(np.random.default_rng(seed).random((*shape, channels)), dtype)


def cutout_of(mask, seed=1):
    return np.dstack([noise(mask.shape, mask.dtype, seed), mask])


def unit(array):
    return array / float(max_value(array.dtype))


def gauss(plane, sigma):
    """The sampled Gaussian, the border repeated: separable sums in float64."""
    if not sigma:
        return plane
    reach = math.ceil(3 * sigma)
    weights = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2)
    weights /= weights.sum()
    for axis in (0, 1):
        pad = [(reach, reach) if one == axis else (0, 0) for one in (0, 1)]
        wide = np.pad(plane, pad, mode="edge")
        side = plane.shape[axis]
        plane = sum(w * wide.take(range(k, k + side), axis) for k, w in enumerate(weights))
    return plane


def laid(color, cover, backdrop):
    cover = cover[..., None]
    if backdrop.shape[2] == 3:
        return np.array(color) * cover + backdrop * (1 - cover)
    below, alpha = backdrop[..., :3], backdrop[..., 3:]
    total = cover + alpha * (1 - cover)
    mixed = np.array(color) * cover + below * alpha * (1 - cover)
    return np.dstack([np.where(total > 0, mixed / np.maximum(total, 1e-12), below), total])


def assert_near(found, wanted, levels):
    worst = np.abs(unit(found) - wanted).max()
    assert worst <= levels / 255, worst * 255


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("channels", [3, 4])
def test_a_drop_shadow_is_its_formula(dtype, channels):
    mask, paper = blob(dtype=dtype), noise((40, 60), dtype, channels=channels)
    found = effects.drop_shadow(paper, mask, offset=(5, -3), radius=2.5, color="#336699", opacity=0.5)
    cover = 0.5 * gauss(unit(moved(mask, 5, -3)), 2.5)
    wanted = laid((0x33 / 255, 0x66 / 255, 0x99 / 255), cover, unit(paper))
    if channels == 4:  # where little is there, its colour is as coarse as its alpha
        assert np.abs((unit(found) - wanted) * wanted[..., 3:]).max() <= 1.6 / 255
    else:
        assert_near(found, wanted, 1.1)
    assert found.dtype == dtype
    assert found.shape == paper.shape


def test_without_softness_a_drop_shadow_is_exact():
    mask, paper = blob(), noise((40, 60), np.uint8)
    found = effects.drop_shadow(paper, mask, offset=(3, 2), radius=0, opacity=0.25)
    exact = paper.astype(np.int64) * (4 * 255 - moved(mask, 3, 2)[..., None].astype(np.int64))
    assert np.array_equal(found, (2 * exact + 4 * 255) // (2 * 4 * 255))


@pytest.mark.parametrize("offset", [(100, 0), (-100, 3), (0, -100), (0, 0)])
def test_a_shadow_that_falls_outside_is_not_seen(offset):
    paper, mask = noise((20, 30), np.uint8), blob((20, 30))
    found = effects.drop_shadow(paper, mask, offset=offset, radius=0, opacity=1)
    assert np.array_equal(found, paper) == (offset != (0, 0))


def test_the_old_name_has_its_old_lengths():
    paper, mask = noise((90, 90), np.uint8), blob((90, 90))
    new = effects.drop_shadow(paper, mask, offset=(0, 12), radius=12)
    assert np.array_equal(mk.backdrop.shadow(paper, mask), new)


@pytest.mark.parametrize("dtype", DTYPES)
def test_a_glow_is_its_formula(dtype):
    mask, night = blob(dtype=dtype), noise((40, 60), dtype)
    found = effects.glow(night, mask, radius=3, color="gold", opacity=0.8)
    cover = 0.8 * np.minimum(1, 2 * gauss(unit(mask), 3))
    assert_near(found, laid((1, 215 / 255, 0), cover, unit(night)), 2.1)


def widened(alpha, width):
    """max over q of a(q) clip(w + 1 - |p - q|, 0, 1), pixel by pixel."""
    out = np.zeros_like(alpha)
    ys, xs = np.nonzero(alpha)
    for y, x in itertools.product(*map(range, alpha.shape)):
        away = np.hypot(ys - y, xs - x)
        out[y, x] = (alpha[ys, xs] * np.clip(width + 1 - away, 0, 1)).max(initial=0)
    return out


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("width", [0.3, 1, 2.5, 7])
@pytest.mark.parametrize("soft", [0.01, 3])
def test_an_outline_is_the_exact_distance(dtype, width, soft):
    mask = blob((30, 34), dtype, soft)
    dressed = effects.outline(cutout_of(mask), width, color="red")
    line = widened(unit(mask), width)
    wanted = unit(mask) + line * (1 - unit(mask))
    worst = np.abs(unit(dressed[..., 3]) - wanted).max()
    assert worst <= 1 / 64 + 1 / 255  # rings of fewer levels than 1/64 are not looked at
    if soft < 1:
        assert worst <= 0.6 / 255
    only = (line > 0.99) & (mask == 0)
    assert only.any() or width < 1 or soft > 1
    assert (unit(dressed)[only][:, :3] == (1, 0, 0)).all()


@pytest.mark.parametrize("dtype", [*DTYPES, np.float64])
@pytest.mark.parametrize("shape", [(140, 147), (3, 130), (130, 2), (270, 150)])
@pytest.mark.parametrize("width", [0.3, 4, 20.4])
def test_the_compiled_outline_is_the_pure_one(dtype, shape, width):
    """Hair, a flat corner and single pixels, so that tiles are settled whole, in part, and not at all."""
    rng = np.random.default_rng(3)
    grey = np.where(rng.random(shape) < 0.02, rng.random(shape), 0)
    grey[: shape[0] // 2, : shape[1] // 2] = 1
    mask = as_dtype(grey, dtype)
    before = native._active is not None
    if not native.set_native(True):
        pytest.skip("maskkit was installed without a compiler")
    try:
        found = dilated(mask, width)
        native.set_native(False)
        assert np.array_equal(found, dilated(mask, width))
    finally:
        native.set_native(before)


def test_an_inner_outline_leaves_the_alpha_and_a_centred_one_is_half_on_either_side():
    mask = blob((40, 60), soft=0.01)
    cut = cutout_of(mask)
    inner = effects.outline(cut, 3, color="white", where="inside")
    assert np.array_equal(inner[..., 3], mask)
    band = widened(1 - unit(mask), 3)
    assert_near(inner[..., :3], laid((1, 1, 1), band, unit(cut[..., :3])), 1.1)
    centre = effects.outline(cut, 6, color="white", where="center")
    assert np.abs(unit(centre[..., 3]) - widened(unit(mask), 3)).max() <= 0.6 / 255
    assert np.array_equal(centre[mask > 0][:, :3], inner[mask > 0][:, :3])


def test_an_outline_has_round_joins_and_no_line_along_the_frame():
    square = np.zeros((60, 60), np.uint8)
    square[20:40, 20:40] = 255
    alpha = effects.outline(cutout_of(square), 12)[..., 3]
    assert alpha[39 + 12, 30] == 255  # straight below
    assert alpha[39 + 12, 39 + 12] == 0  # not in the corner
    assert alpha[39 + 8, 39 + 8] == 255
    whole = np.full((9, 9), 255, np.uint8)
    cut = cutout_of(whole)
    assert np.array_equal(effects.outline(cut, 3, where="inside"), cut)


def test_a_contact_shadow_is_its_formula():
    mask, paper = blob((50, 70)), noise((50, 70), np.uint8)
    mask[10:14, 3:60] = 255  # an arm that hangs in the air
    found = effects.contact_shadow(paper, mask, radius=3, height=6, opacity=0.7)
    kept = mask >= 127.5
    base = int(np.flatnonzero(kept.any(axis=1))[-1])
    cover = np.zeros(mask.shape)
    for x in np.flatnonzero(kept.any(axis=0)):
        foot = int(np.flatnonzero(kept[:, x])[-1])
        weight = np.clip(1 - (base - foot) / 6, 0, 1)
        cover[:, x] = weight * np.exp(-2 * (np.arange(50) - foot) ** 2 / 9)
    weights = np.exp(-0.5 * (np.arange(-9, 10) / 3) ** 2)
    wide = np.pad(cover, ((0, 0), (9, 9)), mode="edge")
    soft = sum(w * wide[:, k : k + 70] for k, w in enumerate(weights / weights.sum()))
    assert_near(found, laid((0, 0, 0), 0.7 * soft, unit(paper)), 1.1)
    assert np.array_equal(found[:20], paper[:20])  # none below the arm


@pytest.mark.parametrize(("direction", "length"), [(0, 1.0), (40, 0.7), (150, 0.5), (-60, 1.2), (200, 0.8)])
def test_a_cast_shadow_falls_where_the_formula_says(direction, length):
    mask, paper = blob((50, 70)), np.full((50, 70, 3), 255, np.uint8)
    options = {"direction": direction, "length": length, "opacity": 1.0}
    found = effects.cast_shadow(paper, mask, softness=0, **options)
    base = int(np.flatnonzero((mask >= 127.5).any(axis=1))[-1])
    turn = math.radians(direction)
    cover, share = np.zeros(mask.shape), unit(mask)
    for y, x in itertools.product(range(50), range(70)):
        above = (base - y) / (length * math.cos(turn))
        if above < 0:
            continue
        cover[y, x] = bilinear(share[: base + 1], base - above, x - above * length * math.sin(turn))
    assert_near(found, laid((0, 0, 0), cover, unit(paper)), 1.1)


def bilinear(plane, y, x):
    total, top, left = 0.0, math.floor(y), math.floor(x)
    for row, column in itertools.product((top, top + 1), (left, left + 1)):
        if 0 <= row < plane.shape[0] and 0 <= column < plane.shape[1]:
            total += plane[row, column] * (1 - abs(y - row)) * (1 - abs(x - column))
    return total


def test_a_cast_shadow_is_sharp_at_the_feet_and_soft_at_its_end():
    mask = np.zeros((120, 60), np.uint8)
    mask[10:60, 20:40] = 255
    paper = np.full((120, 60, 3), 255, np.uint8)
    told = {"direction": 180, "length": 1, "opacity": 1.0}
    sharp = unit(effects.cast_shadow(paper, mask, softness=0, **told))[..., 0]
    soft = unit(effects.cast_shadow(paper, mask, softness=4, **told))[..., 0]
    base, end = 59, 59 + 49
    assert np.array_equal(soft[base], sharp[base])
    level = np.clip((np.arange(120) - base) / (end - base), 0, 1) * 4
    blurred = [gauss(sharp, 4 * step / 4) for step in range(5)]
    for y in range(base, 120):
        first = min(3, int(level[y]))
        share = level[y] - first
        wanted = (1 - share) * blurred[first][y] + share * blurred[first + 1][y]
        assert np.abs(soft[y] - wanted).max() <= 2.1 / 255, y


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("gap", [0, 4])
def test_a_reflection_is_its_formula(dtype, gap):
    mask = blob((60, 40), dtype)
    cut, paper = cutout_of(mask), noise((60, 40), dtype)
    found = effects.reflection(paper, cut, opacity=0.6, length=0.8, gap=gap)
    base = int(np.flatnonzero((unit(mask) >= 0.5).any(axis=1))[-1])
    height = base + 1 - int(np.flatnonzero(mask.any(axis=1))[0])
    wanted = unit(paper).copy()
    for y in range(base + 1 + gap, 60):
        source = 2 * base + 1 + gap - y
        fade = max(0.0, 1 - (y - base - gap - 0.5) / (0.8 * height))
        if source < 0 or not fade:
            continue
        cover = (0.6 * fade * unit(cut)[source, :, 3])[:, None]
        wanted[y] = unit(cut)[source, :, :3] * cover + wanted[y] * (1 - cover)
    assert_near(found, wanted, 0.51 if dtype != np.float32 else 0.01)


def light(value):
    return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)


def coded(value):
    return np.where(value <= 0.0031308, value * 12.92, 1.055 * value ** (1 / 2.4) - 0.055)


def disc(radius, parts=64):
    side = 2 * math.ceil(radius) + 1
    place = (np.arange(side * parts) + 0.5) / parts - side / 2
    inside = place[:, None] ** 2 + place**2 <= radius**2
    cover = inside.reshape(side, parts, side, parts).mean(axis=(1, 3))
    return cover / cover.sum()


def through_a_lens(photo, weight, radius, curve):
    kernel = disc(radius)
    reach = len(kernel) // 2
    plane = np.dstack([light(photo) / (1 - curve * light(photo)) * weight[..., None], weight])
    wide = np.pad(plane, ((reach, reach), (reach, reach), (0, 0)), mode="edge")
    total = np.zeros_like(plane)
    for y, x in itertools.product(*map(range, kernel.shape)):
        total += kernel[y, x] * wide[y : y + photo.shape[0], x : x + photo.shape[1]]
    mean = plane[..., :3].sum(axis=(0, 1)) / weight.sum()
    speck = 1e-3 if weight.min() < 1 else 0
    lifted = (total[..., :3] + speck * mean) / (total[..., 3:] + speck)
    return coded(lifted / (1 + curve * lifted))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize("radius", [1.5, 6])
def test_a_lens_blur_is_its_formula(dtype, masked, radius):
    photo = noise((90, 70), dtype)
    mask = blob((90, 70), dtype) if masked else None
    found = effects.lens_blur(photo, radius, mask, highlights=0.5)
    weight = 1 - unit(mask) if masked else np.ones((90, 70))
    assert_near(found, through_a_lens(unit(photo), weight, radius, 0.475), 1.5)


def test_a_large_lens_blur_is_near_its_formula():
    scene = mk.backdrop.gradient(["navy", "white", "black"], (200, 180), angle=120)
    scene[60:90, 50:130] = (250, 240, 90)
    found = effects.lens_blur(scene, 40, highlights=0)
    wanted = through_a_lens(unit(scene), np.ones((180, 200)), 40, 0.0)
    assert np.abs(unit(found) - wanted).max() <= 4 / 255
    assert np.abs(unit(found) - wanted).mean() <= 0.6 / 255


def test_lens_blur_leaves_even_areas_and_blooms_points():
    even = np.full((50, 50, 3), (30, 140, 250), np.uint8)
    assert np.abs(effects.lens_blur(even, 9).astype(int) - even).max() <= 1
    lamp = np.zeros((41, 41, 3), np.uint8)
    lamp[19:22, 19:22] = 255
    bright = [effects.lens_blur(lamp, 8, highlights=h)[20, 15, 0] for h in (0, 0.5, 1)]
    assert bright[0] < bright[1] < bright[2]


def test_lens_blur_keeps_the_subject_out_of_what_is_around_it():
    photo = np.full((80, 80, 3), 60, np.uint8)
    mask = np.zeros((80, 80), np.uint8)
    mask[20:60, 20:60] = 255
    photo[mask > 0] = 255
    assert np.abs(effects.lens_blur(photo, 12, mask)[mask == 0].astype(int) - 60).max() <= 1


def lab(rgb):
    """CIE 1976 L*a*b* of sRGB, D65."""
    matrix = np.array([[0.412453, 0.357580, 0.180423], [0.212671, 0.715160, 0.072169],
                       [0.019334, 0.119193, 0.950227]])  # fmt: skip
    ratio = (light(rgb) @ matrix.T) / np.array([0.950456, 1, 1.088754])
    f = np.where(ratio > 216 / 24389, np.cbrt(ratio), (24389 / 27 * ratio + 16) / 116)
    return np.stack([116 * f[..., 1] - 16, 500 * (f[..., 0] - f[..., 1]), 200 * (f[..., 1] - f[..., 2])], -1)


@pytest.mark.parametrize(("dtype", "tolerance"), [(np.uint8, 1.5), (np.uint16, 0.3), (np.float32, 0.3)])
def test_a_tint_match_is_its_formula_in_lab(dtype, tolerance):
    rng = np.random.default_rng(3)
    subject = as_dtype(0.4 + 0.2 * rng.random((60, 80, 3)), dtype)
    cut = np.dstack([subject, blob((60, 80), dtype)])
    behind = as_dtype(np.clip([0.5, 0.42, 0.3] + 0.1 * rng.random((50, 70, 3)), 0, 1), dtype)
    found = effects.tint_match(cut, behind, 0.6)
    weight = unit(cut[..., 3])
    own, other = lab(unit(subject)), lab(unit(behind)).reshape(-1, 3)
    mean = np.average(own.reshape(-1, 3), axis=0, weights=weight.ravel())
    spread = np.sqrt(np.average((own.reshape(-1, 3) - mean) ** 2, axis=0, weights=weight.ravel()))
    ratio = np.clip(other.std(axis=0) / spread, 2 / 3, 3 / 2)
    wanted = own + 0.6 * ((own - mean) * ratio + other.mean(axis=0) - own)
    away = np.linalg.norm(lab(unit(found[..., :3])) - wanted, axis=-1)
    assert np.median(away) <= tolerance
    assert np.array_equal(found[..., 3], cut[..., 3])


def plain_scene(shape=(120, 160)):
    """A photo of a dark box on a grey sweep with a soft shadow, the sweep alone, and the box's mask."""
    y, x = np.mgrid[: shape[0], : shape[1]]
    sweep = 0.75 + 0.1 * y[..., None] / shape[0] * np.ones(3)
    shade = 0.4 * np.exp(-(((x - 90) / 25) ** 2) - ((y - 85) / 6) ** 2)
    mask = np.zeros(shape, np.uint8)
    mask[40:85, 60:100] = 255
    photo = sweep * (1 - shade[..., None])
    photo[mask > 0] = (0.3, 0.1, 0.1)
    return as_dtype(photo, np.uint8), sweep, shade, mask


def test_the_photos_own_shadow_is_its_ratio_to_the_sweep():
    photo, sweep, shade, mask = plain_scene()
    for value in (255, 120):
        new = np.full(photo.shape, value, np.uint8)
        found = effects.own_shadow(new, photo, mask)
        beside = np.hypot(*np.gradient(mask.astype(float))) == 0
        beside &= mask == 0
        away = np.abs(found[..., 0] / value - (1 - shade))[beside]
        assert away.max() < 0.05
        assert away.mean() < 0.012
    again = effects.own_shadow(as_dtype(sweep, np.uint8), photo, mask).astype(int)
    assert np.abs(again - photo)[beside].mean() < 3  # the photo again


def test_the_photos_own_shadow_on_nothing_is_black_with_alpha():
    photo, _, shade, mask = plain_scene()
    found = effects.own_shadow(np.zeros((*mask.shape, 4), np.uint8), photo, mask)
    assert found[100, 90, 3] == pytest.approx(255 * shade[100, 90], abs=8)
    assert (found[found[..., 3] > 0][:, :3] == 0).all()


def test_a_busy_photo_has_no_shadow_to_keep():
    photo = noise((80, 80), np.uint8)
    with pytest.raises(PixelError, match="photo: has no plain backdrop"):
        effects.own_shadow(photo, photo, blob((80, 80)))


# ---- what holds for all of them

ON_BACKDROPS = {
    "drop": effects.drop_shadow,
    "contact": effects.contact_shadow,
    "cast": effects.cast_shadow,
    "glow": effects.glow,
    "reflection": lambda b, m, **o: effects.reflection(b, cutout_of(m), **o),
}
ALL = {
    **ON_BACKDROPS,
    "outline": lambda b, m: effects.outline(cutout_of(m), 3),
    "lens": lambda b, m: effects.lens_blur(b, 5, m),
    "tint": lambda b, m: effects.tint_match(cutout_of(m), b, 0.5),
}
ZERO = {
    **{name: lambda b, m, verb=verb: (verb(b, m, opacity=0), b) for name, verb in ON_BACKDROPS.items()},
    "outline width": lambda b, m: (effects.outline(cutout_of(m), 0), cutout_of(m)),
    "outline opacity": lambda b, m: (effects.outline(cutout_of(m), 5, opacity=0), cutout_of(m)),
    "lens": lambda b, m: (effects.lens_blur(b, 0), b),
    "tint": lambda b, m: (effects.tint_match(cutout_of(m), b, 0), cutout_of(m)),
    "own": lambda b, m: (effects.own_shadow(b, plain_scene(m.shape)[0], m, opacity=0), b),
}


@pytest.mark.parametrize("dtype", [*DTYPES, np.float64])
@pytest.mark.parametrize("name", ZERO)
def test_nothing_of_an_effect_changes_nothing(name, dtype):
    found, wanted = ZERO[name](noise((40, 60), dtype, channels=4), blob(dtype=dtype))
    assert np.array_equal(found, wanted)
    assert found.dtype == dtype


@pytest.mark.parametrize("shape", [(1, 1), (1, 900), (900, 1), (2, 3), (3, 2000)])
@pytest.mark.parametrize("name", ALL)
def test_lines_and_single_pixels(name, shape):
    mask = np.zeros(shape, np.uint8)
    mask[0, 0] = 255
    found = ALL[name](noise(shape, np.uint8), mask)
    assert found.shape[:2] == shape


@pytest.mark.parametrize("name", ALL)
def test_views_and_read_only_inputs_give_the_same_and_are_not_written_to(name):
    backdrop, mask = noise((40, 60), np.uint8), blob()
    wide, tall = np.zeros((80, 120, 3), np.uint8), np.zeros((40, 60, 4), np.uint8)
    wide[::2, ::-2], tall[..., 2] = backdrop, mask
    views = wide[::2, ::-2], tall[..., 2]
    for view in views:
        view.flags.writeable = False
    assert np.array_equal(ALL[name](*views), ALL[name](backdrop, mask))
    assert np.array_equal(views[0], backdrop)


@pytest.mark.parametrize("name", ALL)
def test_a_result_can_be_written_to_an_array_of_ones_own(name):
    backdrop, mask = noise((40, 60), np.uint8), blob()
    verbs = {
        "drop": effects.drop_shadow, "contact": effects.contact_shadow, "cast": effects.cast_shadow,
        "glow": effects.glow,
    }  # fmt: skip
    calls = {
        **{one: (verb, (backdrop, mask)) for one, verb in verbs.items()},
        "reflection": (effects.reflection, (backdrop, cutout_of(mask))),
        "outline": (effects.outline, (cutout_of(mask),)),
        "lens": (effects.lens_blur, (backdrop, 5)),
        "tint": (effects.tint_match, (cutout_of(mask), backdrop)),
    }
    verb, arguments = calls[name]
    fresh = verb(*arguments)
    out = np.zeros_like(fresh)
    assert verb(*arguments, out=out) is out
    assert np.array_equal(out, fresh)
    with pytest.raises(PixelError, match="shares memory"):
        verb(*arguments, out=arguments[0])


@pytest.mark.parametrize("name", [name for name in ALL if name != "lens"])
def test_an_empty_mask_is_refused(name):
    with pytest.raises(PixelError, match="mask: is all 0, so there is no subject"):
        ALL[name](noise((20, 20), np.uint8), np.zeros((20, 20), np.uint8))


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"direction": 90}, "direction: 90 degrees with length 0.8 makes a line"),
        ({"length": 0}, "length: need heights"),
        ({"direction": math.inf}, "direction: need a finite"),
        ({"softness": -1}, "softness: need"),
        ({"opacity": 2}, "opacity: need 0 to 1"),
        ({"color": "blak"}, "did you mean 'black'"),
        ({"direktion": 3}, "did you mean 'direction'"),
    ],
)
def test_what_a_cast_shadow_refuses(options, said):
    with pytest.raises(PixelError, match=said):
        effects.cast_shadow(noise((40, 60), np.uint8), blob(), **options)


@pytest.mark.slow
@pytest.mark.parametrize("name", [*ALL, "own"])
def test_no_effect_takes_more_memory_than_two_pictures(name):
    shape = (2000, 3000)
    if name == "own":
        photo, _, _, mask = plain_scene(shape)
        call = lambda: effects.own_shadow(photo, photo, mask)  # noqa: E731
    else:
        mask, photo = blob(shape), np.full((*shape, 3), 90, np.uint8)
        photo[::7] = 200
        cut = np.dstack([photo, mask])
        call = {
            "drop": lambda: effects.drop_shadow(photo, mask),
            "contact": lambda: effects.contact_shadow(photo, mask),
            "cast": lambda: effects.cast_shadow(photo, mask),
            "glow": lambda: effects.glow(photo, mask),
            "reflection": lambda: effects.reflection(photo, cut),
            "outline": lambda: effects.outline(cut, 40),
            "lens": lambda: effects.lens_blur(photo, 40, mask),
            "tint": lambda: effects.tint_match(cut, photo),
        }[name]
    picture = shape[0] * shape[1] * (4 if name in ("outline", "tint") else 3)
    tracemalloc.start()
    try:
        call()
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak <= 2 * picture, peak / picture
