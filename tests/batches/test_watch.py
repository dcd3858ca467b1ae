"""``maskkit batch --watch`` as a process: what arrives is made once it is complete."""

import json
import os
import signal
import threading
import time

import numpy as np
import pytest
from batches.conftest import fill, opened, pair
from batches.test_command import begun
from PIL import Image

import maskkit as mk
from maskkit.batches.watching import ends_early
from maskkit.errors import PixelError

pytest.importorskip("watchfiles", reason="maskkit[watch] is not installed")
pytestmark = pytest.mark.slow


def read_until(process, name):
    """The events up to the one of a picture."""
    told = []
    while not told or told[-1].get("name") != name:
        line = process.stdout.readline()
        assert line, process.stderr.read()
        told.append(json.loads(line))
    return told


def ended(process, number):
    """The last event after a signal, and the exit code."""
    os.kill(process.pid, number)
    said, errors = process.communicate()
    assert b"Traceback" not in errors
    return json.loads(said.splitlines()[-1]), process.returncode


def slowly(file, content, enough):
    """Write a file that grows until it is enough."""
    with file.open("wb", buffering=0) as growing:
        for place in range(len(content) - 1):
            growing.write(content[place : place + 1])
            if enough.wait(0.02):
                growing.write(content[place + 1 :])
                return
    raise AssertionError("it was never enough")


def test_what_arrives_is_made_once_it_is_complete(tmp_path):
    fill(tmp_path, 6)
    away = tmp_path / "away"
    (tmp_path / "photos").rename(away)
    (tmp_path / "photos").mkdir()
    (away / "000.png").rename(tmp_path / "photos/000.png")
    process = begun(tmp_path, "--watch", "--executor", "threads")
    read_until(process, "000.png")
    enough, target = threading.Event(), tmp_path / "photos/001.png"
    content = (away / "001.png").read_bytes() + bytes(900)  # what follows a PNG's end is not looked at
    writer = threading.Thread(target=slowly, args=(target, content, enough))
    writer.start()
    (away / "002.png").rename(tmp_path / "photos/002.png")
    assert [one["state"] for one in read_until(process, "002.png")[1:]] == ["done"]
    enough.set()
    writer.join()
    assert [one["state"] for one in read_until(process, "001.png")[1:]] == ["done"]
    assert (opened(tmp_path / "out/001.png")[2] == np.dstack(pair(1))).all()
    (tmp_path / "masks/new").mkdir()
    (tmp_path / "masks/003.png").rename(tmp_path / "masks/new/003.png")
    (away / "new").mkdir()
    (away / "003.png").rename(away / "new/003.png")
    (away / "new").rename(tmp_path / "photos/new")
    read_until(process, "new/003.png")
    Image.fromarray(pair(9)[0]).save(tmp_path / "photos/000.png")
    assert read_until(process, "000.png")[-1]["state"] == "done"
    summary, code = ended(process, signal.SIGINT)
    assert (summary["done"], summary["failed"], summary["left"], summary["stopped"]) == (5, 0, 0, "")
    assert code == 0
    assert not list(tmp_path.rglob("*.part"))


def test_an_upload_that_stalls_is_waited_for(tmp_path):
    fill(tmp_path, 4)
    away = tmp_path / "away"
    (tmp_path / "photos").rename(away)
    (tmp_path / "photos").mkdir()
    (away / "003.png").rename(tmp_path / "photos/003.png")
    process = begun(tmp_path, "--watch", "--executor", "threads")
    read_until(process, "003.png")
    stalled, given_up = tmp_path / "photos/000.png", tmp_path / "photos/001.png"
    for file, ago in ((stalled, 5), (given_up, 60)):
        content = (away / file.name).read_bytes()
        half = away / "half.png"
        half.write_bytes(content[: len(content) // 2])
        os.utime(half, (time.time() - ago,) * 2)
        half.rename(file)
    (away / "002.png").rename(tmp_path / "photos/002.png")
    seen = read_until(process, "002.png")
    stalled.write_bytes((away / "000.png").read_bytes())
    seen += read_until(process, "000.png")
    states = {one["name"]: one["state"] for one in seen if one["event"] == "picture"}
    assert states == {"000.png": "done", "001.png": "failed", "002.png": "done"}
    summary, code = ended(process, signal.SIGTERM)
    assert (summary["done"], summary["failed"], code) == (3, 1, 1)


@pytest.mark.parametrize(("kind", "early"), [("JPEG", True), ("PNG", True), ("WEBP", True), ("GIF", False)])
def test_what_ends_early_is_told_by_its_last_bytes(tmp_path, kind, early):
    file = tmp_path / "photo"
    Image.fromarray(pair(3)[0]).save(file, kind)
    content = file.read_bytes()
    assert not ends_early(str(file))
    file.write_bytes(content + bytes(100))
    assert not ends_early(str(file))
    for length in (len(content) - 13, len(content) // 2, 30):
        file.write_bytes(content[:length])
        assert ends_early(str(file)) is early


def test_what_arrives_takes_no_place_of_another_and_the_watch_ends_with_one(tmp_path):
    fill(tmp_path, 1)
    process = begun(tmp_path, "--watch", "--executor", "threads")
    read_until(process, "000.png")
    Image.fromarray(pair(1)[0]).save(tmp_path / "photos/000.jpg")
    told = read_until(process, "000.png")[-1]
    assert told["state"] == "failed"
    assert told["reason"] == "would take the place of the output of photos/000.png; rename one"
    summary, code = ended(process, signal.SIGTERM)
    assert (summary["done"], summary["failed"], code) == (1, 1, 1)
    assert (opened(tmp_path / "out/000.png")[2] == np.dstack(pair(0))).all()


def test_from_python_it_ends_when_it_is_told_to(tmp_path):
    fill(tmp_path, 2)
    seen = []
    how = {"masks": tmp_path / "masks", "executor": "threads", "watch": True, "progress": seen.append}
    summary = mk.batch(tmp_path / "photos", tmp_path / "out", **how, stopped=lambda: len(seen) == 2)
    assert (summary.done, summary.ok) == (2, True)
    with pytest.raises(PixelError, match="watch: need a folder"):
        mk.batch(tmp_path / "photos/000.png", tmp_path / "out", **how)
