"""One row of SQLite's file read where the question stands, without a thread and without waiting.

In a write-ahead log no reader waits for a writer, and a row found by its key takes some microseconds: to hand
that to a thread and hear of it takes fifty times as long. Whatever is not there at once is left to a thread.
"""

from __future__ import annotations

import sqlite3
from contextlib import suppress
from typing import Any

from sqlalchemy import Select
from sqlalchemy.dialects import sqlite
from sqlalchemy.engine import make_url

__all__ = ["Glance", "NotAtOnceError"]


class NotAtOnceError(Exception):
    """The row cannot be had without waiting: ask a thread."""


class Glance:
    """Rows of ``statement`` on the database at ``url``; of another than a file of SQLite, none at once."""

    def __init__(self, url: str, statement: Select[Any]) -> None:
        compiled = statement.compile(dialect=sqlite.dialect())
        self._sql, self._names = str(compiled), tuple(compiled.positiontup or ())
        self._columns = tuple(column.name for column in statement.selected_columns)
        self._connection: sqlite3.Connection | None = None
        if url.startswith("sqlite") and (path := make_url(url).database):
            with suppress(sqlite3.Error):
                self._connection = sqlite3.connect(
                    path, timeout=0, isolation_level=None, check_same_thread=False
                )

    def row(self, **bound: Any) -> dict[str, Any] | None:
        """The row by its columns' names, None where there is none. Raises NotAtOnceError."""
        if self._connection is None:
            raise NotAtOnceError
        try:
            found = self._connection.execute(self._sql, [bound[name] for name in self._names]).fetchall()
        except sqlite3.Error:  # locked, gone, damaged: a thread waits, and says what it is
            raise NotAtOnceError from None
        return dict(zip(self._columns, found[0], strict=True)) if found else None

    def close(self) -> None:
        """Close the file."""
        if self._connection is not None:
            self._connection.close()
