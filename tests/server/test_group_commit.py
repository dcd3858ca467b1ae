"""Steps that wait together share a transaction, and nobody hears of one that is not on the disk."""

import asyncio
import sqlite3
import threading
from contextlib import nullcontext

import pytest

pytest.importorskip("sqlalchemy")
from sqlalchemy.exc import OperationalError

from maskkit.server.group_commit import GroupCommit
from maskkit.server.jobs import Jobs

ORDER = {"input": "https://a.test/1.png"}


@pytest.fixture
def path(tmp_path):
    return tmp_path / "steps.sqlite"


@pytest.fixture
def connection(path):
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=0.1)
    connection.execute("CREATE TABLE step (number INTEGER PRIMARY KEY)")
    yield connection
    connection.close()


def stored(path):
    with sqlite3.connect(path) as other:
        return [number for (number,) in other.execute("SELECT number FROM step ORDER BY number")]


def held(group):
    """A step that keeps the writer busy until told, so that what is asked meanwhile waits together."""
    begun, go = threading.Event(), threading.Event()

    def step():
        begun.set()
        assert go.wait(10)

    return asyncio.ensure_future(group.take(step)), begun, go


async def together(group, steps):
    first, begun, go = held(group)
    await asyncio.to_thread(begun.wait, 10)
    waiting = [asyncio.ensure_future(group.take(step)) for step in steps]
    await asyncio.sleep(0)  # each is in the queue
    go.set()
    return (await asyncio.gather(first, *waiting, return_exceptions=True))[1:]


def inserting(connection, number):
    return lambda: connection.execute("INSERT INTO step VALUES (?)", [number]).lastrowid


def ask(connection, steps):
    group = GroupCommit(connection, nullcontext)
    try:
        return asyncio.run(together(group, steps))
    finally:
        group.close()


def test_what_waits_together_is_committed_once_and_each_hears_its_own(connection, path):
    said = []
    connection.set_trace_callback(said.append)
    assert ask(connection, [inserting(connection, number) for number in (7, 8, 9)]) == [7, 8, 9]
    assert [words for words in said if not words.startswith("INSERT")] == ["BEGIN IMMEDIATE", "COMMIT"]
    assert stored(path) == [7, 8, 9]


def test_a_step_that_fails_leaves_the_others(connection, path):
    first, twice, last = ask(connection, [inserting(connection, number) for number in (1, 1, 2)])
    assert (first, last) == (1, 2)
    assert isinstance(twice, sqlite3.IntegrityError)
    assert stored(path) == [1, 2]


def test_where_the_transaction_is_given_up_all_of_it_fail(connection, path):
    def gives_up():
        return connection.execute("INSERT OR ROLLBACK INTO step VALUES (1)")

    answers = ask(connection, [inserting(connection, 1), gives_up, inserting(connection, 2)])
    assert all(isinstance(answer, sqlite3.IntegrityError) for answer in answers)
    assert stored(path) == []


def test_where_another_process_writes_all_of_it_fail(connection, path):
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    answers = ask(connection, [inserting(connection, 1), inserting(connection, 2)])
    assert all(isinstance(answer, OperationalError) for answer in answers)
    other.execute("ROLLBACK")
    assert stored(path) == []
    other.close()


def test_nobody_hears_before_it_is_committed(connection, path):
    def seen(number):
        inserting(connection, number)()
        return stored(path)

    assert ask(connection, [lambda: seen(1), lambda: seen(2)]) == [[], []]
    assert stored(path) == [1, 2]


def test_the_limit_of_the_queue_holds_within_a_transaction(tmp_path):
    table = Jobs(f"sqlite:///{tmp_path / 'jobs.sqlite'}", max_queue=3)

    async def order():
        asked = (table.soon(table.submit, "shop", "v2", ORDER, "performance") for _ in range(8))
        return await asyncio.gather(*asked)

    try:
        answers = asyncio.run(order())
        assert [getattr(answer, "limit", "taken") for answer in answers] == ["taken"] * 3 + ["queue"] * 5
        assert table.count()["pending"] == 3
    finally:
        table.close()


def test_a_job_is_claimed_once_by_those_who_ask_together(tmp_path):
    table = Jobs(f"sqlite:///{tmp_path / 'jobs.sqlite'}")
    ids = {table.submit("shop", "v2", ORDER, "performance") for _ in range(5)}

    async def claim():
        claims = await asyncio.gather(*(table.soon(table.claim, f"server-{n}", 30.0) for n in range(8)))
        jobs = [job for job in claims if job]
        ended = (table.soon(table.finish, job, ORDER, {"file": None}) for job in jobs)
        return [job.id for job in jobs], await asyncio.gather(*ended)

    try:
        claimed, ended = asyncio.run(claim())
        assert len(claimed) == 5
        assert set(claimed) == ids
        assert ended == [True] * 5
        assert table.count()["succeeded"] == 5
    finally:
        table.close()
