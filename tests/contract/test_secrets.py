"""Secrets that a server echoes, or that are given where something else belongs."""

import socket
from urllib.parse import quote

import httpx
import pytest

import maskkit
from maskkit import AuthError, CodecError, FetchError, JobFailedError, TransportError
from maskkit.adobe import Pace
from maskkit.adobe.service import service_of
from maskkit.clients.prepare import is_url
from maskkit.redact import redact
from maskkit.wire import Failure

ORDER = {"v1": "POST /sensei/mask", "v2": "POST /v2/remove-background"}
SIGNED = "//pictures.example/x.jpg?X-Amz-Signature=SECRET"


@pytest.mark.parametrize("token", ["abc!SECRET\n", "SECRET\u0160", " SECRET", "SEC\x00RET"])
def test_a_token_that_no_header_can_carry(connect, server, token):
    with pytest.raises(AuthError, match="token") as caught:
        service_of(token=token)
    assert "SEC" not in str(caught.value)
    with pytest.raises(AuthError, match="token") as caught:
        connect(token=lambda: token).create_mask(server.photo)
    assert "SEC" not in str(caught.value)
    assert server.store.files == {}


def test_a_request_that_cannot_be_written_was_not_sent(both, mode):
    """httpx's own text would hold the header."""

    def refuse(request):
        raise httpx.LocalProtocolError("Illegal header value b'SECRET'")

    kind = httpx.Client if mode == "sync" else httpx.AsyncClient
    http = kind(transport=httpx.MockTransport(refuse))
    client = both(mode, http=http, base_url="https://masks.example", token="t", api="v1")
    with pytest.raises(TransportError) as caught:
        client.submit("https://a.example/in.jpg", "https://a.example/out.png")
    assert "SECRET" not in str(caught.value)
    client.close()


@pytest.mark.parametrize("url", ["http:" + SIGNED, "HTTPS:" + SIGNED, " https:" + SIGNED])
@pytest.mark.parametrize("door", [maskkit.fetch_mask, maskkit.cutout, maskkit.read])
def test_a_signed_url_that_is_taken_for_a_path(door, url):
    with pytest.raises(CodecError) as caught:
        door(url, **({"source": "classical"} if door is maskkit.fetch_mask else {}))
    assert "SECRET" not in str(caught.value)


@pytest.mark.parametrize("url", ["HTTPS://a/b", " https://a/b", "Http://a/b\n"])
def test_a_url_is_one_in_any_spelling(url):
    assert is_url(url)


@pytest.mark.parametrize("url", ["HTTP", " http"])
def test_a_url_in_any_spelling_is_ordered(client, server, url):
    server.store.files["/store/in.jpg"] = server.photo
    signed = url + server.staging.sign("GET", "in.jpg", 600).removeprefix("http")
    assert client.create_mask(signed).any()


def test_a_token_that_the_service_echoes(connect, server, api):
    token = "own+token/of-this-test" * 10
    said = {"message": f"{'x' * 150} no such token: {token}, {quote(token, safe='')}"}
    server.fail(ORDER[api], 401, body=said, times=9)
    with pytest.raises(AuthError, match="no such token: …") as caught:
        connect(api=api, token=token).create_mask(server.photo)
    assert "of-this-test" not in str(caught.value)


def test_a_client_secret_that_ims_echoes(connect, server):
    server.fail("POST /ims", 400, body=f"bad secret {server.client_secret}", times=9)
    with pytest.raises(AuthError, match="bad secret …"):
        connect().create_mask(server.photo)


def test_a_signature_that_the_store_echoes(client, server):
    put = server.staging.sign("PUT", "a.jpg", 600)
    query = put.partition("?")[2]
    signature = query.partition("=")[2].partition("&")[0]

    class Fixed:
        def sign(self, *_):
            return put

    client.client.service.__dict__["staging"] = Fixed()
    server.fail("PUT /store", 403, body=f"<Error>it was {signature} on us</Error>", times=9)
    with pytest.raises(FetchError) as caught:
        client.create_mask(server.photo)
    assert signature not in str(caught.value)


def test_an_encoded_url_in_the_reasons_of_a_job(client, server, api):
    said = "cannot read https%3A%2F%2Fb.example%2Fk%3FX-Amz-Signature%3DTHE-SIGNATURE"
    server.statuses, server.failures = ("failed",), [Failure(410, "FileLinkInvalidError", said)]
    with pytest.raises(JobFailedError) as caught:
        client.create_mask(server.photo)
    assert "THE-SIGNATURE" not in f"{caught.value} {vars(caught.value)}"


@pytest.mark.parametrize(
    "text",
    [
        "Authorization: Basic SECRET",
        "client-secret=SECRET",
        "api_key=SECRET",
        "apikey: SECRET",
        "https%3A%2F%2Fa%2Fb%3Fsig%3DSECRET",
        r'"sig\u003dSECRET',
        "<Code>x</Code><SignatureProvided>SECRET</SignatureProvided>",
    ],
)
def test_redacted(text):
    assert "SECRET" not in redact(text)


def test_an_own_servers_secret_is_not_shown_to_adobe(connect, server):
    own = service_of(base_url="https://masks.example/x/", client_id="a", client_secret="b")
    assert own.tokens._source.url == "https://masks.example/x/ims/token/v3"
    adobe = service_of(client_id="a", client_secret="b")
    assert adobe.tokens._source.url.startswith("https://ims-na1.adobelogin.com/")
    assert connect(ims_url=None).create_mask(server.photo).any()


def test_a_connection_that_is_never_made_sent_no_order(connect, server, api):
    """A listener whose queue is full lets connections hang; the deadline of the order ends them."""
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        waiting = [socket.socket() for _ in range(4)]
        for one in waiting:
            one.setblocking(False)
            one.connect_ex(full.getsockname())
        url = f"http://127.0.0.1:{full.getsockname()[1]}"
        client = connect(api=api, base_url=url, token="t", tries=1, timeout=5.0, pace=Pace())
        with pytest.raises(TransportError):
            client.submit(f"{server.url}/store/a.jpg", f"{server.url}/store/b.png", deadline=0.3)
        for one in waiting:
            one.close()
