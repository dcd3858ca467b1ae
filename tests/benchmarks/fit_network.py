"""Fits the confidence of a network's masks, and says how reliable it is.

    python tests/benchmarks/fit_network.py CALIBRATION TEST [--model u2netp]

Each folder holds ``name.jpg`` with ``name.mask.png``. The coefficients go into maskkit/engines/confidence.py.
Needs scikit-learn.
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

from maskkit.engines.confidence import agreed
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
    fit = LogisticRegression(C=3).fit(marks, iou >= 0.8)
    print("w", fit.coef_[0].round(2), "b", fit.intercept_[0].round(2))
    for folder in (asked.calibration, asked.test):
        marks, iou = measured(folder, asked.model)
        print(folder.name, len(iou))
        reliability(np.array([agreed(each) for each in marks]), iou)


if __name__ == "__main__":
    main()
