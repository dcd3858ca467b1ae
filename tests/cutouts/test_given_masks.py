"""Masks that other tools made: their levels, their channel, their proportions."""

import io

import numpy as np
import pytest
from cli_process import maskkit
from oracle import files
from PIL import Image

import maskkit as mk

rng = np.random.default_rng(5)
PHOTO = rng.integers(0, 256, (30, 40, 3), np.uint8)
MASK = np.zeros((30, 40), np.uint8)
MASK[4:20, 10:37] = 255
MASK[20:22, 10:37] = 128


def test_labels_and_levels_through_the_verb_and_a_replay():
    labels = (MASK > 0).astype(np.uint8) * 7
    with pytest.warns(mk.MaskkitWarning, match="highest level is 7 of 255"):
        mk.cutout(PHOTO, labels)
    for options in ({"mask_class": 7}, {"mask_levels": "auto"}, {"mask_levels": (0, 7)}):
        made = mk.cutout(PHOTO, labels, **options)
        np.testing.assert_array_equal(made.alpha, np.where(labels, 255, 0))
        again = mk.replay(mk.Recipe.from_json(made.recipe.to_json()), PHOTO)
        np.testing.assert_array_equal(again.pixels, made.pixels)
    with pytest.raises(mk.PixelError, match="mask_class: the mask has no 3; it has 0, 7"):
        mk.cutout(PHOTO, labels, mask_class=3)


def test_the_command_line_says_it(tmp_path):
    photo, mask, out = (tmp_path / name for name in ("photo.png", "mask.png", "out.png"))
    mk.write(photo, PHOTO)
    files_mask = (MASK > 0).astype(np.uint8)
    Image.fromarray(files_mask).save(mask)
    run = maskkit("cutout", photo, "-m", mask, "-o", out)
    assert b"highest level is 1 of 255" in run.stderr
    assert b"--levels auto" in run.stderr
    for words in (["--levels", "auto"], ["--levels", "0,1"], ["--class", "1"]):
        maskkit("cutout", photo, "-m", mask, "-o", out, *words)
        np.testing.assert_array_equal(np.asarray(Image.open(out))[..., 3], files_mask * 255)
    Image.fromarray(np.dstack([PHOTO, MASK])).save(mask)
    refused = maskkit("cutout", photo, "-m", mask, "-o", out, check=1)
    assert b"--mask-channel" in refused.stderr
    maskkit("cutout", photo, "-m", mask, "-o", out, "--mask-channel", "alpha")
    np.testing.assert_array_equal(np.asarray(Image.open(out))[..., 3], MASK)


@pytest.mark.parametrize("kind", ["JPEG", "TIFF"])
@pytest.mark.parametrize("orientation", [5, 6, 7, 8])
@pytest.mark.parametrize("scale", [1, 2])
def test_a_mask_that_ignores_exif_is_turned(kind, orientation, scale, tmp_path):
    stored = np.zeros((32, 48, 3), np.uint8)
    stored[:16, :24] = 200
    content = files.saved(
        stored, kind, exif=files.exif(orientation), **({"quality": 95} if kind == "JPEG" else {})
    )
    path = tmp_path / "photo"
    path.write_bytes(content)
    mask = np.where(stored[::scale, ::scale, 0] > 100, 255, 0).astype(np.uint8)
    images = [Image.open(io.BytesIO(content))] if kind == "JPEG" else []  # Pillow turns a TIFF itself
    for given in (content, path, *images):
        made = mk.cutout(given, mask, resize_mask=True)
        assert made.alpha.shape == (48, 32)
        subject = made.color[..., 0] > 100
        both = (subject & (made.alpha > 127)).sum() / (subject | (made.alpha > 127)).sum()
        assert both == 1


def test_other_proportions_are_stretched_only_on_request():
    swapped = np.ascontiguousarray(MASK.T)
    with pytest.raises(mk.PixelError, match=r"30x40 for a photo of 40x30: its sides.*stretch_mask"):
        mk.cutout(PHOTO, swapped, resize_mask=True)
    wide = np.hstack([MASK, MASK[:, :2]])
    with pytest.raises(mk.PixelError, match="other proportions"):
        mk.cutout(PHOTO, wide, resize_mask=True)
    for mask in (swapped, wide):
        assert mk.cutout(PHOTO, mask, stretch_mask=True).alpha.shape == MASK.shape
    for size in ((20, 15), (27, 20), (80, 60), (13, 10)):
        small = np.asarray(Image.fromarray(MASK).resize(size))
        assert mk.cutout(PHOTO, small, resize_mask=True).alpha.shape == MASK.shape
