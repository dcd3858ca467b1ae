"""Claims jobs from the table and runs them: input, compute, output, done.

Whatever is killed, the table says what remains to be done: a job is `running` only under a lease, the
output is written whole or not at all, and writing it twice gives the same bytes.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import socket
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import Any, TypeVar

from sqlalchemy.exc import SQLAlchemyError

from maskkit.redact import redact, redact_all
from maskkit.server.clock import Clock
from maskkit.server.compute import Inputs, make
from maskkit.server.faults import JobError
from maskkit.server.file_store import MEDIA_TYPES, Files
from maskkit.server.jobs import Job, Jobs
from maskkit.server.lanes import Lanes, LostWorkerError
from maskkit.server.metrics import Metrics
from maskkit.server.orders import Order, UnreadableOrderError
from maskkit.server.records import Result
from maskkit.server.settings import Settings
from maskkit.server.stores import Transfers
from maskkit.server.turns import MAX_ATTEMPTS

__all__ = ["Worker"]

T = TypeVar("T")
_REMEMBERED = 2000  # jobs that this server cannot read; more than ever wait at a time
logger = logging.getLogger("maskkit.server")


class Worker:
    """Runs jobs until `stop`; ``owner`` is what its claims carry."""

    def __init__(
        self,
        *,
        jobs: Jobs,
        lanes: Lanes,
        transfers: Transfers,
        files: Files,
        metrics: Metrics,
        settings: Settings,
    ) -> None:
        self.owner = f"{socket.gethostname()[:40]}-{secrets.token_hex(8)}"
        self._jobs, self._lanes, self._files = jobs, lanes, files
        self._transfers, self._metrics, self._settings = transfers, metrics, settings
        self._wake = asyncio.Event()
        self._slots = asyncio.Semaphore(settings.concurrency)
        self._running: dict[asyncio.Task[None], Job] = {}
        self._loops: list[asyncio.Task[None]] = []
        self._closing = False
        self._clock: Clock | None = None
        self._passed_over: dict[str, str] = {}  # job to reason: orders that this server cannot read

    def start(self) -> None:
        """Begin to claim."""
        settings = self._settings
        self._loops = [
            asyncio.create_task(self._claims()),
            asyncio.create_task(_every(settings.lease / 3, self._renew)),
            asyncio.create_task(_every(min(60.0, settings.lease), self._sweep)),
        ]

    def wake(self, client: str) -> None:
        """A job of this client was just stored here: no need to wait for the next look, if it may be run."""
        if client not in self._served():
            self._wake.set()

    async def stop(self) -> None:
        """Claim no more, let what runs finish for the grace time, hand the rest back."""
        self._closing = True
        self._wake.set()
        if self._running:
            await asyncio.wait(set(self._running), timeout=self._settings.grace)
        left = dict(self._running)
        for task in [*left, *self._loops[1:]]:  # the first ends by itself: it may be about to get a job
            task.cancel()
        await asyncio.gather(*left, *self._loops, return_exceptions=True)
        await asyncio.gather(
            *(
                self._safely(self._jobs.soon, self._jobs.hand_back, job, counted=False)
                for job in left.values()
            )
        )

    async def _claims(self) -> None:
        while True:
            await self._slots.acquire()
            if self._closing:
                return
            self._wake.clear()
            job = await self._safely(
                self._jobs.soon,
                self._jobs.claim,
                self.owner,
                self._settings.lease,
                self._in_hand(),
                [*self._passed_over],
                self._served(),
            )
            if job is None:
                self._slots.release()
                await self._pause(self._settings.poll)
            elif self._closing:
                await self._safely(self._jobs.soon, self._jobs.hand_back, job, counted=False)
                return
            else:
                task = asyncio.create_task(self._run(job))
                self._running[task] = job
                task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._running.pop(task, None)
        self._slots.release()
        self._wake.set()  # its client may have more that waits

    def _in_hand(self) -> list[str]:
        return [job.id for job in self._running.values()]

    def _served(self) -> list[str]:
        """The clients who have their share of the slots: their stores are slow, or they have ordered many."""
        held = Counter(job.client for job in self._running.values())
        return [client for client, jobs in held.items() if jobs >= self._settings.share]

    async def _pause(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._wake.wait()
        except TimeoutError:
            pass

    async def _run(self, job: Job) -> None:
        self._metrics.took("queue", time.time() - job.created)
        try:
            result = await self._work(job, Order.from_json(job.order))
        except UnreadableOrderError as error:
            await self._pass_over(job, str(error))
        except JobError as fault:
            await self._fail(job, fault)
        except LostWorkerError as lost:
            await self._lost(job, lost)
        except Exception:
            logger.exception("job %s: unexpected", job.id)
            await self._lost(job, LostWorkerError("unexpected error", counted=True))
        else:
            if result is not None:
                await self._finish(job, result)

    async def _work(self, job: Job, order: Order) -> Result | None:
        settings, begin = self._settings, time.monotonic()
        with self._metrics.stage("input"):
            photo = await self._input(order.input)
        self._metrics.moved("in", len(photo))
        with self._metrics.stage("compute"):
            made = await self._lanes.run(
                make,
                Inputs(photo),
                order.product,
                settings.engine,
                settings.max_pixels,
                seconds=settings.compute_seconds,
                client=job.client,
            )
        if time.monotonic() - begin > settings.lease / 2 and not await self._still_ours(job):
            return None  # the lease had lapsed: whoever has the job now writes the output
        with self._metrics.stage("output"):
            name = await self._output(job, order, made.content)
        self._metrics.moved("out", len(made.content))
        result: Result = {"file": name, "width": made.width, "height": made.height, "engine": made.engine}
        if made.warned:
            logger.info("job %s: %s", job.id, " | ".join(made.warned))
            result["warned"] = list(made.warned)
        return result

    async def _still_ours(self, job: Job) -> bool:
        return bool(await self._surely(asyncio.to_thread, self._jobs.renew, [job], self._settings.lease))

    async def _input(self, href: str) -> bytes:
        path = self._files.own("GET", href)
        if path is not None:
            return await asyncio.to_thread(self._files.read, path)
        return await self._transfers.download(href)

    async def _output(self, job: Job, order: Order, content: bytes) -> str | None:
        if order.output is None:
            name = self._files.name(job.client, job.id + MEDIA_TYPES[order.product.media_type])
            await asyncio.to_thread(self._files.write, self._files.folder / name, content)
            return name
        path = self._files.own("PUT", order.output)
        if path is None:
            await self._transfers.upload(order.output, order.storage, content)
        else:
            await asyncio.to_thread(self._files.write, path, content)
        return None

    async def _finish(self, job: Job, result: Result) -> None:
        if await self._surely(self._jobs.soon, self._jobs.finish, job, redact_all(job.order), result):
            self._metrics.ended("succeeded")

    async def _fail(self, job: Job, fault: JobError) -> None:
        logger.info("job %s failed: %s", job.id, redact(fault))
        if await self._surely(
            self._jobs.soon, self._jobs.fail, job, redact_all(job.order), asdict(fault.failure)
        ):
            self._metrics.ended("failed")

    async def _lost(self, job: Job, lost: LostWorkerError) -> None:
        logger.warning("job %s, attempt %d: %s", job.id, job.attempts, lost)
        if lost.counted and job.attempts >= MAX_ATTEMPTS:
            await self._fail(job, _gave_up(str(lost)))
        elif await self._surely(self._jobs.soon, self._jobs.hand_back, job, counted=lost.counted):
            self._metrics.ended("handed_back")
            if not lost.counted:  # nothing to compute on: do not spin
                await asyncio.sleep(self._settings.poll)

    async def _pass_over(self, job: Job, reason: str) -> None:
        """Leave the job to a server of another version, and claim it no more."""
        if reason not in self._passed_over.values():
            logger.warning("job %s is left to others: %s", job.id, redact(reason))
        while len(self._passed_over) >= _REMEMBERED:
            self._passed_over.pop(next(iter(self._passed_over)))
        self._passed_over[job.id] = reason
        if await self._surely(self._jobs.soon, self._jobs.hand_back, job, counted=False):
            self._metrics.ended("handed_back")

    async def _renew(self) -> None:
        if self._running:
            await self._safely(
                asyncio.to_thread, self._jobs.renew, list(self._running.values()), self._settings.lease
            )

    async def _sweep(self) -> None:
        lease, ttl = self._settings.lease, self._settings.job_ttl
        ahead = await self._safely(asyncio.to_thread, self._ahead)
        if ahead is None:
            return
        kept = ttl + ahead
        for job in (
            await self._safely(
                asyncio.to_thread, self._jobs.hopeless, self.owner, lease, kept, self._in_hand()
            )
            or ()
        ):
            died = job.attempts >= MAX_ATTEMPTS
            await self._fail(job, _gave_up("the server died") if died else _waited(job, ttl))
        await self._safely(asyncio.to_thread, self._jobs.expire, kept)
        await asyncio.to_thread(self._files.expire)

    def _ahead(self) -> float:
        if self._clock is None:  # it reads the database, which may be away when the server starts
            self._clock = Clock(self._settings.job_ttl, self._jobs.now)
        return self._clock.ahead()

    async def _surely(self, ask: Callable[..., Awaitable[T]], *args: Any, **options: Any) -> T:
        """One step on the table, asked for until the database takes it; the job is in hand meanwhile.

        A step that was taken without our hearing of it is not taken again: it asks for the claim to stand.
        """
        while True:
            try:
                return await ask(*args, **options)
            except SQLAlchemyError as error:
                logger.warning("the database failed (%s)", type(error).__name__)
            await asyncio.sleep(self._settings.poll)

    async def _safely(self, ask: Callable[..., Awaitable[T]], *args: Any, **options: Any) -> T | None:
        """One step on the table; while the database is away, nothing is lost by not taking it."""
        try:
            return await ask(*args, **options)
        except SQLAlchemyError as error:
            logger.warning("the database failed (%s)", type(error).__name__)
        except Exception:  # a row that cannot be read, say: one job's trouble, not the end of all claiming
            logger.exception("the jobs table")
        return None


def _gave_up(reason: str) -> JobError:
    title = f"given up after {MAX_ATTEMPTS} attempts: {reason}"
    return JobError(500, "InternalError", title, {"attempts": MAX_ATTEMPTS})


def _waited(job: Job, ttl: float) -> JobError:
    title = f"given up after {ttl:g} s of waiting"
    try:
        Order.from_json(job.order)
    except UnreadableOrderError as error:
        return JobError(500, "InternalError", f"{title} for a server that can read it: {error}")
    return JobError(503, "ServiceUnavailable", title)


async def _every(seconds: float, step: Callable[[], Awaitable[None]]) -> None:
    while True:
        try:
            await step()
        except Exception:
            logger.exception("housekeeping")
        await asyncio.sleep(seconds)
