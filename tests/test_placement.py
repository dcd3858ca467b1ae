"""Where a subject stands on a canvas: the numbers, the pixels, the refusals."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import maskkit as mk
from maskkit import placement
from maskkit.errors import PixelError
from maskkit.pixels import max_value


def cut(shape, box, alpha=255):
    pixels = np.zeros((*shape, 4), np.uint8)
    pixels[..., :3] = 90
    pixels[box[1] : box[3], box[0] : box[2], 3] = alpha
    return pixels


SIDES = st.integers(1, 4000)


@given(st.tuples(*[SIDES] * 4), st.floats(0.05, 1), st.tuples(st.floats(0, 1), st.floats(0, 1)), st.data())
def test_the_box_takes_its_share_and_stays_on_the_canvas(sizes, fill, where, data):
    width, height, across, down = sizes
    x, y = where
    left, top = data.draw(st.integers(0, width - 1)), data.draw(st.integers(0, height - 1))
    right, bottom = data.draw(st.integers(left + 1, width)), data.draw(st.integers(top + 1, height))
    found = placement.plan(
        (width, height), (left, top, right, bottom), (across, down), fill=fill, position=(x, y)
    )
    taken = found.box[2] - found.box[0], found.box[3] - found.box[1]
    wanted = min(fill * across / (right - left), fill * down / (bottom - top))
    one_less = wanted * min(across / (across + 1), down / (down + 1))  # where rounding made the box too large
    assert found.scale == pytest.approx(wanted) or one_less * (1 - 1e-9) <= found.scale < wanted
    slack = 2 + wanted * 0.5 / min(width, height) * max(width, height)  # the picture has whole pixels
    assert taken[0] <= fill * across + slack or taken[0] == 1
    assert min(found.box) >= 0
    assert found.box[2] <= across
    assert found.box[3] <= down


def test_a_box_whose_edges_round_apart_does_not_leave_the_canvas():
    found = placement.plan((37, 56), (20, 39, 21, 41), (268, 75))
    assert found.box[3] - found.box[1] <= 75
    assert min(found.box) >= 0
    assert found.box[3] <= 75


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"canvas": (20, 20), "scale": 1.0}, "it takes -5,5 to 25,15, the canvas 20x20"),
        ({"canvas": (40, 40), "at": (-20, 0)}, "it takes -10,10 to 20,20, the canvas 40x40"),
        ({"canvas": (20, 20), "fill": 0.9}, None),
        ({"canvas": (30, 10), "scale": 1.0}, None),
        ({"canvas": (60, 60), "at": (-10, -10)}, None),  # what is lost is transparent
    ],
)
def test_a_subject_that_is_cut_off_is_said(asked, said, recwarn):
    photo = cut((30, 50), (10, 10, 40, 20))
    mk.replay(mk.Recipe(product="cutout", **asked), photo)
    told = [str(one.message) for one in recwarn if issubclass(one.category, mk.MaskkitWarning)]
    assert len(told) == (said is not None), told
    assert said is None or said in told[0]


@pytest.mark.parametrize(
    ("margin", "box"),
    [("0", (0, 0, 100, 100)), ("10", (10, 10, 90, 90)), ("10%", (20, 10, 180, 90)),
     ("10 20", (0, 0, 0, 0)), ("5 6 7 8", (0, 0, 0, 0))],
)  # fmt: skip
def test_margins_stay_clear(margin, box):
    canvas = (200, 100) if margin == "10%" else (100, 100)
    size = (2, 1) if margin == "10%" else (1, 1)
    found = placement.plan(size, (0, 0, *size), canvas, margin=margin)
    top, right, bottom, left = (float(one.rstrip("%")) for one in placement.margins_of(margin))
    if margin not in ("10 20", "5 6 7 8"):
        assert found.box == box
        return
    assert found.box[0] >= left
    assert found.box[1] >= top
    assert found.box[2] <= 100 - right
    assert found.box[3] <= 100 - bottom


def test_a_faint_speck_moves_no_box_but_stays():
    pixels = cut((100, 100), (40, 40, 60, 60))
    pixels[5, 5, 3] = 4  # below 2%
    shown, where = placement.place(pixels, (200, 200), fill=0.5)
    assert where.box == (50, 50, 150, 150)
    assert (shown[50:150, 50:150, 3] > 200).mean() > 0.95
    all_of_it = placement.place(pixels, (200, 200), fill=0.5, level=0)[1]
    assert all_of_it.scale < where.scale


def test_the_offset_is_where_the_pixels_are():
    rng = np.random.default_rng(0)
    pixels = rng.integers(1, 256, (30, 40, 4), np.uint8)
    shown, where = placement.place(pixels, (100, 90), scale=1, at=(17, -5))
    assert where.offset == (17, -5)
    assert np.array_equal(shown[:25, 17:57], pixels[5:])
    assert not shown[25:].any()


def test_a_dot_on_a_large_photo_is_enlarged_without_making_all_of_it():
    pixels = cut((1000, 1500), (700, 500, 704, 503))
    shown, where = placement.place(pixels, (400, 400), fill=0.85)
    assert where.size[0] > 100_000  # a picture of so many pixels would not fit
    assert where.box == (30, 73, 370, 328)
    assert (shown[80:320, 40:360, 3] >= 96).all()
    assert not shown[:25, :, 3].any()


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
def test_the_depth_stays(dtype):
    pixels = np.full((10, 10, 4), max_value(dtype), dtype)
    assert placement.place(pixels, (30, 20))[0].dtype == dtype


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"at": (500, 0)}, "at: nothing of the subject would be on the canvas of 50x50"),
        ({"at": (0, -500)}, "at: nothing of the subject"),
        ({"margin": "50%"}, "margin: leaves no room on a canvas of 50x50"),
        ({"margin": "1 2 3 4 5"}, "margin: need one to four lengths"),
        ({"margin": "five"}, "margin: need one to four lengths"),
        ({"margin": "-3"}, "margin: need one to four lengths"),
        ({"fill": 0}, "fill: need a share above 0"),
        ({"fill": 85}, "fill: need 0 to 1"),
        ({"scale": 0}, "scale: need a factor above 0"),
        ({"position": "botom"}, "did you mean 'bottom'"),
        ({"position": (2, 0)}, "position x: need 0 to 1"),
    ],
)
def test_what_is_refused(options, said):
    with pytest.raises(PixelError, match=said):
        placement.place(cut((20, 20), (5, 5, 15, 15)), (50, 50), **options)


def test_several_sizes_are_each_as_alone():
    made = cut((20, 20), (5, 5, 15, 15))
    told = {"fill": 0.5, "margin": "10%", "position": "bottom"}
    found = placement.place_each(made, [(50, 50), (30, 80)], **told)
    for (pixels, where), size in zip(found, [(50, 50), (30, 80)], strict=True):
        alone, there = placement.place(made, size, **told)
        assert np.array_equal(pixels, alone)
        assert where == there
    with pytest.raises(PixelError, match="sizes: need one or more"):
        placement.place_each(made, [])


def test_nothing_to_place_and_nowhere_to_place_it():
    with pytest.raises(PixelError, match=r"cutout: no pixel has alpha above 0\.02"):
        placement.place(cut((20, 20), (5, 5, 15, 15), alpha=3), (50, 50))
    with pytest.raises(PixelError, match="size: need at least 1x1, got 0x50"):
        placement.place(cut((20, 20), (5, 5, 15, 15)), (0, 50))
    with pytest.raises(PixelError, match="cutout: need one"):
        placement.place(np.zeros((5, 5, 3), np.uint8), (50, 50))


@pytest.mark.parametrize("name", sorted(placement.PRESETS))
def test_a_preset_says_what_it_makes_and_where_that_was_read(name):
    preset = placement.PRESETS[name]
    assert bool(preset.source) == bool(preset.date)
    assert preset.source or preset.about.startswith("maskkit's own")
    photo, mask = np.full((60, 80, 3), 90, np.uint8), np.zeros((60, 80), np.uint8)
    mask[20:50, 30:60] = 255
    shown = mk.replay(mk.Recipe(preset=name), photo, mask)
    assert shown.size == preset.canvas
    assert shown.pixels[0, 0].tolist()[:3] == [255, 255, 255]
    width = (shown.pixels[shown.size[1] // 2, :, 0] < 172).sum()
    assert width == pytest.approx(preset.fill * min(preset.canvas), abs=8)
    other = mk.replay(mk.Recipe(preset=name, canvas=(64, 48), backdrop="navy", fill=0.5), photo, mask)
    assert other.size == (64, 48)
    assert other.pixels[0, 0].tolist()[:3] == [0, 0, 128]
