"""Tells clients that a job has ended: a signed POST to the URLs of its order, at least once, with one id.

What is to be told is a row of a table beside the jobs', so it outlives the server as the jobs do. A row is
due when its job has ended; whoever takes it puts it off, so that a server that dies in the middle leaves it
to be taken again. It goes when the receiver has answered 2xx, or 410, or with its job.
"""

from __future__ import annotations

import asyncio
import json
import logging
import random
import time
import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, delete, func, insert, or_, select, update
from sqlalchemy.engine import Row
from sqlalchemy.exc import SQLAlchemyError

from maskkit.redact import redact
from maskkit.server.access import Access
from maskkit.server.faults import JobError
from maskkit.server.file_store import Files
from maskkit.server.guard import BlockedError
from maskkit.server.jobs import Job, Jobs
from maskkit.server.statuses import status_v2, warned_of
from maskkit.server.stores import Transfers
from maskkit.server.table import callbacks_table, epoch, jobs_table
from maskkit.wire import v2
from maskkit.wire.events import Notifier, signed_headers

__all__ = ["Callbacks"]

_AT_ONCE, _OF_ONE_CLIENT = 16, 4  # posts under way: a receiver that sleeps holds up nobody else's
_GRACE = 3.0  # seconds that posts under way are given when the server stops
_SPARE = 15.0  # seconds, beyond the longest post, that a row is put off while it is being told
_FIRST, _LONGEST = 5.0, 3600.0  # seconds before the second try, and between the last ones
_c, _j = callbacks_table.c, jobs_table.c
logger = logging.getLogger("maskkit.server")


@dataclass(frozen=True)
class _Told:
    """What a row is done with, and whether it is to be tried again."""

    done: bool
    why: str = ""


class Callbacks:
    """Posts what is due until `stop`; ``pause`` is how often it looks, in seconds."""

    def __init__(
        self, jobs: Jobs, access: Access, files: Files, transfers: Transfers, *, pause: float
    ) -> None:
        self._jobs, self._access, self._files, self._transfers = jobs, access, files, transfers
        self._pause = pause
        self._running: dict[asyncio.Task[None], Row[Any]] = {}
        self._loop: asyncio.Task[None] | None = None

    def why_not(self, client: str) -> str | None:
        """Why this client's orders may have no notifiers, if so."""
        known = self._access.credentials
        if known is None:
            return "this server has no credentials, so nothing that it posts could be signed"
        if client not in known.hooks:
            return "this client's line has no key for events: remove the client and add it again"
        return None

    def keep(self, job_id: str, client: str, base: str, notifiers: Collection[Notifier]) -> None:
        """Store whom to tell of a job."""
        rows = [
            {
                "id": str(uuid.uuid4()),
                "job": job_id,
                "client": client,
                "url": one.url,
                "headers": json.dumps(dict(one.headers)),
                "base": base,
                "attempts": 0,
                "due": 0.0,
            }
            for one in notifiers
        ]
        if rows:
            self._jobs.statements.write(insert(callbacks_table), rows)

    def start(self) -> None:
        """Begin to tell."""
        self._loop = asyncio.create_task(self._tell())

    async def stop(self) -> None:
        """Begin no more posts, give those under way a moment, and leave the rest to whoever comes next."""
        if self._loop:
            self._loop.cancel()
            await asyncio.gather(self._loop, return_exceptions=True)
        if self._running:
            await asyncio.wait(set(self._running), timeout=_GRACE)
        left = dict(self._running)
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        ids = [row.id for row in left.values()]
        again = update(callbacks_table).where(_c.id.in_(ids)).values(due=epoch())
        if ids:
            await self._safely(self._jobs.statements.write, again)

    async def _tell(self) -> None:
        while True:
            row = await self._safely(self._take) if len(self._running) < _AT_ONCE else None
            if row is None:
                await asyncio.sleep(self._pause)
                continue
            task = asyncio.create_task(self._post(row))
            self._running[task] = row
            task.add_done_callback(lambda task: self._running.pop(task, None))

    def _take(self) -> Row[Any] | None:
        clients = [row.client for row in self._running.values()]
        busy = [one for one in set(clients) if clients.count(one) >= _OF_ONE_CLIENT]
        rows = self._jobs.statements.take(_claim(busy, self._transfers.stall + _SPARE))
        return rows[0] if rows else None

    async def _post(self, row: Row[Any]) -> None:
        try:
            job = await asyncio.to_thread(self._jobs.get, row.job, row.client)
        except SQLAlchemyError as error:  # it is put off: whoever takes it next knows more
            logger.warning("the database failed (%s)", type(error).__name__)
            return
        known = self._access.credentials
        key = known.hooks.get(row.client) if known else None
        if key is None or job is None:
            told = _Told(done=True, why="its client is gone" if key is None else "its job is gone")
        else:
            told = await self._deliver(row, job, key)
        if told.why:
            logger.info("event %s of job %s, attempt %d: %s", row.id, row.job, row.attempts, told.why)
        put_off = update(callbacks_table).values(due=epoch() + _backoff(row.attempts))
        change = delete(callbacks_table) if told.done else put_off
        await self._safely(self._jobs.statements.write, change.where(_c.id == row.id))

    async def _deliver(self, row: Row[Any], job: Job, key: bytes) -> _Told:
        body = json.dumps(self._event(job, row.base)).encode()
        given: Mapping[str, str] = json.loads(row.headers)
        ours = signed_headers(key, row.id, int(time.time()), body) | warned_of(job)
        try:
            await self._transfers.post(row.url, {**given, "content-type": "application/json", **ours}, body)
        except BlockedError as error:
            return _Told(done=False, why=redact(error))
        except JobError as error:
            details = error.failure.details
            gone = isinstance(details, dict) and details.get("status") == 410
            return _Told(done=gone, why=redact(error))
        return _Told(done=True)

    def _event(self, job: Job, base: str) -> dict[str, Any]:
        """The job's status, as whoever polls is told it, and where that is."""
        status = v2.write_status(status_v2(job, self._files, base))
        return {**status, "statusUrl": base + v2.STATUS_PATH.format(job_id=job.id)}

    async def _safely(self, step: Any, *args: Any) -> Any:
        try:
            return await asyncio.to_thread(step, *args)
        except SQLAlchemyError as error:
            logger.warning("the database failed (%s)", type(error).__name__)
            return None


def _backoff(attempts: int) -> float:
    """Seconds until the next try, less or more by chance, so that not all come back at once."""
    wait = min(_LONGEST, _FIRST * 2.0 ** min(attempts - 1, 20))
    return wait * random.uniform(0.75, 1.25)  # noqa: S311 - no secret


def _claim(busy: Collection[str], lease: float) -> Any:
    """Take the row that has been due for longest, of a job that has ended or is no more, for ``lease`` s."""
    ended = or_(_j.state.in_(("succeeded", "failed")), _j.id.is_(None))
    # further ahead than any row is put off: left from before the database's clock was set back
    due = or_(_c.due <= epoch(), _c.due > epoch() + 2 * _LONGEST)
    first = (
        select(_c.id)
        .outerjoin_from(callbacks_table, jobs_table, _j.id == _c.job)
        .where(and_(ended, due, _c.client.not_in(list(busy))))
        .order_by(_c.due)
        .limit(1)
        .with_for_update(of=callbacks_table, skip_locked=True)
        .scalar_subquery()
    )
    taken = {"attempts": _c.attempts + 1, "due": epoch() + lease}
    return update(callbacks_table).where(_c.id == func.coalesce(first, "")).values(taken).returning(*_c)
