"""The masking service that is scripted: what it answers to each request when nothing goes wrong."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

import httpx

from maskkit.adobe.client import tls
from maskkit.adobe.logs import ours
from maskkit.errors import ContractError
from maskkit.testing.faults import documented
from maskkit.testing.pictures import answer_to
from maskkit.wire import CONTRACTS, Accepted, Failure, Output, Status, invalid, v1, v2
from maskkit.wire.members import is_loopback

if TYPE_CHECKING:
    from maskkit.testing.server import Received, ScriptedServer

__all__ = ["Answer", "Task", "answer"]

Answer = tuple[int, Mapping[str, str], bytes]
_ORDERS = {
    "/sensei/mask": ("v1", "mask"),
    "/sensei/cutout": ("v1", "cutout"),
    "/v2/remove-background": ("v2", None),
}
_STATUS = {"/sensei/status/": "v1", "/v2/status/": "v2"}


@dataclass
class Task:
    """A job of the scripted service: its order, and how often it was asked for."""

    id: str
    api: str
    kind: str
    order: v1.Request | v2.Request
    created: datetime
    asked: int = 0
    result: bytes | None = None


def answer(server: ScriptedServer, request: Received) -> Answer:
    """The right answer to a request."""
    path = request.path
    if path.startswith("/store/") or "X-Amz-Signature" in request.query:
        status, content = server.store.answer(request.method, request.target, request.body)
        return status, {}, content
    if path.startswith("/results/") and request.method == "GET":
        task = server.tasks.get(path.removeprefix("/results/"))
        return (200, {}, task.result) if task and task.result else _json(404, {})
    if path == "/ims/token/v3" and request.method == "POST":
        return _token(server, request)
    return _api(server, request)


def _token(server: ScriptedServer, request: Received) -> Answer:
    form = {name: values[0] for name, values in parse_qs(request.body.decode()).items()}
    wanted = {"client_id": server.client_id, "client_secret": server.client_secret}
    if any(form.get(name) != value for name, value in wanted.items()):
        return _json(400, {"error": "invalid_client", "error_description": "invalid client_secret parameter"})
    return _json(
        200, {"access_token": server.issue_token(), "token_type": "bearer", "expires_in": server.token_lasts}
    )


def _api(server: ScriptedServer, request: Received) -> Answer:
    api = "v2" if request.path.startswith("/v2/") else "v1"
    if request.headers.get("authorization") not in {f"Bearer {token}" for token in server.tokens}:
        return _json(401, documented(401, api))
    if request.headers.get("x-api-key") != server.client_id:
        return _json(403, documented(403, api))
    if request.method == "POST" and request.path in _ORDERS and api in server.contracts:
        return _order(server, request, *_ORDERS[request.path])
    for prefix, spoken in _STATUS.items():
        if request.method == "GET" and request.path.startswith(prefix) and spoken in server.contracts:
            return _status(server, request.path.removeprefix(prefix), spoken)
    return _json(404, {"error_code": "404000", "message": "No such route"})


def _order(server: ScriptedServer, request: Received, api: str, kind: str | None) -> Answer:
    contract = CONTRACTS[api]
    if request.headers.get("content-type", "").partition(";")[0] != "application/json":
        return _json(415, documented(415, api))
    try:
        order = contract.read_request(json.loads(request.body), http=is_loopback)
    except ContractError as error:
        return _json(400, contract.write_error(invalid(error)))
    except ValueError:
        return _json(400, contract.write_error(Failure(400, "RequestBodyError", "The body is not JSON")))
    kind = kind or ("mask" if order.mode == "mask" else "cutout")
    job_id = str(uuid.uuid4()) if api == "v1" else f"urn:ff:jobs:{uuid.uuid4()}"
    server.tasks[job_id] = Task(job_id, api, kind, order, datetime.now(UTC))
    path = contract.STATUS_PATH.format(job_id=job_id)
    return _json(202, contract.write_accepted(Accepted(job_id, (server.status_base or server.url) + path)))


def _status(server: ScriptedServer, job_id: str, api: str) -> Answer:
    task = server.tasks.get(job_id)
    if task is None:
        return _json(404, documented(404, api))
    state = server.statuses[min(task.asked, len(server.statuses) - 1)]
    task.asked += 1
    failures = tuple(server.failures)
    if state == "succeeded" and task.result is None:
        try:
            task.result = _finish(server, task)
        except httpx.HTTPError as error:
            title = f"The picture or its place cannot be reached: {type(error).__name__}"
            state, failures = "failed", (Failure(410, "FileLinkInvalidError", title),)
    body = CONTRACTS[api].write_status(_state(server, task, state, failures))
    return _json(200, body | dict(server.status_extra))


def _state(server: ScriptedServer, task: Task, state: str, failures: tuple[Failure, ...]) -> Status:
    order = task.order
    outputs: tuple[Output, ...] = ()
    if isinstance(order, v1.Request):
        outputs = (
            (Output(order.output.href, order.output.storage, order.format),) if state == "succeeded" else ()
        )
        place: str | None = order.input.href
    else:
        url = f"{server.result_base or server.url}/results/{task.id}"
        outputs = (Output(url, media_type="image/png"),) if state == "succeeded" else ()
        place = None
    link = server.url + CONTRACTS[task.api].STATUS_PATH.format(job_id=task.id)
    said = failures if state == "failed" else ()
    return Status(task.id, state, task.created, datetime.now(UTC), place, outputs, said, link)


def _finish(server: ScriptedServer, task: Task) -> bytes:
    """Read the photo, make the result, and write it where v1 was told to, as the service does."""
    order = task.order
    source = order.input.href if isinstance(order, v1.Request) else order.url
    format = order.format if isinstance(order, v1.Request) else "soft"
    with ours(), httpx.Client(trust_env=False, verify=tls()) as http:
        photo = http.get(source).raise_for_status().content
        result = (server.result or answer_to)(photo, task.kind, format)
        if isinstance(order, v1.Request):
            kind = {"x-ms-blob-type": "BlockBlob"} if order.output.storage == "azure" else {}
            http.put(order.output.href, content=result, headers=kind).raise_for_status()
    return result


def _json(status: int, body: Any) -> Answer:
    return status, {"Content-Type": "application/json"}, json.dumps(body).encode()
