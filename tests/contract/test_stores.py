"""The whole trip over real stores, which check verb, signature and expiry of every URL."""

import time as wall

import httpx
import numpy as np
import pytest
from contract.real_stores import names

from maskkit import FetchError, ObjectStaging
from maskkit.adobe.doctor import examine
from maskkit.adobe.staging import expires_at, put_headers, storage_of
from maskkit.testing import ScriptedServer
from maskkit.testing.pictures import ellipse

obstore = pytest.importorskip("obstore", reason="maskkit[staging] is not installed")


@pytest.fixture(params=[pytest.param(name, marks=pytest.mark.service) for name in ("s3", "azure")])
def staging(request):
    return request.getfixturevalue(request.param)


@pytest.mark.parametrize("format", ["soft", "binary"])
def test_local_photo_staged_ordered_fetched_and_cleaned_up(connect, server, api, staging, format):
    mask = connect(api=api, staging=staging).create_mask(server.photo, mask_type=format)
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
