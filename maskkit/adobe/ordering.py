"""Submitting: an order in one of the contracts, sent once, its receipt read."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urljoin

from maskkit.adobe import answers
from maskkit.adobe.effects import Call, Reply, Talk
from maskkit.adobe.exchange import attempts, order
from maskkit.adobe.hosts import is_adobe, same_origin, shown
from maskkit.adobe.job import Api, Job, Kind
from maskkit.adobe.logs import say
from maskkit.adobe.service import Service
from maskkit.adobe.staging import expires_at, storage_of
from maskkit.errors import ContractError, FetchError
from maskkit.wire import CONTRACTS, Format, v1, v2

__all__ = ["Order", "order_body", "place", "submit"]


@dataclass(frozen=True)
class Order:
    """What is ordered of which picture; places are v1's, v2 uses the URL of the input only."""

    input: v1.Place
    output: v1.Place | None = None
    kind: Kind = "mask"
    format: Format = "soft"


def place(url: str | v1.Place) -> v1.Place:
    """A URL with the word for its kind of store."""
    return url if isinstance(url, v1.Place) else v1.Place(url, storage_of(url))


def order_body(api: Api, wish: Order) -> dict[str, Any]:
    """The JSON of an order in one of the contracts."""
    if api == "v2":
        return v2.write_request(v2.Request(wish.input.href, mode=wish.kind, media_type="image/png"))
    if wish.output is None:
        raise ContractError("output_url: v1 writes its result to a URL; give one, or a staging area")
    return v1.write_request(v1.Request(wish.input, wish.output, format=wish.format))


def submit(service: Service, wish: Order, *, deadline: float | None = None) -> Talk[Job]:
    """Send an order; where the contract is to be found out, try the second if the first is not there."""
    within = service.within(deadline)
    for where in filter(None, (wish.input, wish.output)):
        _check_expiry(service, where.href, within)
    candidates = service.contracts
    for api in candidates:
        reply = yield from _post(service, api, wish, within)
        if api != candidates[-1] and _unknown_route(reply):
            continue
        job = _job(service, api, wish, reply)
        if not service.spoken:
            service.spoken.append(api)
        say("submitted", job=job.job_id, api=api, kind=wish.kind, host=shown(service.base_url))
        return job
    raise ContractError("api: no contract to try")  # pragma: no cover - candidates is never empty


def _post(service: Service, api: Api, wish: Order, within: float) -> Talk[Reply]:
    url = service.base_url + CONTRACTS[api].ORDER_PATHS[wish.kind]
    body = json.dumps(order_body(api, wish)).encode()
    call = Call("POST", url, {"Content-Type": "application/json"}, body)
    until = service.pace.clock() + within
    outcome = yield from attempts(
        service, call, again=order, until=until, credentials=True, limit=service.limit
    )
    if isinstance(outcome, Reply) and outcome.status_code < 500:
        return outcome
    if isinstance(outcome, Reply):
        raise answers.maybe_submitted(str(answers.refusal(outcome, "the service")), outcome)
    if outcome.sent:
        raise answers.maybe_submitted(outcome.reason)
    raise answers.lost(outcome, f"POST {shown(url)}")


def _unknown_route(reply: Reply) -> bool:
    return reply.status_code in (404, 405, 410) and v1.read_error(reply.json()).type is None


def _job(service: Service, api: Api, wish: Order, reply: Reply) -> Job:
    if not 200 <= reply.status_code < 300:
        raise answers.refusal(reply, "the service", service=True)
    try:
        accepted = CONTRACTS[api].read_accepted(reply.json())
    except ContractError as error:
        unread = str(error)
    else:
        url = _status_url(service, api, accepted.status_url, accepted.job_id)
        output = wish.output.href if wish.output else None
        return Job(api, accepted.job_id, url, wish.kind, wish.format, output)
    raise answers.maybe_submitted(f"the receipt cannot be read: {unread}", reply)


def _status_url(service: Service, api: Api, url: str, job_id: str) -> str:
    """Where the status is asked for, which is always at the API's origin, since credentials go along."""
    try:
        url = urljoin(f"{service.base_url}/", url)
    except ValueError:
        raise ContractError("statusUrl: is no URL", job_id=job_id) from None
    if same_origin(url, service.base_url):
        return url
    if api == "v1" or (is_adobe(url) and is_adobe(service.base_url)):
        path: str = CONTRACTS[api].STATUS_PATH
        return service.base_url + path.format(job_id=quote(job_id, safe=":"))
    raise ContractError(f"statusUrl: leads to {shown(url)}, not to the API's origin", job_id=job_id)


def _check_expiry(service: Service, url: str, deadline: float) -> None:
    ends = expires_at(url)
    left = None if ends is None else ends - service.pace.now()
    if left is not None and left < deadline:
        needs = f"the deadline is {deadline:g} s; sign it for longer"
        raise FetchError(f"the URL at {shown(url)} is signed for {max(left, 0):.0f} s more, {needs}")
