"""Whether a picture is to be made: by what the journal knows of it, and what is on the disk."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from maskkit.batches import budget, identity
from maskkit.batches.objects import is_url, stamps_of
from maskkit.batches.tasks import Outcome, Setup, Task
from maskkit.recipe import Environment, Facts, Recipe, resolve

if TYPE_CHECKING:
    from maskkit.batches.journal import Journal, Known

__all__ = ["Again", "Asking", "decided"]


@dataclass(frozen=True)
class Again:
    """What of an earlier run is done again.

    Attributes
    ----------
    force : everything.
    retry_failed : what failed.
    skip_existing : nothing whose output is there, whoever made it.
    """

    force: bool = False
    retry_failed: bool = False
    skip_existing: bool = False


class Asking:
    """What is asked of each task, as the journal compares it, and whether an order would be paid for.

    ``dry`` claims no orders.
    """

    def __init__(self, setup: Setup, *, dry: bool = False) -> None:
        self.setup, self.dry = setup, dry
        self._digest = setup.recipe.digest
        self._seen: dict[str, str] = {}
        self._weights = lru_cache(64)(self._weights_of)
        self._costs = lru_cache(64)(self._costs_of)

    def digest(self, task: Task) -> str:
        """See `identity.asked`."""
        weights = "" if task.mask is not None else self._weights(*self._maker(task))
        return identity.asked(self.setup, task, self._digest, weights)

    def files(self, task: Task) -> str:
        """The stamps of the files that decide its pixels."""
        photo, *others = identity.files(task, self.setup.recipe)
        return " ".join([task.stamp or self.stamps([photo]), *map(self._stamp, others)])

    def stamps(self, paths: Iterable[str]) -> str:
        """The stamps of several files, as they were when they were looked for."""
        return " ".join(map(self._stamp, paths))

    def look(self, tasks: Iterable[Task], journal: Journal) -> None:
        """Ask the stores for all objects together that tasks which were made before are compared by."""
        wanted: set[str] = set()
        for task in tasks:
            known = journal.known(task.name)
            if known is not None:
                files = identity.files(task, self.setup.recipe)[bool(task.stamp) :]
                wanted.update(filter(is_url, (*files, *self.setup.outputs(known.output))))
        self._seen = stamps_of(wanted)

    def _stamp(self, path: str) -> str:
        return self._seen[path] if path in self._seen else identity.stamp(path)

    def costs(self, task: Task) -> bool:
        """An order would be paid for, unless the picture is transparent."""
        return task.mask is None and self._costs(*self._maker(task))

    def _maker(self, task: Task) -> tuple[str, str | None]:
        own, recipe = dict(task.changes), self.setup.recipe
        return own.get("source", recipe.source), own.get("model", recipe.model)

    def _weights_of(self, source: str, model: str | None) -> str:
        if self.setup.recipe.has_mask or self._costs(source, model):
            return ""
        return identity.weights_of(Recipe(source=source, model=model), self.setup.settings.get("fetch"))

    def _costs_of(self, source: str, model: str | None) -> bool:
        from maskkit.fetch import service_is_set_up

        asked = self.setup.recipe.but(source=source, model=model)
        service = service_is_set_up() and self.setup.budget is None
        told = budget.settings_of(self.setup, source)
        return resolve(asked, Facts(), Environment(service), told).costs


def decided(task: Task, asking: Asking, journal: Journal, asked: str, again: Again) -> Task | Outcome:
    """The task, if it is to be made; else what came of it before."""
    if again.skip_existing and asking.stamps([task.output]):
        return Outcome(task.photo, task.output, task.name, "skipped")
    if again.force or (known := journal.known(task.name)) is None:
        return task
    files = asking.files(task)
    if known.state == "failed":
        same = known.asked == asked and known.files == files
        return task if again.retry_failed or not same else _before(task, known)
    there = known.written and asking.stamps(asking.setup.outputs(known.output)) == known.written
    if known.asked != asked or not there:
        return task
    if files == known.files:
        buys = budget.may_buy(asking.setup, task, known, journal, dry=asking.dry)
        kept = Outcome(task.photo, known.output, task.name, "kept", files=files)
        return replace(task, buy=True) if buys else kept
    remote = any(map(is_url, identity.files(task, asking.setup.recipe)))
    # the worker looks into files; of a store nothing is downloaded to find out
    return task if remote else replace(task, known=known.content)


def _before(task: Task, known: Known) -> Outcome:
    return Outcome(
        task.photo, task.output, task.name, "failed", known.reason, attempts=known.attempts, again=True
    )
