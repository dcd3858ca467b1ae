"""v1, Create Mask: ``POST /sensei/mask``, ``POST /sensei/cutout``, ``GET /sensei/status/{id}``."""

from __future__ import annotations

from functools import partial
from typing import Literal

from fastapi import APIRouter, Request, Response

from maskkit.recipe import Recipe
from maskkit.server.compute import Product
from maskkit.server.intake import admits_http, check_href, job_of, read_order, submit
from maskkit.server.jobs import Job
from maskkit.server.orders import Order
from maskkit.server.parts import Server
from maskkit.server.records import StoredRecipe
from maskkit.server.refusals import Refused, answer
from maskkit.server.schemas import REFUSALS, V1_ACCEPTED, V1_ORDER, V1_STATUS, body, shows
from maskkit.server.statuses import failures, moment, warned_of
from maskkit.wire import Accepted, Output, Status, v1

__all__ = ["router"]

router = APIRouter(tags=["v1: Create Mask"], responses=REFUSALS)


@router.post(
    "/sensei/mask", status_code=202, responses={202: shows(V1_ACCEPTED)}, openapi_extra=body(V1_ORDER)
)
async def mask(request: Request) -> Response:
    """Order the mask of a picture."""
    return await _order(request, "mask")


@router.post(
    "/sensei/cutout", status_code=202, responses={202: shows(V1_ACCEPTED)}, openapi_extra=body(V1_ORDER)
)
async def cutout(request: Request) -> Response:
    """Order the picture with its mask as alpha."""
    return await _order(request, "cutout")


@router.get("/sensei/status/{job_id}", responses={200: shows(V1_STATUS)})
async def status(request: Request, job_id: str) -> Response:
    """The state of a job."""
    server: Server = request.app.state.server
    job = await job_of(server, request, job_id, "v1")
    said = v1.write_status(_status(job, _status_url(server.base_url(request), job_id)))
    return answer(said, headers=warned_of(job))


async def _order(request: Request, kind: Literal["mask", "cutout"]) -> Response:
    server: Server = request.app.state.server
    client = server.client_of(request)
    ordered = v1.read_request(await read_order(request, V1_ORDER), http=partial(admits_http, server))
    places: tuple[tuple[Literal["GET", "PUT"], str, v1.Place], ...] = (
        ("GET", "input", ordered.input),
        ("PUT", "output", ordered.output),
    )
    for verb, member, place in places:
        if place.storage == "adobe":
            text = f"{member}.storage: this server has no 'adobe' storage; use 'external' and a signed URL"
            raise Refused(400, "InputValidationError", text)
        check_href(server, verb, place.href, f"{member}.href")
    space = ordered.color_space or ("rgb" if kind == "mask" else "rgba")
    order = Order(
        input=ordered.input.href,
        product=Product(Recipe(product=kind, mask_type=ordered.format, decontaminate=0.0), space),
        output=ordered.output.href,
        storage=ordered.output.storage,
    )
    job_id = await submit(server, client, "v1", order, ordered.optimize or "performance")
    return answer(v1.write_accepted(Accepted(job_id, _status_url(server.base_url(request), job_id))), 202)


def _status_url(base: str, job_id: str) -> str:
    return base + v1.STATUS_PATH.format(job_id=job_id)


def _status(job: Job, url: str) -> Status:
    # member by member: a job that failed because its order cannot be read still has to say so
    order, product = job.order, job.order.get("product", {})
    recipe = product.get("recipe") or StoredRecipe()
    asked = recipe.get("mask_type", product.get("format", "soft"))
    output = Output(url=order.get("output"), storage=order.get("storage"), format=asked)
    return Status(
        job_id=job.id,
        status=job.state,
        created=moment(job.created),
        modified=moment(job.modified),
        input=order.get("input"),
        outputs=() if job.state == "failed" else (output,),
        failures=failures(job),
        status_url=url,
    )
