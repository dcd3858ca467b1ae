"""What every engine is: a callable from a colour array to an `Estimate`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from maskkit.pixels import Array

__all__ = ["Engine", "Estimate", "weights_of"]


@dataclass(frozen=True, eq=False, repr=False)
class Estimate:
    """What an engine believes: alpha, and how far to trust it.

    ``alpha`` is float32 ``(H, W)``, 0-1; ``confidence`` is the estimated chance, 0-1, that the mask is
    usable, None from a service that gives none; ``advice`` says what would help where that is low;
    ``weights`` is the SHA-256 of the network's file where one ran, of all of them where several did.
    ``coarse`` says that the soft edge is the width of a small map's pixels and tells nothing of the
    subject's; whoever refines it cuts it first.
    """

    alpha: Array
    confidence: float | None
    engine: str
    advice: str | None = None
    weights: str | None = None
    coarse: bool = False

    def _repr_mimebundle_(self, **_: object) -> dict[str, object]:
        """The alpha as grey, the engine, its confidence and its advice under it, for Jupyter."""
        from maskkit.codec.looks import mimebundle, trusted

        told = trusted("alpha", self.engine, self.confidence)
        return mimebundle(self.alpha, repr(self), told, self.advice or "")

    def __repr__(self) -> str:
        height, width = self.alpha.shape
        trust = "" if self.confidence is None else f", confidence {self.confidence:.2f}"
        return f"Estimate({width}x{height}, {self.alpha.dtype}, by {self.engine}{trust})"


class Engine(Protocol):
    """An engine takes ``(H, W, 3)`` or ``(H, W, 4)`` colour of any dtype and estimates its subject."""

    name: str

    def __call__(self, image: Array) -> Estimate:
        """Estimate the subject's alpha, of the picture's size."""
        ...


def weights_of(*ran: str | None) -> str | None:
    """The ``weights`` of a mask that several engines made after each other: each SHA-256 once, in order.

    >>> weights_of("3f", None, "9b", "3f"), weights_of(None)
    ('3f, 9b', None)
    """
    return ", ".join(dict.fromkeys(filter(None, ran))) or None
