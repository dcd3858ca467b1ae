"""A command that is told to end in the middle of a write leaves nothing half-written."""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import maskkit as mk
from maskkit.codec import atomic
from maskkit.codec.replacing import discard_unfinished

PACKAGE = Path(mk.__file__).parent.parent


@pytest.fixture(scope="module")
def photo(tmp_path_factory):
    path = tmp_path_factory.mktemp("signals") / "photo.png"
    noise = np.random.default_rng(3).integers(0, 256, (1500, 1500, 3), np.uint8)
    Image.fromarray(noise).save(path, compress_level=0)
    mask = path.with_name("mask.png")
    Image.new("L", (1500, 1500), 255).save(mask)
    return path, mask


def writing(photo, folder, kind):
    """The command, once its temporary file is there."""
    command = [
        sys.executable,
        "-m",
        "maskkit",
        "cutout",
        photo[0],
        "--mask",
        photo[1],
        "-o",
        folder / f"out.{kind}",
    ]
    environment = {**os.environ, "PYTHONPATH": str(PACKAGE)}
    run = subprocess.Popen(list(map(str, command)), stderr=subprocess.PIPE, env=environment)
    while not list(folder.glob(".*.part")):
        assert run.poll() is None, run.stderr.read()
        threading.Event().wait(0.002)
    return run


@pytest.mark.skipif(os.name != "posix", reason="the signals are POSIX's")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("kind", ["webp", "png", "tif"])
def test_a_signal_during_a_write_leaves_no_half_file(photo, tmp_path, number, kind):
    if signal.getsignal(number) is signal.SIG_IGN:
        pytest.skip("the signal is ignored here, as under nohup")
    (tmp_path / f"out.{kind}").write_bytes(b"as it was")
    with writing(photo, tmp_path, kind) as run:
        run.send_signal(number)
        _, said = run.communicate(timeout=30)
        ended = run.returncode
    left = {path.name: path.stat().st_size for path in tmp_path.iterdir()}
    assert list(left) == [f"out.{kind}"]
    assert ended in (-number, 0)
    assert (left[f"out.{kind}"] == len(b"as it was")) == (ended != 0)
    assert b"Traceback" not in said


def test_what_is_unfinished_can_be_discarded(tmp_path):
    unfinished = atomic(tmp_path / "a.txt")
    unfinished.__enter__().write_text("half")
    discard_unfinished()
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(mk.CodecError):
        unfinished.__exit__(None, None, None)
    with atomic(tmp_path / "a.txt") as temporary:
        temporary.write_text("whole")
    discard_unfinished()
    assert (tmp_path / "a.txt").read_text() == "whole"
