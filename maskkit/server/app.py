"""The application: the rooms put together, started and stopped."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

from fastapi import FastAPI, Security
from fastapi.exceptions import RequestValidationError
from fastapi.middleware.cors import CORSMiddleware
from fastapi.security import APIKeyHeader, HTTPBearer
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp

from maskkit import __version__
from maskkit.errors import ContractError, MaskkitError, MissingExtraError
from maskkit.server import (
    direct,
    direct_frames,
    health,
    page,
    routes_files,
    routes_rembg,
    routes_removebg,
    routes_v1,
    routes_v2,
    tokens,
)
from maskkit.server.access import Access
from maskkit.server.callbacks import Callbacks
from maskkit.server.clock import Clock
from maskkit.server.credentials import Credentials, CredentialsFile
from maskkit.server.file_store import Files
from maskkit.server.gate import Gate
from maskkit.server.jobs import Jobs
from maskkit.server.lanes import Lanes, check_dask, dask_lane, process_lane
from maskkit.server.metrics import Metrics
from maskkit.server.page.reference import KEY_ALONE
from maskkit.server.parts import Server
from maskkit.server.places import Places
from maskkit.server.rate import RateLimit
from maskkit.server.refusals import (
    Refused,
    on_contract_error,
    on_database_error,
    on_disconnect,
    on_full_disk,
    on_http_error,
    on_invalid_field,
    on_refused,
)
from maskkit.server.settings import Settings
from maskkit.server.shortcut import Answers, Shortcut
from maskkit.server.signing import SECRET, Signer, read_secret
from maskkit.server.stores import Transfers
from maskkit.server.warned import WARNING
from maskkit.server.worker import Worker

__all__ = ["check", "create_app"]

logger = logging.getLogger("maskkit.server")
_HANDLERS = (
    (Refused, on_refused),
    (ContractError, on_contract_error),
    (HTTPException, on_http_error),
    (RequestValidationError, on_invalid_field),
    (SQLAlchemyError, on_database_error),
    (ClientDisconnect, on_disconnect),
    (OSError, on_full_disk),
)
# for the API's description: each handler asks `Access.client_of`, which answers in the contract's words
_API_KEY = APIKeyHeader(name="x-api-key", auto_error=False)
_SECRET = APIKeyHeader(name="x-api-key", scheme_name=KEY_ALONE, auto_error=False)


def create_app(settings: Settings) -> FastAPI:
    """An ASGI application that serves both contracts; ``maskkit serve`` runs it with uvicorn.

    Parameters
    ----------
    settings : Settings
        Without ``credentials`` it answers to loopback names only.

    Returns
    -------
    FastAPI
        Its jobs run from start-up to shut-down (ASGI lifespan).

    Examples
    --------
    >>> from pathlib import Path
    >>> app = create_app(Settings(data_dir=Path("/var/lib/maskkit")))
    >>> app.title
    'maskkit'
    """
    app = FastAPI(
        title="maskkit",
        version=__version__,
        summary="Create Mask and Remove Background, self-hosted.",
        lifespan=partial(_lifespan, settings=settings),
        docs_url=None,  # the framework's would load scripts from elsewhere; page/ has one of our own
        redoc_url=None,
        redirect_slashes=False,  # the gate drops them: a redirect would name a scheme that a proxy hides
    )
    named = [Security(HTTPBearer(auto_error=False)), Security(_API_KEY)] if settings.credentials else []
    alone = [Security(_SECRET)] if settings.credentials else []
    doors = [(room.router, named) for room in (routes_v1, routes_v2, direct, direct_frames, routes_files)]
    doors += [(room.router, alone) for room in (routes_removebg, routes_rembg)]
    doors += [(router, []) for router in (routes_files.links, tokens.router, health.router, page.router)]
    app.state.routes = list(app.routes)  # so far the framework's own, /openapi.json
    for router, who in doors:
        app.include_router(router, dependencies=who)
        app.state.routes += router.routes
    for error, handler in _HANDLERS:
        app.add_exception_handler(error, handler)
    for layer in _layers(settings):
        app.add_middleware(layer)
    return app


_ANSWERS = Answers(
    polls={"/v2/status": routes_v2.status, "/sensei/status": routes_v1.status},
    orders={
        "/v2/remove-background": routes_v2.remove_background,
        "/sensei/mask": routes_v1.mask,
        "/sensei/cutout": routes_v1.cutout,
    },
    handlers=_HANDLERS,
)


def _layers(settings: Settings) -> list[Callable[[ASGIApp], ASGIApp]]:
    """What stands around the framework, from the inside out; middleware that is added later, around these."""
    gate = partial(Gate, max_bytes=settings.max_bytes, seconds=settings.body_seconds)
    cors = [_cors(settings.cors_origins)] if settings.cors_origins else []
    return [partial(Shortcut, answers=_ANSWERS), *cors, gate]


def _cors(origins: tuple[str, ...]) -> Callable[[ASGIApp], ASGIApp]:
    return partial(
        CORSMiddleware,
        allow_origins=list(origins),
        allow_methods=["GET", "POST", "PUT"],
        allow_headers=["authorization", "x-api-key", "x-gw-ims-org-id", "content-type", "x-request-id"],
        expose_headers=[
            "x-request-id",
            "x-mask-source",
            "x-mask-confidence",
            WARNING,
            "retry-after",
        ],
    )


def check(settings: Settings) -> None:
    """Open and close what the start-up needs. Raises MaskkitError in one line where it would fail."""
    read_secret(settings.data_dir)
    if settings.credentials:
        CredentialsFile(settings.credentials, Signer(b""))
    if settings.dask:
        check_dask(settings.dask)
    try:
        Jobs(settings.database_url).close()
    except ModuleNotFoundError as error:
        raise MissingExtraError("postgres", error.name or "psycopg") from None
    except SQLAlchemyError as error:  # its text may hold the URL, and with it the password
        raise MaskkitError(
            f"the jobs table cannot be opened ({type(error).__name__}); see --database"
        ) from None


@asynccontextmanager
async def _lifespan(app: FastAPI, settings: Settings) -> AsyncIterator[None]:
    # one thread per core, as is asyncio's own wont, would let a few waits for the disk stop all others
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(16, "maskkit"))
    server = await asyncio.to_thread(_build, settings)
    app.state.server = server
    server.worker.start()
    server.callbacks.start()
    loading = asyncio.create_task(server.lanes.open())
    try:
        yield
    finally:
        await server.callbacks.stop()
        await server.worker.stop()
        loading.cancel()
        await asyncio.gather(loading, return_exceptions=True)
        await server.lanes.close()
        server.jobs.close()


def _warn_of_readers(folder: Path) -> None:
    if os.name != "posix":
        return
    if folder.is_dir() and (mode := folder.stat().st_mode & 0o077):
        logger.warning("--data-dir: others may enter it (mode %03o); make it yours: chmod 700", 0o700 | mode)
    secret = folder / SECRET
    if secret.is_file() and (mode := secret.stat().st_mode & 0o077):  # the server's own has none of these
        logger.warning(
            "--data-dir: others may read the file %r (mode %03o), and sign links with it; remove it, and the "
            "server makes another, which ends all links of before", SECRET, 0o600 | mode,
        )  # fmt: skip


def _warn_of_old_lines(known: Credentials) -> None:
    if before := [one for one in known.clients if one not in known.hooks]:
        logger.warning(
            "credentials: %d of %d clients were added before there were events (%s); their orders may have "
            "no notifiers until they are removed and added again, which gives them a new secret",
            len(before), len(known.clients), ", ".join(before[:5]) + ", ..." * (len(before) > 5),
        )  # fmt: skip


def _clients(settings: Settings, signer: Signer) -> CredentialsFile | None:
    """Who is known, or None where the server is open."""
    if not settings.credentials:
        return None
    clients = CredentialsFile(settings.credentials, signer)
    _warn_of_old_lines(clients.now())
    return clients


def _transfers(settings: Settings) -> Transfers:
    return Transfers(
        settings.policy,
        max_bytes=settings.max_bytes,
        stall=settings.stall_seconds,
        deadline=settings.transfer_seconds,
        pauses=settings.retry_pauses,
    )


def _build(settings: Settings) -> Server:
    _warn_of_readers(settings.data_dir)
    folder = settings.data_dir / "files"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    signer = Signer(read_secret(settings.data_dir), ahead=Clock(settings.job_ttl).ahead)
    clients = _clients(settings, signer)
    jobs = Jobs(settings.database_url, max_queue=settings.max_queue, max_per_client=settings.max_per_client)
    staging = Files(folder, signer, settings.job_ttl, settings.max_files_bytes)
    if clients:
        staging.clients = lambda: clients.now().clients
    metrics = Metrics()
    make_lane = partial(dask_lane, settings.dask) if settings.dask else partial(process_lane, 1)
    lanes = Lanes(settings.workers, make_lane, settings.engine, shared=bool(settings.dask))
    transfers = _transfers(settings)
    worker = Worker(
        jobs=jobs, lanes=lanes, transfers=transfers, files=staging, metrics=metrics, settings=settings
    )
    uploads = Places(settings.uploads)
    rate = RateLimit(settings.units_per_minute)
    access = Access(clients, settings.public_url, settings.cors_origins)
    callbacks = Callbacks(jobs, access, staging, transfers, pause=settings.poll)
    return Server(
        settings, access, jobs, staging, metrics, lanes, worker, callbacks, uploads, transfers, rate
    )
