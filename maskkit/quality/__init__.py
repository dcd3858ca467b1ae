"""Measures a cutout: what is wrong with it, how much, and where."""

from maskkit.quality.judge import inspect
from maskkit.quality.mark import mark
from maskkit.quality.report import LIMITS, WARNINGS, Finding, Inspection

__all__ = ["LIMITS", "WARNINGS", "Finding", "Inspection", "inspect", "mark"]
