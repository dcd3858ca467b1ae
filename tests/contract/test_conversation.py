"""The conversation under bad luck: one deadline over all of it, jobs that outlive errors, tidying up."""

import asyncio
import dataclasses
import time as wall

import httpx
import pytest
from contract.routes import HTML, ORDER, STATUS

from maskkit import (
    AsyncMaskClient,
    AuthError,
    ContractError,
    FetchError,
    Job,
    JobFailedError,
    JobTimeoutError,
    MaybeSubmittedError,
    RateLimit,
    RateLimitError,
    TransportError,
)
from maskkit.adobe import Pace
from maskkit.adobe.effects import Sleep
from maskkit.adobe.service import service_of
from maskkit.adobe.waiting import wait
from maskkit.testing import FakeTime


def orders(server):
    return [one for one in server.received if one.method == "POST" and "ims" not in one.path]


class Slow:
    """A staging area that takes ``seconds`` for every signature but those of the tidying up."""

    def __init__(self, server, time, seconds=0.0):
        self.inner, self.time, self.seconds, self.signed = server.staging, time, seconds, []

    def sign(self, method, key, expires_in):
        if method != "DELETE":
            self.time.sleep(self.seconds)
        self.signed.append((method, key, self.time.clock(), self.time.clock() + expires_in))
        return self.inner.sign(method, key, self.time.clock() + expires_in)  # it signs by the real clock


# One deadline


def test_the_deadline_counts_from_the_first_step(connect, server, api, time):
    server.statuses = ("running",)
    with pytest.raises(JobTimeoutError, match="60 s"):
        connect(api=api, staging=Slow(server, time, 15)).create_mask(server.photo, deadline=60)
    assert 59 < time.clock() <= 61


def test_no_order_is_sent_when_the_time_is_up(connect, server, api, time):
    with pytest.raises(TransportError, match="before the order"):
        connect(api=api, staging=Slow(server, time, 31)).create_mask(server.photo, deadline=60)
    assert orders(server) == []
    assert server.store.files == {}


@pytest.mark.parametrize("route", ["POST /ims", "PUT /store", "GET /results"])
def test_no_step_outlasts_the_deadline(connect, server, route):
    server.fail(route, how="hang", times=99)
    began = wall.monotonic()
    client = connect(api="v2", pace=Pace(floor=0.05), timeout=5.0)
    with pytest.raises(JobTimeoutError if "results" in route else TransportError) as caught:
        client.create_mask(server.photo, deadline=0.8)
    assert wall.monotonic() - began < 3
    if "results" in route:
        server.faults.clear()
        assert client.wait(caught.value.job).any()
    assert server.store.files == {}


def test_waiting_for_somebody_elses_token_is_bounded_too(server):
    server.fail("POST /ims", how="hang", times=99)

    async def two():
        async with AsyncMaskClient(**server.options(pace=Pace(), timeout=5.0)) as service:
            patient = asyncio.create_task(service.submit(server.photo, deadline=60))
            while not any("ims" in one.path for one in server.received):
                await asyncio.sleep(0.01)
            with pytest.raises(TransportError, match="token"):
                await service.submit(server.photo, deadline=0.3)
            patient.cancel()

    began = wall.monotonic()
    asyncio.run(two())
    assert wall.monotonic() - began < 3


def test_time_in_the_own_queue_is_not_the_jobs_and_signatures_begin_after_it(connect, server, api, time):
    limit, staging = RateLimit(2, 3.0), Slow(server, time)
    for _ in range(2000):
        limit.reserve(0.0)
    assert connect(api=api, limit=limit, staging=staging).create_mask(server.photo, deadline=60).any()
    assert time.clock() >= 3000
    for method, key, _, ends in staging.signed:
        if (method, "photo" in key) in ((("GET"), True), (("PUT"), False)):
            assert ends >= 3000 + 60


def test_signatures_of_an_order_that_is_turned_away_are_made_anew(connect, server, time):
    limit, staging = RateLimit(1, 3.0), Slow(server, time)
    server.fail(ORDER["v1"], 429, headers={"Retry-After": "50"})
    connect(api="v1", limit=limit, staging=staging).create_mask(server.photo)
    assert [at for method, key, at, _ in staging.signed if (method, "photo" in key) == ("GET", True)] == [
        0,
        50,
    ]


def test_urls_of_ones_own_must_outlast_the_queue(connect, server, time):
    limit = RateLimit(2, 3.0)
    for _ in range(100):
        limit.reserve(0.0)
    sign = server.staging.sign
    with pytest.raises(FetchError, match="sign it for longer"):
        connect(limit=limit).submit(sign("GET", "a", 100), sign("PUT", "b", 1000), deadline=60)
    assert orders(server) == []


def test_a_hold_that_outlasts_the_deadline_is_told_at_once(connect, server, time):
    limit = RateLimit(2, 3.0)
    limit.hold(3600.0)
    with pytest.raises(RateLimitError) as caught:
        connect(limit=limit).create_mask(server.photo, deadline=60)
    assert caught.value.retry_after == pytest.approx(3600, abs=1)
    assert time.clock() < 60
    assert server.store.files == {}


@pytest.mark.parametrize("phase", ["order", "status"])
def test_headers_that_never_end_meet_the_deadline(connect, server, api, phase):
    route = (ORDER if phase == "order" else STATUS)[api]
    server.fail(route, how="drip", times=99)
    began = wall.monotonic()
    client = connect(api=api, pace=Pace(floor=0.05), timeout=5.0)
    with pytest.raises(MaybeSubmittedError if phase == "order" else JobTimeoutError):
        client.create_mask(server.photo, deadline=1.0)
    assert wall.monotonic() - began < 4
    assert len(orders(server)) == 1


def test_a_busy_pool_sent_no_order(server):
    """Waiting for one of the caller's own few connections is no doubt about an order."""
    server.fail("GET /hold", how="hang")

    async def submit():
        async with httpx.AsyncClient(limits=httpx.Limits(max_connections=1)) as http:
            holds = asyncio.create_task(http.get(f"{server.url}/hold"))
            while not server.received:
                await asyncio.sleep(0.01)
            service = AsyncMaskClient(**server.options(token="t", pace=Pace(), http=http, timeout=0.3))
            how = {"output_url": f"{server.url}/store/b", "deadline": 0.3}
            with pytest.raises(TransportError):
                await service.submit(f"{server.url}/store/a", **how)
            holds.cancel()

    asyncio.run(submit())
    assert orders(server) == []


@pytest.mark.parametrize("route", ["POST /ims", "GET /results", "PUT /store"])
def test_retry_after_is_obeyed_everywhere(connect, server, time, route):
    later = {"Retry-After": "Thu, 01 Jan 2026 00:00:20 GMT", "Date": "Thu, 01 Jan 2026 00:00:00 GMT"}
    server.fail(route, 429, headers={"Retry-After": "7"})
    server.fail(route, 503, headers=later)
    limit = RateLimit(2, 3.0)
    connect(api="v2", limit=limit).create_mask(server.photo)
    assert [wait for wait in time.slept if wait >= 5] == [7, pytest.approx(20, abs=1.5)]
    assert limit.held(0.0) == 0, "who else is busy holds no orders"


def test_an_order_is_sent_in_its_turn(connect, server, time):
    """The token is there before: else the first of many orders would meet those of the next window."""
    asked = []
    real = server.issue_token

    def provider():
        asked.append(time.clock())
        time.sleep(2)
        return real()

    staging = Slow(server, time)
    connect(api="v1", staging=staging, token=provider, limit=RateLimit(1, 3.0)).create_mask(server.photo)
    assert asked == [0]
    assert {at for method, _, at, _ in staging.signed if method == "GET"} >= {2.0}


# Jobs that outlive errors


@pytest.mark.parametrize("answer", [(500, None), (500, HTML), (501, HTML), (520, "")])
def test_a_poll_that_meets_any_5xx_goes_on(client, server, api, caplog, answer):
    status, body = answer
    server.fail(STATUS[api], status, body=body, times=7)
    assert client.create_mask(server.photo).any()
    assert f"after={status}" in caplog.text


def resumed(client, server, error):
    """The mask of the job that an error carries, by way of JSON; everything is removed afterwards."""
    assert server.store.files != {}, "what the job needs is kept"
    server.faults.clear()
    mask = client.wait(Job.from_json(error.job.to_json()))
    assert server.store.files == {}
    return mask


@pytest.mark.parametrize(
    "answer",
    [
        (401, None, AuthError),
        (403, None, AuthError),
        (403, HTML, AuthError),
        (402, None, FetchError),
        (500, None, JobTimeoutError),
        (302, HTML, ContractError),
        (200, HTML, JobTimeoutError),
        (200, "[]", JobTimeoutError),
        (404, HTML, FetchError),
        (404, None, FetchError),
    ],
)
def test_a_wait_that_ends_badly_leaves_the_job(client, server, api, answer):
    status, body, kind = answer
    server.fail(STATUS[api], status, body=body, times=999, after=1)
    with pytest.raises(kind) as caught:
        client.create_mask(server.photo)
    assert resumed(client, server, caught.value).any()


@pytest.mark.parametrize("status", [400, 410])
def test_a_job_that_the_service_does_not_know_is_over(client, server, api, status):
    server.fail(STATUS[api], status, times=99)
    with pytest.raises(JobFailedError) as caught:
        client.create_mask(server.photo)
    assert caught.value.job is None
    assert server.store.files == {}


def test_a_provider_that_fails_in_mid_poll_leaves_the_job(connect, server, api):
    given = []

    def provider():
        if len(given) == 1:
            given.append("")
            raise OSError("the vault is closed")
        given.append(server.issue_token())
        return given[-1]

    client = connect(api=api, token=provider)
    server.fail(STATUS[api], 401)
    with pytest.raises(AuthError, match="OSError") as caught:
        client.create_mask(server.photo)
    assert resumed(client, server, caught.value).any()


def test_tokens_that_expire_again_and_again_are_renewed_each_time(client, server, api):
    for after in (0, 1, 2):
        server.fail(STATUS[api], 401, after=after)
        server.fail(STATUS[api], 503, after=after)
    assert client.create_mask(server.photo).any()


def test_a_job_is_asked_for_however_short_the_deadline():
    service = service_of(base_url="http://127.0.0.1:1", pace=FakeTime().pace())
    talk = wait(service, Job("v1", "1", "http://127.0.0.1:1/1"), service.ends(0.4))
    assert next(talk) == Sleep(0.2)


@pytest.mark.parametrize("seconds", [-5, -100_000])
def test_a_result_url_that_has_expired(connect, server, seconds):
    client, sign = connect(api="v1"), server.staging.sign
    server.store.files["/store/in.jpg"] = server.photo
    ours = sign("GET", "in.jpg", 600), sign("PUT", "out.png", 600)
    job = client.submit(*ours, result_url=sign("GET", "out.png", 600))
    with pytest.raises(AuthError, match=r"expired at 20\d\d-.*sign it again") as caught:
        client.wait(dataclasses.replace(job, result_url=sign("GET", "out.png", seconds)))
    fresh = dataclasses.replace(caught.value.job, result_url=sign("GET", "out.png", 600))
    assert client.wait(fresh).any()
    with pytest.raises(FetchError, match="sign it for longer"):
        client.submit(*ours, result_url=sign("GET", "out.png", 5))


# Credentials stay at the API


def test_a_user_in_a_status_url_goes_nowhere(connect, server, api):
    server.status_base = server.url.replace("//", "//user:word@")
    client = connect(api=api)
    if api == "v1":  # the service's own words are not needed
        assert client.create_mask(server.photo).any()
    else:
        with pytest.raises(ContractError, match="origin"):
            client.create_mask(server.photo)
    polled = [one.headers["authorization"] for one in server.received if "status" in one.path]
    assert all(value.startswith("Bearer ") for value in polled)
    before = len(server.received)
    with pytest.raises(ContractError, match="origin"):
        client.poll(Job(api, "1", f"{server.status_base}/sensei/status/1"))
    assert len(server.received) == before


# Tidying up


class Held:
    """A staging area whose DELETE signatures wait until they are let go."""

    def __init__(self, server):
        self.inner, self.asked, self.free = server.staging, asyncio.Event(), asyncio.Event()

    async def sign(self, method, key, expires_in):
        if method == "DELETE":
            self.asked.set()
            await self.free.wait()
        return self.inner.sign(method, key, expires_in)


@pytest.mark.parametrize("end", ["succeeded", "failed", "cancelled", "refused"])
@pytest.mark.parametrize("times", [1, 2])
def test_cancelled_while_tidying_up(server, end, times):
    async def run():
        staging = Held(server)
        async with AsyncMaskClient(**server.options(staging=staging, pace=FakeTime().pace())) as service:
            task = asyncio.create_task(service.create_mask(server.photo))
            if end == "cancelled":
                while not any("status" in one.path for one in server.received):
                    await asyncio.sleep(0.005)
                task.cancel()
            await staging.asked.wait()
            for _ in range(times):
                task.cancel()
                await asyncio.sleep(0.01)
            staging.free.set()
            with pytest.raises(asyncio.CancelledError):
                await task

    server.statuses = {"failed": ("failed",), "cancelled": ("running",)}.get(end, ("succeeded",))
    if end == "refused":
        server.fail(ORDER["v1"], 400)
    if end == "cancelled":
        server.fail(STATUS["v1"], how="hang")
    asyncio.run(run())
    assert server.store.files == {}


def one_is_refused(server, api):
    server.statuses = ("running",)
    server.fail(ORDER[api], 400, after=3)


def test_a_failure_in_a_gather_leaves_no_photos(server, api):
    """gather() cancels nobody: closing the client does."""

    async def run():
        async with AsyncMaskClient(**server.options(api=api, pace=Pace(floor=0.05))) as service:
            await asyncio.gather(*[service.create_mask(server.photo) for _ in range(6)])

    one_is_refused(server, api)
    with pytest.raises(JobFailedError):
        asyncio.run(run())
    assert server.store.files == {}


def test_a_failure_in_a_task_group_leaves_no_photos(server, api):
    async def run():
        client = AsyncMaskClient(**server.options(api=api, pace=Pace(floor=0.05)))
        async with client as service, asyncio.TaskGroup() as group:
            for _ in range(6):
                group.create_task(service.create_mask(server.photo))

    one_is_refused(server, api)
    with pytest.raises(ExceptionGroup):
        asyncio.run(run())
    assert server.store.files == {}


def test_tidying_up_has_an_end_of_its_own(connect, server):
    server.fail("DELETE /store", 503, times=999)
    time = FakeTime()
    assert connect(api="v1", tries=99, pace=time.pace()).create_mask(server.photo, deadline=40).any()
    assert time.clock() < 50


def test_interrupted_while_tidying_up(connect, server, mode):
    if mode == "async":
        pytest.skip("asyncio turns Ctrl-C into a cancellation")
    inner, pressed = server.staging.sign, []

    class Pressed:
        def sign(self, method, key, expires_in):
            if method == "DELETE" and not pressed:
                pressed.append(key)
                raise KeyboardInterrupt
            return inner(method, key, expires_in)

    with pytest.raises(KeyboardInterrupt):
        connect(api="v1", staging=Pressed()).create_mask(server.photo)
    assert server.store.files == {}
