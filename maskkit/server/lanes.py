"""Where pictures are computed: lanes of one process each, or one Dask cluster behind several lanes.

A pool of many processes breaks as a whole when one process dies, and would take innocent jobs with it. A
lane breaks alone; it can also be killed alone, which is the only way to stop a decoder that takes too long.
"""

from __future__ import annotations

import asyncio
import logging
import multiprocessing
import os
import threading
import warnings
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Executor, Future, ProcessPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any, TypeVar

from maskkit.errors import MissingExtraError
from maskkit.server.child import begin
from maskkit.server.compute import warm
from maskkit.server.faults import JobError, bad_input

__all__ = ["Lane", "Lanes", "LostWorkerError", "dask_lane", "process_lane"]

T = TypeVar("T")
LOAD_SECONDS = 120.0
logger = logging.getLogger("maskkit.server")


class LostWorkerError(Exception):
    """What computed went away; ``counted`` says whether the job may have been the reason."""

    def __init__(self, reason: str, *, counted: bool) -> None:
        super().__init__(reason)
        self.counted = counted


@dataclass(frozen=True)
class Lane:
    """An executor for one picture at a time; ``alive`` is asked while one waits, ``kill`` stops it now."""

    executor: Executor
    alive: Callable[[], bool]
    kill: Callable[[], None]


def process_lane(threads: int) -> Lane:
    """A process of this machine."""
    context = multiprocessing.get_context("spawn")  # forking a process with threads is asking for a hang
    executor = ProcessPoolExecutor(1, context, initializer=begin, initargs=(threads,))
    pid = executor.submit(os.getpid)

    def kill() -> None:
        for child in multiprocessing.active_children():
            if pid.done() and not pid.exception() and child.pid == pid.result():
                child.kill()

    return Lane(executor, lambda: True, kill)


def dask_lane(address: str) -> Lane:
    """The Dask cluster at ``address``; its workers need maskkit installed."""
    try:
        from distributed import Client
    except ImportError:
        raise MissingExtraError("cluster", "distributed") from None
    warnings.filterwarnings("ignore", "Sending large graph", UserWarning)  # a photo is what we send
    client = Client(address, timeout=5, set_as_default=False)  # type: ignore[no-untyped-call]
    executor: Executor = client.get_executor(pure=False)  # type: ignore[no-untyped-call]

    def kill() -> None:
        threading.Thread(target=client.close, kwargs={"timeout": 2}, daemon=True).start()

    return Lane(executor, lambda: client.status == "running", kill)


class Lanes:
    """``count`` lanes made by ``make_lane`` that have ``engine`` loaded; a lane that breaks is replaced."""

    def __init__(
        self, count: int, make_lane: Callable[[], Lane], engine: str, *, shared: bool = False
    ) -> None:
        self._make, self._count, self._engine, self._shared = make_lane, count, engine, shared
        self._free: asyncio.Queue[Lane | None] = asyncio.Queue()
        self._lanes: set[Lane] = set()
        self._opening = asyncio.Lock()
        self._waiting = 0

    @property
    def ready(self) -> bool:
        """Whether an engine is loaded somewhere."""
        return any(lane.alive() for lane in self._lanes)

    @property
    def crowded(self) -> bool:
        """Whether so many calls wait already that one more had better come back later."""
        return self._waiting >= 8 * self._count

    async def open(self) -> None:
        """Start the lanes; a failure is logged and tried again by the first job."""
        for _ in range(self._count):
            self._free.put_nowait(None)
        try:
            await asyncio.gather(*(self.run(os.getpid, seconds=LOAD_SECONDS) for _ in range(self._count)))
        except (LostWorkerError, JobError) as error:
            logger.warning("the engine %s did not start: %s", self._engine, error)

    async def close(self) -> None:
        """End every lane."""
        for lane in list(self._lanes):
            await asyncio.to_thread(self._end, lane)

    async def run(self, function: Callable[..., T], *args: Any, seconds: float) -> T:
        """``function(*args)`` on a free lane. Raises JobError after ``seconds``, LostWorkerError."""
        self._waiting += 1
        try:
            lane = await self._free.get()
        finally:
            self._waiting -= 1
        try:
            if lane is None or lane not in self._lanes:
                lane = await self._open_lane()
            return await self._wait(lane, lane.executor.submit(function, *args), seconds)
        except TimeoutError:
            if lane is not None and not self._shared:
                await asyncio.to_thread(self._end, lane)
            raise bad_input(f"the picture took longer than {seconds:g} s") from None
        except Exception as error:
            lost = _lost(error)
            if lost is None:
                raise
            if lane is not None and (not self._shared or not lane.alive()):
                await asyncio.to_thread(self._end, lane)
            raise lost from None
        finally:
            self._free.put_nowait(lane if lane in self._lanes else None)

    async def _open_lane(self) -> Lane:
        async with self._opening if self._shared else nullcontext():
            if self._shared and self._lanes:
                return next(iter(self._lanes))
            try:
                lane = await asyncio.to_thread(self._make)
            except OSError as error:
                raise LostWorkerError(f"cannot be reached ({type(error).__name__})", counted=False) from None
            await self._load(lane)
            self._lanes.add(lane)
            return lane

    async def _load(self, lane: Lane) -> None:
        # the time that a process takes to start is not the picture's
        try:
            await self._wait(lane, lane.executor.submit(warm, self._engine), LOAD_SECONDS)
        except BaseException as error:
            await asyncio.to_thread(self._end, lane)
            if isinstance(error, TimeoutError):
                raise LostWorkerError("the engine did not load in time", counted=False) from None
            raise

    async def _wait(self, lane: Lane, future: Future[T], seconds: float) -> T:
        waiting = asyncio.wrap_future(future)
        deadline = _now() + seconds
        while not waiting.done():
            await asyncio.wait({waiting}, timeout=min(1.0, max(0.0, deadline - _now())))
            if waiting.done():
                break
            if not lane.alive():
                raise LostWorkerError("the cluster went away", counted=False)
            if _now() >= deadline:
                waiting.cancel()
                raise TimeoutError
        if waiting.cancelled():
            raise LostWorkerError("the cluster dropped the task", counted=False)
        return waiting.result()

    def _end(self, lane: Lane) -> None:
        self._lanes.discard(lane)
        lane.kill()
        lane.executor.shutdown(wait=False, cancel_futures=True)


def _now() -> float:
    return asyncio.get_running_loop().time()


def _lost(error: Exception) -> LostWorkerError | None:
    """What an executor raises when it loses the process that computed; None for any other error."""
    if isinstance(error, LostWorkerError):
        return error
    if isinstance(error, BrokenExecutor) or type(error).__module__.startswith("distributed"):
        return LostWorkerError(f"the process that computed died ({type(error).__name__})", counted=True)
    return None
