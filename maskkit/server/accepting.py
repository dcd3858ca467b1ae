"""What an ``Accept`` header admits (RFC 9110, section 12.5.1)."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["best"]


def best(accept: str, offered: Sequence[str]) -> str | None:
    """The media type of ``offered`` that is wanted most, the first among equals; None where none is admitted.

    An empty header admits everything.

    Examples
    --------
    >>> best("image/jpeg, */*;q=0.1", ["image/png", "image/jpeg"])
    'image/jpeg'
    >>> best("text/html,image/*;q=0.8", ["image/png", "image/webp"])
    'image/png'
    >>> best("image/jpeg", ["image/png"]) is None
    True
    """
    ranges = [_range(part) for part in accept.lower().split(",") if part.strip()] or [("*/*", 1.0)]
    wanted = [(_quality(kind, ranges), kind) for kind in offered]
    quality, kind = max(wanted, key=lambda one: one[0])
    return kind if quality > 0 else None


def _range(part: str) -> tuple[str, float]:
    kind, *parameters = (word.strip() for word in part.split(";"))
    said = next((word[2:] for word in parameters if word.startswith("q=")), "1")
    try:
        return kind, float(said)
    except ValueError:
        return kind, 0.0


def _quality(kind: str, ranges: Sequence[tuple[str, float]]) -> float:
    """Of the ranges that fit, the most specific one says how much a type is wanted."""
    for fitting in (kind, f"{kind.partition('/')[0]}/*", "*/*"):
        found = [quality for one, quality in ranges if one == fitting]
        if found:
            return max(found)
    return 0.0
