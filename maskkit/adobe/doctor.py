"""Checks before a job is spent: credentials, clocks, and the staging area from signature to deletion."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from email.utils import parsedate_to_datetime
from secrets import token_bytes

from maskkit.adobe.answers import lost, refusal
from maskkit.adobe.effects import Call, Lost, Reply, Sign, Talk, Tidy, Token
from maskkit.adobe.exchange import attempts, exchange, idempotent, order
from maskkit.adobe.hosts import READ_BY_ADOBE, is_read_by_adobe, origin, shown
from maskkit.adobe.readiness import NO_STAGING, Check
from maskkit.adobe.service import Service
from maskkit.adobe.staging import expires_at, lifetime, new_keys, put_headers
from maskkit.adobe.stores import remove
from maskkit.errors import FetchError
from maskkit.wire import CONTRACTS

__all__ = ["examine"]

_SKEW = 300.0  # seconds; stores refuse signatures whose time is 15 minutes off
_NO_JOB = "00000000-0000-0000-0000-000000000000"
_GOOD = {"PUT": (200, 201, 204), "GET": (200,), "DELETE": (200, 202, 204)}
_ADVICE = {  # by what a store answers
    301: "is the bucket in this region (AWS_REGION)?",
    307: "is the bucket in this region (AWS_REGION)?",
    400: "is the region right (AWS_REGION), and the store's address?",
    403: "may these keys {method} there, and is this machine's clock right?",
    404: "is there a bucket or container of this name?",
}


def examine(service: Service, faults: Sequence[Check] = (), photo: str | None = None) -> Talk[list[Check]]:
    """Everything that a job needs, without one.

    ``faults`` are those that `ready` has found already; ``photo`` is a URL of the caller's own, which the
    service would read.
    """
    known = {fault.name for fault in faults}
    checks = [Check("api", True, f"{' or '.join(service.contracts)} at {service.base_url}"), *faults]
    if "credentials" not in known:
        checks += yield from _credentials(service)
    if photo is not None:
        checks += _own_photo(service, photo)
    elif "staging" not in known:
        checks += (yield from _staging(service)) if service.staging else [NO_STAGING]
    return checks


def _credentials(service: Service) -> Talk[list[Check]]:
    try:
        token = yield Token()
    except FetchError as error:
        return [Check("token", False, str(error), "are client id and secret right, and is IMS reachable?")]
    checks = [Check("token", True, "at hand" if token else "none is set, and none sent")]
    path = CONTRACTS[service.contracts[0]].STATUS_PATH.format(job_id=_NO_JOB)
    try:
        call = Call("GET", service.base_url + path)
        reply = yield from exchange(service, call, again=idempotent, credentials=True)
    except FetchError as error:
        advice = "check MASKKIT_BASE_URL, the network and proxies"
        return [*checks, Check("service", False, str(error), advice)]
    accepted = _accepted(service, reply)
    checks += [accepted, *_clock(service, reply, "clock")]
    return [*checks, (yield from _contract(service))] if accepted.ok else checks


def _contract(service: Service) -> Talk[Check]:
    """Whether the service takes orders of the contract: an empty one is none, so it is refused and free."""
    name, spoken = "contract", " or ".join(service.contracts)
    for api in service.contracts:
        path = CONTRACTS[api].ORDER_PATHS["mask"]
        call = Call("POST", service.base_url + path, {"Content-Type": "application/json"}, b"{}")
        outcome = yield from attempts(service, call, again=order, credentials=True)
        if isinstance(outcome, Lost):
            return Check(name, False, str(lost(outcome, f"POST {path}")), "try again later")
        if outcome.status_code in (400, 422):
            return Check(name, True, f"{api}: an empty order is refused at {path}, as it should be")
        if outcome.status_code not in (404, 405, 410):
            said = str(refusal(outcome, f"POST {path}", service=True))
            advice = "may this account order masks? An empty order should be refused with 400 or 422"
            return Check(name, False, said, advice)
    return Check(name, False, f"takes no orders of {spoken}", "set MASKKIT_API to v1, v2 or auto")


def _accepted(service: Service, reply: Reply) -> Check:
    """A service that takes the credentials knows no such job, and says so in JSON, as both contracts do."""
    if reply.status_code in (200, 400, 404, 410, 422) and isinstance(reply.json(), dict):
        return Check("service", True, "accepts the credentials" if service.tokens.secrets else "answers")
    said = str(refusal(reply, "the service", service=True))
    if reply.status_code in (401, 403):
        advice = "are client id and secret (or token) of a project that has this API?"
        return Check("service", False, said, advice)
    if reply.status_code == 429 or reply.status_code >= 500:
        return Check("service", False, said, "try again later")
    return Check(
        "service", False, said, "is MASKKIT_BASE_URL a masking service, and MASKKIT_API its contract?"
    )


def _clock(service: Service, reply: Reply, name: str) -> Iterator[Check]:
    try:
        off = service.pace.now() - parsedate_to_datetime(reply.headers["date"]).timestamp()
    except (KeyError, ValueError, TypeError):
        return
    good = abs(off) < _SKEW
    advice = "" if good else "set this machine's clock"
    yield Check(name, good, f"this machine's is {off:+.0f} s off", advice)


def _staging(service: Service) -> Talk[list[Check]]:
    key, _ = new_keys(".bin")
    checks, content = list[Check](), token_bytes(64)
    try:
        put = yield from _try(service, "PUT", key, checks, content)
        if isinstance(put, Reply) and put.status_code in _GOOD["PUT"]:
            yield from _try(service, "GET", key, checks, content)
    except BaseException:  # Ctrl-C and cancellation too
        yield Tidy(lambda: remove(service, [key]))
        raise
    if _may_be_there(put):
        yield from _try(service, "DELETE", key, checks, content)
    return checks


def _may_be_there(put: Reply | Lost | None) -> bool:
    if isinstance(put, Lost):
        return put.sent
    return put is not None and not 300 <= put.status_code < 500  # those turn it away


def _try(
    service: Service, method: str, key: str, checks: list[Check], content: bytes
) -> Talk[Reply | Lost | None]:
    """Do it as a job would, and add what is to be said of it to ``checks``; the outcome, None if unsent."""
    name = f"staging {method}"
    left = f"; {key} may be left behind there" if method == "DELETE" else ""
    try:
        url = str((yield Sign(method, key, lifetime(service.deadline))))
    except FetchError as error:
        said, _, advice = str(error).removeprefix("staging: ").partition("; ")
        checks.append(Check(name, False, said + left, advice or "shorten the deadline"))
        return None
    except Exception as error:  # a store of one's own; its text may hold a secret
        said = f"{type(error).__name__} while signing{left}"
        checks.append(Check(name, False, said, "sign(method, key, expires_in) has to give a URL"))
        return None
    checks += _place(service, url) if method == "PUT" else []
    call = Call("PUT", url, put_headers(url), content) if method == "PUT" else Call(method, url)
    outcome = yield from attempts(service, call, again=idempotent)
    if isinstance(outcome, Reply):
        checks += _clock(service, outcome, "clock of the store") if method == "PUT" else []
        good = outcome.status_code in _GOOD[method]
        said, advice = _judged(method, url, outcome, content)
    else:
        good, said, advice = False, str(lost(outcome, f"{method} {shown(url)}")), "check the store's address"
    checks.append(Check(name, not advice, said if good else said + left, advice))
    return outcome


def _judged(method: str, url: str, reply: Reply, content: bytes) -> tuple[str, str]:
    """What a store's answer says, and what to do about it; nothing if it is good."""
    said = f"{shown(url)} answered {reply.status_code}"
    if reply.status_code not in _GOOD[method]:
        return said, _ADVICE.get(reply.status_code, "try again later").format(method=method)
    if method == "GET" and reply.content != content:
        return f"{said}, with other content", "does something stand between here and the store?"
    return said, ""


def _place(service: Service, url: str) -> Iterator[Check]:
    yield from _expiry(service, url)
    if service.is_choosy:
        yield _host("host", url)


def _own_photo(service: Service, url: str) -> Iterator[Check]:
    yield from _expiry(service, url)
    if service.is_choosy:
        yield _host("photo", url)
    else:
        yield Check("photo", True, f"{shown(url)} is left to the service")


def _expiry(service: Service, url: str) -> Iterator[Check]:
    ends = expires_at(url)
    if ends is not None:
        left = ends - service.pace.now()
        good = left > service.deadline
        said = f"URLs are good for {left:.0f} s, the deadline is {service.deadline:g} s"
        yield Check("expiry", good, said, "" if good else "sign for longer, or shorten the deadline")


def _host(name: str, url: str) -> Check:
    good = is_read_by_adobe(url)
    said = f"Adobe {'reads' if good else 'does not read'} from {origin(url)[1]}"
    return Check(name, good, said, "" if good else f"stage at one of {', '.join(READ_BY_ADOBE)}")
