"""Requests of remove.bg's own clients as they were recorded in public, rebuilt, on a bare socket.

The Ruby gem's bodies stand in the cassettes of its tests; the Go and Node command lines build theirs with
the multipart writers of their languages. Each answer is read as that client reads it.
"""

import io
import json
import zipfile
from http.client import HTTPResponse
from urllib.parse import quote

import numpy as np
import pytest
from PIL import Image

from maskkit.server.credentials import add_client

from .conftest import photo_bytes, running, settings, true_mask
from .test_raw import connected

PHOTO = photo_bytes(format="JPEG")
EMPTY = ("type_level", "roi", "crop", "crop_margin", "scale", "position", "add_shadow", "semitransparency")


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    folder = tmp_path_factory.mktemp("shop")
    secret = add_client(folder / "clients", "shop")
    with running(settings(folder, credentials=folder / "clients", units_per_minute=100)) as server:
        yield server, secret


def sent(server, path, headers, body=b"", verb="POST"):
    """The answer to a request of exactly these bytes."""
    head = [f"{verb} /v1.0/{path} HTTP/1.1", *headers, "Host: api.remove.bg", "Connection: close"]
    head += [f"Content-Length: {len(body)}"] if verb == "POST" else []
    with connected(server) as line:
        line.sendall("\r\n".join([*head, "", ""]).encode() + body)
        answer = HTTPResponse(line)
        answer.begin()
        return answer.status, answer.headers, answer.read()


def form(boundary, parts):
    """Parts of (headers, content) between boundaries."""
    pieces = [
        b"".join([b"--", boundary, b"\r\n", head, b"\r\n\r\n", content, b"\r\n"]) for head, content in parts
    ]
    return b"".join(pieces) + b"--" + boundary + b"--\r\n"


def field(name, value):
    return f'Content-Disposition: form-data; name="{name}"'.encode(), str(value).encode()


def opened_zip(content):
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.namelist() == ["color.jpg", "alpha.png"]
        colour, alpha = (Image.open(io.BytesIO(archive.read(name))) for name in archive.namelist())
        assert (colour.mode, alpha.mode, colour.size) == ("RGB", "L", alpha.size)
        return np.asarray(alpha)


# ---- the Ruby gem, 1.4.1 and 2.x: multipart-post


RUBY = [
    "User-Agent: remove-bg-ruby-1.4.1",
    "Accept-Encoding: gzip;q=1.0,deflate;q=0.6,identity;q=0.3",
    "Accept: */*",
]


def ruby(server, secret, **fields):
    boundary = b"-----------RubyMultipartPost-0a37a3f7f2189a3107771cc1912a96c2"
    file = (
        'Content-Disposition: form-data; name="image_file"; filename="person-in-field.jpg"\r\n'
        f"Content-Length: {len(PHOTO)}\r\nContent-Type: image/jpeg\r\nContent-Transfer-Encoding: binary"
    )
    parts = [*(field(name, value) for name, value in fields.items()), (file.encode(), PHOTO)]
    kind = f"Content-Type: multipart/form-data; boundary={boundary.decode()}"
    return sent(server, "removebg", [*RUBY, f"X-Api-Key: {secret}", kind], form(boundary, parts))


def test_the_ruby_gem_asks_for_a_zip_and_reads_its_headers(shop):
    server, secret = shop
    status, headers, body = ruby(server, secret, size="auto", format="zip")
    assert status == 200
    assert "application/zip" in headers["Content-Type"]
    assert np.array_equal(opened_zip(body), true_mask(PHOTO))
    assert (int(headers["X-Width"]), int(headers["X-Height"])) == (64, 48)
    assert float(headers["X-Credits-Charged"]) == 0
    assert headers["X-Type"] == "other"
    limits = [int(headers[f"X-RateLimit-{name}"]) for name in ("Limit", "Remaining", "Reset")]
    assert limits[0] == 100
    assert 0 < limits[1] < 100
    again = ruby(server, secret, size="auto", format="png", crop="true")[1]
    assert int(again["X-RateLimit-Reset"]) == limits[2], "as recorded: the same in all answers of a window"
    assert "Content-Encoding" not in headers, "the picture is never compressed"


def test_the_ruby_gem_with_a_wrong_key(shop):
    status, _, body = ruby(shop[0], "wrong", size="auto")
    assert status == 403
    assert body == b'{"errors":[{"title":"API Key invalid","code":"auth_failed"}]}'
    assert len(body) == 61, "as recorded"


def test_the_ruby_gem_with_a_url_that_is_not_there(shop, store):
    server, secret = shop
    body = f"image_url={quote(store.base, safe='')}%2Fnon-existent.jpg&size=auto".encode()
    kind = "Content-Type: application/x-www-form-urlencoded"
    status, _, said = sent(server, "removebg", [*RUBY, f"X-Api-Key: {secret}", kind], body)
    assert status == 400
    assert "404" in json.loads(said)["errors"][0]["title"]
    store.put("/there.jpg", PHOTO)
    body = body.replace(b"non-existent", b"there")
    status, headers, said = sent(server, "removebg", [*RUBY, f"X-Api-Key: {secret}", kind], body)
    assert (status, headers["Content-Type"]) == (200, "image/png")


def test_the_ruby_gem_reads_the_account_into_records_of_exactly_these_members(shop):
    server, secret = shop
    status, _, body = sent(server, "account", [*RUBY, f"X-Api-Key: {secret}"], verb="GET")
    assert status == 200
    attributes = json.loads(body)["data"]["attributes"]
    assert {name: set(value) for name, value in attributes.items()} == {
        "api": {"free_calls", "sizes"},
        "credits": {"total", "subscription", "payg", "enterprise"},
    }


# ---- the Go command line, 1.3: mime/multipart


def go(server, secret, **fields):
    boundary = b"5c2e6f0a7d1b49e8a3f7c6d5b4a3928171605f4e3d2c1b0a9f8e7d6c5b4a"
    file = 'Content-Disposition: form-data; name="image_file"; filename="photo.jpg"\r\n'
    parts = [((file + "Content-Type: application/octet-stream").encode(), PHOTO)]
    parts += [field(name, value) for name, value in fields.items()]
    headers = [
        "User-Agent: remove-bg-go-1.3.1",
        f"Content-Type: multipart/form-data; boundary={boundary.decode()}",
        f"X-Api-Key: {secret}",
        "Accept-Encoding: gzip",
    ]
    return sent(server, "removebg", headers, form(boundary, parts))


def test_the_go_command_line_asks_for_png_as_a_zip(shop):
    server, secret = shop
    status, headers, body = go(server, secret, size="auto", type="", channels="", bg_color="", format="zip")
    assert (status, headers["Content-Type"]) == (200, "application/zip")
    assert np.array_equal(opened_zip(body), true_mask(PHOTO))


def test_the_go_command_line_reads_the_titles_of_all_errors(shop):
    server, secret = shop
    status, _, body = go(server, secret, size="huge", format="zip")
    assert status == 400
    assert [error["title"] for error in json.loads(body)["errors"]] == ["Invalid value for parameter 'size'"]


def test_its_extra_options_and_a_background_of_a_file(shop):
    server, secret = shop
    status, headers, body = go(
        server, secret, size="auto", format="jpg", bg_color="81d4fa", roi="0% 0% 100% 100%"
    )
    assert (status, headers["Content-Type"]) == (200, "image/jpeg")
    corner = np.asarray(Image.open(io.BytesIO(body)))[0, 0].astype(int)
    assert abs(corner - (0x81, 0xD4, 0xFA)).max() <= 4


# ---- the Node command line, 2.0.3: superagent and form-data


def test_the_node_command_line_sends_its_empty_fields(shop):
    server, secret = shop
    boundary = b"--------------------------" + b"735839426170395217453912"
    file = (
        b'Content-Disposition: form-data; name="image_file"; filename="photo.jpg"\r\nContent-Type: image/jpeg'
    )
    named = {"size": "auto", "format": "zip", "type": "auto", "channels": "rgba", "bg_color": ""}
    parts = [(file, PHOTO), *(field(name, value) for name, value in named.items())]
    parts += [field(name, "") for name in EMPTY]
    headers = [
        f"X-Api-Key: {secret}",
        "User-Agent: remove-bg-cli-2.0.3",
        f"Content-Type: multipart/form-data; boundary={boundary.decode()}",
        "Accept-Encoding: gzip, deflate",
    ]
    status, _, body = sent(server, "removebg", headers, form(boundary, parts))
    assert status == 200, body
    assert np.array_equal(opened_zip(body), true_mask(PHOTO))


# ---- what the documents of remove.bg showed: a page's form, axios's own headers


def test_the_browsers_form_with_a_nameless_empty_file(shop, store):
    server, secret = shop
    boundary = b"----WebKitFormBoundary7MA4YWxkTrZu0gW"
    nothing = b'Content-Disposition: form-data; name="image_file"; filename=""\r\n'
    nothing += b"Content-Type: application/octet-stream"
    url = field("image_url", store.put("/browser.jpg", PHOTO))
    parts = [(nothing, b""), url, field("size", "auto"), field("api_key", "x")]
    kind = f"Content-Type: multipart/form-data; boundary={boundary.decode()}"
    status, headers, body = sent(
        server, "removebg", [f"x-api-key: {secret}", kind, "Accept: */*"], form(boundary, parts)
    )
    assert (status, headers["Content-Type"]) == (200, "image/png"), body


def test_axios_names_json_first_and_wants_bytes(shop):
    server, secret = shop
    boundary = b"--------------------------" + b"123456789012345678901234"
    file = (
        b'Content-Disposition: form-data; name="image_file"; filename="file.jpg"\r\nContent-Type: image/jpeg'
    )
    headers = [
        "Accept: application/json, text/plain, */*",
        f"Content-Type: multipart/form-data; boundary={boundary.decode()}",
        f"X-Api-Key: {secret}",
        "User-Agent: axios/1.7.2",
        "Accept-Encoding: gzip, compress, deflate, br",
    ]
    body = form(boundary, [field("size", "auto"), (file, PHOTO)])
    status, said, content = sent(server, "removebg", headers, body)
    assert (status, said["Content-Type"]) == (200, "image/png")
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(content)))[..., 3], true_mask(PHOTO))
