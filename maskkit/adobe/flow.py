"""The conversation as a whole: stage, submit, wait, fetch, clean up. Generators: they only ask."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TypeAlias, TypeVar, Unpack

from maskkit.adobe import answers
from maskkit.adobe.edits import NO_EDITS, Edits
from maskkit.adobe.effects import Talk, Tidy, Work
from maskkit.adobe.hosts import READ_BY_ADOBE, is_read_by_adobe, shown
from maskkit.adobe.job import Job, Kind
from maskkit.adobe.logs import say
from maskkit.adobe.ordering import Order, check_expiry, place, submit
from maskkit.adobe.pace import Deadline
from maskkit.adobe.service import Service
from maskkit.adobe.staging import lifetime, new_keys
from maskkit.adobe.stores import fetch, put, remove, sign
from maskkit.adobe.waiting import Manner, Tell, late, silent, wait
from maskkit.errors import FetchError, JobFailedError, TransportError
from maskkit.hearing import warn
from maskkit.wire import Format, Status, v1

__all__ = ["Upload", "begin", "clear", "collect"]

T = TypeVar("T")
_Where: TypeAlias = "_Key | str | v1.Place"


@dataclass(frozen=True)
class Upload:
    """A photo as it is uploaded: the file's bytes, and the suffix of its format."""

    content: bytes = field(repr=False)
    suffix: str = ".jpg"


@dataclass(frozen=True)
class _Key:
    """A place in the staging area, whose URL is signed when it is needed."""

    name: str


def begin(
    service: Service,
    photo: Upload | str | v1.Place,
    output_url: str | v1.Place | None = None,
    *,
    result_url: str | None = None,
    kind: Kind = "mask",
    format: Format = "soft",
    edits: Edits = NO_EDITS,
    **manner: Unpack[Manner],
) -> Talk[Job]:
    """Stage what needs it and submit. A photo that is a URL is read by the service itself."""
    if service.contracts == ("v1",):
        edits.check_v1()  # before anything is sent
    deadline, tell = manner["deadline"], manner.get("tell", silent)
    _check_places(service, deadline, photo, output_url, result_url)
    if not isinstance(photo, Upload):
        _check_host(service, place(photo).href)
    photo_key, output_key = new_keys(photo.suffix if isinstance(photo, Upload) else "")
    staged: list[str] = []
    try:
        if isinstance(photo, Upload):
            tell("staging")
            url = yield from _place_for(service, photo_key)
            staged.append(photo_key)
            yield from put(service, url, photo.content, deadline)
            say("staged", bytes=len(photo.content))
        if output_url is None and service.contracts != ("v2",):
            staged.append(output_key)
        source = _Key(photo_key) if isinstance(photo, Upload) else photo
        target = _Key(output_key) if output_key in staged else output_url
        places = partial(_places, service, deadline, source, target)
        job = yield from submit(service, Order(kind=kind, format=format, edits=edits), places, deadline)
        tell("submitted")
    except BaseException:  # Ctrl-C and cancellation too
        left = [] if manner.get("keep") or service.staging is None else staged
        yield Tidy(lambda: remove(service, left, deadline.seconds))
        raise
    if output_key in staged:
        job = replace(job, output_url=None, output_key=output_key if job.api == "v1" else None)
    return replace(job, result_url=result_url, staged=tuple(staged))


def _place_for(service: Service, key: str) -> Talk[str]:
    """The URL that a photo is put to, of a store that the service may be told of."""
    url = yield from sign(service, "PUT", key, 900.0)
    _check_host(service, url)
    return url


def _check_places(service: Service, deadline: Deadline, *places: object) -> None:
    """Raise FetchError where a URL cannot be good for as long as the job may take; nothing is sent yet."""
    lifetime(deadline.seconds)  # or no store would sign for as long
    for where in places:
        if isinstance(where, str | v1.Place):
            check_expiry(service, place(where).href, deadline)


def _check_host(service: Service, url: str) -> None:
    """Warn, before the order, of a photo that Adobe will not read."""
    if service.is_choosy and not is_read_by_adobe(url):
        text = f"photo: Adobe does not read from {shown(url)}; it reads from {', '.join(READ_BY_ADOBE)}"
        warn(text, stacklevel=2)


def _places(
    service: Service, deadline: Deadline, source: _Where, target: _Where | None
) -> Talk[tuple[v1.Place, v1.Place | None]]:
    """Input and output of an order; what is staged is signed now, since orders wait in a queue."""
    read = yield from _place(service, deadline, "GET", source)
    return read, (yield from _place(service, deadline, "PUT", target)) if target else None


def _place(service: Service, deadline: Deadline, method: str, where: _Where) -> Talk[v1.Place]:
    if isinstance(where, _Key):
        where = yield from sign(service, method, where.name, lifetime(max(deadline.left(), 0)))
    return place(where)


def collect(
    service: Service,
    job: Job,
    deadline: Deadline,
    read: Callable[[bytes], T],
    tell: Tell = silent,
    *,
    keep: bool = False,
) -> Talk[T]:
    """Wait for a job, fetch its file and ``read`` it. How this ends decides about what was staged.

    - Removed: the result is here, and readable; the service says that the job failed or that it does not
      know it (JobFailedError, QuotaError of the job); the caller cancels or interrupts.
    - Left, with the job as the error's ``.job`` to `wait` for again: every other FetchError. The deadline,
      credentials, connections, answers and files that make no sense and stores that refuse say nothing of
      the job.
    """
    left_open = False
    try:
        status = yield from wait(service, job, deadline, tell)
        if status.status != "failed":
            content = yield from _result(service, job, status, deadline)
            result: T = yield Work(lambda: read(content))
    except JobFailedError:
        raise
    except FetchError as error:
        left_open, error.job = True, job
        raise
    else:
        if status.status == "failed":
            raise answers.failed(status, job.job_id)
        tell("fetched")
        return result
    finally:
        if not (keep or left_open):
            yield from clear(service, job, deadline.seconds)


def clear(service: Service, job: Job, within: float = 0.0) -> Talk[None]:
    """Remove what was staged for a job."""
    if job.staged:
        yield Tidy(lambda: remove(service, job.staged, within))


def _result(service: Service, job: Job, status: Status, deadline: Deadline) -> Talk[bytes]:
    try:
        content = yield from fetch(service, job, status, deadline)
        if job.api == "v2" and job.output_url:
            yield from put(service, job.output_url, content, deadline)
    except TransportError as error:
        if deadline.left() > 0:
            raise
        heard = f" (the result was made, and not fetched: {error})"
    else:
        return content
    raise late(job, deadline, heard)
