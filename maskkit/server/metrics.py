"""What Prometheus reads at ``/metrics``: jobs by state, queue depth, seconds per stage, bytes."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

__all__ = ["Metrics"]

Stage = Literal["queue", "input", "compute", "output"]
_SECONDS = (0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100)


class Metrics:
    """The numbers of one server, in a registry of its own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._jobs = Gauge("maskkit_jobs", "Jobs in the table", ["state"], registry=self.registry)
        self._depth = Gauge("maskkit_queue_depth", "Jobs that wait", registry=self.registry)
        self._stages = Histogram(
            "maskkit_stage_seconds", "Seconds per stage", ["stage"], buckets=_SECONDS, registry=self.registry
        )
        self._bytes = Counter("maskkit_bytes", "Bytes moved", ["direction"], registry=self.registry)
        self._ended = Counter("maskkit_jobs_ended", "Jobs ended here", ["state"], registry=self.registry)

    @contextmanager
    def stage(self, name: Stage) -> Iterator[None]:
        """Time the block, also when it raises."""
        begin = time.perf_counter()
        try:
            yield
        finally:
            self.took(name, time.perf_counter() - begin)

    def took(self, name: Stage, seconds: float) -> None:
        """Note the seconds of one stage of one job."""
        self._stages.labels(name).observe(max(0.0, seconds))

    def moved(self, direction: Literal["in", "out"], size: int) -> None:
        """Note bytes of pictures."""
        self._bytes.labels(direction).inc(size)

    def ended(self, state: Literal["succeeded", "failed", "handed_back"]) -> None:
        """Note the end of one run of a job."""
        self._ended.labels(state).inc()

    def text(self, counts: dict[str, int]) -> bytes:
        """The exposition, with the table's counts as they are now; empty where the table cannot be read."""
        self._jobs.clear()
        for state, jobs in counts.items():
            self._jobs.labels(state).set(jobs)
        self._depth.set(counts.get("pending", math.nan))
        return generate_latest(self.registry)
