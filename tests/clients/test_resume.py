"""A job whose end the command did not see is paid for: it is kept, and another process goes on with it."""

import json
import os
import shlex
import shutil
import signal
import stat
import subprocess
import sys
from pathlib import Path
from time import sleep

import numpy as np
import pytest
from PIL import Image

from maskkit import Job, codec
from maskkit.testing import ScriptedServer
from maskkit.testing.pictures import answer_to, ellipse, sample_photo

pytest.importorskip("obstore", reason="maskkit[staging] is not installed")
ADOBE = ("--source", "adobe")
MASK = ("mask", "photo.jpg", "-o", "mask.png", *ADOBE)


@pytest.fixture(params=["v1", "v2"])
def api(request):
    return request.param


@pytest.fixture
def server():
    with ScriptedServer(statuses=("running",)) as scripted:
        yield scripted


@pytest.fixture
def place(tmp_path):
    (tmp_path / "photo.jpg").write_bytes(sample_photo())
    return tmp_path


@pytest.fixture
def run(server, place, api):
    def command(*words, **environ):
        plain = {name: value for name, value in os.environ.items() if not name.startswith(("MASKKIT", "AWS"))}
        return subprocess.run(
            [sys.executable, "-m", "maskkit", *words],
            env={**plain, **server.environ(api), **environ},
            cwd=place,
            capture_output=True,
            text=True,
            check=False,
        )

    return command


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def told(done):
    """The words after `maskkit` of the command that the message names."""
    line = next(line for line in done.stderr.splitlines() if line.strip().startswith("maskkit mask"))
    return shlex.split(line)[1:]


def test_a_job_that_outlives_its_deadline_is_kept_and_gone_on_with(run, server, place):
    done = run(*MASK, "--deadline", "2")
    assert done.returncode == 1, done.stderr
    assert names(place) == ["mask.png.job.json", "photo.jpg"]
    kept = place / "mask.png.job.json"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    (job_id,) = server.tasks
    assert Job.from_json(kept.read_text()).job_id == job_id
    assert "Signature" not in done.stdout + done.stderr

    again = run(*told(done))  # it is still running
    assert (again.returncode, told(again)) == (1, told(done))
    assert kept.exists()

    server.statuses = ("succeeded",)
    done = run(*told(again))
    assert done.returncode == 0, done.stderr
    np.testing.assert_array_equal(codec.read_mask(place / "mask.png"), ellipse(48, 64))
    assert names(place) == ["mask.png", "photo.jpg"]
    assert list(server.tasks) == [job_id], "resuming orders nothing"
    assert server.store.files == {}


def test_a_mask_that_was_made_and_could_not_be_fetched(run, server, place, api):
    server.statuses = ("succeeded",)
    route = (
        "GET /results/" if api == "v2" else "GET /bucket/masks"
    )  # the service itself reads the photo first
    server.fail(route, 503, times=99, after=0 if api == "v2" else 1)
    done = run(*MASK, "--deadline", "20")
    assert done.returncode == 1
    assert "503" in done.stderr
    server.faults.clear()
    done = run(*told(done))
    assert done.returncode == 0, done.stderr
    assert names(place) == ["mask.png", "photo.jpg"]


@pytest.mark.skipif(sys.platform == "win32", reason="signals are POSIX's")
def test_a_process_that_is_killed(server, place, api):
    words = [sys.executable, "-m", "maskkit", *MASK]
    with subprocess.Popen(words, env=os.environ | server.environ(api), cwd=place) as process:
        while not any("/status/" in request.path for request in server.received):
            assert process.poll() is None
            sleep(0.01)
        process.send_signal(signal.SIGKILL)
    assert names(place) == ["mask.png.job.json", "photo.jpg"]
    server.statuses = ("succeeded",)
    done = subprocess.run([*words, "--resume"], env=os.environ | server.environ(api), cwd=place, check=False)
    assert done.returncode == 0
    assert names(place) == ["mask.png", "photo.jpg"]


def test_an_order_is_not_paid_twice_unawares(run, server, place):
    run(*MASK, "--deadline", "2")
    before = (place / "mask.png.job.json").read_text()
    done = run(*MASK)
    assert done.returncode == 1
    assert "mask.png.job.json" in done.stderr
    assert "--resume" in done.stderr
    assert (len(server.tasks), (place / "mask.png.job.json").read_text()) == (1, before)


def test_the_user_names_the_file(run, server, place):
    words = ("cutout", "photo.jpg", "-o", "cutout.png", *ADOBE, "--job", "my job.json", "--deadline", "2")
    assert run(*words).returncode == 1
    assert names(place) == ["my job.json", "photo.jpg"]
    server.statuses = ("succeeded",)
    done = run(*words, "--resume")
    assert done.returncode == 0, done.stderr
    assert names(place) == ["cutout.png", "photo.jpg"]
    assert codec.read(place / "cutout.png").pixels.shape == (48, 64, 4)


def test_a_photo_that_was_scaled_gets_a_mask_of_its_own_size(run, server, place, api):
    if api == "v1":
        pytest.skip("takes 10,000 pixels")
    Image.fromarray(np.full((16, 6100, 3), 90, np.uint8)).save(place / "photo.jpg")
    done = run(*MASK, "--deadline", "2")
    server.statuses = ("succeeded",)
    done = run(*told(done))
    assert done.returncode == 0, done.stderr
    assert codec.read_mask(place / "mask.png").shape == (16, 6100)


def test_another_photo_is_refused_before_anything_is_removed(run, server, place):
    done = run(*MASK, "--deadline", "2")
    staged = dict(server.store.files)
    (place / "photo.jpg").write_bytes(sample_photo(20, 30))
    server.statuses = ("succeeded",)
    done = run(*told(done))
    assert done.returncode == 1
    assert "64x48" in done.stderr
    assert "30x20" in done.stderr
    assert server.store.files == staged
    assert names(place) == ["mask.png.job.json", "photo.jpg"]


def test_a_job_that_failed_is_over(run, server, place):
    done = run(*MASK, "--deadline", "2")
    server.statuses = ("failed",)
    done = run(*told(done))
    assert (done.returncode, names(place)) == (1, ["photo.jpg"])
    assert "--resume" not in done.stderr
    assert server.store.files == {}


def test_nothing_is_kept_of_an_order_that_was_refused(run, server, place, api):
    server.fail("POST /v2/" if api == "v2" else "POST /sensei/", 400)
    done = run(*MASK)
    assert (done.returncode, names(place)) == (1, ["photo.jpg"])


@pytest.mark.parametrize(
    ("content", "said"), [(None, "no such file"), ("{}", "JSON of a Job"), ("\x80", "JSON of a Job")]
)
def test_resuming_what_is_no_job(run, server, place, content, said):
    if content is not None:
        (place / "job.json").write_bytes(content.encode("latin-1"))
    done = run(*MASK, "--resume", "--job", "job.json")
    assert done.returncode == 1
    assert "job.json" in done.stderr
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert server.received == []
    assert (place / "job.json").exists() == (content is not None)


def test_wrong_words(run):
    for words in (("--resume", "--dry-run"), ("--resume", "-m", "photo.jpg")):
        assert run(*MASK, *words).returncode == 2, words
    done = run("mask", "photo.jpg", "-o", "mask.png", "--source", "classical", "--resume")
    assert "needs --source adobe" in done.stderr
    done = run(*MASK, "--job", "nowhere/job.json")
    assert (done.returncode, "no such folder" in done.stderr) == (1, True)


def test_a_result_to_standard_output_keeps_its_job_by_the_photos_name(run, place):
    done = run("mask", "photo.jpg", "-o", "-", *ADOBE, "--deadline", "2", "--json")
    assert json.loads((place / "photo.jpg.job.json").read_text())["kind"] == "mask"
    assert (done.returncode, done.stdout) == (1, "")


def unwritable(server, folder):
    """A result that is made, and a folder that is gone when it is to be written."""
    made = server.result

    def remove(*order):
        shutil.rmtree(folder)
        return (made or answer_to)(*order)

    server.result = remove


def test_a_mask_that_cannot_be_written_is_still_to_be_had(run, server, place):
    server.statuses = ("succeeded",)
    (place / "out").mkdir()
    unwritable(server, place / "out")
    words = ("cutout", "photo.jpg", "-o", "out/cutout.png", *ADOBE, "--job", "kept.json")
    done = run(*words)
    assert done.returncode == 1
    assert "out/cutout.png" in done.stderr
    assert "kept in kept.json" in done.stderr
    assert "--resume" in done.stderr
    assert names(place) == ["kept.json", "photo.jpg"]
    assert server.store.files != {}, "the result of v1 is there"
    (place / "out").mkdir()
    done = run(*words, "--resume")
    assert done.returncode == 0, done.stderr
    assert (len(server.tasks), names(place), server.store.files) == (1, ["out", "photo.jpg"], {})


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_standard_output_on_a_full_disk_keeps_the_job(run, server, place, api):
    server.statuses = ("succeeded",)
    words = [sys.executable, "-m", "maskkit", "mask", "photo.jpg", "-o", "-", *ADOBE]
    environ = os.environ | server.environ(api)
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            words, env=environ, cwd=place, stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert (done.returncode, names(place)) == (1, ["photo.jpg", "photo.jpg.job.json"])
    assert "No space left" in done.stderr
    assert "--resume" in done.stderr
    done = subprocess.run([*words, "--resume"], env=environ, cwd=place, capture_output=True, check=False)
    np.testing.assert_array_equal(codec.read_mask(done.stdout), ellipse(48, 64))
    assert (names(place), server.store.files) == (["photo.jpg"], {})


def test_an_output_that_is_a_folder_is_told_before_it_is_paid(run, server, place):
    (place / "mask.png").mkdir()
    done = run(*MASK)
    assert (done.returncode, server.tasks) == (1, {})
    assert "is a folder" in done.stderr


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_is_read_only_is_told_before_it_is_paid(run, server, place):
    (place / "out").mkdir(0o500)
    done = run("mask", "photo.jpg", "-o", "out/mask.png", *ADOBE, "--job", "kept.json")
    assert (done.returncode, server.tasks) == (1, {})
    assert "read-only" in done.stderr
