"""Every option of the server, in one frozen record."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from pathlib import Path

from maskkit.checks import check_choice
from maskkit.engines.registry import engines
from maskkit.errors import MaskkitError
from maskkit.server.guard import Policy
from maskkit.wire.members import base_url

__all__ = ["Settings"]

_ORIGIN = re.compile(r"https?://([a-z0-9.-]+|\[[0-9a-f:]+\])(:\d+)?")  # exactly what a browser sends


@dataclass(frozen=True)
class Settings:
    """What ``maskkit serve`` was told; times in seconds, sizes in bytes or pixels.

    ``credentials`` None means open to everybody who reaches the port: for loopback only.
    ``database`` is an SQLAlchemy URL; empty means SQLite in ``data_dir``.
    ``dask`` is a scheduler's address; empty means processes of this machine.
    ``units_per_minute`` is each client's limit at ``/v1.0/removebg``: the photos' megapixels, at least 1.
    ``max_pixels`` is for a photo, or a frame of an animation, which has at most ``max_frames``.
    ``max_bytes`` is for one photo, ``max_files_bytes`` for all files that a client has here at a time.

    Raises MaskkitError where the engine's name, the public URL or an origin cannot be one.
    """

    data_dir: Path
    database: str = ""
    engine: str = "auto"
    credentials: Path | None = None
    public_url: str = ""
    policy: Policy = field(default_factory=Policy)
    cors_origins: tuple[str, ...] = ()
    workers: int = field(default_factory=lambda: os.cpu_count() or 1)
    dask: str = ""
    units_per_minute: int = 500
    max_queue: int = 1000
    max_per_client: int = 200
    max_bytes: int = 50_000_000
    max_files_bytes: int = 10_000_000_000
    max_pixels: int = 100_000_000
    max_frames: int = 1000
    max_connections: int = 500
    compute_seconds: float = 120.0
    head_seconds: float = 20.0
    body_seconds: float = 60.0
    transfer_seconds: float = 120.0
    stall_seconds: float = 15.0
    retry_pauses: tuple[float, ...] = (0.5, 2.0)
    lease: float = 30.0
    job_ttl: float = 86_400.0
    grace: float = 20.0
    poll: float = 1.0

    def __post_init__(self) -> None:
        check_choice(self.engine, "engine", engines())
        if self.public_url:
            base_url(self.public_url, "public_url")
        for origin in self.cors_origins:
            if not _ORIGIN.fullmatch(origin):
                raise MaskkitError(f"cors_origins: need https://host or https://host:port, got {origin!r}")

    @property
    def database_url(self) -> str:
        """The URL of the jobs table."""
        return self.database or f"sqlite:///{self.data_dir / 'jobs.sqlite'}"

    @property
    def share(self) -> int:
        """Jobs of one client in hand at once: more than processes, as transfers overlap with computing."""
        return 4 * self.workers

    @property
    def concurrency(self) -> int:
        """Jobs in hand at once: several clients' shares, so that slow stores of one keep nobody waiting."""
        return 4 * self.share

    @property
    def uploads(self) -> int:
        """Direct uploads in hand at once, from the first byte received to the last one answered."""
        return 32 * self.workers
