"""Answers that are computed once for equal requests."""

import asyncio

import pytest

from maskkit.server.flights import Flights
from maskkit.server.removebg_picture import Answer, Box


def made(size=1):
    return Answer(bytes(size), "png", 1, 1, Box(0, 0, 1, 1), 1, "classical", "none")


class Kitchen:
    """Counts what is computed; each piece of work ends when it is told to."""

    def __init__(self, flights):
        self.flights, self.computed, self.gates = flights, [], {}

    def ask(self, key, size=1):
        async def compute():
            self.computed.append(key)
            await self.gates.setdefault(key, asyncio.Event()).wait()
            return made(size)

        return self.flights.of(key, compute)

    async def answer(self, key, size=1):
        task = self.ask(key, size)
        self.gates.setdefault(key, asyncio.Event()).set()
        await task
        await asyncio.sleep(0)  # it lands


def run(test):
    asyncio.run(test())


def test_the_slowest_answer_is_kept_though_it_began_first():
    async def test():
        kitchen = Kitchen(Flights(count=2))
        slow = kitchen.ask(b"slow")
        for key in (b"1", b"2", b"3"):
            await kitchen.answer(key)
        await kitchen.answer(b"slow")
        assert kitchen.ask(b"slow") is slow
        assert kitchen.computed.count(b"slow") == 1

    run(test)


def test_what_is_kept_is_limited_in_bytes():
    async def test():
        kitchen = Kitchen(Flights(size=100))
        for key in (b"1", b"2", b"3"):
            await kitchen.answer(key, 40)
        for key in (b"3", b"2"):
            await kitchen.answer(key, 40)
        assert kitchen.computed == [b"1", b"2", b"3"]
        await kitchen.answer(b"1", 40)
        await kitchen.answer(b"large", 101)
        await kitchen.answer(b"large", 101)
        assert kitchen.computed == [b"1", b"2", b"3", b"1", b"large", b"large"]

    run(test)


def test_the_end_of_a_kept_answer_takes_no_newer_one_with_it():
    async def test():
        flights = Flights(count=1)
        kitchen = Kitchen(flights)
        await kitchen.answer(b"a")
        first = kitchen.ask(b"a")
        await kitchen.answer(b"b")  # drops the first
        kitchen.gates[b"a"].clear()
        second = kitchen.ask(b"a")
        flights._forget(b"a", first)  # as its timer does
        assert kitchen.ask(b"a") is second
        await kitchen.answer(b"a")

    run(test)


def test_answers_are_forgotten_after_their_time():
    async def test():
        kitchen = Kitchen(Flights(seconds=0.0))
        await kitchen.answer(b"a")
        await asyncio.sleep(0.01)
        await kitchen.answer(b"a")
        assert kitchen.computed == [b"a", b"a"]

    run(test)


def test_failures_are_tried_again():
    async def test():
        flights = Flights()

        async def fail():
            raise ValueError("once")

        with pytest.raises(ValueError, match="once"):
            await flights.of(b"a", fail)
        await Kitchen(flights).answer(b"a")

    run(test)


@pytest.mark.parametrize("order", [0, 1])
def test_one_that_fails_in_the_same_turn_as_another_is_made_spoils_nothing(order):
    async def test():
        loop, gate = asyncio.get_running_loop(), asyncio.Event()
        wrong = []
        loop.set_exception_handler(lambda _, context: wrong.append(context))

        async def good():
            await gate.wait()
            return made()

        async def bad():
            await gate.wait()
            raise ValueError

        flights = Flights(seconds=0.0)
        works = [good, bad] if order == 0 else [bad, good]
        tasks = [flights.of(work.__name__.encode(), work) for work in works]
        await asyncio.sleep(0)
        gate.set()
        await asyncio.wait(tasks)
        for _ in range(5):  # they land, and what was made is forgotten
            await asyncio.sleep(0)
        assert wrong == []
        assert flights.of(b"good", good) not in tasks

    run(test)
