"""The jobs table, on SQLite and on PostgreSQL."""

import contextlib
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from maskkit.server.jobs import MAX_ATTEMPTS, Jobs, Refusal

ORDER = {"input": "https://a.test/in?sig=SECRET"}
BARE = {"input": "https://a.test/in?…"}


@pytest.fixture
def open_table(database):
    with contextlib.ExitStack() as stack:

        def open_table(**limits):
            return stack.enter_context(contextlib.closing(Jobs(database, **limits)))

        yield open_table


def submit(table, client="shop", optimize="performance"):
    job_id = table.submit(client, "v1", ORDER, optimize)
    assert isinstance(job_id, str), job_id
    return job_id


def test_the_life_of_a_job(open_table):
    table = open_table()
    job_id = submit(table)
    assert table.get(job_id, "shop").state == "pending"
    job = table.claim("me", 30)
    assert (job.id, job.state, job.attempts, job.order) == (job_id, "running", 1, ORDER)
    assert table.claim("me", 30) is None
    assert table.finish(job, BARE, {"file": "x"})
    done = table.get(job_id, "shop")
    assert (done.state, done.result, done.error, done.order) == ("succeeded", {"file": "x"}, None, BARE)
    assert done.created <= done.modified
    assert not table.finish(job, BARE, {}), "a job ends once"
    assert not table.fail(job, BARE, {})


def test_a_failed_job_keeps_its_reason(open_table):
    table = open_table()
    job_id = submit(table)
    assert table.fail(table.claim("me", 30), BARE, {"code": 400})
    assert table.get(job_id, "shop").error == {"code": 400}


def test_a_job_is_its_clients_alone(open_table):
    table = open_table()
    job_id = submit(table)
    assert table.get(job_id, "other") is None
    assert table.get("no-such-id", "shop") is None


def test_ids_cannot_be_guessed(open_table):
    ids = {submit(open_table()) for _ in range(20)}
    assert len(ids) == 20
    assert all(len(job_id) == 36 and job_id[14] == "4" for job_id in ids)


def test_performance_comes_before_batch_and_old_before_new(open_table):
    table = open_table()
    order = [
        submit(table, optimize=optimize) for optimize in ("batch", "performance", "batch", "performance")
    ]
    claimed = [table.claim("me", 30).id for _ in range(4)]
    assert claimed == [order[1], order[3], order[0], order[2]]


def test_clients_take_turns(open_table):
    table = open_table()
    greedy = [submit(table, client="greedy") for _ in range(4)]
    modest = submit(table, client="modest")
    claimed = [table.claim("me", 30).id for _ in range(5)]
    assert claimed == [greedy[0], modest, *greedy[1:]]


def test_the_queue_and_each_client_have_a_limit(open_table):
    table = open_table(max_queue=3, max_per_client=2)
    submit(table), submit(table)
    assert table.submit("shop", "v1", ORDER, "batch") == Refusal("client")
    submit(table, client="studio")
    assert table.submit("other", "v1", ORDER, "batch") == Refusal("queue")
    assert table.count() == {"pending": 3, "running": 0, "succeeded": 0, "failed": 0}
    job = table.claim("me", 30)
    assert table.submit("shop", "v1", ORDER, "batch") == Refusal("client"), "a running job counts as open"
    table.finish(job, BARE, {})
    submit(table)


def test_a_job_whose_lease_ran_out_is_taken_over_and_its_old_owner_has_no_say(open_table):
    table = open_table()
    submit(table)
    dead = table.claim("dead", -1)
    taken = table.claim("alive", 30)
    assert (taken.id, taken.attempts) == (dead.id, 2)
    assert table.renew("dead", [dead.id], 30) == set()
    assert not table.finish(dead, BARE, {"file": "late"})
    assert not table.hand_back(dead, counted=False)
    assert table.renew("alive", [taken.id], 30) == {taken.id}
    assert table.finish(taken, BARE, {"file": "right"})


def test_the_same_owner_does_not_finish_an_earlier_attempt(open_table):
    table = open_table()
    submit(table)
    first, second = table.claim("me", -1), table.claim("me", 30)
    assert not table.finish(first, BARE, {})
    assert table.finish(second, BARE, {})


def test_a_lease_that_is_renewed_does_not_run_out(open_table):
    table = open_table()
    submit(table)
    job = table.claim("me", -1)
    assert table.renew("me", [job.id], 30) == {job.id}
    assert table.claim("other", 30) is None


def test_attempts_end(open_table):
    table = open_table()
    submit(table)
    for attempt in range(1, MAX_ATTEMPTS + 1):
        assert table.lapsed("sweeper", 30) == []
        assert table.claim("dead", -1).attempts == attempt
    assert table.claim("alive", 30) is None
    [job] = table.lapsed("sweeper", 30)
    assert table.fail(job, BARE, {"code": 500})
    assert table.count()["failed"] == 1


def test_a_job_handed_back_waits_again(open_table):
    table = open_table()
    submit(table)
    assert table.hand_back(table.claim("me", 30), counted=False)
    job = table.claim("me", 30)
    assert job.attempts == 1, "a shut-down is not the job's fault"
    assert table.hand_back(job, counted=True)
    assert table.claim("me", 30).attempts == 2


def test_old_jobs_are_deleted_but_not_open_ones(open_table):
    table = open_table()
    ended, _open = submit(table), submit(table)
    table.finish(table.claim("me", 30), BARE, {})
    assert table.expire(60) == 0
    assert table.expire(-1) == 1
    assert table.get(ended, "shop") is None
    assert table.count()["pending"] == 1


def test_many_claim_at_once_and_each_job_is_taken_once(open_table, database):
    table = open_table()
    ids = {submit(table) for _ in range(60)}
    taken, barrier = [], threading.Barrier(6)

    def work(owner):
        mine = open_table() if database.startswith("postgresql") else table
        barrier.wait()
        while job := mine.claim(owner, 60):
            taken.append(job.id)
            assert mine.finish(job, BARE, {})

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(work, "abcdef"))
    assert Counter(taken) == dict.fromkeys(ids, 1)


def test_servers_that_start_at_once_make_one_table(open_table):
    barrier = threading.Barrier(6)

    def start(_):
        barrier.wait()
        return submit(open_table(max_queue=100))

    with ThreadPoolExecutor(6) as pool:
        ids = set(pool.map(start, range(6)))
    assert open_table().count()["pending"] == len(ids) == 6


def test_what_was_accepted_is_there_after_reopening(open_table):
    table = open_table()
    job_id = submit(table)
    table.close()
    assert open_table().get(job_id, "shop").state == "pending"


def test_texts_of_any_kind_come_back(open_table):
    table = open_table()
    order = {"input": "https://a.test/\0\ud800'; DROP TABLE maskkit_jobs; --é\U0001f600"}
    job_id = table.submit("shop", "v1", order, "batch")
    assert table.get(job_id, "shop").order == order
