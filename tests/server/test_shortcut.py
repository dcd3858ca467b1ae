"""Polls and orders answer the same by the short way as by the framework's."""

import asyncio

import httpx
import pytest

pytest.importorskip("fastapi")

from maskkit.server import create_app
from maskkit.server.shortcut import Answers
from maskkit.server.signing import Signer

from .conftest import photo_bytes, settings

ORIGIN = {"origin": "https://shop.example"}


def both_ways(server, monkeypatch, verb, path, **how):
    """The answer by the short way, and by the framework's."""
    short = server.client.request(verb, path, **how)
    with monkeypatch.context() as patched:
        patched.setattr(Answers, "fit", lambda *_: False)
        return short, server.client.request(verb, path, **how)


def test_both_ways_give_the_same_answer_and_headers(serving, store, monkeypatch):
    server = serving(cors_origins=("https://shop.example",))
    job = server.order(store.put("/short.png", photo_bytes()), store.url("/short-out.png"))
    server.wait(job)
    own = ("date", "x-request-id")
    short, long = both_ways(server, monkeypatch, "GET", job, headers=ORIGIN)
    assert short.json() == long.json()
    assert {name: value for name, value in short.headers.items() if name not in own} == {
        name: value for name, value in long.headers.items() if name not in own
    }
    assert short.headers["access-control-allow-origin"] == "https://shop.example"


@pytest.mark.parametrize(
    ("verb", "path"), [("GET", "/sensei/status/none"), ("POST", "/v2/remove-background")]
)
def test_refusals_are_the_same(serving, monkeypatch, verb, path):
    server = serving()
    short, long = both_ways(server, monkeypatch, verb, path, content=b"[")
    assert (short.status_code, short.json()) == (long.status_code, long.json())
    assert short.status_code in (404, 415)


def test_middleware_that_is_added_stands_around_every_way(tmp_path):
    class Marked:
        def __init__(self, app, mark):
            self.app, self.mark = app, mark

        async def __call__(self, scope, receive, send):
            async def marked(message):
                if message["type"] == "http.response.start":
                    message["headers"] = [*message["headers"], (b"x-mark", self.mark)]
                await send(message)

            await self.app(scope, receive, marked)

    app = create_app(settings(tmp_path))
    app.add_middleware(Marked, mark=b"mine")

    async def ask():
        transport = httpx.ASGITransport(app)
        async with (
            app.router.lifespan_context(app),
            httpx.AsyncClient(transport=transport, base_url="http://localhost") as client,
        ):
            return [await client.get(path) for path in ("/health", "/v2/status/none", "/nowhere")]

    answers = asyncio.run(ask())
    assert [one.status_code for one in answers] == [200, 404, 404]
    assert {one.headers["x-mark"] for one in answers} == {"mine"}


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
