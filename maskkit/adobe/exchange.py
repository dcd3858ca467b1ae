"""One request, sent until it is answered: credentials for the API only, retries where they are safe."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from maskkit.adobe.answers import lost
from maskkit.adobe.effects import Call, Lost, Reply, Sleep, Talk, Token
from maskkit.adobe.hosts import same_origin, shown
from maskkit.adobe.logs import say
from maskkit.adobe.pace import RateLimit, backoff, retry_after
from maskkit.errors import ContractError

if TYPE_CHECKING:
    from maskkit.adobe.service import Service

__all__ = ["attempts", "exchange", "idempotent", "order"]

Again = Callable[[Reply | Lost], bool]


def idempotent(outcome: Reply | Lost) -> bool:
    """May be sent again: a GET, a token, an upload that replaces itself."""
    if isinstance(outcome, Lost):
        return not outcome.final
    return outcome.status_code in (429, 502, 503, 504)


def order(outcome: Reply | Lost) -> bool:
    """May be sent again although it is billed: it never arrived, or was turned away at the door."""
    return not (outcome.sent or outcome.final) if isinstance(outcome, Lost) else outcome.status_code == 429


def exchange(
    service: Service, call: Call, *, again: Again, until: float | None = None, credentials: bool = False
) -> Talk[Reply]:
    """The answer to ``call``, whatever its status. Raises TransportError if there is none."""
    outcome = yield from attempts(service, call, again=again, until=until, credentials=credentials)
    if isinstance(outcome, Lost):
        raise lost(outcome, f"{call.method} {shown(call.url)}")
    return outcome


def attempts(
    service: Service,
    call: Call,
    *,
    again: Again,
    until: float | None = None,
    credentials: bool = False,
    limit: RateLimit | None = None,
    patient: bool = False,
) -> Talk[Reply | Lost]:
    """Send ``call`` up to ``service.tries`` times and once more for a token that was refused.

    ``until`` is when, on the pace's clock, there is no use in trying; time in ``limit``'s queue is not
    counted. ``patient``: until then it is sent as often as it takes.
    """
    if credentials and not same_origin(call.url, service.base_url):
        raise ContractError(f"{shown(call.url)} is not the API's origin and gets no credentials")
    clock, waits, left, renewed = service.pace.clock, backoff(service.pace), service.tries - 1, False
    token = (yield Token()) if credentials else None
    while True:
        while limit and (queue := limit.reserve(clock())):
            until = None if until is None else until + queue
            yield Sleep(queue)
            if not limit.held(clock()):  # meanwhile the service may have turned another order away
                break
        outcome = yield _dressed(service, call, token, until, credentials)
        if _refused(outcome) and token and service.tokens.renewable and not renewed:
            renewed, token = True, (yield Token(stale=token))
            continue
        wait = _wait(service, outcome, next(waits), limit)
        late = wait > service.deadline if until is None else clock() + wait >= until
        if late or not again(outcome) or (left < 1 and not patient):
            return outcome  # type: ignore[no-any-return]
        left -= 1
        say("retry", method=call.method, host=shown(call.url), after=_reason(outcome), wait=round(wait, 2))
        yield Sleep(wait)


def _refused(outcome: Reply | Lost) -> bool:
    return isinstance(outcome, Reply) and outcome.status_code == 401


def _reason(outcome: Reply | Lost) -> str:
    return outcome.reason if isinstance(outcome, Lost) else str(outcome.status_code)


def _dressed(service: Service, call: Call, token: str | None, until: float | None, credentials: bool) -> Call:
    headers = dict(call.headers)
    if credentials:
        mine = {"Authorization": token and f"Bearer {token}", "x-api-key": service.api_key}
        mine["x-gw-ims-org-id"] = service.org_id
        headers |= {name: value for name, value in mine.items() if value}
    total = service.timeout * (10 if call.bulky else 2)
    left = max(0.05, until - service.pace.clock()) if until is not None else total
    return replace(call, headers=headers, timeout=min(service.timeout, left), total=min(total, left))


def _wait(service: Service, outcome: Reply | Lost, wait: float, limit: RateLimit | None) -> float:
    asked = retry_after(outcome.headers, service.pace.now()) if isinstance(outcome, Reply) else None
    if asked is not None and limit and outcome.status_code == 429:  # type: ignore[union-attr]
        limit.hold(service.pace.clock() + asked)
    return wait if asked is None else max(asked, service.pace.floor)
