"""Submitting: an order in one of the contracts, sent once, its receipt read."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from urllib.parse import quote, urljoin

from maskkit.adobe import answers
from maskkit.adobe.edits import NO_EDITS, PSD, Edits
from maskkit.adobe.effects import Call, Reply, Sleep, Talk
from maskkit.adobe.exchange import attempts, order
from maskkit.adobe.hosts import is_adobe, shares_credentials, shown
from maskkit.adobe.job import Api, Job, Kind
from maskkit.adobe.logs import say
from maskkit.adobe.pace import Deadline
from maskkit.adobe.service import Service
from maskkit.adobe.staging import expires_at, storage_of
from maskkit.errors import ContractError, FetchError, RateLimitError, TransportError
from maskkit.redact import secrets_of
from maskkit.wire import CONTRACTS, Body, Format, v1, v2

__all__ = ["Order", "Places", "check_expiry", "order_body", "place", "submit", "turn"]

Places = Callable[[], Talk[tuple[v1.Place, v1.Place | None]]]


@dataclass(frozen=True)
class Order:
    """What is ordered of which picture; places are v1's, v2 uses the URL of the input only."""

    input: v1.Place | None = None
    output: v1.Place | None = None
    kind: Kind = "mask"
    format: Format = "soft"
    edits: Edits = NO_EDITS


def place(url: str | v1.Place) -> v1.Place:
    """A URL with the word for its kind of store."""
    return url if isinstance(url, v1.Place) else v1.Place(url, storage_of(url))


def order_body(api: Api, wish: Order) -> Body:
    """The JSON of an order in one of the contracts."""
    if wish.input is None:
        raise ContractError("photo: the service reads it from a URL; give one, or a staging area")
    if api == "v2":
        return v2.write_request(_v2(wish.input.href, wish))
    if wish.output is None:
        raise ContractError("output_url: v1 writes its result to a URL; give one, or a staging area")
    wish.edits.check_v1()
    return v1.write_request(v1.Request(wish.input, wish.output, format=wish.format))


def _v2(url: str, wish: Order) -> v2.Request:
    edits = wish.edits
    return v2.Request(
        url,
        mode="psd" if edits.media_type == PSD else wish.kind,
        media_type=edits.media_type or "image/png",
        trim=edits.trim,
        background_color=edits.background,
        color_decontamination=edits.decontaminate,
    )


def submit(service: Service, wish: Order, places: Places, deadline: Deadline) -> Talk[Job]:
    """Send an order; where the contract is to be found out, try the second if the first is not there.

    ``places`` is asked for input and output when the order's turn has come: URLs are signed after the queue.
    """
    candidates = service.contracts
    for api in candidates:
        reply, sent = yield from _post(service, api, wish, places, deadline)
        if api != candidates[-1] and _unknown_route(reply):
            continue
        job = _job(service, api, sent, reply)
        if not service.spoken:
            service.spoken.append(api)
        say("submitted", job=job.job_id, api=api, kind=wish.kind, host=shown(service.base_url))
        return job
    raise ContractError("api: no contract to try")  # pragma: no cover - candidates is never empty


def turn(service: Service, deadline: Deadline) -> Talk[None]:
    """Wait for a place in the rate limit; only time that the service itself asks for counts."""
    limit, clock = service.limit, service.pace.clock
    while limit:
        held = limit.held(clock())
        if held and held >= deadline.left():
            raise RateLimitError("the service wants no order before the deadline", retry_after=held)
        wait = limit.reserve(clock())
        if wait:
            yield Sleep(wait)
        deadline.extend(wait - held)
        if not limit.held(clock()):  # meanwhile the service may have turned another order away
            break


def check_expiry(service: Service, url: str, deadline: Deadline) -> None:
    """Raises FetchError for a signed URL that ends before the deadline."""
    ends = expires_at(url)
    left = None if ends is None else ends - service.pace.now()
    if left is not None and left < deadline.left():
        needs = f"the deadline is in {deadline.left():.0f} s; sign it for longer"
        raise FetchError(f"the URL at {shown(url)} is signed for {max(left, 0):.0f} s more, {needs}")


def _post(
    service: Service, api: Api, wish: Order, places: Places, deadline: Deadline
) -> Talk[tuple[Reply, Order]]:
    sent = wish

    def ready(call: Call) -> Talk[Call]:
        nonlocal sent
        yield from turn(service, deadline)
        source, target = yield from places()
        for where in filter(None, (source, target)):
            check_expiry(service, where.href, deadline)
        if deadline.left() <= 0:
            raise TransportError(
                f"the {deadline.seconds:g} s of the deadline passed before the order was sent"
            )
        sent = replace(wish, input=source, output=target)
        return replace(call, content=json.dumps(order_body(api, sent)).encode())

    url = service.base_url + CONTRACTS[api].ORDER_PATHS[wish.kind]
    call = Call("POST", url, {"Content-Type": "application/json"})
    outcome = yield from attempts(
        service, call, again=order, deadline=deadline, credentials=True, ready=ready
    )
    if isinstance(outcome, Reply) and outcome.status_code < 500:
        return outcome, sent
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
        accepted = answers.understood(reply, CONTRACTS[api].read_accepted)
    except ContractError as error:
        unread = str(error)
    else:
        url = _status_url(service, api, accepted.status_url, accepted.job_id)
        output = wish.output.href if wish.output else None
        job = Job(api, accepted.job_id, url, wish.kind, wish.format, output, edits=wish.edits.names)
        return replace(job, secrets=frozenset(secrets_of(json.dumps(order_body(api, wish)))))
    raise answers.maybe_submitted(f"the receipt cannot be read: {unread}", reply)


def _status_url(service: Service, api: Api, url: str, job_id: str) -> str:
    """Where the status is asked for; credentials go along, so only one of the service's own hosts counts.

    In the place of another one the contract's path at the API's origin is taken.
    """
    try:
        url = urljoin(f"{service.base_url}/", url)
    except ValueError:
        raise ContractError("statusUrl: is no URL", job_id=job_id) from None
    if shares_credentials(url, service.base_url):
        return url
    if api == "v1" or (is_adobe(url) and is_adobe(service.base_url)):
        path: str = CONTRACTS[api].STATUS_PATH
        return service.base_url + path.format(job_id=quote(job_id, safe=":"))
    raise ContractError(f"statusUrl: leads to {shown(url)}, not to the API's origin", job_id=job_id)
