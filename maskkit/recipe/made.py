"""What a recipe was made with."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Made"]


@dataclass(frozen=True)
class Made:
    """What a saved recipe was made with, so that a replay is the same or says what differs.

    Attributes
    ----------
    maskkit : the version.
    engine : who made the mask, as `Cutout.source` says it.
    weights : the SHA-256 of the network's weights, those of hints' too; nothing where none ran.
    """

    maskkit: str
    engine: str
    weights: str | None = None
