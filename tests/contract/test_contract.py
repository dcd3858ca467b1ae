"""What both contracts promise, asked of a server by either client."""

from time import sleep

import httpx
import numpy as np
import pytest

import maskkit as mk
from maskkit import AuthError, ContractError, FetchError, Job, JobFailedError
from maskkit.wire.v1 import Place

SIZE = (48, 64)


@pytest.fixture
def server(party):
    """Here, either server."""
    return party


@pytest.mark.parametrize("format", ["soft", "binary"])
def test_photo_to_mask_and_nothing_left_behind(client, server, api, format):
    mask = client.create_mask(server.photo, mask_type=format)
    assert (mask.shape, mask.dtype) == (SIZE, np.uint8)
    np.testing.assert_array_equal(mask, server.truth(format))
    assert server.store.files == {}
    assert server.leaks == []


def test_keep_leaves_photo_and_result(client, server, api):
    client.create_mask(server.photo, keep=True)
    kept = sorted(path.rpartition("-")[2] for path in server.store.files)
    assert kept == (["photo.jpg", "result.png"] if api == "v1" else ["photo.jpg"])


def test_cutout(client, server):
    cutout = client.create_cutout(server.photo)
    assert (cutout.shape, cutout.dtype) == ((*SIZE, 4), np.uint8)
    np.testing.assert_array_equal(cutout[..., 3], server.truth())


@pytest.mark.parametrize("party", ["maskkit"], indirect=True)
@pytest.mark.parametrize("api", ["v2"])
def test_a_psd_as_the_server_made_it(client, server):
    content = client.create_cutout_file(server.photo, media_type="image/vnd.adobe.photoshop")
    subject = mk.read_layers(content).layer("subject")
    assert subject.pixels.shape == (*SIZE, 3)
    np.testing.assert_array_equal(subject.mask, server.truth())


def test_submit_poll_wait_with_urls_of_ones_own(client, server, api):
    sign = server.staging.sign
    server.store.files["/store/in.jpg"] = server.photo
    job = client.submit(
        sign("GET", "in.jpg", 600),
        sign("PUT", "out.png", 600),
        result_url=sign("GET", "out.png", 600),
    )
    assert job.api == api
    assert client.poll(job).status in ("pending", "running", "not_started", "succeeded")
    np.testing.assert_array_equal(client.wait(job), server.truth())
    assert "/store/out.png" in server.store.files  # v2 has no output: the client copies the file there
    assert server.leaks == []


def test_a_job_outlives_its_client(connect, server, api):
    job = connect(api=api).submit(server.photo)
    text = job.to_json()
    again = Job.from_json(text)
    assert again == job
    assert "sig=" not in text
    assert connect(api=api).wait(again).shape == SIZE
    assert server.store.files == {}


def test_the_answers_as_they_come_over_the_wire(server, api, client):
    """Raw HTTP, so that a server cannot pass by what the client forgives."""
    job = client.submit(server.photo)
    token = client.client.service.tokens.cached(0)
    headers = {"Authorization": f"Bearer {token}", "x-api-key": server.client_id}
    for _ in range(500):
        answer = httpx.get(job.status_url, headers=headers)
        assert answer.status_code == 200
        last = answer.json()
        if last["status"] == "succeeded":
            break
        sleep(0.02)
    if api == "v1":
        assert set(last) == {"jobID", "status", "created", "modified", "input", "_links", "output"}
        assert last["created"].endswith("Z")
        assert last["_links"]["self"]["href"].endswith(job.job_id)
    else:
        assert set(last) == {"jobId", "status", "createdTime", "modifiedTime", "result"}
        assert last["result"]["outputs"][0]["mediaType"] == "image/png"
    client.wait(job)


def test_wrong_token_and_wrong_client(connect, server, api):
    with pytest.raises(AuthError) as caught:
        connect(api=api, token="wrong-token").create_mask(server.photo)
    assert caught.value.status_code == 401
    with pytest.raises(AuthError) as caught:
        connect(api=api, token=server.issue_token(), client_id="stranger").create_mask(server.photo)
    assert caught.value.status_code == 403
    assert server.store.files == {}


def test_unknown_job(client, server, api):
    path = "/sensei/status/" if api == "v1" else "/v2/status/"
    with pytest.raises(FetchError) as caught:
        client.poll(Job(api, "nobody", f"{server.api_url}{path}nobody"))
    assert caught.value.status_code == 404


def test_an_order_that_is_refused(client, server, api):
    url = Place("http://photos.example/a.jpg", "external")
    with pytest.raises(JobFailedError) as caught:
        client.submit(url, server.staging.sign("PUT", "x", 600))
    assert caught.value.status_code == 400
    if api == "v1":
        assert (caught.value.type, caught.value.details[0]["dataPath"]) == (
            "InputValidationError",
            ".input.href",
        )


def test_a_photo_that_cannot_be_reached(client, server, api):
    with pytest.raises(JobFailedError):
        client.wait(
            client.submit(
                f"{server.url}/store/none.jpg?sig=no-such-signature", server.staging.sign("PUT", "x", 600)
            )
        )


def test_v1_needs_a_place_for_its_result(connect, server):
    with pytest.raises(FetchError, match="staging"):
        connect(api="v1", staging=None).submit(f"{server.url}/store/a.jpg")
    with pytest.raises(FetchError, match="staging"):
        connect(api="v2", staging=None).create_mask(server.photo)


def test_a_signature_shorter_than_the_deadline_is_refused_before_a_job_is_spent(client, server):
    sign = server.staging.sign
    with pytest.raises(FetchError, match="sign it for longer"):
        client.submit(sign("GET", "a", 10), sign("PUT", "b", 600), deadline=60)
    assert [one for one in server.received if one.method != "GET"] == []


OTHERS_KEY = Job("v1", "1", "https://a/1", staged=("holiday.jpg",)).to_json()


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", '{"api": "v9", "job_id": "1", "status_url": "x"}', "{", OTHERS_KEY]
)
def test_job_from_other_json(text):
    with pytest.raises(ContractError, match="job"):
        Job.from_json(text)
