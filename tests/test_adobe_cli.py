"""`maskkit mask --source adobe` and `maskkit doctor` through the real command."""

import json
import os
import signal
import subprocess
import sys
from io import BytesIO
from time import sleep

import numpy as np
import pytest
from PIL import Image

import maskkit
from maskkit import codec
from maskkit.testing import ScriptedServer
from maskkit.testing.pictures import ellipse

pytest.importorskip("obstore", reason="maskkit[staging] is not installed")


@pytest.fixture
def server():
    with ScriptedServer() as scripted:
        yield scripted


@pytest.fixture
def run(server, tmp_path):
    (tmp_path / "photo.jpg").write_bytes(server.photo)

    def command(*words, **environ):
        plain = {name: value for name, value in os.environ.items() if not name.startswith(("MASKKIT", "AWS"))}
        return subprocess.run(
            [sys.executable, "-m", "maskkit", *words],
            env={**plain, **server.environ(), **environ},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )

    return command


@pytest.mark.parametrize("api", ["v1", "v2"])
def test_mask(run, server, tmp_path, api):
    words = ("--source", "adobe", "--api", api, "--format", "binary", "--deadline", "60")
    done = run("mask", "photo.jpg", "-o", "mask.png", *words)
    assert done.returncode == 0, done.stderr
    assert f"adobe {api}" in done.stdout
    np.testing.assert_array_equal(codec.read_mask(tmp_path / "mask.png") >= 128, ellipse(48, 64) >= 128)
    assert server.store.files == {}
    secret = server.client_secret
    assert secret not in done.stdout + done.stderr


def test_cutout_and_composite(run, server, tmp_path):
    assert run("cutout", "photo.jpg", "-o", "cutout.png", "--source", "adobe").returncode == 0
    assert codec.read(tmp_path / "cutout.png").pixels.shape == (48, 64, 4)
    words = ("--source", "adobe", "-b", "#336699")
    done = run("composite", "photo.jpg", "-o", "composite.png", *words)
    assert done.returncode == 0, done.stderr
    assert len(server.tasks) == 2


def test_a_terminal_sees_how_far_things_are(server, tmp_path):
    pty = pytest.importorskip("pty", reason="no terminals here")
    (tmp_path / "photo.jpg").write_bytes(server.photo)
    ours, theirs = pty.openpty()
    words = [sys.executable, "-m", "maskkit", "mask", "photo.jpg", "-o", "m.png", "--source", "adobe"]
    subprocess.run(words, env=os.environ | server.environ(), cwd=tmp_path, stderr=theirs, check=True)
    os.close(theirs)
    seen = os.read(ours, 4096).decode()
    os.close(ours)
    assert all(word in seen for word in ("staging", "submitted", "pending 0 s", "fetched"))


@pytest.mark.skipif(sys.platform == "win32", reason="signals are POSIX's")
def test_ctrl_c_cleans_up(server, tmp_path):
    server.statuses = ("running",)
    (tmp_path / "photo.jpg").write_bytes(server.photo)
    words = [sys.executable, "-m", "maskkit", "mask", "photo.jpg", "-o", "m.png", "--source", "adobe"]
    with subprocess.Popen(
        words, env=os.environ | server.environ(), cwd=tmp_path, stderr=subprocess.PIPE
    ) as run:
        while not any("/status/" in request.path for request in server.received):
            assert run.poll() is None
            sleep(0.01)
        run.send_signal(signal.SIGINT)
        run.communicate(timeout=30)
    assert run.returncode == 130
    assert server.store.files == {}
    assert [path.name for path in tmp_path.iterdir()] == ["photo.jpg"]


def test_dry_run_opens_no_connection(run, server, tmp_path):
    done = run("mask", "photo.jpg", "-o", "mask.png", "--source", "adobe", "--dry-run")
    said = json.loads(done.stdout)
    assert said["upload"]["size"] == "64x48"
    assert said["request"].endswith("/sensei/mask")
    assert said["body"]["output"]["mask"] == {"format": "soft"}
    assert server.received == []
    assert not (tmp_path / "mask.png").exists()


def test_dry_run_of_auto_spends_nothing(run, server):
    done = run("mask", "photo.jpg", "-o", "mask.png", "--dry-run")
    assert json.loads(done.stdout)["upload"]["size"] == "64x48"
    assert server.received == []


def test_options_of_the_service_ask_it_or_are_refused(run, server):
    done = run("mask", "photo.jpg", "-o", "mask.png", "--base-url", server.url, MASKKIT_STAGING="")
    assert "staging" in done.stderr
    done = run("mask", "photo.jpg", "-o", "mask.png", "--source", "classical", "--dry-run")
    assert (done.returncode, "needs --source adobe" in done.stderr) == (2, True)


@pytest.mark.parametrize(
    "words",
    [
        ("-o", "mask.nope"),
        ("-o", "no-such-folder/mask.png"),
        ("-o", "mask.png", "--keep", "7"),
        ("-o", "mask.png", "--keep", "900,900"),
        ("-o", "mask.png", "--box", "0", "0", "-5", "900"),
        ("-o", "mask.png", "--model", "u2netp"),
    ],
)
def test_what_cannot_work_is_told_before_a_job_is_spent(run, server, words):
    done = run("mask", "photo.jpg", "--source", "adobe", *words)
    assert done.returncode != 0
    assert server.received == []


def test_cmyk_is_converted(run, server, tmp_path, maskkit_server):
    image = Image.open(BytesIO(server.photo)).convert("CMYK")
    image.save(tmp_path / "cmyk.jpg")
    done = run("cutout", "cmyk.jpg", "-o", "cutout.png", "--source", "adobe")
    assert done.returncode == 0, done.stderr
    for photo in (tmp_path / "cmyk.jpg", image):
        with pytest.warns(maskkit.MaskkitWarning, match="CMYK"):
            assert maskkit.cutout(photo, source="adobe").pixels.shape == (48, 64, 4)
    assert len(maskkit_server.tasks) == 2


def test_an_error_is_one_line_without_secrets(run, server):
    done = run(
        "mask", "photo.jpg", "-o", "m.png", "--source", "adobe", MASKKIT_CLIENT_SECRET="wrong-secret-1"
    )
    assert done.returncode == 1
    assert len(done.stderr.strip().splitlines()) == 1
    assert "wrong-secret-1" not in done.stderr


def test_doctor_finds_all_well(run, server):
    done = run("doctor")
    assert done.returncode == 0, done.stdout
    assert {line.split()[1].rstrip(":") for line in done.stdout.splitlines()} >= {"token", "service", "clock"}
    assert server.tasks == {}
    assert server.store.files == {}


@pytest.mark.parametrize(
    ("environ", "name"),
    [
        ({"MASKKIT_CLIENT_SECRET": "wrong-secret-1"}, "token"),
        ({"MASKKIT_STAGING": ""}, "staging"),
        ({"AWS_ENDPOINT_URL": "http://127.0.0.1:9"}, "staging PUT"),
    ],
)
def test_doctor_says_what_is_wrong_and_what_to_do(run, environ, name):
    done = run("doctor", "--json", **environ)
    wrong = [check for check in json.loads(done.stdout)["checks"] if not check["ok"]]
    assert done.returncode == 1
    assert wrong[0]["name"] == name
    assert wrong[0]["advice"]


def test_fetch_mask_takes_all_from_the_environment(maskkit_server):
    mask = maskkit.fetch_mask(maskkit_server.photo, format="binary")
    assert len(maskkit_server.tasks) == 1
    assert set(np.unique(mask)) == {0, 255}
