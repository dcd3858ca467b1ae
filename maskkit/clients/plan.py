"""What would be uploaded and ordered, without a connection and without cost."""

from __future__ import annotations

from typing import Any, NotRequired, TypedDict

from maskkit.adobe.job import Kind
from maskkit.adobe.ordering import Order, order_body, place
from maskkit.adobe.service import Service
from maskkit.adobe.staging import Staging
from maskkit.clients.prepare import SIDES, Prepared, is_url, prepare
from maskkit.redact import redact, redact_all
from maskkit.wire import CONTRACTS, Body, Format
from maskkit.wire.v1 import Place, Storage

__all__ = ["DryRun", "plan"]

_UNSIGNED = "https://staging.invalid/{}"  # RFC 2606: a name that leads nowhere; signed URLs take its place
_FORMATS = {".jpg": "JPEG", ".png": "PNG"}

Sent = TypedDict(  # "as it is" is no name, so no class can have it
    "Sent",
    {
        "size": str,
        "bytes": int,
        "format": str,
        "as it is": bool,
        "scaled_from": NotRequired[str],
        "to": NotRequired[str | None],
        "storage": NotRequired[Storage],
    },
)


class DryRun(TypedDict):
    """What would be sent where: ``upload`` is None for a photo that the service reads from a URL."""

    service: str
    api: str
    upload: Sent | None
    request: str
    body: Body
    deadline: float


def plan(
    service: Service,
    photo: Any,
    *,
    kind: Kind = "mask",
    format: Format = "soft",
    staging: str | Staging | None = None,
) -> DryRun:
    """The service, the photo as it would be uploaded and where, the order and its body; nothing is signed.

    ``staging`` is the area, or its URL where it cannot be set up, if it is not the service's.
    """
    api, staging = service.contracts[0], staging or service.staging
    storage: Storage = "azure" if str(staging).startswith("az://") else "external"
    source, upload = Place(_UNSIGNED.format("photo"), storage), None
    if is_url(photo):
        source = place(photo.strip())
    else:
        side = min(SIDES[api] for api in service.contracts)
        upload = _described(prepare(photo, side))
        upload |= {"to": redact(staging) if staging else None, "storage": storage}
    order = Order(source, Place(_UNSIGNED.format("result"), storage), kind, format)
    return {
        "service": service.base_url,
        "api": ", else ".join(service.contracts),
        "upload": upload,
        "request": f"POST {service.base_url}{CONTRACTS[api].ORDER_PATHS[kind]}",
        "body": redact_all(order_body(api, order)),
        "deadline": service.deadline,
    }


def _described(photo: Prepared) -> Sent:
    size, sent = (f"{width}x{height}" for height, width in (photo.size, photo.sent))
    content = photo.upload.content
    facts: Sent = {
        "size": sent,
        "bytes": len(content),
        "format": _FORMATS[photo.upload.suffix],
        "as it is": content is photo.source,
    }
    if size != sent:
        facts["scaled_from"] = size
    return facts
