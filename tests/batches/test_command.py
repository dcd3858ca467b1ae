"""``maskkit batch`` as a process: what it prints, how it is stopped, how it goes on after it was killed."""

import json
import os
import shutil
import signal
import struct
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from batches.conftest import fill, hashes, pair
from cli_process import PACKAGE, maskkit
from PIL import Image

import maskkit as mk

HERE = Path(__file__).parent


def lines(run):
    return [json.loads(line) for line in run.stdout.splitlines()]


def begun(folder, *more, path=()):
    """The command, with its events to read."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(PACKAGE), *map(str, path)])}
    environment.pop("PYTHONUNBUFFERED", None)  # a stream in the midst of a write is what a user has
    words = ["batch", "photos", "out", "-m", "masks", "--json", *more]
    return subprocess.Popen(
        [sys.executable, "-m", "maskkit", *words],
        cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
    )  # fmt: skip


def read(process, pictures):
    """Wait for so many pictures."""
    seen = 0
    while seen < pictures:
        line = process.stdout.readline()
        assert line, process.stderr.read()
        seen += json.loads(line)["event"] == "picture"


def left_unfinished(folder):
    return list(folder.rglob("*.part"))


def test_the_bytes_are_those_of_the_command_for_one(tmp_path):
    fill(tmp_path, 2)
    options = ["--feather", 1.5, "--trim", 2, "--source", "classical"]
    maskkit("batch", "photos", "out", *options, cwd=tmp_path)
    for name in ("000.png", "001.png"):
        maskkit("cutout", f"photos/{name}", "alone.png", *options, cwd=tmp_path)
        assert (tmp_path / "out" / name).read_bytes() == (tmp_path / "alone.png").read_bytes()
        (tmp_path / "alone.png").unlink()


def test_it_counts_names_what_failed_and_ends_with_one(tmp_path):
    fill(tmp_path, 3)
    (tmp_path / "photos/001.png").write_bytes(b"no picture")
    run = maskkit("batch", "photos", "out", "-m", "masks", cwd=tmp_path, check=1)
    assert run.stdout.startswith(b"2 done, 1 failed, ")
    said = b"failed: photos/001.png: is not an image"
    assert said in run.stderr, "the photo is named once"
    assert b"what failed: " in run.stderr
    again = maskkit("batch", "photos", "out", "-m", "masks", cwd=tmp_path, check=1)
    assert again.stdout.startswith(b"0 done, 2 kept, 1 failed")
    assert b"--retry-failed" in again.stderr


def test_what_is_lost_of_a_picture_is_told_with_its_name(tmp_path):
    fill(tmp_path, 3)
    deep = tmp_path / "photos/pages.tif"
    first, second = (Image.fromarray(pair(number)[0]) for number in (1, 2))
    first.save(deep, save_all=True, append_images=[second])
    Image.fromarray(pair(1)[1]).save(tmp_path / "masks/pages.png")
    rows = np.full((2, 2, 4), 9, np.uint8).tobytes()
    head = struct.pack("<IiiHHIIiiII", 40, 2, 2, 1, 32, 0, 16, 0, 0, 0, 0)
    named = b"BM" + struct.pack("<IHHI", 70, 0, 0, 54) + head + rows  # its fourth byte is not called alpha
    (tmp_path / "photos/fourth.bmp").write_bytes(named)
    Image.fromarray(np.uint8([[255, 0], [0, 0]])).save(tmp_path / "masks/fourth.png")
    told = maskkit("batch", "photos", "out", "-m", "masks", "-q", cwd=tmp_path).stderr.decode().splitlines()
    bmp, tif = (str(Path("photos") / name) for name in ("fourth.bmp", "pages.tif"))
    assert len(told) == 2
    assert any(line == f"warning: {tif}: the file is frame 1 of 2" for line in told)
    start = f"warning: {bmp}: one sample a pixel beside the colour"
    assert any(line.startswith(start) and "--unnamed-alpha" in line for line in told)
    events = lines(maskkit("batch", "photos", "out", "-m", "masks", "--json", "--force", cwd=tmp_path))
    warned = {Path(one["photo"]).name: one["warned"] for one in events if one["event"] == "picture"}
    assert warned.pop("pages.tif") == [f"{tif}: the file is frame 1 of 2"]
    assert len(warned.pop("fourth.bmp")) == 1
    assert set(map(len, warned.values())) == {0}


def test_events_are_one_object_a_line(tmp_path):
    fill(tmp_path, 3)
    told = lines(maskkit("batch", "photos", "out", "-m", "masks", "--json", cwd=tmp_path))
    assert [one["event"] for one in told] == ["begin", "picture", "picture", "picture", "end"]
    assert told[0]["count"] == told[-1]["done"] == 3
    assert all(one["measures"]["empty"] == 0 and one["source"] == "given" for one in told[1:4])


def test_a_dry_run_counts_and_writes_nothing(tmp_path):
    fill(tmp_path, 3)
    run = maskkit("batch", "photos", "out", "-m", "masks", "--dry-run", "--json", cwd=tmp_path)
    size = sum(one.stat().st_size for one in (tmp_path / "photos").iterdir())
    assert lines(run)[0] == {
        "make": 3, "bytes": size, "kept": 0, "skipped": 0, "failed": 0, "bought": 0, "unread": [],
    }  # fmt: skip
    assert sorted(one.name for one in tmp_path.iterdir()) == ["masks", "photos"]
    shutil.rmtree(tmp_path / "masks")
    said = maskkit("batch", "photos", "out", "--source", "adobe", "--dry-run", cwd=tmp_path).stdout.decode()
    assert "3 orders at most" in said


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["photos"], "DST"),
        (["photos", "photos/000.png"], "is a file"),
        (["photos", "out", "--refine", "hare"], "refine"),
        (["-", "out"], "standard input"),
    ],
)
def test_wrong_usage(tmp_path, words, said):
    fill(tmp_path, 1)
    assert said in maskkit("batch", *words, cwd=tmp_path, check=2).stderr.decode()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_finishes_what_runs_and_the_next_run_does_the_rest(tmp_path, number):
    fill(tmp_path, 400)
    process = begun(tmp_path)
    read(process, 5)
    os.killpg(process.pid, number)
    _, said = process.communicate()
    assert process.returncode == 128 + number
    assert b"Traceback" not in said
    first = hashes(tmp_path / "out")
    assert 5 <= len(first) < 400
    assert not left_unfinished(tmp_path)
    told = lines(maskkit("batch", "photos", "out", "-m", "masks", "--json", cwd=tmp_path))[-1]
    assert (told["kept"], told["done"]) == (len(first), 400 - len(first))


@pytest.mark.skipif(not hasattr(signal, "pthread_sigmask"), reason="signals cannot be held back here")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_while_workers_start_is_not_theirs(tmp_path, number):
    """Each worker waits, as soon as it is Python, until the signal has come to all."""
    fill(tmp_path, 20)
    (tmp_path / "path").mkdir()
    (tmp_path / "path/sitecustomize.py").write_text(
        "import pathlib, sys, time\n"
        "if '--multiprocessing-fork' in sys.orig_argv:\n"
        f"    here = pathlib.Path({str(tmp_path)!r})\n"
        "    print('a worker is born', file=sys.stderr, flush=True)\n"
        "    while not (here / 'sent').exists():\n"
        "        time.sleep(0.01)\n"
    )
    process = begun(tmp_path, "--workers", "2", path=[tmp_path / "path"])
    born = [process.stderr.readline() for _ in range(2)]
    os.killpg(process.pid, number)
    (tmp_path / "sent").touch()
    _, said = process.communicate(timeout=60)
    assert born == [b"a worker is born\n"] * 2
    assert process.returncode == 128 + number, said
    assert b"Traceback" not in said
    assert b"could not start" not in said


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="pipes have no size that is set")
def test_a_signal_in_the_midst_of_an_event(tmp_path):
    """Nobody reads, the pipe is full, and the command waits with half of a line written."""
    import fcntl
    import termios

    fill(tmp_path, 60)
    process = begun(tmp_path)
    fcntl.fcntl(process.stdout, fcntl.F_SETPIPE_SZ, 4096)
    waiting, still = 0, 0
    while still < 20:  # a tenth of a second as long as it takes for many pictures
        time.sleep(0.01)
        came = int.from_bytes(fcntl.ioctl(process.stdout, termios.FIONREAD, bytes(4)), sys.byteorder)
        waiting, still = came, still + 1 if came == waiting > 3000 else 0
    os.killpg(process.pid, signal.SIGINT)
    out, said = process.communicate(timeout=60)
    told = [json.loads(line) for line in out.splitlines()]
    assert process.returncode == 130, said
    assert [one["said"] for one in told if one["event"] == "note"] == [
        "maskkit: finishing what runs; once more ends at once"
    ]
    assert told[-1]["event"] == "end"


def in_threads(folder):
    """The same batch in this process, without the time that workers take to start."""
    return mk.batch(folder / "photos", folder / "out", masks=folder / "masks", executor="threads")


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    """The hashes of what 120 photos give."""
    folder = fill(tmp_path_factory.mktemp("undisturbed"), 120)
    assert in_threads(folder).done == 120
    return hashes(folder / "out")


@pytest.mark.parametrize("pictures", [1, 8, 40])
@pytest.mark.parametrize("all_of_it", [True, False])
def test_after_kill_9_every_output_is_there_once_and_as_it_should_be(
    tmp_path, pictures, all_of_it, undisturbed
):
    fill(tmp_path, 120)
    process = begun(tmp_path)
    read(process, pictures)
    (os.killpg if all_of_it else os.kill)(process.pid, signal.SIGKILL)
    process.communicate()
    summary = in_threads(tmp_path)
    assert summary.kept + summary.done == 120
    assert summary.failed == 0
    assert hashes(tmp_path / "out") == undisturbed
    assert not left_unfinished(tmp_path)


def with_engine(folder):
    """A package that adds an engine, as one that is installed does."""
    shutil.copy(HERE / "lethal.py", folder)
    about = folder / "lethal-1.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: lethal\nVersion: 1\n")
    (about / "entry_points.txt").write_text("[maskkit.engines]\nlethal = lethal:spec\n")


def test_a_picture_that_kills_its_worker_is_given_up_after_two_attempts(tmp_path, monkeypatch):
    (tmp_path / "package").mkdir()
    with_engine(tmp_path / "package")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "package"))
    fill(tmp_path, 40)
    for number in (3, 25):
        photo = pair(number)[0]
        photo[0, 0, 0] = 255
        Image.fromarray(photo).save(tmp_path / f"photos/{number:03}.png")
    words = ["batch", "photos", "out", "--source", "lethal", "--workers", 2, "--json"]
    told = lines(maskkit(*words, cwd=tmp_path, check=1))
    failed = {one["name"]: one for one in told if one.get("state") == "failed"}
    assert sorted(failed) == ["003.png", "025.png"]
    assert all("its worker died, 2 times" in one["reason"] for one in failed.values())
    assert told[-1]["done"] == 38
    assert np.asarray(Image.open(tmp_path / "out/004.png")).shape == (48, 48, 4)
    assert not left_unfinished(tmp_path)


def test_a_photo_that_grows_while_it_is_read_fails_alone(tmp_path, monkeypatch):
    (tmp_path / "package").mkdir()
    with_engine(tmp_path / "package")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "package"))
    fill(tmp_path, 3)
    photo = pair(1)[0]
    photo[0, 0, 0] = 254
    Image.fromarray(photo).save(tmp_path / "photos/001.png")
    words = ["batch", "photos", "out", "--source", "lethal", "--executor", "threads", "--json"]
    told = lines(maskkit(*words, cwd=tmp_path, check=1))
    failed = [(one["name"], one["reason"]) for one in told if one.get("state") == "failed"]
    assert failed == [("001.png", "photos/001.png: changed while it was read")]
    assert told[-1]["done"] == 2


def test_a_read_only_destination_is_refused(tmp_path):
    fill(tmp_path, 3)
    (tmp_path / "out").mkdir()
    (tmp_path / "out").chmod(0o500)
    if os.access(tmp_path / "out", os.W_OK):
        pytest.skip("root writes everywhere")
    run = maskkit("batch", "photos", "out", "-m", "masks", cwd=tmp_path, check=1)
    assert b"cannot be written" in run.stderr


def mounted(folder, options, words):
    """A command with ``out`` as a file system of its own; skips where none can be mounted."""
    (folder / "out").mkdir()
    run = subprocess.run(
        ["unshare", "-rm", "sh", "-c", f"mount -t tmpfs -o {options} tmpfs out || exit 99; {words}"],
        cwd=folder, env={**os.environ, "PYTHONPATH": str(PACKAGE)}, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    if run.returncode == 99 or "unshare" in run.stderr:
        pytest.skip("no file system of one's own can be mounted here")
    assert run.returncode == 1
    assert "Traceback" not in run.stderr
    return run


COMMAND = f"{sys.executable} -m maskkit batch photos out -m masks --executor threads"
MOUNTS = pytest.mark.skipif(not shutil.which("unshare"), reason="no file system can be mounted here")


@pytest.mark.service
@MOUNTS
def test_a_file_system_that_is_read_only_is_refused(tmp_path):
    fill(tmp_path, 3)
    run = mounted(tmp_path, "ro", COMMAND)
    assert run.stderr == "maskkit: out: cannot be written: Read-only file system\n"


@pytest.mark.service
@MOUNTS
def test_a_full_disk_stops_the_batch_and_leaves_the_rest_for_the_next(tmp_path):
    fill(tmp_path, 40)
    run = mounted(tmp_path, "size=16k", f"{COMMAND}; code=$?; ls -A out; exit $code")
    assert "No space left on device; " in run.stderr
    assert "left, the same command goes on" in run.stderr
    assert ".part" not in run.stdout
    assert maskkit("batch", "photos", "out", "-m", "masks", cwd=tmp_path).stdout.startswith(b"40 done")
