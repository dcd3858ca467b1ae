"""maskkit's clients and maskkit's server over real stores: S3 by OpenStack Swift, Azure by Azurite.

The server reads and writes by the URLs that the client signed; either store refuses a wrong verb, a wrong
signature and, on Azure, a blob without its type.
"""

import httpx
import numpy as np
import pytest
from contract.real_stores import names

import maskkit as mk
from maskkit.adobe.staging import put_headers, storage_of

from .conftest import photo_bytes, picture, true_mask
from .test_adobe_sdk import node, sdk  # noqa: F401 - fixtures
from .test_clients import call

PHOTO = photo_bytes()


@pytest.fixture(params=[pytest.param(name, marks=pytest.mark.service) for name in ("s3", "azure")])
def staging(request):
    return request.getfixturevalue(request.param)


@pytest.mark.parametrize("api", ["v1", "v2"])
@pytest.mark.parametrize("mode", ["sync", "async"])
class TestTrip:
    """Photo staged, ordered, computed, written, fetched, cleaned up."""

    @pytest.mark.parametrize("format", ["soft", "binary"])
    def test_mask(self, shop, staging, mode, api, format):
        _, options = shop
        mask = call(mode, options | {"staging": staging, "api": api}, "create_mask", PHOTO, mask_type=format)
        assert np.array_equal(mask, true_mask(PHOTO, format))
        assert names(staging) == []

    def test_cutout(self, shop, staging, mode, api):
        _, options = shop
        cut = call(mode, options | {"staging": staging, "api": api}, "create_cutout", PHOTO)
        assert np.array_equal(cut[..., 3], true_mask(PHOTO))
        assert names(staging) == []


def test_a_photo_that_is_none(shop, staging):
    how = shop[1] | {"staging": staging}
    put, get, result = (
        staging.sign(*what, 600) for what in (("PUT", "broken"), ("GET", "broken"), ("PUT", "result"))
    )
    httpx.put(put, content=b"just text", headers=put_headers(put)).raise_for_status()
    job = call("sync", how, "submit", get, result)
    with pytest.raises(mk.JobFailedError):
        call("sync", how, "wait", job)
    assert [name.rpartition("/")[2] for name in names(staging)] == ["broken"], "nothing half-written"
    httpx.delete(staging.sign("DELETE", "broken", 600)).raise_for_status()


def test_a_signature_of_another_verb_fails_the_job_in_words(shop, staging):
    server, options = shop
    put = staging.sign("PUT", "photo", 600)
    httpx.put(put, content=PHOTO, headers=put_headers(put)).raise_for_status()
    get = staging.sign("GET", "photo", 600)
    headers = {"authorization": f"Bearer {options['client_secret']}", "x-api-key": "shop"}
    for source, target, member in ((put, put, "input"), (get, get, "output")):
        places = {"input": source, "output": target}
        body = {name: {"href": href, "storage": storage_of(href)} for name, href in places.items()}
        answer = server.client.post("/sensei/mask", json=body, headers=headers)
        server.client.headers.update(headers)
        status = server.wait(answer.json()["_links"]["self"]["href"])
        [error] = status["errors"]
        assert error["type"] == "FileLinkInvalidError"
        assert error["title"].startswith(f"{member}: the store refused")
        assert "sig=" not in str(status).lower()
        assert "signature=" not in str(status).lower()
    httpx.delete(staging.sign("DELETE", "photo", 600)).raise_for_status()


def test_adobes_sdk(shop, staging, node):  # noqa: F811 - pytest's way
    """Adobe's own Node SDK, the server, and a real store between them."""
    server, options = shop
    put = staging.sign("PUT", "in", 600)
    httpx.put(put, content=PHOTO, headers=put_headers(put)).raise_for_status()
    kind, source = storage_of(put), staging.sign("GET", "in", 600)
    orders = [(method, format) for method in ("createMask", "createCutout") for format in ("soft", "binary")]
    place = {order: "-".join(order) for order in orders}
    sent = [
        [
            method,
            {"href": source, "storage": kind},
            {
                "href": staging.sign("PUT", place[method, format], 600),
                "storage": kind,
                "mask": {"format": format},
            },
        ]
        for method, format in orders
    ]
    said = node(server.base, "shop", options["client_secret"], sent)
    assert [job.get("error") for job in said] == [None] * 4
    assert {job["outputs"][0]["status"] for job in said} == {"succeeded"}
    for method, format in orders:
        made = picture(httpx.get(staging.sign("GET", place[method, format], 600)).content)
        alpha = np.asarray(made)[..., 0 if method == "createMask" else 3]
        assert np.array_equal(alpha, true_mask(PHOTO, format))
    for name in ("in", *place.values()):
        httpx.delete(staging.sign("DELETE", name, 600)).raise_for_status()
    assert names(staging) == []
