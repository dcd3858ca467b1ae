"""A folder of small photos and the masks for them."""

import hashlib

import numpy as np
import pytest
from PIL import Image

SIDE = 48


def pair(number):
    """A photo and a mask that are this number's alone."""
    photo = np.full((SIDE, SIDE, 3), 220, np.uint8)
    photo[8:40, 8:40] = (number * 37 % 256, number * 91 % 256, 40)
    photo[0, 0] = (*divmod(number, 256), 7)
    mask = np.zeros((SIDE, SIDE), np.uint8)
    mask[8:40, 8 : 20 + number % 20] = 255
    return photo, mask


def fill(folder, count, start=0):
    """``photos/000.png`` and on, and ``masks/000.png`` for them."""
    for name in ("photos", "masks"):
        (folder / name).mkdir(exist_ok=True)
    for number in range(start, start + count):
        photo, mask = pair(number)
        Image.fromarray(photo).save(folder / f"photos/{number:03}.png")
        Image.fromarray(mask).save(folder / f"masks/{number:03}.png")
    return folder


def opened(file):
    """Mode and size of a picture, and its pixels."""
    with Image.open(file) as image:
        return image.mode, image.size, np.asarray(image)


def hashes(folder):
    """The SHA-256 of every file below, by its path."""
    files = (one for one in folder.rglob("*") if one.is_file())
    return {str(one.relative_to(folder)): hashlib.sha256(one.read_bytes()).hexdigest() for one in files}


@pytest.fixture
def folder(tmp_path):
    return fill(tmp_path, 6)
