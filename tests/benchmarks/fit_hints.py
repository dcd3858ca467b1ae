"""Fits the weights of the marks by which guesses in a box are voted.

    python tests/benchmarks/fit_hints.py FOLDER [--cache looks.pkl]

FOLDER holds ``name.jpg`` with ``name.mask.png``. Every photo counts twice: with what the network says, and
with a network that finds only a part of the subject, on one side of a random line through it; for on photos
that a network was made for it is right too often for the other marks to be heard. Boxes are those of the
true masks, wider by up to 10%.
"""

from __future__ import annotations

import argparse
import pickle
from pathlib import Path

import cv2
import numpy as np
from segmentation import overlap, photos

from maskkit.engines.belief import believed, box_looks
from maskkit.engines.box import _SIDE, around
from maskkit.engines.box_guesses import guesses
from maskkit.engines.box_ranking import BOX_MARKS, box_marks
from maskkit.engines.reduced import reduced
from maskkit.engines.seen import seen
from maskkit.engines.windows import whole

_FOLDS = 5


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--cache", type=Path, help="where the network's maps are kept from run to run")
    asked = parser.parse_args()
    rng = np.random.default_rng(7)
    cases = []
    maps = pickle.loads(asked.cache.read_bytes()) if asked.cache and asked.cache.exists() else {}
    for name, photo, truth in photos(asked.folder, None):
        box = wide_box(truth, rng)
        if name not in maps:
            maps[name] = looks_at(photo, box)
        half = one_side(truth, rng)
        for looks in (maps[name], [look * half for look in maps[name]]):
            cases.append((name, *judged(photo, truth, box, looks)))
    if asked.cache:
        asked.cache.write_bytes(pickle.dumps(maps))
    report(cases)


def looks_at(photo: np.ndarray, box: tuple[slice, slice]) -> list[np.ndarray]:
    everything = whole(photo.shape)
    return box_looks(photo, box, everything, photo.shape[:2], first=believed(photo).chance)


def wide_box(truth: np.ndarray, rng: np.random.Generator) -> tuple[slice, slice]:
    slices = []
    for line in (truth.any(axis=1), truth.any(axis=0)):
        first, last = np.flatnonzero(line)[[0, -1]]
        wider = rng.uniform(-0.01, 0.1, 2) * (last + 1 - first)
        slices.append(slice(max(0, int(first - wider[0])), min(len(line), int(np.ceil(last + 1 + wider[1])))))
    return slices[0], slices[1]


def one_side(truth: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    rows, columns = np.nonzero(truth)
    place, angle = rng.integers(len(rows)), rng.uniform(0, 2 * np.pi)
    y, x = np.mgrid[: truth.shape[0], : truth.shape[1]]
    beyond = (x - columns[place]) * np.cos(angle) + (y - rows[place]) * np.sin(angle)
    return (1 / (1 + np.exp(np.clip(-beyond / 4, -30, 30)))).astype(np.float32)


def judged(photo, truth, box, looks):
    """The guesses' marks, (n, 13), and IoU, (n,)."""
    wide = around(box, truth.shape, 0.3)
    small = reduced(photo[wide], _SIDE)

    def shrunk(plane: np.ndarray) -> np.ndarray:
        part = np.ascontiguousarray(plane[wide], np.float32)
        return cv2.resize(part, small.shape[1::-1], interpolation=cv2.INTER_AREA)

    within = np.zeros(truth.shape, bool)
    within[box] = True
    picture, inside = seen(small), shrunk(within) > 0
    found = guesses(picture, inside, [shrunk(look) for look in looks])
    true = shrunk(truth) >= 0.5
    return box_marks(picture, inside, found), np.array([overlap(m, true) for m in found.masks]), found, true


def fitted(cases) -> np.ndarray:
    """Least squares of the differences within each photo, with a ridge of ten photos' worth of guesses."""
    marks = np.concatenate([case[1] - case[1].mean(0) for case in cases])
    gains = np.concatenate([case[2] - case[2].mean() for case in cases])
    spread = marks.std(0) + 1e-9
    scaled = marks / spread
    return np.linalg.solve(scaled.T @ scaled + 10 * np.eye(len(BOX_MARKS)), scaled.T @ gains) / spread


def voted(case, weight: np.ndarray, sharp: float) -> float:
    merit = case[1] @ weight
    share = np.exp(sharp * (merit - merit.max()))
    return overlap(np.average(case[3].masks.astype(np.float32), axis=0, weights=share) > 0.5, case[4])


def report(cases) -> None:
    names = sorted({case[0] for case in cases})
    for sharp in (15, 25, 40):
        scores = []
        for fold in range(_FOLDS):
            held = set(names[fold::_FOLDS])
            weight = fitted([case for case in cases if case[0] not in held])
            scores += [(k % 2, voted(case, weight, sharp)) for k, case in enumerate(cases) if case[0] in held]
        means = [np.mean([score for kind, score in scores if kind == part]) for part in (0, 1)]
        print(f"sharp {sharp}: IoU on folds kept aside {means[0]:.3f}, with half a network {means[1]:.3f}")
    for name, weight in zip(BOX_MARKS, fitted(cases), strict=True):
        print(f"{weight:8.3f}  {name}")
    print(np.array2string(fitted(cases), precision=3, separator=", "))


if __name__ == "__main__":
    main()
