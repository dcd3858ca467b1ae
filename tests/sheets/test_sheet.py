"""Review sheets: what is on them, what they weigh, what they refuse."""

import re

import numpy as np
import pytest
from oracle import files
from PIL import Image

import maskkit as mk
from maskkit.errors import CodecError, PixelError
from maskkit.sheets import Entry
from maskkit.sheets.entry import shown

HOSTILE = '"><img src=x onerror=alert(1)>\u202e\n.png'


def disc(fault=False, side=96):
    y, x = np.mgrid[:side, :side]
    alpha = np.clip(side / 3 - np.hypot(y - side / 2, x - side / 2) + 0.5, 0, 1)
    pixels = np.dstack([np.full((side, side, 3), 200.0), alpha * 255]).round().astype(np.uint8)
    pixels[alpha == 0] = 0
    if fault:
        pixels[side // 2 : side // 2 + 2, side // 2 : side // 2 + 2, 3] = 0
    return pixels


def test_a_page_needs_no_other_file_and_holds_each_picture_once(tmp_path):
    page = tmp_path / "sheet.html"
    mk.sheet([disc(), disc()], page)
    text = page.read_text("utf-8")
    assert not re.findall(r"(?:src|href)=[\"'](?!data:)|url\((?!data:)|https?://", text)
    assert text.count("data:image/webp") == 2
    for ground in ("white", "black", "magenta", "grey", "checkers"):
        assert text.count(f'aria-label="cutout 1 on {ground}"') == 1


def test_findings_reason_source_and_recipe_are_told(tmp_path):
    page = tmp_path / "sheet.html"
    cut = mk.cutout(disc()[..., :3], mask=disc()[..., 3], feather=1)
    made = mk.sheet([Entry(disc(fault=True), "look here", "maskkit cutout 'a b.jpg'", "mug"), cut], page)
    text = page.read_text("utf-8")
    assert made[0].found.faults == ("pinholes",)
    assert made[0].crops[0][0] == "pinholes"
    assert (made[0].crops[0][1][14:34, 14:34, 3] == 0).sum() == 4  # the hole, whole, in the middle
    for words in ("look here", "maskkit cutout &#x27;a b.jpg&#x27;", "1. mug", "fault: pinholes"):
        assert words in text
    assert "given" in text
    assert "Recipe(feather=1.0)" in text


def test_hostile_words_are_only_words(tmp_path):
    page = tmp_path / "sheet.html"
    mk.sheet([Entry(disc(), HOSTILE, HOSTILE, HOSTILE)], page, title=HOSTILE)
    text = page.read_text("utf-8")
    assert "<img src=x" not in text
    assert '"><img' not in text
    assert "\u202e" not in text


def test_the_heaviest_cutout_leaves_room_for_two_hundred_in_20_mb(tmp_path):
    noise = np.random.default_rng(0).integers(0, 256, (700, 700, 4), dtype=np.uint8)
    mk.sheet([noise], tmp_path / "one.html")
    mk.sheet([noise] * 3, tmp_path / "three.html")
    each = ((tmp_path / "three.html").stat().st_size - (tmp_path / "one.html").stat().st_size) / 2
    assert each < 99_000


def test_a_png_shows_the_same(tmp_path):
    picture = tmp_path / "sheet.png"
    mk.sheet([Entry(disc(), "reason")], picture)
    shown = np.asarray(Image.open(picture))
    top = 36 + 3 * 22 + 1  # title; name, verdict, reason; a frame
    assert (shown[0] == 255).all()  # the title is not cut off
    assert (shown[:36] < 128).any()
    assert (shown[top : top + 96, 7] == 170).all()
    assert (shown[top - 1, 8:104] == 170).all()
    corners = [shown[top, 8 + 200 * column].tolist() for column in range(4)]
    assert corners == [[255] * 3, [0] * 3, [255, 0, 255], [128] * 3]
    assert shown[top + 48, 8 + 200 + 48].tolist() == [200] * 3


@pytest.mark.parametrize(
    ("count", "name", "said"),
    [(0, "a.html", "need at least one"), (10_000, "a.html", "at most 1000"), (101, "a.png", "at most 100")],
)
def test_none_and_too_many_are_refused_before_anything_is_read(tmp_path, count, name, said):
    with pytest.raises(PixelError, match=said):
        mk.sheet(["missing.png"] * count, tmp_path / name)
    assert not list(tmp_path.iterdir())


def test_one_bad_file_is_named_and_leaves_the_page_as_it_was(tmp_path):
    page, opaque = tmp_path / "sheet.html", tmp_path / "opaque.png"
    page.write_text("before")
    Image.new("RGB", (9, 9)).save(opaque)
    with pytest.raises(PixelError, match=r"opaque\.png: cutout: has no alpha"):
        mk.sheet([disc(), opaque], page)
    with pytest.raises(CodecError, match=r"missing\.png"):
        mk.sheet([disc(), tmp_path / "missing.png"], page)
    assert page.read_text() == "before"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["opaque.png", "sheet.html"]


def test_what_is_no_list_no_path_or_no_sheet_is_refused(tmp_path):
    own = tmp_path / "own.png"
    mk.write(own, disc())
    before = own.read_bytes()
    with pytest.raises(CodecError, match="one of the cutouts"):
        mk.sheet([own], own)
    assert own.read_bytes() == before
    with pytest.raises(PixelError, match="need a list"):
        mk.sheet("a.png", tmp_path / "a.html")
    with pytest.raises(CodecError, match=r"\.html or \.png"):
        mk.sheet([disc()], tmp_path / "a.pdf")
    with pytest.raises(PixelError, match="reason: need text"):
        mk.sheet([Entry(disc(), reason=3)], tmp_path / "a.html")


@pytest.mark.parametrize("shape", [(1, 1), (1, 900), (900, 1), (47, 49)])
def test_any_size_of_cutout_is_shown(tmp_path, shape):
    mk.sheet([np.full((*shape, 4), 255, np.uint8)], tmp_path / "a.html")
    mk.sheet([np.full((*shape, 4), 255, np.uint8)], tmp_path / "a.png")


def test_the_pieces_of_edge_show_what_was_found():
    rng = np.random.default_rng(4)
    cutout = np.zeros((400, 600, 4), np.uint8)
    cutout[..., :3] = (40, 160, 60)
    cutout[250:390, 400:590, :3] = rng.integers(0, 256, (140, 190, 3))
    cutout[100:200, 100:200, :3] = (200, 60, 40)
    cutout[100:200, 100:200, 3] = 255
    cutout[100:200, 96:100, 3] = (40, 90, 150, 210)
    cutout[0:40, 300:340] = 255
    made = shown(Entry(cutout), 1, 320)
    crops = dict(made.crops)
    assert {"frame", "hidden"} <= crops.keys()
    assert (crops["frame"][0, :, 3] == 255).any(), "the piece lies on the frame"
    assert crops["hidden"][..., 3].min() == 255, "as a program shows it that ignores alpha"
    assert crops["hidden"][..., :3].std() > 50, "the picture under alpha 0"
    for check in crops.keys() - {"hidden"}:
        assert np.ptp(crops[check][..., 3]) > 0, f"{check}: an edge is in sight"


def test_a_sheet_shows_srgb_of_a_cutout_in_another_space():
    pixels = np.full((60, 80, 4), (102, 153, 204, 255), np.uint8)
    pixels[:, 40:, 3] = 0
    made = shown(Entry(mk.Picture(pixels, files.adobe_rgb_profile())), 1, 320)
    want = files.adobe_rgb_to_srgb(np.array([102, 153, 204]) / 255) * 255
    np.testing.assert_allclose(made.small[30, 10, :3], want, atol=1)
