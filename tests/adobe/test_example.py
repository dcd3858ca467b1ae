"""Adobe's own published example: its photo and its mask give its cutout, bit for bit."""

import os
from pathlib import Path

import numpy as np
import pytest

import maskkit as mk

FOLDER = Path(os.environ.get("MASKKIT_SHARED", Path(__file__).parents[3] / "shared")) / "data" / "adobe"
pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="Adobe's example files are not on this machine")


def test_photo_is_read_to_the_same_pixels():
    photo, cutout = mk.read(FOLDER / "original.jpg"), mk.read(FOLDER / "cutout.png")
    np.testing.assert_array_equal(photo.pixels, cutout.pixels[..., :3])


def test_mask_is_the_alpha_of_the_cutout():
    mask, cutout = mk.read_mask(FOLDER / "mask.png"), mk.read(FOLDER / "cutout.png")
    np.testing.assert_array_equal(mask, cutout.pixels[..., 3])


def test_photo_and_mask_give_the_cutout_in_a_file_too(tmp_path):
    cutout = mk.read(FOLDER / "cutout.png").pixels
    subject = mk.cutout(FOLDER / "original.jpg", FOLDER / "mask.png")
    subject.save(tmp_path / "cutout.png")
    np.testing.assert_array_equal(subject.pixels, cutout)
    np.testing.assert_array_equal(mk.read(tmp_path / "cutout.png").pixels, cutout)
