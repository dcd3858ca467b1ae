"""What a batch runs on: processes, threads, an executor that is given, or a cluster."""

from __future__ import annotations

from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Literal

from maskkit.batches import lanes as lane
from maskkit.batches.cluster import client_of, cluster_lane
from maskkit.batches.tasks import Setup

__all__ = ["Means"]


@dataclass(frozen=True)
class Means:
    """What a batch runs on: how many workers, of which kind, the executor that is given, or a cluster."""

    workers: int | None = None
    executor: Literal["processes", "threads"] | Executor = "processes"
    dask: str | None = None

    def lanes(self, setup: Setup, pictures: int) -> list[lane.Lane]:
        """Started for so many pictures."""
        count = max(1, min(self.workers or lane.cores(), pictures))
        given = self.executor if isinstance(self.executor, Executor) else None
        if where := self.dask or (given and client_of(given)):
            return [cluster_lane(setup, where, self.workers)]
        if given is not None:
            return [lane.given_lane(setup, given)]
        if self.executor == "threads":
            return [lane.thread_lane(setup, count)]
        return lane.process_lanes(setup, count)
