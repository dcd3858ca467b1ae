"""The masking service that is scripted: what it answers to each request when nothing goes wrong."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs

import httpx

from maskkit.adobe.connections import tls
from maskkit.adobe.edits import PSD
from maskkit.adobe.logs import ours
from maskkit.errors import ContractError
from maskkit.testing.faults import documented
from maskkit.testing.pictures import answer_to, edited
from maskkit.testing.script import Received, Script, Task
from maskkit.wire import CONTRACTS, Accepted, Failure, Output, Status, invalid, v1, v2
from maskkit.wire.members import is_loopback

__all__ = ["Answer", "answer"]

Answer = tuple[int, Mapping[str, str], bytes]
_ORDERS = {
    "/sensei/mask": ("v1", "mask"),
    "/sensei/cutout": ("v1", "cutout"),
    "/v2/remove-background": ("v2", None),
}
_STATUS = {"/sensei/status/": "v1", "/v2/status/": "v2"}


def answer(script: Script, request: Received) -> Answer:
    """The right answer to a request."""
    path = request.path
    if path.startswith("/store/") or "X-Amz-Signature" in request.query:
        status, content = script.store.answer(request.method, request.target, request.body)
        return status, {}, content
    if path.startswith("/results/") and request.method == "GET":
        task = script.tasks.get(path.removeprefix("/results/"))
        return (200, {}, task.result) if task and task.result else _json(404, {})
    if path == "/ims/token/v3" and request.method == "POST":
        return _token(script, request)
    return _api(script, request)


def _token(script: Script, request: Received) -> Answer:
    form = {name: values[0] for name, values in parse_qs(request.body.decode()).items()}
    wanted = {"client_id": script.client_id, "client_secret": script.client_secret}
    if any(form.get(name) != value for name, value in wanted.items()):
        return _json(400, {"error": "invalid_client", "error_description": "invalid client_secret parameter"})
    return _json(
        200, {"access_token": script.issue_token(), "token_type": "bearer", "expires_in": script.token_lasts}
    )


def _api(script: Script, request: Received) -> Answer:
    api = "v2" if request.path.startswith("/v2/") else "v1"
    if request.headers.get("authorization") not in {f"Bearer {token}" for token in script.tokens}:
        return _json(401, documented(401, api))
    if request.headers.get("x-api-key") != script.client_id:
        return _json(403, documented(403, api))
    if request.method == "POST" and request.path in _ORDERS and api in script.contracts:
        return _order(script, request, *_ORDERS[request.path])
    for prefix, spoken in _STATUS.items():
        if request.method == "GET" and request.path.startswith(prefix) and spoken in script.contracts:
            return _status(script, request.path.removeprefix(prefix), spoken)
    return _json(404, {"error_code": "404000", "message": "No such route"})


def _order(script: Script, request: Received, api: str, kind: str | None) -> Answer:
    contract = CONTRACTS[api]
    if request.headers.get("content-type", "").partition(";")[0] != "application/json":
        return _json(415, documented(415, api))
    try:
        order = contract.read_request(json.loads(request.body), http=is_loopback)
    except ContractError as error:
        return _json(400, contract.write_error(invalid(error)))
    except ValueError:
        return _json(400, contract.write_error(Failure(400, "RequestBodyError", "The body is not JSON")))
    if api == "v2" and (order.mode == "psd" or order.media_type == PSD):
        title = "mode, output.mediaType: the scripted server writes no PSD"
        return _json(400, contract.write_error(Failure(400, "InputValidationError", title)))
    if api == "v2" and order.notifiers:
        title = "notifiers: the scripted server calls nobody back"
        return _json(400, contract.write_error(Failure(400, "InputValidationError", title)))
    kind = kind or ("mask" if order.mode == "mask" else "cutout")
    job_id = str(uuid.uuid4()) if api == "v1" else f"urn:ff:jobs:{uuid.uuid4()}"
    script.tasks[job_id] = Task(job_id, api, kind, order, datetime.now(UTC))
    path = contract.STATUS_PATH.format(job_id=job_id)
    return _json(202, contract.write_accepted(Accepted(job_id, (script.status_base or script.url) + path)))


def _status(script: Script, job_id: str, api: str) -> Answer:
    task = script.tasks.get(job_id)
    if task is None:
        return _json(404, documented(404, api))
    state = script.statuses[min(task.asked, len(script.statuses) - 1)]
    task.asked += 1
    failures = tuple(script.failures)
    if state == "succeeded" and task.result is None:
        try:
            task.result = _finish(script, task)
        except httpx.HTTPError as error:
            title = f"The picture or its place cannot be reached: {type(error).__name__}"
            state, failures = "failed", (Failure(410, "FileLinkInvalidError", title),)
    body = CONTRACTS[api].write_status(_state(script, task, state, failures))
    return _json(200, body | dict(script.status_extra))


def _state(script: Script, task: Task, state: str, failures: tuple[Failure, ...]) -> Status:
    order = task.order
    outputs: tuple[Output, ...] = ()
    if isinstance(order, v1.Request):
        outputs = (
            (Output(order.output.href, order.output.storage, order.format),) if state == "succeeded" else ()
        )
        place: str | None = order.input.href
    else:
        url = f"{script.result_base or script.url}/results/{task.id}"
        kind = order.media_type or "image/png"
        outputs = (Output(url, media_type=kind),) if state == "succeeded" else ()
        place = None
    link = script.url + CONTRACTS[task.api].STATUS_PATH.format(job_id=task.id)
    said = failures if state == "failed" else ()
    return Status(task.id, state, task.created, datetime.now(UTC), place, outputs, said, link)


def _finish(script: Script, task: Task) -> bytes:
    """Read the photo, make the result, and write it where v1 was told to, as the service does."""
    order = task.order
    source = order.input.href if isinstance(order, v1.Request) else order.url
    format = order.format if isinstance(order, v1.Request) else "soft"
    with ours(), httpx.Client(trust_env=False, verify=tls()) as http:
        photo = http.get(source).raise_for_status().content
        result = (script.result or answer_to)(photo, task.kind, format)
        if isinstance(order, v2.Request) and task.kind == "cutout":
            result = edited(result, order)
        if isinstance(order, v1.Request):
            kind = {"x-ms-blob-type": "BlockBlob"} if order.output.storage == "azure" else {}
            http.put(order.output.href, content=result, headers=kind).raise_for_status()
    return result


def _json(status: int, body: Any) -> Answer:
    return status, {"Content-Type": "application/json"}, json.dumps(body).encode()
