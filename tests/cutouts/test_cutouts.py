"""The Cutout record and the verb that makes it."""

import base64
import io

import numpy as np
import pytest
from PIL import Image, ImageOps

import maskkit as mk
from maskkit import codec
from maskkit.errors import CodecError, MaskkitWarning, PixelError
from maskkit.testing import ScriptedServer

RNG = np.random.default_rng(5)
PHOTO = RNG.integers(0, 256, (40, 60, 3), np.uint8)
MASK = np.zeros((40, 60), np.uint8)
MASK[10:30, 15:45] = RNG.integers(1, 256, (20, 30), np.uint8)


def cut(**options):
    return mk.cutout(PHOTO, MASK, **options)


def test_colour_is_untouched_everywhere_and_the_mask_is_alpha():
    assert np.array_equal(cut().color, PHOTO)
    assert np.array_equal(cut().alpha, MASK)


@pytest.mark.parametrize("kind", ["path", "bytes", "file", "pil", "array", "picture"])
def test_every_door_gives_the_same(kind, tmp_path):
    Image.fromarray(PHOTO).save(tmp_path / "photo.png")
    content = (tmp_path / "photo.png").read_bytes()
    photo = {
        "path": tmp_path / "photo.png",
        "bytes": content,
        "file": io.BytesIO(content),
        "pil": Image.open(io.BytesIO(content)),
        "array": PHOTO,
        "picture": mk.read(content),
    }[kind]
    assert np.array_equal(mk.cutout(photo, Image.fromarray(MASK)).pixels, cut().pixels)


@pytest.mark.parametrize("kind", ["path", "bytes", "file", "ahead"])
@pytest.mark.parametrize("turn", [1, 6])
def test_a_jpeg_becomes_rgba_as_pillow_decodes_it(kind, turn, tmp_path):
    exif = Image.Exif()
    exif[0x0112] = turn
    Image.fromarray(PHOTO).save(tmp_path / "photo.jpg", exif=exif)
    content = (tmp_path / "photo.jpg").read_bytes()
    photo = {
        "path": tmp_path / "photo.jpg",
        "bytes": content,
        "file": io.BytesIO(content),
        "ahead": codec.ahead(tmp_path / "photo.jpg"),
    }[kind]
    mask = np.rot90(MASK, -1) if turn == 6 else MASK
    made = mk.cutout(photo, mask)
    shown = ImageOps.exif_transpose(Image.open(tmp_path / "photo.jpg"))
    assert np.array_equal(made.color, np.asarray(shown))
    assert np.array_equal(made.alpha, mask)
    assert made.pixels.flags.writeable


def test_cutouts_of_one_picture_do_not_share_their_alpha(tmp_path):
    Image.fromarray(PHOTO).save(tmp_path / "photo.jpg")
    for photo in (mk.read(tmp_path / "photo.jpg"), codec.ahead(tmp_path / "photo.jpg")):
        one, two = mk.cutout(photo, MASK), mk.cutout(mk.read(tmp_path / "photo.jpg"), 255 - MASK)
        assert np.array_equal(one.alpha, MASK)
        assert np.array_equal(two.alpha, 255 - MASK)
        assert np.array_equal(one.color, two.color)


def test_over_a_colour_is_pillows_paste_to_one_level():
    over = cut().over("#204060").pixels
    expected = Image.new("RGB", (60, 40), "#204060")
    expected.paste(Image.fromarray(PHOTO), mask=Image.fromarray(MASK))
    assert np.abs(over.astype(int) - np.asarray(expected)).max() <= 1


def test_over_takes_an_image_file_and_makes_it_cover(tmp_path):
    Image.new("RGB", (7, 3), (9, 8, 7)).save(tmp_path / "b.png")
    over = cut().over(str(tmp_path / "b.png")).pixels
    assert over.shape == PHOTO.shape
    assert over[0, 0].tolist() == [9, 8, 7]


def test_trim_remembers_where_it_was():
    small = cut().trim(margin=3)
    left, top = small.position
    assert (left, top) == (12, 7)
    assert np.array_equal(small.pixels, cut().pixels[7:33, 12:48])
    assert cut().trim(margin=500).size == (60, 40)


def test_trim_of_nothing_is_an_error():
    with pytest.warns(MaskkitWarning, match="nothing is kept"):
        empty = mk.cutout(PHOTO, np.zeros_like(MASK))
    with pytest.raises(PixelError, match="nothing would be left"):
        empty.trim()


def test_place_fits_and_scales():
    placed = cut().place((200, 100), position=(0.0, 1.0))
    assert placed.size == (200, 100)
    assert placed.alpha[:, 151:].max() == 0  # 60x40 fits 200x100 at 150x100
    doubled = cut().place((200, 100), scale=2.0)
    assert doubled.alpha[:10].max() == 0
    assert doubled.alpha[30:70, 70:130].min() >= 0
    with pytest.raises(PixelError, match="scale: need 'fit' or a factor"):
        cut().place((9, 9), scale=-1)


def test_extended_colour_continues_the_edge(tmp_path):
    photo = np.full((40, 60, 3), (0, 0, 255), np.uint8)
    mask = np.zeros((40, 60), np.uint8)
    mask[10:30, 15:45] = 255
    photo[mask > 0] = (250, 120, 0)
    mk.cutout(photo, mask).save(tmp_path / "c.png", hidden="extend")
    saved = mk.read(tmp_path / "c.png").pixels
    assert np.array_equal(saved[..., 3], mask)
    assert np.abs(saved[..., :3].astype(int) - (250, 120, 0)).max() <= 1


def test_refine_and_decontaminate_are_off_for_a_given_mask_and_can_be_asked_for():
    y, x = np.mgrid[:60, :80]
    disc = np.clip(20.5 - np.hypot(x - 40, y - 30), 0, 1)[..., None]
    photo = (disc * (240, 30, 30) + (1 - disc) * (20, 200, 40) + 0.5).astype(np.uint8)
    mask = (disc[..., 0] * 255).astype(np.uint8)
    assert np.array_equal(mk.cutout(photo, mask).color, photo)
    clean = mk.cutout(photo, mask, decontaminate=1).color.astype(int)
    soft = (mask > 60) & (mask < 200)
    error, before = (np.abs(color[soft] - (240, 30, 30)).mean() for color in (clean, photo.astype(int)))
    assert error < 0.35 * before
    hard = np.where(mask > 127, 255, 0).astype(np.uint8)
    refined = mk.cutout(photo, hard, refine="edge").alpha.astype(int)
    assert np.abs(refined - mask).sum() < np.abs(hard.astype(int) - mask).sum()


@pytest.mark.parametrize("hidden", ["keep", "clear"])
def test_hidden_colour_is_kept_or_cleared(hidden, tmp_path):
    cut().save(tmp_path / "c.png", hidden=hidden)
    with Image.open(tmp_path / "c.png") as image:
        saved = np.asarray(image)
    assert np.array_equal(saved[MASK > 0], cut().pixels[MASK > 0])
    under = saved[MASK == 0]
    assert np.array_equal(under[:, :3], PHOTO[MASK == 0] if hidden == "keep" else np.zeros_like(under[:, :3]))


def test_it_is_an_image_to_numpy_pillow_and_jupyter():
    assert np.array_equal(np.asarray(cut()), cut().pixels)
    assert cut().to_pil().mode == "RGBA"
    shown = Image.open(io.BytesIO(base64.b64decode(cut()._repr_mimebundle_()["image/png"])))
    assert shown.size == (60, 40)
    assert repr(cut()) == "Cutout(60x40, uint8, mask: given)"


def test_alpha_that_is_there_is_a_factor_or_replaced():
    rgba = np.dstack([PHOTO, np.full(MASK.shape, 128, np.uint8)])
    assert np.array_equal(mk.cutout(rgba, MASK, replace=True).alpha, MASK)
    exact = (2 * MASK.astype(int) * 128 + 255) // 510
    assert np.array_equal(mk.cutout(rgba, MASK).alpha, exact)


def test_a_binary_estimate_is_the_soft_one_cut_at_one_half():
    photo = mk.read(ScriptedServer().photo).pixels  # its edge moves when it is refined
    soft = mk.cutout(photo, source="classical").alpha
    cut = mk.cutout(photo, source="classical", mask_type="binary")
    np.testing.assert_array_equal(cut.alpha, np.where(soft >= 128, 255, 0))
    np.testing.assert_array_equal(cut.color, photo)


def test_without_a_mask_one_is_estimated_and_says_so():
    photo = np.full((90, 120, 3), 235, np.uint8)
    photo[25:65, 40:80] = (200, 30, 30)
    subject = mk.cutout(photo)
    truth = np.zeros((90, 120), bool)
    truth[25:65, 40:80] = True
    found = subject.alpha >= 128
    assert (found & truth).sum() / (found | truth).sum() > 0.95
    assert subject.source.startswith("plain backdrop")
    assert 0 <= subject.confidence <= 1


@pytest.mark.parametrize("dtype", [np.uint16, np.float32])
def test_other_dtypes_stay(dtype):
    photo = (PHOTO.astype(np.float64) / 255 * (65535 if dtype is np.uint16 else 1)).astype(dtype)
    assert mk.cutout(photo, MASK).pixels.dtype == dtype


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: mk.cutout(PHOTO, MASK[:-1]), PixelError, "mask: need 60x40 .* image, got 60x39"),
        (lambda: mk.cutout(PHOTO, np.ascontiguousarray(MASK.T)), PixelError, "width and height are swapped"),
        (lambda: mk.cutout(PHOTO, PHOTO), PixelError, "mask: its three channels differ"),
        (lambda: mk.cutout("no-such-photo.jpg"), CodecError, "no-such-photo.jpg"),
        (lambda: mk.cutout(PHOTO.astype(np.int64), MASK), PixelError, "dtype int64"),
        (lambda: mk.cutout(np.full((4, 4, 3), np.nan), MASK[:4, :4]), PixelError, "NaN"),
        (lambda: mk.cutout(PHOTO, MASK, threshold=7), PixelError, "threshold: need 0 to 1"),
        (lambda: cut().save("x.png", hidden="drop"), PixelError, "hidden: need one of"),
        (lambda: cut().save("x.bmpx"), CodecError, "unknown extension"),
        (lambda: cut().over("not-there"), PixelError, "neither a file"),
        (lambda: cut().over(""), PixelError, "neither a file"),
        (lambda: cut().place((5.5, 5)), PixelError, "size: need two whole numbers"),
        (lambda: cut().place((5, 5), scale=float("inf")), PixelError, "scale: need"),
        (lambda: cut().trim(margin=None), PixelError, "margin: need a finite number"),
        (lambda: mk.cutout(PHOTO, MASK, threshold="x"), PixelError, "threshold: need 0 to 1"),
        (lambda: mk.feather(MASK, None), PixelError, "radius: need a finite number"),
    ],
)
def test_bad_input_names_the_argument(call, error, words):
    with pytest.raises(error, match=words):
        call()


def test_a_mask_of_another_size_is_scaled_when_asked():
    half = MASK[::2, ::2].copy()
    assert mk.cutout(PHOTO, half, resize_mask=True).alpha.shape == MASK.shape


def test_a_cutout_is_a_picture_to_composite():
    backdrop = np.zeros_like(PHOTO)
    assert np.array_equal(mk.composite(cut(), backdrop), mk.composite(PHOTO, backdrop, MASK))


def test_bool_pictures_are_cut_refined_and_placed():
    photo = np.zeros((60, 80, 3), np.bool_)
    photo[15:45, 25:55] = True
    subject = mk.cutout(photo)
    assert subject.pixels.dtype == np.bool_
    assert subject.place((33, 21)).size == (33, 21)
    mask = photo[..., 0].astype(np.uint8) * 255
    for mode in ("edge", "hair"):
        assert mk.refine(photo, mask, mode).shape == mask.shape


def test_a_white_mask_warns():
    with pytest.warns(MaskkitWarning, match="nothing is removed"):
        mk.cutout(PHOTO, np.full_like(MASK, 255))


def test_adobes_mask_is_a_finished_matte_in_the_library_too(monkeypatch):
    hard = mk.threshold(MASK)
    answer = mk.Estimate(hard.astype(np.float32) / 255, None, "adobe v1")
    monkeypatch.setattr("maskkit.clients.engine.adobe", lambda photo, **options: answer)
    made = mk.cutout(PHOTO, source="adobe")
    np.testing.assert_array_equal(made.alpha, hard)
    soft = mk.cutout(PHOTO, MASK, source="adobe")  # as the command line hands it on
    np.testing.assert_array_equal(soft.alpha, MASK)
    np.testing.assert_array_equal(soft.color, mk.decontaminate(PHOTO, MASK))
    refined = mk.cutout(PHOTO, source="adobe", refine="edge").alpha
    assert not np.array_equal(refined, hard)


@pytest.mark.parametrize("mode", ["edge", "hair"])
def test_a_given_mask_that_is_refined_is_decontaminated(mode):
    y, x = np.mgrid[:120, :120]
    alpha = np.clip((40.5 - np.hypot(y - 60, x - 60)) / 6 + 0.5, 0, 1)[..., None]
    photo = (alpha * [220, 60, 40] + (1 - alpha) * [30, 80, 200]).round().astype(np.uint8)
    mask = (255 * (alpha[..., 0] > 0.5)).astype(np.uint8)
    made = mk.cutout(photo, mask, refine=mode)
    soft = (made.alpha > 40) & (made.alpha < 215)
    assert soft.sum() > 200
    blue = {
        name: one.pixels[soft][:, 2].mean()
        for name, one in (("clean", made), ("left", mk.cutout(photo, mask, refine=mode, decontaminate=0)))
    }
    assert blue["left"] > 90
    assert blue["clean"] - 40 < 0.6 * (blue["left"] - 40), "the subject's is 40"
    assert np.array_equal(mk.cutout(photo, mask).pixels[..., :3], photo)
