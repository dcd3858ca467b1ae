"""An order as the jobs table keeps it: JSON with a version, since servers of two versions may share a table.

=======  ==================================================================
version  members
=======  ==================================================================
1        ``input, product, output, storage``; the version is not written
2        the same, and ``version``
=======  ==================================================================
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, cast

from maskkit.errors import MaskkitError
from maskkit.server.compute import Product
from maskkit.server.records import StoredOrder

__all__ = ["READABLE", "VERSION", "Order", "UnreadableOrderError"]

VERSION = 2  # of what is written; a change of any member below, or of the product's, raises it
READABLE = (1, 2)


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
        return cast(StoredOrder, {"version": VERSION, **asdict(self)})

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
            known = " and ".join(map(str, READABLE))
            raise UnreadableOrderError(f"the order has version {version!r:.40}; this server reads {known}")
        members = {name: value for name, value in body.items() if name != "version"}
        _check_members(cls, members, version, "the order")
        product = members["product"]
        _check_members(Product, product, version, "its product")
        background = product["background"] and tuple(product["background"])
        return cls(**members | {"product": Product(**product | {"background": background})})


def _check_members(record: type, body: object, version: int, what: str) -> None:
    wanted = {field.name for field in fields(record)}
    came = set(body) if isinstance(body, Mapping) else set()
    wrong = [f"lacks {name!r}" for name in sorted(wanted - came)]
    wrong += [f"has an unknown member {name!r:.40}" for name in sorted(came - wanted)]
    if wrong:
        known = " and ".join(map(str, READABLE))
        raise UnreadableOrderError(
            f"{what}, of version {version}, {wrong[0]}; this server reads versions {known}"
        )
