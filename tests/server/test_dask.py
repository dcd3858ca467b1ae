"""Compute on a Dask cluster: the same pictures, and no job lost with a worker or the scheduler."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter

import pytest

from .conftest import photo_bytes, picture
from .test_faults import ends, outputs_are_whole, submit

pytest.importorskip("distributed")


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return taken.getsockname()[1]


@contextlib.contextmanager
def program(*options):
    started = subprocess.Popen(
        [sys.executable, "-m", "distributed.cli." + options[0], *options[1:]],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
    )
    try:
        yield started
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(started.pid, signal.SIGKILL)
        started.wait()


def scheduler(port):
    return program("dask_scheduler", "--host", "127.0.0.1", "--port", str(port), "--no-dashboard")


def worker(port):
    return program(
        "dask_worker", f"tcp://127.0.0.1:{port}", "--nthreads", "1", "--no-nanny", "--no-dashboard",
        "--host", "127.0.0.1", "--death-timeout", "60",
    )  # fmt: skip


def wait_for(port):
    end = time.monotonic() + 30
    while time.monotonic() < end:
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        time.sleep(0.05)
    raise AssertionError("the scheduler did not start")


@pytest.mark.filterwarnings("ignore")  # distributed's own, in threads of its own
def test_workers_and_the_scheduler_may_die(serving, store):
    port = free_port()
    with contextlib.ExitStack() as stack:
        first = stack.enter_context(scheduler(port))
        wait_for(port)
        doomed = stack.enter_context(worker(port))
        stack.enter_context(worker(port))
        server = serving(dask=f"tcp://127.0.0.1:{port}", workers=2)
        [status] = ends(server.base, submit(server.base, store, 1, "dask-calm"))
        assert status["status"] == "succeeded"
        assert picture(store.blobs["/dask-calm-0.png"]).size == (64, 48)
        answer = server.client.post("/mask", files={"photo": photo_bytes()})
        assert picture(answer.content).size == (64, 48)

        ids = submit(server.base, store, 10, "dask-worker")
        threading.Event().wait(0.3)
        doomed.kill()
        assert Counter(status["status"] for status in ends(server.base, ids)) == {"succeeded": 10}

        ids = submit(server.base, store, 10, "dask-scheduler")
        threading.Event().wait(0.3)
        first.kill()
        first.wait()
        stack.enter_context(scheduler(port))
        stack.enter_context(worker(port))
        assert Counter(status["status"] for status in ends(server.base, ids, 120)) == {"succeeded": 10}
    outputs_are_whole(store, "dask-worker", 10)
    outputs_are_whole(store, "dask-scheduler", 10)


@pytest.mark.filterwarnings("ignore")
def test_without_a_cluster_the_server_lives_is_not_ready_and_keeps_its_jobs(serving, store):
    server = serving(dask=f"tcp://127.0.0.1:{free_port()}", grace=0.1)
    [job_id] = submit(server.base, store, 1, "dask-none")
    assert server.client.get("/health").status_code == 200
    assert server.client.get("/ready").json()["engine"] is False
    assert server.client.get(f"/sensei/status/{job_id}").json()["status"] in ("pending", "running")
