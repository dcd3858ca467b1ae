"""Fit the few numbers of the weight-free engine, and say by cross-validation what they are worth.

    python tests/benchmarks/fit_classical.py FOLDER_OF_ECSSD > fitted.txt

The folder holds ``name.jpg`` and ``name.mask.png``. Needs scikit-learn.

Tried without a gain beyond the standard error, each in cross-validation: 37 further cues of a region
(histograms, focus, enclosure, Boolean maps), trees instead of the logistic, superpixels at other scales,
photos of other sets, more proposals, a final cut in L*a*b*, and the mirrored picture, for the vote or
the confidence. Nor, with composites and jittered photos of the training folds to fit on (720 and 300 for
regions, 120 and 60 for the rest): trees over two scales of regions (better regions, no better masks), the
ranking of 25 proposals, the confidence from up to 25 marks; nor a final cut from two earlier ones.
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
from maskkit.engines import ranking, region_cues, salient
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


Model = tuple[np.ndarray, float]


def flat(model: Any) -> Model:
    """Weights and bias of a scaled linear model, for columns as they come."""
    scaler, linear = model[0], model[-1]
    weight = linear.coef_.ravel() / scaler.scale_
    return weight, float(np.ravel(linear.intercept_)[0] - weight @ scaler.mean_)


def fit(make: Callable[[], Any], rows: list[Any], targets: list[Any], which: np.ndarray) -> Model:
    chosen = np.flatnonzero(which)
    return flat(
        make().fit(np.concatenate([rows[i] for i in chosen]), np.concatenate([targets[i] for i in chosen]))
    )


def logistic() -> Any:
    return make_pipeline(StandardScaler(), LogisticRegression(C=0.1, max_iter=500))


def ridge() -> Any:
    return make_pipeline(StandardScaler(), Ridge(100))


def fit_chance(regions: list[Any], cues: list[np.ndarray], inside: list[Any], which: np.ndarray) -> None:
    """Put the two fits of `region_cues.subject_chance` in place."""
    columns = [region_cues.both_ways(r, c) for r, c in zip(regions, cues, strict=True)]
    first = fit(logistic, columns, inside, which)
    region_cues._WEIGHT, region_cues._BIAS = first
    around = [
        region_cues.among_like(r, region_cues.chance(c, *first))
        for r, c in zip(regions, columns, strict=True)
    ]
    region_cues._AROUND_WEIGHT, region_cues._AROUND_BIAS = fit(logistic, around, inside, which)


def show(name: str, weight: np.ndarray, bias: float) -> None:
    print(f"{name}_WEIGHT = np.array({np.round(weight, 3).tolist()})\n{name}_BIAS = {bias:.3f}\n", flush=True)


def standard_error(measure: Callable[..., float], *values: np.ndarray, draws: int = 2000) -> float:
    """The bootstrap's: how much a figure would change with other photos of the same kind."""
    picks = np.random.default_rng(1).integers(len(values[0]), size=(draws, len(values[0])))
    return float(np.std([measure(*(column[pick] for column in values)) for pick in picks]))


def main(folder: Path) -> None:
    photos = list(pictures(folder))
    fold = np.arange(len(photos)) % FOLDS
    regions = [superpixels(lab(rgb)) for rgb, _ in photos]
    cues = [region_cues.region_cues(rgb, r) for (rgb, _), r in zip(photos, regions, strict=True)]
    inside = [r.mean(mask.astype(float)) > 0.5 for (_, mask), r in zip(photos, regions, strict=True)]
    marks: list[Any] = [None] * len(photos)
    worth: list[Any] = [None] * len(photos)
    for k in range(FOLDS):  # the guesses of a photo come from a fit that has not seen it
        fit_chance(regions, cues, inside, fold != k)
        for i in np.flatnonzero(fold == k):
            small, maps, masks = salient.guesses(photos[i][0])
            truth = shrunk(photos[i][1], small)
            marks[i] = np.array([ranking.mask_marks(lab(small), mask, maps, masks) for mask in masks])
            worth[i] = np.array([ranking.overlap(mask, truth) for mask in masks])
    iou, agreement = np.zeros(len(photos)), np.zeros(len(photos))
    for k in range(FOLDS):
        fit_chance(regions, cues, inside, fold != k)
        ranking._WEIGHT, ranking._BIAS = fit(ridge, marks, worth, fold != k)
        for i in np.flatnonzero(fold == k):
            mask, agreement[i] = salient.salient(photos[i][0])
            iou[i] = ranking.overlap(mask, photos[i][1])
    good = iou >= 0.8
    best = np.argsort(-agreement)[: len(iou) // 4]
    print(f"cross-validated: IoU mean {iou.mean():.3f} +- {standard_error(np.mean, iou):.3f}, median "
          f"{np.median(iou):.3f}, best of a proposal {np.mean([w.max() for w in worth]):.3f}; AUC "
          f"{roc_auc_score(good, agreement):.3f} +- {standard_error(roc_auc_score, good, agreement):.3f}, "
          f"most confident quarter {iou[best].mean():.3f} +- {standard_error(np.mean, iou[best]):.3f}\n"
          )  # fmt: skip
    everything = np.ones(len(photos), bool)
    fit_chance(regions, cues, inside, everything)
    show("region_cues: ", region_cues._WEIGHT, region_cues._BIAS)
    show("region_cues: _AROUND", region_cues._AROUND_WEIGHT, region_cues._AROUND_BIAS)
    show("ranking: ", *fit(ridge, marks, worth, everything))
    trust = LogisticRegression(C=10).fit(agreement[:, None], good)
    show("confidence: ", trust.coef_.ravel(), float(trust.intercept_[0]))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
