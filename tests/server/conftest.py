"""A server of ours on a real socket, and a scripted store for it to read from and write to."""

import contextlib
import functools
import io
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import numpy as np
import pytest
from PIL import Image

pytest.importorskip("fastapi")
import uvicorn

import maskkit as mk
from maskkit.adobe import Pace
from maskkit.server import Policy, Settings
from maskkit.server.credentials import add_client
from maskkit.server.listen import uvicorn_config

from .postgres import private_postgres

LOOPBACK = Policy(http_loopback=True)
ENDED = ("succeeded", "failed")


def photo_bytes(width=64, height=48, format="PNG"):
    """A red disc on a grey wall with some noise."""
    y, x = np.mgrid[:height, :width]
    disc = (x - width / 2) ** 2 + (y - height / 2) ** 2 < (min(width, height) / 3) ** 2
    wall = np.random.default_rng(7).integers(200, 210, (height, width, 3), np.uint8)
    pixels = np.where(disc[..., None], np.uint8([200, 30, 40]), wall).astype(np.uint8)
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, format)
    return stream.getvalue()


@functools.cache
def soft_mask(photo):
    mask = mk.cutout(photo, source="classical").alpha
    mask.flags.writeable = False
    return mask


def true_mask(photo, format="soft"):
    """The mask that maskkit itself makes of the photo, without a server."""
    soft = soft_mask(photo)
    return soft if format == "soft" else np.where(soft >= 128, np.uint8(255), np.uint8(0))


def picture(content):
    return Image.open(io.BytesIO(content))


@dataclass
class Store:
    """Blobs by path; ``script[path]`` is a list of faults, one used up by each request."""

    base: str = ""
    blobs: dict = field(default_factory=dict)
    script: dict = field(default_factory=dict)
    seen: list = field(default_factory=list)

    def put(self, path, content):
        self.blobs[path] = content
        return self.url(path)

    def url(self, path):
        return f"{self.base}{path}?X-Amz-Signature=SECRETSIGNATURE"


class StoreHandler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def handle_one_request(self):
        with contextlib.suppress(ConnectionError, TimeoutError):
            super().handle_one_request()

    def do_GET(self):
        store, path = self.server.store, self.path.partition("?")[0]
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        store.seen.append((self.command, self.path, dict(self.headers), body))
        faults = store.script.get(path)
        fault = faults.pop(0) if faults else None
        if callable(fault):
            self.close_connection = True
            return fault(self)
        if fault is not None:
            return self.answer(fault, b"said no")
        if self.command != "GET":
            store.blobs[path] = body
            return self.answer(201, b"")
        return self.answer(200, store.blobs[path]) if path in store.blobs else self.answer(404, b"none")

    do_PUT = do_POST = do_GET  # noqa: N815 - the library's names

    def answer(self, status, content, **headers):
        self.send_response(status)
        for name, value in {"Content-Length": str(len(content)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)


@pytest.fixture(scope="session")
def store():
    class Listener(ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 128

    server = Listener(("127.0.0.1", 0), StoreHandler)
    server.store = Store(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server.store
    server.shutdown()
    server.server_close()


@dataclass
class Running:
    """A server that runs, and a client of it."""

    base: str
    client: httpx.Client
    app: object
    settings: Settings

    @property
    def parts(self):
        return self.app.state.server

    def order(self, source, target, kind="mask", format="soft", **more):
        body = {
            "input": {"href": source, "storage": "external"},
            "output": {"href": target, "storage": "external", "mask": {"format": format}},
        }
        answer = self.client.post(f"/sensei/{kind}", json=body | more)
        assert answer.status_code == 202, answer.text
        return answer.json()["_links"]["self"]["href"]

    def order_v2(self, source, **more):
        body = {"image": {"source": {"url": source}}} | more
        answer = self.client.post("/v2/remove-background", json=body)
        assert answer.status_code == 202, answer.text
        return answer.json()["statusUrl"]

    def wait(self, url, seconds=30):
        return wait_for_end(self.client, url, seconds)


def wait_for_end(client, url, seconds=30, headers=None):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        status = client.get(url, headers=headers).json()
        if status["status"] in ENDED:
            return status
        time.sleep(0.02)
    raise AssertionError(f"no end within {seconds} s: {status}")


@contextlib.contextmanager
def running(settings, **client):
    config = uvicorn_config(settings)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive(), "the server did not start"
            time.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        base = f"http://127.0.0.1:{port}"
        with httpx.Client(base_url=base, timeout=30, **client) as http:
            yield Running(base, http, config.app, settings)
    finally:
        server.should_exit = True
        thread.join(30)
        assert not thread.is_alive()


def settings(folder: Path, **more) -> Settings:
    quick = {"engine": "classical", "workers": 1, "poll": 0.05, "retry_pauses": (0.01, 0.01), "grace": 5.0}
    return Settings(**{"data_dir": folder, "policy": LOOPBACK, **quick, **more})


@pytest.fixture(scope="session")
def service(tmp_path_factory):
    """One open server for all tests that change no settings."""
    with running(
        settings(tmp_path_factory.mktemp("served"), max_pixels=4_000_000, max_bytes=2_000_000)
    ) as it:
        yield it


@pytest.fixture(scope="session")
def shop(tmp_path_factory):
    """A server that knows one client, and what maskkit's clients need to be that one."""
    folder = tmp_path_factory.mktemp("shop")
    secret = add_client(folder / "clients", "shop")
    with running(settings(folder, credentials=folder / "clients", workers=2)) as server:
        who = {"client_id": "shop", "client_secret": secret, "pace": Pace(floor=0.02)}
        yield server, {"base_url": server.base, "ims_url": f"{server.base}/ims/token/v3", **who}


@pytest.fixture
def serving(tmp_path):
    """Start a server with other settings: ``serving(max_queue=1)``."""
    with contextlib.ExitStack() as stack:
        yield lambda client=None, **more: stack.enter_context(
            running(settings(tmp_path, **more), **(client or {}))
        )


@pytest.fixture(scope="session")
def postgres_cluster():
    with private_postgres() as cluster:
        yield cluster.url


@pytest.fixture
def postgres(postgres_cluster):
    """The URL of a PostgreSQL database without a jobs table; it is dropped afterwards."""
    from sqlalchemy import create_engine, text

    yield postgres_cluster
    engine = create_engine(postgres_cluster)
    with engine.begin() as connection:
        connection.execute(text("DROP TABLE IF EXISTS maskkit_jobs"))
    engine.dispose()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.service)])
def database(request, tmp_path):
    """The URL of an empty jobs table, on each kind of database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'jobs.sqlite'}"
    return request.getfixturevalue("postgres")
