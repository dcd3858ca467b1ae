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
    """Engine loaded, database and files can be written, room in the queue."""
    server: Server = request.app.state.server
    reasons = await asyncio.to_thread(_troubles, server)
    if not server.lanes.ready:
        reasons["engine"] = "the engine is not loaded"
    parts = {name: name not in reasons for name in ("database", "queue", "files", "engine")}
    said = {"reasons": reasons} if reasons else {}
    return answer({"ready": not reasons, **parts, **said}, 503 if reasons else 200)


def _troubles(server: Server) -> dict[str, str]:
    """What keeps the server from taking a job in, by the part that is at fault."""
    reasons = {}
    try:
        server.jobs.check_writable()
        if server.jobs.count()["pending"] >= server.settings.max_queue:
            reasons["queue"] = "the queue is full"
    except SQLAlchemyError as error:
        said = str(getattr(error, "orig", None) or error)
        locked = any(word in said for word in ("locked", "busy", "timeout"))
        reasons["database"] = "the database is locked" if locked else "the database cannot be written"
        reasons["queue"] = "not known while the database is away"
    if trouble := server.files.trouble():
        reasons["files"] = trouble
    return reasons


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
