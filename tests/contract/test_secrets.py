"""Secrets that a server echoes, or that are given where something else belongs."""

import base64
import hashlib
import socket
from contextlib import suppress
from urllib.parse import quote

import httpx
import pytest
from contract.routes import ORDER, STATUS

import maskkit
from maskkit import (
    AuthError,
    CodecError,
    FetchError,
    Job,
    JobFailedError,
    MaybeSubmittedError,
    TransportError,
)
from maskkit.adobe import Pace
from maskkit.adobe.service import service_of
from maskkit.clients.prepare import is_url
from maskkit.redact import redact, secrets_of
from maskkit.wire import Failure

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
        "PUT /bucket/key?upload=SECRET&n=1",
        r"https:\/\/a\/b?key=SECRET",
        "https://me:SECRET@host/path",
    ],
)
def test_redacted(text):
    assert "SECRET" not in redact(text)


@pytest.mark.parametrize(
    "signature",
    [
        hashlib.sha256(b"S3").hexdigest(),
        hashlib.sha512(b"GCS").hexdigest() * 4,
        base64.b64encode(hashlib.sha256(b"Azure").digest()).decode(),
        quote(base64.b64encode(hashlib.sha256(b"Azure").digest()).decode(), safe=""),
        "AKIAIOSFODNN7EXAMPLE",
    ],
)
def test_signatures_by_their_form(signature):
    assert redact(f"refused: '{signature}', expected another") == "refused: '…', expected another"
    harmless = (
        "job f54e0fcb-260b-47c3-b520-de0d17dc2b67 of masks/60c93ed1ba6b72070aca6c0bbcb0d811-photo.jpg = 7"
    )
    assert redact(harmless) == harmless


def signatures(server):
    """Of the order that went over the wire, whatever form they have."""
    order = next(one for one in server.received if one.method == "POST" and "ims" not in one.path)
    return [word for word in secrets_of(order.body.decode()) if not word.isdigit()]


def discreet(said, secrets):
    assert [secret for secret in secrets if secret in " ".join(said)] == []


class Odd:
    """A staging area whose signatures look like nothing in particular."""

    def __init__(self, server):
        self.sign_it = server.staging.sign

    def sign(self, method, key, expires_in):
        return f"{self.sign_it(method, key, expires_in)}&pass=very-odd-{method}-word"


@pytest.mark.parametrize("form", ["{}", '"{}"', "see {}", "<html>{}</html>"])
def test_a_receipt_that_cannot_be_read_and_quotes_the_order(connect, server, api, form):
    server.fail(ORDER[api], 202, body=form.format("very-odd-GET-word and very-odd-PUT-word"))
    with pytest.raises(MaybeSubmittedError) as caught:
        connect(api=api, staging=Odd(server)).create_mask(server.photo)
    assert "very-odd-GET" not in repr(caught.value)
    assert signatures(server)
    discreet([str(caught.value), repr(vars(caught.value))], signatures(server))


@pytest.mark.parametrize("status", [200, 400, 404, 500])
def test_a_status_that_quotes_the_order(connect, server, api, status, caplog):
    """In one process the job knows its order, whatever the signature looks like."""
    client = connect(api=api, staging=Odd(server))
    job = client.submit(server.photo)
    server.fail(STATUS[api], status, body={"status": 7, "message": "very-odd-GET-word"}, times=99)
    with pytest.raises(FetchError) as caught:
        client.wait(job, deadline=10)
    with suppress(FetchError):
        client.poll(job)
    assert "very-odd-GET" not in f"{caught.value!r} {vars(caught.value)} {caplog.text}"
    assert "very-odd" not in job.to_json()


@pytest.mark.parametrize("quoted", ["a word of the URL", "the URL elsewhere"])
def test_a_restored_job_whose_input_is_quoted(connect, server, api, quoted):
    """It has never seen the signature: the answer's own URLs and the forms of signatures tell."""
    job = Job.from_json(connect(api=api).submit(server.photo).to_json())
    word = signatures(server)[0]
    title = f"the signature {word} is wrong"
    details = {"see": f"{server.url}/a?sig=other-word-entirely", "again": "other-word-entirely"}
    failure = {
        "title": title,
        "message": title,
        "details": details if quoted != "a word of the URL" else word,
    }
    server.statuses, server.status_extra = ("failed",), {"errors": [failure], "errorDetails": [failure]}
    with pytest.raises(JobFailedError, match="the signature … is wrong") as caught:
        connect(api=api).wait(job)
    discreet([f"{caught.value!r} {vars(caught.value)}"], [word, "other-word-entirely"])


def test_a_token_that_was_renewed_is_still_none_to_quote(connect, server, api):
    client = connect(api=api)
    job = client.submit(server.photo)
    former = next(iter(server.tokens))
    server.expire_tokens()
    server.fail(STATUS[api], 403, body={"message": f"it was {former}"}, after=1)
    with pytest.raises(AuthError, match="it was …") as caught:
        client.wait(job)
    assert former not in str(caught.value)


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
