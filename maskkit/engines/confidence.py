"""How far to trust a mask: the chance that its IoU with the subject is at least 0.8."""

from __future__ import annotations

import numpy as np

from maskkit.engines.ranking import MARKS
from maskkit.pixels import Array

__all__ = ["COLUMNS", "advice", "trust"]

_ADVICE = "give a box around the subject, or install a network: pip install 'maskkit[onnx]'"

# Of the marks of a mask, those whose fit holds up in cross-validation; the first carries most of it.
COLUMNS = [
    MARKS.index("overlap with the other guesses"),
    MARKS.index("overlap with the chance"),
    MARKS.index("overlap with the ranking"),
    MARKS.index("gradient along the edge over the mean gradient"),
]
# Fitted by tests/benchmarks/fit_classical.py to 60 photos of ECSSD.
_WEIGHT = np.array([5.982, 3.501, -2.926, -2.494])
_BIAS = -2.884


def trust(marks: Array) -> float:
    """``1 / (1 + exp(-(w . marks + b)))`` of a mask's `mask_marks`.

    >>> agreed, split = np.full(14, 0.5), np.full(14, 0.5)
    >>> agreed[13], split[13] = 0.9, 0.3
    >>> trust(agreed) > trust(split)
    True
    """
    return float(1 / (1 + np.exp(-(marks[COLUMNS] @ _WEIGHT + _BIAS))))


def advice(confidence: float) -> str | None:
    """What would help, where the confidence is below one half."""
    return _ADVICE if confidence < 0.5 else None
