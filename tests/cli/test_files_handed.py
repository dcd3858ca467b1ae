"""What a compositor is handed, through the command line: the right pixels, or one line of what was lost."""

import numpy as np
import pytest
from cli_process import maskkit
from handed import MASK, MASKS, PHOTO, PHOTOS, TALL, check, coded, rng, tiff
from oracle import files
from PIL import Image

import maskkit as mk


@pytest.mark.parametrize("row", PHOTOS)
def test_a_photo_comes_right_or_a_line_says_what_is_lost(row, tmp_path):
    asked = PHOTOS[row]()
    (tmp_path / "photo.any").write_bytes(asked.content)
    Image.fromarray(np.full((20, 30), 255, np.uint8)).save(tmp_path / "mask.png")
    run = maskkit(
        "cutout",
        "photo.any",
        "-m",
        "mask.png",
        "-o",
        "out.png",
        *asked.options,
        cwd=tmp_path,
        check=asked.code,
    )
    lines = [line for line in run.stderr.decode().splitlines() if "the mask is all white" not in line]
    if not asked.said:
        assert lines == []
    else:
        assert len(lines) == 1, lines
        assert asked.said in lines[0]
        assert "photo.any" in lines[0]
    assert (tmp_path / "out.png").exists() is (asked.code == 0)
    if asked.code == 0:
        check(mk.read(tmp_path / "out.png"), asked.shown)


@pytest.mark.parametrize("row", MASKS)
def test_a_mask_comes_right_or_a_line_says_why_not(row, tmp_path):
    asked = MASKS[row]()
    (tmp_path / "mask.any").write_bytes(asked.content)
    Image.fromarray(PHOTO).save(tmp_path / "photo.png")
    run = maskkit(
        "mask", "photo.png", "-m", "mask.any", "-o", "out.png", *asked.options, cwd=tmp_path, check=asked.code
    )
    lines = run.stderr.decode().splitlines()
    assert len(lines) == bool(asked.said), lines
    assert asked.said in "".join(lines)
    if asked.code == 0:
        made = Image.open(tmp_path / "out.png")
        assert made.mode == "L"
        assert "icc_profile" not in made.info
        np.testing.assert_array_equal(np.asarray(made), asked.shown.get("mask", MASK))


def test_a_mask_that_ignores_exif_is_turned_with_the_photo(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(PHOTO).save(tmp_path / "photo.jpg", exif=exif)
    Image.fromarray(MASK).save(tmp_path / "mask.png")
    asked = ("mask", "photo.jpg", "-m", "mask.png", "-o", "out.png")
    told = maskkit(*asked, cwd=tmp_path, check=1).stderr.decode()
    assert told.rstrip().endswith("--resize-mask turns it as the photo is turned")
    maskkit(*asked, "--resize-mask", cwd=tmp_path)
    np.testing.assert_array_equal(np.asarray(Image.open(tmp_path / "out.png")), TALL)


@pytest.mark.parametrize("name", ["out.avif", "out.webp", "out.png", "out.tif"])
def test_alpha_is_exact_in_every_format(name, tmp_path):
    ramp = np.resize(np.arange(256), (20, 30)).astype(np.uint8)
    Image.fromarray(PHOTO).save(tmp_path / "photo.png")
    Image.fromarray(ramp).save(tmp_path / "mask.png")
    for more in ((), ("--quality", "40")):
        maskkit("cutout", "photo.png", "-m", "mask.png", "-o", name, *more, cwd=tmp_path)
        np.testing.assert_array_equal(mk.read(tmp_path / name).pixels[..., 3], ramp)
    maskkit("mask", "photo.png", "-m", "mask.png", "-o", name, cwd=tmp_path)
    np.testing.assert_array_equal(mk.read_mask(tmp_path / name), ramp)


@pytest.mark.parametrize("name", ["out.jpg", "out.png", "out.tif"])
def test_a_file_that_tells_no_resolution_gets_none(name, tmp_path):
    (tmp_path / "photo.tif").write_bytes(
        tiff(PHOTO, photometric="rgb", resolution=(1, 1), resolutionunit="none")
    )
    Image.fromarray(MASK).save(tmp_path / "mask.png")
    maskkit("composite", "photo.tif", "-m", "mask.png", "-b", "white", "-o", name, cwd=tmp_path)
    with Image.open(tmp_path / name) as made:
        assert made.info.get("jfif_unit", 0) == 0
        assert name != "out.png" or "dpi" not in made.info
    assert b"none" in maskkit("info", name, cwd=tmp_path).stdout.split(b"dpi:")[1].splitlines()[0]


@pytest.mark.parametrize(("content", "told"), [
    (lambda: coded(16), "HDR, PQ (--tone-map brings it to sRGB)"),
    (lambda: files.saved(Image.new("CMYK", (30, 20)), "JPEG"), "CMYK (--to-srgb converts it)"),
    (lambda: files.saved(Image.new("LAB", (30, 20)), "TIFF"), "LAB (--to-srgb converts it)"),
])  # fmt: skip
def test_info_describes_what_is_read_only_on_request(content, told, tmp_path):
    (tmp_path / "photo.any").write_bytes(content())
    facts = maskkit("info", "photo.any", cwd=tmp_path).stdout.decode()
    assert told in facts
    assert "30x20" in facts


def test_a_cutout_as_jpeg_is_told_the_option_that_it_has(tmp_path):
    Image.fromarray(PHOTO).save(tmp_path / "photo.png")
    Image.fromarray(MASK).save(tmp_path / "mask.png")
    asked = ("cutout", "photo.png", "-m", "mask.png", "-o", "out.jpg")
    assert b"give --background a colour" in maskkit(*asked, cwd=tmp_path, check=1).stderr
    maskkit(*asked, "--background", "white", cwd=tmp_path)
    assert min(Image.open(tmp_path / "out.jpg").getpixel((0, 0))) > 250


def test_flat_grey_stays_flat_however_it_is_enlarged(tmp_path):
    grey = np.full((20, 30, 4), 128, np.uint8)
    grey[..., 3] = rng.integers(0, 2, (20, 30)) * 255
    Image.fromarray(grey).save(tmp_path / "grey.png")
    asked = ("--canvas", "200x200", "-b", "transparent", "--scale", "3")
    maskkit("composite", "grey.png", *asked, "-o", "out.png", cwd=tmp_path)
    made = mk.read(tmp_path / "out.png").pixels
    assert np.unique(made[made[..., 3] > 0][:, :3]).tolist() == [128]
