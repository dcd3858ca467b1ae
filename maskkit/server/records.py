"""What the jobs table keeps as JSON: the order, the result, and why a job failed."""

from __future__ import annotations

from typing import Any, NotRequired, TypedDict

__all__ = ["Result", "StoredFailure", "StoredOrder", "StoredProduct", "StoredRecipe"]


class StoredRecipe(TypedDict, total=False):
    """What a status repeats of a recipe."""

    mask_type: str


class StoredProduct(TypedDict, total=False):
    """What a status repeats of a product; ``format`` is what it had before there were recipes."""

    recipe: StoredRecipe
    format: str


class StoredOrder(TypedDict, total=False):
    """An order as it was stored. A server of another version may have stored other members."""

    version: int
    input: str
    product: StoredProduct
    output: str | None
    storage: str


class Result(TypedDict):
    """What was made. ``file`` is the name below ``/files``, None where the client's store has it.

    ``warned`` is what the library warned of, if it did.
    """

    file: str | None
    width: int
    height: int
    engine: str
    warned: NotRequired[list[str]]


class StoredFailure(TypedDict):
    """The members of `maskkit.wire.Failure`."""

    code: int | str | None
    type: str | None
    title: str | None
    details: Any
