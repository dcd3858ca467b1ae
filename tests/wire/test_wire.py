"""The contracts on the wire: the documented bodies, every spelling, and round trips."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maskkit.errors import ContractError
from maskkit.redact import redact
from maskkit.wire import CONTRACTS, Accepted, Failure, Output, Status, invalid, v1, v2
from maskkit.wire.members import base_url, is_loopback, web_url

BRIEF_STATUS = {
    "jobID": "f54e0fcb-260b-47c3-b520-de0d17dc2b67",
    "status": "succeeded",
    "created": "2020-02-11T21:08:43.789Z",
    "modified": "2020-02-11T21:08:48.492Z",
    "input": "https://bucket.s3.amazonaws.com/in.jpg",
    "_links": {"self": {"href": "https://api.example/sensei/status/f54e0fcb-260b-47c3-b520-de0d17dc2b67"}},
    "output": {"storage": "external", "href": "https://bucket/out.png", "mask": {"format": "binary"}},
}
URLS = st.text("abcdef0123456789-", min_size=1).map(lambda name: f"https://store.example/{name}?sig={name}")
FAILURES = st.builds(
    Failure, code=st.integers(400, 599), type=st.text("abc", min_size=1), title=st.text(min_size=1)
)


def test_v1_sample_of_the_brief_round_trips_exactly():
    status = v1.read_status(BRIEF_STATUS)
    assert (status.done, status.output_url) == (True, "https://bucket/out.png")
    assert status.created == datetime(2020, 2, 11, 21, 8, 43, 789000, tzinfo=UTC)
    assert v1.write_status(status) == BRIEF_STATUS


def test_v1_order_as_a_sample_sends_it():
    body = {
        "input": {"href": "https://a/in.jpg", "storage": "external", "extra": 1},
        "output": {
            "href": "https://b/out.png",
            "storage": "azure",
            "type": "image/png",
            "mask": {"format": "binary"},
            "color": {"space": "rgba"},
            "overwrite": False,
        },
        "options": {"optimize": "batch", "service": {"version": "4.0"}},
    }
    request = v1.read_request(body)
    assert request.output == v1.Place("https://b/out.png", "azure")
    assert (request.format, request.color_space, request.overwrite) == ("binary", "rgba", False)
    del body["input"]["extra"], body["output"]["type"]
    assert v1.write_request(request) == body


@pytest.mark.parametrize(
    ("change", "member", "keyword"),
    [
        ({"input": None}, "input", "required"),
        ({"input": 3}, "input", "type"),
        ({"input": {"href": "https://a/1"}}, "input.storage", "required"),
        ({"input": {"href": "https://a/1", "storage": "ftp"}}, "input.storage", "enum"),
        ({"input": {"href": "http://127.0.0.1/1", "storage": "external"}}, "input.href", "pattern"),
        ({"input": {"href": "https://[", "storage": "external"}}, "input.href", "pattern"),
        ({"input": {"href": "https://a/1", "storage": "adobe"}}, "input.href", "pattern"),
        (
            {"output": {"href": "https://a/1", "storage": "azure", "mask": {}}},
            "output.mask.format",
            "required",
        ),
        ({"output": {"href": "https://a/1", "storage": "azure", "color": []}}, "output.color", "type"),
        ({"options": {"optimize": "fast"}}, "options.optimize", "enum"),
        ({"options": {"service": {"version": "9"}}}, "options.service.version", "enum"),
    ],
)
def test_v1_order_that_is_wrong_names_the_member(change, member, keyword):
    place = {"href": "https://a/1", "storage": "external"}
    with pytest.raises(ContractError) as caught:
        v1.read_request({"input": place, "output": place} | change)
    assert (caught.value.member, caught.value.keyword) == (member, keyword)
    answer = v1.write_error(invalid(caught.value))
    assert (answer["code"], answer["type"]) == (400, "InputValidationError")
    assert answer["reason"][0]["dataPath"] == f".{member}"
    assert set(answer["reason"][0]) == {"keyword", "dataPath", "schemaPath", "params", "message"}


@pytest.mark.parametrize("path", ["/files/a.jpg", "assets/x", "temp/1", "/cloud-content/z"])
def test_v1_adobe_storage_takes_paths(path):
    place = {"href": path, "storage": "adobe"}
    assert v1.read_request({"input": place, "output": place}).input.href == path


def test_http_is_admitted_only_where_the_caller_says_so():
    body = {"image": {"source": {"url": "http://127.0.0.1:80/a"}}}
    assert v2.read_request(body, http=is_loopback).url.startswith("http://127")
    with pytest.raises(ContractError):
        v2.read_request(body)
    with pytest.raises(ContractError):
        v2.read_request({"image": {"source": {"url": "http://example.com/a"}}}, http=is_loopback)


@pytest.mark.parametrize(
    ("change", "member"),
    [
        ({"image": {"source": {}}}, "image.source.url"),
        ({"mode": "alpha"}, "mode"),
        ({"output": {"mediaType": "image/gif"}}, "output.mediaType"),
        ({"trim": "yes"}, "trim"),
        ({"colorDecontamination": 1.5}, "colorDecontamination"),
        ({"colorDecontamination": float("nan")}, "colorDecontamination"),
        ({"backgroundColor": {"red": 0, "green": 0}}, "backgroundColor.blue"),
        ({"backgroundColor": {"red": 256, "green": 0, "blue": 0}}, "backgroundColor.red"),
        ({"backgroundColor": {"red": 0, "green": 0, "blue": 0, "alpha": True}}, "backgroundColor.alpha"),
    ],
)
def test_v2_order_that_is_wrong_names_the_member(change, member):
    with pytest.raises(ContractError) as caught:
        v2.read_request({"image": {"source": {"url": "https://a/1"}}} | change)
    assert caught.value.member == member
    assert member in v2.write_error(invalid(caught.value))["message"]


def test_v2_order_with_every_member_round_trips():
    body = {
        "image": {"source": {"url": "https://a/1"}},
        "mode": "psd",
        "output": {"mediaType": "image/vnd.adobe.photoshop"},
        "trim": True,
        "backgroundColor": {"red": 1, "green": 2, "blue": 3, "alpha": 0.5},
        "colorDecontamination": 0.25,
    }
    assert v2.write_request(v2.read_request(body)) == body
    assert v2.read_request({"image": {"source": {"url": "https://a/1"}}}).mode == "cutout"


@pytest.mark.parametrize(
    "output",
    [{"destination": {"url": "https://o/1"}, "mediaType": "image/png"}, {"url": "https://o/1"}],
)
def test_v2_result_in_both_places(output):
    body = {"jobId": "urn:ff:jobs:1", "status": "succeeded", "result": {"outputs": [output]}}
    assert v2.read_status(body).output_url == "https://o/1"


def test_receipts():
    for version, contract in CONTRACTS.items():
        url = f"https://api.example{contract.STATUS_PATH.format(job_id='7f')}"
        accepted = Accepted("7f", url)
        assert contract.read_accepted(contract.write_accepted(accepted)) == accepted, version
        assert contract.ORDER_PATHS.keys() == {"mask", "cutout"}
    assert v1.read_accepted({"_links": {"self": {"href": "https://a/sensei/status/7f/?x=1"}}}).job_id == "7f"
    for contract, body in (
        (v1, {}),
        (v1, []),
        (v1, {"_links": {"self": {}}}),
        (v2, {"jobId": ""}),
        (v2, ""),
    ):
        with pytest.raises(ContractError):
            contract.read_accepted(body)


@pytest.mark.parametrize("name", ["jobID", "jobId"])
def test_both_spellings_of_the_id(name):
    for contract in CONTRACTS.values():
        assert contract.read_status({name: "1", "status": "pending"}).job_id == "1"


ERROR = {"type": "T", "title": "broken", "code": 7, "details": {"a": 1}}


@pytest.mark.parametrize(
    ("errors", "found"),
    [
        ([ERROR], [Failure(7, "T", "broken", {"a": 1})]),
        (ERROR, [Failure(7, "T", "broken", {"a": 1})]),
        ([{}], []),
        ([], []),
        (None, []),
        ("broken", [Failure(title="broken")]),
        ([{"code": "7", "details": ["x"]}, None], [Failure(code="7", details=["x"])]),
    ],
)
def test_v1_errors_in_every_form(errors, found):
    status = v1.read_status({"jobID": "1", "status": "failed", "errors": errors})
    assert list(status.failures) == found


def test_errors_do_not_decide_and_an_unknown_status_is_no_end():
    assert v1.read_status({"status": "succeeded", "errors": [{}], "output": {}}).done
    assert not v1.read_status({"status": "uploading"}).done
    assert not v2.read_status({"status": "not_started"}).done
    for body in ({}, {"status": None}, {"status": 3}, [], None):
        for contract in CONTRACTS.values():
            with pytest.raises(ContractError):
                contract.read_status(body)


def test_a_failed_job_always_says_why():
    for contract, member in ((v1, "errors"), (v2, "errorDetails")):
        assert contract.write_status(Status("1", "failed"))[member]


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ({"error_code": "401013", "message": "Oauth"}, Failure(code="401013", title="Oauth")),
        ({"code": 409, "type": "FileOverwriteError"}, Failure(code=409, type="FileOverwriteError")),
        (
            {"code": 400, "type": "E", "details": {"allowedValues": [1], "reason": "x"}},
            Failure(400, "E", None, {"allowedValues": [1], "reason": "x"}),
        ),
        ({"errorCode": "e", "message": "m"}, Failure(code="e", title="m")),
        ({"error": "invalid_client", "error_description": "no"}, Failure(code="invalid_client", title="no")),
        ({"error": {"code": 1, "message": "m"}}, Failure(code=1, title="m")),
        ("<html>", Failure(title="<html>")),
        (None, Failure()),
    ],
)
def test_refusals_in_every_form(body, found):
    assert v1.read_error(body) == v2.read_error(body) == found


@given(
    st.sampled_from(["pending", "running", "succeeded", "failed", "novel"]),
    st.lists(st.builds(Output, url=URLS, storage=st.just("external"), format=st.just("soft")), max_size=1),
    st.lists(FAILURES, min_size=1, max_size=2),
    st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)),
)
def test_v1_status_round_trips(state, outputs, failures, at):
    at = at.replace(microsecond=at.microsecond // 1000 * 1000)
    said = tuple(failures) if state == "failed" else ()
    status = Status("7f", state, at, at, "https://a/1?q", tuple(outputs), said, "https://a/7f")
    assert v1.read_status(json.loads(json.dumps(v1.write_status(status)))) == status


@settings(max_examples=60)
@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(max_size=9),
        lambda inner: (
            st.lists(inner)
            | st.dictionaries(
                st.sampled_from(
                    [
                        "input",
                        "output",
                        "status",
                        "errors",
                        "_links",
                        "self",
                        "href",
                        "image",
                        "source",
                        "url",
                        "storage",
                        "mask",
                        "mode",
                        "result",
                        "outputs",
                        "destination",
                        "details",
                    ]
                ),
                inner,
            )
        ),
    )
)
def test_no_body_can_do_more_than_raise_contract_error(body):
    for contract in CONTRACTS.values():
        contract.read_error(body)
        for read in (contract.read_request, contract.read_accepted, contract.read_status):
            try:
                read(body)
            except ContractError:
                continue


@given(URLS)
def test_reprs_and_errors_carry_no_signature(url):
    secret = url.partition("?")[2]
    status = Status(
        "1", "succeeded", input=url, outputs=(Output(url),), failures=(Failure(title=f"{url} x"),)
    )
    shown = repr((v1.Request(v1.Place(url), v1.Place(url)), v2.Request(url), Accepted("1", url), status))
    with pytest.raises(ContractError) as caught:
        v1.read_request(
            {"input": {"href": url.replace("https", "http"), "storage": "external"}, "output": {}}
        )
    assert secret not in shown + str(status.failures[0]) + str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        "https://user:SECRET@host/x",
        "az://c/k?sv=1&sig=SECRET",
        "https://content.dropboxapi.com/apitul/1/SECRET",
        "{'access_token': 'SECRET', 'x': 1}",
        "Authorization: Bearer SECRET",
        "client_id=a&client_secret=SECRET&scope=x",
        "header x-api-key: SECRET",
        "X-Amz-Signature=SECRET",
        "bearer SECRET",
        "eyJSECRET.SECRET.SECRET",
    ],
)
def test_redact(text):
    assert "SECRET" not in redact(text)
    assert redact(redact(text)) == redact(text)


def test_redact_leaves_plain_text_alone():
    said = "PUT https://bucket.s3.amazonaws.com/prefix/1.png gave 403 after 2.5 s; token expired"
    assert redact(said) == said


@pytest.mark.parametrize(
    "url",
    [
        "",
        "masks.example.com",
        "ftp://a",
        "https://",
        "https://:8000",
        "https://a:0",
        "https://a:99999",
        "https://a:b",
        "https://[::1",
        "https://me:PASSWORD@a/",
        "https://a/?PASSWORD",
        "https://a/#PASSWORD",
        "https://a b/",
        "https://a\\b",
    ],
)
def test_other_urls_cannot_begin_with_it(url):
    with pytest.raises(ContractError, match=r"^public_url: need http\(s\)://host") as caught:
        base_url(url, "public_url")
    assert "PASSWORD" not in str(caught.value)


def test_other_urls_can_begin_with_it():
    assert base_url("HTTPS://[::1]:8000/under//", "x") == "HTTPS://[::1]:8000/under"


def test_a_url_with_a_port_that_cannot_be():
    with pytest.raises(ContractError, match="starts with https"):
        web_url("https://a:99999/", "input.href", http=None)
