"""v2, Remove Background: ``POST /v2/remove-background``, ``GET /v2/status/{jobId}``.

References
----------
Adobe Photoshop API v2, Remove Background (the successor of Create Mask: ``"mode": "mask"``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from maskkit.redact import Redacted
from maskkit.wire import failures, members
from maskkit.wire.events import Notifier, read_notifiers, write_notifier
from maskkit.wire.records import Accepted, Body, Failure, Output, Status

__all__ = [
    "ORDER_PATHS",
    "STATUS_PATH",
    "Color",
    "MediaType",
    "Mode",
    "Notifier",
    "Request",
    "read_accepted",
    "read_error",
    "read_request",
    "read_status",
    "write_accepted",
    "write_error",
    "write_request",
    "write_status",
]

ORDER_PATHS = {"mask": "/v2/remove-background", "cutout": "/v2/remove-background"}
STATUS_PATH = "/v2/status/{job_id}"

Mode = Literal["cutout", "mask", "psd"]
MediaType = Literal["image/jpeg", "image/png", "image/webp", "image/vnd.adobe.photoshop"]
_MODES = ("cutout", "mask", "psd")
_MEDIA_TYPES = ("image/jpeg", "image/png", "image/webp", "image/vnd.adobe.photoshop")


@dataclass(frozen=True)
class Color:
    """``backgroundColor``: red, green and blue in 0-255, alpha in 0-1."""

    red: float
    green: float
    blue: float
    alpha: float = 1.0


@dataclass(frozen=True, repr=False)
class Request(Redacted):
    """An order of a cutout, a mask or a PSD. None stands for a member that is not sent."""

    url: str
    mode: Mode = "cutout"
    media_type: MediaType | None = None
    trim: bool | None = None
    background_color: Color | None = None
    color_decontamination: float | None = None
    notifiers: tuple[Notifier, ...] = ()


def write_request(request: Request) -> Body:
    """The body of an order.

    >>> write_request(Request("https://a/in.jpg", mode="mask"))
    {'image': {'source': {'url': 'https://a/in.jpg'}}, 'mode': 'mask'}
    """
    body: Body = {"image": {"source": {"url": request.url}}, "mode": request.mode}
    if request.media_type is not None:
        body["output"] = {"mediaType": request.media_type}
    if request.trim is not None:
        body["trim"] = request.trim
    if request.background_color is not None:
        body["backgroundColor"] = asdict(request.background_color)
    if request.color_decontamination is not None:
        body["colorDecontamination"] = request.color_decontamination
    if request.notifiers:
        body["notifiers"] = [write_notifier(one) for one in request.notifiers]
    return body


def read_request(body: Any, *, http: members.Http | None = None) -> Request:
    """The order in a body; ``http`` is asked which ``http://`` URLs to admit (None: only https).

    Raises
    ------
    ContractError
        A member is missing or is not one of the values that the contract has; ``.member`` says which.
    """
    body = members.mapping(body)
    image = members.mapping(body.get("image"), "image")
    source = members.mapping(image.get("source"), "image.source")
    url = members.text(source, "url", "image.source.url")
    output = members.mapping(body["output"], "output") if body.get("output") is not None else {}
    return Request(
        url=members.web_url(url, "image.source.url", http=http),
        mode=members.choice(body, "mode", "mode", _MODES, "cutout"),
        media_type=members.choice(output, "mediaType", "output.mediaType", _MEDIA_TYPES),
        trim=members.flag(body, "trim", "trim"),
        background_color=_read_color(body.get("backgroundColor")),
        color_decontamination=members.number(body, "colorDecontamination", "colorDecontamination", 0, 1),
        notifiers=read_notifiers(body, http=http),
    )


def write_accepted(accepted: Accepted) -> Body:
    """The receipt.

    >>> write_accepted(Accepted("urn:1", "https://a/v2/status/urn:1"))
    {'jobId': 'urn:1', 'statusUrl': 'https://a/v2/status/urn:1'}
    """
    return {"jobId": accepted.job_id, "statusUrl": accepted.status_url}


def read_accepted(body: Any) -> Accepted:
    """The receipt in a body, also one with the job's id alone, or with a link in ``_links``.

    Raises ContractError if neither ``statusUrl`` nor ``jobId`` is there.

    >>> read_accepted({"jobId": "urn:1"}).status_url
    '/v2/status/urn:1'
    """
    return members.receipt(body, "statusUrl", STATUS_PATH)


def write_status(status: Status) -> Body:
    """The state of a job: ``result`` when it succeeded, ``errorDetails`` when it failed."""
    body: Body = {"jobId": status.job_id, "status": status.status}
    times = (("createdTime", status.created), ("modifiedTime", status.modified))
    body |= {name: members.stamp(at) for name, at in times if at}
    if status.outputs:
        body["result"] = {"outputs": [_write_output(output) for output in status.outputs]}
    if status.status == "failed":
        said = status.failures or (Failure(title="The job failed"),)
        body["errorDetails"] = [_write_failure(one) for one in said]
    return body


def read_status(body: Any) -> Status:
    """The state in a body. Raises ContractError if it has no ``status``; everything else may be missing."""
    body = members.mapping(body)
    listed = members.first({**body, **members.part(body.get("result"))}, "outputs")
    job_id = members.first(body, "jobId", "jobID")
    status = members.text(body, "status", "status")
    return Status(
        job_id=str(job_id) if job_id is not None else None,
        status=status,
        created=members.moment(members.first(body, "createdTime", "created")),
        modified=members.moment(members.first(body, "modifiedTime", "modified")),
        outputs=tuple(map(_read_output, listed)) if isinstance(listed, list) else (),
        failures=failures.why_failed(body, status, "errorDetails", "errors", "error"),
        status_url=members.string(body.get("statusUrl")),
    )


def write_error(failure: Failure) -> Body:
    """The body of a refusal.

    >>> write_error(Failure(code="401013", title="Oauth token is not valid"))
    {'error_code': '401013', 'message': 'Oauth token is not valid'}
    """
    code = failure.type or failure.code or "internal_error"
    return {"error_code": str(code), "message": _message(failure)}


read_error = failures.refusal


def _message(failure: Failure) -> str:
    if not isinstance(failure.details, list):
        return failure.title or ""
    said = (members.part(one).get("message", one) for one in failure.details)  # v2 has no place for details
    return ": ".join(filter(None, (failure.title, "; ".join(map(str, said)))))


def _write_failure(said: Failure) -> Body:
    return {"errorCode": str(said.code or said.type or "internal_error"), "message": _message(said)}


def _read_color(body: Any) -> Color | None:
    if body is None:
        return None
    body = members.mapping(body, "backgroundColor")
    red, green, blue = (_channel(body, name) for name in ("red", "green", "blue"))
    alpha = members.number(body, "alpha", "backgroundColor.alpha", 0, 1)
    return Color(red, green, blue, 1.0 if alpha is None else alpha)


def _channel(body: Mapping[str, Any], name: str) -> float:
    value = members.number(body, name, f"backgroundColor.{name}", 0, 255)
    if value is None:
        members.refuse(f"backgroundColor.{name}", "required", "is required")
    return value


def _write_output(output: Output) -> Body:
    body: Body = {"destination": {"url": output.url}}
    if output.media_type:
        body["mediaType"] = output.media_type
    return body


def _read_output(body: Any) -> Output:
    body = members.part(body)
    place = {**body, **members.part(body.get("destination"))}
    url = members.string(members.first(place, "url", "href"))
    return Output(url=url, media_type=members.string(body.get("mediaType")))
