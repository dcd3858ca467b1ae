"""What v2 can do to a cutout beside cutting it out; v1 has nothing of it."""

from __future__ import annotations

from dataclasses import dataclass

from maskkit.errors import ContractError
from maskkit.wire.v2 import Color, MediaType

__all__ = ["NO_EDITS", "PSD", "Edits"]

PSD: MediaType = "image/vnd.adobe.photoshop"


@dataclass(frozen=True)
class Edits:
    """Options of an order; None is not sent, and the service then decides."""

    trim: bool | None = None
    background: Color | None = None
    decontaminate: float | None = None
    media_type: MediaType | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """Those that change the pixels.

        >>> Edits(trim=True, decontaminate=0.0, media_type="image/webp").names
        ('trim', 'decontaminate')
        """
        changing = {"background": self.background, "decontaminate": self.decontaminate}
        told = tuple(name for name, value in changing.items() if value is not None)
        return ("trim", *told) if self.trim else told

    def check_v1(self) -> None:
        """Raises ContractError that names an option if any is set: v1 has none."""
        asked = self.names or (("media_type",) if self.media_type else ())
        if asked:
            raise ContractError(
                f"{asked[0]}: v1 has no such option; order from v2 (api='v2'), or edit the cutout here"
            )


NO_EDITS = Edits()
