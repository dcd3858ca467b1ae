"""On a Dask cluster of real processes: the same bytes, and nothing is lost with a worker, nor made twice."""

import contextlib
import json
import re
import subprocess
from collections import Counter

import numpy as np
import pytest
from batches.conftest import fill, hashes, opened, pair
from batches.test_command import begun, lines, with_engine
from cli_process import maskkit
from dask_program import dask_program
from PIL import Image

import maskkit as mk

distributed = pytest.importorskip("distributed", reason="maskkit[cluster] is not installed")
pytestmark = [
    pytest.mark.service,
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore"),
]  # warnings of its own


@pytest.fixture
def cluster():
    """The address of a scheduler, and its two workers."""
    with contextlib.ExitStack() as stack:
        options = "--host", "127.0.0.1", "--port", "0", "--no-dashboard"
        scheduler = stack.enter_context(dask_program("scheduler", *options, stderr=subprocess.PIPE))
        said = iter(scheduler.stderr.readline, "")
        address = next(found[0] for line in said if (found := re.search(r"tcp://127\.0\.0\.1:\d+", line)))
        options = address, "--nthreads", "1", "--no-nanny", "--no-dashboard", "--host", "127.0.0.1"
        workers = [stack.enter_context(dask_program("worker", *options)) for _ in range(2)]
        with distributed.Client(address, set_as_default=False) as client:
            client.wait_for_workers(2, timeout=60)
        yield address, workers


def test_with_a_worker_killed_half_way_nothing_is_lost_and_nothing_twice(tmp_path, cluster):
    fill(tmp_path, 300)
    address, workers = cluster
    process = begun(tmp_path, "--dask", address)
    told = []
    while sum(one["event"] == "picture" for one in told) < 100:
        told.append(json.loads(process.stdout.readline() or process.stderr.read()))
    workers[0].kill()
    told += [json.loads(line) for line in process.stdout]
    assert process.wait() == 0, process.stderr.read()
    assert (told[-1]["done"], told[-1]["failed"], told[-1]["left"]) == (300, 0, 0)
    assert set(Counter(one["name"] for one in told if one["event"] == "picture").values()) == {1}
    assert not list(tmp_path.rglob("*.part"))
    mk.batch(tmp_path / "photos", tmp_path / "alone", masks=tmp_path / "masks", executor="threads")
    assert hashes(tmp_path / "out") == hashes(tmp_path / "alone")
    again = lines(maskkit("batch", "photos", "out", "-m", "masks", "--dask", address, "--json", cwd=tmp_path))
    assert again[-1]["kept"] == 300


def test_an_adapting_cluster_grows_and_its_client_stays_its_owners(tmp_path):
    fill(tmp_path, 30)
    with distributed.LocalCluster(0, threads_per_worker=1, dashboard_address=None) as cluster:
        cluster.adapt(minimum=0, maximum=1, interval="100ms")
        with distributed.Client(cluster, set_as_default=False) as client:
            how = {"masks": tmp_path / "masks", "executor": client.get_executor(pure=False)}
            assert mk.batch(tmp_path / "photos", tmp_path / "out", **how).done == 30
            assert client.submit(int, pure=False).result() == 0
    assert (opened(tmp_path / "out/007.png")[2] == np.dstack(pair(7))).all()


def test_a_picture_that_kills_its_worker_takes_no_other_with_it(tmp_path, monkeypatch):
    (tmp_path / "package").mkdir()
    with_engine(tmp_path / "package")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "package"))
    fill(tmp_path, 12)
    photo = pair(3)[0]
    photo[0, 0, 0] = 255
    Image.fromarray(photo).save(tmp_path / "photos/003.png")
    words = ["batch", "photos", "out", "--source", "lethal", "--dask", "local", "--workers", 2, "--json"]
    told = lines(maskkit(*words, cwd=tmp_path, check=1))
    assert [one["name"] for one in told if one.get("state") == "failed"] == ["003.png"]
    assert (told[-1]["done"], told[-1]["failed"]) == (11, 1)


def test_a_cluster_that_does_not_answer_is_one_line(tmp_path):
    fill(tmp_path, 1)
    run = maskkit("batch", "photos", "out", "-m", "masks", "--dask", "nowhere", cwd=tmp_path, check=1)
    assert run.stderr.startswith(b"maskkit: dask: nowhere: no scheduler answers: ")
    assert run.stderr.count(b"\n") == 1
