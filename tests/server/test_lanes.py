"""The processes that compute: who is blamed when one dies, and who is not."""

import asyncio
import contextlib
import multiprocessing
import os
import signal
from functools import partial

import pytest

from maskkit.server import lanes as lanes_room
from maskkit.server.lanes import Lanes, LostWorkerError, process_lane

from .deeds import blas_threads, die


@contextlib.asynccontextmanager
async def opened(count):
    lanes = Lanes(count, partial(process_lane, 1), "chroma")
    await lanes.open()
    try:
        yield lanes
    finally:
        await lanes.close()


async def gone(pid):
    while any(child.pid == pid for child in multiprocessing.active_children()):
        await asyncio.sleep(0.01)


def test_a_process_that_died_in_its_sleep_is_no_fault_of_the_next_picture():
    async def story():
        async with opened(1) as lanes:
            first = await lanes.run(os.getpid, seconds=30)
            assert lanes.ready
            os.kill(first, signal.SIGKILL)
            await asyncio.wait_for(gone(first), 10)
            assert not lanes.ready
            assert await lanes.run(os.getpid, seconds=30) != first
            assert lanes.ready

    asyncio.run(story())


def test_clients_take_turns_at_the_lanes():
    async def story():
        async with opened(1) as lanes:
            done = []

            async def ask(client):
                await lanes.run(os.getpid, seconds=30, client=client)
                done.append(client)

            await asyncio.gather(*(ask(client) for client in ["many"] * 9 + ["few"]))
            assert done.index("few") <= 2

    asyncio.run(story())


def test_who_dies_takes_nobody_along():
    async def story():
        async with opened(2) as lanes:
            pids = {await lanes.run(os.getpid, seconds=30) for _ in range(2)}
            calls = [lanes.run(die, seconds=30), *(lanes.run(blas_threads, seconds=30) for _ in range(3))]
            died, *others = await asyncio.gather(*calls, return_exceptions=True)
            assert isinstance(died, LostWorkerError)
            assert died.counted
            assert all(isinstance(other, list) for other in others), others
            assert pids & {await lanes.run(os.getpid, seconds=30) for _ in range(2)}, "one lives on"

    pytest.importorskip("threadpoolctl")
    asyncio.run(story())


def test_an_engine_that_dies_while_it_loads_is_no_fault_of_the_picture(monkeypatch):
    async def story():
        async with opened(1) as lanes:
            assert not lanes.ready
            with pytest.raises(LostWorkerError, match="did not load") as caught:
                await lanes.run(os.getpid, seconds=30)
            assert not caught.value.counted
            monkeypatch.undo()
            assert await lanes.run(os.getpid, seconds=30)

    monkeypatch.setattr(lanes_room, "warm", die)
    asyncio.run(story())


def test_a_process_keeps_to_its_share_of_the_cores(monkeypatch):
    pytest.importorskip("threadpoolctl")
    for name in ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS"):
        monkeypatch.delenv(name, raising=False)
    lane = process_lane(1)
    try:
        found = lane.executor.submit(blas_threads).result(60)
        assert found
        assert set(found) == {1}
    finally:
        lane.executor.shutdown()
