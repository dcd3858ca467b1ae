"""Every public verb times every bad or odd picture, mask and hint: a clear refusal or a sane answer.

What a refusal and a sane answer are held to is in `held_to`.
"""

import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from held_to import H, W, answer, arrays, cells, check_refused, check_sane, grey, read_only, refusal, scene
from PIL import Image

import maskkit as mk
from maskkit import backdrop, masks
from maskkit.engines import chroma, classical, hints


def with_value(array: np.ndarray, value: float) -> np.ndarray:
    array[tuple(side // 2 for side in array.shape)] = value
    return array


# ---- what comes: odd pictures are answered, bad ones are refused with a word on what they are -------------

ODD_PHOTOS: dict[str, Any] = {
    "1x1": scene(1, 1),
    "1x1 float": scene(1, 1, np.float32),
    "1x1 alpha": scene(1, 1, channels=4),
    "2x1": scene(1, 2),
    "7x9": scene(9, 7),
    "3x5000": scene(5000, 3),
    "5000x3": scene(3, 5000),
    "5000x1": scene(1, 5000),
    "black": np.zeros((H, W, 3), np.uint8),
    "white": np.full((H, W, 3), 255, np.uint8),
    "one colour": np.full((H, W, 3), (10, 200, 30), np.uint8),
    "one colour float": np.full((H, W, 3), 0.3),
    "alpha": scene(H, W, channels=4),
    "alpha 0": scene(H, W, channels=4) * np.array([1, 1, 1, 0], np.uint8),
    "alpha float": scene(H, W, np.float32, channels=4),
    "bool": scene(H, W, np.bool_),
    "uint16": scene(H, W, np.uint16),
    "float32": scene(H, W, np.float32),
    "float64": scene(H, W, np.float64),
    "minus zero": np.full((H, W, 3), -0.0, np.float32),
    "denormal": np.full((H, W, 3), 1e-42, np.float32),
    "read-only": read_only(scene(H, W)),
    "mirrored view": scene(H, W)[::-1, ::-1],
    "every other pixel": scene(2 * H, 2 * W)[::2, ::2],
    "Fortran order": np.asfortranarray(scene(H, W, np.float32)),
    "channels first, seen last": np.ascontiguousarray(scene(H, W).transpose(2, 0, 1)).transpose(1, 2, 0),
}

BAD_VALUES: dict[str, tuple[float, str]] = {
    "NaN": (np.nan, "NaN"),
    "inf": (np.inf, "infinite"),
    "-inf": (-np.inf, "infinite"),
    "255 as float": (255.0, "255"),
    "a little over": (1.01, "1.01"),
    "below 0": (-0.1, "-0.1"),
}

BAD_PHOTOS: dict[str, tuple[Any, str]] = {
    **{
        name: (with_value(scene(H, W, np.float32), value), came) for name, (value, came) in BAD_VALUES.items()
    },
    "NaN in float64": (with_value(scene(H, W, np.float64), np.nan), "NaN"),
    "NaN in alpha": (np.dstack([scene(H, W, np.float32), np.full((H, W), np.nan, np.float32)]), "NaN"),
    "all NaN": (np.full((H, W, 3), np.nan, np.float32), "NaN"),
    "2-D": (scene(H, W)[..., 0], "(24, 32)"),
    "2-D float": (scene(H, W, np.float32)[..., 0], "(24, 32)"),
    "1-D": (scene(1, W)[0, :, 0], "(32,)"),
    "0-D": (np.array(3, np.uint8), "()"),
    "4-D": (scene(H, W)[None], "(1, 24, 32, 3)"),
    "1 channel": (scene(H, W)[..., :1], "(24, 32, 1)"),
    "2 channels": (scene(H, W)[..., :2], "(24, 32, 2)"),
    "5 channels": (np.zeros((H, W, 5), np.uint8), "(24, 32, 5)"),
    "channels first": (scene(H, W).transpose(2, 0, 1), "(3, 24, 32)"),
    "no rows": (np.zeros((0, W, 3), np.uint8), "(0, 32, 3)"),
    "no columns": (np.zeros((H, 0, 3), np.float32), "(24, 0, 3)"),
    "no channels": (np.zeros((H, W, 0), np.float32), "(24, 32, 0)"),
    "nothing": (np.zeros(0), "(0,)"),
    "int64": (scene(H, W).astype(np.int64), "int64"),
    "int8": (np.zeros((H, W, 3), np.int8), "int8"),
    "uint32": (scene(H, W).astype(np.uint32), "uint32"),
    "float16": (scene(H, W, np.float32).astype(np.float16), "float16"),
    "complex": (scene(H, W).astype(complex), "complex128"),
    "object": (scene(H, W).astype(object), "object"),
    "text": (np.full((H, W, 3), "a"), "<U1"),
    "big-endian": (scene(H, W, np.uint16).astype(">u2"), ">u2"),
    "None": (None, "None"),
    "a number": (5, "int"),
    "a list": (scene(2, 2).tolist(), "list"),
}

ODD_MASKS: dict[str, Any] = {
    "all 0": np.zeros((H, W), np.uint8),
    "all 255": np.full((H, W), 255, np.uint8),
    "all 1": np.full((H, W), 1, np.uint8),
    "all 128": np.full((H, W), 128, np.uint8),
    "one pixel": with_value(np.zeros((H, W), np.uint8), 255),
    "a corner pixel": np.pad(np.full((1, 1), 255, np.uint8), ((0, H - 1), (0, W - 1))),
    "a hole": with_value(np.full((H, W), 255, np.uint8), 0),
    "pixels apart": np.indices((H, W)).sum(axis=0).astype(np.uint8) % 2 * 255,
    "bool": grey(H, W, np.bool_),
    "bool, nothing": np.zeros((H, W), np.bool_),
    "uint16": grey(H, W, np.uint16),
    "float32": grey(H, W, np.float32),
    "float64": grey(H, W, np.float64),
    "float, all 0": np.zeros((H, W), np.float32),
    "float, all 1": np.ones((H, W)),
    "minus zero": np.full((H, W), -0.0, np.float32),
    "denormal": np.full((H, W), 1e-42, np.float32),
    "read-only": read_only(grey(H, W)),
    "mirrored view": grey(H, W)[::-1, ::-1],
    "Fortran order": np.asfortranarray(grey(H, W, np.float32)),
}

BAD_MASKS: dict[str, tuple[Any, str]] = {
    **{name: (with_value(grey(H, W, np.float32), value), came) for name, (value, came) in BAD_VALUES.items()},
    "2 channels": (np.dstack([grey(H, W)] * 2), "(24, 32, 2)"),
    "1-D": (grey(1, W)[0], "(32,)"),
    "0-D": (np.array(1.0), "()"),
    "4-D": (grey(H, W)[None, None], "(1, 1, 24, 32)"),
    "no rows": (np.zeros((0, W), np.float32), "(0, 32)"),
    "no columns": (np.zeros((H, 0), np.uint8), "(24, 0)"),
    "int64": (grey(H, W).astype(np.int64), "int64"),
    "float16": (grey(H, W, np.float32).astype(np.float16), "float16"),
    "object": (grey(H, W).astype(object), "object"),
    "big-endian": (grey(H, W, np.float32).astype(">f4"), ">f4"),
    "a number": (1, "int"),
    "a list": (grey(2, 2).tolist(), "list"),
}

OTHER_SIZES = {"other size": grey(H + 1, W), "swapped": grey(W, H), "1x1": grey(1, 1)}


# ---- verbs ------------------------------------------------------------------------------------------------


class Verb(NamedTuple):
    """A call, and what it is to give: shape and dtype of each array in it, as functions of what came."""

    call: Callable[..., Any]
    gives: Callable[..., list[tuple[tuple[int, ...], Any]]]
    names: str = "image"  # the argument that a refusal names
    refuses: frozenset[str] = frozenset()  # odd inputs that it has a reason to refuse
    takes: frozenset[str] = frozenset()  # bad inputs that it has a use for
    over: float = 0  # by how much its answer may leave 0-1, where its docstring says that it may


def size(array: Any) -> tuple[int, int]:
    """Height and width of a partner: those of the array where it has them."""
    fits = isinstance(array, np.ndarray) and array.ndim >= 2 and array.size
    return array.shape[:2] if fits else (H, W)


def same(array: np.ndarray, *_: Any) -> list[Any]:
    return [(array.shape, array.dtype)]


def rgba(array: np.ndarray, *_: Any) -> list[Any]:
    return [((*array.shape[:2], 4), array.dtype)]


def soft(array: np.ndarray, *_: Any) -> list[Any]:
    return [(array.shape[:2], np.float32)]


def light(array: np.ndarray) -> list[Any]:
    return [(array.shape, np.float64 if array.dtype == np.float64 else np.float32)]


def wider(array: np.ndarray, *_: Any) -> list[Any]:
    return [((*array.shape[:2], 3), np.result_type(array, np.uint8))]


def opaque(array: np.ndarray) -> list[Any]:
    return [((*array.shape[:2], 3), array.dtype)]


def nothing(*_: Any) -> list[Any]:
    return []


HAS_ALPHA = frozenset(name for name, photo in ODD_PHOTOS.items() if photo.shape[2] == 4)
GREY = frozenset({"2-D", "2-D float", "1 channel"})
NO_ALPHA = frozenset(ODD_PHOTOS) - HAS_ALPHA
FIXED = scene(H, W)


def other(photo: Any, channels: int = 3, dtype: Any = np.uint8) -> np.ndarray:
    return scene(*size(photo), dtype, channels)


def its_mask(photo: Any) -> np.ndarray:
    return grey(*size(photo))


def session(photo: Any) -> Any:
    height, width = size(photo)
    begun = mk.Session(photo).box(0, 0, max(1, width // 2), height)
    return begun.keep(0, 0).drop(width - 1, height - 1).undo().estimate


def trimap_of(photo: Any) -> np.ndarray:
    """One black pixel, grey ones, and white from the 256th on, or the last."""
    height, width = size(photo)
    place = np.arange(height * width).reshape(height, width)
    return np.where(place < 1, 0, np.where(place >= min(256, place.size - 1), 255, 128)).astype(np.uint8)


def written(photo: Any, kind: str) -> bytes:
    file = io.BytesIO()
    mk.write(file, photo, format=kind)
    return file.getvalue()


OF_PHOTO = {
    "classical": Verb(classical, soft),
    "chroma": Verb(chroma, soft),
    "chroma of a colour": Verb(lambda p: chroma(p, "#00b140"), soft),
    "chroma of a plate": Verb(lambda p: chroma(p, other(p)), soft),
    "chroma's plate": Verb(lambda p: chroma(other(p), p), soft, "screen", takes=frozenset({"None"})),
    "chroma_key": Verb(mk.chroma_key, rgba),
    "estimate": Verb(lambda p: mk.estimate(p, "classical"), soft),
    "estimate, chroma": Verb(lambda p: mk.estimate(p, "chroma"), soft),
    "fetch_mask": Verb(lambda p: mk.fetch_mask(p, "classical"), lambda p: [(p.shape[:2], np.uint8)]),
    "fetch_mask, binary": Verb(
        lambda p: mk.fetch_mask(p, "classical", mask_type="binary"), lambda p: [(p.shape[:2], np.uint8)]
    ),
    "hints": Verb(lambda p: hints(p, keep=[(0, 0)], drop=[]), soft),
    "hints, box": Verb(lambda p: hints(p, box=(0, 0, 1, 1)), soft),
    "Session": Verb(session, soft),
    "two_plate": Verb(
        lambda p: mk.two_plate(p, other(p), "black", "white"),
        lambda p: [(p.shape[:2], np.float32), ((*p.shape[:2], 3), np.float32)],
        "image_on_a",
        HAS_ALPHA,
    ),
    "two_plate, linear": Verb(
        lambda p: mk.two_plate(other(p), p, "black", "white", linear=True),
        lambda p: [(p.shape[:2], np.float32), ((*p.shape[:2], 3), np.float32)],
        "image_on_b",
        HAS_ALPHA,
    ),
    "two_plate's plate": Verb(
        lambda p: mk.two_plate(other(p), other(p), p, "#ff00ff"),
        lambda p: [(p.shape[:2], np.float32), ((*p.shape[:2], 3), np.float32)],
        "plate_a",
    ),
    "refine, edge": Verb(lambda p: mk.refine(p, its_mask(p)), lambda p: [(p.shape[:2], p.dtype)]),
    "refine, edge, radius": Verb(
        lambda p: mk.refine(p, its_mask(p), radius=40, smooth=1, feather=1, contrast=0.5, shift_edge=-1),
        lambda p: [(p.shape[:2], p.dtype)],
    ),
    "refine, hair": Verb(lambda p: mk.refine(p, its_mask(p), "hair"), lambda p: [(p.shape[:2], p.dtype)]),
    "refine, trimap": Verb(
        lambda p: mk.refine(p, trimap_of(p), "trimap"),
        lambda p: [(p.shape[:2], p.dtype)],
        refuses=frozenset({"1x1", "1x1 float", "1x1 alpha"}),
    ),
    "guided_filter": Verb(lambda p: mk.guided_filter(p, its_mask(p), 2), soft, "guide", takes=GREY, over=0.5),
    "guided_filter, coarse": Verb(
        lambda p: mk.guided_filter(p, its_mask(p), 9, subsample=4), soft, "guide", takes=GREY, over=0.5
    ),
    "decontaminate": Verb(lambda p: mk.decontaminate(p, its_mask(p)), same),
    "decontaminate, linear": Verb(lambda p: mk.decontaminate(p, its_mask(p), 0.5, linear=True), same),
    "despill": Verb(mk.despill, same),
    "extend_edge": Verb(lambda p: mk.extend_edge(p, its_mask(p)), same),
    "light_wrap": Verb(lambda p: mk.light_wrap(p, other(p)), same, "foreground", NO_ALPHA),
    "light_wrap's backdrop": Verb(
        lambda p: mk.light_wrap(other(p, 4), p), lambda p: [((*p.shape[:2], 4), np.uint8)], "backdrop"
    ),
    "apply_mask": Verb(lambda p: mk.apply_mask(p, its_mask(p)), rgba),
    "cutout": Verb(lambda p: mk.cutout(p, its_mask(p)), rgba),
    "cutout, refined": Verb(lambda p: mk.cutout(p, its_mask(p), refine="hair", decontaminate=1), rgba),
    "cutout, edited": Verb(lambda p: mk.cutout(p, its_mask(p), threshold=0.5, grow=-2, feather=3), rgba),
    "cutout, estimated": Verb(lambda p: mk.cutout(p, source="classical"), rgba),
    "cutout, binary": Verb(lambda p: mk.cutout(p, source="classical", mask_type="binary"), rgba),
    "cutout, keyed": Verb(lambda p: mk.cutout(p, source="chroma", linear_edge=True), rgba),
    "cutout's backdrop": Verb(lambda p: mk.cutout(FIXED, grey(H, W)).over(p).pixels, nothing, "backdrop"),
    "over colour": Verb(lambda p: mk.cutout(p, its_mask(p)).over("white").pixels, opaque),
    "over blur": Verb(lambda p: mk.cutout(p, its_mask(p)).over("blur:3").pixels, opaque),
    "place": Verb(lambda p: mk.cutout(p, its_mask(p)).place((9, 9)), lambda p: [((9, 9, 4), p.dtype)]),
    "inspect": Verb(mk.inspect, nothing, "cutout", NO_ALPHA),
    "inspect's original": Verb(
        lambda p: mk.inspect(other(p, 4), p), nothing, "original", takes=frozenset({"None"})
    ),
    "over": Verb(lambda p: mk.over(p, other(p)), wider, "foreground"),
    "over's backdrop": Verb(
        lambda p: mk.over(other(p), p), lambda p: [(p.shape, np.result_type(p, np.uint8))], "backdrop"
    ),
    "porter_duff": Verb(
        lambda p: [mk.porter_duff(p, other(p, 4), operator) for operator in mk.PORTER_DUFF],
        lambda p: [((*p.shape[:2], 4), np.result_type(p, np.uint8))] * len(mk.PORTER_DUFF),
        "foreground",
    ),
    "composite": Verb(lambda p: mk.composite(p, other(p), its_mask(p)), wider, "foreground"),
    "composite, linear": Verb(
        lambda p: mk.composite(p, other(p), linear=True, opacity=0.3), wider, "foreground"
    ),
    "composite's backdrop": Verb(
        lambda p: mk.composite(FIXED, p, offset=(-3, 2)),
        lambda p: [(p.shape, np.result_type(p, np.uint8))],
        "backdrop",
    ),
    "blend modes": Verb(
        lambda p: [mk.composite(p, other(p), mode=mode) for mode in mk.BLEND_MODES],
        lambda p: wider(p) * len(mk.BLEND_MODES),
        "foreground",
    ),
    "premultiply": Verb(mk.premultiply, rgba),
    "unpremultiply": Verb(mk.unpremultiply, same, "image_pre", NO_ALPHA),
    "srgb_to_linear": Verb(mk.srgb_to_linear, light),
    "linear_to_srgb": Verb(mk.linear_to_srgb, same, "light"),
    "from_bgr": Verb(mk.from_bgr, same),
    "to_bgr": Verb(mk.to_bgr, same),
    "contact_sheet": Verb(lambda p: mk.contact_sheet([p, p]), nothing, "pictures", takes=GREY),
    "encode": Verb(lambda p: mk.read(mk.encode(p, "png")).pixels, nothing, "picture", takes=GREY),
    "write": Verb(lambda p: mk.read(written(p, "tiff")).pixels, nothing, "picture", takes=GREY),
    "backdrop.image": Verb(
        lambda p: backdrop.image(p, (9, 7)), lambda p: [((7, 9, p.shape[2]), p.dtype)], "picture"
    ),
    "backdrop.blur": Verb(lambda p: backdrop.blur(p, 2, its_mask(p)), same, "photo"),
    "backdrop.shadow": Verb(lambda p: backdrop.shadow(p, its_mask(p)), same, "backdrop"),
}

BOOL = frozenset({"bool", "bool, nothing"})


def of_mask(call: Callable[..., Any], *options: Any, name: str = "mask", refuses: Any = ()) -> Verb:
    """A verb of masks: from a mask to one of the same size and dtype."""
    return Verb(lambda m: call(m, *options), same, name, frozenset(refuses))


PHOTO = scene(H, W)
ON_PHOTO = {"gives": lambda m: [((H, W), np.uint8)], "names": "mask"}
CUTOUT = {"gives": lambda m: [((H, W, 4), np.uint8)], "names": "mask"}

OF_MASK = {
    "threshold": of_mask(mk.threshold),
    "levels": of_mask(mk.levels, 0.2, 0.9, 2.2),
    "invert": of_mask(mk.invert),
    "feather": of_mask(mk.feather, 2, refuses=BOOL),
    "feather, far": of_mask(mk.feather, 1000, refuses=BOOL),
    "feather inside": of_mask(mk.feather, 2, "inside", refuses=BOOL),
    "feather outside": of_mask(mk.feather, 2, "outside", refuses=BOOL),
    "grow": of_mask(mk.grow, 2.5, refuses=BOOL),
    "grow, far": of_mask(mk.grow, 1000),
    "shrink": of_mask(mk.shrink, 2.5, refuses=BOOL),
    "shrink, far": of_mask(mk.shrink, 1000),
    "smooth": of_mask(mk.smooth, 2, refuses=BOOL),
    "keep_largest": of_mask(mk.keep_largest),
    "fill_holes": of_mask(mk.fill_holes),
    "bounding_box": Verb(mk.bounding_box, nothing, "mask"),
    "trimap": Verb(lambda m: mk.trimap(m, 2), **ON_PHOTO),
    "resize": Verb(lambda m: masks.resize(m, (5, 7)), lambda m: [((7, 5), m.dtype)], "mask"),
    "adjust": Verb(
        lambda m: mk.adjust(m, threshold=0.5, grow=-1.5, feather=2),
        lambda m: [(m.shape, np.uint8 if m.dtype == bool else m.dtype)],
        "mask",
    ),
    "combine": Verb(
        lambda m: [mk.combine(m, grey(*size(m)), how) for how in masks.tone.COMBINE],
        lambda m: same(m) * 4,
        "a",
    ),
    "combine's other": Verb(
        lambda m: [mk.combine(grey(H, W), m, how) for how in masks.tone.COMBINE],
        lambda m: [((H, W), np.uint8)] * 4,
        "b",
    ),
    "contact_sheet": Verb(lambda m: mk.contact_sheet([m]), nothing, "pictures"),
    "encode": Verb(lambda m: mk.read_mask(mk.encode(m, "png")), nothing, "picture"),
    "write": Verb(lambda m: mk.read_mask(written(m, "tiff")), nothing, "picture"),
}
ONE_LEVEL = [name for name, mask in ODD_MASKS.items() if (mask == mask[0, 0]).all()]
WITH_PHOTO = {
    "apply_mask": Verb(lambda m: mk.apply_mask(PHOTO, m), **CUTOUT),
    "cutout": Verb(lambda m: mk.cutout(PHOTO, m), **CUTOUT),
    "cutout, edge": Verb(lambda m: mk.cutout(PHOTO, m, refine="edge", decontaminate=1), **CUTOUT),
    "cutout, hints": Verb(lambda m: mk.cutout(PHOTO, m, keep=[(3, 3)]), **CUTOUT),
    "refine, edge": Verb(lambda m: mk.refine(PHOTO, m), **ON_PHOTO),
    "refine, edge, options": Verb(
        lambda m: mk.refine(PHOTO, m, radius=4, smooth=1, feather=2, contrast=0.5, shift_edge=1), **ON_PHOTO
    ),
    "refine, hair": Verb(lambda m: mk.refine(PHOTO, m, "hair"), **ON_PHOTO),
    "refine, hair, radius": Verb(lambda m: mk.refine(PHOTO, m, "hair", radius=1), **ON_PHOTO),
    "refine, trimap": Verb(
        lambda m: mk.refine(PHOTO, m, "trimap"),
        lambda m: [((H, W), np.uint8)],
        "(mask|trimap)",
        frozenset(ONE_LEVEL),
    ),
    "guided_filter": Verb(
        lambda m: mk.guided_filter(PHOTO, m, 3), lambda m: [((H, W), np.float32)], "mask", over=0.5
    ),
    "decontaminate": Verb(lambda m: mk.decontaminate(PHOTO, m), lambda m: same(PHOTO), "mask"),
    "decontaminate, linear": Verb(
        lambda m: mk.decontaminate(PHOTO, m, linear=True), lambda m: same(PHOTO), "mask"
    ),
    "extend_edge": Verb(lambda m: mk.extend_edge(PHOTO, m), lambda m: same(PHOTO), "mask"),
    "composite": Verb(lambda m: mk.composite(PHOTO, PHOTO, m), lambda m: same(PHOTO), "mask"),
    "composite, mode": Verb(
        lambda m: mk.composite(PHOTO, PHOTO, m, mode="soft-light", linear=True), lambda m: same(PHOTO), "mask"
    ),
    "hints": Verb(lambda m: hints(PHOTO, mask=m, keep=[(16, 12)]), lambda m: [((H, W), m.dtype)], "mask"),
    "Session": Verb(
        lambda m: mk.Session(PHOTO, m).drop(0, 0).estimate, lambda m: [((H, W), m.dtype)], "mask"
    ),
    "backdrop.blur": Verb(lambda m: backdrop.blur(PHOTO, 2, m), lambda m: same(PHOTO), "mask"),
    "backdrop.shadow": Verb(lambda m: backdrop.shadow(PHOTO, m), lambda m: same(PHOTO), "mask"),
    "inspect": Verb(lambda m: mk.inspect(mk.apply_mask(PHOTO, m), PHOTO), lambda m: [], "mask"),
}


def try_odd(verb: Verb, what: str, value: Any) -> None:
    if what in verb.refuses:
        check_refused(refusal(verb.call, value), r"\w+", "")
        return
    check_sane(answer(verb.call, value), verb.gives(value), verb.over)


@cells(OF_PHOTO, ODD_PHOTOS)
def test_an_odd_photo_is_answered(verb, what):
    try_odd(OF_PHOTO[verb], what, ODD_PHOTOS[what])


@cells(OF_PHOTO, BAD_PHOTOS)
def test_a_bad_photo_is_refused(verb, what):
    (photo, came), asked = BAD_PHOTOS[what], OF_PHOTO[verb]
    if what in asked.takes:
        check_sane(answer(asked.call, photo), [], asked.over)
        return
    check_refused(refusal(asked.call, photo), asked.names, came)


@cells(OF_MASK | WITH_PHOTO, ODD_MASKS)
def test_an_odd_mask_is_answered(verb, what):
    try_odd((OF_MASK | WITH_PHOTO)[verb], what, ODD_MASKS[what])


@cells(OF_MASK | WITH_PHOTO, BAD_MASKS)
def test_a_bad_mask_is_refused(verb, what):
    mask, came = BAD_MASKS[what]
    chosen = (OF_MASK | WITH_PHOTO)[verb]
    check_refused(refusal(chosen.call, mask), chosen.names, came)


@cells(WITH_PHOTO, OTHER_SIZES)
def test_a_mask_of_another_size_is_refused(verb, what):
    mask = OTHER_SIZES[what]
    text = refusal(WITH_PHOTO[verb].call, mask)
    check_refused(text, WITH_PHOTO[verb].names, f"{mask.shape[1]}x{mask.shape[0]}")
    assert f"{W}x{H}" in text


# ---- pictures and masks that are no arrays ----------------------------------------------------------------

SECRET = "0123456789abcdef" * 4
BAD_FILES: dict[str, Callable[[Any], Any]] = {
    "NUL in a path": lambda folder: f"{folder}/a\0b.png",
    "line break in a path": lambda folder: folder / "a\nb.png",
    "missing": lambda folder: folder / "missing.png",
    "missing, as text": lambda folder: str(folder / "missing.png"),
    "a directory": lambda folder: folder,
    "a text file": lambda folder: folder / "text.png",
    "an empty file": lambda folder: folder / "empty.png",
    "a Photoshop file": lambda folder: folder / "layers.psd",
    "a name as long as a file": lambda folder: "name" * 5000,
    "a URL": lambda folder: f"https://store.example/photo.png?X-Amz-Signature={SECRET}",
    "a URL taken for a path": lambda folder: Path(f"https://store.example/photo.png?sig={SECRET}"),
    "empty bytes": lambda folder: b"",
    "text as bytes": lambda folder: bytearray(b"some text"),
    "a closed file": lambda folder: closed(io.BytesIO(b"GIF89a")),
    "a file of text": lambda folder: io.StringIO("text"),
    "a file open as text": lambda folder: (folder / "text.png").open(),
    "a file to write to": lambda folder: (folder / "new.png").open("wb"),
    "a file that breaks off": lambda folder: BreaksOff(),
    "a class": lambda folder: io.BytesIO,
    "an int": lambda folder: 42,
    "a list of paths": lambda folder: ["a.png"],
}


class BreaksOff:
    def read(self) -> bytes:
        raise RuntimeError(f"line one\nGET https://store.example/a?sig={SECRET}")


def closed(file: Any) -> Any:
    file.close()
    return file


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("bad")
    (folder / "text.png").write_text("this is no picture\n")
    (folder / "empty.png").touch()
    (folder / "layers.psd").write_bytes(b"8BPS\0\1" + bytes(60))
    return folder


def refused_file(verb: Verb, what: str, folder: Any) -> None:
    given = BAD_FILES[what](folder)
    try:
        text = refusal(verb.call, given)
    finally:
        if isinstance(given, io.IOBase):
            given.close()
    assert re.match(rf"{verb.names}:? ", text), text
    assert SECRET not in text
    assert len(text) < 600


@cells(OF_PHOTO, BAD_FILES)
def test_a_bad_file_for_a_photo_is_refused(verb, what, folder):
    refused_file(OF_PHOTO[verb], what, folder)


@cells(OF_MASK | WITH_PHOTO, BAD_FILES)
def test_a_bad_file_for_a_mask_is_refused(verb, what, folder):
    refused_file((OF_MASK | WITH_PHOTO)[verb], what, folder)


class Rewound(io.BytesIO):
    """A file for verbs that are called more than once with it."""

    def read(self, *size: Any) -> bytes:
        self.seek(0)
        return super().read(*size)


FORMS: dict[str, Callable[[np.ndarray, Any], Any]] = {
    "a path": lambda array, path: path,
    "text": lambda array, path: str(path),
    "bytes": lambda array, path: path.read_bytes(),
    "bytearray": lambda array, path: bytearray(path.read_bytes()),
    "memoryview": lambda array, path: memoryview(path.read_bytes()),
    "a file": lambda array, path: Rewound(path.read_bytes()),
    "PIL": lambda array, path: Image.fromarray(array),
    "Picture": lambda array, path: mk.Picture(array if array.ndim == 3 else np.dstack([array] * 3)),
}
ARRAYS_ONLY = {"classical", "from_bgr", "to_bgr"}  # below the codec
PICTURES = {name: verb for name, verb in OF_PHOTO.items() if name not in ARRAYS_ONLY}


def check_same(call: Callable[..., Any], form: Any, array: np.ndarray) -> None:
    got, want = arrays(answer(call, form)), arrays(answer(call, array))
    assert len(got) == len(want)
    for one, other in zip(got, want, strict=True):
        assert one.dtype == other.dtype
        np.testing.assert_array_equal(one, other)


# One door: a path is tried on every verb, the other forms on the quick ones.
QUICK = ("apply_mask", "over", "composite", "cutout", "encode", "write", "invert", "trimap", "inspect")


def with_forms(verbs: dict[str, Verb]) -> Any:
    pairs = [(verb, what) for verb in verbs for what in FORMS if what == "a path" or verb in QUICK]
    return pytest.mark.parametrize(("verb", "what"), pairs, ids=[f"{verb} - {what}" for verb, what in pairs])


@with_forms(PICTURES)
def test_a_picture_in_any_form_is_as_good_as_its_array(verb, what, tmp_path):
    array = scene(H, W, channels=4 if "uint16" in PICTURES[verb].refuses else 3)
    mk.write(tmp_path / "photo.png", array)
    check_same(PICTURES[verb].call, FORMS[what](array, tmp_path / "photo.png"), array)


@pytest.mark.parametrize("verb", [name for name, one in PICTURES.items() if "alpha" not in one.refuses])
def test_a_cutout_is_as_good_as_its_pixels(verb):
    subject = mk.cutout(scene(H, W), grey(H, W))
    check_same(PICTURES[verb].call, subject, subject.pixels)


@with_forms(OF_MASK | WITH_PHOTO)
def test_a_mask_in_any_form_is_as_good_as_its_array(verb, what, tmp_path):
    array = trimap_of(scene(H, W)) if verb == "refine, trimap" else grey(H, W)
    mk.write(tmp_path / "mask.png", array)
    check_same((OF_MASK | WITH_PHOTO)[verb].call, FORMS[what](array, tmp_path / "mask.png"), array)


@cells(OF_MASK | WITH_PHOTO, {"(H, W, 1)": np.s_[..., None], "(1, H, W)": np.s_[None]})
def test_an_axis_too_many_is_taken_away(verb, what):
    array = trimap_of(scene(H, W)) if verb == "refine, trimap" else grey(H, W)
    axis = {"(H, W, 1)": np.s_[..., None], "(1, H, W)": np.s_[None]}[what]
    call = (OF_MASK | WITH_PHOTO)[verb].call if verb != "combine" else lambda m: mk.combine(m, grey(H, W))
    check_same(call, array[axis], array)


@pytest.mark.parametrize(
    "verb", [name for name, one in (OF_MASK | WITH_PHOTO).items() if "picture" not in one.names]
)
def test_a_cutout_given_as_a_mask_is_its_alpha(verb):
    subject = mk.cutout(scene(H, W), trimap_of(scene(H, W)) if verb == "refine, trimap" else grey(H, W))
    check_same((OF_MASK | WITH_PHOTO)[verb].call, subject, subject.alpha)


def test_an_estimate_given_as_a_mask_is_its_alpha():
    found = mk.estimate(PHOTO, "classical")
    check_same(lambda m: mk.apply_mask(PHOTO, m), found, found.alpha)


def test_a_file_object_of_a_backdrop_is_read_once():
    screen = np.full((H, W, 3), (10, 200, 30), np.uint8)
    file = io.BytesIO(mk.encode(screen, "png"))
    np.testing.assert_array_equal(mk.chroma_key(PHOTO, file), mk.chroma_key(PHOTO, screen))


@pytest.mark.parametrize("call", [mk.estimate, mk.fetch_mask, mk.cutout])
def test_a_file_object_is_read_once_by_engine_and_hints_together(call):
    file = io.BytesIO(mk.encode(PHOTO, "png"))
    check_sane(answer(lambda: call(file, source="classical", keep=[(16, 12)], drop=[(0, 0)])), [])
