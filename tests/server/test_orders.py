"""Both contracts, from the order to the picture in the store."""

import contextlib
import io
import itertools
import json
import logging
import re
import socket
import sqlite3
import time

import httpx
import numpy as np
import pytest
from PIL import Image

import maskkit as mk
from maskkit.recipe import Recipe
from maskkit.server import orders
from maskkit.server.compute import Product
from maskkit.server.orders import VERSION, Order, UnreadableOrderError

from .conftest import photo_bytes, picture, running, settings, true_mask

fresh = map("/out-{}.png".format, itertools.count())


@pytest.fixture(scope="module")
def source(store):
    return store.put("/in.png", photo_bytes())


def test_v1_soft_mask_is_grey_rgb_of_the_photos_size(service, store, source):
    path = next(fresh)
    status = service.wait(service.order(source, store.url(path)))
    assert status["status"] == "succeeded"
    mask = picture(store.blobs[path])
    assert (mask.format, mask.mode, mask.size) == ("PNG", "RGB", (64, 48))
    levels = np.asarray(mask)
    assert (levels[..., 0] == levels[..., 1]).all()
    assert (levels[..., 0] == levels[..., 2]).all()
    assert levels[24, 32, 0] == 255
    assert levels[0, 0, 0] == 0
    assert np.array_equal(levels[..., 0], true_mask(photo_bytes()))


def test_v1_binary_mask_has_two_values(service, store, source):
    path = next(fresh)
    status = service.wait(service.order(source, store.url(path), format="binary"))
    assert status["output"]["mask"] == {"format": "binary"}
    assert set(np.unique(np.asarray(picture(store.blobs[path])))) == {0, 255}


@pytest.mark.parametrize("contract", ["v1", "v2"])
def test_what_the_library_warned_of_stands_in_a_header_of_the_status(service, store, contract, caplog):
    """The status documents of both contracts have no member for it."""
    stream = io.BytesIO()
    picture(photo_bytes()).convert("CMYK").save(stream, "JPEG")
    photos = (store.put("/cmyk.jpg", stream.getvalue()), store.put("/rgb.png", photo_bytes()))
    members = []
    for photo, warned in zip(photos, (True, False), strict=True):
        with caplog.at_level(logging.INFO, logger="maskkit.server"):
            job = (
                service.order(photo, store.url(next(fresh))) if contract == "v1" else service.order_v2(photo)
            )
            assert service.wait(job)["status"] == "succeeded"
        answer = service.client.get(job)
        assert ("CMYK without a profile" in answer.headers.get("x-maskkit-warning", "")) is warned
        members.append(answer.json().keys())
    assert members[0] == members[1]
    assert len([one for one in caplog.messages if "CMYK without a profile" in one]) == 1


def test_v1_cutout_leaves_every_colour_as_it_was(service, store, source):
    path = next(fresh)
    assert service.wait(service.order(source, store.url(path), kind="cutout"))["status"] == "succeeded"
    cut = np.asarray(picture(store.blobs[path]))
    assert np.array_equal(cut[..., :3], np.asarray(picture(photo_bytes())))
    assert cut[0, 0, 3] == 0
    assert cut[24, 32, 3] == 255


@pytest.mark.parametrize("case", [("mask", "rgba", "RGBA"), ("cutout", "rgb", "RGB")])
def test_v1_colour_space(service, store, source, case):
    kind, space, mode = case
    path = next(fresh)
    output = {"href": store.url(path), "storage": "external", "color": {"space": space}}
    assert service.wait(service.order(source, "", kind=kind, output=output))["status"] == "succeeded"
    assert picture(store.blobs[path]).mode == mode


@pytest.mark.parametrize(
    "case",
    [
        ("external", "PUT", None),
        ("azure", "PUT", ("x-ms-blob-type", "BlockBlob")),
        ("dropbox", "POST", ("content-type", "application/octet-stream")),
    ],
)
def test_each_store_is_written_as_it_wants(service, store, source, case):
    storage, verb, header = case
    path = next(fresh)
    output = {"href": store.url(path), "storage": storage}
    assert service.wait(service.order(source, "", output=output))["status"] == "succeeded"
    seen = [(method, headers) for method, target, headers, _ in store.seen if target.startswith(path)]
    assert [method for method, _ in seen] == [verb]
    sent = {name.lower(): value for name, value in seen[0][1].items()}
    assert "authorization" not in sent
    assert "x-api-key" not in sent
    assert sent["host"] == store.base.removeprefix("http://")
    if header:
        assert sent[header[0]] == header[1]
    else:
        assert "content-type" not in sent


def test_members_that_adobes_clients_send_beside_are_admitted(service, store, source):
    path = next(fresh)
    output = {"href": store.url(path), "storage": "external", "type": "image/png", "mask": {"format": "soft"}}
    options = {"optimize": "batch", "service": {"version": "4.0"}, "process": {"postprocess": True}}
    url = service.order(source, "", output=output, options=options)
    assert service.wait(url)["status"] == "succeeded"


def test_status_of_v1_has_the_contracts_members(service, store, source):
    url = service.order(source, store.url(next(fresh)))
    job_id = url.rpartition("/")[2]
    status = service.wait(url)
    assert status["jobID"] == job_id
    assert status["_links"]["self"]["href"] == url == f"{service.base}/sensei/status/{job_id}"
    assert status["created"] <= status["modified"]
    assert status["modified"].endswith("Z")
    assert len(status["modified"]) == len("2020-02-11T21:08:43.789Z")
    assert "errors" not in status
    assert "SECRETSIGNATURE" not in str(status), "the signature has served and is forgotten"


def test_v2_mask_is_hosted_and_needs_no_credentials(service, source):
    status = service.wait(service.order_v2(source, mode="mask"))
    [output] = status["result"]["outputs"]
    answer = service.client.get(output["destination"]["url"])
    assert answer.headers["content-type"] == output["mediaType"] == "image/png"
    assert np.array_equal(np.asarray(picture(answer.content)), true_mask(photo_bytes()))


def test_v2_cutout_trims_and_paints_the_background(service, source):
    red = {"red": 10, "green": 200, "blue": 30}
    url = service.order_v2(
        source, trim=True, backgroundColor=red, output={"mediaType": "image/webp"}, colorDecontamination=0
    )
    [output] = service.wait(url)["result"]["outputs"]
    made = picture(service.client.get(output["destination"]["url"]).content)
    assert made.format == "WEBP"
    assert made.size[0] < 64
    assert made.size[1] < 48
    assert abs(np.asarray(made.convert("RGB"))[0, 0].astype(int) - (10, 200, 30)).max() < 40


@pytest.mark.parametrize(("amount", "expected"), [(None, 1.0), (0.5, 0.5), (0, 0.0)])
def test_v2_takes_the_old_background_out_of_the_edge(service, source, amount, expected):
    asked = {} if amount is None else {"colorDecontamination": amount}
    [output] = service.wait(service.order_v2(source, **asked))["result"]["outputs"]
    cut = np.asarray(picture(service.client.get(output["destination"]["url"]).content))
    photo = np.asarray(picture(photo_bytes()))
    assert np.array_equal(cut[..., :3], mk.decontaminate(photo, cut[..., 3], expected))
    assert np.array_equal(cut[..., :3], photo) == (expected == 0)


def test_a_status_answers_to_its_own_contract_only(service, source):
    job_id = service.order_v2(source, mode="mask").rpartition("/")[2]
    assert service.client.get(f"/sensei/status/{job_id}").status_code == 404
    assert service.client.get(f"/v2/status/{job_id}").status_code == 200


def redirect(handler):
    handler.answer(302, b"", Location=handler.server.store.base + "/in.png")


def truncate(handler):
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    handler.wfile.write(b"only this")


def reset(handler):
    handler.connection.shutdown(socket.SHUT_RDWR)


def compressed(handler):
    handler.answer(200, b"x" * 100, **{"Content-Encoding": "gzip"})


@pytest.mark.parametrize(
    "case",
    [
        ([403], 410, "FileLinkInvalidError", 1),
        ([404], 404, "ResourceNotFound", 1),
        ([410], 410, "FileLinkInvalidError", 1),
        ([redirect], 410, "FileLinkInvalidError", 1),
        ([500] * 3, 503, "StorageUnavailableError", 3),
        ([503, reset, truncate], 503, "StorageUnavailableError", 3),
        ([compressed], 400, "InputValidationError", 1),
    ],
)
def test_an_input_that_its_store_does_not_give(service, store, case):
    faults, code, kind, requests = case
    path = next(fresh)
    store.script[path] = list(faults)
    status = service.wait(service.order(store.put(path, photo_bytes()), store.url(next(fresh))))
    assert status["status"] == "failed"
    [error] = status["errors"]
    assert (error["code"], error["type"]) == (code, kind)
    assert error["title"].startswith("input: ")
    assert "SECRET" not in str(status)
    assert sum(target.startswith(path) for _, target, _, _ in store.seen) == requests


S3_SAYS = b"""<?xml version="1.0"?><Error><Code>SignatureDoesNotMatch</Code><Message>The request signature
we calculated does not match: see https://s3.test/doc?X-Amz-Signature=SECRETSIGNATURE &amp; more</Message>
<StringToSign>AWS4 SECRETSIGNATURE</StringToSign></Error>"""


def says(status, content):
    return lambda handler: handler.answer(status, content, **{"Content-Type": "application/xml"})


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (
            S3_SAYS,
            "SignatureDoesNotMatch: The request signature we calculated does not match: "
            "see https://s3.test/doc?… & more",
        ),
        (
            b"<Error><Code>AccessDenied</Code><Message>Request has expired</Message>",
            "AccessDenied: Request has expired",
        ),
        (b"<html>an intranet page</html>", ""),
        (b"<Code>" + b"x" * 100_000, ""),
    ],
)
@pytest.mark.parametrize("member", ["input", "output"])
def test_what_a_store_says_is_passed_on_without_secrets(service, store, content, reason, member):
    path, out = next(fresh), next(fresh)
    href = store.put(path, photo_bytes())
    store.script[path if member == "input" else out] = [says(403, content)]
    [error] = service.wait(service.order(href, store.url(out)))["errors"]
    assert error["title"] == f"{member}: the store refused (403)" + (f": {reason}" if reason else "")
    assert error["details"] == {"status": 403} | ({"reason": reason} if reason else {})
    assert "SECRET" not in str(error)


def test_an_azure_link_is_one_whatever_the_order_calls_it(service, store, source):
    path = next(fresh)
    href = f"{store.base}{path}?sv=2024-08-04&sr=b&sig=SECRETSIGNATURE"
    output = {"href": href, "storage": "external"}
    assert service.wait(service.order(source, "", output=output))["status"] == "succeeded"
    [(verb, headers)] = [
        (verb, headers) for verb, target, headers, _ in store.seen if target.startswith(path)
    ]
    sent = {name.lower(): value for name, value in headers.items()}
    assert (verb, sent["x-ms-blob-type"]) == ("PUT", "BlockBlob")


def test_a_store_that_recovers_is_asked_again(service, store):
    path, out = next(fresh), next(fresh)
    store.script[path], store.script[out] = [500, reset], [503, reset]
    status = service.wait(service.order(store.put(path, photo_bytes()), store.url(out)))
    assert status["status"] == "succeeded"
    assert picture(store.blobs[out]).size == (64, 48)


@pytest.mark.parametrize(("fault", "code"), [(403, 410), (500, 503), (302, 410)])
def test_an_output_that_its_store_does_not_take(service, store, source, fault, code):
    out = next(fresh)
    store.script[out] = [fault] * 3
    status = service.wait(service.order(source, store.url(out)))
    assert status["errors"][0]["code"] == code
    assert status["errors"][0]["title"].startswith("output: ")
    assert out not in store.blobs


def bomb():
    stream = io.BytesIO()
    Image.new("L", (3000, 3000)).save(stream, "PNG")
    return stream.getvalue()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"just text, no picture", "input: "),
        (b"", "input: "),
        (photo_bytes()[:200], "input: "),
        (bomb(), "pixels"),
        (b"\xff" * 2_000_001, "larger than 2000000 bytes"),
    ],
    ids=["text", "empty", "truncated", "bomb", "large"],
)
@pytest.mark.parametrize("contract", ["v1", "v2"])
def test_an_input_that_is_no_picture(service, store, content, words, contract):
    href = store.put(next(fresh), content)
    if contract == "v1":
        status = service.wait(service.order(href, store.url(next(fresh))))
        assert status["errors"][0]["type"] == "InputValidationError"
        assert words in status["errors"][0]["title"]
    else:
        status = service.wait(service.order_v2(href, mode="mask"))
        assert words in status["errorDetails"][0]["message"]
    assert status["status"] == "failed"


PSD = "image/vnd.adobe.photoshop"


@pytest.mark.parametrize("asked", [{"mode": "psd"}, {"output": {"mediaType": PSD}}])
def test_a_psd_holds_the_photo_with_its_mask_beside_it_and_what_is_behind(service, source, asked):
    body = {"backgroundColor": {"red": 10, "green": 200, "blue": 30}, "colorDecontamination": 0} | asked
    [output] = service.wait(service.order_v2(source, **body))["result"]["outputs"]
    assert output["mediaType"] == PSD
    answer = httpx.get(output["destination"]["url"])
    assert answer.headers["content-type"] == PSD
    layers = mk.read_layers(answer.content)
    assert [one.name for one in layers.layers] == ["backdrop", "subject"]
    assert np.array_equal(layers.layer("subject").pixels, np.asarray(picture(photo_bytes()).convert("RGB")))
    assert np.array_equal(layers.layer("subject").mask, true_mask(photo_bytes()))
    assert layers.layer("backdrop").pixels[0, 0, :3].tolist() == [10, 200, 30]


@pytest.mark.parametrize(("mode", "media_type"), [("psd", "image/png"), ("psd", "image/webp"), ("mask", PSD)])
def test_a_mode_and_a_type_that_exclude_each_other(service, source, mode, media_type):
    body = {"image": {"source": {"url": source}}, "mode": mode, "output": {"mediaType": media_type}}
    answer = service.client.post("/v2/remove-background", json=body)
    assert (answer.status_code, answer.json()["error_code"]) == (400, "InputValidationError")
    assert f"mode {mode}" in answer.json()["message"]


# as a server of version 1 stored it, which wrote no version
BEFORE = """{"input": "IN", "product": {"kind": "mask", "format": "binary", "space": "rgb",
"media_type": "image/png", "trim": false, "background": null, "decontamination": 0.0, "threshold": null,
"grow": 0.0, "feather": 0.0}, "output": "OUT", "storage": "external"}"""


PRODUCT = Product().to_json()


def table_of(server):
    return contextlib.closing(sqlite3.connect(server.settings.data_dir / "jobs.sqlite", timeout=30))


def insert(server, job_id, order, created="(julianday('now') - 2440587.5) * 86400"):
    values = f"?, 'anonymous', 'v1', ?, 'pending', 0, 0, NULL, NULL, NULL, NULL, {created}, {created}"
    with table_of(server) as table, table:
        table.execute(f"INSERT INTO maskkit_jobs VALUES ({values})", (job_id, json.dumps(order)))
    return f"/sensei/status/{job_id}"


def newer(source, target):
    """An order as a server of the next version stores it: with one member more."""
    order = Order(source, Product(), target).to_json()
    return order | {"version": VERSION + 1, "product": order["product"] | {"halo": 1}}


def test_an_order_of_the_version_before_is_still_read(service, store, source):
    path = next(fresh)
    old = json.loads(BEFORE.replace("IN", source).replace("OUT", store.url(path)))
    assert service.wait(insert(service, "before", old))["status"] == "succeeded"
    assert set(np.unique(np.asarray(picture(store.blobs[path])))) == {0, 255}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"version": VERSION + 1}, f"has version {VERSION + 1}; this server reads 1 and 2"),
        ({"version": "x" * 500}, "has version 'xxx"),
        ({"version": None}, "has version None"),
        ({"halo": 1}, "has an unknown member 'halo'"),
        (
            {"product": {"recipe": {"recipe": 1}, "space": "rgb"}},
            "its product, of version 2, lacks 'media_type'",
        ),
        ({"product": None}, "its product, of version 2, lacks"),
        (
            {"product": PRODUCT | {"recipe": {"recipe": 99}}},
            "the order's recipe: need version 1, got 99; this",
        ),
        ({"product": PRODUCT | {"recipe": {"recipe": 1, "halo": 2}}}, "halo"),
    ],
)
def test_an_order_that_is_not_understood_is_a_typed_error(change, words):
    product = Product(Recipe(backdrop="rgba(1, 2, 3, 0.5)", feather=1.5), "grey")
    order = Order("https://a.test/in.png", product).to_json()
    assert Order.from_json(json.loads(json.dumps(order))).product == product
    with pytest.raises(UnreadableOrderError) as caught:
        Order.from_json(order | change)
    assert words in str(caught.value)
    assert len(str(caught.value)) < 300


def read_by_the_next_version(cls, body, real=Order.from_json.__func__):
    product = {name: value for name, value in body["product"].items() if name != "halo"}
    return real(cls, {**body, "version": VERSION, "product": product})


def handed_back(server):
    said = re.search(
        r'maskkit_jobs_ended_total{state="handed_back"} (\S+)', server.client.get("/metrics").text
    )
    return float(said[1]) if said else 0


def test_an_order_of_a_later_version_is_left_to_the_server_that_reads_it(
    serving, store, source, monkeypatch, caplog
):
    caplog.set_level(logging.WARNING, "maskkit.server")
    older, paths = serving(), [next(fresh) for _ in range(6)]
    ids = [f"later-{number}" for number in range(6)]
    for job_id, path in zip(ids, paths, strict=True):
        insert(older, job_id, newer(source, store.url(path)))
    # more of them than the server has hands, and before all others: those are done all the same
    assert older.wait(older.order(source, store.url(next(fresh))))["status"] == "succeeded"
    end = time.monotonic() + 20
    while len(older.parts.worker._passed_over) < 6 or older.parts.worker._running:
        assert time.monotonic() < end
        assert older.client.get("/health").status_code == 200
    assert handed_back(older) <= 12, "each was taken once, or once more while it was being handed back"
    with table_of(older) as table:
        rows = table.execute("SELECT state, attempts, owner FROM maskkit_jobs WHERE id LIKE 'later-%'")
        assert rows.fetchall() == [("pending", 0, None)] * 6
        before = handed_back(older)
        for _ in range(20):  # looks into the table: nothing is claimed over and over
            older.parts.worker.wake("anonymous")
            assert older.client.get("/health").status_code == 200
        assert handed_back(older) == before
    said = [record.getMessage() for record in caplog.records if "left to others" in record.getMessage()]
    assert len(said) == 1, said
    assert "SECRETSIGNATURE" not in said[0]
    monkeypatch.setattr(orders.Order, "from_json", classmethod(read_by_the_next_version))
    with running(settings(older.settings.data_dir)) as other:
        for job_id, path in zip(ids, paths, strict=True):
            assert other.wait(f"/sensei/status/{job_id}")["status"] == "succeeded"
            assert picture(store.blobs[path]).size == (64, 48)
        assert older.client.get(f"/sensei/status/{ids[0]}").json()["status"] == "succeeded"


def test_an_order_that_nobody_could_read_in_its_time_names_the_versions(serving, store, source):
    server = serving(job_ttl=1.0, lease=0.6)
    path = next(fresh)
    status = server.wait(insert(server, "nobody", newer(source, store.url(path))))
    assert status["status"] == "failed"
    [error] = status["errors"]
    assert error["code"] == 500
    assert error["title"] == (
        "given up after 1 s of waiting for a server that can read it: "
        f"the order has version {VERSION + 1}; this server reads 1 and 2"
    )
    assert "SECRETSIGNATURE" not in str(status)
