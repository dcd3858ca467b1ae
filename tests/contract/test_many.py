"""Many jobs at once, tokens that expire, and cancellation in every phase."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from maskkit import AsyncMaskClient, AuthError, MaskClient, RateLimit
from maskkit.testing import FakeTime


def tokens_asked(server):
    return len([one for one in server.received if one.path.startswith("/ims/")])


def test_a_hundred_concurrent_jobs_share_one_token_and_keep_to_the_rate(server, time):
    async def gather():
        how = server.options(pace=time.pace(), limit=RateLimit(2, 3.0))
        async with AsyncMaskClient(**how) as service:
            # Sleeping moves the clock of all, answers come in real time: the deadline must not meet them.
            jobs = [service.create_mask(server.photo, deadline=36000) for _ in range(100)]
            return await asyncio.gather(*jobs)

    masks = asyncio.run(gather())
    assert len(masks) == len(server.tasks) == 100
    assert all((mask == masks[0]).all() for mask in masks)
    assert tokens_asked(server) == 1
    assert time.clock() >= 49 * 3, "the 100th order is in the 50th window of 3 s"
    assert server.store.files == {}
    assert server.leaks == []


def test_threads_share_a_client(server):
    time = FakeTime()
    with MaskClient(**server.options(pace=time.pace())) as service, ThreadPoolExecutor(8) as pool:
        masks = list(pool.map(lambda _: service.create_mask(server.photo), range(16)))
    assert len(masks) == 16
    assert tokens_asked(server) == 1


def test_a_token_is_kept_until_it_is_about_to_expire(connect, server, time):
    server.token_lasts = 600
    client = connect()
    for now, asked in ((0, 1), (500, 1), (539, 1), (541, 2)):
        time.sleep(now - time.clock())
        client.poll(client.submit(f"{server.url}/store/a", server.staging.sign("PUT", "b", 900)))
        assert tokens_asked(server) == asked, now


def test_a_token_that_expires_in_mid_poll_is_renewed_once(client, server, time):
    sleeps = []

    def sleep(seconds, move=time.sleep):
        move(seconds)
        sleeps.append(seconds)
        if len(sleeps) == 2:
            server.expire_tokens()

    time.sleep = sleep
    if client.mode == "async":
        real = time.sleep_async

        async def sleep_async(seconds):
            await real(seconds)
            sleeps.append(seconds)
            if len(sleeps) == 2:
                server.expire_tokens()

        time.sleep_async = sleep_async
    object.__setattr__(client.client.service, "pace", time.pace())
    assert client.create_mask(server.photo).any()
    assert tokens_asked(server) == 2


def test_a_token_that_was_given_cannot_be_renewed(connect, server):
    client = connect(token=server.issue_token())
    assert client.create_mask(server.photo).any()
    server.expire_tokens()
    with pytest.raises(AuthError, match="token"):
        client.create_mask(server.photo)
    assert tokens_asked(server) == 0


def test_a_provider_is_asked_again_when_its_token_is_refused(connect, server, mode):
    given = []

    def provider():
        given.append(server.issue_token())
        return given[-1]

    async def provider_async():
        return provider()

    client = connect(token=provider_async if mode == "async" else provider)
    client.create_mask(server.photo)
    client.create_mask(server.photo)
    assert len(given) == 1
    server.expire_tokens()
    client.create_mask(server.photo)
    assert len(given) == 2


def test_a_provider_that_says_how_long_its_token_lasts(connect, server, time):
    given = []

    def provider():
        given.append(server.issue_token())
        return given[-1], 100.0

    client = connect(token=provider)
    client.create_mask(server.photo)
    time.sleep(95)
    client.create_mask(server.photo)
    assert len(given) == 2


def test_a_wrong_secret(connect, server):
    client = connect(client_secret="not-the-secret-it-is")
    with pytest.raises(AuthError, match=r"client_secret.*invalid_client"):
        client.create_mask(server.photo)
    assert server.store.files == {}


@pytest.mark.parametrize("fault", [{"status": 503}, {"status": 429}, {"how": "reset"}, {"how": "truncate"}])
def test_the_token_call_is_repeated(client, server, fault):
    server.fail("POST /ims", **fault)
    assert client.create_mask(server.photo).any()


@pytest.mark.parametrize("body", ["", "[]", '{"access_token": "x"}', "<html>"])
def test_a_token_answer_that_cannot_be_read(client, server, body):
    server.fail("POST /ims", 200, body=body)
    with pytest.raises(Exception, match="access_token and expires_in"):
        client.create_mask(server.photo)


PHASES = {
    "uploading": "PUT /store",
    "asking for a token": "POST /ims",
    "ordering v1": "POST /sensei",
    "polling v1": "GET /sensei/status",
    "ordering v2": "POST /v2",
    "polling v2": "GET /v2/status",
    "fetching v2": "GET /results",
}


async def cancelled_at(server, route, api, cancel):
    """Cancel a job when a request of ``route`` has arrived, which is not answered."""
    server.fail(route, how="hang", times=99)
    async with AsyncMaskClient(**server.options(api=api, pace=FakeTime().pace())) as service:
        task = asyncio.create_task(service.create_mask(server.photo))
        while not any(f"{one.method} {one.path}".startswith(route) for one in server.received):
            await asyncio.sleep(0.005)
        await cancel(task)


@pytest.mark.parametrize("phase", PHASES)
def test_cancelled_in_every_phase_nothing_is_left_behind(server, phase):
    async def cancel(task):
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(cancelled_at(server, PHASES[phase], "v2" if "v2" in phase else "v1", cancel))
    assert server.store.files == {}


@pytest.mark.parametrize("phase", ["uploading", "polling v1"])
def test_cancelled_twice_the_cleaning_up_goes_on(server, phase):
    async def cancel(task):
        task.cancel()
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(cancelled_at(server, PHASES[phase], "v1", cancel))
    assert server.store.files == {}


def test_a_time_out_of_the_callers_own(server):
    async def impatient():
        server.statuses = ("running",)
        async with AsyncMaskClient(**server.options()) as service:
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.5):
                    await service.create_mask(server.photo)

    asyncio.run(impatient())
    assert server.store.files == {}


def test_a_cancel_scope_of_anyio_which_cancels_again_and_again(server):
    anyio = pytest.importorskip("anyio")  # what web frameworks cancel a request with; httpx brings it

    async def impatient():
        server.statuses = ("running",)
        async with AsyncMaskClient(**server.options()) as service:
            with anyio.move_on_after(0.5) as scope:
                await service.create_mask(server.photo)
            assert scope.cancelled_caught

    anyio.run(impatient)
    assert server.store.files == {}


@pytest.mark.parametrize("word", ["staging", "submitted", "running 1 s", "fetched"])
def test_interrupted_in_every_phase_nothing_is_left_behind(client, server, word):
    """Ctrl-C, as a progress line of the caller's would see it."""

    def tell(said):
        if said == word:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        client.create_mask(server.photo, tell=tell)
    assert server.store.files == {}


def test_no_thread_outlives_a_server(server):
    before = threading.active_count()
    with MaskClient(**server.options(pace=FakeTime().pace())) as service:
        service.create_mask(server.photo)
    assert threading.active_count() <= before + 2
