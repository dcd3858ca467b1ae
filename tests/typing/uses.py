"""Uses of maskkit that are right: mypy and pyright have to find nothing here. Nobody calls these."""

from pathlib import Path
from typing import Any, assert_type

import numpy as np
from numpy.typing import NDArray

import maskkit as mk


def from_photo_to_file(photo: Path, mask: NDArray[np.uint8]) -> None:
    cut = mk.cutout(photo, mask, feather=1.5, grow=-1, refine="edge", decontaminate=1.0)
    assert_type(cut, mk.Cutout)
    assert_type(cut.over("white"), mk.Picture)
    assert_type(cut.over("white", shadow="contact", outline=4, glow={"radius": 9}), mk.Picture)
    assert_type(cut.trim(2).place((640, 480), (0.5, 1)), mk.Cutout)
    assert_type(cut.size, tuple[int, int])
    cut.save("cutout.png", hidden="clear")
    cut.save(photo.with_suffix(".webp"), hidden="extend", quality=90)


def estimated_and_hinted(photo: bytes) -> None:
    mk.cutout(photo, box=(10, 10, 90, 90), keep=[(20, 20)], drop=[(1, 1)])
    mk.cutout(photo, source="classical")
    assert_type(mk.estimate(photo), mk.Estimate)
    assert_type(mk.inspect(mk.cutout(photo)), mk.Inspection)


def composited(photo: NDArray[np.uint8], beach: NDArray[np.uint8], mask: NDArray[np.uint8]) -> NDArray[Any]:
    shaded = mk.backdrop.shadow(beach, mask, offset=(4, 9), radius=7.5, color="#223", opacity=0.3)
    mk.backdrop.gradient(["white", "rgb(20 30 40)"], (640, 480), angle=90)
    mk.backdrop.image(mk.backdrop.solid("white", (8, 8)), (640, 480), "contain")
    mk.backdrop.blur(photo, 20.0, mask)
    return mk.composite(photo, shaded, mask, mode="multiply", opacity=0.5, linear=True, offset=(3, -2))


def edited(mask: NDArray[np.float32]) -> NDArray[Any]:
    return mk.masks.adjust(mk.levels(mk.fill_holes(mask), 0.1, 0.9), grow=2.0, feather=1.0)


def ordered(photo: bytes) -> None:
    with mk.MaskClient(base_url="https://masks.example", api="v2", token="word", deadline=60.0) as service:
        job = service.submit(photo, kind="mask")
        assert_type(job, mk.Job)
        service.wait(job, deadline=30)
        service.dry_run(photo)["request"]
