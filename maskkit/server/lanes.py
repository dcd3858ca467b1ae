"""Where pictures are computed: lanes of one process each, or one Dask cluster behind several lanes.

A pool of many processes breaks as a whole when one process dies, and would take innocent jobs with it. A
lane breaks alone; it can also be killed alone, which is the only way to stop a decoder that takes too long.
"""

from __future__ import annotations

import asyncio
import logging
import os
import threading
import warnings
from collections.abc import Awaitable, Callable
from concurrent.futures import BrokenExecutor, Executor, ProcessPoolExecutor
from contextlib import nullcontext, suppress
from dataclasses import dataclass
from functools import partial
from multiprocessing.context import SpawnContext, SpawnProcess
from typing import Any, TypeVar

from maskkit.batches.child import begin, unheard
from maskkit.errors import MaskkitError, MissingExtraError
from maskkit.server.compute import warm
from maskkit.server.fair_queue import FairQueue
from maskkit.server.faults import JobError, bad_input

__all__ = ["Lane", "Lanes", "LostWorkerError", "check_dask", "dask_lane", "process_lane"]

T = TypeVar("T")
LOAD_SECONDS = 120.0
logger = logging.getLogger("maskkit.server")


class LostWorkerError(Exception):
    """What computed went away, or never came; ``counted``: the job may have been the reason."""

    def __init__(self, reason: str, *, counted: bool) -> None:
        super().__init__(reason)
        self.counted = counted


_TIDY = 2.0  # seconds for a pool to give back its semaphores; of one that hangs they are left


@dataclass(frozen=True)
class Lane:
    """An executor; ``alive``: it can be handed a picture, ``staffed``: somebody takes it up (this may block).

    ``kill`` stops it now.
    """

    executor: Executor
    alive: Callable[[], bool]
    staffed: Callable[[], bool]
    kill: Callable[[], None]


class _Remembering(SpawnContext):
    """Starts processes afresh, since forking one with threads is asking for a hang, and remembers them."""

    def __init__(self) -> None:
        super().__init__()
        self.started: list[SpawnProcess] = []

    def Process(self, *args: Any, **options: Any) -> SpawnProcess:  # type: ignore[override]  # noqa: N802
        process = SpawnProcess(*args, **options)
        self.started.append(process)
        return process


def process_lane(threads: int) -> Lane:
    """A process of this machine."""
    context = _Remembering()
    executor = ProcessPoolExecutor(1, context, initializer=begin, initargs=(threads,))
    with unheard():
        pid = executor.submit(os.getpid)

    def alive() -> bool:
        began = pid.done() and not pid.exception()
        return began and any(process.is_alive() for process in context.started)

    def kill() -> None:
        for process in context.started:  # also one that is still starting: its parent may end before it has
            process.kill()
        ending = threading.Thread(target=executor.shutdown, kwargs={"cancel_futures": True}, daemon=True)
        ending.start()
        ending.join(_TIDY)

    return Lane(executor, alive, alive, kill)


def check_dask(address: str) -> None:
    """Raises MaskkitError where there is no Dask, or the address is none."""
    try:
        from distributed.comm.addressing import get_address_host_port
    except ImportError:
        raise MissingExtraError("cluster", "distributed") from None
    try:
        get_address_host_port(address, strict=True)
    except ValueError:
        raise MaskkitError(f"--dask: need an address as tcp://scheduler:8786, got {address!r}") from None


def dask_lane(address: str) -> Lane:
    """The Dask cluster at ``address``; its workers need maskkit installed."""
    from distributed import Client

    warnings.filterwarnings("ignore", "Sending large graph", UserWarning)  # a photo is what we send
    client = Client(address, timeout=5, set_as_default=False)  # type: ignore[no-untyped-call]
    executor: Executor = client.get_executor(pure=False)  # type: ignore[no-untyped-call]

    def alive() -> bool:
        return bool(client.status == "running")

    def staffed() -> bool:
        return alive() and bool(client.scheduler_info(n_workers=1)["workers"])

    def kill() -> None:
        threading.Thread(target=client.close, kwargs={"timeout": 2}, daemon=True).start()

    return Lane(executor, alive, staffed, kill)


class Lanes:
    """``count`` lanes made by ``make_lane`` that have ``engine`` loaded; a lane that breaks is replaced."""

    def __init__(
        self, count: int, make_lane: Callable[[], Lane], engine: str, *, shared: bool = False
    ) -> None:
        self._make, self._count, self._engine, self._shared = make_lane, count, engine, shared
        self._free: FairQueue[Lane | None] = FairQueue()
        self._lanes: set[Lane] = set()
        self._opening = asyncio.Lock()

    @property
    def ready(self) -> bool:
        """Whether an engine is loaded somewhere."""
        return any(lane.alive() for lane in self._lanes)

    async def open(self) -> None:
        """Start the lanes; a failure is logged and tried again by the first job."""
        for _ in range(self._count):
            self._free.put(None)
        starts = (self.run(os.getpid, seconds=LOAD_SECONDS) for _ in range(self._count))
        # all are waited for, also when this is cancelled: none may start a process after the end
        for ended in await asyncio.gather(*starts, return_exceptions=True):
            if isinstance(ended, LostWorkerError | JobError):
                logger.warning("the engine %s did not start: %s", self._engine, ended)
            elif isinstance(ended, BaseException):
                raise ended

    async def close(self) -> None:
        """End every lane."""
        for lane in list(self._lanes):
            await self._end(lane)

    async def run(self, function: Callable[..., T], *args: Any, seconds: float, client: str = "") -> T:
        """``function(*args)`` on a free lane. Raises JobError after ``seconds``, LostWorkerError.

        Where several wait for a lane, the clients take turns.
        """

        async def prepare() -> Callable[[], T]:
            return partial(function, *args)

        return await self.run_prepared(prepare, seconds=seconds, client=client)

    async def run_prepared(
        self, prepare: Callable[[], Awaitable[Callable[[], T]]], *, seconds: float, client: str = ""
    ) -> T:
        """`run` of what ``prepare`` gives once a lane is free: what waits is not in memory meanwhile."""
        lane = await self._free.get(client)
        try:
            task = await prepare()
            if lane is not None and not lane.alive():  # it died in its sleep: nobody's fault
                await self._end(lane)
            if lane not in self._lanes:
                lane = await self._open_lane()
            return await self._compute(lane, task, seconds)
        finally:
            self._free.put(lane if lane in self._lanes else None)

    async def _compute(self, lane: Lane, task: Callable[[], T], seconds: float) -> T:
        try:
            return await self._wait(lane, task, seconds)
        except TimeoutError:
            if self._shared:  # a cluster does not say how long a task waited there: for a worker, perhaps
                staffed = await asyncio.to_thread(lane.staffed)
                raise LostWorkerError(f"no answer within {seconds:g} s", counted=staffed) from None
            await self._end(lane)
            raise bad_input(f"the picture took longer than {seconds:g} s") from None
        except Exception as error:
            lost = _lost(error)
            if lost is None:
                raise
            if not (self._shared and lane.alive()):
                await self._end(lane)
            raise lost from None

    async def _open_lane(self) -> Lane:
        async with self._opening if self._shared else nullcontext():
            if self._shared and self._lanes:
                return next(iter(self._lanes))
            lane = await self._made()
            await self._load(lane)
            self._lanes.add(lane)
            return lane

    async def _made(self) -> Lane:
        making = asyncio.ensure_future(asyncio.to_thread(self._make))
        try:
            return await asyncio.shield(making)
        except OSError as error:
            raise LostWorkerError(f"cannot be reached ({type(error).__name__})", counted=False) from None
        except asyncio.CancelledError:  # the thread goes on; what it starts must not outlive the server
            with suppress(OSError):
                await self._end(await making)
            raise

    async def _load(self, lane: Lane) -> None:
        # the time that a process takes to start is not the picture's, nor is what goes wrong there
        try:
            await self._wait(lane, partial(warm, self._engine), LOAD_SECONDS)
        except BaseException as error:
            await self._end(lane)
            if isinstance(error, JobError | asyncio.CancelledError):
                raise
            reason = f"the engine did not load ({type(error).__name__})"
            raise LostWorkerError(reason, counted=False) from None

    async def _wait(self, lane: Lane, task: Callable[[], T], seconds: float) -> T:
        waiting = asyncio.wrap_future(lane.executor.submit(task))
        waiting.add_done_callback(_heard)  # whoever waits may be cancelled before
        deadline = _now() + seconds
        while not waiting.done():
            await asyncio.wait({waiting}, timeout=min(1.0, max(0.0, deadline - _now())))
            if waiting.done():
                break
            if self._shared and not lane.alive():
                raise LostWorkerError("the cluster went away", counted=False)
            if _now() >= deadline:
                waiting.cancel()
                raise TimeoutError
        if waiting.cancelled():
            raise LostWorkerError("the cluster dropped the task", counted=False)
        return waiting.result()

    async def _end(self, lane: Lane) -> None:
        self._lanes.discard(lane)
        await asyncio.to_thread(lane.kill)


def _heard(done: asyncio.Future[Any]) -> None:
    """Take note of what went wrong, which asyncio would complain of otherwise where nobody waits any more."""
    if not done.cancelled():
        done.exception()


def _now() -> float:
    return asyncio.get_running_loop().time()


def _lost(error: Exception) -> LostWorkerError | None:
    """What an executor raises when it loses the process that computed; None for any other error."""
    if isinstance(error, LostWorkerError):
        return error
    if isinstance(error, BrokenExecutor) or type(error).__name__ == "KilledWorker":  # Dask's word for it
        return LostWorkerError(f"the process that computed died ({type(error).__name__})", counted=True)
    if type(error).__module__.startswith("distributed"):
        return LostWorkerError(f"the cluster failed ({type(error).__name__})", counted=False)
    return None
