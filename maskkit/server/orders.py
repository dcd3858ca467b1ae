"""An order as the jobs table keeps it: JSON with a version, since servers of two versions may share a table.

=======  ==================================================================
version  members
=======  ==================================================================
1        ``input, product, output, storage``; the version is not written, and
         the product has a member for every edit
2        ``version`` besides, and the product has a recipe
=======  ==================================================================
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, cast

from maskkit.errors import MaskkitError, PixelError
from maskkit.redact import redact
from maskkit.server.compute import Product
from maskkit.server.records import StoredOrder

__all__ = ["READABLE", "VERSION", "Order", "UnreadableOrderError"]

VERSION = 2  # of what is written; a change of the members below, or of the product's, raises it
READABLE = (1, 2)
_THIS_READS = f"this server reads {' and '.join(map(str, READABLE))}"
_EDITS = "kind format space media_type trim background decontamination threshold grow feather"
_PRODUCTS = {1: frozenset(_EDITS.split()), 2: frozenset(field.name for field in fields(Product))}


class UnreadableOrderError(MaskkitError):
    """A stored order that this server cannot read; a server of another version may."""


@dataclass(frozen=True)
class Order:
    """What the table keeps of a request; ``output`` None means the server's own files (v2)."""

    input: str
    product: Product
    output: str | None = None
    storage: str = "external"

    def to_json(self) -> StoredOrder:
        """A JSON object, in the version that this server writes.

        >>> Order("https://a.test/1.png", Product()).to_json()["version"]
        2
        """
        members = {field.name: getattr(self, field.name) for field in fields(self)}
        return cast(StoredOrder, {"version": VERSION, **members, "product": self.product.to_json()})

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> Order:
        """The order in a JSON object.

        Raises
        ------
        UnreadableOrderError
            The version is not one of `READABLE`, or a member is missing or not known.

        >>> Order.from_json({"version": 3})
        Traceback (most recent call last):
        maskkit.server.orders.UnreadableOrderError: the order has version 3; this server reads 1 and 2
        """
        version = body.get("version", 1)
        if version not in READABLE:
            raise UnreadableOrderError(f"the order has version {version!r:.40}; {_THIS_READS}")
        members = {name: value for name, value in body.items() if name != "version"}
        _check_members(members, {field.name for field in fields(cls)}, version, "the order")
        _check_members(members["product"], _PRODUCTS[version], version, "its product")
        try:
            return cls(**members | {"product": Product.from_json(members["product"])})
        except PixelError as error:  # a recipe has a version and members of its own
            raise UnreadableOrderError(f"the order's {redact(error)}; {_THIS_READS}") from None


def _check_members(body: object, wanted: frozenset[str] | set[str], version: int, what: str) -> None:
    came = set(body) if isinstance(body, Mapping) else set()
    wrong = [f"lacks {name!r}" for name in sorted(wanted - came)]
    wrong += [f"has an unknown member {name!r:.40}" for name in sorted(came - wanted)]
    if wrong:
        raise UnreadableOrderError(f"{what}, of version {version}, {wrong[0]}; {_THIS_READS}")
