"""How good the masks are: IoU, S-measure and MAE of an engine, its confidence, and what hints add.

    python tests/benchmarks/segmentation.py plain
    python tests/benchmarks/segmentation.py pasted FOLDER [--source auto]
    python tests/benchmarks/segmentation.py photos FOLDER [--source onnx --model isnet] [--sheet out.png]
    python tests/benchmarks/segmentation.py hints FOLDER [--clicks 5]

A folder holds ``name.jpg`` with ``name.mask.png`` and, for hints, ``name.box.txt`` (left top right bottom;
without it the true mask's bounding box, widened at random by up to 6%, serves). Clicks are simulated: the
next one is the innermost point of the largest wrong part. ``pasted`` puts the subjects of its photos before
plain backdrops with a shadow. Needs pysodmetrics and scikit-learn.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

import cv2
import numpy as np
from product_shots import product_shots
from py_sod_metrics import MAE, Smeasure
from sklearn.metrics import roc_auc_score

import maskkit as mk

Case = tuple[str, np.ndarray, np.ndarray]


def photos(folder: Path, limit: int | None) -> Iterator[Case]:
    for path in sorted(folder.glob("*.jpg"))[:limit]:
        mask = cv2.imread(str(path.with_suffix(".mask.png")), cv2.IMREAD_GRAYSCALE)
        yield path.stem, mk.read(path).pixels, mask > 127


def rendered(limit: int | None) -> Iterator[Case]:
    for number, (photo, truth) in enumerate(product_shots(limit or 60)):
        yield str(number), photo, truth


def pasted(cases: Iterable[Case]) -> Iterator[Case]:
    """Those that do not touch the border, before a plain colour, lit unevenly, with a soft shadow.

    The mask's rim is left out, where the old backdrop would show.
    """
    rng = np.random.default_rng(5)
    for name, photo, mask in cases:
        truth = cv2.erode(mask.astype(np.uint8), np.ones((5, 5))) > 0
        inside = cv2.copyMakeBorder(mask[3:-3, 3:-3].astype(np.uint8), 3, 3, 3, 3, cv2.BORDER_CONSTANT) > 0
        if (mask & ~inside).any() or truth.mean() < 0.03:
            continue
        height, width = truth.shape
        solid = truth.astype(np.float32)
        y, x = np.mgrid[-0.5 : 0.5 : height * 1j, -0.5 : 0.5 : width * 1j]
        across, down, darkness = rng.uniform(-0.15, 0.15), rng.uniform(-0.15, 0.15), rng.uniform(0, 0.45)
        fallen = np.roll(solid, (height * 3 // 100, int(width * rng.uniform(-0.05, 0.05))), (0, 1))
        light = (1 + across * x + down * y) * (1 - darkness * cv2.GaussianBlur(fallen, (0, 0), width * 0.02))
        behind = (rng.choice([245, 235, 200, 120, 60]) + rng.uniform(-10, 10, 3)) * light[..., None]
        alpha = cv2.GaussianBlur(solid, (0, 0), 1)[..., None]
        mixed = behind + alpha * (photo - behind) + rng.normal(0, 1.2, photo.shape)
        yield name, np.clip(mixed, 0, 255).astype(np.uint8), truth


def overlap(a: np.ndarray, b: np.ndarray) -> float:
    return np.count_nonzero(a & b) / max(1, np.count_nonzero(a | b))


def summary(name: str, values: np.ndarray) -> None:
    mean, median, least = np.mean(values), np.median(values), np.min(values)
    good = np.mean(values >= 0.8)
    print(
        f"{name:28} mean {mean:.3f}  median {median:.3f}  least {least:.3f}  0.8 and more {good:.2f}",
        flush=True,
    )


def judge(cases: list[Case], source: str, options: dict[str, str], sheet: str | None) -> None:
    structure, error = Smeasure(), MAE()
    rows, tiles = [], []
    for name, photo, truth in cases:
        start = time.perf_counter()
        found = mk.estimate(photo, source, **options)
        spent = time.perf_counter() - start
        grey = np.rint(found.alpha * 255).astype(np.uint8)
        structure.step(grey, truth.astype(np.uint8) * 255)
        error.step(grey, truth.astype(np.uint8) * 255)
        rows.append((overlap(found.alpha >= 0.5, truth), found.confidence, spent))
        tiles.append(tile(photo, found.alpha, f"{name} {rows[-1][0]:.2f} {rows[-1][1]:.2f}"))
    iou, confidence, seconds = np.array(rows).T
    summary("IoU", iou)
    print(f"S-measure {structure.get_results()['sm']:.3f}  MAE {error.get_results()['mae']:.3f}  "
          f"seconds {np.median(seconds):.2f}")  # fmt: skip
    best = np.argsort(-confidence)[: max(1, len(iou) // 4)]
    summary("most confident quarter, IoU", iou[best])
    if 0 < np.count_nonzero(iou >= 0.8) < len(iou):
        print(f"confidence, AUC for IoU >= 0.8: {roc_auc_score(iou >= 0.8, confidence):.3f}")
    if sheet:
        write_sheet(sheet, tiles)


def hinted(cases: list[Case], folder: Path, clicks: int, sheet: str | None) -> None:
    table, tiles, plain = [], [], []
    seconds: dict[str, list[float]] = {"box": [], "point": []}
    for number, (name, photo, truth) in enumerate(cases):
        box = box_of(folder / f"{name}.box.txt", truth, number)
        plain.append(overlap(plain_grabcut(photo, box), truth))
        session = mk.Session(photo)
        start = time.perf_counter()
        found = session.box(*box).estimate
        seconds["box"].append(time.perf_counter() - start)
        row = [(overlap(found.alpha >= 0.5, truth), found.confidence)]
        for _ in range(clicks):
            x, y, missing = next_click(found.alpha >= 0.5, truth)
            start = time.perf_counter()
            found = (session.keep if missing else session.drop)(x, y).estimate
            seconds["point"].append(time.perf_counter() - start)
            row.append((overlap(found.alpha >= 0.5, truth), found.confidence))
        table.append(row)
        tiles.append(tile(photo, found.alpha, f"{name} {row[0][0]:.2f} {row[-1][0]:.2f}"))
    summary("cv2.grabCut, 5 rounds, IoU", np.array(plain))
    scores = np.array(table)
    for click, column in enumerate(scores.transpose(1, 0, 2)):
        summary(f"box + {click} clicks, IoU", column[:, 0])
    steps = np.diff(scores[..., 0], axis=1)
    times = ", ".join(
        f"{kind} {np.median(each):.2f}, 95% {np.percentile(each, 95):.2f}"
        for kind, each in seconds.items()
        if each
    )
    print(f"points that cost more than 0.01: {np.mean(steps < -0.01):.2f}; seconds: {times}")
    good, confidence = scores[..., 0].ravel() >= 0.8, scores[..., 1].ravel()
    if 0 < np.count_nonzero(good) < len(good):
        print(f"confidence, AUC for IoU >= 0.8: {roc_auc_score(good, confidence):.3f}")
    if sheet:
        write_sheet(sheet, tiles)


def plain_grabcut(photo: np.ndarray, box: tuple[float, ...]) -> np.ndarray:
    left, top, right, bottom = map(int, box)
    if box == (0, 0, photo.shape[1], photo.shape[0]):  # it has no colours of a backdrop to go by
        return np.ones(photo.shape[:2], bool)
    labels = np.zeros(photo.shape[:2], np.uint8)
    models = np.zeros((1, 65)), np.zeros((1, 65))
    cv2.setRNGSeed(1)
    cv2.grabCut(photo, labels, (left, top, right - left, bottom - top), *models, 5, cv2.GC_INIT_WITH_RECT)
    return np.isin(labels, (cv2.GC_FGD, cv2.GC_PR_FGD))


def box_of(path: Path, truth: np.ndarray, seed: int) -> tuple[float, ...]:
    if path.exists():
        return tuple(map(float, path.read_text().split()))
    rows, columns = np.nonzero(truth)
    left, top, right, bottom = columns.min(), rows.min(), columns.max() + 1, rows.max() + 1
    wider = np.random.default_rng(seed).uniform(0, 0.06, 4) * np.tile([right - left, bottom - top], 2)
    height, width = truth.shape
    return (max(0, left - wider[0]), max(0, top - wider[1]),
            min(width, right + wider[2]), min(height, bottom + wider[3]))  # fmt: skip


def next_click(mask: np.ndarray, truth: np.ndarray) -> tuple[int, int, bool]:
    """The innermost point of the largest wrong part, and whether it is missing from the mask."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats((mask != truth).astype(np.uint8))
    if len(stats) < 2:
        row, column = np.argwhere(truth)[0]
        return int(column), int(row), True
    largest = np.pad(labels == 1 + stats[1:, cv2.CC_STAT_AREA].argmax(), 1).astype(np.uint8)
    depth = cv2.distanceTransform(largest, cv2.DIST_L2, 3)[1:-1, 1:-1]
    row, column = np.unravel_index(depth.argmax(), depth.shape)
    return int(column), int(row), bool(truth[row, column])


def tile(photo: np.ndarray, alpha: np.ndarray, text: str) -> np.ndarray:
    shown = photo * (0.25 + 0.75 * alpha[..., None]) + (0, 90, 0) * (1 - alpha[..., None])
    small = cv2.resize(shown.clip(0, 255).astype(np.uint8), (200, 200), interpolation=cv2.INTER_AREA)
    return cv2.putText(small, text, (4, 14), cv2.FONT_HERSHEY_SIMPLEX, 0.42, (255, 255, 0), 1)


def write_sheet(path: str, tiles: list[np.ndarray]) -> None:
    tiles = tiles + [np.zeros_like(tiles[0])] * (-len(tiles) % 10)
    mk.write(path, np.vstack([np.hstack(tiles[k : k + 10]) for k in range(0, len(tiles), 10)]))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", choices=("plain", "pasted", "photos", "hints"))
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("--source", default="classical")
    parser.add_argument("--model")
    parser.add_argument("--clicks", type=int, default=5)
    parser.add_argument("--limit", type=int)
    parser.add_argument("--sheet")
    asked = parser.parse_args()
    cases = list(rendered(asked.limit) if asked.what == "plain" else photos(asked.folder, asked.limit))
    if asked.what == "pasted":
        cases = list(pasted(cases))
    if asked.what == "hints":
        hinted(cases, asked.folder, asked.clicks, asked.sheet)
    else:
        judge(cases, asked.source, {"model": asked.model} if asked.model else {}, asked.sheet)


if __name__ == "__main__":
    main()
