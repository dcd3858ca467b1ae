"""The conversation as a whole: stage, submit, wait, fetch, clean up. Generators: they only ask."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from maskkit.adobe.effects import Talk
from maskkit.adobe.job import Job, Kind
from maskkit.adobe.logs import say
from maskkit.adobe.ordering import Order, place, submit
from maskkit.adobe.service import Service
from maskkit.adobe.staging import lifetime, new_keys
from maskkit.adobe.transfer import fetch, put, remove, signed
from maskkit.adobe.waiting import Tell, silent, wait
from maskkit.errors import ContractError, FetchError, JobTimeoutError, TransportError
from maskkit.wire import Format, v1

__all__ = ["Result", "Upload", "begin", "collect"]


@dataclass(frozen=True)
class Upload:
    """A photo as it is uploaded: the file's bytes, and the suffix of its format."""

    content: bytes = field(repr=False)
    suffix: str = ".jpg"


@dataclass(frozen=True)
class Result:
    """The file that the service made."""

    content: bytes = field(repr=False)
    job: Job


def begin(
    service: Service,
    photo: Upload | str | v1.Place,
    output_url: str | v1.Place | None = None,
    *,
    result_url: str | None = None,
    kind: Kind = "mask",
    format: Format = "soft",
    size: tuple[int, int] | None = None,
    full_size: tuple[int, int] | None = None,
    deadline: float | None = None,
    keep: bool = False,
    tell: Tell = silent,
) -> Talk[Job]:
    """Stage what needs it and submit. A photo that is a URL is read by the service itself."""
    within = service.within(deadline)
    photo_key, output_key = new_keys(photo.suffix if isinstance(photo, Upload) else "")
    staged: list[str] = []
    try:
        if isinstance(photo, Upload):
            tell("staging")
            staged.append(photo_key)
            yield from put(service, (yield signed(service, "PUT", photo_key, 900.0)), photo.content)
            say("staged", bytes=len(photo.content))
            photo = str((yield signed(service, "GET", photo_key, lifetime(within))))
        if output_url is None and service.contracts != ("v2",):
            staged.append(output_key)
            output_url = str((yield signed(service, "PUT", output_key, lifetime(within))))
        wish = Order(place(photo), place(output_url) if output_url else None, kind, format)
        job = yield from submit(service, wish, deadline=within)
        tell("submitted")
    except BaseException:  # Ctrl-C and cancellation too
        yield from remove(service, [] if keep else staged)
        raise
    if output_key in staged:
        job = replace(job, output_url=None, output_key=output_key if job.api == "v1" else None)
    return replace(job, result_url=result_url, staged=tuple(staged), size=size, full_size=full_size)


def collect(
    service: Service, job: Job, deadline: float | None = None, tell: Tell = silent, *, keep: bool = False
) -> Talk[Result]:
    """Wait for a job, fetch its result, remove what was staged unless the job can be waited on again."""
    left_open = succeeded = False
    try:
        status = yield from wait(service, job, deadline, tell)
        succeeded = True
        content = yield from fetch(service, job, status)
        if job.api == "v2" and job.output_url:
            yield from put(service, job.output_url, content)
    except FetchError as error:
        left_open = isinstance(error, JobTimeoutError | TransportError)
        left_open |= succeeded and not isinstance(error, ContractError)  # made and paid: only not fetched yet
        error.job = job if left_open else None
        raise
    else:
        tell("fetched")
        return Result(content, job)
    finally:
        if job.staged and not (keep or left_open):
            yield from remove(service, job.staged)
