"""gs:// with a service account's key: V4 signatures, checked by Google's form and by its own library."""

import importlib.util
import time
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import numpy as np
import pytest

from maskkit import ObjectStaging
from maskkit.adobe.doctor import examine
from maskkit.adobe.staging import expires_at, storage_of
from maskkit.testing.pictures import ellipse

pytest.importorskip("obstore", reason="maskkit[staging] is not installed")
pytest.importorskip("cryptography", reason="cryptography is not installed")
_spec = importlib.util.spec_from_file_location("gcs", Path(__file__).with_name("gcs.py"))
gcs = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(gcs)


@pytest.fixture(scope="module")
def key():
    return gcs.new_key()


@pytest.fixture
def store(key):
    with gcs.store(key.public_key()) as running:
        yield running


@pytest.fixture
def staging(key, store):
    return ObjectStaging("gs://box/masks", service_account_key=gcs.account(key, store.url))


def test_the_whole_trip(connect, server, api, staging, store):
    mask = connect(api=api, staging=staging).create_mask(server.photo)
    np.testing.assert_array_equal(mask, ellipse(48, 64))
    assert store.files == {}


def test_verb_path_expiry_and_signature_are_checked(staging, store, monkeypatch):
    put = staging.sign("PUT", "checked.png", 60)
    assert httpx.put(put, content=b"1").status_code == 200
    assert list(store.files) == ["/box/masks/checked.png"]
    assert httpx.get(staging.sign("GET", "checked.png", 60)).content == b"1"
    assert storage_of(put) == "external"
    assert expires_at(put) == pytest.approx(time.time() + 60, abs=5)
    forged = put[:-1] + ("0" if put[-1] != "0" else "1")
    other, longer = put.replace("checked", "another"), put.replace("Expires=60", "Expires=600")
    for url in (forged, other, longer):
        assert httpx.put(url, content=b"2").status_code == 403
    assert httpx.get(put).status_code == 403, "signed for another verb"
    date, later = gcs.datetime, gcs.timedelta(seconds=61)
    clock = type("Later", (date,), {"now": classmethod(lambda _, zone: date.now(zone) + later)})
    monkeypatch.setattr(gcs, "datetime", clock)
    assert httpx.put(put, content=b"3").status_code == 403, "its time is over"
    assert store.files == {"/box/masks/checked.png": b"1"}


def test_the_doctor_is_content_and_leaves_nothing(connect, staging, store):
    client = connect(staging=staging)
    checks = client.run(examine(client.client.service))
    assert [check for check in checks if not check.ok] == []
    assert store.files == {}


@pytest.mark.parametrize("method", ["PUT", "GET", "DELETE"])
def test_signatures_are_those_of_googles_own_library(key, method):
    signing = pytest.importorskip(
        "google.cloud.storage._signing", reason="google-cloud-storage is not installed"
    )
    from google.oauth2 import service_account

    url = ObjectStaging("gs://box/masks", service_account_key=gcs.account(key)).sign(method, "a.png", 600)
    info = {**gcs.json.loads(gcs.account(key)), "token_uri": "https://oauth2.googleapis.com/token"}
    theirs = signing.generate_signed_url_v4(
        service_account.Credentials.from_service_account_info(info),
        resource="/box/masks/a.png",
        expiration=600,
        api_access_endpoint="https://storage.googleapis.com",
        method=method,
        _request_timestamp=parse_qs(urlsplit(url).query)["X-Goog-Date"][0],
    )
    assert urlsplit(url)[:3] == urlsplit(theirs)[:3]
    assert parse_qs(urlsplit(url).query) == parse_qs(urlsplit(theirs).query)


def test_the_key_is_shown_nowhere(key):
    staging = ObjectStaging("gs://box/masks", service_account_key=gcs.account(key))
    assert f"{staging!r} {staging}" == "ObjectStaging('gs://box/masks') gs://box/masks"
