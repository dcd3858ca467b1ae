"""The jobs table, on SQLite and on PostgreSQL."""

import contextlib
import socket
import sqlite3
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import SQLAlchemyError

from maskkit.server.jobs import Jobs, Refusal
from maskkit.server.table import connect
from maskkit.server.turns import LONGEST_LEASE, MAX_ATTEMPTS, PATIENCE

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


def move(database, column, seconds):
    """As if the database's clock had been elsewhere when the times were written."""
    engine = create_engine(database)
    with engine.begin() as connection:
        connection.execute(text(f"UPDATE maskkit_jobs SET {column} = {column} + {seconds}"))
    engine.dispose()


def test_batch_jobs_that_have_waited_long_get_one_slot(open_table, database):
    table = open_table()
    late = [submit(table, optimize="batch") for _ in range(2)]
    move(database, "created", -PATIENCE - 1)
    new = [submit(table) for _ in range(3)]
    claimed = [table.claim("me", 30) for _ in range(3)]
    assert [job.id for job in claimed] == [late[0], *new[:2]], "no flood of orders keeps them waiting"
    table.finish(claimed[0], BARE, {})
    assert [table.claim("me", 30).id for _ in range(2)] == [late[1], new[2]]


def test_the_batch_job_of_a_dead_server_does_not_hold_that_slot(open_table, database):
    table = open_table()
    late = submit(table, optimize="batch")
    move(database, "created", -PATIENCE - 1)
    assert table.claim("dead", -1).id == late
    submit(table)
    assert table.claim("me", 30).id == late


def test_a_client_that_has_its_share_is_passed_by(open_table):
    table = open_table()
    for client in ("shop", "desk"):
        table.submit(client, "v1", ORDER, "performance")
    assert table.claim("a", 10, served=["shop"]).client == "desk"
    assert table.claim("a", 10, served=["shop"]) is None
    assert table.claim("a", 10).client == "shop"


def test_clients_take_turns(open_table):
    table = open_table()
    greedy = [submit(table, client="greedy") for _ in range(5)]
    modest = [submit(table, client="modest") for _ in range(2)]
    claimed = [table.claim("me", 30).id for _ in range(7)]
    assert claimed == [greedy[0], modest[0], greedy[1], modest[1], *greedy[2:]]


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


SLOW_INSERT = """
CREATE OR REPLACE FUNCTION rest() RETURNS trigger AS $$ BEGIN PERFORM pg_sleep(0.02); RETURN NEW; END $$
LANGUAGE plpgsql;
CREATE TRIGGER rest AFTER INSERT ON maskkit_jobs FOR EACH ROW EXECUTE FUNCTION rest();
"""


def test_the_limits_hold_for_orders_that_come_at_once(open_table, database):
    table, start = open_table(max_queue=40, max_per_client=10), threading.Barrier(8)
    if database.startswith("postgresql"):
        engine = create_engine(database)
        with engine.begin() as connection:
            connection.exec_driver_sql(SLOW_INSERT)
        engine.dispose()

    def order(client):
        start.wait()
        return [table.submit(client, "v1", ORDER, "performance") for _ in range(8)]

    with ThreadPoolExecutor(8) as pool:
        answers = [one for said in pool.map(order, ["shop"] * 4 + ["studio"] * 4) for one in said]
    assert Counter(map(type, answers)) == {str: 20, Refusal: 44}
    assert table.count()["pending"] == 20


def test_a_database_that_accepts_and_says_nothing_is_an_error(monkeypatch):
    pytest.importorskip("psycopg")
    monkeypatch.setattr("maskkit.server.table.BUSY_SECONDS", 2.0)  # libpq knows no shorter patience
    silent = socket.create_server(("127.0.0.1", 0))
    with silent, pytest.raises(SQLAlchemyError, match="timeout"):
        Jobs(f"postgresql+psycopg://me@127.0.0.1:{silent.getsockname()[1]}/x")


def test_a_statement_that_takes_too_long_is_an_error(postgres, monkeypatch):
    monkeypatch.setattr("maskkit.server.table.LOST_SECONDS", 0.1)
    engine = connect(postgres)
    with contextlib.closing(engine.connect()) as connection, pytest.raises(SQLAlchemyError, match="timeout"):
        connection.execute(text("SELECT pg_sleep(20)"))
    engine.dispose()


def test_a_job_whose_lease_ran_out_is_taken_over_and_its_old_owner_has_no_say(open_table):
    table = open_table()
    submit(table)
    dead = table.claim("dead", -1)
    taken = table.claim("alive", 30)
    assert (taken.id, taken.attempts) == (dead.id, 2)
    assert table.renew([dead], 30) == set()
    assert not table.finish(dead, BARE, {"file": "late"})
    assert not table.hand_back(dead, counted=False)
    assert table.renew([taken], 30) == {taken.id}
    assert table.finish(taken, BARE, {"file": "right"})


def test_the_same_owner_does_not_finish_an_earlier_attempt(open_table):
    table = open_table()
    submit(table)
    first, second = table.claim("me", -1), table.claim("me", 30)
    assert table.renew([first], 30) == set()
    assert not table.finish(first, BARE, {})
    assert table.finish(second, BARE, {})


def test_a_lease_that_is_renewed_does_not_run_out(open_table):
    table = open_table()
    submit(table)
    job = table.claim("me", -1)
    assert table.renew([job], 30) == {job.id}
    assert table.renew([], 30) == set()
    assert table.claim("other", 30) is None


def test_what_its_owner_still_runs_is_not_claimed_by_it_again(open_table):
    table = open_table()
    submit(table)
    for attempt in range(1, MAX_ATTEMPTS + 1):
        job = table.claim("me", -1)
        assert job.attempts == attempt
        assert table.claim("me", 30, [job.id]) is None
        assert table.hopeless("me", 30, 60, [job.id]) == []
    assert table.hopeless("other", 30, 60, ["another"])[0].id == job.id


@pytest.mark.parametrize("step", [-2 * LONGEST_LEASE, 2 * LONGEST_LEASE])
def test_a_clock_that_steps_keeps_no_job(open_table, database, step):
    table = open_table()
    submit(table)
    job = table.claim("dead", 30)
    assert table.claim("other", 30) is None
    move(database, "lease", -step)
    taken = table.claim("other", 30)
    assert (taken.id, taken.attempts) == (job.id, 2)
    assert not table.finish(job, BARE, {})


def test_attempts_end(open_table):
    table = open_table()
    submit(table)
    for attempt in range(1, MAX_ATTEMPTS + 1):
        assert table.hopeless("sweeper", 30, 60) == []
        assert table.claim("dead", -1).attempts == attempt
    assert table.claim("alive", 30) is None
    [job] = table.hopeless("sweeper", 30, 60)
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


def test_a_job_that_waits_for_ever_is_given_up(open_table, database):
    table = open_table()
    waits = submit(table)
    assert table.hopeless("sweeper", 30, 60) == []
    move(database, "created", -61)
    [job] = table.hopeless("sweeper", 30, 60)
    assert (job.id, job.attempts) == (waits, 0)
    assert table.fail(job, BARE, {"code": 503})
    assert table.get(waits, "shop").order == BARE, "its signature is forgotten"


def test_who_reads_for_long_keeps_nobody_from_writing(tmp_path):
    with contextlib.closing(Jobs(f"sqlite:///{tmp_path / 'jobs.sqlite'}")) as table:
        submit(table)
        with contextlib.closing(sqlite3.connect(tmp_path / "jobs.sqlite", isolation_level=None)) as backup:
            backup.execute("BEGIN")
            backup.execute("SELECT * FROM maskkit_jobs").fetchall()
            submit(table)
            begin = time.monotonic()
            table.expire(60)  # it wants to empty the log that the backup reads
            assert time.monotonic() - begin < 3
        table.expire(60)
        assert (tmp_path / "jobs.sqlite-wal").stat().st_size == 0


def test_a_table_that_is_locked_is_an_error_soon(open_table, database, monkeypatch):
    monkeypatch.setattr("maskkit.server.table.BUSY_SECONDS", 0.3)
    table = open_table()
    submit(table)
    engine = create_engine(database)
    lock = "BEGIN IMMEDIATE" if "sqlite" in database else "LOCK TABLE maskkit_jobs IN ACCESS EXCLUSIVE MODE"
    with engine.connect() as connection:
        connection.exec_driver_sql(lock)
        begin = time.monotonic()
        with pytest.raises(SQLAlchemyError):
            submit(table)
        with pytest.raises(SQLAlchemyError):
            table.claim("me", 30)
        assert time.monotonic() - begin < 5
        connection.rollback()
    engine.dispose()
    assert table.claim("me", 30).attempts == 1


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


def test_connections_that_make_a_new_file_at_once_wait_for_each_other(tmp_path):
    def start(engine, barrier):
        barrier.wait()
        with engine.connect() as connection:
            return connection.execute(text("PRAGMA journal_mode")).scalar()

    with ThreadPoolExecutor(8) as pool:
        for number in range(100):  # one in five hundred connections was refused
            engines = [connect(f"sqlite:///{tmp_path}/{number}.sqlite") for _ in range(8)]
            assert set(pool.map(start, engines, [threading.Barrier(8)] * 8)) == {"wal"}
            for engine in engines:
                engine.dispose()


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


def test_an_error_of_the_database_repeats_no_parameters(tmp_path):
    from sqlalchemy import insert

    from maskkit.server.table import connect, jobs_table

    with connect(f"sqlite:///{tmp_path / 'jobs'}").connect() as connection:
        jobs_table.create(connection)
        with pytest.raises(SQLAlchemyError) as caught:
            connection.execute(insert(jobs_table).values(id="1", order="https://h/x?sig=SECRET"))
    assert "SECRET" not in str(caught.value)


def test_an_error_of_a_step_repeats_no_parameters(open_table, database):
    table = open_table()
    engine = create_engine(database)
    with engine.begin() as connection:
        connection.execute(text("DROP TABLE maskkit_jobs"))
    engine.dispose()
    with pytest.raises(SQLAlchemyError) as caught:
        submit(table)
    assert "maskkit_jobs" in str(caught.value)
    assert "SECRET" not in str(caught.value)


def test_closing_waits_for_nobody_who_writes(tmp_path):
    table = Jobs(f"sqlite:///{tmp_path / 'jobs.sqlite'}")
    submit(table)
    begin = time.monotonic()
    with table.statements.writing():
        table.close()
    assert time.monotonic() - begin < 5, "a statement waits for ten seconds for what others have locked"
