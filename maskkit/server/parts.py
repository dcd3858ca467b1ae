"""The parts of one running server, which every request handler finds at ``app.state.server``."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache

from fastapi import Request

from maskkit.server.access import Access
from maskkit.server.callbacks import Callbacks
from maskkit.server.file_store import Files
from maskkit.server.flights import Flights
from maskkit.server.jobs import Jobs
from maskkit.server.lanes import Lanes
from maskkit.server.metrics import Metrics
from maskkit.server.places import Places
from maskkit.server.rate import RateLimit
from maskkit.server.settings import Settings
from maskkit.server.stores import Transfers
from maskkit.server.worker import Worker

__all__ = ["Server"]


@dataclass(frozen=True)
class Server:
    """The parts of one running server."""

    settings: Settings
    access: Access
    jobs: Jobs
    files: Files
    metrics: Metrics
    lanes: Lanes
    worker: Worker
    callbacks: Callbacks
    uploads: Places
    transfers: Transfers
    rate: RateLimit
    flights: Flights = field(default_factory=Flights)

    def client_of(self, request: Request) -> str:
        """Who sent the request. Raises Refused (401, 403)."""
        return self.access.client_of(request)

    def base_url(self, request: Request) -> str:
        """What the server's own URLs begin with, as this client sees it."""
        return (self.settings.public_url or _base(request)).rstrip("/")


def _base(request: Request) -> str:
    scope = request.scope
    return _composed(
        scope["scheme"], request.headers.get("host"), scope.get("root_path", ""), scope.get("server")
    )


@lru_cache(maxsize=256)
def _composed(scheme: str, host: str | None, root: str, server: tuple[str, int | None] | None) -> str:
    """What the framework makes of these, which takes its time."""
    headers = [] if host is None else [(b"host", host.encode("latin-1"))]
    scope = {"type": "http", "scheme": scheme, "headers": headers, "root_path": root, "server": server}
    return str(Request({**scope, "path": "/", "query_string": b""}).base_url)
