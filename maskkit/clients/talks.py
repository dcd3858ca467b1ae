"""Conversations with pixels at both ends, written once; the two clients run them."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any, Unpack, get_args

import numpy as np

from maskkit.adobe.edits import NO_EDITS, Edits
from maskkit.adobe.effects import Talk, Work
from maskkit.adobe.flow import begin, collect
from maskkit.adobe.job import Job, Kind
from maskkit.adobe.service import Service
from maskkit.adobe.waiting import Manner, silent
from maskkit.checks import check_choice, check_unit
from maskkit.clients.prepare import SIDES, Prepared, is_url, prepare
from maskkit.clients.receive import cutout_of, file_of, lifted, mask_of
from maskkit.codec.css_color import parse_color
from maskkit.errors import ContractError
from maskkit.hearing import warn
from maskkit.kernels import convert
from maskkit.pixels import Array
from maskkit.wire import Format
from maskkit.wire.v1 import Place
from maskkit.wire.v2 import Color, MediaType

__all__ = ["create", "create_file", "edits_of", "finish", "start"]

_SMALL = "which is not the photo's; give wait() the photo to bring it back"


def start(
    service: Service,
    photo: Any,
    output_url: str | Place | None = None,
    *,
    result_url: str | None = None,
    kind: Kind = "mask",
    format: Format = "soft",
    edits: Edits = NO_EDITS,
    **manner: Unpack[Manner],
) -> Talk[tuple[Job, Prepared | None]]:
    """Prepare, stage and submit."""
    order = partial(begin, result_url=result_url, kind=kind, format=format, edits=edits, **manner)
    if isinstance(photo, Place) or is_url(photo):
        url = photo if isinstance(photo, Place) else photo.strip()
        return (yield from order(service, url, output_url)), None
    prepared: Prepared = yield Work(lambda: prepare(photo, _side(service)))
    job = yield from order(service, prepared.upload, output_url)
    return replace(job, size=prepared.sent, full_size=prepared.size), prepared


def finish(service: Service, job: Job, photo: Any = None, **manner: Unpack[Manner]) -> Talk[Array]:
    """Wait, fetch, check, and bring the mask back to the photo's size."""
    if photo is not None and not isinstance(photo, Prepared):
        given, side = photo, max(job.size) if job.size else SIDES[job.api]
        photo = yield Work(lambda: prepare(given, side))
        _check_photo(job, photo)
    read = partial(_pixels, job, photo)
    tell, keep = manner.get("tell", silent), manner.get("keep", False)
    return (yield from collect(service, job, manner["deadline"], read, tell, keep=keep))


def create(
    service: Service,
    photo: Any,
    *,
    kind: Kind = "mask",
    format: Format = "soft",
    edits: Edits = NO_EDITS,
    **manner: Unpack[Manner],
) -> Talk[Array]:
    """The whole trip."""
    job, prepared = yield from start(service, photo, kind=kind, format=format, edits=edits, **manner)
    return (yield from finish(service, job, prepared, **manner))


def create_file(service: Service, photo: Any, edits: Edits, **manner: Unpack[Manner]) -> Talk[bytes]:
    """The whole trip, to the file of the cutout as the service made it."""
    job, _ = yield from start(service, photo, kind="cutout", edits=edits, **manner)
    read = partial(file_of, media_type=edits.media_type or "image/png")
    tell, keep = manner.get("tell", silent), manner.get("keep", False)
    return (yield from collect(service, job, manner["deadline"], read, tell, keep=keep))


def edits_of(
    *, trim: bool, background: str | None, decontaminate: float | None, media_type: str | None = None
) -> Edits:
    """The options of `MaskClient.create_cutout` and `create_cutout_file`, checked."""
    if decontaminate is not None:
        check_unit(decontaminate, "decontaminate")
    if media_type is not None:
        check_choice(media_type, "media_type", get_args(MediaType))
    red, green, blue, alpha = parse_color(background) if background is not None else (0, 0, 0, 0)
    color = Color(round(red * 255), round(green * 255), round(blue * 255), alpha)
    return Edits(
        trim=trim or None,
        background=None if background is None else color,
        decontaminate=decontaminate,
        media_type=media_type,  # type: ignore[arg-type]  # checked above
    )


def _check_photo(job: Job, photo: Prepared) -> None:
    """The photo is the job's, as far as sizes tell; said before anything of the job is removed."""
    if job.full_size not in (None, photo.size):
        (height, width), (rows, columns) = job.full_size or (0, 0), photo.size
        error = ContractError(f"photo: is {columns}x{rows}, the job was ordered for one of {width}x{height}")
        error.job = job
        raise error


def _side(service: Service) -> int:
    return min(SIDES[api] for api in service.contracts)


def _pixels(job: Job, photo: Prepared | None, content: bytes) -> Array:
    scaled = photo is not None and photo.sent != photo.size
    sent = photo.sent if photo is not None else job.size
    if photo is None and job.full_size != job.size:
        warn(f"the {job.kind} is of the size that was sent, {_SMALL}", stacklevel=2)
    if job.kind == "cutout":
        rgba = cutout_of(content, sent=sent, edits=job.edits)
        if scaled and job.edits:
            text = "the cutout was edited by the service, and is of the size that was sent"
            warn(text, stacklevel=2)
        if photo is None or not scaled or job.edits:
            return rgba
        own = photo.pixels()  # the service's colours are of the small picture; the photo has its own
        return np.dstack([convert(own[..., :3], np.uint8), lifted(rgba[..., 3], own)])
    mask = mask_of(content, format=job.format, local=job.api == "v2", sent=sent)
    return lifted(mask, photo.pixels(), job.format) if photo is not None and scaled else mask
