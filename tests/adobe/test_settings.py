"""What a client is told: by the environment, by arguments, by a staging area of one's own."""

from datetime import UTC, datetime

import pytest

from maskkit import (
    AuthError,
    ContractError,
    FetchError,
    MaskClient,
    MissingExtraError,
    ObjectStaging,
    RateLimit,
    SignedURLs,
)
from maskkit.adobe.environment import settings
from maskkit.adobe.hosts import ADOBE_API, is_adobe, same_origin
from maskkit.adobe.pace import retry_after
from maskkit.adobe.service import service_of
from maskkit.adobe.staging import expires_at, lifetime, storage_of
from maskkit.testing import FakeTime, ScriptedServer

OURS = {"MASKKIT_CLIENT_ID": "m-id", "MASKKIT_CLIENT_SECRET": "m-secret"}
FIREFLY = {"FIREFLY_SERVICES_CLIENT_ID": "f-id", "FIREFLY_SERVICES_CLIENT_SECRET": "f-secret"}
PHOTOSHOP = {"PHOTOSHOP_CLIENT_ID": "p-id", "PHOTOSHOP_ACCESS_TOKEN": "p-token"}


@pytest.mark.parametrize(
    ("environ", "found"),
    [
        ({}, {}),
        (OURS | FIREFLY | PHOTOSHOP, {"client_id": "m-id", "client_secret": "m-secret"}),
        (FIREFLY | PHOTOSHOP, {"client_id": "f-id", "client_secret": "f-secret"}),
        (PHOTOSHOP, {"client_id": "p-id", "token": "p-token"}),
        ({"MASKKIT_CLIENT_SECRET": "m"} | FIREFLY, {"client_id": "f-id", "client_secret": "f-secret"}),
        ({"MASKKIT_CLIENT_ID": ""} | PHOTOSHOP, {"client_id": "p-id", "token": "p-token"}),
        ({"MASKKIT_DEADLINE": "30", "MASKKIT_API": "v2"}, {"deadline": 30.0, "api": "v2"}),
    ],
)
def test_precedence(environ, found):
    assert settings(environ) == found


def test_an_argument_wins_and_brings_its_own_credentials():
    given = settings(OURS | {"MASKKIT_API": "v1"}, token="mine", api="v2", staging=None)
    assert given == {"token": "mine", "api": "v2", "client_id": "m-id"}
    assert settings(PHOTOSHOP, token="mine", base_url="https://masks.example").keys() == {"token", "base_url"}


@pytest.mark.parametrize("deadline", [0, -1, float("nan"), float("inf"), "soon"])
def test_deadlines_that_are_none(deadline):
    with pytest.raises(ContractError, match="deadline"):
        service_of(token="t", deadline=deadline)


def test_bad_urls_are_no_bare_value_errors():
    with pytest.raises(ContractError, match="base_url"):
        service_of(token="t", base_url="http://[")
    assert expires_at("http://[") is None


@pytest.mark.parametrize(
    "url", ["https://b/x-ms-files/k.jpg", "https://b/k?a=1&sig=2#sv=", "https://b/sv=1/k?a=1&sig=2"]
)
def test_a_store_is_told_by_host_and_query(url):
    assert storage_of(url) == "external"
    assert storage_of("https://notdropboxapi.com/k") == "external"
    assert storage_of("https://own.example/k?sv=1&sig=2") == "azure"


def test_a_huge_retry_after_is_bounded():
    assert retry_after({"retry-after": "1e400"}, 0) == 86400


def test_a_hold_holds_orders_that_are_queued():
    from maskkit.adobe.effects import Sleep
    from maskkit.adobe.ordering import turn

    time, limit = FakeTime(), RateLimit(1, 3.0)
    service = service_of(base_url="http://127.0.0.1:1", pace=time.pace(), limit=limit)
    limit.reserve(time.clock())
    talk = turn(service, service.ends())
    assert next(talk) == Sleep(3.0)
    limit.hold(60.0)
    time.sleep(3.0)
    assert talk.send(None) == Sleep(57.0)
    time.sleep(57.0)
    with pytest.raises(StopIteration):
        talk.send(None)


def test_names_of_adobes_tools_are_for_adobes_hosts_only():
    other = {"MASKKIT_BASE_URL": "https://masks.example"}
    assert settings(FIREFLY | PHOTOSHOP | other) == {"base_url": "https://masks.example"}
    assert settings(FIREFLY, base_url="https://masks.example") == {"base_url": "https://masks.example"}
    assert settings(OURS | other)["client_id"] == "m-id"
    assert settings(FIREFLY, base_url=ADOBE_API)["client_id"] == "f-id"


def test_a_deadline_that_is_no_number():
    with pytest.raises(ContractError, match="MASKKIT_DEADLINE"):
        settings({"MASKKIT_DEADLINE": "soon"})


def test_adobe_needs_credentials_and_others_may_not():
    with pytest.raises(AuthError, match="client_secret"):
        service_of()
    assert service_of(base_url="http://127.0.0.1:1").api_key is None


@pytest.mark.parametrize(
    "url", ["image.adobe.io", "ftp://a", "https://", "https://user:pw@a", "https://a?x=1", ""]
)
def test_base_urls_that_are_none(url):
    with pytest.raises((ContractError, AuthError)):
        service_of(base_url=url)


def test_contract_by_host():
    assert service_of(token="t").api == "v2"
    assert service_of(token="t", base_url="https://masks.example/").api == "v1"
    assert service_of(token="t", base_url="https://masks.example/x/").base_url == "https://masks.example/x"
    with pytest.raises(ContractError, match="api"):
        service_of(token="t", api="v3")


def test_a_client_id_that_would_break_out_of_its_header():
    for value in ("a\r\nx: y", "ü", " a"):
        with pytest.raises(AuthError, match="client_id"):
            service_of(token="t", client_id=value)


def test_one_limit_for_an_organisation_on_adobes_host():
    first, second = service_of(token="t", client_id="one"), service_of(token="t", client_id="one")
    assert first.limit is second.limit
    assert first.limit is not None
    assert service_of(token="t", client_id="two").limit is not first.limit
    assert service_of(token="t", base_url="https://masks.example").limit is None
    own = RateLimit(1, 1.0)
    assert service_of(token="t", limit=own).limit is own


def test_a_limit_holds_when_the_service_says_so():
    limit = RateLimit(2, 3.0)
    limit.hold(10.0)
    assert [limit.reserve(now) for now in (0.0, 0.0, 10.0)] == [10.0, 10.0, 3.0]


def test_the_doctor_sees_a_clock_that_is_wrong():
    from maskkit.adobe.doctor import examine

    with ScriptedServer() as server:
        server.fail("GET /sensei/status", 404, headers={"Date": "Thu, 01 Jan 2026 00:00:00 GMT"})
        with MaskClient(**server.options(), pace=FakeTime().pace()) as service:
            checks = {check.name: check for check in service.run(examine(service.service))}
    assert [name for name, check in checks.items() if not check.ok] == ["clock"]
    assert "clock" in checks["clock"].advice


def test_log_records_are_structured(caplog):
    caplog.set_level("INFO", "maskkit.adobe")
    with ScriptedServer() as server, MaskClient(**server.options(), pace=FakeTime().pace()) as service:
        service.create_mask(server.photo)
        job = next(iter(server.tasks))
    events = {record.event: record.facts for record in caplog.records if record.name == "maskkit.adobe"}
    assert list(events) == ["staged", "submitted", "succeeded", "fetched"]
    assert events["submitted"] == {"job": job, "api": "v1", "kind": "mask", "host": server.url}


def test_http_to_another_machine_is_told(caplog):
    service_of(token="t", base_url="http://masks.example")
    assert "unencrypted" in caplog.text


@pytest.mark.parametrize(
    ("url", "adobe"),
    [
        ("https://image.adobe.io/x", True),
        ("https://firefly-1.adobe.io", True),
        ("http://image.adobe.io", False),
        ("https://adobe.io.evil.example", False),
        ("https://evil-adobe.io", False),
        ("https://image.adobe.io@evil.example", False),
        ("https://[", False),
    ],
)
def test_adobes_hosts(url, adobe):
    assert is_adobe(url) is adobe
    assert same_origin(url, ADOBE_API) is (url.startswith("https://image.adobe.io/"))


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("3", 3), ("2.5", 2.5), ("-1", None), ("", None), ("soon", None), ("Thu, 01 Jan 1970 00:00:30 GMT", 20)],
)
def test_retry_after(value, seconds):
    assert retry_after({"retry-after": value}, 10.0) == seconds


@pytest.mark.parametrize(
    ("url", "at"),
    [
        ("https://b/k?X-Amz-Date=19700101T000000Z&X-Amz-Expires=60&X-Amz-Signature=1", 60),
        ("https://storage.googleapis.com/b/k?X-Goog-Date=19700101T000000Z&X-Goog-Expires=90", 90),
        ("https://a.blob.core.windows.net/c/k?sv=2021&se=1970-01-01T00:01:00Z&sig=x", 60),
        ("https://b/k?Expires=77&Signature=x", 77),
        ("https://b/k?expires=never", None),
        ("https://b/k", None),
        ("https://b/k?X-Amz-Date=yesterday&X-Amz-Expires=60", None),
    ],
)
def test_when_a_signature_ends(url, at):
    assert expires_at(url) == at


def test_kinds_of_stores():
    assert storage_of("https://b.s3.amazonaws.com/k?X-Amz-Signature=1") == "external"
    assert storage_of("https://a.blob.core.windows.net/c/k") == "azure"
    assert storage_of("https://content.dropboxapi.com/apitul/1/x") == "dropbox"
    assert storage_of("/files/photo.jpg") == "adobe"


def test_a_deadline_longer_than_stores_sign_for():
    with pytest.raises(FetchError, match="7 days"):
        lifetime(7 * 86400)


def test_urls_signed_beforehand_are_a_staging_area():
    with ScriptedServer() as server:
        sign = server.staging.sign
        names = {"photo": "in.jpg", "result": "out.png"}
        urls = {
            f"{role}_{method.lower()}": sign(method, name, 600)
            for role, name in names.items()
            for method in ("PUT", "GET", "DELETE")
        }
        staging = SignedURLs(**urls)
        with MaskClient(**server.options(staging=staging), pace=FakeTime().pace()) as service:
            assert service.create_mask(server.photo).any()
        assert server.store.files == {}
        assert "sig=" not in repr(staging)
        del urls["photo_delete"], urls["result_delete"]
        with MaskClient(**server.options(staging=SignedURLs(**urls)), pace=FakeTime().pace()) as service:
            assert service.create_mask(server.photo).any()
        assert sorted(server.store.files) == ["/store/in.jpg", "/store/out.png"]


def test_a_store_of_ones_own_that_waits():
    import asyncio

    from maskkit import AsyncMaskClient

    class Mine:
        def __init__(self, inner):
            self.inner = inner

        async def sign(self, method, key, expires_in):
            await asyncio.sleep(0)
            return self.inner.sign(method, key, expires_in)

    async def mask(server):
        how = server.options(staging=Mine(server.staging))
        async with AsyncMaskClient(**how, pace=FakeTime().pace()) as service:
            return await service.create_mask(server.photo)

    with ScriptedServer() as server:
        assert asyncio.run(mask(server)).any()


def test_the_extra_is_named_where_it_is_missing(monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "obstore.store", None)
    with pytest.raises(MissingExtraError, match=r"maskkit\[staging\]"):
        ObjectStaging("s3://bucket/masks")


def test_the_example_date_is_what_the_contract_says():
    from maskkit.wire.members import moment, stamp

    assert stamp(datetime(2020, 2, 11, 21, 8, 43, 789000, tzinfo=UTC)) == "2020-02-11T21:08:43.789Z"
    assert moment("2020-02-11T21:08:43.789Z") == datetime(2020, 2, 11, 21, 8, 43, 789000, tzinfo=UTC)
    assert moment("2020-02-11T21:08:43") == datetime(2020, 2, 11, 21, 8, 43, tzinfo=UTC)
    assert moment("yesterday") is None
