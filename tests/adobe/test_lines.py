"""Lines between here and there: proxies that need a package, uplinks that take their time."""

import asyncio
import contextlib
import select
import socket
import sys
import threading
import time

import httpcore  # noqa: F401 - it decides at its import whether it has SOCKS, so before a test takes that away
import numpy as np
import pytest

from maskkit import AsyncMaskClient, FetchError, MaskClient, encode
from maskkit.adobe import Pace
from maskkit.adobe.leaving import leaving
from maskkit.testing import ScriptedServer

NAMES = ("ALL_PROXY", "HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY")


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch):
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.mark.parametrize("kind", [MaskClient, AsyncMaskClient])
@pytest.mark.parametrize("name", ["ALL_PROXY", "HTTPS_PROXY", "all_proxy"])
@pytest.mark.parametrize("scheme", ["socks5", "socks5h"])
def test_a_socks_proxy_without_its_package(monkeypatch, kind, name, scheme):
    monkeypatch.setitem(sys.modules, "socksio", None)  # as if it were not installed
    monkeypatch.setenv(name, f"{scheme}://me:PASSWORD@127.0.0.1:1080")
    with pytest.raises(FetchError, match=rf"^{name}: .*maskkit\[socks\]") as caught:
        kind(base_url="https://masks.example", token="t")
    assert "PASSWORD" not in f"{caught.value!r} {caught.value.__context__!r}"


@pytest.mark.parametrize("scheme", ["socks4", "socks4a", "ftp"])
def test_a_proxy_that_httpx_does_not_speak(monkeypatch, scheme):
    monkeypatch.setenv("ALL_PROXY", f"{scheme}://me:PASSWORD@127.0.0.1:1080")
    with pytest.raises(FetchError, match=f"^ALL_PROXY: a {scheme} proxy .*socks5") as caught:
        MaskClient(base_url="https://masks.example", token="t")
    assert "PASSWORD" not in f"{caught.value!r} {caught.value.__context__!r}"


def relay(one, other):
    with contextlib.suppress(OSError):
        while True:
            for ready in select.select([one, other], [], [])[0]:
                piece = ready.recv(1 << 16)
                if not piece:
                    return
                (other if ready is one else one).sendall(piece)


def socks5(connection, seen):
    """RFC 1928, CONNECT to an IPv4 address or a name, without authentication."""
    with connection:
        connection.recv(2 + 255)
        connection.sendall(b"\x05\x00")
        head = connection.recv(4)
        address = (
            socket.inet_ntoa(connection.recv(4))
            if head[3] == 1
            else connection.recv(connection.recv(1)[0]).decode()
        )
        port = int.from_bytes(connection.recv(2), "big")
        seen.append((address, port))
        with socket.create_connection((address, port)) as there:
            connection.sendall(b"\x05\x00\x00\x01\0\0\0\0\0\0")
            relay(connection, there)


@pytest.fixture
def listening():
    """``listening(serve)``: the port at which ``serve(connection)`` runs in a thread for each connection."""
    sockets = []

    def start(serve, **options):
        server = socket.socket()
        for option, value in options.items():
            server.setsockopt(socket.SOL_SOCKET, getattr(socket, option), value)
        server.bind(("127.0.0.1", 0))
        server.listen()
        sockets.append(server)

        def accept():
            with contextlib.suppress(OSError):
                while True:
                    connection, _ = server.accept()
                    threading.Thread(target=serve, args=(connection,), daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()
        return server.getsockname()[1]

    yield start
    for server in sockets:
        server.close()


def test_a_socks_proxy_with_its_package(monkeypatch, listening):
    pytest.importorskip("socksio", reason="maskkit[socks] is not installed")
    seen = []
    port = listening(lambda connection: socks5(connection, seen))
    monkeypatch.setenv("ALL_PROXY", f"socks5h://127.0.0.1:{port}")
    with ScriptedServer() as server, MaskClient(**server.options(pace=Pace(floor=0.01))) as client:
        assert client.create_mask(server.photo).any()
        assert ("127.0.0.1", int(server.url.rpartition(":")[2])) in seen


# Slow uplinks


@pytest.fixture
def photo():
    """1.4 MB that no codec makes smaller."""
    noise = np.random.default_rng(7).integers(0, 256, (700, 700, 3), np.uint8)
    return encode(noise, "png")


def slow_store(taken, piece=8192, pause=0.005):
    """Takes a PUT at ``piece`` bytes a ``pause`` (1.6 MB/s), and answers when all of it is here."""

    def serve(connection):
        with connection, contextlib.suppress(OSError):
            head = b""
            while b"\r\n\r\n" not in head:
                head += connection.recv(1024)
            head, _, body = head.partition(b"\r\n\r\n")
            length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0])
            while len(body) < length:
                time.sleep(pause)
                body += connection.recv(piece)
            taken.append(len(body))
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")

    return serve


class Slow:
    """PUTs of the photo go to a store of its own; everything else to the scripted one."""

    def __init__(self, inner, port):
        self.inner, self.port = inner, port

    def sign(self, method, key, expires_in):
        slow = method == "PUT" and "photo" in key
        return f"http://127.0.0.1:{self.port}/{key}" if slow else self.inner.sign(method, key, expires_in)


@pytest.mark.skipif(sys.platform not in ("linux", "darwin"), reason="the system does not tell what has left")
@pytest.mark.parametrize("mode", ["sync", "async"])
def test_the_answers_clock_starts_when_the_body_has_left(listening, photo, mode):
    taken = []
    port = listening(slow_store(taken), SO_RCVBUF=4096)
    with ScriptedServer() as server:
        how = server.options(pace=Pace(), staging=Slow(server.staging, port), timeout=0.15, transfer=30.0)
        began = time.monotonic()
        if mode == "sync":
            with MaskClient(**how) as client:
                client.submit(photo)
        else:

            async def submit():
                async with AsyncMaskClient(**how) as client:
                    await client.submit(photo)

            asyncio.run(submit())
    assert taken == [len(photo)], "sent once"
    assert time.monotonic() - began > 0.15


@pytest.mark.parametrize("transfer", [0.2, 30.0])
def test_a_transfer_may_take_as_long_as_is_said(listening, photo, transfer):
    taken = []
    port = listening(slow_store(taken, pause=0.01), SO_RCVBUF=4096)
    with ScriptedServer() as server:
        how = server.options(pace=Pace(), staging=Slow(server.staging, port), tries=1, transfer=transfer)
        with MaskClient(**how) as client:
            if transfer < 1:
                with pytest.raises(FetchError, match="time-out"):
                    client.submit(photo)
            else:
                assert client.submit(photo).job_id in server.tasks


def test_a_store_that_takes_nothing_is_given_up(listening, photo):
    stop = threading.Event()
    port = listening(lambda _: stop.wait(20), SO_RCVBUF=4096)
    with ScriptedServer() as server:
        how = server.options(pace=Pace(), staging=Slow(server.staging, port), tries=1, timeout=0.3)
        began = time.monotonic()
        with MaskClient(**how) as client, pytest.raises(FetchError, match="time-out"):
            client.submit(photo)
        assert time.monotonic() - began < 3
    stop.set()


def test_an_early_answer_is_not_waited_past():
    """What the other side says while it takes nothing (a refusal) is read at once."""

    class Stream:
        def __init__(self, connection):
            self.connection = connection

        def get_extra_info(self, _):
            return self.connection

    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            while True:
                ours.send(bytes(1 << 16))
        assert next(leaving(Stream(ours), None)) > 0
        theirs.send(b"HTTP/1.1 413")
        assert list(leaving(Stream(ours), None)) == []
