"""Whether the server lives, whether it can work, and its numbers."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST
from sqlalchemy.exc import SQLAlchemyError

from maskkit.server.parts import Server
from maskkit.server.refusals import answer

__all__ = ["router"]

router = APIRouter(tags=["health"])


@router.head("/health", include_in_schema=False)
@router.get("/health")
async def health() -> dict[str, str]:
    """Alive."""
    return {"status": "alive"}


@router.head("/ready", include_in_schema=False)
@router.get("/ready", responses={503: {"description": "not yet, or not now; the body says what is missing"}})
async def ready(request: Request) -> Response:
    """Engine loaded, database reachable, room in the queue."""
    server: Server = request.app.state.server
    try:
        waiting = (await asyncio.to_thread(server.jobs.count))["pending"]
        parts = {"database": True, "queue": waiting < server.settings.max_queue}
    except SQLAlchemyError:
        parts = {"database": False, "queue": False}
    parts["engine"] = server.lanes.ready
    good = all(parts.values())
    return answer({"ready": good, **parts}, 200 if good else 503)


@router.head("/metrics", include_in_schema=False)
@router.get("/metrics", response_class=Response)
async def metrics(request: Request) -> Response:
    """The numbers, for Prometheus."""
    server: Server = request.app.state.server
    try:
        counts = await asyncio.to_thread(server.jobs.count)
    except SQLAlchemyError:  # what the server knows of itself is wanted then more than ever
        counts = {}
    return Response(server.metrics.text(counts), media_type=CONTENT_TYPE_LATEST)
