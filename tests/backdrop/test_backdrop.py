"""Backdrops: colours against coloraide, fits by geometry, gradients by the CSS formula, blur by its bleed."""

import cv2
import numpy as np
import pytest
from coloraide import Color
from hypothesis import given
from hypothesis import strategies as st
from scipy import ndimage

import maskkit as mk
from maskkit import backdrop
from maskkit.codec.css_color import parse_color
from maskkit.errors import CodecError, PixelError

COLORS = [
    "red", "rebeccapurple", "transparent", "#abc", "#abcd", "#0f1e2d", "#0f1e2d80", "rgb(1, 2, 3)",
    "rgba(1, 2, 3, .4)", "rgb(10% 20% 30% / 40%)", "hsl(210 40% 60%)", "hsla(0.4turn, 40%, 60%, 0.2)",
    "hwb(30 20% 35%)", "hwb(30 70% 60%)", "lab(60 20 -30)", "oklch(70% 0.1 200)",
    "color(display-p3 0.2 0.8 0.4)",
]  # fmt: skip


@pytest.mark.parametrize("text", COLORS)
def test_colours_are_what_css_says(text):
    color = Color(text).convert("srgb").fit()
    expected = [*color.coords(nans=False), color.alpha(nans=False)]
    assert parse_color(text) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("text", ["", "blurple", "#12", "rgb(1,2)", "rgb(1 2 3 4 5)", "hsl(a b c)", "lab()"])
def test_what_is_no_colour_is_refused(text):
    with pytest.raises(PixelError, match="need a CSS colour"):
        parse_color(text)


def picture(width, height):
    """Each pixel tells where it is."""
    y, x = np.mgrid[:height, :width].astype(np.uint8)
    return np.stack([x, y, np.full_like(x, 9)], axis=2)


@given(st.integers(1, 30), st.integers(1, 30), st.integers(1, 30), st.integers(1, 30))
def test_every_fit_gives_the_asked_size(width, height, wide, high):
    for fit in backdrop.FITS:
        assert backdrop.image(picture(wide, high), (width, height), fit).shape[:2] == (height, width)


def test_none_places_and_crops_without_scaling():
    placed = backdrop.image(picture(3, 2), (7, 6), "none", (1.0, 0.5))
    assert np.array_equal(placed[2:4, 4:7, :3], picture(3, 2))
    assert placed[..., 3].sum() == 6 * 255
    cropped = backdrop.image(picture(9, 9), (3, 3), "none", (0.5, 0.0))
    assert np.array_equal(cropped, picture(9, 9)[:3, 3:6])


def test_cover_crops_and_contain_leaves_room():
    wide = picture(40, 10)
    assert backdrop.image(wide, (10, 10), "cover").shape == (10, 10, 3)
    assert (backdrop.image(wide, (10, 10), "cover")[..., 0] // 10 == 1).any()
    contained = backdrop.image(wide, (20, 20), "contain")
    assert (contained[..., 3] == 255).sum() == 20 * 5


def test_tile_repeats_from_the_position():
    tiled = backdrop.image(picture(4, 3), (10, 7), "tile", (0, 0))
    assert np.array_equal(tiled, np.tile(picture(4, 3), (3, 3, 1))[:7, :10])


@pytest.mark.parametrize("size", [(47, 40), (47, 400), (33, 31), (400, 10)])
def test_an_axis_that_shrinks_is_averaged_whatever_the_other_does(size):
    stripes = np.zeros((30, 500, 3), np.uint8)
    stripes[:, ::2] = 255
    scaled = backdrop.image(stripes, size, "stretch").astype(int)
    if size[0] < 250:
        assert np.abs(scaled - 127).max() < 20
    assert scaled.mean() == pytest.approx(127.5, abs=3)


def test_bool_pictures_scale():
    assert backdrop.image(picture(9, 9) > 4, (5, 4), "cover").dtype == np.bool_


def test_scaling_transparent_pictures_brings_no_hidden_colour_in():
    rgba = np.zeros((20, 20, 4), np.uint8)
    rgba[..., 1] = 255  # green hides under alpha 0
    rgba[5:15, 5:15] = (255, 0, 0, 255)
    scaled = backdrop.image(rgba, (50, 50), "stretch")
    assert scaled[scaled[..., 3] > 0][:, 1].max() <= 1


@pytest.mark.parametrize(("angle", "axis", "rises"), [(180, 0, True), (0, 0, False), (90, 1, True)])
def test_linear_gradient_goes_where_css_says(angle, axis, rises):
    ramp = backdrop.gradient(["black", "white"], (50, 50), angle=angle, dtype=np.float64)[..., 0]
    values = ramp.mean(axis=1 - axis)
    expected = (np.arange(50) + 0.5) / 50
    assert values == pytest.approx(expected if rises else expected[::-1], abs=1e-12)


def test_a_gradient_to_transparent_keeps_its_colour():
    fade = backdrop.gradient(["red", "transparent"], (1, 100))
    assert (fade[..., 0] >= 254).all()  # premultiplied interpolation, as CSS has it
    assert fade[..., 3].ravel().tolist() == sorted(fade[..., 3].ravel().tolist(), reverse=True)


def test_radial_reaches_its_last_colour_at_the_farthest_corner():
    disc = backdrop.gradient(["white", "black"], (101, 51), kind="radial", dtype=np.float64)[..., 0]
    assert disc[25, 50] == pytest.approx(1)
    assert disc[0, 0] == pytest.approx(1 - np.hypot(50, 25) / np.hypot(50.5, 25.5))


def test_blur_without_a_mask_is_the_gaussian():
    photo = np.random.default_rng(1).integers(0, 256, (60, 70, 3), np.uint8)
    expected = ndimage.gaussian_filter(photo.astype(float), (4, 4, 0), mode="nearest", truncate=6)
    assert np.abs(backdrop.blur(photo, 4) - expected).max() <= 2


@pytest.mark.parametrize("radius", [3, 25])
def test_the_subject_does_not_bleed_into_its_blurred_backdrop(radius):
    photo = np.full((120, 120, 3), (40, 90, 160), np.uint8)
    mask = np.zeros((120, 120), np.uint8)
    mask[30:90, 30:90] = 255
    photo[mask > 0] = (255, 0, 0)
    assert np.abs(backdrop.blur(photo, radius, mask).astype(int) - (40, 90, 160)).max() <= 1
    assert np.abs(backdrop.blur(photo, radius).astype(int) - (40, 90, 160)).max() > 40


def test_a_shadow_darkens_below_and_keeps_white_elsewhere():
    paper, mask = np.full((60, 60, 3), 255, np.uint8), np.zeros((60, 60), np.uint8)
    mask[20:30, 20:40] = 255
    cast = backdrop.shadow(paper, mask, offset=(0, 12), radius=3, opacity=0.5)
    assert cast[37, 30, 0] < 150
    assert cast[2, 2].tolist() == [255, 255, 255]


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        ("checker", 3),
        ("transparent", 4),
        ("linear:red;rgb(0, 0, 9)@45", 3),
        ("radial:red;#0000", 4),
        ("#123", 3),
    ],
)
def test_words_become_backdrops(text, shape):
    assert backdrop.from_text(text, (8, 6)).shape == (6, 8, shape)


def test_blur_in_words_uses_the_photos_alpha(tmp_path):
    photo = np.full((40, 40, 4), (10, 200, 30, 0), np.uint8)
    photo[10:30, 10:30] = (255, 255, 255, 255)
    assert np.abs(backdrop.from_text("blur:6", (40, 40), photo=photo).astype(int) - (10, 200, 30)).max() <= 1
    (tmp_path / "b.png").write_bytes(b"x")
    assert backdrop.from_text(str(tmp_path / "b.png"), (4, 4)) == tmp_path / "b.png"


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: backdrop.solid("red", (0, 5)), PixelError, "size: need at least 1x1, got 0x5"),
        (lambda: backdrop.image(picture(2, 2), (4, 4), "fill"), PixelError, "fit: need one of cover"),
        (
            lambda: backdrop.image(picture(2, 2), (4, 4), "cover", (2, 0)),
            PixelError,
            "position x: need 0 to 1",
        ),
        (lambda: backdrop.image("no-such.png", (4, 4)), CodecError, "no-such.png"),
        (lambda: backdrop.gradient(["red"], (4, 4)), PixelError, "colors: need at least 2"),
        (lambda: backdrop.gradient(["red", "blue"], (4, 4), kind="conic"), PixelError, "kind: need linear"),
        (lambda: backdrop.from_text("nowhere", (4, 4)), PixelError, "'nowhere' is neither a file"),
        (lambda: backdrop.from_text("blur:9", (4, 4)), PixelError, "blur needs a photo"),
        (
            lambda: backdrop.from_text("blur:x", (4, 4), photo=picture(4, 4)),
            PixelError,
            "radius: need a number",
        ),
        (lambda: backdrop.blur(picture(4, 4), -1), PixelError, "radius: need a finite number"),
        (lambda: backdrop.checkerboard((4, 4), 0), PixelError, "cell: need at least 1"),
    ],
)
def test_bad_input_names_the_argument(call, error, words):
    with pytest.raises(error, match=words):
        call()


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
@pytest.mark.parametrize("size", [(63, 21), (40, 33), (21_000, 9)])
def test_flat_colour_stays_flat_when_its_alpha_is_enlarged(size, dtype):
    top = 1 if dtype == np.float32 else np.iinfo(dtype).max
    colour = 128 / 255 * top if dtype == np.float32 else 128 * (top // 255)
    for alpha in (np.eye(7, 21) * top, np.random.default_rng(2).random((7, 21)) * top):
        pixels = np.empty((7, 21, 4), dtype)
        pixels[..., :3], pixels[..., 3] = colour, alpha
        grown = backdrop.image(pixels, size, "stretch")
        seen = grown[..., 3] > (0 if dtype == np.uint8 else 1e-3 * top)
        off = np.abs(grown[seen][:, :3].astype(float) - float(pixels[0, 0, 0]))
        assert off.max() <= {np.uint8: 0, np.uint16: 8, np.float32: 1e-4}[dtype]


def test_place_and_over_enlarge_so():
    pixels = np.full((6, 6, 4), 128, np.uint8)
    pixels[:, 3:, 3] = 0
    placed = mk.Cutout(mk.Picture(pixels)).place((18, 18), scale=3).pixels
    assert (placed[placed[..., 3] > 0][:, :3] == 128).all()
    clear = mk.Cutout(mk.Picture(np.zeros((18, 18, 4), np.uint8)))
    over = clear.over(pixels).pixels
    assert (over[over[..., 3] > 0][:, :3] == 128).all()


def test_bilinear_enlarging_has_no_rings():
    pixels = np.full((6, 12, 4), 200, np.uint8)
    pixels[:, 6:, 3] = 100
    sharp = backdrop.image(pixels, (48, 24), "stretch")
    plain = backdrop.image(pixels, (48, 24), "stretch", filter="bilinear")
    assert sharp[..., 3].min() < 100
    assert (plain[..., 3].min(), plain[..., 3].max()) == (100, 200)
    with pytest.raises(PixelError, match="filter: need one of bicubic, bilinear"):
        backdrop.image(pixels, (8, 8), filter="lanczos")


def test_blur_counts_colour_by_its_alpha():
    pixels = np.full((40, 40, 4), (10, 200, 60, 255), np.uint8)
    pixels[:, 20:] = (255, 0, 255, 0)  # hidden
    blurred = backdrop.blur(pixels, 3)
    assert blurred.shape == pixels.shape
    seen = blurred[..., 3] > 1
    assert np.abs(blurred[seen][:, :3].astype(int) - (10, 200, 60)).max() <= 1
    want = cv2.GaussianBlur(pixels[..., 3].astype(np.float64), (0, 0), 3, borderType=cv2.BORDER_REFLECT)
    assert np.abs(blurred[..., 3] - want).max() < 3
