"""v2's options of a cutout: ordered by their names, honoured or refused by both servers, never dropped."""

import io
import json

import httpx
import numpy as np
import pytest
from PIL import Image

from maskkit import (
    AsyncMaskClient,
    ContractError,
    Job,
    JobFailedError,
    MaskClient,
    MaskkitWarning,
    PixelError,
)
from maskkit.testing import FakeTime, ScriptedServer


@pytest.fixture
def server():
    with ScriptedServer() as scripted:
        yield scripted


@pytest.fixture
def client(server):
    with MaskClient(**server.options(api="v2", pace=FakeTime().pace())) as service:
        yield service


def ordered(server):
    [order] = [one for one in server.received if one.path == "/v2/remove-background"]
    return json.loads(order.body)


def test_what_is_not_asked_is_not_sent(server, client):
    client.create_cutout(server.photo)
    assert ordered(server).keys() == {"image", "mode", "output"}


def test_what_is_asked_is_sent(server, client):
    client.create_cutout(server.photo, trim=True, background="rgb(10 200 30 / 50%)", decontaminate=0.25)
    body = ordered(server)
    assert (body["mode"], body["trim"], body["colorDecontamination"]) == ("cutout", True, 0.25)
    assert body["backgroundColor"] == {"red": 10, "green": 200, "blue": 30, "alpha": 0.5}


def test_trimmed(server, client):
    whole, small = client.create_cutout(server.photo), client.create_cutout(server.photo, trim=True)
    left, top, right, bottom = Image.fromarray(whole).getchannel("A").getbbox()
    assert np.array_equal(small, whole[top:bottom, left:right])
    assert small.shape != whole.shape


def test_on_a_background(server, client):
    whole, flat = client.create_cutout(server.photo), client.create_cutout(server.photo, background="#0a141e")
    assert flat.shape == whole.shape
    assert (flat[..., 3] == 255).all()
    expected = Image.alpha_composite(Image.new("RGBA", (64, 48), (10, 20, 30, 255)), Image.fromarray(whole))
    assert np.abs(flat.astype(int) - np.asarray(expected)).max() <= 1


def test_an_edited_job_is_waited_for_elsewhere(server, client):
    edits = {"trim": True, "background": None, "decontaminate": None}
    from maskkit.clients.talks import edits_of, start

    job, _ = client.run(
        start(
            client.service,
            server.photo,
            kind="cutout",
            edits=edits_of(**edits),
            deadline=client.service.ends(),
        )
    )
    assert Job.from_json(job.to_json()) == job
    small = client.wait(Job.from_json(job.to_json()))
    assert small.shape[0] < 48


@pytest.mark.parametrize(("kind", "format"), [("png", "PNG"), ("webp", "WEBP"), ("jpeg", "JPEG")])
def test_a_file_of_each_type(server, client, kind, format):
    content = client.create_cutout_file(server.photo, media_type=f"image/{kind}")
    picture = Image.open(io.BytesIO(content))
    assert (picture.format, picture.size) == (format, (64, 48))
    assert ordered(server)["output"] == {"mediaType": f"image/{kind}"}
    assert server.store.files == {}


def test_the_scripted_server_calls_nobody_back_and_says_so(server):
    from maskkit.wire import v2

    order = v2.Request("https://a.test/a.jpg", notifiers=(v2.Notifier("https://shop.example/done"),))
    headers = {"authorization": f"Bearer {server.issue_token()}", "x-api-key": server.client_id}
    url = f"{server.url}/v2/remove-background"
    answer = httpx.post(url, json=v2.write_request(order), headers=headers)
    assert (answer.status_code, "notifiers" in answer.text) == (400, True)


def test_a_psd_is_ordered_as_one_and_handed_on(server, client):
    """The scripted server writes none and says so; what a service sends is not opened."""
    with pytest.raises(JobFailedError, match="PSD"):
        client.create_cutout_file(server.photo, media_type="image/vnd.adobe.photoshop")
    assert ordered(server)["mode"] == "psd"
    job = Job("v2", "1", f"{server.url}/v2/status/1", "cutout")
    from maskkit.clients.receive import file_of

    assert file_of(b"8BPS\0\1", "image/vnd.adobe.photoshop") == b"8BPS\0\1"
    assert job.edits == ()


def test_a_file_of_another_type_is_told_and_the_job_kept(server, client):
    server.fail("GET /results/", 200, body=b"\xff\xd8\xff a JPEG")
    with pytest.raises(ContractError, match="not the image/webp") as caught:
        client.create_cutout_file(server.photo, media_type="image/webp")
    assert caught.value.job is not None


def test_async_is_the_same(server):
    import asyncio

    async def both():
        async with AsyncMaskClient(**server.options(api="v2", pace=FakeTime().pace())) as service:
            small = await service.create_cutout(server.photo, trim=True)
            return small, await service.create_cutout_file(server.photo, trim=True)

    small, file = asyncio.run(both())
    assert np.array_equal(small, np.asarray(Image.open(io.BytesIO(file))))


@pytest.mark.parametrize(
    "how", [{"trim": True}, {"background": "red"}, {"decontaminate": 0.5}, {"media_type": "image/webp"}]
)
def test_v1_has_none_of_it_and_that_is_said_before_anything_is_sent(server, how):
    with MaskClient(**server.options(api="v1")) as service:
        verb = service.create_cutout_file if "media_type" in how else service.create_cutout
        with pytest.raises(ContractError, match=f"^{next(iter(how))}: v1"):
            verb(server.photo, **how)
    assert server.received == []


@pytest.mark.parametrize(
    ("how", "name"),
    [
        ({"decontaminate": 1.5}, "decontaminate"),
        ({"background": "no colour"}, "no colour"),
        ({"trimm": True}, "trim"),
    ],
)
def test_wrong_values_cost_nothing(server, client, how, name):
    with pytest.raises(PixelError, match=name):
        client.create_cutout(server.photo, **how)
    with pytest.raises(PixelError, match="media_type"):
        client.create_cutout_file(server.photo, media_type="image/gif")
    assert server.received == []


def test_an_edited_cutout_of_a_photo_that_was_scaled_down_is_told(server, client, monkeypatch):
    monkeypatch.setitem(__import__("maskkit.clients.talks", fromlist=["SIDES"]).SIDES, "v2", 32)
    with pytest.warns(MaskkitWarning, match="size that was sent"):
        flat = client.create_cutout(server.photo, background="white")
    assert flat.shape == (24, 32, 4)
