"""Fits the confidence of a network's masks, and says how reliable it is.

    python tests/benchmarks/fit_network.py CALIBRATION TEST [--model u2netp]

Each folder holds ``name.jpg`` with ``name.mask.png``. The coefficients go into maskkit/engines/confidence.py.
Needs scikit-learn.

Tried with u2netp on the 140 calibration photos, without a gain beyond the standard error (IoU .867 as
it is): a look at the subject's crop (alone .832, the whole .856), as the second look or as a third
where the first two disagree (.871, with more masks below .5); looks weighed by how decided they are
(.869); their median; a vote of fourteen cuts, ranked by up to fourteen marks (.871); Otsu's threshold;
small holes filled, small parts dropped. The best of those fourteen cuts, chosen by the truth, has .896;
the best of two looks .881. Fusions fitted to each pixel's seven outputs of three looks: fit_fusion.py.
On the 140 and the shared sixty: one mirrored look and the cut by colours, .868 and .865, where the rule has
.868 and .848 (all 200: +.005, standard error .005; but its poor masks are harder to tell, AUC .76 where the
rule has .78 by the same marks); the mean of u2net's and u2netp's mirrored look .890 and .848 (+.016, .007).
"""

from __future__ import annotations

import argparse
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
from segmentation import overlap, photos
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import KFold, cross_val_predict

from maskkit.engines.confidence import agreed, mean_odds
from maskkit.engines.inference import find_network
from maskkit.engines.network_mask import network_mask
from maskkit.engines.reduced import reduced

_STEPS = (0.0, 0.5, 0.7, 0.8, 0.9, 1.01)


def measured(folder: Path, model: str) -> tuple[np.ndarray, np.ndarray]:
    """The marks (n, 3) and the IoU (n,) of the network's masks of a folder."""
    network, marks, ious = find_network(model), [], []
    for _, photo, truth in photos(folder, None):
        seen = network_mask(photo, reduced(photo, 640), network)
        soft = cv2.resize(seen.soft, truth.shape[::-1], interpolation=cv2.INTER_LINEAR)
        marks.append(seen.marks)
        ious.append(overlap(soft >= 0.5, truth))
    return np.array(marks), np.array(ious)


def reliability(said: np.ndarray, iou: np.ndarray) -> None:
    """A line for each step of the confidence: how many, what was said, how many were that good, mean IoU."""
    best = np.argsort(-said)[: max(1, len(said) // 4)]
    auc = roc_auc_score(iou >= 0.8, said)
    print(f"IoU {iou.mean():.3f}  AUC {auc:.3f}  most confident quarter {iou[best].mean():.3f}")
    for low, high in pairwise(_STEPS):
        these = (said >= low) & (said < high)
        if these.any():
            print(f"  {low:.1f} to {min(high, 1):.1f}: {these.sum():3}  said {said[these].mean():.2f}  "
                  f"0.8 and more {np.mean(iou[these] >= 0.8):.2f}  IoU {iou[these].mean():.3f}")  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("calibration", type=Path)
    parser.add_argument("test", type=Path)
    parser.add_argument("--model", default="u2netp")
    asked = parser.parse_args()
    marks, iou = measured(asked.calibration, asked.model)
    odds, good = mean_odds(marks)[:, None], iou >= 0.8
    fit = LogisticRegression(C=10)
    print(asked.calibration.name, len(iou), "each fold from a fit to the other nine")
    folds = KFold(10, shuffle=True, random_state=0)
    reliability(cross_val_predict(fit, odds, good, cv=folds, method="predict_proba")[:, 1], iou)
    fit.fit(odds, good)
    print("slope", fit.coef_[0].round(2), "bias", fit.intercept_.round(2))
    marks, iou = measured(asked.test, asked.model)
    print(asked.test.name, len(iou))
    reliability(np.array([agreed(each) for each in marks]), iou)


if __name__ == "__main__":
    main()
