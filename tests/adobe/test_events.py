"""Events become jobs, and jobs pictures: Adobe's form, maskkit's own, a bare status."""

import base64
import hashlib
import hmac
import json
import time

import pytest

from maskkit import AuthError, ContractError, FetchError, Job, MaskClient
from maskkit.testing import FakeTime, ScriptedServer

SECRET = "a-secret-of-thirty-two-random-bytes-or-so"


def adobes(body):
    """As Adobe I/O Events post the end of a job of the Photoshop API."""
    header = {"msgType": "JOB_COMPLETION", "imsOrgId": "org@AdobeOrg"}
    return {"event_id": "e-1", "event": {"header": header, "body": body}, "recipient_client_id": "client"}


def forms(job_id, url):
    return [
        adobes({"jobId": job_id, "status": "succeeded", "_links": {"self": {"href": url}}}),
        {"jobId": job_id, "status": "succeeded", "statusUrl": url},
        {"type": "job.done", "data": {"jobID": job_id, "statusUrl": url}},
        {"body": {"_links": {"self": {"href": url}}}},
    ]


@pytest.mark.parametrize("form", range(4))
@pytest.mark.parametrize("api", ["v1", "v2"])
def test_an_event_is_fetched(api, form):
    with ScriptedServer() as server, MaskClient(**server.options(api=api, pace=FakeTime().pace())) as client:
        ordered = client.submit(server.photo)
        body = json.dumps(forms(ordered.job_id, ordered.status_url)[form]).encode()
        result = server.staging.sign("GET", ordered.output_key, 600) if api == "v1" else None
        job = Job.from_event(body, result_url=result)
        assert (job.api, job.job_id, job.status_url) == (api, ordered.job_id, ordered.status_url)
        assert client.wait(job).shape == (48, 64)


def test_an_event_without_a_url_is_of_the_service_that_is_named():
    event = adobes({"jobId": "urn:ff:jobs:7"})
    assert Job.from_event(event).status_url == "https://image.adobe.io/v2/status/urn:ff:jobs:7"
    own = Job.from_event(event, base_url="https://masks.example/api/")
    assert own.status_url == "https://masks.example/api/v2/status/urn:ff:jobs:7"


@pytest.mark.parametrize("body", [b"", b"[]", "{}", {"event": {"body": {}}}, {"jobId": ""}, b"\xff", "null"])
def test_what_names_no_job(body):
    with pytest.raises(ContractError):
        Job.from_event(body)


def test_an_event_that_names_a_foreign_host_gets_no_credentials():
    with ScriptedServer() as server, ScriptedServer() as stranger:
        job = Job.from_event({"jobId": "1", "statusUrl": f"{stranger.url}/v2/status/1"})
        with MaskClient(**server.options(api="v2")) as client, pytest.raises(FetchError, match="origin"):
            client.wait(job)
        assert stranger.received == []


def signed(body, secret=SECRET, age=0):
    key = hmac.new(secret.encode(), b"maskkit events", hashlib.sha256).digest()
    at = str(int(time.time()) - age)
    mac = hmac.new(key, f"e-1.{at}.".encode() + body, hashlib.sha256).digest()
    signature = f"v1,{base64.b64encode(mac).decode()}"
    return {"Webhook-Id": "e-1", "Webhook-Timestamp": at, "Webhook-Signature": f"v1,AAAA {signature}"}


def test_a_signature_is_checked():
    body = json.dumps({"jobId": "1"}).encode()
    assert Job.from_event(body, headers=signed(body), secret=SECRET).job_id == "1"
    wrong = [
        (body + b" ", signed(body)),
        (body, signed(body, secret="another")),
        (body, signed(body, age=3600)),
        (body, signed(body, age=-3600)),
        (body, signed(body) | {"Webhook-Id": "e-2"}),
        (body, {}),
        (body, signed(body) | {"Webhook-Timestamp": "soon"}),
        (body, signed(body) | {"Webhook-Signature": "v1,\xe9"}),
    ]
    for content, headers in wrong:
        with pytest.raises(AuthError, match="signature"):
            Job.from_event(content, headers=headers, secret=SECRET)
    with pytest.raises(ContractError, match="bytes as they came"):
        Job.from_event({"jobId": "1"}, headers=signed(body), secret=SECRET)


def test_standard_webhooks_own_library_agrees():
    standard = pytest.importorskip("standardwebhooks", reason="standardwebhooks is not installed")
    from maskkit.wire.events import event_key, signed_headers

    body = json.dumps({"jobId": "1"}).encode()
    headers = signed_headers(event_key(SECRET), "e-1", int(time.time()), body)
    key = base64.b64encode(event_key(SECRET)).decode()
    assert standard.Webhook(f"whsec_{key}").verify(body, headers) == {"jobId": "1"}
