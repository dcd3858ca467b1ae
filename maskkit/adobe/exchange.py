"""One request, sent until it is answered: credentials for the API only, retries where they are safe."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from maskkit.adobe.answers import busy, lost
from maskkit.adobe.effects import Call, Lost, Reply, Sleep, Talk, Token
from maskkit.adobe.hosts import shares_credentials, shown
from maskkit.adobe.logs import say
from maskkit.adobe.pace import Deadline, backoff, retry_after
from maskkit.adobe.service import Service
from maskkit.errors import ContractError

__all__ = ["attempts", "exchange", "idempotent", "order", "passing"]

Again = Callable[[Reply | Lost], bool]
_LEAST = 0.05  # seconds that a request is given although the deadline is nearer: the last look at a job


def idempotent(outcome: Reply | Lost) -> bool:
    """May be sent again: a GET, a token, an upload that replaces itself."""
    if isinstance(outcome, Lost):
        return not outcome.final
    return busy(outcome) or outcome.status_code in (502, 503, 504)


def passing(outcome: Reply | Lost) -> bool:
    """Says nothing of the job that was asked for: whatever ails the service may pass."""
    return idempotent(outcome) or (isinstance(outcome, Reply) and outcome.status_code >= 500)


def order(outcome: Reply | Lost) -> bool:
    """May be sent again although it is billed: it never arrived, or was turned away at the door."""
    return not (outcome.sent or outcome.final) if isinstance(outcome, Lost) else busy(outcome)


def exchange(
    service: Service,
    call: Call,
    *,
    again: Again,
    deadline: Deadline | None = None,
    credentials: bool = False,
) -> Talk[Reply]:
    """The answer to ``call``, whatever its status. Raises TransportError if there is none."""
    outcome = yield from attempts(service, call, again=again, deadline=deadline, credentials=credentials)
    if isinstance(outcome, Lost):
        raise lost(outcome, f"{call.method} {shown(call.url)}")
    return outcome


def attempts(
    service: Service,
    call: Call,
    *,
    again: Again,
    deadline: Deadline | None = None,
    credentials: bool = False,
    ready: Callable[[Call], Talk[Call]] | None = None,
    patient: bool = False,
) -> Talk[Reply | Lost]:
    """Send ``call`` up to ``service.tries`` times and once more for a token that was refused.

    ``deadline`` is when there is no use in trying, the service's own unless given; up to a given one a busy
    service is asked as often as it takes. ``ready`` waits for its turn and completes the call, each time
    before it is sent. ``patient``: whatever passes is waited for like that.
    """
    if credentials and not shares_credentials(call.url, service.base_url):
        raise ContractError(f"{shown(call.url)} is not the API's origin and gets no credentials")
    bound, deadline = deadline is not None, deadline or service.ends()
    waits, left, stale = backoff(service.pace), service.tries - 1, None
    while True:
        if ready:
            yield Token(stale, deadline)  # now, since asking for one would delay the order beyond its turn
            call = yield from ready(call)
        token = (yield Token(stale, deadline)) if credentials else None
        outcome = yield _dressed(service, call, token, deadline, credentials)
        if _refused(outcome) and token and service.tokens.renewable and stale is None:
            stale = token
            continue
        stale = None
        wait = _wait(service, outcome, next(waits), ordering=ready is not None)
        waited_for = patient or (bound and isinstance(outcome, Reply) and busy(outcome))
        if wait >= deadline.left() or not again(outcome) or (left < 1 and not waited_for):
            return outcome  # type: ignore[no-any-return]
        left -= 1
        say("retry", method=call.method, host=shown(call.url), after=_reason(outcome), wait=round(wait, 2))
        yield Sleep(wait)


def _refused(outcome: Reply | Lost) -> bool:
    return isinstance(outcome, Reply) and outcome.status_code == 401


def _reason(outcome: Reply | Lost) -> str:
    return outcome.reason if isinstance(outcome, Lost) else str(outcome.status_code)


def _dressed(service: Service, call: Call, token: str | None, deadline: Deadline, credentials: bool) -> Call:
    headers = dict(call.headers)
    if credentials:
        mine = {"Authorization": token and f"Bearer {token}", "x-api-key": service.api_key}
        mine["x-gw-ims-org-id"] = service.org_id
        headers |= {name: value for name, value in mine.items() if value}
    left = max(_LEAST, deadline.left())
    transfer = service.transfer or service.timeout * 10
    total = min(transfer if call.bulky else service.timeout * 2, left)
    return replace(call, headers=headers, timeout=min(service.timeout, left), total=total)


def _wait(service: Service, outcome: Reply | Lost, wait: float, *, ordering: bool) -> float:
    asked = retry_after(outcome.headers, service.pace.now()) if isinstance(outcome, Reply) else None
    wait = wait if asked is None else max(asked, service.pace.floor)
    if ordering and service.limit and isinstance(outcome, Reply) and busy(outcome):
        service.limit.hold(service.pace.clock() + (wait if asked is None else asked))
    return wait
