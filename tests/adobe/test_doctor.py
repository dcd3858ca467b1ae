"""`maskkit doctor` through a process: each promise, what it says to do, that it leaves nothing behind."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from email.utils import formatdate
from time import sleep

import pytest

from maskkit import MaskClient
from maskkit.adobe.doctor import examine
from maskkit.testing import FakeTime, ScriptedServer

pytest.importorskip("obstore", reason="maskkit[staging] is not installed")


@pytest.fixture
def server():
    with ScriptedServer() as scripted:
        yield scripted


def start(*words, **environ):
    names = ("MASKKIT", "AWS", "GOOGLE", "AZURE", "FIREFLY", "PHOTOSHOP")
    plain = {name: value for name, value in os.environ.items() if not name.startswith(names)}
    command = [sys.executable, "-m", "maskkit", "doctor", *words]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, env={**plain, **environ}, stdout=pipe, stderr=pipe, text=True)


def doctor(*words, **environ):
    """Exit code, and the checks by name (of two of a name the last), from the JSON."""
    with start("--json", *words, **environ) as process:
        said, trouble = process.communicate(timeout=120)
    assert "Traceback" not in trouble
    secret = environ.get("MASKKIT_CLIENT_SECRET", "no secret")
    assert not [word for word in (secret, "Signature=", "sig=", "token-") if word in said + trouble]
    report = json.loads(said)
    assert report["ok"] == (process.returncode == 0)
    return process.returncode, {check["name"]: check for check in report["checks"]}


def wrong(checks):
    assert all(check["advice"] for check in checks.values() if not check["ok"])
    return [name for name, check in checks.items() if not check["ok"]]


@pytest.mark.parametrize("api", ["v1", "v2"])
def test_all_well(server, api):
    code, checks = doctor(**server.environ(api))
    assert (code, wrong(checks)) == (0, [])
    assert list(checks) == [
        *("api", "token", "service", "clock", "contract", "expiry"),
        *("clock of the store", "staging PUT", "staging GET", "staging DELETE"),
    ]
    assert (server.tasks, server.store.files, server.leaks) == ({}, {}, [])


@pytest.mark.parametrize(
    ("fault", "failing"),
    [
        ({"status": 403}, ["staging GET"]),
        ({"status": 200, "body": "something else"}, ["staging GET"]),
        ({"how": "reset", "times": 9}, ["staging GET"]),
    ],
)
def test_the_file_is_removed_when_the_get_fails(server, fault, failing):
    server.fail("GET /bucket/", **fault)
    code, checks = doctor(**server.environ())
    assert (code, wrong(checks)) == (1, failing)
    assert server.store.files == {}


def test_it_says_what_it_could_not_remove(server):
    server.fail("DELETE /bucket/", 403, times=9)
    code, checks = doctor(**server.environ())
    assert (code, wrong(checks)) == (1, ["staging DELETE"])
    (left,) = server.store.files
    said = checks["staging DELETE"]["said"]
    assert left.rpartition("/")[2] in said
    assert "left behind" in said


def test_an_upload_that_was_lost_on_the_way_is_removed_as_well(server):
    server.fail("PUT /bucket/", 503, times=9)
    _, checks = doctor(**server.environ())
    assert wrong(checks) == ["staging PUT", "staging DELETE"]
    server.faults.clear()
    server.fail("PUT /bucket/", 403)
    _, checks = doctor(**server.environ())
    assert wrong(checks) == ["staging PUT"], "it was turned away: there is nothing to remove"


@pytest.mark.skipif(sys.platform == "win32", reason="signals are POSIX's")
def test_ctrl_c_leaves_nothing(server):
    signal.signal(signal.SIGINT, signal.default_int_handler)  # shells let background jobs ignore it
    server.fail("GET /bucket/", how="hang")
    with start(**server.environ()) as process:
        while not server.store.files:
            assert process.poll() is None
            sleep(0.01)
        sleep(0.05)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
    assert process.returncode == 130
    assert server.store.files == {}


@pytest.mark.parametrize(
    ("environ", "failing", "advice"),
    [
        ({"MASKKIT_CLIENT_SECRET": "wrong-secret-1"}, ["token"], "client id and secret"),
        ({"MASKKIT_CLIENT_ID": "somebody", "MASKKIT_ACCESS_TOKEN": "x" * 20}, ["service"], "this API"),
        ({"MASKKIT_CLIENT_ID": "two\nlines"}, ["credentials"], "MASKKIT_CLIENT_ID"),
        ({"MASKKIT_STAGING": ""}, ["staging"], "MASKKIT_STAGING"),
        ({"MASKKIT_STAGING": "ftp://host/x"}, ["staging"], "s3://bucket/prefix"),
        ({"MASKKIT_STAGING": "az://box"}, ["staging"], "AZURE_STORAGE_ACCOUNT_KEY"),
        ({"AWS_ENDPOINT_URL": "http://127.0.0.1:9"}, ["staging PUT"], "address"),
    ],
)
def test_what_is_wrong_and_what_to_do(server, environ, failing, advice):
    code, checks = doctor(**{**server.environ(), **environ})
    assert (code, wrong(checks)) == (1, failing)
    assert advice in checks[failing[0]]["advice"]


def test_adobe_without_credentials(server):
    environ = server.environ()
    storage = {name: value for name, value in environ.items() if name.startswith("AWS")}
    code, checks = doctor(**storage, MASKKIT_STAGING=environ["MASKKIT_STAGING"])
    assert (code, wrong(checks)) == (1, ["credentials", "host"])
    assert "MASKKIT_ACCESS_TOKEN" in checks["credentials"]["advice"]
    assert "amazonaws.com" in checks["host"]["advice"], "a bucket on this machine is nothing that Adobe reads"
    assert not [request for request in server.received if request.path.startswith("/v2")]


def test_another_kind_of_server_is_no_masking_service(server):
    server.fail("GET /sensei/status/", 404, body="<html>Not here</html>")
    _, checks = doctor(**server.environ())
    assert wrong(checks) == ["service"]
    assert "MASKKIT_BASE_URL" in checks["service"]["advice"]


@pytest.mark.parametrize("api", ["v1", "v2"])
def test_a_contract_that_the_server_does_not_speak(server, api):
    """It answers 404 in JSON on its routes, as it would of a job that it does not know."""
    server.contracts = ("v2",) if api == "v1" else ("v1",)
    code, checks = doctor(**server.environ(api))
    assert (code, wrong(checks)) == (1, ["contract"])
    assert "MASKKIT_API" in checks["contract"]["advice"]
    assert server.tasks == {}
    assert doctor(**server.environ("auto"))[0] == 0


def test_an_account_that_may_not_order(server):
    server.fail("POST /sensei/mask", 402, body={"code": 402, "type": "TrialLimitExceededError"})
    code, checks = doctor(**server.environ())
    assert (code, wrong(checks)) == (1, ["contract"])
    assert "402" in checks["contract"]["said"]


@pytest.mark.parametrize(
    ("route", "name"), [("GET /sensei/status/", "clock"), ("PUT /bucket/", "clock of the store")]
)
def test_clocks_of_the_service_and_of_the_store(server, route, name):
    date = formatdate(time.time() + 1200, usegmt=True)
    body = {"code": 404, "type": "ResourceNotFound"}
    server.fail(route, 403 if "PUT" in route else 404, headers={"Date": date}, body=body)
    _, checks = doctor("--deadline", "60", **server.environ())
    assert wrong(checks)[0] == name
    assert re.search(r"-1[12]\d\d s off", checks[name]["said"])
    assert "set this machine's clock" in checks[name]["advice"]


def test_urls_that_end_before_the_deadline(server):
    class Short:
        def sign(self, method, key, expires_in):  # noqa: ARG002
            return server.staging.sign(method, key, 30)

    with MaskClient(**server.options(staging=Short()), pace=FakeTime().pace(), deadline=60) as client:
        checks = {check.name: check for check in client.run(examine(client.service))}
    assert not checks["expiry"].ok
    assert "60 s" in checks["expiry"].said
    code, checks = doctor("--deadline", "9999999", **server.environ())
    assert (code, "7 days" in checks["staging PUT"]["said"]) == (1, True)


def test_a_store_of_ones_own_that_fails(server):
    class Broken:
        def sign(self, method, key, expires_in):  # noqa: ARG002
            raise KeyError("my-secret")

    with MaskClient(**server.options(staging=Broken()), pace=FakeTime().pace()) as client:
        checks = client.run(examine(client.service))
    assert [check.name for check in checks if not check.ok] == ["staging PUT"]
    assert "my-secret" not in str(checks)


def test_words_that_are_wrong(server):
    for words, code in ((["--api", "v3"], 2), (["--deadline", "soon"], 2), (["--base-url", "ftp://x"], 1)):
        with start(*words, **server.environ()) as process:
            said, trouble = process.communicate(timeout=60)
        assert (process.returncode, said) == (code, ""), trouble
        assert "Traceback" not in trouble
    assert server.received == []


def test_for_people(server):
    server.fail("GET /bucket/", 403)
    with start(**server.environ()) as process:
        said, trouble = process.communicate(timeout=60)
    assert (process.returncode, trouble) == (1, "")
    assert "FAIL staging GET: http://127.0.0.1" in said
    assert "     to do: may these keys GET there" in said
