"""How far to trust a mask: the chance that its IoU with the subject is at least 0.8."""

from __future__ import annotations

import math

__all__ = ["advice", "trust"]

_ADVICE = "give a box around the subject, or install a network: pip install 'maskkit[onnx]'"


def trust(expected: float, agreed: float, decided: float) -> float:
    """``1 / (1 + exp(-(w . (expected, agreed, decided) + b)))``, fitted by logistic regression.

    >>> trust(0.9, 1.0, 1.0) > trust(0.4, 0.6, 0.7)
    True
    """
    return 1 / (1 + math.exp(-(3.808 * expected + 1.163 * agreed + 5.39 * decided - 8.632)))


def advice(confidence: float) -> str | None:
    """What would help, where the confidence is below one half."""
    return _ADVICE if confidence < 0.5 else None
