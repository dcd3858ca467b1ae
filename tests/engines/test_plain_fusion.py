"""Before a plain backdrop colours know holes and edges, a network shadows and what is like the backdrop."""

import cv2
import numpy as np
import pytest
from engines.plain_scenes import SCENES, ring
from engines.scenes import iou

from maskkit.engines.automatic import auto
from maskkit.engines.plain import before_plain
from maskkit.engines.plain_fusion import settled
from maskkit.engines.reduced import reduced

_LIGHT = (205, 206, 208)


def disc(x, y, radius, height=480, width=640):
    return np.hypot(*(np.mgrid[:height, :width] - np.reshape((y, x), (2, 1, 1)))) < radius


def photo_of(colour=(190, 40, 50)):
    """A disc before a light backdrop with a little noise, and where it is."""
    truth = disc(320, 240, 110)
    photo = np.where(truth[..., None], np.float32(colour), np.float32(_LIGHT))
    return photo + np.random.default_rng(2).normal(0, 1.2, photo.shape), truth


def with_shadow():
    """A disc with a hard shadow beside it, which colours alone take for a part of it."""
    photo, truth = photo_of()
    beside = disc(420, 270, 100) & ~truth
    photo[beside] *= 0.72
    return np.clip(photo, 0, 255).astype(np.uint8), truth


def as_seen(truth):
    """A network's map: coarse, soft along the edge."""
    return cv2.GaussianBlur(cv2.resize(truth.astype(np.float32), (320, 320)), (0, 0), 1.5)


def cut_of(photo):
    plain = before_plain(reduced(photo, 640))
    assert plain.found
    return plain


def test_a_shadow_that_the_network_does_not_see_leaves():
    photo, truth = with_shadow()
    plain = cut_of(photo)
    assert iou(plain.alpha(photo), truth) < 0.85
    assert iou(settled(plain, as_seen(truth)).alpha(photo), truth) > 0.98


def test_what_is_like_the_backdrop_on_the_subject_is_filled():
    photo, truth = photo_of((226, 224, 222))
    near = disc(300, 220, 45)
    photo[near] += np.float32([-14, -11, -8])  # a lighter grey than the backdrop's, and much nearer to it
    photo = np.clip(photo, 0, 255).astype(np.uint8)
    plain = cut_of(photo)
    assert iou(plain.alpha(photo), truth) < 0.9
    assert iou(settled(plain, as_seen(truth)).alpha(photo), truth) > 0.97


def test_a_hole_stays_though_the_network_fills_it():
    photo, truth = ring()
    outline = cv2.findContours(truth.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)[0]
    filled = cv2.drawContours(np.zeros(truth.shape, np.uint8), outline, -1, 1, -1) > 0
    plain = cut_of(photo)
    assert iou(settled(plain, as_seen(filled)).alpha(photo), truth) > 0.97


@pytest.mark.parametrize("name", [name for name in SCENES if "rope" in name and "640" in name])
def test_a_thin_part_stays_though_the_network_does_not_see_it(name):
    photo, truth = SCENES[name]()
    broad = disc(320, 330, 60)
    photo = np.where(broad[..., None], np.uint8([30, 60, 160]), photo)
    plain = cut_of(photo)
    assert iou(settled(plain, as_seen(broad)).alpha(photo), truth | broad) > 0.95


def test_a_thing_of_another_colour_stays_though_the_network_does_not_see_it():
    photo, truth = photo_of()
    other = disc(100, 240, 60)
    photo[other] = (40, 80, 200)
    photo = np.clip(photo, 0, 255).astype(np.uint8)
    assert iou(settled(cut_of(photo), as_seen(truth)).alpha(photo), truth | other) > 0.97


@pytest.mark.parametrize("level", [0.0, 0.45])
def test_a_network_that_sees_nothing_or_is_undecided_changes_nothing(level):
    plain = cut_of(with_shadow()[0])
    assert settled(plain, np.full((320, 320), level, np.float32)) is plain


def test_a_network_that_sees_something_else_changes_nothing():
    plain = cut_of(with_shadow()[0])
    elsewhere = disc(60, 60, 40)
    assert settled(plain, as_seen(elsewhere)) is plain


def test_auto_asks_the_network_there_too(red):
    photo, truth = with_shadow()
    alone = auto(photo, model=red, fetch=False)
    assert alone.engine.startswith("plain backdrop and onnx red on ")
    assert alone.weights is not None
    assert iou(alone.alpha, truth) > 0.97


def test_where_the_backdrop_is_plain_in_parts_the_more_confident_mask_is_taken(red):
    photo, truth = photo_of()
    photo[:140, :330] = (60, 90, 60)  # behind a sixth of the border something else
    photo[truth] = (215, 30, 30)
    photo = np.clip(photo, 0, 255).astype(np.uint8)
    assert 0.5 < cut_of(photo).confidence < 0.9
    found = auto(photo, model=red)
    assert found.engine.startswith("onnx red on ")
    assert iou(found.alpha, truth) > 0.97
