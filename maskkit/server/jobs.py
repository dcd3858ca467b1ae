"""The jobs table: who may run what, and what became of it. One SQL statement per step.

Every step is a single statement, alone in a transaction or with others' steps, so that a process killed at
any moment leaves a job either before the step or after it. A job that runs carries its owner and a lease;
whoever finds the lease run out may claim it. Only the owner of the latest claim can finish a job: a server
that was thought dead and comes back has no say any more. Time is the database's clock, so servers that share
one table need not agree on theirs; a lease that ends further ahead than any can is left from before that
clock was set back, and is over.
"""

from __future__ import annotations

import json
import secrets
import uuid
from collections.abc import Callable, Collection, Mapping
from typing import Any, NamedTuple, ParamSpec, TypeVar

from sqlalchemy import and_, delete, func, or_, select, tuple_, update

from maskkit.server.credentials import owner_of
from maskkit.server.glance import Glance
from maskkit.server.records import Result, StoredFailure, StoredOrder
from maskkit.server.statements import Statements
from maskkit.server.steps import BY_ID, TEXTS, claiming, leaving, submitting, waiting
from maskkit.server.table import checkpoint, epoch, impatient, jobs_table
from maskkit.server.turns import MAX_ATTEMPTS, PRIORITY, is_lapsed

__all__ = ["STATES", "Job", "Jobs", "Refusal"]

P = ParamSpec("P")
T = TypeVar("T")
READY_SECONDS = 1.0  # how long somebody who asks whether the server is ready waits for the database
STATES = ("pending", "running", "succeeded", "failed")
_EXPIRED_AT_ONCE = 10_000  # a statement that deletes a day's jobs would keep others from writing
_c = jobs_table.c


class Job(NamedTuple):
    """One row: ``order``, ``result`` and ``error`` are JSON objects; times are seconds since 1970."""

    id: str
    client: str
    contract: str
    order: StoredOrder
    state: str
    attempts: int
    owner: str | None
    result: Result | None
    error: StoredFailure | None
    created: float
    modified: float


class Refusal(NamedTuple):
    """Why a job was not accepted: ``"queue"`` is full, or the ``"client"`` has too many open jobs."""

    limit: str


class Jobs:
    """The table behind ``url``: ``sqlite:///PATH`` (WAL) or ``postgresql+psycopg://...``."""

    def __init__(self, url: str, *, max_queue: int = 1000, max_per_client: int = 200) -> None:
        self.statements = Statements(url)
        self._glance = Glance(url, BY_ID)
        self._max_queue, self._max_per_client = max_queue, max_per_client

    async def soon(self, step: Callable[P, T], *args: P.args, **options: P.kwargs) -> T:
        """`submit`, `claim`, `finish`, `fail` or `hand_back`, for who must not wait in place."""
        return await self.statements.soon(step, *args, **options)

    def close(self) -> None:
        """Close every connection."""
        self._glance.close()
        self.statements.close()

    def submit(self, client: str, contract: str, order: Mapping[str, Any], optimize: str) -> str | Refusal:
        """Store a pending job and return its id, unless a limit is reached. Stored means accepted."""
        job_id = str(uuid.UUID(bytes=secrets.token_bytes(16), version=4))
        row = {
            "id": job_id,
            "client": client,
            "contract": contract,
            "order": json.dumps(order),
            "state": "pending",
            "priority": PRIORITY[optimize],
            "attempts": 0,
        }
        limits = {"max_queue": self._max_queue, "max_per_client": self._max_per_client}
        if self.statements.step(submitting(), row | limits, limited=True):
            return job_id
        pending = self.statements.step(waiting(), {})[0]["jobs"]
        return Refusal("queue" if pending >= self._max_queue else "client")

    def get(self, job_id: str, client: str) -> Job | None:
        """The job, if it is this client's."""
        rows = self.statements.read(BY_ID, {"job": job_id})
        return _own(rows[0]._mapping if rows else None, client)

    def glance(self, job_id: str, client: str) -> Job | None:
        """`get` for who must not wait. Raises NotAtOnceError where the answer would take its time."""
        return _own(self._glance.row(job=job_id), client)

    def claim(
        self,
        owner: str,
        lease: float,
        in_hand: Collection[str] = (),
        passed_over: Collection[str] = (),
        served: Collection[str] = (),
    ) -> Job | None:
        """Take the first job that waits, or whose lease ran out; None if there is none.

        "performance" goes before "batch", but one batch job that has waited long before both. Among equals
        it is the turn of the client with the fewest jobs running: whose stores are slow, or who has ordered
        many, does not keep the others waiting.

        Parameters
        ----------
        owner, lease : str, float
            Who takes it, and for how many seconds.
        in_hand : ids
            What the owner runs: while the database was away their leases may have run out, which is no
            reason to run them twice.
        passed_over : ids
            What the owner cannot read, and leaves to servers of another version.
        served : clients
            Of whom the owner runs as many as it will at a time.
        """
        lists = {"in_hand": in_hand, "passed_over": passed_over, "served": served}
        texts = {name: json.dumps([*one]) for name, one in lists.items()}
        rows = self.statements.step(claiming(), {"who": owner, "seconds": lease, **texts})
        return _job(rows[0]) if rows else None

    def renew(self, jobs: Collection[Job], lease: float) -> set[str]:
        """Extend the leases of the claims that still stand; returns the ids of their jobs."""
        claims = [(job.id, job.owner, job.attempts) for job in jobs]
        mine = and_(tuple_(_c.id, _c.owner, _c.attempts).in_(claims), _c.state == "running")
        renewed = update(jobs_table).where(mine).values(lease=epoch() + lease).returning(_c.id)
        return {row.id for row in self.statements.take(renewed)}

    def finish(self, job: Job, order: Mapping[str, Any], result: Mapping[str, Any]) -> bool:
        """The job succeeded; ``order`` replaces what was stored (without its secrets). False: lost it."""
        return self._leave(job, "succeeded", order=json.dumps(order), result=json.dumps(result))

    def fail(self, job: Job, order: Mapping[str, Any], error: Mapping[str, Any]) -> bool:
        """The job cannot be done. False: it is no longer this owner's."""
        return self._leave(job, "failed", order=json.dumps(order), error=json.dumps(error))

    def hand_back(self, job: Job, *, counted: bool) -> bool:
        """Let others run the job; ``counted`` says whether this attempt was the job's fault perhaps."""
        return self._leave(job, "pending", uncounted=int(not counted))

    def hopeless(self, owner: str, lease: float, ttl: float, in_hand: Collection[str] = ()) -> list[Job]:
        """Take over what nobody is to run any more, so that it can be failed with a reason.

        That is a job whose last attempt's lease ran out, and one that has waited longer than ``ttl``.
        """
        died = and_(is_lapsed(), _c.attempts >= MAX_ATTEMPTS)
        waited = and_(_c.state == "pending", _c.created < epoch() - ttl)
        taken = {"state": "running", "owner": owner, "lease": epoch() + lease}
        statement = update(jobs_table).where(or_(died, waited)).values(taken).returning(*_c)
        rows = self.statements.take(statement, {"in_hand": json.dumps([*in_hand])})
        return [_job(row._mapping) for row in rows]

    def expire(self, ttl: float) -> int:
        """Delete finished jobs that were last touched more than ``ttl`` seconds ago; how many.

        What ended jobs had of secrets is gone from the table, and after this from SQLite's log beside it.
        """
        old = and_(_c.state.in_(("succeeded", "failed")), _c.modified < epoch() - ttl)
        some = select(_c.id).where(old).limit(_EXPIRED_AT_ONCE)
        gone = self.statements.write(delete(jobs_table).where(_c.id.in_(some)))
        with self.statements.writing():
            checkpoint(self.statements.engine)
        return gone

    def count(self) -> dict[str, int]:
        """How many jobs are in each state."""
        rows = self.statements.read(select(_c.state, func.count().label("jobs")).group_by(_c.state))
        return dict.fromkeys(STATES, 0) | {row.state: row.jobs for row in rows}

    def now(self) -> float:
        """The database's clock, in seconds since 1970."""
        return float(self.statements.read(select(epoch().label("now")))[0].now)

    def check_writable(self) -> None:
        """Raise SQLAlchemyError where the table cannot be written within a second."""
        nothing = update(jobs_table).where(_c.id == "").values(owner=None)
        with (
            self.statements.writing(seconds=READY_SECONDS),
            impatient(self.statements.engine, READY_SECONDS) as connection,
        ):
            connection.execute(nothing)

    def _leave(self, job: Job, state: str, *, uncounted: int = 0, **texts: str) -> bool:
        mine = {"job": job.id, "who": job.owner, "attempt": job.attempts}
        kept = {f"new_{name}": texts.get(name) for name in TEXTS}
        return bool(self.statements.step(leaving(), mine | kept | {"left": state, "uncounted": uncounted}))


def _own(known: Mapping[Any, Any] | None, client: str) -> Job | None:
    return _job(known) if known is not None and owner_of(known["client"]) == owner_of(client) else None


def _job(known: Mapping[Any, Any]) -> Job:
    texts = {name: known[name] and json.loads(known[name]) for name in ("order", "result", "error")}
    return Job(**{name: texts.get(name, known[name]) for name in Job._fields})
