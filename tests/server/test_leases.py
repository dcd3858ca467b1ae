"""Jobs in hand while the database is locked or restarts or its clock steps; what a shut-down leaves."""

import contextlib
import os
import signal
import sqlite3
import threading
import time
from collections import Counter

import httpx
import pytest

from maskkit.server.file_store import Files
from maskkit.server.jobs import Jobs
from maskkit.server.signing import Signer

from .conftest import photo_bytes, running, settings
from .postgres import private_postgres
from .test_faults import ends, hold, outputs_are_whole, process, puts, submit

PHOTO = photo_bytes()


def open_sqlite(folder):
    """A connection that can lock the jobs table and change it, from any thread."""
    return contextlib.closing(
        sqlite3.connect(folder / "jobs.sqlite", isolation_level=None, timeout=30, check_same_thread=False)
    )


def attempts(server, ids):
    return [server.parts.jobs.get(job_id, "anonymous").attempts for job_id in ids]


def pass_seconds(seconds):
    threading.Event().wait(seconds)  # longer than a lease or a time out: that is what is tested


def test_a_clock_that_jumps_runs_no_job_twice(serving, store):
    entered, release = threading.Event(), threading.Event()
    server = serving()
    store.script["/fault-in.png"] = [hold(entered, release)]
    [job] = ids = submit(server.base, store, 1, "jump")
    assert entered.wait(20)
    with open_sqlite(server.settings.data_dir) as table:  # the same as an hour's jump of the clock
        table.execute("UPDATE maskkit_jobs SET lease = lease - 3600")
    [other] = submit(server.base, store, 1, "after-jump")
    assert ends(server.base, [other])[0]["status"] == "succeeded"
    release.set()
    assert ends(server.base, [job])[0]["status"] == "succeeded"
    assert attempts(server, ids) == [1]
    assert puts(store, "/jump-0.png") == 1


@pytest.mark.parametrize("day", [86_400, -86_400])
def test_a_clock_that_is_set_a_day_off_fails_no_job(serving, store, monkeypatch, day):
    entered, release = [threading.Event() for _ in range(4)], threading.Event()
    server = serving(lease=0.6)
    store.script["/fault-in.png"] = [hold(event, release) for event in entered]
    ids = submit(server.base, store, 25, f"day{day}")
    assert all(event.wait(20) for event in entered)
    end = time.monotonic() + 20
    while (clock := server.parts.worker._clock) is None:
        assert time.monotonic() < end
    sweeps = []
    monkeypatch.setattr(clock, "_read", lambda: server.parts.jobs.now() + day)
    expired = Jobs.expire
    monkeypatch.setattr(Jobs, "expire", lambda self, ttl: sweeps.append(ttl) or expired(self, ttl))
    with open_sqlite(server.settings.data_dir) as table:  # the same as if the clock had been set
        for column in ("created", "modified", "lease"):
            table.execute(f"UPDATE maskkit_jobs SET {column} = {column} - ({day})")
    while len(sweeps) < 4:
        assert time.monotonic() < end
        pass_seconds(0.05)
    assert sweeps[-1] == pytest.approx(86_400 + max(day, 0), abs=2)
    release.set()
    assert Counter(status["status"] for status in ends(server.base, ids)) == {"succeeded": 25}
    assert set(attempts(server, ids)) == {1}
    outputs_are_whole(store, f"day{day}", 25)


def test_links_and_files_outlive_a_step_of_the_clock(tmp_path):
    now, ahead = [1e9], [0.0]
    signer = Signer(b"s", clock=lambda: now[0], ahead=lambda: ahead[0])
    signed = signer.sign("GET", "a", 60)
    now[0], ahead[0] = now[0] + 86_400, 86_400.0
    assert signer.read("GET", signed) == "a"
    now[0] += 61
    assert signer.read("GET", signed) is None
    files = Files(tmp_path, Signer(b"s", ahead=lambda: ahead[0]), ttl=60, limit=100)
    path = tmp_path / files.name("shop", "1")
    path.write_bytes(b"x")
    os.utime(path, (time.time() - 86_400,) * 2)
    files.expire()
    assert path.exists()
    ahead[0] = 0.0
    files.expire()
    assert not path.exists()


def test_a_database_that_is_locked_for_longer_than_a_lease_costs_no_attempt(serving, store, monkeypatch):
    monkeypatch.setattr("maskkit.server.table.BUSY_SECONDS", 0.2)
    server = serving(lease=0.6)
    entered, release, written = threading.Event(), threading.Event(), threading.Event()
    with open_sqlite(server.settings.data_dir) as blocker:

        def lock_and_take(handler):
            blocker.execute("BEGIN IMMEDIATE")
            handler.answer(201, b"")
            written.set()

        store.script |= {"/fault-in.png": [hold(entered, release)], "/held-0.png": [lock_and_take]}
        ids = submit(server.base, store, 1, "held")
        assert entered.wait(20)
        blocker.execute("BEGIN IMMEDIATE")  # it cannot be renewed
        pass_seconds(1.0)
        release.set()
        pass_seconds(0.3)
        blocker.execute("ROLLBACK")
        assert written.wait(20)  # it cannot be ended
        pass_seconds(1.0)
        blocker.execute("ROLLBACK")
    assert ends(server.base, ids)[0]["status"] == "succeeded"
    assert attempts(server, ids) == [1]
    assert puts(store, "/held-0.png") == 1


def test_kill_9_after_the_output_and_before_the_status_writes_the_same_bytes_again(tmp_path, store):
    entered, release, locked = threading.Event(), threading.Event(), threading.Event()
    files = tmp_path / "files"
    with process(tmp_path, lease="30") as (server, base), open_sqlite(tmp_path) as table:

        def take_and_lock(handler):
            table.execute("BEGIN IMMEDIATE")
            handler.answer(201, b"")
            locked.set()

        store.put("/again-in.png", PHOTO)
        store.script |= {"/again-in.png": [hold(entered, release)], "/again-0.png": [take_and_lock]}
        body = {"image": {"source": {"url": store.url("/again-in.png")}}}
        hosted = httpx.post(f"{base}/v2/remove-background", json=body).json()["jobId"]
        assert entered.wait(30)
        [put] = submit(base, store, 1, "again")
        assert locked.wait(30)
        release.set()
        end = time.monotonic() + 30
        while not (first := [path.read_bytes() for path in files.glob("*.png")]):
            assert time.monotonic() < end
            time.sleep(0.02)
        server.kill()
        server.wait()
        table.execute("ROLLBACK")
        table.execute("UPDATE maskkit_jobs SET lease = 0")
        states = table.execute("SELECT state FROM maskkit_jobs WHERE id IN (?, ?)", (hosted, put))
        assert {state for (state,) in states} == {"running"}
    with process(tmp_path) as (_, base):
        assert ends(base, [put])[0]["status"] == "succeeded"
        end = time.monotonic() + 30
        while (status := httpx.get(f"{base}/v2/status/{hosted}").json())["status"] != "succeeded":
            assert time.monotonic() < end, status
        numbers = httpx.get(f"{base}/metrics").text
        assert 'maskkit_jobs{state="succeeded"} 2.0' in numbers
        assert "maskkit_queue_depth 0.0" in numbers
        link = status["result"]["outputs"][0]["destination"]["url"]
        assert httpx.get(link).content == first[0]
    assert [path.read_bytes() for path in files.iterdir()] == first, "in the same place"
    bodies = {body for verb, path, _, body in store.seen if (verb, path[:12]) == ("PUT", "/again-0.png")}
    assert (puts(store, "/again-0.png"), len(bodies)) == (2, 1)


def test_a_shut_down_waits_for_the_grace_time_and_hands_the_rest_back(tmp_path, store):
    entered, release = [threading.Event() for _ in range(4)], threading.Event()
    grace = 8  # the released job's own work takes a second or two beside other tests
    with running(settings(tmp_path, grace=grace)) as server:
        never = threading.Event()
        store.script["/fault-in.png"] = [
            hold(event, release if index == 0 else never) for index, event in enumerate(entered)
        ]
        ids = submit(server.base, store, 6, "term")  # four are in hand, two wait
        assert all(event.wait(20) for event in entered)
        threading.Timer(0.2, release.set).start()
        begin = time.monotonic()
    never.set()
    assert grace - 1 < time.monotonic() - begin < grace + 15
    with open_sqlite(tmp_path) as table:
        left = table.execute("SELECT state, attempts, owner, lease FROM maskkit_jobs").fetchall()
    assert Counter(left) == {("succeeded", 1, None, None): 1, ("pending", 0, None, None): 5}
    with running(settings(tmp_path)) as server:
        assert Counter(status["status"] for status in ends(server.base, ids)) == {"succeeded": 6}
        assert set(attempts(server, ids)) == {1}
    outputs_are_whole(store, "term", 6)


def test_a_server_that_is_told_to_end_while_the_database_is_locked_ends(tmp_path, store, monkeypatch):
    monkeypatch.setattr("maskkit.server.table.BUSY_SECONDS", 0.3)
    entered, release = threading.Event(), threading.Event()
    with contextlib.ExitStack() as stack:
        with running(settings(tmp_path, grace=0.3)) as server:
            table = stack.enter_context(open_sqlite(tmp_path))
            store.script["/fault-in.png"] = [hold(entered, release)] * 4
            submit(server.base, store, 4, "locked-term")
            assert entered.wait(20)
            table.execute("BEGIN IMMEDIATE")
            begin = time.monotonic()
        assert time.monotonic() - begin < 8
        release.set()


@pytest.mark.service
def test_postgresql_may_restart_under_a_running_server(serving, store):
    entered, release = threading.Event(), threading.Event()
    with private_postgres() as cluster:
        server = serving(database=cluster.url, lease=0.6)
        ids = submit(server.base, store, 2, "calm")
        assert Counter(status["status"] for status in ends(server.base, ids)) == {"succeeded": 2}
        store.script["/fault-in.png"] = [hold(entered, release)]
        ids = submit(server.base, store, 1, "restart")
        assert entered.wait(20)
        cluster.stop()
        body = {"href": store.url("/x"), "storage": "external"}
        answer = server.client.post("/sensei/mask", json={"input": body, "output": body})
        assert answer.status_code == 503
        assert server.client.get("/ready").status_code == 503
        release.set()
        pass_seconds(1.0)  # its lease is over when the database comes back
        cluster.start()
        ids += submit(server.base, store, 3, "restarted")
        assert Counter(status["status"] for status in ends(server.base, ids)) == {"succeeded": 4}
        assert attempts(server, ids) == [1] * 4
        assert puts(store, "/restart-0.png") == 1
        server.parts.worker._closing = True  # before the cluster goes


def test_time_is_over_for_jobs_that_wait_and_not_for_those_that_run(serving, store):
    entered, release = [threading.Event() for _ in range(4)], threading.Event()
    server = serving(job_ttl=1.0, lease=0.6)
    store.script["/fault-in.png"] = [hold(event, release) for event in entered]
    submit(server.base, store, 4, "ran")
    assert all(event.wait(20) for event in entered)
    waited = submit(server.base, store, 1, "waited")
    [status] = ends(server.base, waited)
    assert status["status"] == "failed"
    assert status["errors"][0]["title"] == "given up after 1 s of waiting"
    assert "?sig" not in status["input"]
    pass_seconds(1.0)
    release.set()
    end = time.monotonic() + 30
    while 'jobs_ended_total{state="succeeded"} 4.0' not in server.client.get("/metrics").text:
        assert time.monotonic() < end
        time.sleep(0.05)
    outputs_are_whole(store, "ran", 4)
    assert "/waited-0.png" not in store.blobs


def test_a_job_whose_last_server_died_is_failed_with_the_reason(serving):
    server = serving(lease=0.6)
    order = '{"input": "https://a.test/in.png?sig=SECRETSIGNATURE"}'
    row = f"'dead', 'anonymous', 'v1', '{order}', 'running', 0, 3, 'another', 0, NULL, NULL, 1, 1"
    with open_sqlite(server.settings.data_dir) as table:
        table.execute(f"INSERT INTO maskkit_jobs VALUES ({row})")
    [status] = ends(server.base, ["dead"])
    [error] = status["errors"]
    assert (error["code"], error["details"]) == (500, {"attempts": 3})
    assert error["title"] == "given up after 3 attempts: the server died"
    assert status["input"] == "https://a.test/in.png?…"


def test_sigterm_finishes_the_job_in_hand_and_leaves_the_rest(tmp_path, store):
    entered, release = [threading.Event() for _ in range(4)], threading.Event()
    store.script["/fault-in.png"] = [hold(event, release) for event in entered]
    with process(tmp_path) as (server, base):
        ids = submit(base, store, 5, "sigterm")
        assert all(event.wait(30) for event in entered)
        server.send_signal(signal.SIGTERM)
        threading.Timer(0.3, release.set).start()
        assert server.wait(30) in (0, -signal.SIGTERM)
    with open_sqlite(tmp_path) as table:
        left = dict(table.execute("SELECT id, state || attempts FROM maskkit_jobs").fetchall())
    assert Counter(left[job_id] for job_id in ids) == {"succeeded1": 4, "pending0": 1}
    outputs_are_whole(store, "sigterm", 4)
