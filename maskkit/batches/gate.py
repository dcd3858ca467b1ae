"""Which pictures need eyes: numbers of the alpha, and a doubt to sort by."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from maskkit.cutouts import Cutout

__all__ = ["doubt", "measured", "reason"]


def measured(made: Cutout) -> tuple[dict[str, float | None], tuple[str, ...]]:
    """The values of `maskkit.inspect` that are about alpha, and the names of those that are faults.

    Fringe and hidden colour take ten times as long as all others together; the review sheet has them.
    """
    from maskkit.quality import OF_ALPHA, inspect

    found = inspect(made.picture, checks=OF_ALPHA)
    return {one.check: one.value for one in found.findings}, found.faults


def doubt(confidence: float | None, faults: tuple[str, ...]) -> float:
    """``number of faults + 1 - confidence``; a mask that is given has no confidence, and counts as sure.

    >>> doubt(0.75, ("pinholes",)), doubt(None, ())
    (1.25, 0.0)
    """
    return len(faults) + (0.0 if confidence is None else 1.0 - confidence)


def reason(confidence: float | None, faults: tuple[str, ...]) -> str:
    """Why a picture is doubted, in words.

    >>> reason(0.4, ("pinholes", "islands"))
    'pinholes, islands; confidence 0.40'
    """
    trust = "" if confidence is None else f"confidence {confidence:.2f}"
    return "; ".join(part for part in (", ".join(faults), trust) if part)
