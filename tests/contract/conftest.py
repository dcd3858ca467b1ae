"""Both clients behind one face, and a watch over every word that is logged, raised or shown.

``server`` and ``client`` are the two sides of a contract; in ``test_contract.py`` the scripted server and
maskkit's own take the server's side in turn.
"""

import asyncio
import inspect
import logging
import re
import threading
from time import sleep

import httpx
import numpy as np
import pytest

from maskkit import AsyncMaskClient, MaskClient, cutout
from maskkit.adobe import Pace
from maskkit.testing import FakeTime, ScriptedServer
from maskkit.testing.pictures import ellipse

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


class Scripted(ScriptedServer):
    """The scripted server as a party to the contract."""

    @property
    def api_url(self):
        return self.url

    def truth(self, format="soft"):
        mask = ellipse(48, 64)
        return mask if format == "soft" else np.where(mask >= 128, np.uint8(255), np.uint8(0))


class Own(ScriptedServer):
    """maskkit's own server as a party; of the scripted one only the store and the photo are used."""

    def __init__(self, api_url, client_id, client_secret):
        super().__init__()
        self.api_url, self.client_id, self.client_secret = api_url, client_id, client_secret

    def options(self, **more):
        own = {"base_url": self.api_url, "ims_url": f"{self.api_url}/ims/token/v3"}
        return super().options(**{**own, **more, "pace": Pace(floor=0.02)})

    def issue_token(self):
        form = {"grant_type": "client_credentials", "client_id": self.client_id}
        form["client_secret"] = self.client_secret
        return httpx.post(f"{self.api_url}/ims/token/v3", data=form).json()["access_token"]

    def truth(self, format="soft"):
        soft = cutout(self.photo, source="classical").alpha
        return soft if format == "soft" else np.where(soft >= 128, np.uint8(255), np.uint8(0))


@pytest.fixture
def server():
    with Scripted() as scripted:
        yield scripted


@pytest.fixture(scope="session")
def served(tmp_path_factory):
    """maskkit's own server, started once: its URL, and a client's id and secret."""
    pytest.importorskip("fastapi", reason="maskkit[server] is not installed")
    uvicorn = pytest.importorskip("uvicorn", reason="maskkit[server] is not installed")
    from maskkit.server import Policy, Settings, create_app
    from maskkit.server.credentials import add_client

    folder = tmp_path_factory.mktemp("served")
    secret = add_client(folder / "clients", "contract")
    how = {"engine": "classical", "workers": 1, "poll": 0.05, "credentials": folder / "clients"}
    app = create_app(Settings(data_dir=folder, policy=Policy(http_loopback=True), **how))
    running = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None, timeout_graceful_shutdown=5))
    thread = threading.Thread(target=running.run)
    thread.start()
    while not running.started:
        assert thread.is_alive(), "the server did not start"
        sleep(0.01)
    yield f"http://127.0.0.1:{running.servers[0].sockets[0].getsockname()[1]}", "contract", secret
    running.should_exit = True
    thread.join(30)


@pytest.fixture(params=["scripted", "maskkit"])
def party(request):
    """Whoever takes the server's side of the contract."""
    both = {"scripted": Scripted, "maskkit": lambda: Own(*request.getfixturevalue("served"))}
    with both[request.param]() as party:
        yield party


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
    return {server.client_secret, *server.tokens, *bearers, *_SIGNED.findall(sent)} - {"", "open"}


def assert_discreet(words, secrets):
    said = "\n".join(words)
    assert [secret for secret in secrets if secret in said] == []


def _told(error):
    """Everything that an exception and those it is chained to say of themselves."""
    while error is not None:
        yield f"{error} {error!r} {error.args!r} {vars(error)!r}"
        assert type(error).__module__.startswith(("maskkit", "builtins", "asyncio")), type(error)
        error = error.__cause__ or error.__context__
