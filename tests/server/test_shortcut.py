"""Polls and orders answer the same by the short way as by the framework's."""

import pytest

pytest.importorskip("fastapi")

from maskkit.server.signing import Signer

from .conftest import photo_bytes

ORIGIN = {"origin": "https://shop.example"}


def test_both_ways_give_the_same_answer_and_headers(serving, store):
    server = serving(cors_origins=("https://shop.example",))
    job = server.order(store.put("/short.png", photo_bytes()), store.url("/short-out.png"))
    server.wait(job)
    own = ("date", "x-request-id")
    short, long = (server.client.get(job + slash, headers=ORIGIN) for slash in ("", "/"))
    assert short.json() == long.json()
    assert {name: value for name, value in short.headers.items() if name not in own} == {
        name: value for name, value in long.headers.items() if name not in own
    }
    assert short.headers["access-control-allow-origin"] == "https://shop.example"


@pytest.mark.parametrize(
    ("verb", "path"), [("GET", "/sensei/status/none"), ("POST", "/v2/remove-background")]
)
def test_refusals_are_the_same(serving, verb, path):
    server = serving()
    short, long = (server.client.request(verb, path + slash, content=b"[") for slash in ("", "/"))
    assert (short.status_code, short.json()) == (long.status_code, long.json())
    assert short.status_code in (404, 415)


def test_an_unexpected_error_of_a_poll_is_told_by_the_contract(serving, monkeypatch, caplog):
    server = serving()

    def broken(*_):
        raise RuntimeError("SECRET")

    monkeypatch.setattr(server.parts.jobs, "glance", broken)
    answer = server.client.get("/v2/status/some", headers={"x-request-id": "mine"})
    assert (answer.status_code, answer.headers["x-request-id"]) == (500, "mine")
    assert "SECRET" not in answer.text
    assert "unexpected, mine" in caplog.text


def test_what_was_read_once_expires_all_the_same():
    now = [1000.0]
    signer = Signer(b"secret", clock=lambda: now[0])
    signed = signer.sign("GET", "a1.png", seconds=60)
    assert signer.read("GET", signed) == "a1.png"
    now[0] = 1061.0
    assert signer.read("GET", signed) is None
    assert Signer(b"other", clock=lambda: 1000.0).read("GET", signed) is None
