"""Measures a cutout: what is wrong with it, how much, and where."""

from maskkit.quality.judge import OF_ALPHA, inspect
from maskkit.quality.mark import mark
from maskkit.quality.report import LIMITS, WARNINGS, Finding, Inspection

__all__ = ["LIMITS", "OF_ALPHA", "WARNINGS", "Finding", "Inspection", "inspect", "mark"]
