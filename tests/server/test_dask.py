"""Compute on a Dask cluster: the same pictures, and no job lost with a worker or the scheduler."""

import contextlib
import socket
import threading
import time
from collections import Counter

import pytest
from dask_program import dask_program

from .conftest import photo_bytes, picture
from .test_faults import ends, outputs_are_whole, submit

pytest.importorskip("distributed")
pytestmark = pytest.mark.service


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return taken.getsockname()[1]


def scheduler(port):
    return dask_program("scheduler", "--host", "127.0.0.1", "--port", str(port), "--no-dashboard")


def worker(port):
    return dask_program(
        "worker", f"tcp://127.0.0.1:{port}", "--nthreads", "1", "--no-nanny", "--no-dashboard",
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


def all_end_well(server, ids):
    assert Counter(status["status"] for status in ends(server.base, ids, 120)) == {"succeeded": len(ids)}


@pytest.mark.filterwarnings("ignore")  # distributed's own, in threads of its own
def test_workers_and_the_scheduler_may_come_late_and_die(serving, store):
    port = free_port()
    with contextlib.ExitStack() as stack:
        server = serving(dask=f"tcp://127.0.0.1:{port}", workers=2, compute_seconds=6.0, grace=0.1)
        # no cluster: the server lives, is not ready, and keeps its jobs
        early = submit(server.base, store, 1, "dask-early")
        assert server.client.get("/health").status_code == 200
        assert server.client.get("/ready").json()["engine"] is False
        assert server.client.get(f"/sensei/status/{early[0]}").json()["status"] in ("pending", "running")

        first = stack.enter_context(scheduler(port))
        doomed, last = [stack.enter_context(worker(port)) for _ in range(2)]
        all_end_well(server, early)
        assert picture(store.blobs["/dask-early-0.png"]).size == (64, 48)
        assert server.client.get("/ready").json()["engine"] is True
        answer = server.client.post("/mask", files={"photo": photo_bytes()})
        assert picture(answer.content).size == (64, 48)

        ids = submit(server.base, store, 10, "dask-worker")
        threading.Event().wait(0.3)
        doomed.kill()
        all_end_well(server, ids)

        last.kill()  # the scheduler is there, and nobody to compute
        last.wait()
        alone = submit(server.base, store, 1, "dask-alone")
        numbers = "maskkit_jobs_ended_total"
        end = time.monotonic() + 30
        while f'{numbers}{{state="handed_back"}}' not in server.client.get("/metrics").text:
            assert time.monotonic() < end
            time.sleep(0.05)
        stack.enter_context(worker(port))
        all_end_well(server, alone)

        ids = submit(server.base, store, 10, "dask-scheduler")
        threading.Event().wait(0.3)
        first.kill()
        first.wait()
        stack.enter_context(scheduler(port))
        stack.enter_context(worker(port))
        all_end_well(server, ids)
        kept = [server.parts.jobs.get(job_id, "anonymous").attempts for job_id in [*early, *alone, *ids]]
        assert set(kept) == {1}, "a cluster that is away costs no attempt"
    outputs_are_whole(store, "dask-worker", 10)
    outputs_are_whole(store, "dask-scheduler", 10)
