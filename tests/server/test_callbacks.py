"""The end of a job is posted to who asked: signed, at least once, with one id, also after a restart."""

import base64
import contextlib
import hashlib
import hmac
import io
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import numpy as np
import pytest

import maskkit as mk
from maskkit.server import callbacks
from maskkit.server.credentials import add_client, read_credentials
from maskkit.server.signing import Signer

from .conftest import photo_bytes, picture, running, settings, true_mask, wait_for_end
from .test_doors import bearer
from .test_faults import launched


class Receiver:
    """A program that is called back: what came, and what it says to each."""

    def __init__(self, port=0):
        self.seen, self.answers, self.changed = [], [], threading.Condition()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                with receiver.changed:
                    receiver.seen.append((self.path, dict(self.headers.items()), body))
                    status = receiver.answers.pop(0) if receiver.answers else 200
                    receiver.changed.notify_all()
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *args):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_port
        self.url = f"http://127.0.0.1:{self.port}/done?token=SECRETTOKEN"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def wait(self, count, seconds=30):
        with self.changed:
            assert self.changed.wait_for(lambda: len(self.seen) >= count, seconds), f"{len(self.seen)} came"
            return self.seen[:count]

    def close(self):
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def receiver():
    with contextlib.closing(Receiver()) as it:
        yield it


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """The first retry after a quarter of a second."""
    monkeypatch.setattr(callbacks, "_FIRST", 0.25)


@pytest.fixture
def client(tmp_path):
    """A client's name and secret; `shop_settings` knows it."""
    return "hooked", add_client(tmp_path / "clients", "hooked")


def shop_settings(tmp_path):
    return settings(tmp_path, credentials=tmp_path / "clients")


def order(server, client, source, **more):
    body = {"image": {"source": {"url": source}}, "mode": "mask"} | more
    return server.client.post("/v2/remove-background", json=body, headers=bearer(*client))


def callback(url, **data):
    return {"notifiers": [{"type": "CALLBACK", "data": {"url": url, **data}}]}


def rows(server):
    return server.parts.jobs.statements.read(callbacks.callbacks_table.select())


def check_signed(secret, headers, body):
    """Standard Webhooks, written out: HMAC-SHA256 over ``id.timestamp.body``."""
    said = {name.lower(): value for name, value in headers.items()}
    key = hmac.new(secret.encode(), b"maskkit events", hashlib.sha256).digest()
    content = f"{said['webhook-id']}.{said['webhook-timestamp']}.".encode() + body
    wanted = base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()
    assert said["webhook-signature"] == f"v1,{wanted}"
    assert abs(time.time() - int(said["webhook-timestamp"])) < 60
    return said["webhook-id"]


@pytest.mark.parametrize("form", ["notifiers", "callbackUrl"])
def test_the_end_is_posted_and_fetched(tmp_path, client, store, receiver, form):
    source = store.put(f"/hook-{form}.png", photo_bytes())
    with running(shop_settings(tmp_path)) as server:
        headers = {"headers": {"x-shop": "7"}} if form == "notifiers" else {}
        asked = callback(receiver.url, **headers) if headers else {"callbackUrl": receiver.url}
        answer = order(server, client, source, **asked)
        assert answer.status_code == 202, answer.text
        [(path, headers, body)] = receiver.wait(1)
        assert path == "/done?token=SECRETTOKEN"
        assert headers.get("x-shop") == ("7" if form == "notifiers" else None)
        check_signed(client[1], headers, body)
        event = json.loads(body)
        assert (event["jobId"], event["status"]) == (answer.json()["jobId"], "succeeded")
        assert event["statusUrl"] == answer.json()["statusUrl"]
        job = mk.Job.from_event(body, headers=headers, secret=client[1])
        how = {"client_id": client[0], "client_secret": client[1], "api": "v2"}
        with mk.MaskClient(base_url=server.base, ims_url=f"{server.base}/ims/token/v3", **how) as fetch:
            assert np.array_equal(fetch.wait(job), true_mask(photo_bytes()))
        end = time.monotonic() + 10
        while rows(server) and time.monotonic() < end:
            time.sleep(0.02)
        assert rows(server) == []
        assert len(receiver.seen) == 1


def test_what_the_library_warned_of_comes_with_the_event(tmp_path, client, store, receiver):
    stream = io.BytesIO()
    picture(photo_bytes()).convert("CMYK").save(stream, "JPEG")
    with running(shop_settings(tmp_path)) as server:
        order(server, client, store.put("/hook-cmyk.jpg", stream.getvalue()), **callback(receiver.url))
        [(_, headers, body)] = receiver.wait(1)
    said = {name.lower(): value for name, value in headers.items()}
    assert "CMYK without a profile" in said["x-maskkit-warning"]
    check_signed(client[1], headers, body)


def test_a_job_that_fails_is_posted_too(tmp_path, client, store, receiver):
    source = store.put("/hook-text.png", b"no picture")
    with running(shop_settings(tmp_path)) as server:
        order(server, client, source, **callback(receiver.url))
        [(_, _, body)] = receiver.wait(1)
    event = json.loads(body)
    assert event["status"] == "failed"
    assert event["errorDetails"][0]["message"]


def test_a_receiver_in_trouble_is_asked_again_with_the_same_id(tmp_path, client, store, receiver):
    receiver.answers[:] = [500, 429, 302, 404]
    source = store.put("/hook-again.png", photo_bytes())
    with running(shop_settings(tmp_path)) as server:
        order(server, client, source, **callback(receiver.url))
        seen = receiver.wait(5)
        ids = {check_signed(client[1], headers, body) for _, headers, body in seen}
        assert len(ids) == 1
        assert len({json.loads(body)["jobId"] for _, _, body in seen}) == 1


def test_a_receiver_that_is_gone_is_told_no_more(tmp_path, client, store, receiver):
    receiver.answers[:] = [410]
    source = store.put("/hook-gone.png", photo_bytes())
    with running(shop_settings(tmp_path)) as server:
        order(server, client, source, **callback(receiver.url))
        receiver.wait(1)
        end = time.monotonic() + 10
        while rows(server) and time.monotonic() < end:
            time.sleep(0.02)
        assert rows(server) == []


def test_what_is_to_be_told_outlives_the_server(tmp_path, client, store, receiver):
    """The receiver is away until the server has been started anew; then it hears, of the same event."""
    source = store.put("/hook-restart.png", photo_bytes())
    port = receiver.port
    receiver.close()
    with running(shop_settings(tmp_path)) as server:
        answer = order(server, client, source, **callback(receiver.url))
        wait_for_end(server.client, answer.json()["statusUrl"], headers=bearer(*client))
        [row] = rows(server)
    with contextlib.closing(Receiver(port)) as back, running(shop_settings(tmp_path)):
        [(_, headers, body)] = back.wait(1)
        assert check_signed(client[1], headers, body) == row.id
        assert json.loads(body)["jobId"] == answer.json()["jobId"]


def test_kill_9_loses_no_event(tmp_path, client, store, receiver):
    """Killed as soon as the order is accepted: whoever is started next runs the job and tells of it."""
    source = store.put("/hook-kill.png", photo_bytes())
    words = ["--data-dir", tmp_path, "--credentials", tmp_path / "clients", "--allow-http-loopback"]
    with launched("serve", *words, "--lease", "1") as (server, base):
        body = {"image": {"source": {"url": source}}, "mode": "mask"} | callback(receiver.url)
        answer = httpx.post(f"{base}/v2/remove-background", json=body, headers=bearer(*client))
        server.kill()
        server.wait()
    with launched("serve", *words, "--lease", "1"):
        [(_, headers, content)] = receiver.wait(1, seconds=60)
    check_signed(client[1], headers, content)
    assert json.loads(content)["jobId"] == answer.json()["jobId"]


def test_several_receivers_each_have_an_event_of_their_own(tmp_path, client, store, receiver):
    source = store.put("/hook-two.png", photo_bytes())
    one, other = (f"http://127.0.0.1:{receiver.port}/{name}" for name in ("one", "other"))
    with running(shop_settings(tmp_path)) as server:
        order(server, client, source, notifiers=[*callback(one)["notifiers"], *callback(other)["notifiers"]])
        seen = receiver.wait(2)
    assert {path for path, _, _ in seen} == {"/one", "/other"}
    assert len({check_signed(client[1], headers, body) for _, headers, body in seen}) == 2


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (callback("https://10.0.0.1/done"), "not a public one"),
        (callback("ftp://shop.example/done"), "https://"),
        (callback("https://user:word@shop.example/done"), "user name or password"),
        ({"callbackUrl": 7}, "callbackUrl"),
        ({"notifiers": {}}, "a list is needed"),
        ({"notifiers": [{"type": "EMAIL", "data": {"url": "https://a.example/"}}]}, "CALLBACK is needed"),
        ({"notifiers": [{"type": "CALLBACK", "data": {}}]}, "notifiers.0.data.url"),
        ({"notifiers": [{"type": "CALLBACK", "daat": {}}]}, "did you mean 'data'"),
        (callback("https://a.example/", headers={"Host": "b"}), "headers of your own"),
        (callback("https://a.example/", headers={"webhook-id": "b"}), "headers of your own"),
        (callback("https://a.example/", headers={"x": "a\r\nb: c"}), "printable"),
        ({"notifiers": callback("https://a.example/")["notifiers"] * 6}, "5 at most"),
    ],
)
def test_what_is_not_allowed_is_refused_before_a_job_is_stored(tmp_path, client, asked, said):
    with running(shop_settings(tmp_path)) as server:
        answer = order(server, client, "https://bucket.example.com/in.png", **asked)
        assert (answer.status_code, said in answer.json()["message"]) == (400, True), answer.text
        assert sum(server.parts.jobs.count().values()) == 0


def test_an_open_server_signs_nothing_and_says_so(service):
    answer = service.client.post(
        "/v2/remove-background",
        json={"image": {"source": {"url": "https://bucket.example.com/in.png"}}}
        | callback("https://shop.example/done"),
    )
    assert answer.status_code == 400
    assert "no credentials" in answer.text


def test_a_client_of_before_has_no_key_and_is_told(tmp_path, client):
    path = tmp_path / "clients"
    path.write_text(path.read_text().partition(" hook$")[0] + "\n")
    assert read_credentials(path, Signer(b"s")).check_secret(*client)
    with running(shop_settings(tmp_path)) as server:
        asked = callback("https://shop.example/done")
        answer = order(server, client, "https://bucket.example.com/in.png", **asked)
        assert (answer.status_code, "add it again" in answer.text) == (400, True)


def test_v1_has_no_notifiers(service):
    place = {"href": "https://bucket.example.com/in.png", "storage": "external"}
    body = {"input": place, "output": place} | callback("https://shop.example/done")
    answer = service.client.post("/sensei/mask", json=body)
    assert (answer.status_code, "notifiers: is no member" in answer.text) == (400, True)


def test_the_logs_hold_no_secrets(tmp_path, client, store, receiver, caplog):
    caplog.set_level("DEBUG")
    receiver.answers[:] = [500]
    source = store.put("/hook-logs.png", photo_bytes())
    with running(shop_settings(tmp_path)) as server:
        order(
            server, client, source, **callback(receiver.url, headers={"authorization": "Bearer SECRETWORD"})
        )
        receiver.wait(2)
    said = "\n".join(record.getMessage() for record in caplog.records)
    assert "attempt 1" in said
    assert not [word for word in ("SECRETTOKEN", "SECRETWORD", client[1]) if word in said]
