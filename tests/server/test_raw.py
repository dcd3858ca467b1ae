"""Requests as no client library would send them: byte by byte, in pieces, or not at all."""

import contextlib
import json
import logging
import socket
import threading
import time

import pytest

from maskkit.server.credentials import add_client

from .conftest import photo_bytes, running, settings, wait_for_end

ORDER = json.dumps(
    {
        "input": {"href": "https://bucket.example.com/in.png", "storage": "external"},
        "output": {"href": "https://bucket.example.com/out.png", "storage": "external"},
    }
)
JSON = "Content-Type: application/json\r\n"


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    """A server that knows clients: (it, secret by client)."""
    folder = tmp_path_factory.mktemp("shop")
    secrets = {name: add_client(folder / "clients", name) for name in ("shop", "studio")}
    with running(settings(folder, credentials=folder / "clients", head_seconds=0.5)) as it:
        yield it, secrets


def connected(server):
    host, port = server.base.removeprefix("http://").split(":")
    return socket.create_connection((host, int(port)), timeout=15)


def said(sender):
    pieces = []
    with contextlib.suppress(ConnectionError):
        while piece := sender.recv(65536):
            pieces.append(piece)
    return b"".join(pieces)


def heard(sender, word):
    pieces = b""
    while word not in pieces and (piece := sender.recv(1000)):
        pieces += piece
    return word in pieces


def ask(server, head, body=b"", host="localhost"):
    """(status, headers, body) of the answer to raw bytes, on a connection of its own."""
    named = "" if host is None else f"Host: {host}\r\n"
    first, _, rest = head.partition("\r\n")
    with connected(server) as sender:
        sender.sendall(f"{first}\r\n{named}Connection: close\r\n{rest}\r\n".encode("latin-1") + body)
        top, _, content = said(sender).partition(b"\r\n\r\n")
    line, *lines = top.decode("latin-1").split("\r\n")
    headers = {name.lower(): value for name, _, value in (one.partition(": ") for one in lines)}
    return int(line.split()[1]), headers, content


def post(server, path, body, headers=JSON):
    body = body.encode() if isinstance(body, str) else body
    head = f"POST {path} HTTP/1.1\r\n{headers}Content-Length: {len(body)}\r\n"
    return ask(server, head, body)


def who(client, token):
    return f"Authorization: Bearer {token}\r\nx-api-key: {client}\r\n"


@pytest.mark.parametrize(
    "host",
    """[::1|[|a b||[::1]:x|evil:99999999|localhost:abc|\xff|localhost,evil.example|user@localhost
    127.0.0.1:80@evil.example|evil_host.example|localhost.evil.example""".replace("\n    ", "|").split("|"),
)
def test_an_open_server_answers_to_no_other_name_however_it_is_written(service, host):
    assert ask(service, "POST /files HTTP/1.1\r\nContent-Length: 0\r\n", host=host)[0] == 403


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:1", "127.0.0.1", "[::1]:8000", None])
def test_an_open_server_answers_to_this_machines_names(service, host):
    version = "1.0" if host is None else "1.1"
    assert ask(service, f"POST /files HTTP/{version}\r\nContent-Length: 0\r\n", host=host)[0] == 201


def test_an_open_application_that_listens_elsewhere_is_not_reached_by_a_forged_name(service):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as route:
        try:
            route.connect(("192.0.2.1", 9))  # sends nothing: asks which of our addresses would be used
        except OSError:
            pytest.skip("this machine has no address besides loopback")
        address = route.getsockname()[0]
    if address.startswith("127."):
        pytest.skip("this machine has no address besides loopback")
    import uvicorn

    config = uvicorn.Config(service.app, host=address, port=0, log_config=None, lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        with socket.create_connection((address, port), timeout=10) as sender:
            sender.sendall(b"POST /files HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n")
            assert b" 403 " in sender.recv(1000).split(b"\r\n")[0]
    finally:
        server.should_exit = True
        thread.join(20)


def test_a_page_of_a_named_origin_may_and_others_may_not(serving):
    server = serving(cors_origins=("https://shop.example",))
    for origin, status in (("https://shop.example", 201), ("https://evil.example", 403), (None, 403)):
        headers = {"sec-fetch-site": "cross-site"} | ({"origin": origin} if origin else {})
        assert server.client.post("/files", headers=headers).status_code == status
    preflight = {
        "origin": "https://shop.example",
        "access-control-request-method": "POST",
        "access-control-request-headers": "authorization,x-api-key,x-gw-ims-org-id,content-type",
    }
    assert server.client.options("/sensei/mask", headers=preflight).status_code == 200


@pytest.mark.parametrize("door", ["/mask", "/cutout", "/composite"])
@pytest.mark.parametrize("content_type", ["multipart/form-data; boundary=x", "application/json"])
def test_strangers_upload_nothing(shop, door, content_type):
    server, _ = shop
    # the body is announced and never sent: who waits for it before it asks who comes would time out
    head = f"POST {door} HTTP/1.1\r\nContent-Type: {content_type}\r\nContent-Length: 900000\r\n"
    begin = time.monotonic()
    status, headers, content = ask(server, head)
    assert (status, headers["www-authenticate"]) == (401, "Bearer")
    assert json.loads(content) == {"error_code": "401013", "message": "Oauth token is not valid"}
    assert time.monotonic() - begin < 5


@pytest.mark.parametrize(
    "headers",
    [
        "",
        "Authorization: {t}\r\nx-api-key: shop\r\n",
        "Authorization: Bearer\r\nx-api-key: shop\r\n",
        "Authorization: Bearer \r\nx-api-key: shop\r\n",
        "Authorization: Basic {t}\r\nx-api-key: shop\r\n",
        "Authorization: Bearer{t}\r\nx-api-key: shop\r\n",
        "Authorization: Bearer {t}x\r\nx-api-key: shop\r\n",
        "Authorization: Bearer {t},{t}\r\nx-api-key: shop\r\n",
        "Authorization: Bearer \xff\xfe\r\nx-api-key: shop\r\n",
        "Authorization: Bearer " + "." * 5000 + "\r\nx-api-key: shop\r\n",
        "Authorization: Bearer ." + "eJw" * 50 + ".a.b\r\nx-api-key: shop\r\n",
        "Authorization: Bearer x\r\nAuthorization: Bearer {t}\r\nx-api-key: shop\r\n",
        "X-Authorization: Bearer {t}\r\nx-api-key: shop\r\n",
    ],
)
def test_odd_authorizations_are_401(shop, headers):
    server, secrets = shop
    assert post(server, "/sensei/mask", ORDER, JSON + headers.replace("{t}", secrets["shop"]))[0] == 401


@pytest.mark.parametrize("key", ["", "x-api-key: \r\n", "x-api-key: SHOP\r\n", "x-api-key: sh\xf6p\r\n"])
def test_odd_api_keys_are_403(shop, key):
    server, secrets = shop
    token = f"Authorization: Bearer {secrets['shop']}\r\n"
    status, _, content = post(server, "/sensei/mask", ORDER, JSON + token + key)
    assert (status, json.loads(content)["error_code"]) == (403, "403003")


def test_the_scheme_is_written_as_one_likes(shop):
    server, secrets = shop
    for scheme in ("Bearer", "bearer", "BEARER", "Bearer "):
        headers = f"{JSON}aUTHORIZATION: {scheme} {secrets['shop']}\r\nX-API-Key: shop\r\n"
        assert post(server, "/sensei/mask", ORDER, headers)[0] == 202


@pytest.mark.parametrize("method", ["GET", "HEAD", "DELETE", "OPTIONS", "PUT", "POST", "PATCH"])
def test_the_job_of_another_is_as_one_that_never_was(shop, method):
    server, secrets = shop
    mine = json.loads(post(server, "/sensei/mask", ORDER, JSON + who("shop", secrets["shop"]))[2])
    path = mine["_links"]["self"]["href"].removeprefix(server.base).partition("/sensei")[2]
    never = path[:-12] + "0" * 12

    def answer(path):
        head = f"{method} /sensei{path} HTTP/1.1\r\n{who('studio', secrets['studio'])}Content-Length: 0\r\n"
        status, headers, content = ask(server, head)
        return status, headers.get("allow"), content

    assert answer(path) == answer(never)
    assert answer(path)[0] == (404 if method == "GET" else 405)


@pytest.mark.parametrize(
    "path",
    [
        "/health",
        "/ready",
        "/files/x?sig=y",
        "/",
        "/docs",
        "/openapi.json",
        "/metrics",
        "/page/page.js",
        "/page/x",
    ],
)
def test_head_says_what_get_says(service, path):
    head = ask(service, f"HEAD {path} HTTP/1.1\r\n")
    assert head[0] == ask(service, f"GET {path} HTTP/1.1\r\n")[0]
    assert head[2] == b""


@pytest.mark.parametrize(
    ("headers", "body", "status"),
    [
        ("Content-Type: application/json; charset=utf-8\r\n", ORDER, 202),
        ("Content-Type: APPLICATION/JSON ;x=y\r\n", ORDER, 202),
        (JSON, "\ufeff" + ORDER, 202),
        (JSON, ORDER.encode("utf-16"), 202),
        (JSON, ORDER.encode("utf-8") + b"\xff", 400),
        (JSON, b"", 400),
        (JSON, "null", 400),
        (JSON, '{"input":NaN}', 400),
        (JSON + "Content-Encoding: gzip\r\n", b"\x1f\x8b\x08", 415),
        (JSON + "Content-Encoding: identity\r\n", ORDER, 202),
        ("Content-Type: application/jsonx\r\n", ORDER, 415),
        ("Content-Type: text/json\r\n", ORDER, 415),
        ("Content-Type: multipart/form-data\r\n", ORDER, 415),
        ("Content-Type: \r\n", ORDER, 415),
    ],
)
def test_bodies(service, headers, body, status):
    assert post(service, "/sensei/mask", body, headers)[0] == status


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (f"POST /sensei/mask HTTP/1.1\r\n{JSON}", 400),
        (f"POST /sensei/mask HTTP/1.1\r\n{JSON}Content-Length: -2\r\n", 400),
        (f"POST /sensei/mask HTTP/1.1\r\n{JSON}Content-Length: 2\r\nContent-Length: 3\r\n", 400),
        (f"POST /sensei/mask HTTP/1.1\r\n{JSON}Content-Length: 99999999999999999999\r\n", 400),
        (f"POST /sensei/mask HTTP/1.1\r\n{JSON}Content-Length: 999999999999999999\r\n", 413),
        (f"POST /sensei/mask HTTP/1.1\r\n{JSON}Content-Length: 100000000\r\n", 413),
        ("PUT /files/x HTTP/1.1\r\nContent-Length: 100000000\r\n", 413),
        ("POST /mask HTTP/1.1\r\nContent-Length: 100000000\r\n", 413),
        ("G\xcbT / HTTP/1.1\r\n", 400),
    ],
)
def test_heads_that_lie_or_make_no_sense(service, head, status):
    assert ask(service, head)[0] == status


@pytest.mark.parametrize(
    "begin",
    [
        "GET /health HTTP/1.1\r\nHost: localhost\r\nx-long: ",
        "GET /",
        "POST /v2/x HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n0\r\nx: ",
    ],
)
def test_a_head_without_end_is_not_kept(service, begin):
    with connected(service) as sender:
        sender.sendall(begin.encode())
        with pytest.raises(ConnectionError):
            sender.sendall(b"x" * 64_000_000)  # the server hangs up long before


@pytest.mark.parametrize("piece", [10_000, 1_000_000])
def test_a_long_head_is_refused_however_it_is_cut(service, piece):
    sent = b"GET /health HTTP/1.1\r\nHost: localhost\r\n" + b"x-some: 1234567\r\n" * 6000 + b"\r\n"
    with connected(service) as sender:
        with contextlib.suppress(ConnectionError):
            for start in range(0, len(sent), piece):
                sender.sendall(sent[start : start + piece])
        assert b" 200 OK" not in said(sender)


def test_a_long_body_that_comes_with_its_head_is_no_long_head(service):
    photo = photo_bytes(300, 300)
    form = (
        b'--B\r\nContent-Disposition: form-data; name="photo"; filename="a"\r\n\r\n'
        + photo
        + b"\r\n--B--\r\n"
    )
    assert len(form) > 65_536
    assert post(service, "/mask", form, "Content-Type: multipart/form-data; boundary=B\r\n")[0] == 200


def test_what_stands_behind_a_body_is_no_header_of_the_request(shop):
    server, secrets = shop
    head = f"POST /sensei/mask HTTP/1.1\r\n{JSON}Transfer-Encoding: chunked\r\n"
    body = f"2\r\n{{}}\r\n0\r\n{who('shop', secrets['shop'])}\r\n"
    assert ask(server, head, body.encode())[0] == 401


@pytest.mark.parametrize("sent", ["<script>", "a\xffb", "x; y", "x" * 129, "a\tb", "%0d%0aSet-Cookie:a"])
def test_a_hostile_request_id_is_not_echoed(service, sent):
    _, headers, _ = ask(service, f"GET /health HTTP/1.1\r\nx-request-id: {sent}\r\n")
    assert len(headers["x-request-id"]) == 36
    assert "set-cookie" not in headers


def test_requests_in_one_piece_are_answered_in_turn(service):
    order = (
        f"POST /sensei/mask HTTP/1.1\r\nHost: localhost\r\n{JSON}Content-Length: {len(ORDER)}\r\n\r\n{ORDER}"
    )
    last = "GET /nowhere HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    with connected(service) as sender:
        sender.sendall((order * 3 + last).encode())
        answers = said(sender)
    assert answers.count(b" 202 Accepted") == 3
    assert answers.rindex(b" 202 Accepted") < answers.index(b" 404 ")


OFFER = "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAEAAEAAAAIAAAAB\r\n"


def order_with(head, body):
    return f"POST /sensei/mask HTTP/1.1\r\nHost: localhost\r\n{JSON}{head}\r\n{body}".encode()


@pytest.mark.parametrize("offer", [OFFER, "Connection: upgrade\r\nUpgrade: websocket\r\n"])
@pytest.mark.parametrize("length", ["said", "chunked"])
@pytest.mark.parametrize("piece", [1, 7, 10_000])
def test_an_offer_of_another_protocol_is_passed_over(service, offer, length, piece):
    """Java's client makes one with the first request of a connection, whose body then goes on in HTTP/1.1."""
    chunks = f"{len(ORDER):x}\r\n{ORDER}\r\n0\r\n\r\n"
    framed = {
        "said": order_with(f"{offer}Content-Length: {len(ORDER)}\r\n", ORDER),
        "chunked": order_with(f"{offer}Transfer-Encoding: chunked\r\n", chunks),
    }
    sent = framed[length] * 2 + b"GET /nowhere HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    with connected(service) as sender:
        sender.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for start in range(0, len(sent), piece):
            sender.sendall(sent[start : start + piece])
        answers = said(sender)
    assert answers.count(b" 202 Accepted") == 2, answers
    assert answers.rindex(b" 202 Accepted") < answers.index(b" 404 ")


@pytest.mark.parametrize("framing", ["", "Content-Length: 0\r\n"])
def test_an_offer_without_a_body_is_a_request_like_any_other(service, framing):
    ask_for = f"GET /health HTTP/1.1\r\nHost: localhost\r\n{OFFER}{framing}\r\n"
    last = "GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    with connected(service) as sender:
        sender.sendall((ask_for * 2 + last).encode())
        assert said(sender).count(b" 200 OK") == 3


def test_a_body_behind_an_offer_is_capped_and_framed_as_any_other(service):
    large = f"{OFFER}Content-Length: 300000\r\n"
    assert ask(service, f"POST /sensei/mask HTTP/1.1\r\n{JSON}{large}")[0] == 413
    two = f"{OFFER}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n"
    assert ask(service, f"POST /sensei/mask HTTP/1.1\r\n{JSON}{two}", b"0\r\n\r\n")[0] == 400


@pytest.mark.parametrize("path", ["/health", "/ready", "/metrics"])
def test_who_closes_one_side_of_the_line_is_still_answered(service, path):
    with connected(service) as sender:
        sender.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        sender.shutdown(socket.SHUT_WR)
        begin = time.monotonic()
        assert said(sender).startswith(b"HTTP/1.1 ")
        assert time.monotonic() - begin < 10, "nothing more can come, so the connection ends"


def test_links_that_are_over_or_not_for_this(service):
    files = service.parts.files
    name = files.name("anonymous", 32 * "b")
    place = service.settings.data_dir / "files" / name
    place.write_bytes(b"kept")
    sign = files.signer.sign

    def status(verb, signature, path=name):
        return ask(service, f"{verb} /files/{path}?sig={signature} HTTP/1.1\r\nContent-Length: 0\r\n")[0]

    good = sign("GET", name, 60)
    assert status("GET", good) == status("HEAD", good) == 200
    for verb in ("GET", "HEAD", "PUT"):
        assert status(verb, sign(verb, name, -1)) == 403, "over"
        assert status(verb, sign("HEAD" if verb == "PUT" else "PUT", name, 60)) == 403, "for another verb"
        assert status(verb, sign(verb, "f" * 32, 60)) == 403, "for another file"
        assert status(verb, sign("token", name, 60)) == 403, "a token is no link"
        assert status(verb, good[:-2] + ("AA" if good[-2:] != "AA" else "BB")) == 403
        assert status(verb, f"{good}&sig=x") == 403
        for path in (
            f"../files/{name}",
            f"..%2ffiles%2f{name}",
            f"%2e/{name}",
            f"{name}%00",
            f"{name}%0a",
            "../secret",
        ):
            assert status(verb, sign("GET" if verb == "HEAD" else verb, path, 60), path) in (403, 404), path
    assert status("DELETE", good) == status("POST", good) == 405
    assert place.read_bytes() == b"kept"


def test_who_waits_between_bytes_of_an_upload_does_not_overwrite_after_the_end(service):
    pair = service.client.post("/files").json()
    service.client.put(pair["put"]["href"], content=b"first")
    path = pair["put"]["href"].removeprefix(service.base)
    with connected(service) as sender:
        sender.sendall(f"PUT {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\nshort".encode())
        sender.shutdown(socket.SHUT_WR)
        said(sender)
    assert service.client.get(pair["get"]["href"]).content == b"first"


def test_who_says_nothing_or_says_it_slowly_is_cut_off(shop):
    server, _ = shop
    with connected(server) as silent, connected(server) as slow, connected(server) as kept:
        kept.sendall(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert heard(kept, b"alive")
        end = time.monotonic() + 8
        for letter in b"GET /health HTTP/1.1\r\n" + b"x" * 1000:
            try:
                slow.sendall(bytes([letter]))
            except ConnectionError:
                break
            assert time.monotonic() < end, "a head may drip for ever"
            threading.Event().wait(0.05)  # a drip
        assert said(silent) == b""
        kept.sendall(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert heard(kept, b"alive"), "who waits between two requests is not slow"


def test_a_body_that_takes_its_time_is_not_a_slow_head(shop):
    server, secrets = shop
    head = f"POST /sensei/mask HTTP/1.1\r\nHost: localhost\r\n{JSON}{who('shop', secrets['shop'])}"
    with connected(server) as sender:
        sender.sendall(f"{head}Content-Length: {len(ORDER)}\r\n\r\n".encode())
        threading.Event().wait(0.8)  # longer than a head may take
        sender.sendall(ORDER.encode())
        assert b" 202 " in sender.recv(1000)


@pytest.mark.parametrize("path", ["/sensei/mask", "/files", "/mask"])
def test_who_leaves_in_the_middle_leaves_no_file_and_no_alarm(service, caplog, path):
    if path == "/files":
        href = service.client.post("/files").json()["put"]["href"].removeprefix(service.base)
        head = f"PUT {href} HTTP/1.1\r\n"
    else:
        kind = "application/json" if path == "/sensei/mask" else "multipart/form-data; boundary=x"
        head = f"POST {path} HTTP/1.1\r\nContent-Type: {kind}\r\n"
    before = set((service.settings.data_dir / "files").iterdir())
    with connected(service) as sender:
        sender.sendall(f"{head}Host: localhost\r\nContent-Length: 5000\r\n\r\n".encode() + b"--x\r\n")
        caplog.set_level(logging.INFO)
    end = time.monotonic() + 5
    while not any(record.name == "maskkit.server.access" for record in caplog.records):
        assert time.monotonic() < end
        time.sleep(0.01)
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR] == []
    assert set((service.settings.data_dir / "files").iterdir()) == before


def test_the_servers_own_files_do_without_tls_by_any_name(shop):
    """In a network of one's own the server may have no TLS; its files are no connection that could leak."""
    server, secrets = shop
    me = who("shop", secrets["shop"])
    links = []
    for _ in range(2):
        head = f"POST /files HTTP/1.1\r\n{me}Content-Length: 0\r\n"
        links.append(json.loads(ask(server, head, host="masks.lan:8000")[2]))
    source, target = links
    assert source["get"]["href"].startswith("http://masks.lan:8000/files/")
    put = source["put"]["href"].removeprefix("http://masks.lan:8000")
    assert server.client.put(put, content=photo_bytes()).status_code == 201
    order = {"input": {"href": source["get"]["href"], "storage": "external"}}
    order["output"] = {"href": target["put"]["href"], "storage": "external"}
    status, _, content = post(server, "/sensei/mask", json.dumps(order), JSON + me)
    assert status == 202, content
    headers = {"authorization": f"Bearer {secrets['shop']}", "x-api-key": "shop"}
    job = json.loads(content)["_links"]["self"]["href"].rpartition("/")[2]
    assert wait_for_end(server.client, f"/sensei/status/{job}", headers=headers)["status"] == "succeeded"
    order["input"]["href"] = "http://masks.lan:8000/files/" + "0" * 32 + "?sig=forged"
    assert post(server, "/sensei/mask", json.dumps(order), JSON + me)[0] == 400


def test_a_picture_is_served_in_ranges_to_whoever_may(service):
    pair = service.client.post("/files").json()
    service.client.put(pair["put"]["href"], content=photo_bytes())
    part = service.client.get(pair["get"]["href"], headers={"range": "bytes=1-3"})
    assert (part.status_code, part.content) == (206, b"PNG")
    many = ",".join(f"{n}-{n}" for n in range(0, 5000, 2))
    assert service.client.get(pair["get"]["href"], headers={"range": f"bytes={many}"}).status_code < 500


@pytest.mark.parametrize("charset", ["unicode_escape", "punycode", "undefined", "idna", "base64", "utf-16"])
def test_a_login_form_in_an_odd_charset_is_refused_in_oauths_words(shop, charset):
    fields = {"grant_type": "client_credentials", "client_id": "shop", "client_secret": "x\\ud800"}
    parts = "".join(
        f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    )
    kind = f"Content-Type: multipart/form-data; boundary=x; charset={charset}\r\n"
    status, _, content = post(shop[0], "/ims/token/v3", f"{parts}--x--\r\n", kind)
    assert status in (400, 401), content
    assert json.loads(content)["error"] in ("invalid_request", "unsupported_grant_type", "invalid_client")


def test_a_login_without_a_grant_type(shop):
    kind = "Content-Type: application/x-www-form-urlencoded\r\n"
    for body, error in (("", "invalid_request"), ("grant_type=password", "unsupported_grant_type")):
        status, _, content = post(shop[0], "/ims/token/v3", body, kind)
        assert (status, json.loads(content)) == (400, {"error": error})


def test_an_unexpected_error_is_told_with_the_requests_id_and_nothing_else(serving, caplog):
    server = serving()

    async def broken():
        raise RuntimeError("SECRET")

    server.app.add_api_route("/broken", broken)
    status, headers, content = ask(server, "GET /broken HTTP/1.1\r\nx-request-id: mine\r\n")
    assert (status, headers["x-request-id"]) == (500, "mine")
    assert json.loads(content) == {"error_code": "InternalError", "message": "unexpected error"}
    assert "unexpected, mine" in caplog.text
    assert server.client.get("/health").status_code == 200


@pytest.mark.parametrize(
    ("request_line", "status"),
    [("POST /sensei/mask/", 202), ("GET /health//", 200), ("POST //sensei/mask", 202)],
)
def test_a_slash_too_many_is_no_redirect(service, request_line, status):
    head = f"{request_line} HTTP/1.1\r\n{JSON}Content-Length: {len(ORDER)}\r\n"
    assert ask(service, head, ORDER.encode())[0] == status


LONG = f"POST /v1.0/removebg HTTP/1.1\r\nHost: localhost\r\nX-Api-Key: any\r\nContent-Length: {10**9}\r\n"


@pytest.mark.parametrize("expects", ["", "Expect: 100-continue\r\n"])
def test_who_sends_all_before_they_read_hears_why_it_was_refused(service, expects):
    with connected(service) as sender:
        sender.sendall(f"{LONG}{expects}\r\n".encode())
        for _ in range(64):  # more than the buffers of a line hold
            sender.sendall(bytes(1_000_000))
        answer = said(sender)
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b"connection: close" in answer.lower()
    assert answer.endswith(b'"code":"file_too_large"}]}')


def test_who_goes_on_after_the_last_answer_is_cut_off(shop):
    server, _ = shop
    with connected(server) as sender:
        sender.sendall(f"{LONG}\r\n".encode())
        assert heard(sender, b"file_too_large"), "the answer does not wait for the body"
        begin = time.monotonic()
        with contextlib.suppress(ConnectionError):
            while time.monotonic() - begin < 15:
                sender.sendall(bytes(65536))
        assert time.monotonic() - begin < 10


@pytest.mark.parametrize(("key", "asked"), [("wrong", False), ("right", True)])
def test_a_refusal_before_the_body_was_asked_for_is_the_last_answer(shop, key, asked):
    """A client need not send the body then; Go's before 1.21.12 began its next request in place of it."""
    server, secrets = shop
    key = secrets["shop"] if key == "right" else key
    head = f"POST /v1.0/removebg HTTP/1.1\r\nHost: localhost\r\nX-Api-Key: {key}\r\nContent-Length: 2\r\n"
    head += "Content-Type: application/json\r\nExpect: 100-continue\r\n\r\n"
    with connected(server) as sender:
        sender.sendall(head.encode())
        if asked:
            assert heard(sender, b"100 Continue\r\n\r\n")
            sender.sendall(b"{}" + b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        answers = said(sender)
    assert answers.startswith(b"HTTP/1.1 400 " if asked else b"HTTP/1.1 403 ")
    assert answers.count(b"HTTP/1.1 200 ") == asked
    assert answers.lower().count(b"connection: close") == 1
