"""How far to trust a mask: the chance that its IoU with the subject is at least 0.8."""

from __future__ import annotations

import numpy as np

from maskkit.engines.ranking import overlap
from maskkit.pixels import Array

__all__ = ["advice", "agreed", "decided", "mean_odds", "network_advice", "trust"]

_ADVICE = "give a box around the subject, or take a network: maskkit models --fetch u2netp"
_NETWORK_ADVICE = "give a box around the subject or points on it, or take a larger network: maskkit models"


_AGREED, _AGREED_BIAS = 1.29, -1.64


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
    """``1 / (1 + exp(-(1.29 l - 1.64)))``, l the `mean_odds` of the marks.

    The marks of a `NetworkMask` say how far all agree; as odds, the last hundredths count: what agrees by
    0.98 is wrong much more seldom than what agrees by 0.9. Fitted to 140 calibration photos of ECSSD
    (tests/benchmarks/fit_network.py); one weight for all marks did better in cross-validation than three.

    >>> agreed(np.array([0.98, 0.99, 0.97])) > 0.9, agreed(np.array([0.7, 0.6, 0.7])) < 0.5
    (True, True)
    """
    return float(1 / (1 + np.exp(-(_AGREED * mean_odds(marks) + _AGREED_BIAS))))


def mean_odds(marks: Array) -> Array:
    """``l = mean(log((m + 0.02) / (1.02 - m)))`` over the last axis, m in 0-1.

    >>> bool(abs(mean_odds(np.array([1.0, 0.0]))) < 1e-9)
    True
    """
    return np.asarray(np.log((marks + 0.02) / (1.02 - marks)).mean(axis=-1))


def advice(confidence: float) -> str | None:
    """What would help, where the confidence is below one half."""
    return _ADVICE if confidence < 0.5 else None


def network_advice(confidence: float) -> str | None:
    """What would help a network's mask, where the confidence is below one half."""
    return _NETWORK_ADVICE if confidence < 0.5 else None
