"""What people look at."""

import io

import numpy as np
import pytest
from PIL import Image

from maskkit import backdrop, display
from maskkit.errors import PixelError


def test_preview_is_a_png_no_larger_than_asked_on_a_checkerboard():
    pixels = np.zeros((300, 600, 4), np.uint8)
    shown = Image.open(io.BytesIO(display.preview(pixels, side=100)))
    assert shown.size == (100, 50)
    assert np.array_equal(np.asarray(shown), backdrop.checkerboard((100, 50), cell=8))


def test_a_mask_is_shown_as_grey():
    mask = np.full((10, 10), 77, np.uint8)
    assert np.asarray(Image.open(io.BytesIO(display.preview(mask)))).max() == 77


def test_contact_sheet_puts_pictures_in_rows():
    wide, mask = np.full((10, 40, 3), 9, np.uint8), np.full((40, 40), 200, np.uint16)
    sheet = display.contact_sheet([wide, wide, mask], columns=2, side=40, gap=5)
    assert sheet.shape == (5 + 15 + 45, 5 + 2 * 45, 3)
    assert sheet[5:15, 5:45].max() == 9
    assert sheet[20:60, 5:45].max() == 1  # 200 of 65535
    assert sheet[17, 60].tolist() == [255, 255, 255]


def test_an_empty_sheet_is_an_error():
    with pytest.raises(PixelError, match="at least one"):
        display.contact_sheet([])
