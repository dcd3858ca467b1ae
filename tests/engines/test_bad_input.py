"""What engines are given when nobody looked: a clear error, or a sane answer in bounded memory."""

import subprocess
import sys

import numpy as np
import pytest
from engines.scenes import disc, iou
from PIL import Image

import maskkit as mk
from maskkit.engines import chroma, classical, hints, two_plate

ENGINES = [classical, chroma, hints]


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("alpha", [0, 255])
def test_pictures_with_alpha_already_are_taken(engine, alpha):
    photo, _ = disc()
    found = engine(np.dstack([photo, np.full(photo.shape[:2], alpha, np.uint8)]))
    assert found.alpha.shape == photo.shape[:2]
    assert np.isfinite(found.alpha).all()


@pytest.mark.parametrize("shape", [(1, 1), (3, 5000)])
@pytest.mark.parametrize("value", [0, 255])
def test_two_plates_of_odd_shapes_and_one_colour(shape, value):
    alpha, colour = two_plate(*(np.full((*shape, 3), value, np.uint8),) * 2, "black", "white")
    assert (alpha == 1).all()
    assert np.abs(colour - value / 255).max() < 1e-6


@pytest.mark.parametrize("engine", ENGINES)
def test_noise_is_survived(engine):
    noise = np.random.default_rng(0).integers(0, 256, (120, 90, 3), np.uint8)
    found = engine(noise)
    assert 0 <= found.alpha.min() <= found.alpha.max() <= 1
    assert 0 <= found.confidence <= 1


@pytest.mark.parametrize("engine", ENGINES)
def test_inputs_are_not_written_to_and_may_be_strided(engine):
    photo, _ = disc()
    photo.setflags(write=False)
    flipped = photo[::-1, ::-1]
    assert np.abs(engine(flipped).alpha - engine(np.ascontiguousarray(flipped)).alpha).max() < 1e-5


def test_a_grey_picture_file_is_a_colour_picture(tmp_path):
    photo, truth = disc()
    path = tmp_path / "grey.png"
    Image.fromarray(photo).convert("L").save(path)
    assert iou(mk.fetch_mask(path) / 255, truth) > 0.95


def test_a_panorama_wider_than_opencv_warps():
    photo = np.full((600, 40_000, 3), 200, np.uint8)
    photo[150:450, 15_000:25_000] = (170, 40, 40)
    alpha = classical(photo).alpha
    assert alpha[300, 16_000:24_000].min() > 0.9
    assert alpha[:, :14_000].max() < 0.1
    assert alpha[:, 33_000:].max() < 0.1


@pytest.mark.slow
def test_100_megapixels_take_bounded_memory():
    """Beyond the picture (300 MB) and its float alpha (400 MB): less than 200 MB, or the system refuses.

    The limit counts what is asked for, exactly; the peak that the system reports counts pages by estimate.
    """
    if not sys.platform.startswith("linux"):
        pytest.skip("elsewhere the system does not limit a process's data")
    program = (
        "import re, resource, cv2, numpy as np\n"
        "from maskkit.cores import set_threads\n"
        "from maskkit.engines import classical\n"
        "set_threads(2), cv2.setNumThreads(2)  # a thread's stack counts, too\n"
        "photo = np.full((10_000, 10_000, 3), 200, np.uint8)\n"
        "photo[3000:7000, 3000:7000] = (170, 40, 40)\n"
        "data = 1024 * int(re.search(r'VmData:\\s+(\\d+)', open('/proc/self/status').read())[1])\n"
        "resource.setrlimit(resource.RLIMIT_DATA, (data + 600_000_000,) * 2)\n"
        "alpha = classical(photo).alpha\n"
        "assert alpha[5000, 5000] > 0.9 and alpha[100, 100] < 0.1\n"
    )
    run = subprocess.run([sys.executable, "-c", program], check=False, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
