"""Which of the subjects of a mask are kept."""

from __future__ import annotations

from typing import Literal

import cv2
import numpy as np

from maskkit.checks import check_whole
from maskkit.errors import PixelError
from maskkit.pixels import Array

__all__ = ["Subjects", "check_subjects", "chosen_subjects"]

Subjects = Literal["all", "largest"] | int


def check_subjects(subjects: Subjects) -> int | None:
    """How many subjects are wanted, None for all.

    >>> check_subjects("largest"), check_subjects("all"), check_subjects(3)
    (1, None, 3)
    """
    if subjects == "all":
        return None
    if subjects == "largest":
        return 1
    if isinstance(subjects, str):
        raise PixelError(f"subjects: need all, largest or a whole number, at least 1, got {subjects!r}")
    return check_whole(subjects, "subjects")


def chosen_subjects(alpha: Array, count: int | None) -> Array:
    """The mask with its ``count`` largest connected parts (of what is 0.5 and more), soft edges included.

    What is fainter belongs to the part that is nearest.

    >>> chosen_subjects(np.array([[1.0, 1.0, 0.0, 0.0, 1.0]], np.float32), 1).tolist()
    [[1.0, 1.0, 0.0, 0.0, 0.0]]
    """
    if count is None:
        return alpha
    solid = (alpha >= 0.5).astype(np.uint8)
    total, labels, stats, _ = cv2.connectedComponentsWithStats(solid)
    if total - 1 <= count:
        return alpha
    order = 1 + np.argsort(-stats[1:, cv2.CC_STAT_AREA], kind="stable")
    _, nearest = cv2.distanceTransformWithLabels(1 - solid, cv2.DIST_L2, 3, labelType=cv2.DIST_LABEL_PIXEL)
    part = np.zeros(int(nearest.max()) + 1, np.int32)  # the part that each label of the transform lies in
    part[nearest[solid > 0]] = labels[solid > 0]
    return np.where(np.isin(part[nearest], order[:count]), alpha, 0).astype(alpha.dtype)
