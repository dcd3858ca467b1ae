"""Conversations with pixels at both ends, written once; the two clients run them."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from maskkit.adobe.effects import Talk, Work
from maskkit.adobe.flow import Result, begin, collect
from maskkit.adobe.job import Job, Kind
from maskkit.adobe.ordering import Order, order_body
from maskkit.adobe.service import Service
from maskkit.adobe.waiting import Tell, silent
from maskkit.clients.prepare import SIDES, Prepared, is_url, prepare
from maskkit.clients.receive import cutout_of, lifted, mask_of
from maskkit.errors import MaskkitWarning
from maskkit.kernels import convert
from maskkit.pixels import Array
from maskkit.redact import redact
from maskkit.wire import CONTRACTS, Format
from maskkit.wire.v1 import Place

__all__ = ["create", "dry_run", "finish", "start"]

_SMALL = "which is not the photo's; give wait() the photo to bring it back"
_PLACEHOLDER = "https://staging.invalid/{}"  # RFC 2606: a name that leads nowhere


def start(
    service: Service,
    photo: Any,
    output_url: str | Place | None = None,
    *,
    result_url: str | None = None,
    kind: Kind = "mask",
    format: Format = "soft",
    deadline: float | None = None,
    tell: Tell = silent,
) -> Talk[tuple[Job, Prepared | None]]:
    """Prepare, stage and submit."""
    how: dict[str, Any] = {"result_url": result_url, "kind": kind, "format": format}
    how |= {"deadline": deadline, "tell": tell}
    if isinstance(photo, Place) or is_url(photo):
        return (yield from begin(service, photo, output_url, **how)), None
    side = min(SIDES[api] for api in service.contracts)
    prepared: Prepared = yield Work(lambda: prepare(photo, side))
    how |= {"size": prepared.sent, "full_size": prepared.size}
    job = yield from begin(service, prepared.upload, output_url, **how)
    return job, prepared


def finish(
    service: Service,
    job: Job,
    photo: Any = None,
    *,
    deadline: float | None = None,
    keep: bool = False,
    tell: Tell = silent,
) -> Talk[Array]:
    """Wait, fetch, check, and bring the mask back to the photo's size."""
    result = yield from collect(service, job, deadline, tell, keep=keep)
    if photo is not None and not isinstance(photo, Prepared):
        given, side = photo, max(job.size) if job.size else SIDES[job.api]
        photo = yield Work(lambda: prepare(given, side))
    return (yield Work(lambda: _pixels(result, photo)))  # type: ignore[no-any-return]


def create(
    service: Service,
    photo: Any,
    *,
    kind: Kind = "mask",
    format: Format = "soft",
    deadline: float | None = None,
    keep: bool = False,
    tell: Tell = silent,
) -> Talk[Array]:
    """The whole trip."""
    job, prepared = yield from start(service, photo, kind=kind, format=format, deadline=deadline, tell=tell)
    return (yield from finish(service, job, prepared, deadline=deadline, keep=keep, tell=tell))


def dry_run(service: Service, photo: Any, *, kind: Kind = "mask", format: Format = "soft") -> dict[str, Any]:
    """What would be sent, without a connection: the photo as it would be uploaded, and the order's body."""
    said: dict[str, Any] = {}
    api = service.contracts[0]
    url, output = (
        (redact(photo) if is_url(photo) else _PLACEHOLDER.format("photo")),
        _PLACEHOLDER.format("result"),
    )
    if not is_url(photo):
        prepared = prepare(photo, min(SIDES[api] for api in service.contracts))
        said["upload"] = {
            "size": f"{prepared.sent[1]}x{prepared.sent[0]}",
            "bytes": len(prepared.upload.content),
            "suffix": prepared.upload.suffix,
            "scaled_from": f"{prepared.size[1]}x{prepared.size[0]}"
            if prepared.size != prepared.sent
            else None,
        }
    order = Order(Place(url), Place(output), kind, format)
    said["request"] = f"POST {service.base_url}{CONTRACTS[api].ORDER_PATHS[kind]}"
    said["body"] = order_body(api, order)
    return said


def _pixels(result: Result, photo: Prepared | None) -> Array:
    job, scaled = result.job, photo is not None and photo.sent != photo.size
    sent = photo.sent if photo is not None else job.size
    if photo is None and job.full_size != job.size:
        warnings.warn(f"the {job.kind} is of the size that was sent, {_SMALL}", MaskkitWarning, stacklevel=2)
    if job.kind == "cutout":
        rgba = cutout_of(result.content, sent=sent)
        if photo is None or not scaled:
            return rgba
        own = photo.pixels()  # the service's colours are of the small picture; the photo has its own
        return np.dstack([convert(own[..., :3], np.uint8), lifted(rgba[..., 3], own)])
    mask = mask_of(result.content, format=job.format, local=job.api == "v2", sent=sent)
    return lifted(mask, photo.pixels(), job.format) if photo is not None and scaled else mask
