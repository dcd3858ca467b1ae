"""Statements on the server's tables, each a transaction of its own; SQLite's writes take turns here.

Those that a coroutine asks for share SQLite's commits, see `maskkit.server.group_commit`.
"""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext, suppress
from functools import cache, partial
from typing import Any, ParamSpec, TypeVar

from sqlalchemy import Insert, Select, Update
from sqlalchemy.dialects import sqlite
from sqlalchemy.engine import Row
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from maskkit.server.group_commit import GroupCommit
from maskkit.server.table import connect, connect_directly, create_tables, one_at_a_time, one_writer

__all__ = ["Statements"]

P = ParamSpec("P")
T = TypeVar("T")
Bound = Mapping[str, Any] | None


class Statements:
    """The tables behind ``url``: ``sqlite:///PATH`` (WAL) or ``postgresql+psycopg://...``."""

    def __init__(self, url: str) -> None:
        self.engine = connect(url)
        lock = threading.Lock()
        writer = partial(one_writer, lock) if url.startswith("sqlite") else _any_writer
        self.writing: Callable[..., AbstractContextManager[None]] = writer
        create_tables(self.engine)
        self._direct = connect_directly(url)
        self._group = GroupCommit(self._direct, self.writing) if self._direct is not None else None

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()
        if self._group is not None:
            self._group.close()
        if self._direct is not None:
            with suppress(SQLAlchemyError), self.writing(seconds=0.0):  # who still writes keeps it open
                self._direct.close()

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

    async def soon(self, step: Callable[P, T], *args: P.args, **options: P.kwargs) -> T:
        """``step(...)`` in a thread; on SQLite together with what else is asked for meanwhile.

        A step that writes does so by `step` alone.
        """
        if self._group is None:
            return await asyncio.to_thread(step, *args, **options)
        taken: T = await self._group.take(partial(step, *args, **options))
        return taken

    def step(
        self, statement: Insert | Update | Select[Any], bound: Mapping[str, Any], *, limited: bool = False
    ) -> list[Mapping[Any, Any]]:
        """`take` of a statement that is built once, and asked for at every job.

        On SQLite it is handed to the driver as text: SQLAlchemy takes twice as long around a statement as
        the statement itself takes, its way to the disk included.
        """
        if self._direct is None:
            return [row._mapping for row in self.take(statement, bound, limited=limited)]
        if self._group is not None and self._group.is_here:
            return _rows(self._direct, statement, bound)
        with self.writing():
            return _rows(self._direct, statement, bound)

    def write(self, statement: Any, rows: Bound | list[dict[str, Any]] = None) -> int:
        """How many rows a statement changed; ``rows`` are its parameters, or the rows of an insert."""
        with self.writing(), self.engine.connect() as connection:
            return int(connection.execute(statement, rows).rowcount)


@cache
def _as_text(statement: Insert | Update | Select[Any]) -> tuple[str, dict[str, Any]]:
    """A statement in SQLite's words, and the parameters that are its own."""
    compiled = statement.compile(dialect=sqlite.dialect(paramstyle="named"))
    return str(compiled), dict(compiled.params)


def _rows(
    connection: sqlite3.Connection, statement: Insert | Update | Select[Any], bound: Mapping[str, Any]
) -> list[Mapping[Any, Any]]:
    text, own = _as_text(statement)
    try:
        cursor = connection.execute(text, own | dict(bound))
        return [
            dict(zip((one[0] for one in cursor.description), row, strict=True)) for row in cursor.fetchall()
        ]
    except sqlite3.Error as error:  # its parameters hold signed URLs, and are not repeated
        raise OperationalError(text, None, error, hide_parameters=True) from None


def _any_writer(seconds: float = 0.0) -> AbstractContextManager[None]:  # noqa: ARG001 - as `one_writer`
    return nullcontext()
