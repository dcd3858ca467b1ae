"""Whatever is killed, locked, full or slow: no job is lost, none is done twice in effect."""

import asyncio
import contextlib
import multiprocessing
import os
import secrets
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import httpx
import pytest

from maskkit.server import worker as worker_room
from maskkit.server.credentials import add_client
from maskkit.server.jobs import Jobs

from .conftest import ENDED, photo_bytes, picture, running, settings, wait_for_end
from .deeds import die_of_poison, never_end

PHOTO = photo_bytes()


def process(folder, *options, lease="1"):
    """``maskkit serve``, open, in a process of its own; yields (process, base URL)."""
    words = ["--no-auth", "--data-dir", folder, "--allow-http-loopback", "--lease", lease, *options]
    return launched("serve", *words)


@contextlib.contextmanager
def launched(*words, **environ):
    """``maskkit serve ...`` on a free port with one worker; yields (process, base URL)."""
    own = ["--port", "0", "--engine", "classical", "--workers", "1"]
    command = [sys.executable, "-m", "maskkit", *map(str, words), *own]
    server = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=os.environ | environ)
    lines = []
    drain = threading.Thread(target=lambda: lines.extend(server.stderr))
    try:
        for line in server.stderr:
            lines.append(line)
            if " serves on " in line:
                base = line.split()[-1].rstrip("/")
                break
        else:
            raise AssertionError("".join(lines))
        drain.start()
        yield server, base
    finally:
        if server.poll() is None:
            server.terminate()
        server.wait(30)
        if drain.ident:
            drain.join(30)  # its workers hold the other end of the pipe until they have noticed
        server.stderr.close()
    assert not [line for line in lines if "SECRETSIGNATURE" in line], "a signature is in the log"


def submit(base, store, count, name):
    source = store.put("/fault-in.png", PHOTO)
    urls = []
    with httpx.Client(base_url=base) as client:
        for number in range(count):
            body = {
                "input": {"href": source, "storage": "external"},
                "output": {"href": store.url(f"/{name}-{number}.png"), "storage": "external"},
            }
            answer = client.post("/sensei/mask", json=body)
            assert answer.status_code == 202
            urls.append(answer.json()["_links"]["self"]["href"].rpartition("/")[2])
    return urls


def ends(base, ids, seconds=60):
    with httpx.Client(base_url=base) as client:
        return [wait_for_end(client, f"/sensei/status/{job_id}", seconds) for job_id in ids]


def outputs_are_whole(store, name, count):
    for number in range(count):
        assert picture(store.blobs[f"/{name}-{number}.png"]).size == (64, 48)


def children(pid):
    listed = Path(f"/proc/{pid}/task/{pid}/children")  # Linux; elsewhere the question is not asked
    return listed.read_text().split() if listed.exists() else []


def lives(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_kill_9_of_the_server_loses_no_accepted_job(tmp_path, store):
    with process(tmp_path) as (server, base):
        ids = submit(base, store, 8, "kill9")
        workers = children(server.pid)
        server.kill()  # as soon as they are accepted
        server.wait()
    with process(tmp_path) as (server, base):

        def die_in_put(_handler):
            workers.extend(children(server.pid))
            server.kill()

        store.script["/put-0.png"] = [die_in_put]
        ids += submit(base, store, 4, "put")
        server.wait(60)
    assert "/put-0.png" not in store.blobs
    with process(tmp_path) as (_, base):
        assert Counter(status["status"] for status in ends(base, ids)) == {"succeeded": 12}
    assert puts(store, "/put-0.png") == 2
    outputs_are_whole(store, "kill9", 8)
    outputs_are_whole(store, "put", 4)
    end = time.monotonic() + 10
    while any(map(lives, workers)):
        assert time.monotonic() < end, "a worker process outlived its server"
        time.sleep(0.05)


def test_kill_9_of_a_worker_process_loses_no_job(serving, store):
    server = serving(workers=2)
    ids = submit(server.base, store, 8, "killed")
    deadline = time.monotonic() + 30
    killed = 0
    while killed < 2 and time.monotonic() < deadline:
        for child in multiprocessing.active_children():
            if server.parts.jobs.count()["running"] and killed < 2:
                os.kill(child.pid, signal.SIGKILL)
                killed += 1
        time.sleep(0.3)
    assert killed == 2
    assert Counter(status["status"] for status in ends(server.base, ids)) == {"succeeded": 8}
    outputs_are_whole(store, "killed", 8)


def test_a_job_that_kills_its_process_ends_after_three_attempts_alone(serving, store, monkeypatch):
    monkeypatch.setattr(worker_room, "make", die_of_poison)
    server = serving(workers=2)
    store.put("/poison.png", b"poison")
    url = server.order(store.url("/poison.png"), store.url("/poisoned.png"))
    others = submit(server.base, store, 6, "innocent")
    status = server.wait(url, 60)
    assert status["status"] == "failed"
    [error] = status["errors"]
    assert (error["code"], error["details"]) == (500, {"attempts": 3})
    assert error["title"].startswith("given up after 3 attempts: the process that computed died")
    assert Counter(status["status"] for status in ends(server.base, others)) == {"succeeded": 6}
    assert {server.parts.jobs.get(job_id, "anonymous").attempts for job_id in others} == {1}
    assert "/poisoned.png" not in store.blobs


def test_a_picture_that_takes_too_long_is_stopped(serving, store, monkeypatch):
    server = serving(compute_seconds=1.5)
    real = worker_room.make
    monkeypatch.setattr(worker_room, "make", never_end)
    [status] = ends(server.base, submit(server.base, store, 1, "long"))
    assert "took longer than 1.5 s" in status["errors"][0]["title"]
    monkeypatch.setattr(worker_room, "make", real)
    assert ends(server.base, submit(server.base, store, 1, "next"))[0]["status"] == "succeeded"


def test_a_locked_database_is_503_and_then_all_is_well(serving, store, monkeypatch):
    monkeypatch.setattr("maskkit.server.table.BUSY_SECONDS", 0.2)
    server = serving()
    ids = submit(server.base, store, 3, "locked")
    blocker = sqlite3.connect(server.settings.data_dir / "jobs.sqlite", isolation_level=None, timeout=30)
    blocker.execute("BEGIN IMMEDIATE")
    body = {"input": {"href": store.url("/x"), "storage": "external"}}
    answer = server.client.post("/sensei/mask", json=body | {"output": body["input"]})
    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) > 0
    assert server.client.get("/health").status_code == 200
    begin, said = time.monotonic(), server.client.get("/ready")
    assert time.monotonic() - begin < 5, "who balances the load does not wait for long"
    assert (said.status_code, said.json()["database"]) == (503, False)
    assert said.json()["reasons"]["database"] == "the database is locked"
    blocker.execute("ROLLBACK")
    blocker.close()
    # a job whose end could not be written is taken up again when its lease has run out
    assert Counter(status["status"] for status in ends(server.base, ids)) == {"succeeded": 3}
    outputs_are_whole(store, "locked", 3)


def hold(entered, release):
    """A fault of the store: the answer comes late, but it comes."""

    def late(handler):
        entered.set()
        release.wait(30)
        with contextlib.suppress(OSError):
            handler.answer(200, PHOTO)

    return late


def puts(store, path):
    return sum(verb == "PUT" and target.startswith(path) for verb, target, _, _ in store.seen)


def stop_between_writes(server, database):
    """Stop the process at a moment when it does not hold SQLite's lock, which nobody else would get."""
    for _ in range(100):
        server.send_signal(signal.SIGSTOP)
        os.waitid(os.P_PID, server.pid, os.WSTOPPED)  # till its last thread has stopped
        try:
            with contextlib.closing(sqlite3.connect(database, timeout=0.1)) as connection:
                connection.execute("BEGIN IMMEDIATE").connection.rollback()
        except sqlite3.OperationalError:
            server.send_signal(signal.SIGCONT)
        else:
            return
    raise AssertionError("it writes all the time")


def test_a_server_that_was_only_slow_does_nothing_twice(tmp_path, store):
    entered, release = threading.Event(), threading.Event()
    with process(tmp_path) as (slow, base_a), process(tmp_path) as (quick, base_b):
        stop_between_writes(quick, tmp_path / "jobs.sqlite")
        store.script["/fault-in.png"] = [hold(entered, release)]
        ids = submit(base_a, store, 1, "slow")
        assert entered.wait(20)
        stop_between_writes(slow, tmp_path / "jobs.sqlite")
        quick.send_signal(signal.SIGCONT)
        try:
            [status] = ends(base_b, ids)
        finally:
            release.set()
            slow.send_signal(signal.SIGCONT)
        assert status["status"] == "succeeded"
        end = time.monotonic() + 20
        while 'stage_seconds_count{stage="compute"} 1.0' not in httpx.get(f"{base_a}/metrics").text:
            assert time.monotonic() < end
            time.sleep(0.05)
        assert httpx.get(f"{base_a}/ready").status_code == 200
    assert puts(store, "/slow-0.png") == 1, "who lost the job does not write its output"
    outputs_are_whole(store, "slow", 1)


def test_an_order_that_cannot_be_read_fails_alone(serving, store):
    server = serving(lease=0.6)
    with contextlib.closing(sqlite3.connect(server.settings.data_dir / "jobs.sqlite")) as table, table:
        text = '{"input": "https://a.test/in.png?sig=SECRETSIGNATURE", "of": "a later version"}'
        row = f"'odd', 'anonymous', 'v1', '{text}', 'pending', 0, 0, NULL, NULL, NULL, NULL, 1, 1"
        table.execute(f"INSERT INTO maskkit_jobs VALUES ({row})")
    [odd, fine] = ends(server.base, ["odd", *submit(server.base, store, 1, "fine")])
    assert (odd["status"], odd["errors"][0]["code"]) == ("failed", 500)
    assert odd["input"] == "https://a.test/in.png?…"
    assert fine["status"] == "succeeded"


def test_a_job_that_is_claimed_during_the_shut_down_is_handed_back(tmp_path, store, monkeypatch):
    real, entered, closing = Jobs.soon, threading.Event(), threading.Event()

    async def soon(self, step, *how, **options):
        taken = await real(self, step, *how, **options)
        if step.__name__ == "claim" and taken is not None:
            entered.set()
            await asyncio.to_thread(closing.wait, 10)
        return taken

    monkeypatch.setattr(Jobs, "soon", soon)
    with running(settings(tmp_path)) as server:
        [job_id] = submit(server.base, store, 1, "late")
        assert entered.wait(10)
        stop = server.parts.worker.stop

        async def noted():
            asyncio.get_running_loop().call_later(0.1, closing.set)
            await stop()

        monkeypatch.setattr(server.parts.worker, "stop", noted)
    with contextlib.closing(Jobs(server.settings.database_url)) as table:
        job = table.get(job_id, "anonymous")
        assert (job.state, job.attempts) == ("pending", 0)


def test_a_locked_database_keeps_nobody_waiting_for_long(serving, store, monkeypatch):
    monkeypatch.setattr("maskkit.server.table.BUSY_SECONDS", 0.5)
    server = serving()
    [job_id] = submit(server.base, store, 1, "before")
    ends(server.base, [job_id])
    body = {"href": store.url("/x"), "storage": "external"}
    with contextlib.closing(sqlite3.connect(server.settings.data_dir / "jobs.sqlite")) as blocker:
        blocker.isolation_level = None
        blocker.execute("BEGIN IMMEDIATE")
        begin = time.monotonic()
        with ThreadPoolExecutor(30) as pool:
            ask = partial(
                httpx.post, f"{server.base}/sensei/mask", json={"input": body, "output": body}, timeout=60
            )
            answers = [pool.submit(ask) for _ in range(30)]
            reading = time.monotonic()
            assert server.client.get(f"/sensei/status/{job_id}").status_code == 200
            assert time.monotonic() - reading < 5
            assert {answer.result().status_code for answer in answers} == {503}
        assert time.monotonic() - begin < 12, "one after the other they would have waited for 15 s"
        blocker.execute("ROLLBACK")


def small_disk(folder):
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", folder]
    if subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("cannot mount a small disk here")


@pytest.mark.skipif(
    not hasattr(os, "statvfs") or os.geteuid() != 0, reason="needs root to mount a small disk"
)
def test_a_disk_that_is_full_for_the_database_too_loses_nothing(tmp_path, store):
    folder, ballast = tmp_path / "small", tmp_path / "small" / "ballast"
    small_disk(folder)
    entered, release = threading.Event(), threading.Event()
    try:
        with running(settings(folder, lease=0.6)) as server:
            store.script["/fault-in.png"] = [hold(entered, release)]
            ids = submit(server.base, store, 4, "full")
            assert entered.wait(20)
            with contextlib.suppress(OSError), ballast.open("wb", 0) as file:
                while True:
                    file.write(b"x" * 4096)
            body = {"href": store.url("/fault-in.png"), "storage": "external"}
            codes = {
                server.client.post("/sensei/mask", json={"input": body, "output": body}).status_code
                for _ in range(40)  # until the last page of its log is full
            }
            assert 503 in codes
            assert codes <= {202, 503}
            assert server.client.get(f"/sensei/status/{ids[0]}").status_code == 200
            release.set()
            ballast.unlink()
            assert Counter(status["status"] for status in ends(server.base, ids)) == {"succeeded": 4}
        outputs_are_whole(store, "full", 4)
    finally:
        release.set()
        subprocess.run(["umount", folder], check=True)


@pytest.mark.skipif(
    not hasattr(os, "statvfs") or os.geteuid() != 0, reason="needs root to mount a small disk"
)
def test_a_full_disk_fails_cleanly(tmp_path, serving, store):
    folder = tmp_path / "small"
    small_disk(folder)
    try:
        with running(settings(folder, database=f"sqlite:///{tmp_path / 'jobs.sqlite'}")) as server:
            pair = server.client.post("/files").json()
            full = server.client.put(pair["put"]["href"], content=b"x" * 2_500_000)
            assert full.status_code == 507
            assert full.json()["error_code"] == "InsufficientStorage"
            assert server.client.get(pair["get"]["href"]).status_code == 404, "nothing half-written"
            assert [path for path in (folder / "files").iterdir()] == []
            (folder / "ballast").write_bytes(b"x" * os.statvfs(folder).f_bavail * os.statvfs(folder).f_bsize)
            said = server.client.get("/ready")
            assert (said.status_code, said.json()["files"], said.json()["database"]) == (503, False, True)
            assert "No space left on device" in said.json()["reasons"]["files"]
            source = store.put("/full-in.png", PHOTO)
            status = server.wait(server.order_v2(source, mode="mask"))
            assert status["errorDetails"][0]["errorCode"] == "507"
            (folder / "ballast").unlink()
            assert server.wait(server.order_v2(source, mode="mask"))["status"] == "succeeded"
    finally:
        subprocess.run(["umount", folder], check=True)


def drip(handler, status=200):
    handler.send_response(status)
    handler.send_header("Content-Length", "100000")
    handler.end_headers()
    with contextlib.suppress(OSError):
        for _ in range(1000):
            handler.wfile.write(b"x")
            threading.Event().wait(0.05)


def hang(handler):
    threading.Event().wait(3)


def test_a_store_that_drips_or_hangs_is_given_up(serving, store):
    server = serving(transfer_seconds=0.5, stall_seconds=0.3)
    source = store.put("/slow.png", PHOTO)
    for path, faults, member in (("/slow.png", [drip] * 3, "input"), ("/slow-out.png", [hang] * 3, "output")):
        store.script |= {"/slow.png": [], path: faults}
        status = server.wait(server.order(source, store.url("/slow-out.png")))
        assert status["errors"][0] == {
            "type": "StorageUnavailableError",
            "title": f"{member}: the store is too slow",
            "code": 503,
        }


def test_a_body_that_drips_is_given_up_long_before_the_deadline_and_not_asked_for_again(serving, store):
    server = serving(transfer_seconds=600.0, stall_seconds=0.4)
    source, before = store.put("/dripping.png", PHOTO), len(store.seen)
    store.script["/dripping.png"] = [drip] * 3
    status = server.wait(server.order(source, store.url("/dripping-out.png")), seconds=10)
    assert status["errors"][0]["title"] == "input: the store is too slow"
    assert len(store.seen) == before + 1


def test_a_head_or_a_refusal_that_drips_is_given_up(serving, store):
    def head(handler):
        with contextlib.suppress(OSError):
            for letter in b"HTTP/1.1 200 OK\r\nX-Long: " + b"x" * 1000:
                handler.wfile.write(bytes([letter]))
                threading.Event().wait(0.05)

    server = serving(transfer_seconds=600.0, stall_seconds=0.3)
    for name, fault in (("head", head), ("refusal", partial(drip, status=403))):
        source = store.put(f"/{name}.png", PHOTO)
        store.script[f"/{name}.png"] = [fault] * 3
        status = server.wait(server.order(source, store.url(f"/{name}-out.png")), seconds=10)
        assert status["errors"][0]["title"] == "input: the store is too slow"


def test_one_clients_slow_stores_keep_no_other_client_waiting(serving, store, tmp_path):
    secrets = {name: add_client(tmp_path / "clients", name) for name in ("slow", "quick")}
    server = serving(credentials=tmp_path / "clients")
    over = threading.Event()

    def held(handler):
        handler.send_response(200)
        handler.end_headers()
        with contextlib.suppress(OSError):
            while not over.wait(0.01):
                handler.wfile.write(b"x" * 100)  # above the floor

    def ask_as(name):
        server.client.headers = {"x-api-key": name, "authorization": f"Bearer {secrets[name]}"}

    slots = server.settings.concurrency
    ask_as("slow")
    for n in range(slots):
        store.script[f"/held-{n}.png"] = [held] * 3
        server.order(store.put(f"/held-{n}.png", PHOTO), store.url(f"/held-out-{n}.png"))
    while sum("/held-" in path for _, path, *_ in store.seen) < server.settings.share:
        time.sleep(0.01)
    try:
        ask_as("quick")
        for n in range(3):
            job = server.order(store.put("/quick.png", PHOTO), store.url(f"/quick-out-{n}.png"))
            assert server.wait(job, seconds=10)["status"] == "succeeded"
        assert sum("/held-" in path for _, path, *_ in store.seen) == server.settings.share
    finally:
        over.set()


def test_a_sender_that_drips_is_cut_off(serving):
    server = serving(body_seconds=0.4)
    host, port = server.base.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as sender:
        head = f"POST /sensei/mask HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\n"
        sender.sendall(f"{head}Content-Length: 50\r\n\r\n{{".encode())
        assert b" 408 " in sender.recv(1000).split(b"\r\n")[0]


def test_a_body_that_comes_steadily_may_take_longer(serving):
    server = serving(body_seconds=2)
    boundary = b"--x\r\nContent-Disposition: form-data; name=image_file; filename=a\r\n\r\n"
    head = "POST /v1.0/removebg HTTP/1.1\r\nHost: localhost\r\nX-Api-Key: any\r\nContent-Length: 220000\r\n"
    head += "Content-Type: multipart/form-data; boundary=x\r\n\r\n"
    host, port = server.base.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as sender:
        sender.sendall(head.encode() + boundary + bytes(20_000 - len(boundary)))
        for end in (*[b""] * 9, b"\r\n--x--\r\n"):
            threading.Event().wait(0.25)  # at 80 kB a second
            sender.sendall(bytes(20_000 - len(end)) + end)
        sender.shutdown(socket.SHUT_WR)
        with sender.makefile("rb") as answer:
            assert b"invalid_file_type" in answer.read()


def test_several_servers_share_one_table_and_take_over_from_the_dead(tmp_path, store, postgres, monkeypatch):
    monkeypatch.setenv("MASKKIT_SERVER_SECRET", secrets.token_hex(32))
    options = ("--database", postgres)
    with (
        process(tmp_path / "a", *options) as (first, base_a),
        process(tmp_path / "b", *options) as (_, base_b),
    ):
        ids = submit(base_a, store, 6, "shared-a") + submit(base_b, store, 6, "shared-b")
        first.kill()
        first.wait()
        assert Counter(status["status"] for status in ends(base_b, ids)) == {"succeeded": 12}
    outputs_are_whole(store, "shared-a", 6)
    outputs_are_whole(store, "shared-b", 6)


def test_ended_jobs_and_files_go_after_their_time(serving, store):
    server = serving(job_ttl=4.0, lease=0.9)  # the link is asked for within that, also on a busy machine
    url = server.order_v2(store.put("/ttl.png", PHOTO), mode="mask")
    status = server.wait(url)
    link = status["result"]["outputs"][0]["destination"]["url"]
    assert server.client.get(link).status_code == 200
    end = time.monotonic() + 30
    while server.client.get(url).status_code != 404 or list((server.settings.data_dir / "files").iterdir()):
        assert time.monotonic() < end
        time.sleep(0.05)
    assert server.client.get(link).status_code == 403
    assert status["status"] in ENDED
