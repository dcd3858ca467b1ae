"""Stores of the caller's own: what URLs were signed with, whose keys are read, whom Adobe reads from."""

import os
import subprocess
import sys
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from maskkit import AuthError, FetchError, MaskClient, MaskkitWarning, ObjectStaging, SignedURLs
from maskkit.adobe.doctor import examine
from maskkit.adobe.hosts import ADOBE_API
from maskkit.adobe.staging import put_headers
from maskkit.testing import FakeTime, ScriptedServer

SIGNED = "X-Amz-Signature=abcdef0123456789&X-Amz-SignedHeaders="


@pytest.fixture
def server():
    with ScriptedServer() as scripted:
        yield scripted


@pytest.fixture(autouse=True)
def no_keys(monkeypatch):
    for name in ("AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name, raising=False)
    for name in ("ACCOUNT_NAME", "ACCOUNT_KEY", "SAS_TOKEN", "SAS_KEY", "CONNECTION_STRING"):
        monkeypatch.delenv(f"AZURE_STORAGE_{name}", raising=False)


def signed(server, headers):
    photo, result = f"{server.url}/store/in.jpg?{SIGNED}{headers}", f"{server.url}/store/out.png?{SIGNED}host"
    return SignedURLs(photo, photo, result, result)


def test_a_content_type_that_was_signed_is_sent(server):
    staging = signed(server, "content-type%3Bhost")
    with MaskClient(**server.options(staging=staging, pace=FakeTime().pace())) as client:
        assert client.create_mask(server.photo).any()
    [put] = [one for one in server.received if one.method == "PUT" and "in.jpg" in one.path]
    assert put.headers["content-type"] == "image/jpeg"


def test_no_content_type_is_sent_that_was_not_signed(server):
    with MaskClient(**server.options(staging=signed(server, "host"), pace=FakeTime().pace())) as client:
        client.create_mask(server.photo)
    [put] = [one for one in server.received if one.method == "PUT" and "in.jpg" in one.path]
    assert "content-type" not in put.headers
    assert put_headers("https://b/k?X-Goog-SignedHeaders=host", b"\xff\xd8\xff") == {}


def test_headers_that_cannot_be_sent_are_named(server):
    server.fail("PUT /store", 403, body="<Error><Code>SignatureDoesNotMatch</Code></Error>", times=9)
    staging = signed(server, "content-type%3Bhost%3Bx-amz-acl")
    with (
        MaskClient(**server.options(staging=staging, pace=FakeTime().pace())) as client,
        pytest.raises(AuthError, match=r"\(sent: image/jpeg\), x-amz-acl \(sent: nothing\)"),
    ):
        client.create_mask(server.photo)


# Keys in the environment

obstore = pytest.importorskip("obstore", reason="maskkit[staging] is not installed")
KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
CONNECTION = f"DefaultEndpointsProtocol=https;AccountName=shop;AccountKey={KEY}"


def test_azures_connection_string(monkeypatch):
    monkeypatch.setenv("AZURE_STORAGE_CONNECTION_STRING", CONNECTION)
    url = ObjectStaging("az://photos").sign("GET", "a.jpg", 60)
    parts = urlsplit(url)
    assert (parts.hostname, parts.path) == ("shop.blob.core.windows.net", "/photos/a.jpg")
    assert parse_qs(parts.query)["sp"] == ["r"]


def test_a_sas_is_named(monkeypatch):
    monkeypatch.setenv("AZURE_STORAGE_ACCOUNT_NAME", "shop")
    monkeypatch.setenv("AZURE_STORAGE_SAS_TOKEN", "sv=2023-11-03&sp=rw&sig=SECRETSIGNATURE")
    with pytest.raises(FetchError, match=r"a SAS cannot sign further URLs .*SignedURLs") as caught:
        ObjectStaging("az://photos").sign("GET", "a.jpg", 60)
    assert "SECRET" not in str(caught.value)


def test_a_profile_is_named_with_the_command_that_exports_it():
    """In a process of its own: without keys, obstore asks the network of the machine for some."""
    code = """
import maskkit
try:
    maskkit.ObjectStaging("s3://photos", endpoint="http://127.0.0.1:9", region="eu-west-1",
        metadata_endpoint="http://127.0.0.1:9", retry_config=None).sign("GET", "a", 60)
except maskkit.FetchError as error:
    print(error)
"""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    environ["AWS_PROFILE"] = "shop"
    run = [sys.executable, "-c", code]
    said = subprocess.run(run, env=environ, capture_output=True, text=True, timeout=120, check=True).stdout
    assert "AWS_PROFILE is not read" in said
    assert "aws configure export-credentials" in said


# Whom Adobe reads from


class Adobe(httpx.HTTPTransport):
    """Adobe's name leads to the scripted server."""

    def __init__(self, server):
        super().__init__()
        self.port = int(server.url.rpartition(":")[2])

    def handle_request(self, request):
        if request.url.host.endswith(".adobe.io"):
            request.url = request.url.copy_with(scheme="http", host="127.0.0.1", port=self.port)
        return super().handle_request(request)


@pytest.fixture
def adobe(server):
    token, server.status_base = server.issue_token(), ADOBE_API
    how = {"base_url": ADOBE_API, "token": token, "limit": None, "client_secret": None}
    with httpx.Client(transport=Adobe(server)) as http:
        yield MaskClient(**server.options(http=http, pace=FakeTime().pace(), **how))


def ordered(server):
    return any(one.path == "/v2/remove-background" for one in server.received)


def test_a_photo_on_a_host_that_adobe_does_not_read_is_told_before_the_order(server, adobe):
    with pytest.raises(MaskkitWarning, match=r"shop.example; .*amazonaws.com"):
        adobe.submit("https://shop.example/photo.jpg?sig=SECRET")
    assert not ordered(server)


def test_a_photo_on_a_host_that_adobe_reads_is_ordered_without_a_word(server, adobe):
    adobe.submit("https://my-bucket.s3.eu-west-1.amazonaws.com/photo.jpg")
    assert ordered(server)


def test_a_staging_area_that_adobe_does_not_read_is_told_before_anything_is_sent(server, adobe):
    with pytest.raises(MaskkitWarning, match=r"127\.0\.0\.1"):
        adobe.submit(server.photo)
    assert server.store.files == {}


def test_other_services_read_from_where_they_like(server):
    with MaskClient(**server.options(api="v2")) as client:
        assert client.submit("https://shop.example/photo.jpg").job_id in server.tasks


@pytest.mark.parametrize(
    ("url", "good"),
    [("https://shop.example/a.jpg", False), ("https://b.s3.amazonaws.com/a.jpg", True)],
)
def test_the_doctor_looks_at_a_photo_of_ones_own(adobe, url, good):
    [check] = [one for one in adobe.run(examine(adobe.service, photo=url)) if one.name == "photo"]
    assert check.ok == good
    assert bool(check.advice) != good
