"""v2, Remove Background: ``POST /v2/remove-background``, ``GET /v2/status/{jobId}``."""

from __future__ import annotations

import asyncio
from functools import partial

from fastapi import APIRouter, Request, Response

from maskkit.recipe import Recipe
from maskkit.server.compute import PSD, Product, rgba
from maskkit.server.intake import admits_http, check_href, check_outside, job_of, read_order, submit
from maskkit.server.orders import Order
from maskkit.server.parts import Server
from maskkit.server.refusals import Refused, answer
from maskkit.server.schemas import REFUSALS, V2_ACCEPTED, V2_ORDER, V2_STATUS, body, shows
from maskkit.server.statuses import status_v2, warned_of
from maskkit.wire import Accepted, v2

__all__ = ["router"]

router = APIRouter(tags=["v2: Remove Background"], responses=REFUSALS)


@router.post(
    "/v2/remove-background",
    status_code=202,
    responses={202: shows(V2_ACCEPTED)},
    openapi_extra=body(V2_ORDER),
)
async def remove_background(request: Request) -> Response:
    """Order a cutout, a mask or a PSD; the server hosts the result."""
    server: Server = request.app.state.server
    client = server.client_of(request)
    ordered = v2.read_request(await read_order(request, V2_ORDER), http=partial(admits_http, server))
    check_href(server, "GET", ordered.url, "image.source.url")
    product = _product(ordered)
    server.files.check_room(client)  # the result is a file here
    order = Order(input=ordered.url, product=product)
    _check_notifiers(server, client, ordered)
    job_id = await submit(server, client, "v2", order, "performance")
    base = server.base_url(request)
    if ordered.notifiers:
        await asyncio.to_thread(server.callbacks.keep, job_id, client, base, ordered.notifiers)
    url = base + v2.STATUS_PATH.format(job_id=job_id)
    return answer(v2.write_accepted(Accepted(job_id, url)), 202)


@router.get("/v2/status/{job_id}", responses={200: shows(V2_STATUS)})
async def status(request: Request, job_id: str) -> Response:
    """The state of a job, with the URL of its result once there is one."""
    server: Server = request.app.state.server
    job = await job_of(server, request, job_id, "v2")
    said = v2.write_status(status_v2(job, server.files, server.base_url(request)))
    return answer(said, headers=warned_of(job))


def _check_notifiers(server: Server, client: str, ordered: v2.Request) -> None:
    """Refuse an order whose end could not be told as it asks; never take it and keep silent."""
    for one in ordered.notifiers:
        if why := server.callbacks.why_not(client):
            raise Refused(400, "InputValidationError", f"notifiers: {why}")
        check_outside(server, one.url, "notifiers")


def _product(ordered: v2.Request) -> Product:
    color, amount = ordered.background_color, ordered.color_decontamination
    recipe = Recipe(
        product="mask" if ordered.mode == "mask" else "cutout",
        trim=0 if ordered.trim else None,
        backdrop=rgba(color.red, color.green, color.blue, color.alpha) if color else None,
        decontaminate=1.0 if amount is None else amount,
    )
    return Product(recipe, "grey" if ordered.mode == "mask" else "rgba", _media_type(ordered))


def _media_type(ordered: v2.Request) -> str:
    """What the result is written as. Raises Refused where the mode says one thing and the type another."""
    asked = ordered.media_type or (PSD if ordered.mode == "psd" else "image/png")
    if (ordered.mode == "mask" and asked == PSD) or (ordered.mode == "psd" and asked != PSD):
        needed = PSD if ordered.mode == "psd" else "a type of flat pictures"
        title = f"output.mediaType: mode {ordered.mode} needs {needed}, got {asked}"
        raise Refused(400, "InputValidationError", title)
    return asked
