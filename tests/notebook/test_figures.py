"""What Jupyter is given: pictures that draw themselves, side by side, one over the other."""

import base64
import html
import io
import re

import numpy as np
import pytest
from PIL import Image

import maskkit as mk

PHOTO = np.full((40, 60, 3), (200, 30, 60), np.uint8)
MASK = np.zeros((40, 60), np.uint8)
MASK[10:30, 20:40] = 255
CUTOUT = mk.cutout(PHOTO, MASK)
ESTIMATE = mk.Estimate(MASK / np.float32(255), 0.9234, "u2netp", "a box would help <here>")


def drawn(bundle):
    """The PNG as pixels, and the HTML as a reader sees it."""
    png = np.asarray(Image.open(io.BytesIO(base64.b64decode(bundle["image/png"]))).convert("RGB"))
    return png, html.unescape(re.sub(r"<[^>]*>", " ", bundle["text/html"]))


def inside(bundle):
    """The pictures that the HTML holds."""
    found = re.findall(r'src="data:image/\w+;base64,([^"]+)"', bundle["text/html"])
    return [np.asarray(Image.open(io.BytesIO(base64.b64decode(one))).convert("RGB")) for one in found]


def test_a_cutout_draws_itself_on_a_checkerboard_and_says_who_made_it():
    png, said = drawn(CUTOUT._repr_mimebundle_())
    expected = mk.backdrop.checkerboard((60, 40), cell=8)
    expected[MASK > 0] = PHOTO[0, 0]
    assert np.array_equal(png, expected)
    assert np.array_equal(inside(CUTOUT._repr_mimebundle_())[0], expected)
    assert "60 x 40 pixels, RGBA, uint8" in said
    assert "mask given" in said


def test_half_alpha_shows_half_the_checkerboard():
    half = np.dstack([np.full((8, 16, 3), 255, np.uint8), np.full((8, 16), 128, np.uint8)])
    png, _ = drawn(mk.Picture(half)._repr_mimebundle_())
    light, dark = 255, 255 * (128 + 0.8 * 127) / 255
    assert abs(png[0, 0].astype(float) - light).max() <= 1
    assert abs(png[0, 8].astype(float) - dark).max() <= 1


@pytest.mark.parametrize("dtype", [np.bool_, np.uint8, np.uint16, np.float32, np.float64])
@pytest.mark.parametrize("shape", [(4, 6), (4, 6, 3), (4, 6, 4)])
def test_a_picture_of_any_dtype_draws_itself(shape, dtype):
    white = np.full(shape, np.iinfo(dtype).max if np.dtype(dtype).kind == "u" else 1, dtype)
    png, said = drawn(mk.Picture(white)._repr_mimebundle_())
    assert (png == 255).all()
    assert np.dtype(dtype).name in said
    assert "6 x 4 pixels" in said


def test_a_grey_picture_has_a_repr():
    assert repr(mk.Picture(MASK)) == "Picture(60x40, 1 channels, uint8)"


def test_an_estimate_draws_its_alpha_with_source_confidence_and_advice():
    png, said = drawn(ESTIMATE._repr_mimebundle_())
    assert np.array_equal(png[..., 0], MASK)
    assert "alpha by u2netp, confidence 0.92" in said
    assert "a box would help <here>" in said, "advice is text"
    assert "<here>" not in ESTIMATE._repr_mimebundle_()["text/html"]
    assert repr(ESTIMATE) == "Estimate(60x40, float32, by u2netp, confidence 0.92)"


def test_an_inspection_is_a_table():
    table = mk.inspect(np.full((40, 60, 4), 255, np.uint8))._repr_html_()
    assert table.count("<tr") == 1 + len(mk.inspect(CUTOUT).findings)
    assert "60 x 40 pixels: failed" in table
    assert re.search(r'<tr style="font-weight:bold"><td>fault</td><td>full</td>', table)


def test_a_large_picture_is_made_small_and_its_html_smaller():
    noise = np.random.default_rng(0).integers(0, 256, (900, 1600, 3), np.uint8)
    bundle = mk.Picture(noise)._repr_mimebundle_()
    assert drawn(bundle)[0].shape == (450, 800, 3)
    assert len(bundle["text/html"]) < len(bundle["image/png"]) / 2
    assert inside(bundle)[0].shape == (450, 800, 3)
    assert "1600 x 900 pixels" in bundle["text/html"]


def test_a_composite_is_saved_and_goes_to_pillow(tmp_path):
    composite = CUTOUT.over("white")
    composite.save(tmp_path / "out.png")
    expected = np.where(MASK[..., None] > 0, PHOTO, 255)
    assert np.array_equal(np.asarray(Image.open(tmp_path / "out.png")), expected)
    assert np.array_equal(np.asarray(composite.to_pil()), expected)
    composite.save(tmp_path / "out.webp", quality=50)
    assert (tmp_path / "out.webp").read_bytes()[8:12] == b"WEBP"
    with pytest.raises(mk.CodecError, match=r"\.what"):
        composite.save(tmp_path / "out.what")


def test_pillow_is_told_what_the_file_knew():
    image = mk.Picture(PHOTO, icc=b"profile", dpi=(300.0, 300.0)).to_pil()
    assert image.info == {"icc_profile": b"profile", "dpi": (300.0, 300.0)}
    assert mk.Picture(PHOTO.astype(np.uint16) * 257).to_pil().getpixel((0, 0)) == (200, 30, 60)


def test_show_puts_all_kinds_side_by_side(tmp_path):
    mk.write(tmp_path / "photo.png", PHOTO)
    shown = mk.show(tmp_path / "photo.png", MASK, CUTOUT, ESTIMATE, CUTOUT.over("white"), side=30)
    pictures = inside(shown._repr_mimebundle_())
    assert [one.shape for one in pictures] == [(20, 30, 3)] * 5
    assert np.array_equal(pictures[1][..., 0], MASK[::2, ::2])
    assert (pictures[4][0, 0] == 255).all()
    assert len(repr(shown).splitlines()) == 5


def test_titles_are_text_above_what_is_told():
    shown = mk.show(PHOTO, MASK, titles=["<b>photo</b>", "mask"])
    assert "<b>" not in shown.html
    assert repr(shown) == "<b>photo</b>: 60 x 40 pixels, RGB, uint8\nmask: 60 x 40 pixels, mask, uint8"


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (mk.show, "pictures: need at least one"),
        (lambda: mk.show(PHOTO, titles=["a", "b"]), "titles: need one for each of 1 pictures, got 2"),
        (lambda: mk.show(PHOTO, 3), "picture 2: need a path"),
        (lambda: mk.show(PHOTO, side=0), "side"),
        (lambda: mk.compare(PHOTO, MASK.T), "after: need 60x40"),
        (lambda: mk.compare(PHOTO, MASK, titles=["one"]), "titles: need two, got 1"),
    ],
)
def test_what_cannot_be_shown_is_said(call, said):
    with pytest.raises(mk.PixelError, match=re.escape(said)):
        call()


def test_compare_holds_both_pictures_and_a_slider_with_a_name():
    bundle = mk.compare(PHOTO, CUTOUT.over("white"))._repr_mimebundle_()
    before, after = inside(bundle)
    assert np.array_equal(before, PHOTO)
    assert (after[0, 0] == 255).all()
    assert re.search(r'<input type="range"[^>]*aria-label="Compare', bundle["text/html"])
    assert drawn(bundle)[0].shape[1] > 2 * 60, "side by side where no HTML is shown"
    assert "http" not in bundle["text/html"]
