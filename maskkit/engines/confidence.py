"""How far to trust a mask: the chance that its IoU with the subject is at least 0.8."""

from __future__ import annotations

import numpy as np

from maskkit.engines.ranking import overlap
from maskkit.pixels import Array

__all__ = ["advice", "agreed", "decided", "network_advice", "trust"]

_ADVICE = "give a box around the subject, or take a network: maskkit models --fetch u2netp"
_NETWORK_ADVICE = "give a box around the subject or points on it, or take a larger network: maskkit models"


_AGREED, _AGREED_BIAS = np.array([2.02, 2.18, 1.40]), -3.68


def trust(agreement: float) -> float:
    """``1 / (1 + exp(-(5.2 a - 3.85)))``, a the mean IoU of a mask with the guesses that it was voted from.

    Fitted by tests/benchmarks/fit_classical.py to 60 photos of ECSSD; further marks made it worse in
    cross-validation.

    >>> trust(0.95) > 0.7, trust(0.4) < 0.2
    (True, True)
    """
    return float(1 / (1 + np.exp(3.85 - 5.2 * agreement)))


def decided(soft: Array) -> float:
    """``1 / (1 + exp(-(10.4 u - 7.5)))``, u the IoU of a network's mask cut at 0.7 and cut at 0.3.

    Fitted to IS-Net on the same 60 photos; 0 where the mask is empty.

    >>> decided(np.array([[1.0, 0.0]])) > 0.9, decided(np.array([[0.6, 0.4]])) < 0.1
    (True, True)
    """
    low, high = soft > 0.3, soft > 0.7
    if np.count_nonzero(high) <= 0.001 * soft.size:
        return 0.0
    return float(1 / (1 + np.exp(7.5 - 10.4 * overlap(low, high))))


def agreed(marks: Array) -> float:
    """``1 / (1 + exp(-(w . m + b)))``, m the marks of a `NetworkMask`: how far all agree.

    Fitted to 96 calibration photos of ECSSD (tests/benchmarks/fit_network.py), checked on 60 others.
    """
    return float(1 / (1 + np.exp(-(_AGREED @ marks + _AGREED_BIAS))))


def advice(confidence: float) -> str | None:
    """What would help, where the confidence is below one half."""
    return _ADVICE if confidence < 0.5 else None


def network_advice(confidence: float) -> str | None:
    """What would help a network's mask, where the confidence is below one half."""
    return _NETWORK_ADVICE if confidence < 0.5 else None
