"""The command line of the server: what it refuses before it starts, and how it ends."""

import contextlib
import gc
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from importlib.util import find_spec

import httpx
import pytest

from maskkit.cli import app

NO_DATABASE = "--database" if find_spec("psycopg") else "pip install 'maskkit[postgres]'"

NO_DASK = "--dask: need an address" if find_spec("distributed") else "pip install 'maskkit[cluster]'"


def serve(*options, **how):
    command = [sys.executable, "-m", "maskkit", "serve", *map(str, options)]
    return subprocess.run(command, text=True, capture_output=True, timeout=60, check=False, **how)


@pytest.mark.parametrize(
    "url",
    [
        "masks.example.com",
        "ftp://masks.example.com",
        "https://",
        "https://:443",
        "https://me:PASSWORD@masks.example.com",
        "https://masks.example.com/?key=PASSWORD",
        "https://masks.example.com/#top",
        "https://masks.example.com:99999",
        "https://masks.example.com:0",
        "https://[::1",
        "https://masks.example.com/a b",
    ],
)
def test_a_public_url_that_could_not_begin_the_servers_own_is_refused(tmp_path, url):
    ended = serve("--no-auth", "--public-url", url, "--data-dir", "/dev/null/x", cwd=tmp_path)
    assert ended.returncode == 2
    assert "--public-url: need http(s)://host" in ended.stderr
    assert "PASSWORD" not in ended.stderr


@pytest.mark.parametrize("url", ["https://masks.example.com/under/", "http://[::1]:8000"])
def test_a_public_url_may_have_a_port_and_a_path(tmp_path, url):
    ended = serve("--no-auth", "--public-url", url, "--data-dir", "/dev/null/x", cwd=tmp_path)
    assert "--data-dir" in ended.stderr  # what comes after the URLs


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ((), "--credentials"),
        (("--no-auth", "--host", "0.0.0.0"), "loopback only"),
        (("--no-auth", "--credentials", "c"), "one of --credentials FILE and --no-auth"),
        (("--no-auth", "--engine", "magic"), "--engine: need one of"),
        (("--no-auth", "--allow-network", "10.0.0.0/99"), "--allow-network"),
        (("--no-auth", "--cors-origin", "*"), "--cors-origin: need https://host"),
        (("--no-auth", "--cors-origin", "https://shop.example/"), "--cors-origin: need https://host"),
        (("--no-auth", "--lease", "4000"), "--lease"),
        (("--add-client", "shop"), "name the file with --credentials"),
    ],
)
def test_options_that_cannot_be_are_usage_errors(tmp_path, options, words):
    ended = serve(*options, cwd=tmp_path)
    assert ended.returncode == 2
    assert words in ended.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--no-auth", "--data-dir", "/dev/null/x"), "--data-dir"),
        (("--no-auth", "--database", "postgresql+psycopg://me:PASSWORD@127.0.0.1:1/x"), NO_DATABASE),
        (("--no-auth", "--dask", "scheduler"), NO_DASK),
        (("--no-auth", "--dask", "tcp://"), NO_DASK),
        (("--credentials", "nowhere"), "nowhere: cannot be read"),
        (("--credentials", "c", "--add-client", "a b"), "client id"),
    ],
)
def test_what_cannot_be_is_one_line(tmp_path, options, words):
    ended = serve(*options, cwd=tmp_path)
    assert ended.returncode == 1
    assert words in ended.stderr
    assert "PASSWORD" not in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_port_that_is_taken(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        ended = serve("--no-auth", "--port", taken.getsockname()[1], "--data-dir", tmp_path)
    assert ended.returncode == 1
    assert "cannot listen" in ended.stderr


def test_a_client_is_added_and_the_secret_told_once(tmp_path):
    path = tmp_path / "clients"
    ended = serve("--credentials", path, "--add-client", "shop")
    assert ended.returncode == 0
    secret = ended.stdout.strip()
    assert len(secret) == 43
    assert secret not in path.read_text()
    assert serve("--credentials", path, "--add-client", "shop").returncode == 1
    assert serve("--credentials", path, "--remove-client", "shop").returncode == 0
    assert path.read_text() == ""


@contextlib.contextmanager
def started(folder):
    """A server with two processes, whose standard error ends when the last of them has ended."""
    words = ["serve", "--no-auth", "--port", "0", "--workers", "2", "--engine", "classical"]
    command = [sys.executable, "-m", "maskkit", *words, "--data-dir", folder]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, start_new_session=True) as server:
        try:
            yield server
        finally:
            server.kill()


def ends_well(server, number, *, all_processes=False):
    os.killpg(server.pid, number) if all_processes else server.send_signal(number)
    said = server.stderr.read()
    assert server.wait(30) in (0, -number, 130 if number == signal.SIGINT else 0)
    assert "Traceback" not in said, said
    assert "leaked" not in said, said
    assert "Error" not in said, said


FULL = """
mount -t tmpfs -o size=100k none "$1" || exit 77
export TMPDIR="$1"
exec "$0" -m maskkit serve --no-auth --port 0 --data-dir "$2"
"""


@pytest.mark.skipif(not shutil.which("unshare"), reason="needs unshare")
def test_an_upload_that_finds_the_disk_full_is_told_so(tmp_path):
    (tmp_path / "small").mkdir()
    command = ["unshare", "--mount", *([] if os.geteuid() == 0 else ["--map-root-user"]), "sh", "-ec", FULL]
    command += [sys.executable, str(tmp_path / "small"), str(tmp_path / "data")]
    with subprocess.Popen(command, text=True, stderr=subprocess.PIPE, start_new_session=True) as server:
        base = next((line for line in server.stderr if " serves on " in line), "").split()[-1:]
        if not base:
            pytest.skip("nothing may be mounted here")
        try:
            form = {"photo": bytes(2_000_000)}
            said = httpx.post(f"{base[0]}cutout", files=form)
            assert (said.status_code, said.json()["error_code"]) == (507, "InsufficientStorage")
            said = httpx.post(f"{base[0]}v1.0/removebg", files={"image_file": form["photo"]})
            (error,) = said.json()["errors"]
            assert (said.status_code, error["code"]) == (507, "insufficient_storage")
            assert error["title"] == "the upload cannot be kept (No space left on device)"
            small = httpx.post(f"{base[0]}v1.0/removebg", files={"image_file": bytes(1000)})
            assert small.json()["errors"][0]["code"] == "invalid_file_type"
        finally:
            os.killpg(server.pid, signal.SIGTERM)


@pytest.mark.parametrize("word", [" serves on ", "Started server process", "startup complete"])
def test_it_ends_well_when_told_to(tmp_path, word):
    for _ in range(3):
        with started(tmp_path) as server:
            assert any(word in line for line in server.stderr)
            ends_well(server, signal.SIGTERM)


@pytest.mark.parametrize("word", [" serves on ", "Started server process", "startup complete"])
def test_ctrl_c_at_a_terminal_comes_to_its_processes_too_and_they_leave_it_to_the_server(tmp_path, word):
    with started(tmp_path) as server:
        assert any(word in line for line in server.stderr)
        ends_well(server, signal.SIGINT, all_processes=True)


def test_ctrl_c_where_the_processes_wait_for_a_job(tmp_path):
    with started(tmp_path) as server:
        url = next(line.split()[-1] for line in server.stderr if " serves on " in line)
        photo = pathlib.Path(__file__).parents[2] / "sample_files/product.jpg"
        with photo.open("rb") as file:
            assert httpx.post(f"{url}cutout", files={"photo": file}, timeout=60).status_code == 200
        ends_well(server, signal.SIGINT, all_processes=True)


def test_it_ends_well_whenever_it_is_told_to(tmp_path):
    """The moments lie between the first instruction and a server whose processes have loaded the engine."""
    with started(tmp_path) as server:
        begin = time.monotonic()
        assert any("startup complete" in line for line in server.stderr)
        whole = time.monotonic() - begin
        ends_well(server, signal.SIGTERM)
    for moment in range(8):
        with started(tmp_path) as server:
            threading.Event().wait(2 * whole * moment / 8)
            heard = signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN  # as under nohup
            special = {3: signal.SIGHUP if heard else signal.SIGTERM, 6: signal.SIGINT}
            ends_well(server, special.get(moment, signal.SIGTERM))


def test_closed_connections_are_collected_as_in_a_process_that_stays(tmp_path, monkeypatch):
    seen, before, threshold = [], gc.get_freeze_count(), gc.get_threshold()
    monkeypatch.setattr(
        "uvicorn.Server.run", lambda self, sockets: seen.append((gc.get_freeze_count(), gc.get_threshold()))
    )
    gc.set_threshold(50_000)
    try:
        app(["serve", "--no-auth", "--port", "0", "--data-dir", str(tmp_path)], standalone_mode=False)
    finally:
        gc.unfreeze()
        gc.set_threshold(*threshold)
    frozen, (youngest, *_) = seen[0]
    assert frozen > before + 10_000
    assert youngest < 5_000
