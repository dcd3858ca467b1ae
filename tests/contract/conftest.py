"""Both clients behind one face, and a watch over every word that is logged, raised or shown.

``server`` and ``client`` are the two sides of the contract suite: a party that offers ``.url``,
``.options(**more)`` (the arguments of a client), ``.photo`` and a store can take the server's place.
"""

import asyncio
import inspect
import logging
import re

import pytest

from maskkit import AsyncMaskClient, MaskClient
from maskkit.testing import FakeTime, ScriptedServer

_SIGNED = re.compile(r"(?:sig|X-Amz-Signature|X-Amz-Credential)=([^&\s\"']+)")


class Both:
    """Calls a method of either client and gives its result; remembers what was raised."""

    def __init__(self, mode, **options):
        self.mode, self.raised = mode, []
        self.runner = asyncio.Runner() if mode == "async" else None
        self.client = (AsyncMaskClient if self.runner else MaskClient)(**options)

    def __getattr__(self, name):
        method = getattr(self.client, name)

        def call(*args, **how):
            try:
                outcome = method(*args, **how)
                return self.runner.run(_awaited(outcome)) if inspect.isawaitable(outcome) else outcome
            except BaseException as error:
                self.raised.append(error)
                raise

        return call

    def close(self):
        if self.runner:
            self.runner.run(self.client.aclose())
            self.runner.close()
        else:
            self.client.close()


async def _awaited(outcome):
    return await outcome


@pytest.fixture
def both():
    return Both


@pytest.fixture
def server():
    with ScriptedServer() as scripted:
        yield scripted


@pytest.fixture
def time():
    return FakeTime()


@pytest.fixture(params=["sync", "async"])
def mode(request):
    return request.param


@pytest.fixture(params=["v1", "v2"])
def api(request):
    return request.param


@pytest.fixture
def connect(mode, time, server, caplog):
    """``connect(**options)`` gives a client of the server; afterwards no secret may be found anywhere."""
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.DEBUG, "httpx")
    clients = []

    def make(**options):
        clients.append(Both(mode, **server.options(**{"pace": time.pace(), **options})))
        return clients[-1]

    yield make
    for client in clients:
        client.close()
    words = [record.getMessage() + repr(record.__dict__) for record in caplog.records]
    words += [repr(client.client) + repr(client.client.service) for client in clients]
    words += [word for client in clients for error in client.raised for word in _told(error)]
    assert_discreet(words, secrets_of(server))


@pytest.fixture
def client(connect, api):
    return connect(api=api)


def secrets_of(server):
    """Every token and signature that went over the wire."""
    sent = " ".join(one.target + one.body.decode("latin-1") for one in server.received)
    bearers = {one.headers.get("authorization", "").removeprefix("Bearer ") for one in server.received}
    return {server.client_secret, *server.tokens, *bearers, *_SIGNED.findall(sent)} - {""}


def assert_discreet(words, secrets):
    said = "\n".join(words)
    assert [secret for secret in secrets if secret in said] == []


def _told(error):
    """Everything that an exception and those it is chained to say of themselves."""
    while error is not None:
        yield f"{error} {error!r} {error.args!r} {vars(error)!r}"
        assert type(error).__module__.startswith(("maskkit", "builtins", "asyncio")), type(error)
        error = error.__cause__ or error.__context__
