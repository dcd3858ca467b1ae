"""maskkit's own clients, sync and async, speak both contracts to the server; photos lie in a signed store."""

import asyncio
import inspect

import numpy as np
import pytest

import maskkit as mk
from maskkit.testing import ScriptedServer

from .conftest import photo_bytes, true_mask

PHOTO = photo_bytes()


@pytest.fixture
def staged():
    """A store that checks verb, path and expiry of each signature."""
    with ScriptedServer() as store:
        yield store


def call(mode, options, method, *args, **how):
    """A method of either client, to its end."""
    if mode == "sync":
        with mk.MaskClient(**options) as client:
            return getattr(client, method)(*args, **how)

    async def run():
        async with mk.AsyncMaskClient(**options) as client:
            outcome = getattr(client, method)(*args, **how)
            return await outcome if inspect.isawaitable(outcome) else outcome

    return asyncio.run(run())


@pytest.fixture(params=["sync", "async"])
def talk(request, shop, staged):
    """``talk(method, *args, api=...)`` calls a client's method to its end."""

    def talk(method, *args, api="v1", client_secret=None, **how):
        options = shop[1] | {"staging": staged.staging, "api": api}
        if client_secret:
            options |= {"client_secret": client_secret}
        return call(request.param, options, method, *args, **how)

    return talk


@pytest.mark.parametrize("api", ["v1", "v2", "auto"])
@pytest.mark.parametrize("mask_type", ["soft", "binary"])
def test_a_mask_is_the_engines_and_nothing_is_left_behind(talk, staged, api, mask_type):
    mask = talk("create_mask", PHOTO, api=api, mask_type=mask_type)
    assert np.array_equal(mask, true_mask(PHOTO, mask_type))
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
    async def run():
        async with mk.AsyncMaskClient(**shop[1], staging=staged.staging, limit=None) as client:
            return await asyncio.gather(*(client.create_mask(PHOTO) for _ in range(40)))

    masks = asyncio.run(run())
    expected = true_mask(PHOTO)
    assert len(masks) == 40
    assert all(np.array_equal(mask, expected) for mask in masks)
    assert staged.store.files == {}
