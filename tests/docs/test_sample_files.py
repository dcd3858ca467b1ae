"""The sample scenes are what their README says: listed, whole, and true to their alpha."""

import hashlib
import importlib
import re
import sys

import numpy as np
import pytest
from PIL import Image
from scenes import FOLDER, PLATES, SCENES, Scene

NAMES = [scene.name for scene in SCENES + PLATES]


def exact_light(encoded):
    """IEC 61966-2-1, in float64: encoded 0-1 to linear light."""
    return np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4)


def exact_encoding(light):
    return np.where(light <= 0.0031308, light * 12.92, 1.055 * np.maximum(light, 1e-9) ** (1 / 2.4) - 0.055)


def test_the_list_names_every_picture_with_its_digest():
    rows = re.findall(
        r"^\| (\S+) \| (\d+)x(\d+) \| (\d+) \| `(\w{64})` \|$", (FOLDER / "README.md").read_text(), re.M
    )
    pictures = sorted(path.name for pattern in ("*.png", "*.jpg") for path in FOLDER.glob(pattern))
    assert [row[0] for row in rows] == pictures
    for name, width, height, size, digest in rows:
        content = (FOLDER / name).read_bytes()
        assert (len(content), hashlib.sha256(content).hexdigest()) == (int(size), digest), name
        with Image.open(FOLDER / name) as picture:
            assert picture.size == (int(width), int(height)), name


def test_the_folder_stays_small():
    assert sum(path.stat().st_size for path in FOLDER.iterdir() if path.is_file()) <= 10e6


@pytest.mark.parametrize("scene", SCENES + PLATES, ids=NAMES)
def test_the_photo_is_the_linear_mixture(scene: Scene):
    alpha = scene.alpha[..., None] / 255
    light = alpha * exact_light(scene.foreground / 255) + (1 - alpha) * exact_light(scene.backdrop / 255)
    error = scene.photo - 255 * exact_encoding(light)
    noise = 0 if scene in PLATES else 0.4
    assert np.abs(error).max() <= 0.51 + 6 * noise
    assert abs(error.mean()) < 0.02
    assert error.std() <= np.hypot(noise, 12**-0.5) + 0.06  # less where the stored backdrop shows unmixed


@pytest.mark.parametrize("scene", SCENES, ids=NAMES[: len(SCENES)])
def test_the_alpha_is_worth_testing_with(scene: Scene):
    soft = (scene.alpha > 0) & (scene.alpha < 255)
    assert len(np.unique(scene.alpha)) > 64  # product, the hardest edge: 2x2 samples and the lens give it 75
    assert soft.sum() > 1000
    assert (scene.alpha == 0).mean() > 0.2


@pytest.mark.slow
def test_rendering_again_gives_the_committed_scene(monkeypatch):
    monkeypatch.syspath_prepend(str(FOLDER))
    modules = ("indoors", "optics", "outdoors", "portrait", "product", "render")
    try:
        files = importlib.import_module("render").render("motion")
    finally:
        for name in modules:
            sys.modules.pop(name, None)
    for name, pixels in files.items():
        with Image.open(FOLDER / name) as picture:
            off = np.abs(np.asarray(picture).astype(int) - pixels)
        # a last bit of NumPy or OpenCV can move a ray across an edge: a pixel here and there may differ
        assert (off > 1).mean() < 1e-4, name
