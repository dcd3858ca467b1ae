"""A batch from its inputs to its summary."""

from __future__ import annotations

import sys
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from itertools import chain, islice
from pathlib import Path

from maskkit.batches import budget, identity
from maskkit.batches.deciding import Again, Asking, decided
from maskkit.batches.failures import Failures
from maskkit.batches.journal import Journal, Known
from maskkit.batches.lanes import Lane
from maskkit.batches.means import Means
from maskkit.batches.objects import is_url, remove
from maskkit.batches.planning import Places, Survey, arrived, folds_case, survey, tasks
from maskkit.batches.streaming import stream
from maskkit.batches.tasks import Outcome, Setup, Summary, Task
from maskkit.batches.watching import Arrivals
from maskkit.codec.replacing import discard_left
from maskkit.errors import CodecError
from maskkit.recipe import Facts, resolve

__all__ = ["STATES", "Batch", "decision", "run", "surveyed"]

STATES = ("done", "rejected", "failed", "kept", "skipped")
_LOOKED = 64  # pictures whose objects a store is asked for together
Tell = Callable[[Outcome], object]


@dataclass
class Batch:
    """All that one run has in hand."""

    places: Places
    setup: Setup
    means: Means = field(default_factory=Means)
    again: Again = field(default_factory=Again)
    tell: Tell = lambda _: None
    counted: Callable[[int], object] = lambda _: None
    stopped: Callable[[], bool] = lambda: False
    review: int = 0
    watch: bool = False


def run(batch: Batch) -> Summary:
    """Make what is to be made. Raises MaskkitError for what is refused before anything runs."""
    started = time.perf_counter()
    state = batch.places.state
    fold = _writable(batch.places)
    come = Arrivals(batch.places.inputs, batch.places.results, batch.stopped) if batch.watch else None
    known = surveyed(batch, fold=fold)
    with Journal(state / "journal.sqlite") as journal, Failures(state / "failures.jsonl") as failures:
        _tidy(batch, journal)
        work = _Run(batch, journal, failures)
        for path, why in known.unread:
            failures.add(path, why)
        with closing(work):
            work.through(tasks(batch.places, batch.setup.recipe, known, fold=fold), known.count)
            for some in come.each() if come else ():
                known.count += len(some)
                batch.counted(known.count)
                work.through(iter(arrived(batch.places, batch.setup.recipe, some)), sys.maxsize)
        if batch.review:
            work.review()
    left = known.count - sum(work.counts[name] for name in STATES)
    ended = batch.watch and not left  # as it was meant to
    return Summary(
        **{name: work.counts[name] for name in (*STATES, "bought")},
        left=left,
        unread=tuple(known.unread),
        seconds=time.perf_counter() - started,
        failures=str(failures.file) if failures.count else "",
        stopped=work.full or ("interrupted" if batch.stopped() and not ended else ""),
    )


class _Run:
    """One run: each outcome is counted, kept and told, whether it comes from a worker or from the journal."""

    def __init__(self, batch: Batch, journal: Journal, failures: Failures) -> None:
        self.batch, self.journal, self.failures = batch, journal, failures
        self.asking = Asking(batch.setup)
        self.counts: Counter[str] = Counter()
        self.full = ""
        self._more: deque[Task] = deque()
        self._lanes: list[Lane] = []
        self._died: list[int] = []
        self._asked: dict[str, tuple[Task, str]] = {}

    def through(self, wanted: Iterator[Task], count: int) -> None:
        """Run all tasks, or those until it is told to stop."""
        to_make = self._to_make(wanted)
        first = next(to_make, None)
        if first is None:
            return
        self._lanes = self._lanes or self.batch.means.lanes(self.batch.setup, count)
        made = stream(
            chain([first], to_make),
            self._lanes,
            stopped=self._stopped,
            began=self.journal.began,
            lost=self._died.append,
            more=self._more,
        )
        for outcome in made:
            self._take(outcome)
        self.journal.flush()

    def close(self) -> None:
        """End the workers; remove what those that died have left."""
        for one in self._lanes:
            self._died.extend(one.died())
            one.end()
        if self._died:
            _tidy(self.batch, self.journal)
        self.journal.ended()

    def review(self) -> None:
        """Write the sheet of the most doubtful."""
        from maskkit.batches.review import write

        write(self.batch.setup, self.batch.places, self.journal.doubted(), self.batch.review)

    def _stopped(self) -> bool:
        return bool(self.full) or self.batch.stopped()

    def _to_make(self, wanted: Iterator[Task]) -> Iterator[Task]:
        """The tasks that a worker is needed for; what came of the others is taken at once."""
        for task in self._looked_up(wanted):
            if self._stopped():
                return
            found, asked = decision(task, self.journal, self.asking, self.batch.again)
            if self.batch.watch:
                found = self._unless_taken(found)
            if isinstance(found, Outcome):
                self._take(found)
            else:
                self._asked[task.name] = task, asked
                yield found

    def _looked_up(self, wanted: Iterator[Task]) -> Iterator[Task]:
        """The tasks, where a store is asked for as many at a time."""
        while some := list(islice(wanted, _LOOKED)):
            self.asking.look(some, self.journal)
            yield from some

    def _unless_taken(self, found: Task | Outcome) -> Task | Outcome:
        """The same; but what arrives takes no place of another photo's that is still there."""
        self.journal.flush()
        known, runs = self.journal.known(found.name), self._asked.get(found.name)
        other = runs[0].photo if runs else known.photo if known else found.photo
        if other == found.photo or not identity.stamp(other):
            return found
        said = f"would take the place of the output of {other}; rename one"
        return Outcome(found.photo, found.output, found.name, "failed", said)

    def _take(self, made: Outcome) -> None:
        asked = self._asked.pop(made.name, None)
        if made.fatal:  # not this picture's fault: it is left for the next run
            self.full = made.reason
            self.failures.add(made.photo, made.reason, made.name, made.attempts)
            return
        if asked is not None:
            self._keep(made, *asked)
            task, digest = asked
            if not task.buy and budget.may_buy(self.batch.setup, task, made, self.journal):
                self._asked[task.name] = bought = replace(task, buy=True), digest
                self._more.append(bought[0])
                return
            if task.buy and made.ok and not made.bought:
                self.journal.unclaim(made.name, made.content)
        self.counts[made.state] += 1
        self.counts["bought"] += made.bought
        if made.state == "failed":
            self.failures.add(made.photo, made.reason, made.name, made.attempts)
        self.batch.tell(made)

    def _keep(self, made: Outcome, task: Task, asked: str) -> None:
        files = made.files or self.asking.files(task)
        if made.state == "kept":
            self.journal.seen(made, files)
            return
        before = self.journal.known(made.name)
        self.journal.put(made, task, asked, files)
        if before is not None and made.ok and before.written and before.output != made.output:
            _remove(before, self.batch.setup)  # it was accepted and is rejected now, or the other way round


def surveyed(batch: Batch, *, fold: bool) -> Survey:
    """Look at every input. Raises PixelError for what is refused before anything runs."""
    budget.check(batch.setup)
    known = survey(batch.places, batch.setup, fold=fold, stopped=batch.stopped)
    if known.estimated:  # what cannot go together is refused before anything is read
        told = budget.settings_of(batch.setup, batch.setup.recipe.source)
        resolve(batch.setup.recipe, Facts(), settings=told)
    batch.counted(known.count)
    return known


def decision(task: Task, journal: Journal, asking: Asking, again: Again) -> tuple[Task | Outcome, str]:
    """The task, if it is to be made, else what came of it before; and what is asked of it."""
    asked = asking.digest(task)
    return decided(task, asking, journal, asked, again), asked


def _writable(places: Places) -> bool:
    """Make the folder and try to write there; whether it takes names that differ only in case for one."""
    if places.remote:
        return False
    folder = Path(places.destination)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CodecError(f"{folder}: cannot be made: {(error.strerror or '').lower()}") from None
    return folds_case(folder)


def _tidy(batch: Batch, journal: Journal) -> None:
    """Remove what the workers of a batch that was killed left half written."""
    if killed := journal.left():
        for folder in batch.places.results:
            if not is_url(folder):
                discard_left(Path(folder), killed)
        journal.ended()


def _remove(before: Known, setup: Setup) -> None:
    """Remove a result of ours, if it is still the one that was written."""
    outputs = setup.outputs(before.output)
    if identity.stamps(outputs) == before.written:
        for one in outputs:
            if is_url(one):
                remove(one)
            else:
                Path(one).unlink(missing_ok=True)
