"""A script of 2023, written for the endpoint that Adobe has since switched off, and the documented bodies.

Standard library only, header by header: what the contract document shows is sent and expected literally.
"""

import copy
import io
import itertools
import json
import re
import struct
import time
import urllib.error
import urllib.request
import zlib

import numpy as np
import pytest
from PIL import Image

from .conftest import ENDED, photo_bytes, picture

ISO = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
CREDENTIALS = {"Authorization": "Bearer TOKEN", "x-api-key": "CLIENT_ID", "x-gw-ims-org-id": "ORG@AdobeOrg"}
number = itertools.count()


def call(method, url, body=None, **headers):
    """(status, headers, JSON or bytes), by urllib."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, CREDENTIALS | headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            content = answer.read()
            kind = answer.headers.get_content_type()
            return answer.status, answer.headers, json.loads(content) if "json" in kind else content
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers, json.loads(error.read())


def order(service, path, body):
    status, headers, answer = call("POST", service.base + path, body, **{"Content-Type": "application/json"})
    assert (status, headers.get_content_type()) == (202, "application/json"), answer
    return answer


def poll(url):
    end = time.monotonic() + 30
    while (status := call("GET", url)[2])["status"] not in ENDED:  # no Content-Type, as the SDK does
        assert time.monotonic() < end
        time.sleep(0.02)
    return status


@pytest.fixture(scope="module")
def source(store):
    return store.put("/replay-in.png", photo_bytes())


def v1_body(store, source, **output):
    href = store.url(f"/replay-{next(number)}.png")
    return {
        "input": {"href": source, "storage": "external"},
        "output": {"href": href, "storage": "external", "mask": {"format": "soft"}, **output},
    }


@pytest.mark.parametrize("optimize", ["performance", "batch"])
@pytest.mark.parametrize("format", ["soft", "binary"])
def test_create_mask_as_documented(service, store, source, format, optimize):
    body = v1_body(store, source, mask={"format": format}, color={"space": "rgb"}, overwrite=True)
    body["options"] = {"optimize": optimize, "service": {"version": "4.0"}}
    accepted = order(service, "/sensei/mask", body)
    assert set(accepted) == {"_links"}
    href = accepted["_links"]["self"]["href"]
    assert re.fullmatch(re.escape(service.base) + r"/sensei/status/[0-9a-f-]{36}", href)
    status = poll(href)
    assert set(status) == {"jobID", "status", "created", "modified", "input", "_links", "output"}
    assert status["jobID"] == href.rpartition("/")[2]
    assert ISO.fullmatch(status["created"])
    assert ISO.fullmatch(status["modified"])
    assert status["input"].startswith(source.partition("?")[0])
    assert status["_links"] == {"self": {"href": href}}
    assert set(status["output"]) == {"storage", "href", "mask"}
    assert status["output"]["mask"] == {"format": format}
    made = picture(store.blobs[body["output"]["href"].removeprefix(store.base).partition("?")[0]])
    assert (made.mode, made.size) == ("RGB", (64, 48))


@pytest.mark.parametrize("tail", ["", "?api_version=1", "/"])
def test_a_status_by_the_last_segment_alone(service, store, source, tail):
    href = order(service, "/sensei/mask", v1_body(store, source))["_links"]["self"]["href"]
    status, _, body = call("GET", f"{service.base}/sensei/status/{href.rpartition('/')[2]}{tail}")
    assert (status, body["jobID"]) == (200, href.rpartition("/")[2])


def test_a_failed_status_has_errors_from_the_first_moment(service, store):
    href = order(service, "/sensei/mask", v1_body(store, store.url("/not-there.png")))["_links"]["self"][
        "href"
    ]
    status = poll(href)
    assert set(status) == {"jobID", "status", "created", "modified", "input", "_links", "errors"}
    [error] = status["errors"]
    assert (error["type"], error["code"]) == ("ResourceNotFound", 404)
    assert isinstance(error["title"], str)


@pytest.mark.parametrize("media_type", ["image/png", "image/jpeg", "image/webp"])
@pytest.mark.parametrize("mode", ["cutout", "mask"])
def test_remove_background_as_documented(service, source, mode, media_type):
    body = {
        "image": {"source": {"url": source}},
        "mode": mode,
        "output": {"mediaType": media_type},
        "trim": False,
        "backgroundColor": {"red": 255, "green": 0, "blue": 12.5, "alpha": 0.5},
        "colorDecontamination": 1,
    }
    accepted = order(service, "/v2/remove-background", body)
    assert set(accepted) == {"jobId", "statusUrl"}
    assert accepted["statusUrl"] == f"{service.base}/v2/status/{accepted['jobId']}"
    status = poll(accepted["statusUrl"])
    assert set(status) == {"jobId", "status", "createdTime", "modifiedTime", "result"}, status
    assert ISO.fullmatch(status["createdTime"])
    [output] = status["result"]["outputs"]
    with urllib.request.urlopen(output["destination"]["url"], timeout=30) as answer:  # no credentials
        assert answer.headers.get_content_type() == output["mediaType"] == media_type
        assert picture(answer.read()).size == (64, 48)


def test_remove_background_that_fails(service, store):
    accepted = order(service, "/v2/remove-background", {"image": {"source": {"url": store.url("/gone")}}})
    status = poll(accepted["statusUrl"])
    assert set(status) == {"jobId", "status", "createdTime", "modifiedTime", "errorDetails"}
    [error] = status["errorDetails"]
    assert set(error) == {"errorCode", "message"}
    assert error["errorCode"] == "404"


FULL = {
    "/sensei/mask": {
        "input": {"href": "https://no.invalid/in", "storage": "external"},
        "output": {
            "href": "https://no.invalid/out",
            "storage": "external",
            "mask": {"format": "soft"},
            "color": {"space": "rgb"},
            "overwrite": True,
            "type": "image/png",
        },
        "options": {"optimize": "batch", "service": {"version": "4.0"}},
    },
    "/v2/remove-background": {
        "image": {"source": {"url": "https://no.invalid/in"}},
        "mode": "mask",
        "output": {"mediaType": "image/png"},
        "trim": True,
        "backgroundColor": {"red": 1, "green": 2, "blue": 3, "alpha": 0.5},
        "colorDecontamination": 0.5,
    },
}
ODD = [
    None,
    True,
    0,
    -1,
    1e300,
    "",
    "x",
    "a" * 100_000,
    [],
    {},
    [{}],
    {"a": {"a": [1]}},
    "\ud800",
    "\0",
    "soft\n",
]
REQUIRED = {"input", "output", "href", "storage", "format", "image", "source", "url", "red", "green", "blue"}


def members(body, *above):
    for name, value in body.items():
        yield (*above, name)
        if isinstance(value, dict):
            yield from members(value, *above, name)


def test_any_value_in_any_member_is_taken_or_refused_in_the_contracts_words(serving):
    server = serving(max_queue=10_000, max_per_client=10_000, poll=60)
    server.parts.worker._closing = True  # nobody takes a job
    for door, body in FULL.items():
        for path in members(body):
            for odd in ODD:
                changed = copy.deepcopy(body)
                inner = changed
                for name in path[:-1]:
                    inner = inner[name]
                inner[path[-1]] = odd
                answer = server.client.post(door, content=json.dumps(changed), headers=_JSON)
                said, where = answer.json(), (path, str(odd)[:20], answer.text[:300])
                if odd is None:
                    optional = path[-1] not in REQUIRED or (door, path) == (
                        "/v2/remove-background",
                        ("output",),
                    )
                    assert answer.status_code == (202 if optional else 400), where
                if answer.status_code == 202:
                    continue
                assert answer.status_code == 400, where
                if door.startswith("/v2"):
                    assert set(said) == {"error_code", "message"}, where
                else:
                    assert (said["code"], said["type"]) == (400, "InputValidationError"), where
                assert len(answer.content) < 2000, "no refusal repeats all that came"


SECRET_URLS = """
https://h.example:99999/x?sig=SECRETSIGNATURE
https://user:PASSWORD@h.example/x?sig=SECRETSIGNATURE
https://127.0.0.1/x?sig=SECRETSIGNATURE
https://0x7f.1/x?sig=SECRETSIGNATURE
https://h .example/x?sig=SECRETSIGNATURE
https://[h.example/x?sig=SECRETSIGNATURE
http://h.example/x?sig=SECRETSIGNATURE
ftp://user:PASSWORD@h.example/x?sig=SECRETSIGNATURE
//h.example/x?sig=SECRETSIGNATURE
https:h.example/x?sig=SECRETSIGNATURE
""".strip().splitlines()


@pytest.mark.parametrize("secret", SECRET_URLS)
def test_a_refusal_repeats_no_secret(service, caplog, secret):
    caplog.set_level("DEBUG")
    for door, body in FULL.items():
        for path in members(body):
            changed = copy.deepcopy(body)
            inner = changed
            for name in path[:-1]:
                inner = inner[name]
            inner[path[-1]] = secret
            answer = service.client.post(door, json=changed)
            assert answer.status_code in (202, 400)
            assert "SECRETSIGNATURE" not in answer.text, (door, path)
            assert "PASSWORD" not in answer.text, (door, path)
    said = [
        record.getMessage() for record in caplog.records if record.name.startswith(("maskkit", "uvicorn"))
    ]
    assert said
    assert not [line for line in said if "SECRETSIGNATURE" in line or "PASSWORD" in line]


_JSON = {"content-type": "application/json"}


def encoded(image, format="PNG", **how):
    stream = io.BytesIO()
    image.save(stream, format, **how)
    return stream.getvalue()


def bare_png(width, height, content=b""):
    def chunk(kind, content):
        return (
            struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
        )

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    idat = chunk(b"IDAT", zlib.compress(content))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + idat + chunk(b"IEND", b"")


def pictures():
    """name: (bytes, size of the result, or None where it cannot be)."""
    photo = picture(photo_bytes())
    turned = Image.Exif()
    turned[0x0112] = 6
    palette = photo.quantize(16)
    more = {"save_all": True, "append_images": [photo.rotate(90)]}
    deep = Image.fromarray((np.arange(48 * 64, dtype=np.uint16).reshape(48, 64)) * 20)
    good = {
        "one pixel": (encoded(Image.new("RGB", (1, 1), "red")), (1, 1)),
        "wide": (encoded(Image.new("RGB", (30_000, 1), "red")), (30_000, 1)),
        "tall": (encoded(Image.new("L", (1, 30_000))), (1, 30_000)),
        "16 bit": (encoded(deep), (64, 48)),
        "1 bit": (encoded(photo.convert("1")), (64, 48)),
        "cmyk": (encoded(photo.convert("CMYK"), "JPEG"), (64, 48)),
        "ycbcr": (encoded(photo.convert("YCbCr"), "TIFF"), (64, 48)),
        "turned": (encoded(photo, "JPEG", exif=turned), (48, 64)),
        "palette with alpha": (encoded(palette, transparency=0), (64, 48)),
        "grey with alpha": (encoded(photo.convert("LA")), (64, 48)),
        "all transparent": (encoded(Image.new("RGBA", (64, 48))), (64, 48)),
        "animated png": (encoded(photo, **more), (64, 48)),
        "animated webp": (encoded(photo, "WEBP", **more), (64, 48)),
        "two pages": (encoded(photo, "TIFF", **more), (64, 48)),
        "broken profile": (encoded(photo, icc_profile=b"no profile" * 20), (64, 48)),
        "more data than pixels": (bare_png(10, 10, b"\0" * 5_000_000), (10, 10)),
    }
    gif = b"GIF89a\xff\xff\xff\xff\x80\0\0" + b"\0" * 6 + b",\0\0\0\0\xff\xff\xff\xff\0\x02\x02D\x01\0;"
    bad = {
        "png bomb": bare_png(50_000, 50_000),
        "largest png": bare_png(2**31 - 1, 2**31 - 1),
        "empty png": bare_png(0, 0),
        "gif bomb": gif,
        "webp bomb": b"RIFF\x1a\0\0\0WEBPVP8L\x0d\0\0\0\x2f\xff\xff\xff\x0f" + b"\0" * 8,
        "tiff bomb": encoded(photo, "TIFF").replace(
            struct.pack("<HHII", 256, 4, 1, 64), struct.pack("<HHII", 256, 4, 1, 2**31 - 1)
        ),
        "psd": b"8BPS\0\1" + b"\0" * 6 + struct.pack(">HIIHH", 3, 30_000, 30_000, 8, 3) + b"\0" * 50,
        "heic": struct.pack(">I", 24) + b"ftypheic\0\0\0\0mif1heic" + b"\0" * 100,
        "svg": b'<svg xmlns="http://www.w3.org/2000/svg"><image href="http://127.0.0.1:1/x"/></svg>',
        "pdf": b"%PDF-1.4\n",
        "text": b"no picture",
        "nothing": b"",
        "zeros": b"\0" * 5000,
        "only a signature": b"\x89PNG\r\n\x1a\n",
        "half a jpeg": encoded(photo.resize((600, 400)), "JPEG")[:2000],
        "half a webp": encoded(photo.resize((600, 400)), "WEBP")[:500],
    }
    return good | {name: (content, None) for name, content in bad.items()}


def test_every_picture_is_whole_or_the_job_failed_with_errors(service, store):
    cases, orders = pictures(), {}
    for name, (content, _) in cases.items():
        path = f"/kinds/{next(number)}.jpg"  # whatever it is, that is its name
        orders[name] = path, service.order(store.put(path, content), store.url(path + ".out"))
    for name, (path, href) in orders.items():
        status, size = service.wait(href, 60), cases[name][1]
        if size is None:
            assert (status["status"], status["errors"][0]["type"]) == ("failed", "InputValidationError"), name
            assert path + ".out" not in store.blobs, name
        else:
            assert status["status"] == "succeeded", (name, status)
            made = picture(store.blobs[path + ".out"])
            made.load()
            assert made.size == size, name


def test_pictures_of_every_kind_at_the_direct_door(service):
    for name, (content, size) in pictures().items():
        answer = service.client.post("/mask", files={"photo": ("photo.jpg", content, "image/jpeg")})
        assert answer.status_code == (400 if size is None else 200), (name, answer.text[:200])
        assert size is None or picture(answer.content).size == size, name
