"""Frames and bars around a picture are found, and a picture without them is left as it is."""

import cv2
import numpy as np
import pytest
from engines.plain_scenes import SCENES
from engines.scenes import disc

from maskkit.engines.frames import inside


def textured(height=240, width=320):
    grey = cv2.GaussianBlur(np.random.default_rng(0).uniform(0, 255, (height, width)), (0, 0), 5)
    return cv2.cvtColor(
        cv2.normalize(grey, None, 30, 220, cv2.NORM_MINMAX).astype(np.uint8), cv2.COLOR_GRAY2RGB
    )


@pytest.mark.parametrize("wide", [1, 2, 6, 24])
@pytest.mark.parametrize("level", [0, 20, 255])
@pytest.mark.parametrize("lossy", [False, True])
def test_a_frame_is_found_to_within_its_blend(wide, level, lossy):
    photo = cv2.copyMakeBorder(textured(360, 480), *[wide] * 4, cv2.BORDER_CONSTANT, value=(level,) * 3)
    if lossy:
        photo = cv2.imdecode(cv2.imencode(".jpg", photo, [cv2.IMWRITE_JPEG_QUALITY, 85])[1], cv2.IMREAD_COLOR)
    rows, columns = inside(photo)
    for found, length in ((rows, 360), (columns, 480)):
        assert wide <= found.start <= wide + 3
        assert wide + length - 3 <= found.stop <= wide + length


@pytest.mark.parametrize("tall", [30, 80])
def test_letterbox_bars_are_found(tall):
    photo = cv2.copyMakeBorder(textured(), tall, tall, 0, 0, cv2.BORDER_CONSTANT, value=(8, 8, 8))
    rows, columns = inside(photo)
    assert columns == slice(0, 320)
    assert tall <= rows.start <= tall + 3
    assert tall + 237 <= rows.stop <= tall + 240
    assert inside(photo.swapaxes(0, 1)) == (columns, rows)


def test_a_framed_letterboxed_picture():
    photo = cv2.copyMakeBorder(textured(), 40, 40, 0, 0, cv2.BORDER_CONSTANT)
    photo = cv2.copyMakeBorder(photo, 10, 10, 10, 10, cv2.BORDER_CONSTANT, value=(255, 255, 255))
    rows, columns = inside(photo)
    assert 50 <= rows.start <= 54
    assert 10 <= columns.start <= 13


@pytest.mark.parametrize("name", [name for name in SCENES if "12 MP" not in name])
def test_a_plain_backdrop_is_no_frame(name):
    photo, _ = SCENES[name]()
    assert inside(photo) == (slice(0, photo.shape[0]), slice(0, photo.shape[1]))


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
@pytest.mark.parametrize("shape", [(1, 1), (3, 500), (500, 3), (40, 40)])
def test_flat_and_narrow_pictures_are_left_as_they_are(dtype, shape):
    photo = np.zeros((*shape, 3), dtype)
    assert inside(photo) == (slice(0, shape[0]), slice(0, shape[1]))
    assert inside(disc()[0]) == (slice(0, 300), slice(0, 400))
