"""Statements on the server's tables, each a transaction of its own; SQLite's writes take turns here."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from typing import Any

from sqlalchemy.engine import Row

from maskkit.server.table import connect, create_tables, one_at_a_time, one_writer

__all__ = ["Statements"]

Bound = Mapping[str, Any] | None


class Statements:
    """The tables behind ``url``: ``sqlite:///PATH`` (WAL) or ``postgresql+psycopg://...``."""

    def __init__(self, url: str) -> None:
        self.engine = connect(url)
        lock = threading.Lock()
        writer = partial(one_writer, lock) if url.startswith("sqlite") else _any_writer
        self.writing: Callable[..., AbstractContextManager[None]] = writer
        create_tables(self.engine)

    def read(self, statement: Any, bound: Bound = None) -> list[Row[Any]]:
        """The rows that a statement gives; ``bound`` are its parameters."""
        with self.engine.connect() as connection:
            return list(connection.execute(statement, bound))

    def take(self, statement: Any, bound: Bound = None, *, limited: bool = False) -> list[Row[Any]]:
        """The rows that a statement changed and gives; ``limited``: it counts what others insert as well."""
        if limited and self.engine.dialect.name == "postgresql":
            with one_at_a_time(self.engine) as connection:
                return list(connection.execute(statement, bound))
        with self.writing():
            return self.read(statement, bound)

    def write(self, statement: Any, rows: Bound | list[dict[str, Any]] = None) -> int:
        """How many rows a statement changed; ``rows`` are its parameters, or the rows of an insert."""
        with self.writing(), self.engine.connect() as connection:
            return int(connection.execute(statement, rows).rowcount)


def _any_writer(seconds: float = 0.0) -> AbstractContextManager[None]:  # noqa: ARG001 - as `one_writer`
    return nullcontext()
