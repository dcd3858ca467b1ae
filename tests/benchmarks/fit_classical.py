"""Fit the few numbers of the weight-free engine, and say by cross-validation what they are worth.

    python tests/benchmarks/fit_classical.py FOLDER_OF_ECSSD > fitted.txt

The folder holds ``name.jpg`` and ``name.mask.png``. Needs scikit-learn.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from maskkit import read
from maskkit.engines import confidence, ranking, region_cues, salient
from maskkit.engines.reduced import lab, reduced
from maskkit.engines.slic import superpixels

FOLDS = 6


def pictures(folder: Path) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    for path in sorted(folder.glob("*.jpg")):
        rgb = reduced(read(path).pixels, 320)
        mask = cv2.imread(str(path.with_suffix(".mask.png")), cv2.IMREAD_GRAYSCALE)
        yield rgb, shrunk(mask > 127, rgb)


def shrunk(mask: np.ndarray, like: np.ndarray) -> np.ndarray:
    return cv2.resize(mask.astype(np.uint8), like.shape[1::-1], interpolation=cv2.INTER_NEAREST) > 0


def put(module: Any, model: Any) -> None:
    scaler, linear = model[0], model[-1]
    module._MEAN, module._DEVIATION = scaler.mean_, scaler.scale_
    module._WEIGHT, module._BIAS = linear.coef_.ravel(), float(np.ravel(linear.intercept_)[0])


def show(module: Any) -> None:
    print(f"# {module.__name__}")
    for name in ("_MEAN", "_DEVIATION", "_WEIGHT"):
        print(f"{name} = np.array({np.round(getattr(module, name), 3).tolist()})")
    print(f"_BIAS = {module._BIAS:.3f}\n", flush=True)


def fit(make: Callable[[], Any], rows: list[np.ndarray], targets: list[np.ndarray], which: np.ndarray) -> Any:
    chosen = np.flatnonzero(which)
    return make().fit(np.concatenate([rows[i] for i in chosen]), np.concatenate([targets[i] for i in chosen]))


def logistic() -> Any:
    return make_pipeline(StandardScaler(), LogisticRegression(C=0.1, max_iter=500))


def ridge() -> Any:
    return make_pipeline(StandardScaler(), Ridge(100))


def trust() -> Any:
    return make_pipeline(StandardScaler(), LogisticRegression(C=1))


def main(folder: Path) -> None:
    photos = list(pictures(folder))
    fold = np.arange(len(photos)) % FOLDS
    regions = [superpixels(lab(rgb)) for rgb, _ in photos]
    cues = [region_cues.region_cues(rgb, r) for (rgb, _), r in zip(photos, regions, strict=True)]
    inside = [r.mean(mask.astype(float)) > 0.5 for (_, mask), r in zip(photos, regions, strict=True)]
    marks: list[Any] = [None] * len(photos)
    worth: list[Any] = [None] * len(photos)
    for k in range(FOLDS):  # the guesses of a photo come from a fit that has not seen it
        put(region_cues, fit(logistic, cues, inside, fold != k))
        for i in np.flatnonzero(fold == k):
            small, maps, masks = salient.guesses(photos[i][0])
            truth = shrunk(photos[i][1], small)
            marks[i] = np.array([ranking.mask_marks(lab(small), mask, maps, masks) for mask in masks])
            worth[i] = np.array([ranking.overlap(mask, truth) for mask in masks])
    iou, basis = np.zeros(len(photos)), np.zeros((len(photos), len(confidence.COLUMNS)))
    for k in range(FOLDS):
        put(region_cues, fit(logistic, cues, inside, fold != k))
        put(ranking, fit(ridge, marks, worth, fold != k))
        for i in np.flatnonzero(fold == k):
            mask, marks_of_cut = salient.salient(photos[i][0])
            basis[i] = marks_of_cut[confidence.COLUMNS]
            iou[i] = ranking.overlap(mask, photos[i][1])
    good = iou >= 0.8
    score = np.zeros(len(photos))
    for k in range(FOLDS):
        score[fold == k] = trust().fit(basis[fold != k], good[fold != k]).decision_function(basis[fold == k])
    best = np.argsort(-score)[: len(score) // 4]
    print(f"cross-validated: IoU mean {iou.mean():.3f}, median {np.median(iou):.3f}, best of a proposal "
          f"{np.mean([w.max() for w in worth]):.3f}; AUC {roc_auc_score(good, score):.3f}, "
          f"most confident quarter {iou[best].mean():.3f}\n")  # fmt: skip
    everything = np.ones(len(photos), bool)
    put(region_cues, fit(logistic, cues, inside, everything))
    put(ranking, fit(ridge, marks, worth, everything))
    show(region_cues)
    show(ranking)
    model = trust().fit(basis, good)
    weight = model[-1].coef_.ravel() / model[0].scale_
    print(
        "# confidence\n",
        np.round(weight, 3).tolist(),
        round(float(model[-1].intercept_[0] - weight @ model[0].mean_), 3),
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
