"""``--source removebg``: maskkit as a client of that contract, on its own server and a scripted one."""

import contextlib
import io
import json
import os
import socket
import subprocess
import sys
import threading
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest
from PIL import Image

import maskkit as mk
from maskkit.clients.removebg import facts, removebg
from maskkit.clients.removebg_call import account_of
from maskkit.errors import (
    AuthError,
    ContractError,
    JobFailedError,
    MaskkitWarning,
    MaybeSubmittedError,
    PixelError,
    QuotaError,
    RateLimitError,
    TransportError,
)
from maskkit.server.credentials import add_client

from .conftest import photo_bytes, picture, running, settings, true_mask

PHOTO = photo_bytes()
KEY = "key-that-nobody-must-see"


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    folder = tmp_path_factory.mktemp("shop")
    secret = add_client(folder / "clients", "shop")
    with running(settings(folder, credentials=folder / "clients")) as server:
        yield server, secret


def png(size=(64, 48), alpha=200):
    stream = io.BytesIO()
    Image.new("RGBA", size, (1, 2, 3, alpha)).save(stream, "PNG")
    return stream.getvalue()


@contextlib.contextmanager
def scripted(*answers):
    """A service that answers what the script says; yields its base URL, and what it has received."""
    received, script = [], list(answers)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            received.append(self.rfile.read(int(self.headers["content-length"])))
            answer = script.pop(0) if script else (500, b"no more")
            if callable(answer):
                self.close_connection = True
                answer(self)
            else:
                self.answer(*answer)

        def answer(self, status, body, *headers):
            self.send_response(status)
            for name, value in (headers[0] if headers else {}).items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", received
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def refusal(code, title="No", detail="not so"):
    return json.dumps({"errors": [{"title": title, "code": code, "detail": detail}]}).encode()


def test_its_mask_is_the_servers(shop):
    server, secret = shop
    made = mk.cutout(PHOTO, source="removebg", base_url=server.base, token=secret)
    assert made.source == f"removebg {server.base.removeprefix('http://')}"
    assert np.array_equal(made.alpha, true_mask(PHOTO))
    assert np.array_equal(
        mk.fetch_mask(PHOTO, source="removebg", base_url=server.base, token=secret), made.alpha
    )


@pytest.mark.parametrize("end", ["", "/", "/v1.0", "/v1.0/removebg"])
def test_the_address_in_all_its_forms(shop, end):
    server, secret = shop
    found = removebg(PHOTO, base_url=server.base + end, token=secret)
    assert np.array_equal(np.rint(found.alpha * 255), true_mask(PHOTO))


def test_a_large_photo_comes_back_as_a_zip_at_its_own_size(serving):
    server = serving()
    photo = photo_bytes(4000, 2600, "JPEG")
    found = removebg(photo, base_url=server.base)
    assert found.alpha.shape == (2600, 4000)
    assert found.alpha[1300, 2000] == 1
    assert found.alpha[5, 5] == 0


def test_binary_is_made_here(shop):
    server, secret = shop
    alpha = removebg(PHOTO, mask_type="binary", base_url=server.base, token=secret).alpha
    assert np.array_equal(np.rint(alpha * 255), true_mask(PHOTO, "binary"))


def test_the_command_line_takes_the_key_from_the_environment_or_a_file(shop, tmp_path):
    server, secret = shop
    (tmp_path / "photo.png").write_bytes(PHOTO)
    (tmp_path / "key").write_text(secret + "\n")
    command = [
        sys.executable,
        "-m",
        "maskkit",
        "cutout",
        "photo.png",
        "-o",
        "out.png",
        "--source",
        "removebg",
    ]
    command += ["--base-url", server.base]
    for given in ({"MASKKIT_REMOVEBG_KEY": secret}, {"MASKKIT_REMOVEBG_KEY_FILE": str(tmp_path / "key")}):
        ran = run(command, tmp_path, given)
        assert ran.returncode == 0, ran.stderr
        assert secret not in ran.stderr + ran.stdout + " ".join(command)
        made = np.asarray(picture((tmp_path / "out.png").read_bytes()))
        assert np.array_equal(made[..., 3], true_mask(PHOTO))
    wrong = run(command, tmp_path, {"MASKKIT_REMOVEBG_KEY": KEY})
    assert wrong.returncode == 1
    assert "API Key invalid" in wrong.stderr
    assert "MASKKIT_REMOVEBG_KEY" in wrong.stderr
    assert KEY not in wrong.stderr
    dry = run([*command, "--dry-run"], tmp_path, {})
    assert json.loads(dry.stdout)["photo"] == "64x48"
    assert sorted(one.name for one in tmp_path.iterdir()) == ["key", "out.png", "photo.png"]


def run(command, folder, given):

    environment = {
        name: value for name, value in os.environ.items() if not name.startswith("MASKKIT_REMOVEBG")
    }
    return subprocess.run(
        command, check=False, cwd=folder, env=environment | given, capture_output=True, text=True, timeout=60
    )


def test_it_needs_an_address_and_a_key(monkeypatch, tmp_path):
    with pytest.raises(ContractError, match="MASKKIT_REMOVEBG_URL"):
        account_of(None, None, {})
    with pytest.raises(AuthError, match="MASKKIT_REMOVEBG_KEY"):
        account_of("https://masks.example", None, {})
    with pytest.raises(ContractError, match="in the clear"):
        account_of("http://masks.example", KEY, {})
    with pytest.raises(AuthError, match="cannot be read"):
        account_of("https://masks.example", None, {"MASKKIT_REMOVEBG_KEY_FILE": str(tmp_path / "none")})
    with pytest.raises(AuthError, match="printable") as caught:
        account_of("https://masks.example", "two\nlines", {})
    assert "two" not in str(caught.value)
    assert account_of("http://127.0.0.1:1", None, {}).key == ""
    environ = {"MASKKIT_REMOVEBG_URL": "https://masks.example/", "MASKKIT_REMOVEBG_KEY": KEY}
    account = account_of(None, None, environ)
    assert account.url == "https://masks.example/v1.0/removebg"
    assert KEY not in repr(account)
    monkeypatch.setenv("MASKKIT_REMOVEBG_URL", "https://masks.example")
    with pytest.raises(PixelError, match="api"):
        mk.cutout(PHOTO, source="removebg", api="v1")


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ((402, refusal("insufficient_credits")), QuotaError),
        ((403, refusal("auth_failed")), AuthError),
        ((400, refusal("unknown_foreground")), JobFailedError),
        ((500, b"oops"), MaybeSubmittedError),
        ((502, b"<html>bad gateway</html>"), MaybeSubmittedError),
        ((302, b"", {"location": "https://elsewhere.example/"}), ContractError),
        ((200, b"not a picture"), ContractError),
        ((200, b"PK\x03\x04 not a zip"), ContractError),
        ((200, png((30, 48))), ContractError),
        ((200, photo_bytes()), ContractError),
        ((404, f"who is {KEY}?".encode()), JobFailedError),
    ],
)
def test_refusals_are_typed_sent_once_and_hold_no_key(answer, error):
    with scripted(answer, (200, png())) as (base, received), pytest.raises(error) as caught:
        removebg(PHOTO, base_url=base, token=KEY, deadline=5)
    assert len(received) == 1
    assert KEY not in str(caught.value)
    if error is JobFailedError and answer[0] == 400:
        assert caught.value.code == "unknown_foreground"
        assert "not so" in str(caught.value)


def test_a_line_that_breaks_after_the_order_is_never_ordered_again():
    def broken(handler):
        handler.wfile.write(b"HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\nabc")

    def silent(handler):
        handler.connection.shutdown(socket.SHUT_RDWR)

    for fault in (broken, silent):
        with scripted(fault, (200, png())) as (base, received), pytest.raises(MaybeSubmittedError):
            removebg(PHOTO, base_url=base, token=KEY)
        assert len(received) == 1


def test_an_answer_that_does_not_come_in_time_may_be_paid_for():
    over = threading.Event()
    with scripted(lambda _: over.wait(10), (200, png())) as (base, received):
        with pytest.raises(MaybeSubmittedError):
            removebg(PHOTO, base_url=base, token=KEY, timeout=0.3)
        over.set()
    assert len(received) == 1


@pytest.mark.parametrize("status", [429, 503])
def test_what_was_turned_away_is_free_to_repeat(status):
    turned = (status, refusal("rate_limit_exceeded"), {"retry-after": "0"})
    with scripted(turned, turned, (200, png())) as (base, received):
        found = removebg(PHOTO, base_url=base, token=KEY)
    assert len(received) == 3
    assert np.all(np.rint(found.alpha * 255) == 200)
    with (
        scripted((status, b"", {"retry-after": "60"})) as (base, received),
        pytest.raises(RateLimitError) as caught,
    ):
        removebg(PHOTO, base_url=base, token=KEY, deadline=5)
    assert caught.value.retry_after == 60
    assert len(received) == 1


def test_nobody_there():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(TransportError, match="no connection"):
            removebg(PHOTO, base_url=f"http://127.0.0.1:{taken.getsockname()[1]}", deadline=0.2)


def test_an_answer_that_was_shrunk_is_told_and_fitted():
    with (
        scripted((200, png((32, 24), 255))) as (base, _),
        pytest.warns(MaskkitWarning, match="32x24 for 64x48"),
    ):
        found = removebg(PHOTO, base_url=base)
    assert found.alpha.shape == (48, 64)


def test_a_zip_that_is_larger_than_any_mask_is_not_unpacked():
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("alpha.png", bytes(300_000_000))
    with scripted((200, stream.getvalue())) as (base, _), pytest.raises(ContractError):
        removebg(PHOTO, base_url=base)


def test_a_paid_answer_is_kept_until_the_picture_is_safe(tmp_path):
    file = tmp_path / "order.json"

    def cut(base, *, resume=False, full=False):
        with mk.KeptOrder(file, resume=resume) as order:
            made = mk.cutout(PHOTO, source="removebg", base_url=base, order=order)
            if full:
                raise RuntimeError("the disk is full")
        return made

    with scripted((200, png())) as (base, received):
        with pytest.raises(RuntimeError) as caught:
            cut(base, full=True)
        assert file.stat().st_mode & 0o777 == 0o600
        assert "resume=True" in caught.value.__notes__[0]
        with pytest.raises(mk.MaskkitError, match="paid for"):
            cut(base)
        made = cut(base, resume=True)
    assert np.all(made.alpha == 200)
    assert len(received) == 1, "paid once"
    assert not file.exists()


def test_an_order_that_was_never_made_takes_no_kept_one_away(tmp_path):
    file = tmp_path / "order.json"
    file.write_bytes(b"paid for")
    with mk.KeptOrder(file, resume=True):
        pass
    assert file.exists()


def test_over_sized_photos_are_scaled_to_what_the_contract_takes():
    stream = io.BytesIO()
    Image.new("L", (10_000, 5_200), 90).save(stream, "PNG")
    told = facts(stream.getvalue(), base_url="https://masks.example", token=KEY)
    width, height = map(int, told["photo"].split("x"))
    assert 49_000_000 < width * height <= 50_000_000
    assert told["service"] == "https://masks.example/v1.0/removebg"


def test_the_server_forwards_to_it(shop, serving, store, monkeypatch):
    server, secret = shop
    monkeypatch.setenv("MASKKIT_REMOVEBG_URL", server.base)
    monkeypatch.setenv("MASKKIT_REMOVEBG_KEY", secret)
    front = serving(engine="removebg")
    made = front.client.post("/mask", files={"photo": PHOTO})
    assert made.status_code == 200, made.text
    assert made.headers["x-mask-source"].startswith("removebg ")
    assert np.array_equal(np.asarray(picture(made.content)), true_mask(PHOTO))
