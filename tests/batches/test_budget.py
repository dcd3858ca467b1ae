"""Local masks first, a service for the doubtful ones: within the budget, and nothing is paid twice."""

import json
import os
import signal
import subprocess
import sys
import threading

import pytest
from batches.conftest import fill, opened, pair
from cli_process import PACKAGE

import maskkit as mk
from maskkit.errors import PixelError
from maskkit.testing import ScriptedServer

pytest.importorskip("obstore", reason="maskkit[staging] is not installed")
pytestmark = pytest.mark.slow
ALL_DOUBTFUL = ("--reject-below", "1")


@pytest.fixture
def server():
    with ScriptedServer(statuses=("succeeded",)) as scripted:
        yield scripted


def started(folder, server, target="out", *more, executor="threads"):
    """The command as a process, which finds the service by its environment."""
    own = {"MASKKIT_HOME": str(folder / "home"), "MASKKIT_CACHE": "100", "MASKKIT_OFFLINE": "1"}
    words = ["batch", "photos", target, "--source", "auto", *ALL_DOUBTFUL, "--json", "--executor", executor]
    return subprocess.Popen(
        [sys.executable, "-m", "maskkit", *words, *map(str, more)],
        cwd=folder, env={**os.environ, **server.environ(), **own, "PYTHONPATH": str(PACKAGE)},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
    )  # fmt: skip


def summary(process):
    said, errors = process.communicate()
    assert b"Traceback" not in errors
    return json.loads(said.splitlines()[-1])


def orders(server):
    return len(server.tasks)


def test_a_service_is_paid_for_the_doubtful_ones_within_the_budget(tmp_path, server):
    fill(tmp_path, 3)
    told = summary(started(tmp_path, server, "out", "--budget", 2))
    assert (told["done"], told["rejected"], told["bought"], told["failed"]) == (2, 1, 2, 0)
    assert orders(server) == 2
    again = summary(started(tmp_path, server, "out", "--budget", 2))
    assert (again["kept"], again["bought"], orders(server)) == (3, 0, 2)
    forecast = summary(started(tmp_path, server, "out", "--budget", 9, "--force", "--dry-run"))
    assert forecast["bought"] == 3
    unbought = summary(started(tmp_path, server, "out", "--budget", 9, "--dry-run"))
    assert (unbought["make"], unbought["kept"], unbought["bought"]) == (1, 2, 1)
    more = summary(started(tmp_path, server, "out", "--budget", 9))
    assert (more["done"], more["kept"], more["bought"], orders(server)) == (1, 2, 1, 3)
    assert not list((tmp_path / "out.batch/review").iterdir())
    forced = summary(started(tmp_path, server, "out", "--budget", 9, "--force"))
    assert (forced["done"], forced["bought"], orders(server)) == (3, 0, 3), "they are in the cache"


def test_two_runs_at_the_same_moment_pay_once(tmp_path, server):
    fill(tmp_path, 1)
    server.statuses = ("running", "succeeded")
    runs = [started(tmp_path, server, name, "--budget", 5) for name in ("one", "two")]
    told = [summary(run) for run in runs]
    assert [one["done"] for one in told] == [1, 1]
    assert sum(one["bought"] for one in told) == 1
    assert orders(server) == 1
    assert (tmp_path / "one/000.png").read_bytes() == (tmp_path / "two/000.png").read_bytes()


def test_an_order_that_was_cut_short_goes_on_after_kill_9(tmp_path, server):
    fill(tmp_path, 1)
    server.statuses = ("running",)
    asked = threading.Event()
    process = started(tmp_path, server, "out", "--budget", 1, executor="processes")
    kept = tmp_path / "out.batch/orders"
    while not (kept.is_dir() and list(kept.glob("*.job.json"))):
        assert process.poll() is None, process.stderr.read()
        asked.wait(0.02)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    assert orders(server) == 1
    server.statuses = ("succeeded",)
    told = summary(started(tmp_path, server, "out", "--budget", 1))
    assert (told["done"], told["bought"], told["failed"]) == (1, 1, 0)
    assert orders(server) == 1
    assert not list(kept.iterdir())
    assert opened(tmp_path / "out/000.png")[0] == "RGBA"


def test_a_budget_needs_a_service_and_no_mask_of_its_own(tmp_path, monkeypatch):
    fill(tmp_path, 1)
    for name in [name for name in os.environ if name.startswith("MASKKIT_")]:
        monkeypatch.delenv(name)
    how = {"executor": "threads", "budget": 1}
    with pytest.raises(PixelError, match="budget: needs a service"):
        mk.batch(tmp_path / "photos", tmp_path / "out", source="auto", **how)
    with pytest.raises(PixelError, match="budget: needs source 'auto'"):
        mk.batch(tmp_path / "photos", tmp_path / "out", source="classical", **how)
    with pytest.raises(PixelError, match="budget: needs source 'auto'"):
        mk.batch(tmp_path / "photos", tmp_path / "out", mask=pair(0)[1], **how)
    assert (
        mk.batch(tmp_path / "photos", tmp_path / "out", executor="threads", budget=0, fetch=False).done == 1
    )
