"""What the library warned of, as a header of the answer: no contract has a member for it."""

from __future__ import annotations

from collections.abc import Iterable

__all__ = ["WARNING", "warning"]

WARNING = "x-maskkit-warning"
_LONGEST = 1000  # letters of a header


def warning(warned: Iterable[str]) -> dict[str, str]:
    r"""The header, in ASCII and on one line; none where nothing was warned of.

    >>> warning(["nothing is kept", "8 bits of\n10"])
    {'x-maskkit-warning': 'nothing is kept | 8 bits of\\n10'}
    >>> warning([])
    {}
    """
    said = ascii(" | ".join(warned))[1:-1][:_LONGEST]
    return {WARNING: said} if said else {}
