"""What services really answer beside the contracts: late knowledge of a job, other forms, other words."""

import json

import httpx
import pytest
from contract.routes import HTML, ORDER, STATUS

from maskkit import (
    AuthError,
    FetchError,
    Job,
    JobFailedError,
    JobTimeoutError,
    MaskClient,
    MaybeSubmittedError,
    QuotaError,
    RateLimit,
    RateLimitError,
)
from maskkit.adobe.hosts import ADOBE_API
from maskkit.testing import FakeTime, ScriptedServer


def orders(server):
    return [one for one in server.received if one.method == "POST" and "ims" not in one.path]


def polls(server):
    return [one for one in server.received if one.method == "GET" and "status" in one.path]


# A job that is not known yet


@pytest.mark.parametrize("body", [None, HTML, ""])
def test_not_found_in_the_first_seconds_may_pass(client, server, api, body):
    server.fail(STATUS[api], 404, body=body, times=6)
    assert client.create_mask(server.photo).any()
    assert len(orders(server)) == 1


def test_not_found_for_half_a_minute_is_told_and_keeps_the_job(client, server, api, time):
    server.fail(STATUS[api], 404, times=999)
    with pytest.raises(FetchError) as caught:
        client.create_mask(server.photo)
    assert not isinstance(caught.value, JobFailedError)
    assert (caught.value.status_code, caught.value.job_id) == (404, next(iter(server.tasks)))
    assert 30 <= time.clock() < 45
    assert server.store.files != {}, "what the job needs is kept"
    server.faults.clear()
    assert client.wait(Job.from_json(caught.value.job.to_json())).any()
    assert server.store.files == {}


def test_not_found_up_to_a_near_deadline(client, server, api):
    server.fail(STATUS[api], 404, times=999)
    with pytest.raises(JobTimeoutError, match="404"):
        client.create_mask(server.photo, deadline=10)


# Refusals in other forms


FORMS = [
    (
        {"errors": [{"title": "too large"}, {"code": "x7", "message": "no alpha"}]},
        ["too large", "x7 no alpha"],
    ),
    ({"detail": "no such model"}, ["no such model"]),
    (
        {"detail": [{"loc": ["body", "mode"], "msg": "Field required", "type": "missing"}]},
        ["body.mode: Field required"],
    ),
    ({"error": {"message": "nested"}}, ["nested"]),
    ({"error": "plain"}, ["plain"]),
    ({"error": ""}, ['{"error": ""}']),
    ({"fault": {"faultstring": "Unresolved"}}, ['{"fault": {"faultstring": "Unresolved"}}']),
    (["one", "two"], ["one", "two"]),
]


@pytest.mark.parametrize(("body", "said"), FORMS, ids=[json.dumps(body)[:40] for body, _ in FORMS])
@pytest.mark.parametrize("status", [400, 422])
def test_every_reason_of_a_refusal_is_shown(connect, server, status, body, said):
    client = connect(api="v2")
    server.fail(ORDER["v2"], status, body=body)
    with pytest.raises(JobFailedError) as caught:
        client.create_mask(server.photo)
    assert [part for part in said if part not in str(caught.value)] == []


def test_an_unknown_body_is_shortened_and_quoted_without_secrets(client, server, api):
    body = {"odd": "https://a.test/k?sig=THE-SIGNATURE", "token": "THE-TOKEN-OF-IT", "long": "x" * 5000}
    server.fail(ORDER[api], 400, body=body)
    with pytest.raises(JobFailedError) as caught:
        client.create_mask(server.photo)
    text = str(caught.value)
    assert '"odd": "https://a.test/k?…' in text
    assert "THE-" not in text
    assert len(text) < 400


@pytest.mark.parametrize(
    ("members", "said"),
    [
        ({"error_code": "input_unreadable", "message": "The image cannot be read"}, "cannot be read"),
        ({"errorCode": 17, "title": "no subject"}, "17 no subject"),
        ({"detail": "a worker died"}, "a worker died"),
        ({"errors": [], "errorDetails": None, "error": {"message": "deep"}}, "deep"),
    ],
)
def test_a_failed_status_with_its_reason_at_the_top(client, server, api, members, said):
    server.statuses = ("failed",)
    server.status_extra = {"errors": None, "errorDetails": None} | members
    with pytest.raises(JobFailedError, match=said):
        client.create_mask(server.photo)


# Receipts and statuses in other forms


def spoken(server, api):
    """The path of a status, and the receipts seen in the place of the contract's own; ``{}`` is the id."""
    path = {"v1": "/sensei/status/{}", "v2": "/v2/status/{}"}[api]
    return [
        {"jobId": "{}"},
        {"_links": {"self": {"href": server.url + path}}},
        {"statusUrl": server.url + path},
    ]


@pytest.mark.parametrize("form", [0, 1, 2])
def test_receipts_of_other_forms(connect, api, form):
    """A server whose receipts are rewritten on their way, by a proxy of the test's own."""
    with ScriptedServer() as server:
        body = spoken(server, api)[form]

        class Rewriting(httpx.HTTPTransport):
            def handle_request(self, request):
                response = super().handle_request(request)
                if request.method != "POST" or response.status_code != 202:
                    return response
                response.read()
                job_id = list(server.tasks)[-1]
                return httpx.Response(202, content=json.dumps(body).replace("{}", job_id).encode())

        with httpx.Client(transport=Rewriting()) as http:
            options = server.options(api=api, http=http, pace=FakeTime().pace())
            assert MaskClient(**options).create_mask(server.photo).any()


@pytest.mark.parametrize("body", [{"jobId": ""}, {"jobId": True}, {"_links": {}}, {"job": 3}])
def test_a_receipt_without_any_id_stays_in_doubt(client, server, api, body):
    server.fail(ORDER[api], 202, body=body)
    with pytest.raises(MaybeSubmittedError, match="receipt"):
        client.create_mask(server.photo)


@pytest.mark.parametrize("status", [202, 204])
def test_an_empty_answer_is_not_yet(client, server, api, status):
    server.fail(STATUS[api], status, body="", times=3)
    assert client.create_mask(server.photo).any()


@pytest.mark.parametrize("status", [201, 202, 203])
def test_any_2xx_with_a_readable_status_counts(client, server, api, status):
    server.fail(STATUS[api], status, body={"status": "failed", "error_code": "E7"}, times=1)
    with pytest.raises(JobFailedError, match="E7"):
        client.create_mask(server.photo)


def test_poll_of_an_empty_202(client, server, api):
    server.fail(STATUS[api], 202, body="")
    job = client.submit(server.photo)
    assert client.poll(job).status == "pending"


class Elsewhere(httpx.HTTPTransport):
    """Adobe's names lead to a server of the test's own; remembers who was sent credentials."""

    def __init__(self, server):
        super().__init__()
        self.server, self.told = server, []

    def handle_request(self, request):
        if "authorization" in request.headers:
            self.told.append(request.url.host)
        if request.url.host.endswith((".adobe.io", ".adobe.com", ".test")):
            request.url = request.url.copy_with(
                scheme="http", host="127.0.0.1", port=int(self.server.url[17:])
            )
        return super().handle_request(request)


@pytest.mark.parametrize(
    ("host", "asked"),
    [
        ("https://firefly-epo855230.adobe.io", "firefly-epo855230.adobe.io"),
        ("https://firefly-api.adobe.io", "firefly-api.adobe.io"),
        ("https://pages.adobe.com", "image.adobe.io"),
        ("https://firefly-api.adobe.io:8443", "image.adobe.io"),
        ("https://firefly-api.adobe.io.stranger.test", None),
    ],
)
@pytest.mark.filterwarnings("ignore:photo")  # Adobe itself would not read from this machine
def test_a_status_on_another_of_the_services_hosts(server, host, asked):
    server.status_base = host
    token = server.issue_token()
    transport = Elsewhere(server)
    with httpx.Client(transport=transport) as http:
        how = {"base_url": ADOBE_API, "token": token, "http": http, "limit": None}
        client = MaskClient(**server.options(client_secret=None, pace=FakeTime().pace(), **how))
        server.result_base = "https://results.test"
        if asked is None:
            with pytest.raises(FetchError, match="not to the API's origin"):
                client.create_mask(server.photo)
            assert set(transport.told) == {"image.adobe.io"}
        else:
            assert client.create_mask(server.photo).any()
            assert set(transport.told) == {"image.adobe.io", asked}


# Too many requests, in every way it is said


def test_a_busy_service_is_waited_for_with_growing_pauses(client, server, api, time):
    server.fail(ORDER[api], 429, times=9)
    assert client.create_mask(server.photo).any()
    assert len(orders(server)) == 10
    waits = time.slept[:9]
    assert waits == sorted(waits)
    assert waits[-1] > 5 * waits[0]


def test_the_pauses_of_two_clients_differ(server, api):
    pauses = []
    for chance in (0.0, 0.9):
        time = FakeTime()
        time.random = lambda chance=chance: chance
        server.fail(ORDER[api], 429, times=6)
        with MaskClient(**server.options(api=api, pace=time.pace())) as client:
            client.submit(server.photo)
        pauses.append(time.slept[2:6])
    assert all(late > early for late, early in zip(*pauses, strict=True))


def test_a_service_that_stays_busy_is_told_at_the_deadline(client, server, api, time):
    server.fail(ORDER[api], 429, times=999)
    with pytest.raises(RateLimitError):
        client.create_mask(server.photo, deadline=60)
    assert 45 < time.clock() <= 60
    assert server.store.files == {}


def test_a_busy_service_holds_the_other_orders_too(server, api):
    limit, time = RateLimit(5, 1.0), FakeTime()
    server.fail(ORDER[api], 429, times=999)
    client = MaskClient(**server.options(api=api, pace=time.pace(), limit=limit))
    with client, pytest.raises(RateLimitError):
        client.submit(server.photo, deadline=20)
    assert limit.held(time.clock()) > 0


@pytest.mark.parametrize("word", ["User is not authorized", "Api Key is invalid", "Forbidden"])
def test_a_403_is_about_credentials(client, server, api, word):
    server.fail(ORDER[api], 403, body={"error_code": "403003", "message": word})
    with pytest.raises(AuthError):
        client.create_mask(server.photo)
    assert len(orders(server)) == 1


@pytest.mark.parametrize(
    "body",
    [
        {"error_code": "quota_exceeded", "message": "no more"},
        {"message": "You have used all your credits"},
        {"errors": [{"title": "Monthly limit reached"}]},
    ],
)
def test_a_403_that_means_a_quota(client, server, api, body):
    server.fail(ORDER[api], 403, body=body, times=9)
    with pytest.raises(QuotaError):
        client.create_mask(server.photo)
    assert len(orders(server)) == 1


@pytest.mark.parametrize("word", ["Service is experiencing high traffic", "Too many requests", "throttled"])
@pytest.mark.parametrize("phase", [ORDER, STATUS])
def test_a_403_that_means_high_traffic_is_repeated(client, server, api, phase, word):
    server.fail(phase[api], 403, body={"error_code": "403", "message": word}, times=7)
    assert client.create_mask(server.photo).any()
