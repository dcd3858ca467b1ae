"""The whole trip over real stores, which check verb, signature and expiry of every URL."""

import base64
import hashlib
import hmac
import importlib.util
import shutil
import time as wall
from datetime import timedelta
from email.utils import formatdate
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import numpy as np
import pytest

from maskkit import FetchError, ObjectStaging
from maskkit.adobe.doctor import examine
from maskkit.adobe.staging import expires_at, put_headers, storage_of
from maskkit.testing import ScriptedServer
from maskkit.testing.pictures import ellipse

_spec = importlib.util.spec_from_file_location("stores", Path(__file__).with_name("stores.py"))
stores = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(stores)

obstore = pytest.importorskip("obstore", reason="maskkit[staging] is not installed")
WHY = "is not installed; run: python tests/contract/stores.py install"
# The key that Azurite documents for its only account.
AZURITE_KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="


@pytest.fixture(scope="module")
def s3(tmp_path_factory):
    if not stores.PYTHON.exists():
        pytest.skip(f"OpenStack Swift {WHY}")
    with stores.s3(tmp_path_factory.mktemp("s3")) as endpoint:
        keys = {"access_key_id": "test:tester", "secret_access_key": "testing", "region": "us-east-1"}
        staging = ObjectStaging("s3://bucket/masks", endpoint=endpoint, **keys)
        how = {"endpoint": endpoint, "client_options": {"allow_http": True}}
        url = obstore.sign(obstore.store.S3Store("bucket", **how, **keys), "PUT", "", timedelta(minutes=1))
        httpx.put(url.rstrip("/")).raise_for_status()
        yield staging


@pytest.fixture(scope="module")
def azure(tmp_path_factory):
    if not (stores.AZURITE.exists() and shutil.which("node")):
        pytest.skip(f"Azurite {WHY}")
    with stores.azure(tmp_path_factory.mktemp("azure")) as endpoint:
        make_container(endpoint, "box")
        account = {"account_name": "devstoreaccount1", "account_key": AZURITE_KEY}
        yield ObjectStaging("az://box/masks", endpoint=endpoint, **account)


def make_container(endpoint, name):
    """Create Container with a Shared Key signature, which obstore does not offer."""
    headers = {"x-ms-date": formatdate(usegmt=True), "x-ms-version": "2021-08-06"}
    canonical = "\n".join(f"{key}:{value}" for key, value in headers.items())
    path = urlsplit(endpoint).path
    text = "PUT" + "\n" * 12 + f"{canonical}\n/devstoreaccount1{path}/{name}\nrestype:container"
    digest = hmac.new(base64.b64decode(AZURITE_KEY), text.encode(), hashlib.sha256).digest()
    headers["Authorization"] = f"SharedKey devstoreaccount1:{base64.b64encode(digest).decode()}"
    httpx.put(f"{endpoint}/{name}?restype=container", headers=headers).raise_for_status()


@pytest.fixture(params=["s3", "azure"])
def staging(request):
    return request.getfixturevalue(request.param)


def names(staging):
    return [entry["path"] for page in obstore.list(staging._store) for entry in page]


@pytest.mark.parametrize("format", ["soft", "binary"])
def test_local_photo_staged_ordered_fetched_and_cleaned_up(connect, server, api, staging, format):
    mask = connect(api=api, staging=staging).create_mask(server.photo, format=format)
    truth = ellipse(48, 64)
    np.testing.assert_array_equal(mask, np.where(truth >= 128, 255, 0) if format == "binary" else truth)
    assert names(staging) == []


def test_what_fails_is_cleaned_up_too(connect, server, api, staging):
    server.statuses = ("running", "failed")
    with pytest.raises(FetchError):
        connect(api=api, staging=staging).create_mask(server.photo)
    assert names(staging) == []


def test_keep(connect, server, staging):
    connect(api="v1", staging=staging).create_mask(server.photo, keep=True)
    kept = names(staging)
    assert len(kept) == 2
    obstore.delete(staging._store, kept)


def test_the_store_checks_verb_signature_and_expiry(staging):
    put = staging.sign("PUT", "checked", 60)
    assert httpx.put(put, content=b"1", headers=put_headers(put)).is_success
    assert httpx.get(staging.sign("GET", "checked", 60)).content == b"1"
    assert httpx.get(put).status_code == 403, "signed for another verb"
    other = "0" if put[-1] != "0" else "1"
    forged = put.replace("sig=", "sig=A") if storage_of(put) == "azure" else put[:-1] + other
    assert httpx.put(forged, content=b"2", headers=put_headers(put)).status_code == 403
    assert expires_at(put) == pytest.approx(wall.time() + 60, abs=5)
    assert httpx.delete(staging.sign("DELETE", "checked", 60)).is_success


def test_the_doctor_is_content_and_leaves_nothing(connect, staging):
    client = connect(staging=staging)
    checks = client.run(examine(client.client.service))
    assert [check for check in checks if not check.ok] == []
    assert {"staging PUT", "staging GET", "staging DELETE", "expiry"} <= {check.name for check in checks}
    assert names(staging) == []


def test_staging_that_is_not_one():
    for url in ("ftp://bucket", "s3://", "bucket/prefix", "s3://key:secret@bucket"):
        with pytest.raises(FetchError, match="staging"):
            ObjectStaging(url)


def test_the_repr_has_no_keys():
    staging = ObjectStaging("s3://bucket/masks", access_key_id="AKIA-ME", secret_access_key="SECRET-OF-MINE")
    assert repr(staging) == "ObjectStaging('s3://bucket/masks')"
    with ScriptedServer() as server:
        assert "SECRET" not in repr(server.options(staging=staging))
