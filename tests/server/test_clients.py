"""maskkit's own clients, sync and async, speak both contracts to the server; photos lie in a signed store."""

import asyncio
import inspect

import numpy as np
import pytest

import maskkit as mk
from maskkit.server.credentials import add_client
from maskkit.testing import ScriptedServer

from .conftest import photo_bytes, running, settings, true_mask

PHOTO = photo_bytes()


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    """A server that knows one client: (its URL, the client's secret)."""
    folder = tmp_path_factory.mktemp("shop")
    secret = add_client(folder / "clients", "shop")
    with running(settings(folder, credentials=folder / "clients", workers=2)) as server:
        yield server, secret


@pytest.fixture
def staged():
    """A store that checks verb, path and expiry of each signature."""
    with ScriptedServer() as store:
        yield store


@pytest.fixture(params=["sync", "async"])
def talk(request, shop, staged):
    """``talk(method, *args, api=...)`` calls a client's method to its end."""
    server, secret = shop

    def talk(method, *args, api="v1", client_secret=secret, **how):
        options = {
            "base_url": server.base,
            "ims_url": f"{server.base}/ims/token/v3",
            "client_id": "shop",
            "client_secret": client_secret,
            "staging": staged.staging,
            "api": api,
        }
        if request.param == "sync":
            with mk.MaskClient(**options) as client:
                return getattr(client, method)(*args, **how)

        async def run():
            async with mk.AsyncMaskClient(**options) as client:
                outcome = getattr(client, method)(*args, **how)
                return await outcome if inspect.isawaitable(outcome) else outcome

        return asyncio.run(run())

    return talk


@pytest.mark.parametrize("api", ["v1", "v2", "auto"])
@pytest.mark.parametrize("format", ["soft", "binary"])
def test_a_mask_is_the_engines_and_nothing_is_left_behind(talk, staged, api, format):
    mask = talk("create_mask", PHOTO, api=api, format=format)
    assert np.array_equal(mask, true_mask(PHOTO, format))
    assert staged.store.files == {}
    assert staged.leaks == []


@pytest.mark.parametrize("api", ["v1", "v2"])
def test_a_cutout(talk, staged, api):
    cut = talk("create_cutout", PHOTO, api=api)
    assert cut.shape == (48, 64, 4)
    assert np.array_equal(cut[..., 3], true_mask(PHOTO))
    assert staged.leaks == []


@pytest.mark.parametrize("api", ["v1", "v2"])
def test_a_photo_that_is_none_is_a_failed_job(talk, staged, api):
    source, target = (staged.staging.sign(verb, f"{verb}.png", 600) for verb in ("GET", "PUT"))
    staged.store.files["/store/GET.png"] = b"just text"
    job = talk("submit", source, target, api=api)
    with pytest.raises(mk.JobFailedError) as caught:
        talk("wait", job, api=api)
    assert "sig=" not in str(caught.value)
    assert caught.value.code in (400, "400", "InputValidationError")


def test_a_wrong_secret_is_an_auth_error(talk):
    with pytest.raises(mk.AuthError):
        talk("create_mask", PHOTO, client_secret="wrong")


def test_forty_at_once(shop, staged):
    server, secret = shop

    async def run():
        options = {"base_url": server.base, "ims_url": f"{server.base}/ims/token/v3", "limit": None}
        who = {"client_id": "shop", "client_secret": secret, "staging": staged.staging}
        async with mk.AsyncMaskClient(**options, **who) as client:
            return await asyncio.gather(*(client.create_mask(PHOTO) for _ in range(40)))

    masks = asyncio.run(run())
    expected = true_mask(PHOTO)
    assert len(masks) == 40
    assert all(np.array_equal(mask, expected) for mask in masks)
    assert staged.store.files == {}
