"""The table of jobs as SQL sees it, the database's clock, and how SQLite and PostgreSQL are connected to."""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import Column, Double, Index, Integer, MetaData, String, Table, Text, create_engine, event
from sqlalchemy.engine import Connection, Engine, make_url
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import GenericFunction

__all__ = [
    "BUSY_SECONDS",
    "LOST_SECONDS",
    "callbacks_table",
    "checkpoint",
    "connect",
    "connect_directly",
    "create_tables",
    "epoch",
    "impatient",
    "jobs_table",
    "listed",
    "one_at_a_time",
    "one_writer",
]

BUSY_SECONDS = 10.0  # how long a statement waits for what others have locked
LOST_SECONDS = 30.0  # how long PostgreSQL may be silent, or at one statement

_ORDERS = 0x6D61736B  # the number of our lock among the database's

_tables = MetaData()
jobs_table = Table(
    "maskkit_jobs",
    _tables,
    Column("id", String(36), primary_key=True),
    Column("client", String(200), nullable=False),
    Column("contract", String(8), nullable=False),
    Column("order", Text, nullable=False),  # what to do, as JSON
    Column("state", String(12), nullable=False),
    Column("priority", Integer, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("owner", String(64), nullable=True),
    Column("lease", Double, nullable=True),
    Column("result", Text, nullable=True),
    Column("error", Text, nullable=True),
    Column("created", Double, nullable=False),
    Column("modified", Double, nullable=False),
    Index("maskkit_jobs_queue", "state", "priority", "created"),
    Index("maskkit_jobs_client", "client", "state"),
    Index("maskkit_jobs_age", "state", "modified"),
)


callbacks_table = Table(  # whom to tell when a job has ended: a row lives until that is done
    "maskkit_callbacks",
    _tables,
    Column("id", String(36), primary_key=True),  # of the event, the same at every attempt
    Column("job", String(36), nullable=False),
    Column("client", String(200), nullable=False),
    Column("url", Text, nullable=False),
    Column("headers", Text, nullable=False),  # as JSON
    Column("base", Text, nullable=False),  # what the server's own URLs begin with, as the client saw it
    Column("attempts", Integer, nullable=False),
    Column("due", Double, nullable=False),
    Index("maskkit_callbacks_due", "due"),
)


class epoch(GenericFunction[float]):  # noqa: N801 - SQLAlchemy names a function by its class
    """Seconds since 1970 on the database's clock."""

    type = Double()
    inherit_cache = True


@compiles(epoch, "sqlite")
def _epoch_sqlite(*_: Any, **__: Any) -> str:
    return "((julianday('now') - 2440587.5) * 86400.0)"


@compiles(epoch, "postgresql")
def _epoch_postgresql(*_: Any, **__: Any) -> str:
    return "extract(epoch from clock_timestamp())"


class listed(GenericFunction[str]):  # noqa: N801 - as `epoch`
    """The texts in a list that is bound as JSON: of whatever length, the statement is the same."""

    type = Text()
    inherit_cache = True


@compiles(listed, "sqlite")
def _listed_sqlite(element: Any, compiler: Any, **options: Any) -> str:
    inner = compiler.process(element.clauses, **options)
    return f"(SELECT value FROM json_each({inner}))"  # noqa: S608 - inner is the compiler's, a parameter


@compiles(listed, "postgresql")
def _listed_postgresql(element: Any, compiler: Any, **options: Any) -> str:
    return (
        f"(SELECT jsonb_array_elements_text(CAST({compiler.process(element.clauses, **options)} AS JSONB)))"
    )


def connect(url: str) -> Engine:
    """An engine in autocommit: each statement is a transaction of its own."""
    sqlite = url.startswith("sqlite")
    options: dict[str, object] = {"connect_args": {"timeout": BUSY_SECONDS}} if sqlite else _postgresql()
    pool = {"pool_size": 8, "max_overflow": 8, "pool_timeout": BUSY_SECONDS}
    if sqlite:
        _keep_private(url)
    # orders hold signed URLs, which neither an error nor a log of SQL may repeat
    engine = create_engine(url, isolation_level="AUTOCOMMIT", hide_parameters=True, **pool, **options)
    event.listen(engine, "connect", _prepare_sqlite if sqlite else _prepare_postgresql)
    return engine


def connect_directly(url: str) -> sqlite3.Connection | None:
    """SQLite's file by its driver alone, in autocommit, one thread at a time; None of another database."""
    path = make_url(url).database if url.startswith("sqlite") else None
    if not path or path == ":memory:":
        return None
    connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    _prepare_sqlite(connection, None)
    return connection


@contextmanager
def one_writer(lock: threading.Lock, seconds: float | None = None) -> Iterator[None]:
    """SQLite lets one write at a time and makes the others sleep and ask again: waiting here is quicker."""
    if not lock.acquire(timeout=BUSY_SECONDS if seconds is None else seconds):
        raise SQLAlchemyError("the database is busy")
    try:
        yield
    finally:
        lock.release()


@contextmanager
def one_at_a_time(engine: Engine) -> Iterator[Connection]:
    """A transaction on PostgreSQL that sees all that the ones before it in this block have done.

    Of statements that count and insert at the same time, none would count what the others insert.
    """
    with engine.execution_options(isolation_level="READ COMMITTED").begin() as connection:
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_ORDERS})")
        yield connection


def create_tables(engine: Engine) -> None:
    """Make the table and its indexes where they are missing; several servers may do so at once."""
    for _ in range(2 * len(_tables.tables)):
        with suppress(SQLAlchemyError):  # another server was quicker; if it was not that, it fails again
            return _tables.create_all(engine)
    return _tables.create_all(engine)


def checkpoint(engine: Engine) -> None:
    """Empty SQLite's write-ahead log, where rows live on as they were before they were changed.

    Where somebody reads for long, a backup say, that is left for the next time: nobody can write meanwhile.
    """
    if engine.dialect.name == "sqlite":
        with impatient(engine, 0.5) as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")


@contextmanager
def impatient(engine: Engine, seconds: float) -> Iterator[Connection]:
    """A connection that waits no longer than this for what others have locked."""
    wait = "PRAGMA busy_timeout = {:.0f}" if engine.dialect.name == "sqlite" else "SET lock_timeout = {:.0f}"
    with engine.connect() as connection:
        connection.exec_driver_sql(wait.format(1000 * seconds))
        try:
            yield connection
        finally:
            if not connection.invalidated:  # a connection that broke is replaced by a new one
                connection.exec_driver_sql(wait.format(1000 * BUSY_SECONDS))


def _postgresql() -> dict[str, object]:
    # libpq's own names; a host that is gone would else hold every thread of the server for hours
    alive = {"keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 4}
    patience = {"connect_timeout": int(BUSY_SECONDS), "tcp_user_timeout": int(1000 * LOST_SECONDS)}
    return {"pool_pre_ping": True, "connect_args": patience | alive}


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    # readers go on while one writes; a commit is on the disk before the answer is sent; URLs that were
    # stripped of their signatures are overwritten in the file too
    _keep_log(connection)
    for pragma in ("synchronous = FULL", "secure_delete = ON"):
        connection.execute(f"PRAGMA {pragma}")


def _keep_private(url: str) -> None:
    """Make SQLite's file its owner's alone, whatever the folder lets others do: orders hold signed URLs.

    SQLite gives the files that it makes beside it the same mode; those that are there already are changed.
    """
    if not (database := make_url(url).database) or database == ":memory:":
        return
    with suppress(OSError):  # what cannot be opened is said when SQLite opens it
        os.close(os.open(database, os.O_RDWR | os.O_CREAT, 0o600))
        for beside in ("", "-wal", "-shm"):
            if (path := Path(database + beside)).exists():
                path.chmod(0o600)


def _keep_log(connection: Any) -> None:
    """Two that make a new file's log at once wait for each other: SQLite refuses one and does not wait."""
    end = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > end:
                raise
            time.sleep(0.01)
        else:
            return


def _prepare_postgresql(connection: Any, _record: Any) -> None:
    # a table that somebody has locked would else hold every thread of the server
    connection.execute(f"SET lock_timeout = {1000 * BUSY_SECONDS:.0f}")
    connection.execute(f"SET statement_timeout = {1000 * LOST_SECONDS:.0f}")
    connection.commit()
