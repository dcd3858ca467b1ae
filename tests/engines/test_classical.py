"""The weight-free engine on scenes whose true mask is known, and on what it must survive."""

import subprocess
import sys

import cv2
import numpy as np
import pytest
from engines.scenes import disc, iou

import maskkit as mk
from maskkit.engines import classical
from maskkit.engines.edge_colours import settle_edge


def test_subject_on_a_plain_backdrop():
    photo, truth = disc()
    found = classical(photo)
    assert iou(found.alpha, truth) > 0.97
    assert found.alpha.dtype == np.float32
    assert found.confidence > 0.5
    assert found.advice is None


def test_larger_than_the_working_size():
    photo, truth = disc(1500, 2000, 450)
    assert iou(classical(photo).alpha, truth) > 0.98


def test_result_repeats_bit_for_bit():
    photo, _ = disc(noise=12)
    first = classical(photo).alpha
    assert np.array_equal(first, classical(photo).alpha)


@pytest.mark.parametrize("dtype", [np.uint16, np.float32, np.float64])
def test_every_dtype_gives_the_same_mask(dtype):
    photo, _ = disc()
    wide = (photo / 255 * (65535 if dtype == np.uint16 else 1)).astype(dtype)
    assert np.abs(classical(photo).alpha - classical(wide).alpha).mean() < 0.002


def test_transparent_surroundings_are_a_backdrop():
    photo, truth = disc()
    rgba = np.dstack([photo, truth.astype(np.uint8) * 255])
    assert iou(classical(rgba).alpha, truth) > 0.97


@pytest.mark.parametrize("shape", [(1, 1), (3, 5000), (5000, 3), (7, 7), (2, 300)])
def test_sizes_without_room_for_a_subject_keep_everything_and_say_so(shape):
    found = classical(np.full((*shape, 3), 90, np.uint8))
    assert found.alpha.shape == shape
    assert found.confidence == 0
    assert found.advice


def test_fetch_mask_soft_and_binary():
    photo, truth = disc()
    soft = mk.fetch_mask(photo, "classical")
    binary = mk.fetch_mask(photo, mask_type="binary")
    assert soft.dtype == binary.dtype == np.uint8
    assert set(np.unique(binary)) == {0, 255}
    assert np.array_equal(binary == 255, soft >= 128)
    assert iou(binary / 255, truth) > 0.97


def test_unknown_source_and_format_are_named():
    photo, _ = disc(40, 40, 10)
    with pytest.raises(mk.PixelError, match="source: need one of"):
        mk.fetch_mask(photo, "magic")
    with pytest.raises(mk.PixelError, match="mask_type: need one of"):
        mk.fetch_mask(photo, mask_type="hard")


@pytest.mark.parametrize("backdrop", [(200, 200, 200), (220, 160, 40), (60, 110, 90)])
def test_a_cast_shadow_is_not_subject(backdrop):
    y, x = np.mgrid[:300, :400]
    subject = ((x - 200) ** 2 + (y - 140) ** 2 < 70**2) & ~((x - 200) ** 2 + (y - 140) ** 2 < 35**2)
    shade = 1 - 0.3 * cv2.GaussianBlur(np.roll(subject, (14, 10), (0, 1)).astype(np.float32), (0, 0), 9)
    photo = np.array(backdrop) * shade[..., None]
    photo[subject] = (40, 60, 150)
    photo += np.random.default_rng(2).normal(0, 1.5, photo.shape)
    found = classical(photo.clip(0, 255).astype(np.uint8))
    assert iou(found.alpha, subject) > 0.97  # the hole of the ring too, shadowed as it is


@pytest.mark.parametrize(("depth", "width"), [(0.3, 8), (0.42, 5)])
def test_a_contact_shadow_is_not_subject_though_it_has_an_edge(depth, width):
    y, x = np.mgrid[:480, :640].astype(np.float32)
    subject = (abs(x - 300) < 110) & (abs(y - 240) < 120)
    shade = 1 - depth * np.exp(-(((y - 362) / width) ** 2)) * np.clip((130 - abs(x - 310)) / 16, 0, 1)
    photo = (210, 208, 205) * shade[..., None]
    photo[subject] = (190, 90, 40)
    photo += np.random.default_rng(2).normal(0, 1, photo.shape)
    found = classical(photo.clip(0, 255).astype(np.uint8))
    assert iou(found.alpha, subject) > 0.985
    assert not (found.alpha[366:, 220:380] > 0.5).any()


def test_a_grey_cap_is_no_shadow():
    y, x = np.mgrid[:480, :640].astype(np.float32)
    cap, bottle = (abs(x - 320) < 40) & (abs(y - 120) < 30), (abs(x - 320) < 90) & (abs(y - 270) < 120)
    photo = np.full((480, 640, 3), (210, 208, 205), np.float32)
    photo[cap], photo[bottle] = (150, 149, 147), (40, 90, 160)
    photo = cv2.GaussianBlur(photo, (0, 0), 1.2) + np.random.default_rng(2).normal(0, 1, photo.shape)
    found = classical(photo.clip(0, 255).astype(np.uint8))
    assert iou(found.alpha, cap | bottle) > 0.97


@pytest.mark.parametrize("shade", [0.7, 0.8, 0.9])
def test_what_is_as_grey_as_its_backdrop_is_subject_all_the_same(shade):
    y, x = np.mgrid[:480, :640].astype(np.float32)
    subject = np.hypot((x - 310) / 110, (y - 240) / 130) < 1
    backdrop = 225 - 12 * x / 640 - 8 * y / 480
    body = backdrop * (shade - 0.06 * shade * (x - 310) / 110)
    photo = np.where(subject, body, backdrop)[..., None] + np.random.default_rng(2).normal(
        0, 1.5, (480, 640, 3)
    )
    found = classical(cv2.GaussianBlur(photo.clip(0, 255).astype(np.uint8), (0, 0), 0.7))
    assert iou(found.alpha, subject) > 0.85
    assert found.confidence > 0.5


@pytest.mark.slow
@pytest.mark.parametrize("noise", [1, 4])
def test_an_empty_backdrop_has_no_subject(noise):
    x = np.mgrid[:480, :640][1][..., None]
    photo = 200 + x / 40 + np.random.default_rng(2).normal(0, noise, (480, 640, 3))
    found = classical(photo.clip(0, 255).astype(np.uint8))
    assert found.alpha.max() == 0
    assert found.confidence == 0


def test_beyond_a_pixel_of_the_edge_the_mask_stays_as_it_was_cut():
    x = np.mgrid[:80, :80][1]
    photo = np.where((x > 42)[..., None], (200, 40, 40), (90, 90, 90)).astype(np.uint8)
    subject = x > 38  # with a rim of four pixels that look like what is outside
    settled = settle_edge(photo, subject)
    assert np.array_equal(settled[:, 40:], np.ones((80, 40), np.float32))
    assert np.array_equal(settled[:, :38], np.zeros((80, 38), np.float32))


def test_the_edge_runs_halfway_between_its_two_colours():
    x = np.mgrid[:80, :80][1]
    share = np.clip(x - 38.6, 0, 1)  # the pixels at x = 39 are 0.4 subject, but the mask takes them whole
    photo = (share[..., None] * (200, 40, 40) + (1 - share[..., None]) * (90, 90, 90)).astype(np.uint8)
    settled = settle_edge(photo, x > 38)
    assert np.abs(settled - share)[20:60, 30:50].max() < 0.12
    assert np.array_equal(settled >= 0.5, x >= 40)


@pytest.mark.slow
@pytest.mark.parametrize("value", [0, 128, 255])
def test_one_colour_has_no_subject_and_no_confidence(value):
    found = classical(np.full((120, 160, 3), value, np.uint8))
    assert found.alpha.max() == 0
    assert found.confidence < 0.5


def test_the_first_call_loads_no_compiler():
    code = "import sys, numpy as np, maskkit as mk\n"
    code += "mk.fetch_mask(np.random.default_rng(0).integers(0, 256, (60, 80, 3), np.uint8), 'classical')\n"
    code += "names = ('numba', 'scipy', 'pymatting', 'onnxruntime', 'pooch', 'httpx')\n"
    code += "print([name for name in names if name in sys.modules])"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"
