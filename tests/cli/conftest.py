"""A folder with a photo and its mask."""

import numpy as np
import pytest
from PIL import Image


@pytest.fixture
def folder(tmp_path):
    photo = np.full((60, 80, 3), 230, np.uint8)
    photo[15:45, 25:55] = (190, 40, 30)
    mask = np.zeros((60, 80), np.uint8)
    mask[15:45, 25:55] = 255
    Image.fromarray(photo).save(tmp_path / "photo.png")
    Image.fromarray(mask).save(tmp_path / "mask.png")
    return tmp_path
