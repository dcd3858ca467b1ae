"""Polling: early first, then ever more slowly, until the job ends or the deadline passes."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Required, TypedDict

from maskkit.adobe import answers
from maskkit.adobe.effects import Call, Lost, Reply, Sleep, Talk
from maskkit.adobe.exchange import attempts, exchange, idempotent, passing
from maskkit.adobe.hosts import shown
from maskkit.adobe.job import Job
from maskkit.adobe.logs import say
from maskkit.adobe.pace import Deadline, backoff, retry_after
from maskkit.adobe.service import Service
from maskkit.errors import ContractError, JobTimeoutError
from maskkit.wire import CONTRACTS, Status

__all__ = ["Manner", "Tell", "late", "poll", "silent", "wait"]

_UNKNOWN = 30.0  # seconds from the first question on that a job may not be known yet
Tell = Callable[[str], object]  # is told how far things are, in words for a progress line


class Manner(TypedDict, total=False):
    """How a job is gone about: until when, whether what was staged is left, and who is told."""

    deadline: Required[Deadline]
    keep: bool
    tell: Tell


def silent(_: str) -> None:
    """A Tell that tells nobody."""


def poll(service: Service, job: Job) -> Talk[Status]:
    """Ask once for the state of a job."""
    call = _call(job)
    reply = yield from exchange(service, call, again=idempotent, credentials=True)
    return _read(job, reply)


def _call(job: Job) -> Call:
    return Call("GET", job.status_url, {"Accept": "application/json"}, secrets=job.unquotable())


def _read(job: Job, reply: Reply) -> Status:
    if not _good(reply):
        raise answers.refusal(reply, "the service", service=True, job_id=job.job_id)
    if reply.status_code in (202, 204) and not reply.content.strip():
        return Status(job.job_id, "pending")  # accepted, and nothing to say yet
    status: Status = answers.understood(reply, CONTRACTS[job.api].read_status)
    if status.failures:  # they will be quoted
        status = CONTRACTS[job.api].read_status(reply.quotable())
    say("status", level=logging.DEBUG, job=job.job_id, status=status.status)
    return status


def _good(reply: Reply) -> bool:
    return 200 <= reply.status_code < 300


def _heard(job: Job, reply: Reply, *, young: bool) -> tuple[Status | None, str]:
    """The state, or none and why: a page of a proxy in the place of one answer ends no paid wait.

    ``young``: the service may not know the job yet.
    """
    if reply.status_code == 404 and young:
        say("status not found yet", level=logging.DEBUG, job=job.job_id)
        return None, " (last heard: 404)"
    try:
        return _read(job, reply), ""
    except ContractError as error:
        if not _good(reply):
            raise
        say("status not readable", level=logging.WARNING, job=job.job_id, why=str(error))
        return None, f" (last heard: {error})"


def wait(service: Service, job: Job, deadline: Deadline, tell: Tell = silent) -> Talk[Status]:
    """Poll until the job has ended, well or badly: early first, then ever more slowly, up to the deadline.

    Raises JobTimeoutError after it, and at once what `answers.refusal` makes of a 3xx or 4xx; of 404 only
    after half a minute, since the parts of a service may agree late on what jobs there are.
    """
    clock, waits, heard = service.pace.clock, backoff(service.pace), ""
    start, pause = clock(), min(next(waits), deadline.left() / 2)  # a short wait asks at least once in time
    while (left := deadline.left()) > 0:
        yield Sleep(min(pause, left))
        outcome = yield from attempts(
            service, _call(job), again=passing, deadline=deadline, credentials=True, patient=True
        )
        if passing(outcome):  # the deadline is nearer than the next try: the job itself may be well
            heard = f" (last heard: {outcome.reason if isinstance(outcome, Lost) else outcome.status_code})"
            break
        if isinstance(outcome, Lost):
            raise answers.lost(outcome, f"GET {shown(job.status_url)}", job_id=job.job_id)
        status, heard = _heard(job, outcome, young=clock() - start < _UNKNOWN)
        if status and status.done:
            say(status.status, job=job.job_id, seconds=round(clock() - start, 1))
            return status
        tell(f"{status.status if status else 'waiting'} {clock() - start:.0f} s")
        pause = max(next(waits), retry_after(outcome.headers, service.pace.now()) or 0)
    raise late(job, deadline, heard)


def late(job: Job, deadline: Deadline, heard: str = "") -> JobTimeoutError:
    """The error for a deadline that has passed."""
    within = f"{deadline.seconds:g} s{heard}"
    text = f"job {job.job_id} has not ended within {within}; it can be waited for again"
    return JobTimeoutError(text, job=job, job_id=job.job_id)
