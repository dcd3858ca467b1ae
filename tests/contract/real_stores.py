"""Staging areas in real stores, which check verb, signature and expiry of URLs; one of each a session."""

import base64
import hashlib
import hmac
import shutil
from datetime import timedelta
from email.utils import formatdate
from urllib.parse import urlsplit

import httpx
import pytest
from contract import stores

from maskkit import ObjectStaging

WHY = "is not installed; run: python tests/contract/stores.py install"
# The key that Azurite documents for its only account.
AZURITE_KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="


@pytest.fixture(scope="session")
def s3(tmp_path_factory):
    """A bucket of a real S3 server, as staging area."""
    pytest.importorskip("obstore", reason="maskkit[staging] is not installed")
    if not stores.PYTHON.exists():
        pytest.skip(f"OpenStack Swift {WHY}")
    with stores.s3(tmp_path_factory.mktemp("s3")) as endpoint:
        keys = {"access_key_id": "test:tester", "secret_access_key": "testing", "region": "us-east-1"}
        staging = ObjectStaging("s3://bucket/masks", endpoint=endpoint, **keys)
        import obstore.store

        how = {"endpoint": endpoint, "client_options": {"allow_http": True}}
        url = obstore.sign(obstore.store.S3Store("bucket", **how, **keys), "PUT", "", timedelta(minutes=1))
        httpx.put(url.rstrip("/")).raise_for_status()
        yield staging


@pytest.fixture(scope="session")
def azure(tmp_path_factory):
    """A container of a real blob server, as staging area."""
    pytest.importorskip("obstore", reason="maskkit[staging] is not installed")
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


def names(staging):
    """What lies in a staging area."""
    import obstore

    return [entry["path"] for page in obstore.list(staging._store) for entry in page]
