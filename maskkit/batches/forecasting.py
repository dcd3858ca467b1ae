"""What a run would do."""

from __future__ import annotations

from collections import Counter
from contextlib import nullcontext
from dataclasses import dataclass

from maskkit.batches import identity
from maskkit.batches.deciding import Asking
from maskkit.batches.journal import Journal
from maskkit.batches.objects import size_in
from maskkit.batches.planning import tasks
from maskkit.batches.running import Batch, decision, surveyed
from maskkit.batches.tasks import Outcome

__all__ = ["Forecast", "forecast"]


@dataclass(frozen=True)
class Forecast:
    """What a run would do: pictures to make, their bytes, those left, orders that would be paid."""

    make: int = 0
    bytes: int = 0
    kept: int = 0
    skipped: int = 0
    failed: int = 0
    bought: int = 0
    unread: tuple[tuple[str, str], ...] = ()


def forecast(batch: Batch) -> Forecast:
    """What `run` would do; nothing is written, fetched or paid."""
    known = surveyed(batch, fold=False)
    asking, counts, size = Asking(batch.setup, dry=True), Counter[str](), 0
    file, limit = batch.places.state / "journal.sqlite", batch.setup.budget
    journal = Journal(file) if file.exists() else None
    with journal or nullcontext():
        for task in tasks(batch.places, batch.setup.recipe, known, fold=False):
            if journal is not None:
                asking.look([task], journal)
            found = task if journal is None else decision(task, journal, asking, batch.again)[0]
            if isinstance(found, Outcome):
                counts[found.state] += 1
                continue
            counts["make"] += 1
            counts["bought"] += asking.costs(task) or (limit is not None and task.mask is None)
            size += size_in(task.stamp or identity.stamp(task.photo))
        if limit is not None:
            counts["bought"] = min(counts["bought"], max(0, limit - (journal.claimed() if journal else 0)))
    return Forecast(**counts, bytes=size, unread=tuple(known.unread))
