"""The editor without a browser: what its steps make is what maskkit.cutout makes."""

import io
import warnings

import numpy as np
import pytest
from PIL import Image

import maskkit as mk
from maskkit.notebook.editing import Editing
from maskkit.notebook.strokes import Hint, options, painted
from maskkit.notebook.view import View, fitting


def two_discs():
    """A red disc to the left and a blue one to the right, before a grey wall with some noise."""
    y, x = np.mgrid[:240, :360]
    photo = np.random.default_rng(3).integers(195, 206, (240, 360, 3), np.uint8)
    left, right = (np.hypot(y - 120, x - middle) < 60 for middle in (100, 260))
    photo[left], photo[right] = (190, 30, 40), (30, 40, 190)
    return photo, left, right


PHOTO, LEFT, RIGHT = two_discs()
MASK = (LEFT | RIGHT).astype(np.uint8) * 255


NO_RIGHT = Hint("paint drop", ((215, 120), (305, 120)), 20)
NO_LEFT = Hint("paint drop", ((55, 120), (145, 120)), 20)


@pytest.fixture
def editing():
    return Editing(PHOTO, settings={"fetch": False})


def shown(editing, view):
    content, exact = editing.picture(view)
    return np.asarray(Image.open(io.BytesIO(content)).convert("RGB")).astype(int), exact


def whole(ground="white"):
    return View((0, 0, 360, 240), (360, 240), ground)


def test_without_a_step_it_is_the_cutout(editing):
    plain = mk.cutout(PHOTO, fetch=False)
    assert np.array_equal(editing.cutout().pixels, plain.pixels)
    assert editing.recipe == plain.asked
    seen, exact = shown(editing, whole())
    assert exact
    assert abs(seen - plain.over("white").pixels).max() <= 1


STEPS = {
    "edges": lambda one: one.change(feather=2, grow=-3, decontaminate=0.5),
    "hair": lambda one: one.change(refine="hair"),
    "a point": lambda one: one.say(Hint("drop", ((260, 120),))),
    "two points": lambda one: [one.say(Hint("drop", ((260, 120),))), one.say(Hint("keep", ((100, 110),)))],
    "a box": lambda one: one.say(Hint("box", ((30, 50), (170, 190)))),
    "strokes": lambda one: [
        one.say(NO_RIGHT),
        one.say(Hint("paint keep", ((90, 110), (110, 130)), 5)),
    ],
}


@pytest.mark.parametrize("step", STEPS)
def test_a_recipe_out_of_the_editor_makes_the_same_bytes_again(editing, step):
    STEPS[step](editing)
    made = editing.cutout()
    again = mk.Recipe.from_json(made.recipe.to_json())
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert np.array_equal(mk.replay(again, PHOTO).pixels, made.pixels)
    seen, exact = shown(editing, whole("black"))
    assert exact
    assert abs(seen - made.over("black").pixels).max() <= 1


@pytest.mark.parametrize("step", ["a point", "two points", "a box", "strokes"])
def test_a_hint_is_drawn_as_a_draft_at_once_and_about_right(editing, step):
    STEPS[step](editing)
    seen, exact = shown(editing, whole("mask"))
    assert not exact
    assert abs(seen[..., 0] - editing.cutout().alpha.astype(int)).mean() < 6
    if "point" not in step:
        assert seen[LEFT, 0].mean() > 225
        assert seen[RIGHT, 0].mean() < 30


def test_undo_takes_one_hint_back_and_clear_all(editing):
    before = editing.cutout().pixels
    editing.say(NO_RIGHT)
    editing.say(NO_LEFT)
    assert shown(editing, whole("mask"))[0][LEFT, 0].mean() < 30
    editing.undo()
    assert shown(editing, whole("mask"))[0][LEFT, 0].mean() > 225
    editing.cutout()
    editing.clear()
    seen, exact = shown(editing, whole("mask"))
    assert exact, "that was made before"
    assert seen[RIGHT, 0].mean() > 225
    assert np.array_equal(editing.cutout().pixels, before)
    editing.undo()


def test_undo_past_what_was_made_whole(editing):
    editing.say(NO_RIGHT)
    editing.cutout()
    editing.say(NO_LEFT)
    editing.cutout()
    editing.undo()
    editing.say(Hint("keep", ((102, 120),)))
    seen, exact = shown(editing, whole("mask"))
    assert not exact
    assert seen[LEFT, 0].mean() > 225
    assert seen[RIGHT, 0].mean() < 30


def test_only_what_changed_is_made_again(editing, monkeypatch):
    from maskkit import fetch, matting

    monkeypatch.setattr(fetch, "run_engine", None)
    monkeypatch.setattr(matting, "refine", None)
    editing.change(feather=3, grow=2, decontaminate=0.2)
    plain = Editing(PHOTO, MASK)
    assert editing.cutout().alpha.shape == plain.cutout().alpha.shape


def test_a_mask_that_is_given_is_where_it_begins():
    editing = Editing(PHOTO, MASK)
    assert np.array_equal(editing.cutout().alpha, MASK)
    editing.say(Hint("drop", ((260, 120),)))
    made = editing.cutout()
    assert np.array_equal(made.pixels, mk.cutout(PHOTO, MASK, drop=[(260, 120)]).pixels)
    assert np.array_equal(mk.replay(made.recipe, PHOTO).pixels, made.pixels)


def test_what_is_empty_is_said_and_warns_nobody():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        empty = Editing(PHOTO, np.zeros_like(MASK))
    assert empty.said == "the mask is all 0: nothing is kept"


def test_a_step_that_cannot_be_is_refused(editing):
    with pytest.raises(mk.PixelError, match="feather"):
        editing.change(feather=-1)
    with pytest.raises(mk.PixelError, match="featherr"):
        editing.change(featherr=1)
    assert editing.recipe == mk.Recipe()


@pytest.mark.parametrize("ground", ["white", "#102030", "checker", "photo", "mask"])
@pytest.mark.parametrize(
    ("part", "size"),
    [((0, 0, 360, 240), (180, 120)), ((80, 60, 200, 140), (120, 80)), ((90, 100, 120, 120), (30, 20))],
)
def test_a_view_is_the_cutout_over_its_ground(ground, part, size):
    editing = Editing(PHOTO, MASK)
    seen, _ = shown(editing, View(part, size, ground))
    left, top, right, bottom = part
    step = (right - left) // size[0]
    alpha = MASK[top:bottom:step, left:right:step, None].astype(float) / 255
    colour = PHOTO[top:bottom:step, left:right:step].astype(float)
    behind = {
        "white": np.full_like(colour, 255),
        "#102030": np.full_like(colour, (16, 32, 48)),
        "photo": colour * 0.35,
        "checker": mk.backdrop.checkerboard(size, cell=8).astype(float),
        "mask": None,
    }[ground]
    expected = alpha * 255 if behind is None else colour * alpha + behind * (1 - alpha)
    flat = ~near_edge(MASK)[top:bottom:step, left:right:step]
    assert abs(seen - expected)[flat].max() <= 12, "the wall's noise is averaged where it is made smaller"


def near_edge(mask):
    import cv2

    disc = np.ones((5, 5), np.uint8)
    return cv2.dilate(mask, disc) != cv2.erode(mask, disc)


def test_a_draft_lies_where_the_photo_is():
    """A small alpha in a view at 400% is where the large one is, to the pixel."""
    from maskkit.notebook.view import drawn

    ramp = np.tile(np.linspace(0, 1, 1200, dtype=np.float32), (800, 1))
    small = ramp.reshape(400, 2, 600, 2).mean((1, 3))
    view = View((301, 203, 501, 353), (200, 150), "mask")
    photo = np.zeros((800, 1200, 3), np.uint8)
    seen = np.asarray(Image.open(io.BytesIO(drawn(photo, view, photo, small))))
    assert abs(seen.astype(int) - np.rint(ramp[203:353, 301:501] * 255)).max() <= 1


def test_a_view_stays_inside_the_photo():
    asked = {
        "left": -50,
        "top": 1e6,
        "right": 1e9,
        "bottom": -1,
        "width": 1e9,
        "height": 0,
        "ground": "white",
    }
    view = View.of(asked, (360, 240))
    assert view.part == (0, 239, 360, 240)
    assert view.size == (360, 1)
    assert fitting((1, 9000), 100).size == (1, 100)


def test_a_ground_is_opaque_and_a_colour():
    editing = Editing(PHOTO, MASK)
    for ground in ("transparent", "no colour"):
        with pytest.raises(mk.MaskkitError, match=r"ground|colou?r"):
            editing.picture(whole(ground))


def test_strokes_lie_over_each_other_in_their_order():
    first = Hint("paint keep", ((10, 10), (50, 10)), 4)
    second = Hint("paint drop", ((30, 0), (30, 30)), 4)
    keep, drop = painted([first, second], (60, 40))
    assert keep[10, 12] == drop[10, 30] == 255
    assert not (keep & drop).any()
    assert options([Hint("paint keep", ((5, 5),), 2)], (60, 40))["drop_mask"] is None


def test_points_outside_are_moved_inside_and_kinds_are_checked():
    assert Hint.of({"kind": "box", "points": [[50, 90], [-5, 3]]}, (60, 40)).box == (0, 3, 51, 40)
    with pytest.raises(mk.PixelError, match="kind"):
        Hint.of({"kind": "circle", "points": [[1, 1]]}, (60, 40))
    with pytest.raises(mk.PixelError, match="points"):
        Hint.of({"kind": "box", "points": [[1, 1]]}, (60, 40))


def test_a_photo_of_16_bits_is_edited_as_such():
    wide = PHOTO.astype(np.uint16) * 257
    editing = Editing(wide, MASK)
    assert shown(editing, whole())[1]
    assert editing.cutout().pixels.dtype == np.uint16
