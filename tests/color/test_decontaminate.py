import subprocess
import sys

import cv2
import numpy as np
import pytest

import maskkit as mk
from maskkit.errors import PixelError
from maskkit.kernels import set_threads, threads


def scene(height=200, width=260, seed=0):
    """(photo, alpha, foreground): two smooth textures and a soft blob, float64."""
    rng = np.random.default_rng(seed)

    def texture(base):
        noise = cv2.GaussianBlur(rng.normal(0, 1, (height, width, 3)), (0, 0), 12)
        return (np.array(base) + 3 * noise).clip(0.02, 0.98)

    y, x = np.mgrid[:height, :width]
    shape = np.hypot(y - 100, x - 130) - 65 + 6 * np.sin(np.arctan2(y - 100, x - 130) * 40)
    alpha = np.clip(0.5 - shape / 14, 0, 1)
    foreground, backdrop = texture((0.7, 0.4, 0.3)), texture((0.2, 0.7, 0.4))
    return alpha[..., None] * foreground + (1 - alpha[..., None]) * backdrop, alpha, foreground


def colour_error(colour, foreground, alpha):
    soft = (alpha > 0.01) & (alpha < 0.99)
    return (np.abs(colour - foreground).mean(2) * alpha)[soft].sum() / alpha[soft].sum()


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32, np.float64])
def test_decontaminate_removes_most_of_the_old_background(dtype):
    photo, alpha, foreground = scene()
    top = 1 if np.dtype(dtype).kind == "f" else np.iinfo(dtype).max
    given = photo.astype(dtype) if top == 1 else np.round(photo * top).astype(dtype)
    clean = mk.decontaminate(given, alpha)
    assert clean.dtype == dtype
    assert colour_error(clean / top, foreground, alpha) < 0.25 * colour_error(photo, foreground, alpha)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
def test_linear_is_told_how_the_colours_mixed(dtype):
    """The same foreground, mixed as light: its estimate in light is the better one, and the whole gain."""
    _, alpha, foreground = scene()
    behind = np.broadcast_to([0.1, 0.75, 0.3], foreground.shape)
    light = alpha[..., None] * mk.srgb_to_linear(foreground) + (1 - alpha[..., None]) * mk.srgb_to_linear(
        behind
    )
    given = mk.linear_to_srgb(light, dtype)
    top = mk.pixels.max_value(dtype)
    naive, plain, told = (
        colour_error(c / top, foreground, alpha)
        for c in (given, mk.decontaminate(given, alpha), mk.decontaminate(given, alpha, linear=True))
    )
    assert told < 0.7 * plain
    assert told < 0.25 * naive


def test_linear_reaches_cutout():
    photo, alpha, _ = scene()
    photo = (photo * 255).astype(np.uint8)
    made = mk.cutout(photo, alpha, decontaminate=1.0, linear_edge=True)
    clean = mk.decontaminate(photo, alpha, linear=True)
    np.testing.assert_array_equal(made.pixels[..., :3][alpha > 0], clean[alpha > 0])
    assert (clean != mk.decontaminate(photo, alpha)).any()


def test_linear_reaches_the_command_line(tmp_path):
    photo, alpha, _ = scene(60, 70)
    photo, mask = (photo * 255).astype(np.uint8), (alpha * 255).round().astype(np.uint8)
    mk.write(tmp_path / "photo.png", photo)
    mk.write(tmp_path / "mask.png", mask)
    options = ["--decontaminate", "1", "--linear-edge", "-o", "cutout.png"]
    command = [sys.executable, "-m", "maskkit", "cutout", "photo.png", "-m", "mask.png", *options]
    subprocess.run(command, check=True, capture_output=True, cwd=tmp_path)
    made = mk.read(tmp_path / "cutout.png").pixels
    np.testing.assert_array_equal(made[mask > 0, :3], mk.decontaminate(photo, mask, linear=True)[mask > 0])


def test_decontaminate_leaves_the_rest_alone():
    photo, alpha, _ = scene()
    photo, mask = (photo * 255).astype(np.uint8), (alpha * 255).round().astype(np.uint8)
    clean = mk.decontaminate(photo, mask)
    hard = (mask == 0) | (mask == 255)
    np.testing.assert_array_equal(clean[hard], photo[hard])
    np.testing.assert_array_equal(mk.decontaminate(photo, mask, 0.0), photo)
    half = mk.decontaminate(photo, mask, 0.5).astype(int)
    assert np.abs(half - (clean.astype(int) + photo) / 2).max() <= 1
    rgba = np.dstack([photo, mask])
    np.testing.assert_array_equal(mk.decontaminate(rgba, mask), np.dstack([clean, mask]))
    np.testing.assert_array_equal(mk.decontaminate(photo, mask > 127), photo)


def test_decontaminate_does_not_depend_on_threads():
    photo, alpha, _ = scene(500, 600)
    before = threads()
    try:
        results = []
        for count in (1, 3):
            set_threads(count)
            results.append(mk.decontaminate(photo, alpha))
    finally:
        set_threads(before)
    np.testing.assert_array_equal(*results)


@pytest.mark.parametrize("shape", [(1, 1), (3, 5000), (17, 1), (2, 3)])
@pytest.mark.parametrize("level", [0.0, 0.3, 1.0])
def test_odd_sizes_and_one_colour(shape, level):
    photo = np.full((*shape, 3), 0.4)
    mask = np.full(shape, level)
    np.testing.assert_allclose(mk.decontaminate(photo, mask), photo, atol=1e-5)
    np.testing.assert_allclose(mk.extend_edge(photo, mask), photo, atol=1e-5)


def test_despill_takes_the_excess_only():
    rng = np.random.default_rng(0)
    photo = rng.integers(0, 256, (20, 30, 4), np.uint8)
    for screen, own in (("red", 0), ("green", 1), ("blue", 2)):
        others = [c for c in range(3) if c != own]
        for limit, bound in (("average", photo[..., others].mean(2)), ("max", photo[..., others].max(2))):
            clean = mk.despill(photo, screen, limit=limit)
            wanted = np.minimum(photo[..., own], np.floor(bound + 0.5))
            np.testing.assert_array_equal(clean[..., own], wanted)
            np.testing.assert_array_equal(clean[..., [*others, 3]], photo[..., [*others, 3]])


def test_extend_edge_keeps_the_subject_and_hides_the_rest():
    rng = np.random.default_rng(0)
    photo = rng.integers(0, 256, (70, 90, 3), np.uint8)
    mask = np.zeros((70, 90), np.uint8)
    mask[20:50, 30:60] = 255
    photo[mask > 0] = (200, 30, 60)
    wide = mk.extend_edge(np.dstack([photo, mask]))
    np.testing.assert_array_equal(wide[mask > 0, :3], photo[mask > 0])
    assert np.abs(wide[..., :3].astype(int) - (200, 30, 60)).max() <= 1
    nothing = mk.extend_edge(photo, np.zeros_like(mask))
    np.testing.assert_array_equal(nothing, photo)


def test_extend_edge_stops_the_fringe_of_scaling():
    """Straight-alpha scaling mixes in the colour under alpha 0; extended, it is the subject's."""
    mask = np.zeros((64, 64), np.uint8)
    mask[13:51, 13:51] = 255
    photo = np.where(mask[..., None] > 0, (220, 180, 40), (0, 0, 255)).astype(np.uint8)
    small = cv2.resize(mk.extend_edge(np.dstack([photo, mask])), (24, 24), interpolation=cv2.INTER_AREA)
    seen = small[small[..., 3] > 0][:, :3].astype(int)
    assert np.abs(seen - (220, 180, 40)).max() <= 1


def test_light_wrap_lights_the_rim_with_the_backdrops_colour():
    alpha = np.zeros((80, 80), np.uint8)
    alpha[20:60, 20:60] = 255
    cutout = np.dstack([np.full((80, 80, 3), 60, np.uint8), alpha])
    backdrop = np.full((80, 80, 3), (0, 0, 250), np.uint8)
    lit = mk.light_wrap(cutout, backdrop, radius=3, amount=1.0).astype(int)
    np.testing.assert_array_equal(lit[..., 3], alpha)
    assert (lit[20:60, 20:60, :2] == 60).all()
    assert lit[40, 20, 2] > 120
    assert lit[40, 40, 2] < 65
    np.testing.assert_array_equal(mk.light_wrap(cutout, backdrop, amount=0.0), cutout)


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda p: mk.decontaminate(p, np.zeros((5, 4))), "swapped"),
        (lambda p: mk.decontaminate(p, np.zeros((4, 5)), 2), "amount"),
        (lambda p: mk.decontaminate(p, np.full((4, 5), np.nan)), "NaN"),
        (lambda p: mk.despill(p, "pink"), "screen: need one of red, green, blue"),
        (lambda p: mk.despill(p, limit="none"), "limit"),
        (mk.extend_edge, "mask"),
        (lambda p: mk.light_wrap(p, p), "foreground: need a cutout"),
        (lambda p: mk.light_wrap(np.zeros((4, 5, 4)), p, radius=-1), "radius"),
    ],
)
def test_bad_arguments_are_named(call, text):
    with pytest.raises(PixelError, match=text):
        call(np.zeros((4, 5, 3)))


def test_loads_no_compiler_or_codec():
    code = "import sys, numpy as np, maskkit as mk\n"
    code += "mk.decontaminate(np.zeros((50, 50, 3)), np.full((50, 50), 0.5))\n"
    code += "print([name for name in ('numba', 'scipy', 'pymatting', 'PIL', 'httpx') if name in sys.modules])"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"


def test_linear_light_where_most_blocks_of_a_picture_have_no_soft_pixel():
    photo = np.random.default_rng(0).integers(0, 256, (2000, 600, 3)).astype(np.uint8)
    alpha = np.zeros((2000, 600), np.uint8)
    alpha[:20], alpha[20:24] = 255, 128
    clean = mk.decontaminate(photo, alpha, linear=True)
    np.testing.assert_array_equal(clean[24:], photo[24:])
    assert (clean[20:24] != photo[20:24]).any()
