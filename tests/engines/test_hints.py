"""Hints on scenes with a known answer: box, points, earlier mask, undo, and what cannot be."""

import cv2
import numpy as np
import pytest
from engines.scenes import iou

import maskkit as mk
from maskkit.engines import hints


@pytest.fixture(autouse=True)
def without_weights(monkeypatch, tmp_path):
    """Each test without a network: none is here, and none is fetched."""
    monkeypatch.setenv("MASKKIT_OFFLINE", "1")
    monkeypatch.setenv("MASKKIT_HOME", str(tmp_path))


@pytest.fixture(scope="module")
def room():
    """A red ball and a blue ball before stripes; gives the photo and both true masks."""
    y, x = np.mgrid[:240, :320]
    photo = np.where((x // 8 % 2)[..., None] == 0, (150, 170, 140), (110, 140, 120)).astype(float)
    red, blue = ((x - cx) ** 2 + (y - cy) ** 2 < r**2 for cx, cy, r in ((110, 120, 55), (240, 150, 40)))
    photo[red], photo[blue] = (190, 50, 40), (50, 70, 180)
    photo += np.random.default_rng(4).normal(0, 5, photo.shape)
    return photo.clip(0, 255).astype(np.uint8), red, blue


def test_a_box_finds_what_fills_it(room):
    photo, red, blue = room
    assert iou(hints(photo, box=(50, 60, 170, 180)).alpha, red) > 0.95
    assert iou(hints(photo, box=(195, 105, 285, 195)).alpha, blue) > 0.95


def test_a_point_on_a_second_subject_adds_it(room):
    photo, red, blue = room
    both = hints(photo, box=(50, 60, 170, 180), keep=[]).alpha
    assert iou(both, red) > 0.95
    session = mk.Session(photo, mask=red.astype(np.uint8) * 255)
    assert iou(session.keep(240, 150).estimate.alpha, red | blue) > 0.95


def test_a_point_beside_the_subject_removes_what_it_is_on(room):
    photo, red, blue = room
    found = hints(photo, mask=red | blue, drop=[(240, 150)])
    assert iou(found.alpha, red) > 0.95


def test_a_point_changes_nothing_far_away(room):
    photo, red, _ = room
    session = mk.Session(photo, mask=red)
    before = session.estimate.alpha
    after = session.keep(240, 150).estimate.alpha
    assert np.array_equal(before[:, :180], after[:, :180])


def test_points_stay_what_they_were_said_to_be(room):
    photo, red, _ = room
    session = mk.Session(photo, mask=red).keep(10, 10).drop(110, 120)
    alpha = session.keep(240, 150).estimate.alpha
    assert alpha[10, 10] > 0.5
    assert alpha[120, 110] < 0.5


def test_undo_takes_back_step_by_step(room):
    photo, red, _ = room
    session = mk.Session(photo, mask=red)
    states = [session.estimate.alpha]
    session.keep(240, 150)
    states.append(session.estimate.alpha)
    session.drop(110, 120)
    assert session.steps == 2
    assert np.array_equal(session.undo().estimate.alpha, states[1])
    assert np.array_equal(session.undo().estimate.alpha, states[0])
    assert session.undo().steps == 0


def test_large_pictures_are_hinted_in_their_own_pixels(room):
    photo, red, _ = room
    large = cv2.resize(photo, None, fx=6, fy=6, interpolation=cv2.INTER_CUBIC)
    truth = cv2.resize(red.astype(np.uint8), None, fx=6, fy=6, interpolation=cv2.INTER_NEAREST) > 0
    found = hints(large, box=(300, 360, 1020, 1080))
    assert found.alpha.shape == (1440, 1920)
    assert iou(found.alpha, truth) > 0.95


def test_hints_repeat_bit_for_bit(room):
    photo = room[0]
    given = {"box": (50, 60, 170, 180), "keep": [(240, 150)], "drop": [(60, 70)]}
    assert np.array_equal(hints(photo, **given).alpha, hints(photo, **given).alpha)


@pytest.mark.parametrize(
    "box", [(10, 10, 10, 50), (50, 10, 10, 50), (-5, 0, 20, 20), (0, 0, 321, 20), (0, 0, 20, 999)]
)
def test_boxes_that_are_empty_or_outside_are_named(room, box):
    with pytest.raises(mk.PixelError, match=r"box: need 0 <= left < right <= 320"):
        hints(room[0], box=box)


@pytest.mark.parametrize("name", ["keep", "drop"])
@pytest.mark.parametrize("point", [(-1, 5), (320, 5), (5, 240), (float("nan"), 5)])
def test_points_outside_are_named(room, point, name):
    with pytest.raises(mk.PixelError, match=rf"{name}: need 0 <= x < 320 and 0 <= y < 240"):
        hints(room[0], **{name: [point]})


def test_a_mask_of_another_size_is_named(room):
    with pytest.raises(mk.PixelError, match=r"mask: need 320x240 .*, got 10x10"):
        hints(room[0], mask=np.zeros((10, 10), bool))


@pytest.mark.parametrize("shape", [(1, 1), (3, 900), (40, 2)])
def test_pictures_too_small_for_a_cut_take_the_hint_as_it_is(shape):
    photo = np.full((*shape, 3), 90, np.uint8)
    height, width = shape
    assert hints(photo, box=(0, 0, width, height)).alpha.shape == shape
    assert hints(photo, keep=[(0, 0)]).alpha[0, 0] > 0.5


def test_one_colour_and_full_masks_are_survived():
    photo = np.full((60, 80, 3), 128, np.uint8)
    for value in (0, 255):
        mask = np.full((60, 80), value, np.uint8)
        assert hints(photo, mask=mask, keep=[(5, 5)]).alpha[5, 5] > 0.5
        assert hints(photo, mask=mask, drop=[(5, 5)]).alpha[5, 5] < 0.5
    assert hints(photo, box=(10, 10, 70, 50)).alpha.shape == (60, 80)


def test_hints_correct_the_mask_given_to_a_cutout(room):
    photo, red, blue = room
    made = mk.cutout(photo, (red | blue).astype(np.uint8) * 255, drop=[(240, 150)])
    assert iou(made.alpha / 255, red) > 0.95
    assert made.source == "given, then hints"


def test_a_box_around_what_cannot_be_told_apart_gives_the_ellipse_in_it():
    noise = np.random.default_rng(0).integers(90, 110, (120, 160, 3)).astype(np.uint8)
    alpha = hints(noise, box=(40, 30, 120, 90)).alpha
    assert alpha[60, 80] > 0.5 or alpha[30:90, 40:120].mean() > 0.3
    assert alpha[:25].max() < 0.5


def test_a_point_near_the_edge_is_about_what_is_near_it():
    session = mk.Session(np.full((240, 320, 3), 128, np.uint8)).box(80, 60, 240, 180)
    before = session.alpha >= 0.5
    edge = int(np.flatnonzero(before[120])[0])

    def furthest(depth):
        after = session.drop(edge + depth, 120).alpha >= 0.5
        session.undo()
        rows, columns = np.nonzero(before != after)
        return float(np.hypot(columns - edge - depth, rows - 120).max())

    assert furthest(4) < 13
    assert furthest(30) > 15


# ---- strokes ----------------------------------------------------------------------------------------------


def stroke(shape, *line, width=5):
    painted = np.zeros(shape[:2], np.uint8)
    cv2.line(painted, *line, 255, width)
    return painted


def test_a_stroke_reaches_all_of_what_it_touches_and_nothing_else(room):
    photo, red, blue = room
    found = hints(photo, mask=red, keep_mask=stroke(photo.shape, (232, 150), (248, 150)))
    assert iou(found.alpha, red | blue) > 0.95
    found = hints(photo, mask=red | blue, drop_mask=stroke(photo.shape, (232, 150), (248, 150)))
    assert iou(found.alpha, red) > 0.95


def test_both_strokes_are_one_step(room):
    photo, red, blue = room
    session = mk.Session(photo, mask=red)
    over_red, over_blue = (stroke(photo.shape, (x, y), (x + 20, y)) for x, y in ((100, 120), (230, 150)))
    session.paint(keep_mask=over_blue, drop_mask=over_red)
    assert session.steps == 1
    assert iou(session.estimate.alpha, blue) > 0.95
    assert np.array_equal(session.undo().estimate.alpha, red)


def test_what_is_painted_is_what_it_was_said_to_be(room):
    photo, red, _ = room
    keep, drop = stroke(photo.shape, (5, 5), (30, 8), width=3), stroke(photo.shape, (100, 120), (120, 125))
    alpha = hints(photo, mask=red, keep_mask=keep, drop_mask=drop).alpha
    assert alpha[keep > 0].all()
    assert not alpha[drop > 0].any()


# ---- a mask that is given is corrected, never made anew ----------------------------------------------------


@pytest.mark.parametrize("dtype", [bool, np.uint8, np.uint16, np.float32, np.float64])
def test_a_given_mask_keeps_its_dtype_and_its_values_where_no_hint_is(room, dtype):
    photo, red, blue = room
    top = mk.pixels.max_value(dtype)
    soft = cv2.GaussianBlur(red.astype(np.float64), (0, 0), 4)
    mask = (soft >= 0.5) if dtype is bool else (soft * top).astype(dtype)
    before = mask.copy()
    alpha = hints(photo, mask=mask, keep=[(240, 150)]).alpha
    assert alpha.dtype == dtype
    assert np.array_equal(alpha[:, :180], mask[:, :180])
    assert np.array_equal(mask, before)
    assert iou(alpha / top, red | blue) > 0.95


def test_no_hint_changes_nothing(room):
    photo, red, _ = room
    mask = (cv2.GaussianBlur(red.astype(np.float32), (0, 0), 4) * 255).astype(np.uint8)
    assert np.array_equal(hints(photo, mask=mask).alpha, mask)


def test_a_box_cuts_a_given_mask_and_keeps_its_values_inside(room):
    photo, red, blue = room
    mask = (cv2.GaussianBlur((red | blue).astype(np.float32), (0, 0), 4) * 255).astype(np.uint8)
    alpha = hints(photo, mask=mask, box=(50, 60, 170, 180)).alpha
    assert np.array_equal(alpha[60:180, 50:170], mask[60:180, 50:170])
    assert not alpha[:, 170:].any()


def test_a_box_beside_a_given_mask_finds_its_own_subject(room):
    photo, red, blue = room
    assert iou(hints(photo, mask=red, box=(195, 105, 285, 195)).alpha, blue) > 0.95


def test_a_mask_and_its_inverse_are_corrected_to_different_answers(room):
    photo, red, _ = room
    given = {"box": (50, 60, 170, 180), "keep": [(110, 120)], "drop": [(60, 70)]}
    one, other = (hints(photo, mask=mask, **given).alpha for mask in (red, ~red))
    assert np.count_nonzero(one != other) > 1000


def test_several_boxes_hold_several_subjects(room):
    photo, red, blue = room
    found = hints(photo, box=[(50, 60, 170, 180), (195, 105, 285, 195)])
    assert iou(found.alpha, red | blue) > 0.95


def test_the_confidence_follows_the_picture(room):
    photo, red, _ = room
    noise = np.random.default_rng(0).integers(90, 110, (120, 160, 3)).astype(np.uint8)
    clear = hints(photo, box=(50, 60, 170, 180))
    unclear = hints(noise, box=(40, 30, 120, 90))
    assert clear.confidence > unclear.confidence
    assert hints(photo, mask=red, keep=[(110, 120)]).confidence > 0.5


def test_a_session_takes_back_a_box(room):
    photo, red, _ = room
    session = mk.Session(photo, mask=red).box(195, 105, 285, 195).keep(230, 150)
    assert np.array_equal(session.undo().undo().estimate.alpha, red)
