"""What clients may take of the server, its disk and its connections; what it says when a part is gone."""

import contextlib
import os
import re
import select
import shutil
import socket
import struct
import sys
from collections import deque
from pathlib import Path

import httpx
import pytest

from maskkit.server import Settings
from maskkit.server.credentials import add_client
from maskkit.server.faults import JobError
from maskkit.server.file_store import Files
from maskkit.server.refusals import Refused
from maskkit.server.signing import Signer

from .conftest import photo_bytes
from .deeds import wait_at_a_pipe
from .postgres import private_postgres
from .test_raw import connected

PHOTO = photo_bytes()
PAGE = Path(__file__).parents[2] / "docs" / "operation.md"


def test_the_files_of_a_client_have_a_limit_in_all(serving, store, tmp_path):
    secrets = {name: add_client(tmp_path / "clients", name) for name in ("shop", "studio")}
    quota = 3 * len(PHOTO)
    server = serving(credentials=tmp_path / "clients", max_files_bytes=quota)
    who = {name: {"x-api-key": name, "authorization": f"Bearer {secrets[name]}"} for name in secrets}
    files, api = server.settings.data_dir / "files", server.client

    def pair(name):
        answer = api.post("/files", headers=who[name])
        assert answer.status_code == 201, answer.text
        return answer.json()["put"]["href"]

    first, second, third = pair("shop"), pair("shop"), pair("shop")
    assert api.put(first, content=PHOTO).status_code == 201
    assert api.put(first, content=PHOTO).status_code == 201, "what is replaced does not count"
    assert api.put(second, content=PHOTO).status_code == 201
    for body in (PHOTO + b"x", (piece for piece in (PHOTO, b"x"))):
        refused = api.put(third, content=body)
        assert refused.status_code == 413
        assert str(quota) in refused.json()["message"]
    assert len(list(files.iterdir())) == 2, "nothing half-written stays"
    assert api.put(third, content=PHOTO).status_code == 201
    body = {"image": {"source": {"url": store.put("/quota.png", PHOTO)}}, "mode": "mask"}
    for door in ("/files", "/v2/remove-background"):
        full = api.post(door, json=body, headers=who["shop"])
        assert (full.status_code, full.headers["retry-after"]) == (429, "60")
        assert "files" in full.json()["message"]
    assert api.put(pair("studio"), content=PHOTO).status_code == 201, "others have a share of their own"
    assert not [path.name for path in files.iterdir() if "shop" in path.name or "studio" in path.name]


LISTED = deque(maxlen=1000)


def note_listing(event, args):
    if event in {"os.scandir", "os.listdir"}:
        LISTED.append(args[0])


sys.addaudithook(note_listing)


def test_an_order_costs_the_same_however_many_files_there_are(tmp_path):
    files = Files(tmp_path, Signer(b"secret"), ttl=60, limit=100)
    first, second = (tmp_path / files.name("shop", rest) for rest in ("1", "2"))
    LISTED.clear()
    files.check_room("shop")
    files.write(first, bytes(60))
    files.write(first, bytes(50))
    files.write(second, bytes(40))
    with pytest.raises(JobError, match="100 bytes"):
        files.write(second, bytes(51))
    assert tmp_path not in map(Path, filter(None, LISTED)), "the folder was listed"


def test_files_of_before_and_of_others_count_from_the_next_look_on(tmp_path):
    files = Files(tmp_path, Signer(b"secret"), ttl=60, limit=100)
    old, new = (tmp_path / files.name("shop", rest) for rest in ("1", "2"))
    old.write_bytes(bytes(100))
    new.write_bytes(bytes(100))
    for again in (Files(tmp_path, files.signer, ttl=60, limit=100), files):
        again.expire()
        with pytest.raises(Refused):
            again.check_room("shop")
        again.check_room("studio")
    os.utime(old, (0, 0))
    new.write_bytes(bytes(10))
    files.expire()
    assert not old.exists()
    with pytest.raises(JobError, match="100 bytes"):
        files.write(old, bytes(91))
    files.write(old, bytes(90))


def test_of_files_that_arrive_together_only_those_that_fit_are_taken_in(tmp_path):
    files = Files(tmp_path, Signer(b"secret"), 100.0, 100)
    first, second = (tmp_path / files.name("shop", f"{number:032x}") for number in range(2))
    arriving = files.replacing(second)
    temporary, arrival = arriving.__enter__()
    temporary.write_bytes(bytes(60))
    arrival.take(60)
    with pytest.raises(JobError, match="100 bytes"):
        files.write(first, bytes(41))
    files.write(first, bytes(40))
    arriving.__exit__(None, None, None)
    with pytest.raises(JobError, match="100 bytes"):
        files.write(second, bytes(61))
    files.write(second, bytes(60))  # what it replaces makes room
    assert {path.name: path.stat().st_size for path in tmp_path.iterdir()} == {
        first.name: 40,
        second.name: 60,
    }


def test_puts_that_are_held_open_take_no_more_than_the_quota(serving):
    server = serving(max_files_bytes=1_000_000)
    with contextlib.ExitStack() as opened:
        lines = []
        for _ in range(10):
            href = server.client.post("/files").json()["put"]["href"].removeprefix(server.base)
            line = opened.enter_context(connected(server))
            head = f"PUT {href} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 400000\r\n\r\n"
            line.sendall(head.encode() + bytes(399_999))
            lines.append(line)
        refused = 0
        while refused < 8:  # two are held open
            ready, _, _ = select.select(lines, [], [], 20)
            assert ready, "those beyond the quota were not refused"
            for line in ready:
                with contextlib.suppress(ConnectionError):
                    assert line.recv(2000).split()[1] == b"413"
                lines.remove(line)
                refused += 1
        left = sum(path.stat().st_size for path in (server.settings.data_dir / "files").iterdir())
        assert left <= 1_000_000
        for line in lines:
            line.sendall(b"x")
            assert line.recv(2000).split()[1] == b"201"
    assert server.client.post("/files").status_code == 201, "what was refused is counted no longer"


def test_a_folder_of_files_that_is_gone_is_told(serving, store):
    server = serving()
    pair = server.client.post("/files").json()
    shutil.rmtree(server.settings.data_dir / "files")
    refused = server.client.put(pair["put"]["href"], content=PHOTO)
    assert (refused.status_code, refused.json()["error_code"]) == (507, "InsufficientStorage")
    assert "the server's folder of files is missing" in refused.json()["message"]
    said = server.client.get("/ready")
    assert (said.status_code, said.json()["files"]) == (503, False)
    assert "folder of files is missing" in said.json()["reasons"]["files"]
    status = server.wait(server.order_v2(store.put("/gone.png", PHOTO)))
    assert "the server's folder of files is missing" in status["errorDetails"][0]["message"]


def test_a_result_that_does_not_fit_fails_with_the_reason(serving, store):
    server = serving(max_files_bytes=100)
    status = server.wait(server.order_v2(store.put("/fit.png", PHOTO)))
    assert status["status"] == "failed"
    assert status["errorDetails"][0]["errorCode"] == "507"
    assert "100 bytes in all" in status["errorDetails"][0]["message"]
    assert not list((server.settings.data_dir / "files").iterdir())


def test_connections_have_a_limit_and_who_is_too_many_is_told(serving):
    server = serving(max_connections=4)
    host, port = server.base.removeprefix("http://").split(":")
    ask = f"GET /health HTTP/1.1\r\nHost: {host}:{port}\r\n\r\n".encode()

    def said(line):
        line.sendall(ask)
        heard = b""
        while not heard.endswith(b"}"):
            piece = line.recv(2000)
            assert piece, heard
            heard += piece
        return heard

    with contextlib.ExitStack() as opened:

        def connect():
            line = opened.enter_context(socket.create_connection((host, int(port)), timeout=10))
            return line, said(line)

        lines, answers = zip(*(connect() for _ in range(4)), strict=True)
        assert {answer.split()[1] for answer in answers} == {b"200"}
        for _ in range(3):
            line, refused = connect()
            assert refused.split()[1] == b"503"
            assert b"retry-after: 5" in refused.lower()
            assert b"too many connections" in refused
            assert line.recv(100) == b"", "and is closed"
        silent = [opened.enter_context(socket.create_connection((host, int(port)))) for _ in range(4)]
        with pytest.raises((ConnectionError, AssertionError)):
            connect()  # beyond twice as many nothing is said
        assert said(lines[0]).split()[1] == b"200", "who was in stays in"
        for line in silent:
            line.settimeout(5)
            assert line.recv(100) == b"", "who is too many and says nothing is closed soon"
    assert server.client.get("/health").status_code == 200


def test_one_peers_idle_connections_shut_nobody_else_out(serving):
    server = serving(max_connections=20)
    host, port = server.base.removeprefix("http://").split(":")
    ask = f"GET /health HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode()
    slow = f"PUT /files/x HTTP/1.1\r\nHost: {host}\r\nContent-Length: 9\r\n\r\n".encode()

    def connect(source):
        return socket.create_connection((host, int(port)), timeout=10, source_address=(source, 0))

    def status_for(source):
        with connect(source) as line:
            line.sendall(ask)
            return line.recv(1000).split()[1]

    with contextlib.ExitStack() as opened:
        try:
            lines = [opened.enter_context(connect("127.0.0.2")) for _ in range(60)]
        except OSError:
            pytest.skip("this machine has one loopback address only")
        assert [status_for("127.0.0.3") for _ in range(10)] == [b"200"] * 10
        kept = [opened.enter_context(connect("127.0.0.4")) for _ in range(5)]
        for line in kept:
            line.sendall(ask[:-2])
        lines += [opened.enter_context(connect("127.0.0.2")) for _ in range(60)]
        for line in lines:
            with contextlib.suppress(OSError):
                line.sendall(slow)  # nor do those who send on and on
        assert [status_for("127.0.0.3") for _ in range(10)] == [b"200"] * 10
        for line in kept:
            line.sendall(ask[-2:])
            assert line.recv(1000).split()[1] == b"200", "who has few stays in"


def upload(server, door, photo, *, whole=True, headers=None):
    """A connection on which the upload has been sent, or all of it but the end."""
    closing = {"connection": "close", **(headers or {})}
    request = httpx.Request("POST", server.base + door, files={"photo": photo}, headers=closing)
    head = "".join(f"{name}: {value}\r\n" for name, value in request.headers.items())
    line = connected(server)
    body = request.read() if whole else request.read()[:-10]
    line.sendall(f"POST {door} HTTP/1.1\r\n{head}\r\n".encode() + body)
    return line


def of_peer(address):
    """What a proxy on this machine says of whom it passes on."""
    return {"x-forwarded-for": address}


def test_uploads_at_once_have_a_limit_and_those_still_received_count(serving, monkeypatch):
    monkeypatch.setattr(Settings, "uploads", 2)
    server = serving()
    with contextlib.ExitStack() as opened:
        for address in ("192.0.2.1", "192.0.2.2"):  # one peer is not given all
            opened.enter_context(upload(server, "/mask", PHOTO, whole=False, headers=of_peer(address)))
        while server.parts.uploads.free:
            assert server.client.get("/health").status_code == 200
        refused = server.client.post("/mask", files={"photo": PHOTO})
        assert refused.status_code == 429
        assert int(refused.headers["retry-after"]) > 0
    while not server.parts.uploads.free:  # who leaves makes room
        assert server.client.get("/health").status_code == 200
    assert server.client.post("/mask", files={"photo": PHOTO}).status_code == 200


def test_one_client_leaves_room_for_uploads_of_others(serving, monkeypatch, tmp_path):
    monkeypatch.setattr(Settings, "uploads", 4)
    secrets = {name: add_client(tmp_path / "clients", name) for name in ("shop", "desk")}
    server = serving(credentials=tmp_path / "clients")

    def asked(name):
        return {"x-api-key": name, "authorization": f"Bearer {secrets[name]}"}

    with contextlib.ExitStack() as opened:
        for _ in range(3):
            opened.enter_context(upload(server, "/mask", PHOTO, whole=False, headers=asked("shop")))
        while server.parts.uploads.free > 1:
            assert server.client.get("/health").status_code == 200
        answers = [
            server.client.post("/mask", files={"photo": PHOTO}, headers=asked(name)).status_code
            for name in ("shop", "desk")
        ]
        assert answers == [429, 200]


def test_the_peers_of_an_open_server_have_shares_and_the_same_jobs(serving, monkeypatch, store):
    monkeypatch.setattr(Settings, "uploads", 4)
    server = serving(max_per_client=1, units_per_minute=1)
    desk, shop = of_peer("192.0.2.1"), of_peer("2001:db8::7")
    with contextlib.ExitStack() as opened:
        for _ in range(3):
            opened.enter_context(upload(server, "/mask", PHOTO, whole=False, headers=shop))
        while server.parts.uploads.free > 1:
            assert server.client.get("/health").status_code == 200
        photo = {"photo": PHOTO}
        answers = [server.client.post("/mask", files=photo, headers=one).status_code for one in (shop, desk)]
    assert answers == [429, 200]
    while server.parts.uploads.free < 4:
        assert server.client.get("/health").status_code == 200
    cut = {"files": {"image_file": PHOTO}}
    answers = [server.client.post("/v1.0/removebg", **cut, headers=one) for one in (shop, shop, desk)]
    assert [one.status_code for one in answers] == [200, 429, 200]
    body = {"image": {"source": {"url": store.put("/peers.png", PHOTO)}}}
    accepted = server.client.post("/v2/remove-background", json=body, headers=shop).json()
    assert server.client.get(accepted["statusUrl"], headers=desk).status_code == 200
    assert server.parts.jobs.get(accepted["jobId"], "anonymous").client == "anonymous/2001:db8::7"
    odd = server.client.post("/v2/remove-background", json=body, headers=of_peer("x" * 500)).json()
    assert server.parts.jobs.get(odd["jobId"], "anonymous").client == "anonymous"


def test_nothing_is_computed_for_who_broke_off_before_their_turn(serving, monkeypatch, tmp_path):
    monkeypatch.setattr("maskkit.server.direct.make", wait_at_a_pipe)
    server, paths = serving(), [tmp_path / name for name in ("first", "left", "last")]
    paths[1].touch()
    for pipe in paths[::2]:
        os.mkfifo(pipe)
    with upload(server, "/mask", os.fsencode(paths[0])) as first, contextlib.ExitStack() as opened:
        pipe = opened.enter_context(paths[0].open("wb"))  # once the lane is at it
        left, last = (opened.enter_context(upload(server, "/mask", os.fsencode(path))) for path in paths[1:])
        room = server.settings.uploads - 3
        while server.parts.uploads.free != room:
            assert server.client.get("/health").status_code == 200
        left.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        left.close()  # with a reset: an end without one may be that of the sending side alone
        assert server.client.get("/health").status_code == 200  # by now it has heard of that
        pipe.write(b"answer")
        pipe.close()
        assert first.makefile("rb").read().endswith(b"answer")
        paths[2].write_bytes(b"answer")
        assert last.makefile("rb").read().endswith(b"answer")
    assert [path.exists() for path in paths] == [False, True, False]


@pytest.mark.service
def test_ready_and_metrics_while_the_database_is_away(serving):
    with private_postgres() as cluster:
        server = serving(database=cluster.url)
        assert server.client.get("/ready").json()["database"] is True
        assert "maskkit_queue_depth 0.0" in server.client.get("/metrics").text
    said = server.client.get("/ready")
    assert (said.status_code, said.json()["ready"], said.json()["database"]) == (503, False, False)
    numbers = server.client.get("/metrics")
    assert numbers.status_code == 200, "what the server knows of itself is not the table's"
    assert "maskkit_stage_seconds" in numbers.text
    assert "maskkit_queue_depth NaN" in numbers.text, "a number that is not known is not made up"
    assert 'maskkit_jobs{state="' not in numbers.text
    body = {
        name: {"href": "https://store.example/a.png", "storage": "external"} for name in ("input", "output")
    }
    refused = server.client.post("/sensei/mask", json=body)
    assert (refused.status_code, refused.headers["retry-after"]) == (503, "2")
    assert server.client.get("/health").status_code == 200


def test_every_option_is_in_the_table_of_settings():
    import typer

    from maskkit.cli.serve import serve

    if not PAGE.exists():
        pytest.skip("the pages are not here")
    app = typer.Typer(add_completion=False)
    app.command()(serve)
    options = {name for option in typer.main.get_command(app).params for name in option.opts}
    assert len(options) > 20
    section = PAGE.read_text().partition("\n## Settings\n")[2].partition("\n## ")[0]
    rows = "".join(line for line in section.splitlines() if line.startswith("| `--"))
    assert set(re.findall(r"--[a-z-]+", rows)) == options - {"--help"}
