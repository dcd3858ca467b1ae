"""The jobs table: who may run what, and what became of it. One SQL statement per step.

Every step is a single statement in autocommit, so that a process killed at any moment leaves a job either
before the step or after it. A job that runs carries its owner and a lease; whoever finds the lease run out
may claim it. Only the owner of a live claim can finish a job: a server that was thought dead and comes back
has no say any more. Time is the database's clock, so servers that share one table need not agree on theirs.
"""

from __future__ import annotations

import json
import secrets
import uuid
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from sqlalchemy import (
    Column,
    Double,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    and_,
    create_engine,
    delete,
    event,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.engine import Engine, Row
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import GenericFunction

__all__ = ["MAX_ATTEMPTS", "STATES", "Job", "Jobs", "Refusal"]

MAX_ATTEMPTS = 3
BUSY_SECONDS = 10.0  # how long a statement waits for another process's writing on SQLite
STATES = ("pending", "running", "succeeded", "failed")
_PRIORITY = {"performance": 0, "batch": 1}

_table = Table(
    "maskkit_jobs",
    MetaData(),
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
)
_c = _table.c


class _epoch(GenericFunction[float]):  # noqa: N801 - SQLAlchemy names a function by its class
    """Seconds since 1970 on the database's clock."""

    type = Double()
    inherit_cache = True


@compiles(_epoch, "sqlite")
def _epoch_sqlite(*_: Any, **__: Any) -> str:
    return "((julianday('now') - 2440587.5) * 86400.0)"


@compiles(_epoch, "postgresql")
def _epoch_postgresql(*_: Any, **__: Any) -> str:
    return "extract(epoch from clock_timestamp())"


class Job(NamedTuple):
    """One row: ``order``, ``result`` and ``error`` are JSON objects; times are seconds since 1970."""

    id: str
    client: str
    contract: str
    order: dict[str, Any]
    state: str
    attempts: int
    owner: str | None
    result: dict[str, Any] | None
    error: dict[str, Any] | None
    created: float
    modified: float


class Refusal(NamedTuple):
    """Why a job was not accepted: ``"queue"`` is full, or the ``"client"`` has too many open jobs."""

    limit: str


class Jobs:
    """The table behind ``url``: ``sqlite:///PATH`` (WAL) or ``postgresql+psycopg://...``."""

    def __init__(self, url: str, *, max_queue: int = 1000, max_per_client: int = 200) -> None:
        self._engine = _connect(url)
        self._max_queue, self._max_per_client = max_queue, max_per_client
        _table.metadata.create_all(self._engine)

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()

    def submit(self, client: str, contract: str, order: Mapping[str, Any], optimize: str) -> str | Refusal:
        """Store a pending job and return its id, unless a limit is reached. Stored means accepted."""
        job_id = str(uuid.UUID(bytes=secrets.token_bytes(16), version=4))
        row = {
            "id": job_id,
            "client": client,
            "contract": contract,
            "order": json.dumps(order),
            "state": "pending",
            "priority": _PRIORITY[optimize],
            "attempts": 0,
        }
        waiting = select(func.count()).where(_c.state == "pending").scalar_subquery()
        is_open = and_(_c.client == client, _c.state.in_(("pending", "running")))
        opened = select(func.count()).where(is_open).scalar_subquery()
        values = [literal(value).label(name) for name, value in row.items()]
        source = select(*values, _epoch(), _epoch()).where(
            waiting < self._max_queue, opened < self._max_per_client
        )
        stored = insert(_table).from_select([*row, "created", "modified"], source).returning(_c.id)
        if self._read(stored):
            return job_id
        return Refusal("queue" if self.count()["pending"] >= self._max_queue else "client")

    def get(self, job_id: str, client: str) -> Job | None:
        """The job, if it is this client's."""
        rows = self._read(select(_table).where(_c.id == job_id, _c.client == client))
        return _job(rows[0]) if rows else None

    def claim(self, owner: str, lease: float) -> Job | None:
        """Take the first job that waits, or whose owner let its lease run out; None if there is none."""
        lapsed = and_(_c.state == "running", _c.lease < _epoch(), _c.attempts < MAX_ATTEMPTS)
        first = (
            select(_c.id)
            .where(or_(_c.state == "pending", lapsed))
            .order_by(_c.priority, _c.created)
            .limit(1)
            .with_for_update(skip_locked=True)  # PostgreSQL; SQLite has one writer anyway
            .scalar_subquery()
        )
        taken = (
            update(_table)
            .where(_c.id == first)
            .values(
                state="running",
                owner=owner,
                lease=_epoch() + lease,
                attempts=_c.attempts + 1,
                modified=_epoch(),
            )
            .returning(*_c)
        )
        rows = self._read(taken)
        return _job(rows[0]) if rows else None

    def renew(self, owner: str, ids: Iterable[str], lease: float) -> set[str]:
        """Extend the lease of the jobs that are still this owner's; returns their ids."""
        mine = and_(_c.id.in_(list(ids)), _c.owner == owner, _c.state == "running")
        renewed = update(_table).where(mine).values(lease=_epoch() + lease).returning(_c.id)
        return {row.id for row in self._read(renewed)}

    def finish(self, job: Job, order: Mapping[str, Any], result: Mapping[str, Any]) -> bool:
        """The job succeeded; ``order`` replaces what was stored (without its secrets). False: lost it."""
        done = {"state": "succeeded", "result": json.dumps(result), "order": json.dumps(order)}
        return self._leave(job, done)

    def fail(self, job: Job, order: Mapping[str, Any], error: Mapping[str, Any]) -> bool:
        """The job cannot be done. False: it is no longer this owner's."""
        done = {"state": "failed", "error": json.dumps(error), "order": json.dumps(order)}
        return self._leave(job, done)

    def hand_back(self, job: Job, *, counted: bool) -> bool:
        """Let others run the job; ``counted`` says whether this attempt was the job's fault perhaps."""
        attempts = _c.attempts if counted else _c.attempts - 1
        return self._leave(job, {"state": "pending", "attempts": attempts})

    def lapsed(self, owner: str, lease: float) -> list[Job]:
        """Take over the jobs whose last attempt's lease ran out, so that they can be failed with a reason."""
        over = and_(_c.state == "running", _c.lease < _epoch(), _c.attempts >= MAX_ATTEMPTS)
        taken = update(_table).where(over).values(owner=owner, lease=_epoch() + lease).returning(*_c)
        return [_job(row) for row in self._read(taken)]

    def expire(self, ttl: float) -> int:
        """Delete finished jobs that were last touched more than ``ttl`` seconds ago; how many."""
        old = and_(_c.state.in_(("succeeded", "failed")), _c.modified < _epoch() - ttl)
        return self._write(delete(_table).where(old))

    def count(self) -> dict[str, int]:
        """How many jobs are in each state."""
        rows = self._read(select(_c.state, func.count().label("jobs")).group_by(_c.state))
        return dict.fromkeys(STATES, 0) | {row.state: row.jobs for row in rows}

    def _leave(self, job: Job, values: Mapping[str, Any]) -> bool:
        mine = and_(
            _c.id == job.id, _c.owner == job.owner, _c.state == "running", _c.attempts == job.attempts
        )
        left = update(_table).where(mine)
        return bool(self._write(left.values(owner=None, lease=None, modified=_epoch(), **values)))

    def _read(self, statement: Any) -> list[Row[Any]]:
        with self._engine.connect() as connection:
            return list(connection.execute(statement))

    def _write(self, statement: Any) -> int:
        with self._engine.connect() as connection:
            return int(connection.execute(statement).rowcount)


def _job(row: Row[Any]) -> Job:
    known = row._mapping
    texts = {name: known[name] and json.loads(known[name]) for name in ("order", "result", "error")}
    return Job(**{name: texts.get(name, known[name]) for name in Job._fields})


def _connect(url: str) -> Engine:
    sqlite = url.startswith("sqlite")
    options: dict[str, Any] = (
        {"connect_args": {"timeout": BUSY_SECONDS}} if sqlite else {"pool_pre_ping": True}
    )
    engine = create_engine(url, isolation_level="AUTOCOMMIT", pool_size=8, max_overflow=8, **options)
    if sqlite:
        event.listen(engine, "connect", _prepare_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    # readers go on while one writes; a commit is on the disk before the answer is sent; URLs that were
    # stripped of their signatures are overwritten in the file too
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "secure_delete = ON"):
        connection.execute(f"PRAGMA {pragma}")
