"""The contract suite of tests/contract, with this server in the place of the scripted one.

The same tests with the same fixtures; what differs is the party they are given, real time, and that the
true mask is the one that the server's engine makes.
"""

import importlib.util
from pathlib import Path
from types import SimpleNamespace

import pytest

import maskkit as mk
from maskkit.adobe.pace import Pace
from maskkit.server.credentials import add_client
from maskkit.testing import Received, ScriptedServer

from .conftest import running, settings

CONTRACT = Path(__file__).parent.parent / "contract"


def load(name):
    spec = importlib.util.spec_from_file_location(f"shared_{name}", CONTRACT / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


shared, suite = load("conftest"), load("test_contract")
mode, api, connect, client = shared.mode, shared.api, shared.connect, shared.client

test_photo_to_mask = suite.test_photo_to_mask_and_nothing_left_behind
test_keep = suite.test_keep_leaves_photo_and_result
test_cutout = suite.test_cutout
test_a_job_outlives_its_client = suite.test_a_job_outlives_its_client
test_the_order_as_it_goes_over_the_wire = suite.test_the_order_as_it_goes_over_the_wire
test_wrong_token_and_wrong_client = suite.test_wrong_token_and_wrong_client
test_unknown_job = suite.test_unknown_job
test_an_order_that_is_refused = suite.test_an_order_that_is_refused
test_a_photo_that_cannot_be_reached = suite.test_a_photo_that_cannot_be_reached


class Recorder:
    """ASGI middleware that notes every request as the scripted server does."""

    def __init__(self, app, received):
        self.app, self.received = app, received

    async def __call__(self, scope, receive, send):
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        body = bytearray()

        async def noted():
            message = await receive()
            body.extend(message.get("body", b""))
            return message

        try:
            await self.app(scope, noted, send)
        finally:
            target = scope["path"] + "?" + scope["query_string"].decode()
            headers = {name.decode(): value.decode("latin-1") for name, value in scope["headers"]}
            self.received.append(Received(scope["method"], target.rstrip("?"), headers, bytes(body)))


class Party(SimpleNamespace):
    """What the suite asks of a server; photos lie in the store of a scripted one."""

    def issue_token(self):
        token = self.credentials.issue(self.client_id)
        self.tokens.add(token)
        return token

    def options(self, **more):
        how = {"base_url": self.url, "client_id": self.client_id, "client_secret": self.client_secret}
        return {**how, "ims_url": f"{self.url}/ims/token/v3", "staging": self.staging, **more}


@pytest.fixture(scope="module")
def own(tmp_path_factory):
    folder, received = tmp_path_factory.mktemp("own"), []
    secret = add_client(folder / "clients", "shop")
    with running(
        settings(folder, credentials=folder / "clients"), around=lambda a: Recorder(a, received)
    ) as it:
        yield it, secret, received


@pytest.fixture
def server(own):
    it, secret, received = own
    received.clear()
    with ScriptedServer() as store:
        yield Party(
            url=it.base,
            client_id="shop",
            client_secret=secret,
            credentials=it.parts.credentials,
            photo=store.photo,
            staging=store.staging,
            store=store.store,
            leaks=store.leaks,
            received=received,
            tokens=set(),
        )


@pytest.fixture
def time():
    return SimpleNamespace(pace=lambda: Pace(floor=0.05, ceiling=0.2))


@pytest.fixture(autouse=True)
def truth(monkeypatch, server):
    monkeypatch.setattr(suite, "ellipse", lambda *_: mk.fetch_mask(server.photo, source="classical"))
