"""Members and query parameters that no contract has: refused by name, since they would do nothing."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from maskkit.checks import nearest
from maskkit.errors import ContractError

__all__ = ["check_members", "check_query"]


_LOOKED_AT = 100  # of a list's items; no list of an order may have as many


def check_members(body: Any, schema: Mapping[str, Any], member: str = "") -> None:
    """Raise ContractError for the first member that ``schema`` does not list; types are not looked at.

    >>> check_members({"mdoe": "mask"}, {"properties": {"mode": {}}})
    Traceback (most recent call last):
    maskkit.errors.ContractError: mdoe: is no member of an order; did you mean 'mode'?
    """
    if isinstance(body, list) and "items" in schema:
        for index, one in enumerate(body[:_LOOKED_AT]):
            check_members(one, schema["items"], f"{member}.{index}")
        return
    known = schema.get("properties")
    if known is None or not isinstance(body, Mapping):
        return
    for name, value in body.items():
        path = f"{member}.{name}" if member else str(name)
        if name not in known:
            raise _unknown(path, "member of an order", name, known)
        check_members(value, known[name], path)


def check_query(parameters: Collection[str]) -> None:
    """Raise ContractError for a query parameter: an order has none."""
    for name in parameters:
        raise _unknown(str(name), "query parameter of an order, whose members are in its body", name, ())


def _unknown(path: str, what: str, name: str, known: Collection[str]) -> ContractError:
    shown = path if len(path) <= 100 else f"{path[:100]}…"
    text = f"{shown}: is no {what}{nearest(name[:100], known)}"
    return ContractError(text, member=shown, keyword="additionalProperties")
