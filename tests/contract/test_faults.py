"""Everything that a service can do wrong, on a real socket; either contract, either client."""

import json
import time as wall

import httpx
import pytest
from contract.routes import HTML, ORDER, STATUS

from maskkit import (
    AuthError,
    ContractError,
    FetchError,
    Job,
    JobFailedError,
    JobTimeoutError,
    MaybeSubmittedError,
    QuotaError,
    RateLimitError,
    TransportError,
)
from maskkit.testing import ScriptedServer
from maskkit.wire import Failure

REFUSED = {
    400: JobFailedError,
    401: AuthError,
    402: QuotaError,
    403: AuthError,
    404: JobFailedError,
    409: JobFailedError,
    410: JobFailedError,
    415: JobFailedError,
    422: JobFailedError,
    429: RateLimitError,
}


def orders(server):
    return [one for one in server.received if one.method == "POST" and "ims" not in one.path]


def polls(server):
    return [one for one in server.received if one.method == "GET" and "status" in one.path]


@pytest.mark.parametrize(
    ("status", "body"), [*[(status, None) for status in REFUSED], (400, HTML), (403, HTML), (429, HTML)]
)
def test_an_order_that_is_turned_away(client, server, api, status, body):
    server.fail(ORDER[api], status, body=body, headers={"x-request-id": "r-1"}, times=99)
    with pytest.raises(REFUSED[status]) as caught:
        client.create_mask(server.photo)
    assert (caught.value.status_code, caught.value.request_id) == (status, "r-1")
    sent = len(orders(server))
    assert sent >= 10 if status == 429 else sent == {401: 2}.get(status, 1)
    assert server.store.files == {}


@pytest.mark.parametrize(("status", "body"), [(500, None), (502, HTML), (503, None), (504, HTML)])
def test_an_order_whose_fate_is_unknown_is_never_sent_again(client, server, api, status, body):
    server.fail(ORDER[api], status, body=body, times=99)
    with pytest.raises(MaybeSubmittedError) as caught:
        client.create_mask(server.photo)
    assert caught.value.status_code == status
    assert len(orders(server)) == 1
    assert server.store.files == {}


@pytest.mark.parametrize("how", ["reset", "close", "truncate", "hang", "endless"])
def test_an_order_without_an_answer_is_never_sent_again(connect, server, api, how):
    server.fail(ORDER[api], how=how, times=99)
    with pytest.raises(MaybeSubmittedError):
        connect(api=api, timeout=0.15).create_mask(server.photo)
    assert len(orders(server)) == 1
    assert server.store.files == {}


@pytest.mark.parametrize("body", ["", "[]", "{}", HTML, '{"_links": {"self": {"href": ""}}}'])
def test_a_receipt_that_cannot_be_read(client, server, api, body):
    server.fail(ORDER[api], 202, body=body)
    with pytest.raises(MaybeSubmittedError, match="receipt"):
        client.create_mask(server.photo)


def test_nobody_listens(connect, api, server):
    with ScriptedServer() as gone:
        url = gone.url
    with pytest.raises(TransportError):
        connect(api=api, base_url=url, token="t", tries=2).submit(f"{server.url}/store/a.jpg")


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_a_poll_is_repeated(client, server, api, status):
    server.fail(STATUS[api], status, body=HTML, times=3)
    assert client.create_mask(server.photo).any()


@pytest.mark.parametrize("how", ["reset", "close", "truncate", "hang", "endless"])
def test_a_poll_without_an_answer_is_repeated(connect, server, api, how):
    server.fail(STATUS[api], how=how, body={"status": "succeeded"})
    assert connect(api=api, timeout=0.4).create_mask(server.photo).any()


@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 410, 422])
def test_a_poll_that_stays_wrong(client, server, api, status):
    server.fail(STATUS[api], status, times=99)
    with pytest.raises(FetchError) as caught:
        client.create_mask(server.photo)
    assert (caught.value.status_code, caught.value.job_id) == (status, next(iter(server.tasks)))


@pytest.mark.parametrize("status", [429, 502, 503])
def test_a_poll_that_meets_the_deadline_keeps_the_job(client, server, api, time, status):
    headers = {"Retry-After": "3600"} if status == 429 else {}
    server.fail(STATUS[api], status, headers=headers, times=999)
    with pytest.raises(JobTimeoutError, match=str(status)) as caught:
        client.create_mask(server.photo)
    assert time.clock() > 75 or headers
    server.faults.clear()
    assert client.wait(caught.value.job).any()
    assert server.store.files == {}


@pytest.mark.parametrize("status", [403, 404, 500, 503])
def test_a_result_that_cannot_be_fetched_yet_is_not_lost(client, server, api, status):
    server.fail("GET /results" if api == "v2" else "GET /store", status, times=99, after=int(api == "v1"))
    with pytest.raises(FetchError) as caught:
        client.create_mask(server.photo)
    server.faults.clear()
    assert client.wait(caught.value.job).any()
    assert server.store.files == {}


def test_a_staging_area_that_signs_no_delete_costs_no_mask(connect, server, caplog):
    sign = server.staging.sign

    class Broken:
        def sign(self, method, key, expires_in):
            if method == "DELETE":
                raise OSError("SECRET")
            return sign(method, key, expires_in)

    assert connect(staging=Broken()).create_mask(server.photo).any()
    assert "left behind" in caplog.text
    assert "SECRET" not in caplog.text


def test_keep_keeps_the_photo_of_an_order_that_is_refused(client, server, api):
    server.fail(ORDER[api], 400)
    with pytest.raises(JobFailedError):
        client.create_mask(server.photo, keep=True)
    assert [path.endswith("-photo.jpg") for path in server.store.files] == [True]


def test_retry_after_is_obeyed_in_seconds_and_as_a_date(client, server, api, time):
    server.fail(ORDER[api], 429, headers={"Retry-After": "7"})
    server.fail(STATUS[api], 429, headers={"Retry-After": "11"})
    later = {"Retry-After": "Thu, 01 Jan 2026 00:00:20 GMT", "Date": "Thu, 01 Jan 2026 00:00:00 GMT"}
    server.fail(STATUS[api], 503, headers=later, after=1)
    client.create_mask(server.photo)
    assert [wait for wait in time.slept if wait >= 5] == [7, 11, pytest.approx(20, abs=1.5)]


def test_retry_after_beyond_the_deadline_is_told(client, server, api, time):
    server.fail(ORDER[api], 429, headers={"Retry-After": "3600"})
    with pytest.raises(RateLimitError) as caught:
        client.create_mask(server.photo)
    assert caught.value.retry_after == 3600
    assert sum(time.slept) < 90


def test_a_hint_on_a_status_slows_polling(client, server, api, time):
    body = {"status": "running", "jobId": "1"}
    server.fail(STATUS[api], 200, body=body, headers={"Retry-After": "30"})
    client.create_mask(server.photo)
    assert 30 in time.slept


@pytest.mark.parametrize(
    ("failures", "said"),
    [
        ([Failure(413, "FileTooLarge", "too large", {"max": 10000})], "413 too large"),
        ([Failure(title="broken"), Failure(title="again")], "broken"),
        ([], "job failed"),
    ],
)
def test_a_job_that_fails(client, server, failures, said):
    server.statuses, server.failures = ("running", "failed"), failures
    with pytest.raises(JobFailedError, match=f"(?i){said}") as caught:
        client.create_mask(server.photo)
    assert caught.value.job_id in server.tasks
    assert server.store.files == {}


@pytest.mark.parametrize(
    "errors", [None, [], [{}], {}, {"title": "it broke"}, [{"title": "it broke", "code": "7"}]]
)
def test_failed_in_every_form(connect, server, errors):
    server.statuses, server.status_extra = ("failed",), {"errors": errors}
    with pytest.raises(
        JobFailedError, match="it broke" if errors and "title" in str(errors) else "no reason"
    ):
        connect(api="v1").create_mask(server.photo)


def test_what_a_service_quotes_of_the_urls_it_was_given_is_redacted(client, server, api):
    quoted = Failure(410, "FileLinkInvalidError", "cannot read", {"href": "see http://a/b?sig=THE-SIGNATURE"})
    server.statuses, server.failures = ("failed",), [quoted]
    server.status_extra = (
        {"errorDetails": [{"message": "http://a/b?sig=THE-SIGNATURE"}]} if api == "v2" else {}
    )
    with pytest.raises(JobFailedError) as caught:
        client.create_mask(server.photo)
    assert "THE-SIGNATURE" not in f"{caught.value} {vars(caught.value)}"
    assert "http://a/b?…" in f"{caught.value} {vars(caught.value)}"


def test_an_empty_error_on_success_is_none(connect, server):
    server.status_extra = {"errors": [{}]}
    assert connect(api="v1").create_mask(server.photo).any()


def test_the_id_in_its_other_spelling(connect, server):
    server.status_extra = {"jobId": "other", "jobID": None}
    assert connect(api="v1").create_mask(server.photo).any()


def test_trial_limit_of_a_job(connect, server):
    server.statuses, server.failures = ("failed",), [Failure(402, "TrialLimitExceededError", "used up")]
    with pytest.raises(QuotaError):
        connect(api="v1").create_mask(server.photo)


def test_unknown_statuses_keep_polling(client, server):
    server.statuses = ("not_started", "uploading", "pondering", "succeeded")
    assert client.create_mask(server.photo).any()


@pytest.mark.parametrize("body", ["", "[]", "{}", HTML, '{"status": 7}'])
def test_a_status_that_cannot_be_read_ends_no_wait(client, server, api, body, caplog):
    server.fail(STATUS[api], 200, body=body, times=3)
    assert client.create_mask(server.photo).any()
    assert caplog.text.count("status not readable") == 3


def test_a_status_that_can_never_be_read_keeps_the_job(client, server, api, time):
    server.fail(STATUS[api], 200, body=HTML, times=999)
    with pytest.raises(JobTimeoutError, match="last heard: the body: a JSON object is needed") as caught:
        client.create_mask(server.photo, deadline=60)
    assert 59 < time.clock() <= 61
    server.faults.clear()
    assert client.wait(Job.from_json(caught.value.job.to_json())).any()


@pytest.mark.parametrize("how", [{"status": 200, "body": HTML}, {"status": 200, "body": b""}])
def test_a_result_that_cannot_be_read_is_not_lost(client, server, api, how):
    route, first = ("GET /results/", 0) if api == "v2" else ("GET /store/", 1)
    server.fail(route, **how, times=1, after=first)  # the service itself reads the photo first
    with pytest.raises(ContractError, match="not the picture that was ordered") as caught:
        client.create_mask(server.photo)
    assert server.store.files != {}, "what the job needs is kept"
    assert client.wait(Job.from_json(caught.value.job.to_json())).any()
    assert server.store.files == {}


def test_the_deadline_is_one_and_the_job_can_be_resumed(client, server, api, time):
    server.statuses = ("running",)
    with pytest.raises(JobTimeoutError) as caught:
        client.create_mask(server.photo, deadline=60)
    assert 59 < time.clock() <= 61
    assert len(polls(server)) < 25
    assert server.store.files != {}, "what the job needs is kept"
    server.statuses = ("succeeded",)
    assert client.wait(Job.from_json(caught.value.job.to_json()), deadline=5).any()
    assert server.store.files == {}


def test_a_deadline_passes_while_nothing_is_heard(connect, server):
    began = wall.monotonic()
    from maskkit.adobe import Pace

    server.fail(STATUS["v2"], how="hang", times=99)
    with pytest.raises(JobTimeoutError):
        connect(api="v2", timeout=0.6, pace=Pace(floor=0.01)).create_mask(server.photo, deadline=1.0)
    assert wall.monotonic() - began < 8


def test_v1_asks_the_api_itself_whatever_host_the_receipt_names(connect, server):
    with ScriptedServer() as stranger:
        server.status_base = stranger.url
        assert connect(api="v1").create_mask(server.photo).any()
        assert stranger.received == []


def test_a_job_of_another_service_gets_no_credentials(client, api):
    with ScriptedServer() as stranger:
        path = "/sensei/status/1" if api == "v1" else "/v2/status/1"
        with pytest.raises(ContractError, match="origin"):
            client.poll(Job(api, "1", stranger.url + path))
        assert stranger.received == []


def test_v2_refuses_a_status_on_a_foreign_host(connect, server):
    with ScriptedServer() as stranger:
        server.status_base = stranger.url
        with pytest.raises(ContractError, match="origin") as caught:
            connect(api="v2").create_mask(server.photo)
        assert caught.value.job_id in server.tasks
        assert stranger.received == []
    assert server.store.files == {}


def test_a_result_on_a_foreign_host_gets_no_credentials_and_needs_https(connect, server):
    with ScriptedServer() as stranger:
        server.result_base = stranger.url
        with pytest.raises(ContractError, match="https"):
            connect(api="v2").create_mask(server.photo)
        assert stranger.received == []


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_not_followed(client, server, api, status):
    with ScriptedServer() as stranger:
        for route in (ORDER[api], STATUS[api]):
            server.fail(route, status, headers={"Location": f"{stranger.url}/elsewhere"})
            with pytest.raises(ContractError, match="redirect"):
                client.create_mask(server.photo)
            server.faults.clear()
        assert stranger.received == []


def test_a_redirect_of_the_result_is_not_followed(client, server, api):
    route = "GET /results" if api == "v2" else "GET /store"
    server.fail(route, 302, headers={"Location": "http://127.0.0.1:9/"}, after=int(api == "v1"))
    with pytest.raises((ContractError, JobFailedError)):
        client.create_mask(server.photo)


def test_upload_and_download_are_repeated(client, server, api):
    server.fail("PUT /store", 503)
    server.fail("PUT /store", how="reset", after=0)
    server.fail("GET /results", how="truncate", body="x")
    assert client.create_mask(server.photo).any()
    assert server.store.files == {}


@pytest.mark.parametrize("status", [403, 404, 500])
def test_an_upload_that_is_refused(client, server, status):
    server.fail("PUT /store", status, body="<Error/>", times=99)
    with pytest.raises(FetchError, match="store") as caught:
        client.create_mask(server.photo)
    assert caught.value.status_code == status
    assert orders(server) == []


def test_a_result_that_is_too_large(connect, server, api):
    with pytest.raises(TransportError, match="longer than 500 bytes"):
        connect(api=api, max_bytes=500).create_mask(server.photo)


def test_cleaning_up_that_fails_is_logged_and_no_error(client, server, caplog):
    server.fail("DELETE /store", 500, times=99)
    assert client.create_mask(server.photo).any()
    assert "left behind" in caplog.text


def test_an_http_client_of_ones_own_is_used_not_closed_and_gives_nothing_away(connect, server, api, mode):
    kind = httpx.Client if mode == "sync" else httpx.AsyncClient
    own = kind(
        headers={"x-api-key": "mine", "authorization": "Bearer mine"}, cookies={"a": "b"}, verify=False
    )
    client = connect(api=api, http=own)
    client.create_mask(server.photo)
    assert server.leaks == []
    assert {one.headers.get("cookie") for one in server.received} == {None}
    client.close() if mode == "sync" else client.runner.run(client.client.aclose())
    assert not own.is_closed
    own.close() if mode == "sync" else client.runner.run(own.aclose())


def test_mock_transport(both, mode, api):
    """Users' own tests need no socket."""

    def answer(request):
        return httpx.Response(403, json={"error_code": "403003", "message": "Api Key is invalid"})

    how = {"base_url": "https://masks.example", "api": api, "token": "t"}
    transport = httpx.MockTransport(answer)
    kind = httpx.Client if mode == "sync" else httpx.AsyncClient
    client = both(mode, http=kind(transport=transport), **how)
    with pytest.raises(AuthError, match="Api Key is invalid"):
        client.submit("https://a.example/in.jpg", "https://a.example/out.png")
    client.close()


def test_the_order_as_it_goes_over_the_wire(client, server, api):
    client.create_mask(server.photo, mask_type="binary")
    order = next(one for one in server.received if one.method == "POST" and "ims" not in one.path)
    body = json.loads(order.body)
    assert order.headers["content-type"] == "application/json"
    assert order.headers["x-api-key"] == server.client_id
    assert order.headers["authorization"].startswith("Bearer ")
    if api == "v1":
        assert order.path == "/sensei/mask"
        assert {name: place["storage"] for name, place in body.items()} == {
            "input": "external",
            "output": "external",
        }
        assert body["output"]["mask"] == {"format": "binary"}
    else:
        assert order.path == "/v2/remove-background"
        assert (body["mode"], body["output"]) == ("mask", {"mediaType": "image/png"})


def test_auto_finds_the_contract_once(connect, server, api):
    server.contracts = (api,)
    client = connect(api="auto")
    client.create_mask(server.photo)
    client.create_mask(server.photo)
    orders = [one.path for one in server.received if one.method == "POST" and "ims" not in one.path]
    right = {"v1": "/sensei/mask", "v2": "/v2/remove-background"}[api]
    assert orders == ([right] * 2 if api == "v1" else ["/sensei/mask", right, right])
    assert server.store.files == {}
