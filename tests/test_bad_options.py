"""Every option of every public verb times every value that it cannot have: hints, numbers, words, ``out``."""

import io
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from held_to import H, W, answer, cells, check_refused, check_sane, grey, read_only, refusal, scene

import maskkit as mk
from maskkit import backdrop, masks
from maskkit.engines import chroma, hints

PHOTO = scene(H, W)
# ---- hints ------------------------------------------------------------------------------------------------

BAD_BOXES: dict[str, Any] = {
    "outside": (W, H, W + 5, H + 5),
    "partly outside": (10, 10, W + 1, H),
    "left of the picture": (-1, 0, 5, 5),
    "no width": (5, 5, 5, 9),
    "no height": (5, 9, 9, 9),
    "empty": (0, 0, 0, 0),
    "reversed": (20, 20, 5, 5),
    "NaN": (np.nan, 0, 5, 5),
    "inf": (0, 0, np.inf, 5),
    "three numbers": (1, 2, 3),
    "five numbers": (1, 2, 3, 4, 5),
    "text": ("0", "0", "9", "9"),
    "one text": "0, 0, 9, 9",
    "None in it": (0, 0, None, 9),
    "a number": 5,
    "two corners": ((0, 0), (9, 9)),
    "complex": (0, 0, 5j, 9),
}
BAD_POINTS: dict[str, Any] = {
    "right of the picture": [(W, 0)],
    "below the picture": [(0, H)],
    "left of the picture": [(-1, 0)],
    "far away": [(1e9, 1e9)],
    "the second outside": [(1, 1), (1, -0.5)],
    "NaN": [(np.nan, 3)],
    "inf": [(3, np.inf)],
    "text": [("3", "3")],
    "None": None,
    "None in it": [(3, None)],
    "a number": 3,
    "one point, not in a list": (3, 3),
    "three numbers": [(1, 2, 3)],
    "one number": [(1,)],
    "one text": "33",
}
BAD_STROKES: dict[str, Any] = {
    "another size": np.ones((H, W + 1), bool),
    "turned": np.ones((W, H), bool),
    "no pixel painted": np.zeros((H, W), np.uint8),
    "too faint": np.full((H, W), 0.4, np.float32),
    "colour": np.ones((H, W, 3), np.uint8),
    "whole numbers": np.ones((H, W), np.int64),
    "NaN": np.full((H, W), np.nan),
    "a point": (3, 3),
}
HINTED = {
    "hints": lambda **given: hints(PHOTO, **given),
    "hints on a mask": lambda **given: hints(PHOTO, mask=grey(H, W), **given),
    "estimate": lambda **given: mk.estimate(PHOTO, "classical", **given),
    "fetch_mask": lambda **given: mk.fetch_mask(PHOTO, "classical", **given),
    "cutout": lambda **given: mk.cutout(PHOTO, grey(H, W), **given),
}
ODD_HINTS: dict[str, dict[str, Any]] = {
    "all of it": {"box": (0, 0, W, H)},
    "one pixel": {"box": (3, 3, 4, 4)},
    "less than a pixel": {"box": (3.2, 3.2, 3.4, 3.4)},
    "a corner": {"box": (W - 1, H - 1, W, H)},
    "a line": {"box": (0, 3, W, 4)},
    "NumPy's numbers": {"box": np.array([3, 3, 20, 20]), "keep": np.array([[9, 9]])},
    "the four corners": {"keep": [(0, 0), (W - 1, 0)], "drop": [(0, H - 0.01), (W - 1, H - 1)]},
    "the same point twice": {"keep": [(5, 5), (5, 5)]},
    "kept and dropped": {"keep": [(5, 5)], "drop": [(5, 5)]},
    "outside the box": {"box": (0, 0, 9, 9), "keep": [(20, 20)]},
    "all of the box dropped": {"box": (3, 3, 4, 4), "drop": [(3, 3)]},
    "no points": {"keep": [], "drop": ()},
    "a generator": {"keep": ((x, 12) for x in (14, 16))},
}


# ---- options ----------------------------------------------------------------------------------------------

MASK = grey(H, W)
RGBA = scene(H, W, channels=4)
BAD_NUMBERS: dict[str, Any] = {
    "NaN": np.nan,
    "inf": np.inf,
    "-inf": -np.inf,
    "text": "1",
    "complex": 1j,
    "a list": [1],
    "an array": np.array([0.5, 0.5]),
}
NUMBERS: dict[str, Callable[[Any], Any]] = {
    "threshold level": lambda v: mk.threshold(MASK, v),
    "levels black": lambda v: mk.levels(MASK, black=v),
    "levels white": lambda v: mk.levels(MASK, white=v),
    "levels gamma": lambda v: mk.levels(MASK, gamma=v),
    "feather radius": lambda v: mk.feather(MASK, v),
    "grow px": lambda v: mk.grow(MASK, v),
    "shrink px": lambda v: mk.shrink(MASK, v),
    "smooth radius": lambda v: mk.smooth(MASK, v),
    "trimap band": lambda v: mk.trimap(MASK, v),
    "trimap low": lambda v: mk.trimap(MASK, 1, low=v),
    "trimap high": lambda v: mk.trimap(MASK, 1, high=v),
    "keep_largest n": lambda v: mk.keep_largest(MASK, v),
    "keep_largest level": lambda v: mk.keep_largest(MASK, level=v),
    "fill_holes max_area": lambda v: mk.fill_holes(MASK, v),
    "fill_holes level": lambda v: mk.fill_holes(MASK, level=v),
    "bounding_box level": lambda v: mk.bounding_box(MASK, v),
    "resize size": lambda v: masks.resize(MASK, (v, 5)),
    "adjust threshold": lambda v: mk.adjust(MASK, threshold=v),
    "adjust grow": lambda v: mk.adjust(MASK, grow=v),
    "adjust feather": lambda v: mk.adjust(MASK, feather=v),
    "refine radius": lambda v: mk.refine(PHOTO, MASK, radius=v),
    "refine smooth": lambda v: mk.refine(PHOTO, MASK, smooth=v),
    "refine feather": lambda v: mk.refine(PHOTO, MASK, feather=v),
    "refine contrast": lambda v: mk.refine(PHOTO, MASK, contrast=v),
    "refine shift_edge": lambda v: mk.refine(PHOTO, MASK, shift_edge=v),
    "guided_filter radius": lambda v: mk.guided_filter(PHOTO, MASK, v),
    "guided_filter eps": lambda v: mk.guided_filter(PHOTO, MASK, 1, v),
    "guided_filter subsample": lambda v: mk.guided_filter(PHOTO, MASK, 1, subsample=v),
    "decontaminate amount": lambda v: mk.decontaminate(PHOTO, MASK, v),
    "despill amount": lambda v: mk.despill(PHOTO, amount=v),
    "light_wrap radius": lambda v: mk.light_wrap(RGBA, PHOTO, v),
    "light_wrap amount": lambda v: mk.light_wrap(RGBA, PHOTO, amount=v),
    "composite opacity": lambda v: mk.composite(PHOTO, PHOTO, opacity=v),
    "composite offset": lambda v: mk.composite(PHOTO, PHOTO, offset=(v, 0)),
    "chroma black": lambda v: chroma(PHOTO, black=v),
    "chroma_key white": lambda v: mk.chroma_key(PHOTO, white=v),
    "cutout threshold": lambda v: mk.cutout(PHOTO, MASK, threshold=v),
    "cutout grow": lambda v: mk.cutout(PHOTO, MASK, grow=v),
    "cutout feather": lambda v: mk.cutout(PHOTO, MASK, feather=v),
    "cutout decontaminate": lambda v: mk.cutout(PHOTO, MASK, decontaminate=v),
    "trim margin": lambda v: mk.cutout(PHOTO, MASK).trim(v),
    "trim level": lambda v: mk.cutout(PHOTO, MASK).trim(level=v),
    "place size": lambda v: mk.cutout(PHOTO, MASK).place((v, 9)),
    "place position": lambda v: mk.cutout(PHOTO, MASK).place((9, 9), (0.5, v)),
    "place scale": lambda v: mk.cutout(PHOTO, MASK).place((9, 9), scale=v),
    "inspect limits": lambda v: mk.inspect(RGBA, limits={"islands": v}),
    "contact_sheet columns": lambda v: mk.contact_sheet([PHOTO], columns=v),
    "contact_sheet side": lambda v: mk.contact_sheet([PHOTO], side=v),
    "contact_sheet gap": lambda v: mk.contact_sheet([PHOTO], gap=v),
    "encode quality": lambda v: mk.encode(PHOTO, "jpeg", quality=v),
    "blur radius": lambda v: backdrop.blur(PHOTO, v),
    "shadow radius": lambda v: backdrop.shadow(PHOTO, MASK, radius=v),
    "shadow opacity": lambda v: backdrop.shadow(PHOTO, MASK, opacity=v),
    "shadow offset": lambda v: backdrop.shadow(PHOTO, MASK, offset=(0, v)),
}
ENDLESS = {("inspect limits", "inf"), ("inspect limits", "-inf")}  # nothing fails, everything does

BAD_CHOICES: dict[str, Any] = {
    "a number": 5,
    "a list": ["edge"],
    "another word": "nonsense",
    "empty": "",
    "bytes": b"edge",
}
CHOICES: dict[str, Callable[[Any], Any]] = {
    "feather edge": lambda v: mk.feather(MASK, 1, edge=v),
    "combine operation": lambda v: mk.combine(MASK, MASK, v),
    "refine mode": lambda v: mk.refine(PHOTO, MASK, v),
    "refine method": lambda v: mk.refine(PHOTO, MASK, "trimap", method=v),
    "despill screen": lambda v: mk.despill(PHOTO, v),
    "despill limit": lambda v: mk.despill(PHOTO, limit=v),
    "porter_duff operator": lambda v: mk.porter_duff(PHOTO, PHOTO, v),
    "composite mode": lambda v: mk.composite(PHOTO, PHOTO, mode=v),
    "estimate source": lambda v: mk.estimate(PHOTO, v),
    "fetch_mask mask_type": lambda v: mk.fetch_mask(PHOTO, "classical", mask_type=v),
    "cutout source": lambda v: mk.cutout(PHOTO, source=v),
    "cutout mask_type": lambda v: mk.cutout(PHOTO, source="classical", mask_type=v),
    "cutout refine": lambda v: mk.cutout(PHOTO, MASK, refine=v),
    "over fit": lambda v: mk.cutout(PHOTO, MASK).over(PHOTO, fit=v),
    "place scale": lambda v: mk.cutout(PHOTO, MASK).place((9, 9), scale=v),
    "save hidden": lambda v: mk.cutout(PHOTO, MASK).save(io.BytesIO(), v, mask_type="png"),
    "chroma screen": lambda v: chroma(PHOTO, v),
    "two_plate plate_a": lambda v: mk.two_plate(PHOTO, PHOTO, v, "white"),
    "encode format": lambda v: mk.encode(PHOTO, v),
    "encode compression": lambda v: mk.encode(PHOTO, "png", compression=v),
    "linear_to_srgb dtype": lambda v: mk.linear_to_srgb(PHOTO, v),
    "inspect limits": lambda v: mk.inspect(RGBA, limits=v),
    "composite offset": lambda v: mk.composite(PHOTO, PHOTO, offset=v),
    "place size": lambda v: mk.cutout(PHOTO, MASK).place(v),
    "place position": lambda v: mk.cutout(PHOTO, MASK).place((9, 9), v),
    "shadow offset": lambda v: backdrop.shadow(PHOTO, MASK, offset=v),
}
MEANT = {
    ("place scale", "a number"),
}


# ---- out --------------------------------------------------------------------------------------------------

WITH_OUT: dict[str, Callable[[Any], Any]] = {
    "threshold": lambda out: mk.threshold(MASK, out=out),
    "levels": lambda out: mk.levels(MASK, out=out),
    "invert": lambda out: mk.invert(MASK, out=out),
    "feather": lambda out: mk.feather(MASK, 2, out=out),
    "feather by 0": lambda out: mk.feather(MASK, 0, out=out),
    "feather inside": lambda out: mk.feather(MASK, 2, "inside", out=out),
    "grow": lambda out: mk.grow(MASK, 2, out=out),
    "shrink": lambda out: mk.shrink(MASK, 2, out=out),
    "smooth": lambda out: mk.smooth(MASK, 2, out=out),
    "combine": lambda out: mk.combine(MASK, MASK, out=out),
    "refine": lambda out: mk.refine(PHOTO, MASK, out=out),
    "decontaminate": lambda out: mk.decontaminate(PHOTO, MASK, out=out),
    "despill": lambda out: mk.despill(PHOTO, out=out),
    "extend_edge": lambda out: mk.extend_edge(PHOTO, MASK, out=out),
    "light_wrap": lambda out: mk.light_wrap(RGBA, PHOTO, out=out),
    "apply_mask": lambda out: mk.apply_mask(PHOTO, MASK, out=out),
    "over": lambda out: mk.over(PHOTO, RGBA, out=out),
    "porter_duff": lambda out: mk.porter_duff(PHOTO, RGBA, "xor", out=out),
    "composite": lambda out: mk.composite(PHOTO, PHOTO, out=out),
    "premultiply": lambda out: mk.premultiply(PHOTO, out=out),
    "unpremultiply": lambda out: mk.unpremultiply(RGBA, out=out),
    "srgb_to_linear": lambda out: mk.srgb_to_linear(PHOTO, out=out),
    "linear_to_srgb": lambda out: mk.linear_to_srgb(PHOTO, out=out),
}
BAD_OUTS: dict[str, Any] = {
    "a list": [],
    "a number": 3,
    "another size": np.zeros((H, W + 1, 4), np.uint8),
    "another dtype": np.zeros((H, W, 3), np.float16),
    "one dimension": np.zeros(H * W * 3, np.uint8),
}


@cells(HINTED, BAD_BOXES)
def test_a_bad_box_is_refused(verb, what):
    box = BAD_BOXES[what]
    came = str(box[0]) if isinstance(box, tuple) else str(box)
    check_refused(refusal(lambda: HINTED[verb](box=box)), "box", came)


@pytest.mark.parametrize("name", ["keep", "drop"])
@cells(HINTED, BAD_POINTS)
def test_a_bad_click_is_refused(verb, what, name):
    check_refused(refusal(lambda: HINTED[verb](**{name: BAD_POINTS[what]})), name, "got")


@cells({"hints": None, "hints on a mask": None}, ODD_HINTS)
def test_odd_hints_are_answered(verb, what):
    # a mask that is given keeps its dtype
    dtype = np.uint8 if verb == "hints on a mask" else np.float32
    check_sane(answer(lambda: HINTED[verb](**ODD_HINTS[what])), [((H, W), dtype)])


@pytest.mark.parametrize("name", ["keep_mask", "drop_mask"])
@cells({"hints": None, "hints on a mask": None}, BAD_STROKES)
def test_bad_strokes_are_refused(verb, what, name):
    check_refused(refusal(lambda: HINTED[verb](**{name: BAD_STROKES[what]})), name, "")


@cells({"hints": None, "hints on a mask": None}, {"both": None})
def test_strokes_that_are_kept_and_dropped_are_refused(verb, what):
    strokes = grey(H, W)
    check_refused(refusal(lambda: HINTED[verb](keep_mask=strokes, drop_mask=strokes)), "drop_mask", "got")


@cells(NUMBERS, BAD_NUMBERS)
def test_a_bad_number_is_refused(verb, what):
    if (verb, what) in ENDLESS:
        answer(NUMBERS[verb], BAD_NUMBERS[what])
        return
    check_refused(refusal(NUMBERS[verb], BAD_NUMBERS[what]), verb.split()[1], "got")


@cells(CHOICES, BAD_CHOICES)
def test_a_bad_choice_is_refused(verb, what):
    if (verb, what) in MEANT:
        answer(CHOICES[verb], BAD_CHOICES[what])
        return
    check_refused(refusal(CHOICES[verb], BAD_CHOICES[what]), verb.split()[1], "")


@cells(WITH_OUT, BAD_OUTS)
def test_a_bad_out_is_refused(verb, what):
    check_refused(refusal(WITH_OUT[verb], BAD_OUTS[what]), "out", "got")


@pytest.mark.parametrize("verb", WITH_OUT)
def test_an_out_that_cannot_be_written_to_is_refused_and_one_that_fits_is_used(verb):
    wanted = WITH_OUT[verb](None)
    out = np.full_like(wanted, 1)
    assert WITH_OUT[verb](out) is out
    assert np.array_equal(out, wanted)
    assert "read-only" in refusal(WITH_OUT[verb], read_only(np.zeros_like(wanted)))
