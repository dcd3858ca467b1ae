"""v1, Create Mask: ``POST /sensei/mask`` or ``/sensei/cutout``, ``GET /sensei/status/{id}``.

References
----------
Adobe Photoshop API, Create Mask (retired by Adobe on 2025-10-15; still what other servers speak).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from maskkit.redact import Redacted
from maskkit.wire import failures, members
from maskkit.wire.records import Accepted, Body, Failure, Format, Output, Status

__all__ = [
    "ORDER_PATHS",
    "STATUS_PATH",
    "Place",
    "Request",
    "Storage",
    "read_accepted",
    "read_error",
    "read_request",
    "read_status",
    "write_accepted",
    "write_error",
    "write_request",
    "write_status",
]

ORDER_PATHS = {"mask": "/sensei/mask", "cutout": "/sensei/cutout"}
STATUS_PATH = "/sensei/status/{job_id}"

Storage = Literal["external", "azure", "dropbox", "adobe"]
_STORAGES = ("external", "azure", "dropbox", "adobe")


@dataclass(frozen=True, repr=False)
class Place(Redacted):
    """Where a picture is read or written: a (signed) URL, or a path of Adobe's own storage."""

    href: str
    storage: Storage = "external"


@dataclass(frozen=True, repr=False)
class Request(Redacted):
    """An order of a mask or a cutout. None stands for a member that is not sent; the service then decides."""

    input: Place
    output: Place
    format: Format = "soft"
    color_space: Literal["rgb", "rgba"] | None = None
    overwrite: bool | None = None
    optimize: Literal["performance", "batch"] | None = None
    service_version: str | None = None


def write_request(request: Request) -> Body:
    """The body of an order.

    >>> order = Request(Place("https://a/in.jpg"), Place("https://a/out.png"), format="binary")
    >>> write_request(order)["output"]
    {'href': 'https://a/out.png', 'storage': 'external', 'mask': {'format': 'binary'}}
    """
    output: Body = {**_place(request.output), "mask": {"format": request.format}}
    if request.color_space is not None:
        output["color"] = {"space": request.color_space}
    if request.overwrite is not None:
        output["overwrite"] = request.overwrite
    body: Body = {"input": _place(request.input), "output": output}
    if options := _write_options(request):
        body["options"] = options
    return body


def read_request(body: Any, *, http: members.Http | None = None) -> Request:
    """The order in a body; ``http`` is asked which ``http://`` URLs to admit (None: only https).

    Raises
    ------
    ContractError
        A member is missing or is not one of the values that the contract has; ``.member`` says which.
    """
    body = members.mapping(body)
    output = members.mapping(body.get("output"), "output")
    mask, color = (_part(output, name, f"output.{name}") for name in ("mask", "color"))
    if output.get("mask") is not None and mask.get("format") is None:
        members.refuse("output.mask.format", "required", "is required")
    options = _part(body, "options", "options")
    service = _part(options, "service", "options.service")
    return Request(
        input=_read_place(body, "input", http),
        output=_read_place(body, "output", http),
        format=members.choice(mask, "format", "output.mask.format", ("soft", "binary"), "soft"),
        color_space=members.choice(color, "space", "output.color.space", ("rgb", "rgba")),
        overwrite=members.flag(output, "overwrite", "output.overwrite"),
        optimize=members.choice(options, "optimize", "options.optimize", ("performance", "batch")),
        service_version=members.choice(service, "version", "options.service.version", ("4.0",)),
    )


def write_accepted(accepted: Accepted) -> Body:
    """The receipt; the id travels as the last segment of the link.

    >>> write_accepted(Accepted("1f", "https://a/sensei/status/1f"))
    {'_links': {'self': {'href': 'https://a/sensei/status/1f'}}}
    """
    return {"_links": {"self": {"href": accepted.status_url}}}


def read_accepted(body: Any) -> Accepted:
    """The receipt in a body, also one with the job's id alone, or with v2's ``statusUrl``.

    Raises ContractError if it has neither a link nor an id.
    """
    return members.receipt(body, "_links.self.href", STATUS_PATH)


def write_status(status: Status) -> Body:
    """The state of a job. A failed one always says why: Adobe's own client would poll for ever otherwise."""
    body: Body = {"jobID": status.job_id, "status": status.status}
    times = (("created", status.created), ("modified", status.modified))
    body |= {name: members.stamp(at) for name, at in times if at}
    if status.input is not None:
        body["input"] = status.input
    if status.status_url is not None:
        body["_links"] = {"self": {"href": status.status_url}}
    if status.outputs:
        body["output"] = _write_output(status.outputs[0])
    if status.status == "failed":
        said = status.failures or (Failure(title="The job failed"),)
        body["errors"] = [_write_failure(one) for one in said]
    return body


def read_status(body: Any) -> Status:
    """The state in a body. Raises ContractError if it has no ``status``; everything else may be missing."""
    body = members.mapping(body)
    listed = members.first(body, "output", "outputs")
    outputs = [members.part(one) for one in (listed if isinstance(listed, list) else [listed]) if one]
    status = members.text(body, "status", "status")
    said = failures.why_failed(body, status, "errors", "error")
    said = tuple(one for output in outputs for one in failures.failures(output.get("errors"))) or said
    job_id = members.first(body, "jobID", "jobId")
    return Status(
        job_id=str(job_id) if job_id is not None else None,
        status=status,
        created=members.moment(body.get("created")),
        modified=members.moment(body.get("modified")),
        input=members.string(members.part(body.get("input")).get("href", body.get("input"))),
        outputs=tuple(_read_output(one) for one in outputs),
        failures=said,
        status_url=members.string(members.part(members.part(body.get("_links")).get("self")).get("href")),
    )


def write_error(failure: Failure) -> Body:
    """The body of a refusal: the service's form where there is a ``type``, else the gateway's.

    >>> write_error(Failure(code="403003", title="Api Key is invalid"))
    {'error_code': '403003', 'message': 'Api Key is invalid'}
    """
    if failure.type is None:
        return {"error_code": str(failure.code or "internal_error"), "message": failure.title or ""}
    body: Body = {"code": failure.code, "type": failure.type}
    if failure.title:
        body["title"] = failure.title
    if failure.details is not None:
        body["reason" if isinstance(failure.details, list) else "details"] = failure.details
    return body


read_error = failures.refusal


def _write_options(request: Request) -> Body:
    options: Body = {}
    if request.optimize is not None:
        options["optimize"] = request.optimize
    if request.service_version is not None:
        options["service"] = {"version": request.service_version}
    return options


def _place(place: Place) -> Body:
    return {"href": place.href, "storage": place.storage}


def _read_place(body: Mapping[str, Any], name: str, http: members.Http | None) -> Place:
    place = members.mapping(body.get(name), name)
    storage = members.text(place, "storage", f"{name}.storage")
    members.choice(place, "storage", f"{name}.storage", _STORAGES)
    href = members.text(place, "href", f"{name}.href")
    if storage == "adobe":
        return Place(members.adobe_path(href, f"{name}.href"), "adobe")
    return Place(members.web_url(href, f"{name}.href", http=http), storage)  # type: ignore[arg-type]


def _part(owner: Mapping[str, Any], name: str, member: str) -> Mapping[str, Any]:
    value = owner.get(name)
    return {} if value is None else members.mapping(value, member)


def _write_output(output: Output) -> Body:
    body: Body = {"storage": output.storage or "external", "href": output.url}
    if output.format:
        body["mask"] = {"format": output.format}
    return body


def _read_output(body: Mapping[str, Any]) -> Output:
    return Output(
        url=members.string(members.first(body, "href", "url")),
        storage=members.string(body.get("storage")),
        format=members.string(members.part(body.get("mask")).get("format")),
    )


def _write_failure(said: Failure) -> Body:
    body: Body = {"type": said.type or "InternalError", "title": said.title or ""}
    more: Body = {"code": said.code, "details": said.details}
    return body | {name: value for name, value in more.items() if value is not None}
