"""What the server says to requests that are wrong, and to those who may not."""

import io
import json
import time

import pytest

from maskkit.server.credentials import CredentialsError, CredentialsFile, add_client, read_credentials
from maskkit.server.signing import Signer

from .conftest import photo_bytes

IN = {"href": "https://bucket.example.com/in.png", "storage": "external"}
OUT = {"href": "https://bucket.example.com/out.png", "storage": "external"}
GOOD = {"input": IN, "output": OUT}


def without(body, *path):
    copy = json.loads(json.dumps(body))
    inner = copy
    for name in path[:-1]:
        inner = inner[name]
    del inner[path[-1]]
    return copy


def replaced(body, *path, value):
    copy = json.loads(json.dumps(body))
    inner = copy
    for name in path[:-1]:
        inner = inner.setdefault(name, {})
    inner[path[-1]] = value
    return copy


@pytest.mark.parametrize("door", ["/sensei/mask", "/sensei/cutout"])
@pytest.mark.parametrize(
    ("body", "path"),
    [
        (without(GOOD, "input"), ".input"),
        (without(GOOD, "output"), ".output"),
        (without(GOOD, "input", "href"), ".input.href"),
        (without(GOOD, "output", "storage"), ".output.storage"),
        (replaced(GOOD, "input", "href", value="http://bucket.example.com/in.png"), ".input.href"),
        (replaced(GOOD, "input", "href", value="file:///etc/passwd"), ".input.href"),
        (replaced(GOOD, "input", "href", value=5), ".input.href"),
        (replaced(GOOD, "output", "storage", value="floppy"), ".output.storage"),
        (replaced(GOOD, "output", "mask", value={}), ".output.mask.format"),
        (replaced(GOOD, "output", "mask", "format", value="fuzzy"), ".output.mask.format"),
        (replaced(GOOD, "output", "color", "space", value="cmyk"), ".output.color.space"),
        (replaced(GOOD, "options", "optimize", value="turbo"), ".options.optimize"),
        ([], ""),
        ("text", ""),
    ],
)
def test_v1_body_that_breaks_the_contract(service, door, body, path):
    answer = service.client.post(door, json=body)
    said = answer.json()
    assert (answer.status_code, said["code"], said["type"]) == (400, 400, "InputValidationError")
    assert said["reason"][0]["dataPath"] == path
    assert set(said["reason"][0]) == {"keyword", "dataPath", "schemaPath", "params", "message"}


@pytest.mark.parametrize(
    "change",
    [
        {"image": {}},
        {"mode": "ghost"},
        {"mode": "psd", "output": {"mediaType": "image/png"}},
        {"mode": "mask", "output": {"mediaType": "image/vnd.adobe.photoshop"}},
        {"output": {"mediaType": "image/gif"}},
        {"colorDecontamination": 2},
        {"trim": "yes"},
        {"backgroundColor": {"red": 1, "green": 2}},
        {"backgroundColor": {"red": 1, "green": 2, "blue": 300}},
    ],
)
def test_v2_body_that_breaks_the_contract(service, change):
    body = {"image": {"source": {"url": "https://bucket.example.com/in.png"}}} | change
    answer = service.client.post("/v2/remove-background", json=body)
    assert answer.status_code == 400
    assert set(answer.json()) == {"error_code", "message"}


@pytest.mark.parametrize("storage", ["input", "output"])
def test_adobes_own_storage_is_not_here(service, storage):
    body = replaced(GOOD, storage, value={"href": "/files/a.png", "storage": "adobe"})
    answer = service.client.post("/sensei/mask", json=body)
    assert answer.status_code == 400
    assert "adobe" in answer.json()["title"]


@pytest.mark.parametrize("door", ["/sensei/mask", "/v2/remove-background"])
@pytest.mark.parametrize(
    ("content", "content_type", "status"),
    [
        (b"{}", "text/plain", 415),
        (b"{}", None, 415),
        (b"{", "application/json", 400),
        (b"\xff\xfe", "application/json", 400),
        (b"[" * 100_000, "application/json", 400),
        (b"1" * 5000, "application/json", 400),
        (b'{"input": "\\ud800"}', "application/json", 400),
        (b" " * 300_000, "application/json", 413),
    ],
)
def test_a_body_that_is_no_json_or_too_large(service, door, content, content_type, status):
    headers = {"content-type": content_type} if content_type else {}
    answer = service.client.post(door, content=content, headers=headers)
    assert answer.status_code == status
    assert answer.json()["type" if "sensei" in door else "error_code"]


def test_a_member_as_deep_or_as_long_as_a_stranger_likes_is_refused_at_once(service):
    body = '{"image":{"source":{"url":"https://no.invalid/in"}},"mode":%s}'
    deep = ["[" * depth + "]" * depth for depth in (10, 500, 100_000, *range(840, 1000, 4))]
    long = [json.dumps((word * 100_000)[:200_000]) for word in ("a.", "x-amz-", "eyJ-", "a-%3a")]
    for odd in (*deep, *long, "9" * 4000):
        begin = time.monotonic()
        answer = service.client.post(
            "/v2/remove-background", content=body % odd, headers={"content-type": "application/json"}
        )
        assert answer.status_code == 400, odd[:20]
        assert len(answer.content) < 2000
        assert time.monotonic() - begin < 5, "the loop that serves everybody has no time for that"


def test_a_body_without_length_is_capped_too(service):
    pieces = (b" " * 10_000 for _ in range(40))
    headers = {"content-type": "application/json"}
    assert service.client.post("/sensei/mask", content=pieces, headers=headers).status_code == 413


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", "/sensei/mask", "POST"),
        ("DELETE", "/sensei/cutout", "POST"),
        ("POST", "/sensei/status/x", "GET"),
        ("PUT", "/v2/remove-background", "POST"),
        ("DELETE", "/files/x", "GET, HEAD, PUT"),
        ("DELETE", "/mask", "POST"),
        ("POST", "/docs", "GET, HEAD"),
        ("POST", "/openapi.json", "GET, HEAD"),
    ],
)
def test_a_wrong_method_is_told_the_right_ones(service, method, path, allowed):
    answer = service.client.request(method, path)
    assert answer.status_code == 405
    assert answer.headers["allow"] == allowed


@pytest.mark.parametrize(
    "path",
    [
        "/sensei/status/nobody",
        "/sensei/status/%00",
        "/v2/status/6f1c2c3e-0000-4000-8000-000000000000",
        "/nowhere",
        "/page/%2e%2e/server/app.py",
        "/page/__init__.py",
    ],
)
def test_what_is_not_there_is_404(service, path):
    answer = service.client.get(path)
    assert answer.status_code == 404
    assert answer.json()


@pytest.mark.parametrize(
    ("sent", "echoed"), [("abc-123.4:5_6", True), ("", False), ("a b", False), ("x" * 200, False)]
)
def test_request_ids(service, sent, echoed):
    answer = service.client.get("/health", headers={"x-request-id": sent} if sent else {})
    assert (answer.headers["x-request-id"] == sent) == echoed
    assert answer.headers["x-request-id"]


@pytest.fixture
def clients(tmp_path):
    path = tmp_path / "clients"
    return path, {name: add_client(path, name) for name in ("shop", "studio")}


def bearer(client, token):
    return {"authorization": f"Bearer {token}", "x-api-key": client}


def test_who_may(serving, clients):
    path, secrets = clients
    server = serving(credentials=path)
    post = server.client.post
    assert post("/sensei/mask", json=GOOD).json() == {
        "error_code": "401013",
        "message": "Oauth token is not valid",
    }
    answer = post("/sensei/mask", json=GOOD, headers=bearer("shop", "wrong"))
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
    answer = post("/sensei/mask", json=GOOD, headers=bearer("studio", secrets["shop"]))
    assert answer.status_code == 403
    assert answer.json() == {"error_code": "403003", "message": "Api Key is invalid"}
    answer = post("/sensei/mask", json=GOOD, headers=bearer("", secrets["shop"]))
    assert answer.status_code == 403
    answer = post("/sensei/mask", json=GOOD, headers=bearer("shop", secrets["shop"]))
    assert answer.status_code == 202
    status = answer.json()["_links"]["self"]["href"]
    assert server.client.get(status, headers=bearer("shop", secrets["shop"])).status_code == 200
    assert server.client.get(status, headers=bearer("studio", secrets["studio"])).status_code == 404
    assert server.client.get(status).status_code == 401
    for door in ("/mask", "/cutout", "/composite"):
        assert post(door, files={"photo": photo_bytes()}).status_code == 401
    assert post("/files").status_code == 401
    assert post("/v2/remove-background", json={}).status_code == 401
    assert server.client.get("/health").status_code == 200


def test_tokens_by_the_ims_way(serving, clients):
    path, secrets = clients
    server = serving(credentials=path)
    form = {"grant_type": "client_credentials", "client_id": "shop", "client_secret": secrets["shop"]}
    issued = server.client.post("/ims/token/v3", data=form | {"scope": "openid,AdobeID"}).json()
    assert issued["expires_in"] == 3600
    headers = bearer("shop", issued["access_token"])
    assert server.client.post("/sensei/mask", json=GOOD, headers=headers).status_code == 202
    stolen = bearer("studio", issued["access_token"])
    assert server.client.post("/sensei/mask", json=GOOD, headers=stolen).status_code == 403
    assert server.client.post("/ims/token/v3", data=form | {"client_secret": "no"}).status_code == 401
    assert server.client.post("/ims/token/v3", data=form | {"grant_type": "password"}).status_code == 400
    assert server.client.post("/ims/token/v3", data={}).status_code == 400


def test_tokens_expire_and_cannot_be_made_elsewhere(clients):
    path, secrets = clients
    now = [1000.0]
    known = read_credentials(path, Signer(b"a" * 32, clock=lambda: now[0]))
    token = known.issue("shop")
    assert known.check_token("shop", token)
    assert not read_credentials(path, Signer(b"b" * 32, clock=lambda: now[0])).check_token("shop", token)
    now[0] += 3601
    assert not known.check_token("shop", token)
    assert known.check_token("shop", secrets["shop"]), "the secret itself does not expire"


def test_the_credentials_file_holds_no_secret(clients):
    path, secrets = clients
    text = path.read_text()
    assert all(secret not in text for secret in secrets.values())
    assert path.stat().st_mode & 0o077 == 0
    with pytest.raises(CredentialsError, match="already"):
        add_client(path, "shop")


@pytest.mark.parametrize("text", ["", "# only a comment\n", "shop plain-secret\n", "shop sha256$00$00\n"])
def test_a_credentials_file_that_cannot_be_used(tmp_path, text):
    path = tmp_path / "clients"
    path.write_text(text)
    with pytest.raises(CredentialsError) as caught:
        CredentialsFile(path, Signer(b"a"))
    assert "plain-secret" not in str(caught.value)


@pytest.mark.parametrize(
    "headers",
    [{"host": "attacker.example"}, {"host": "127.0.0.1.attacker.example"}, {"sec-fetch-site": "cross-site"}],
)
def test_without_credentials_no_web_page_can_reach_in(service, headers):
    answer = service.client.post("/mask", files={"photo": io.BytesIO(b"x")}, headers=headers)
    assert answer.status_code == 403


def test_cross_origin_only_where_named(serving, service):
    ask = {"origin": "https://shop.example", "access-control-request-method": "POST"}
    assert "access-control-allow-origin" not in service.client.options("/mask", headers=ask).headers
    named = serving(cors_origins=("https://shop.example",))
    answer = named.client.options("/mask", headers=ask)
    assert answer.headers["access-control-allow-origin"] == "https://shop.example"
    other = named.client.options("/mask", headers=ask | {"origin": "https://other.example"})
    assert "access-control-allow-origin" not in other.headers


def test_limits_of_queue_and_client(serving):
    server = serving(max_queue=2, max_per_client=100, poll=60)
    server.parts.worker._loops[0].cancel()  # nobody takes a job
    answers = [server.client.post("/sensei/mask", json=GOOD) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [202, 202, 429]
    assert int(answers[2].headers["retry-after"]) > 0
    assert "queue" in answers[2].json()["title"]
    assert server.client.get("/ready").status_code == 503
