"""How reliable the confidence of hinted masks is, for each kind of hint.

    python tests/benchmarks/hint_reliability.py FOLDER [--every 2]

FOLDER holds ``name.jpg`` with ``name.mask.png``. Every photo is hinted by a box, up to 10% wider than
its true one, and three points after it; by three points alone; and by one stroke in the largest wrong
part. Needs scikit-learn.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from fit_hints import wide_box
from fit_network import reliability
from segmentation import next_click, overlap, photos

import maskkit as mk

Row = tuple[str, float, float]  # the kind of hint, the confidence, the IoU
KINDS = ("box", "box and points", "points", "stroke")


def rows_of(photo: np.ndarray, truth: np.ndarray, box: tuple[slice, slice]) -> Iterator[Row]:
    def now(kind: str) -> Row:
        found = session.estimate
        return kind, found.confidence or 0.0, overlap(found.alpha >= 0.5, truth)

    session = mk.Session(photo).box(box[1].start, box[0].start, box[1].stop, box[0].stop)
    yield now("box")
    for kind in ("box and points", "points"):
        if kind == "points":
            session = mk.Session(photo)
        for _ in range(3):
            x, y, missing = next_click(session.alpha >= 0.5, truth)
            (session.keep if missing else session.drop)(x, y)
            yield now(kind)
    session = mk.Session(photo)
    wrong, missing = stroke(session.alpha >= 0.5, truth)
    session.paint(*((wrong, None) if missing else (None, wrong)))
    yield now("stroke")


def stroke(mask: np.ndarray, truth: np.ndarray) -> tuple[np.ndarray, bool]:
    """A short level line in the largest wrong part, and whether that is missing."""
    x, y, missing = next_click(mask, truth)
    thick, painted = max(3, max(truth.shape) // 60), np.zeros(truth.shape, bool)
    painted[max(0, y - thick) : y + thick, max(0, x - 4 * thick) : x + 4 * thick] = True
    painted &= (mask != truth) & (truth == missing)
    painted[y, x] = True
    return painted, missing


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--every", type=int, default=1, help="only one photo of so many")
    asked = parser.parse_args()
    rows: list[Row] = []
    for number, (_, photo, truth) in enumerate(photos(asked.folder, None)):
        if number % asked.every == 0:
            rows += rows_of(photo, truth, wide_box(truth, np.random.default_rng([7, number])))
    for kind in KINDS:
        said, iou = np.array([row[1:] for row in rows if row[0] == kind]).T
        print(kind, len(iou))
        reliability(said, iou)


if __name__ == "__main__":
    main()
