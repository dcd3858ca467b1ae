"""Clients take turns where they wait for the same things."""

import asyncio

from maskkit.server.fair_queue import FairQueue


def run(story):
    asyncio.run(story())


def test_one_client_with_many_requests_keeps_nobody_waiting():
    async def story():
        queue, served = FairQueue(), []

        async def work(client):
            await queue.get(client)
            served.append(client)

        asking = [asyncio.create_task(work(client)) for client in ["many"] * 5 + ["few", "few", "one"]]
        await asyncio.sleep(0)
        for _ in asking:
            queue.put("lane")
            await asyncio.sleep(0)
        assert served == ["many", "few", "one", "many", "few", "many", "many", "many"]

    run(story)


def test_what_is_free_is_taken_at_once_in_the_order_it_came_free():
    async def story():
        queue = FairQueue()
        for lane in (1, 2):
            queue.put(lane)
        assert [await queue.get("a"), await queue.get("b")] == [1, 2]

    run(story)


def test_who_leaves_takes_nothing_along():
    async def story():
        queue = FairQueue()
        early, late, other = (asyncio.create_task(queue.get(client)) for client in ("a", "a", "b"))
        await asyncio.sleep(0)
        early.cancel()
        await asyncio.sleep(0)
        queue.put("first")
        late.cancel()  # it was its turn, and it leaves before it hears of that
        assert await other == "first"
        queue.put("second")
        assert await asyncio.wait_for(queue.get("c"), 1) == "second"

    run(story)


def test_every_one_is_served_in_the_end():
    async def story():
        queue, held = FairQueue(), []

        async def work(client):
            lane = await queue.get(client)
            held.append(lane)
            assert len(held) <= 2
            await asyncio.sleep(0)
            held.remove(lane)
            queue.put(lane)

        for lane in range(2):
            queue.put(lane)
        await asyncio.gather(*map(work, [f"client {n % 7}" for n in range(100)]))
        assert sorted([await queue.get(), await queue.get()]) == [0, 1]

    run(story)
