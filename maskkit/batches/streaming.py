"""Tasks in, outcomes out as they finish; bounded in what is in hand, whatever the number of pictures."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import replace
from itertools import islice
from queue import SimpleQueue

from maskkit.batches.lanes import Began, Bundle, Lane, is_killed, is_loss
from maskkit.batches.tasks import Outcome, Task
from maskkit.redact import redact

__all__ = ["ATTEMPTS", "stream"]

ATTEMPTS = 2
"""How often a picture may take its worker with it."""


class _Stream:
    """Lanes, what they have in hand, and what has to be given to them again."""

    def __init__(
        self, lanes: Sequence[Lane], began: Began, lost: Callable[[int], object], more: deque[Task]
    ) -> None:
        self.lanes, self._began, self._lost, self._more = lanes, began, lost, more
        self.ended: SimpleQueue[Lane] = SimpleQueue()
        self.again: deque[Bundle] = deque()
        self.size = 1
        self.ending = False
        for lane in lanes:
            lane.greet()

    @property
    def busy(self) -> bool:
        return any(lane.running for lane in self.lanes)

    def free(self) -> Lane | None:
        """The lane with the least in hand, if one has room."""
        free = [lane for lane in self.lanes if lane.free]
        return min(free, key=lambda lane: len(lane.running)) if free else None

    def next(self, tasks: Iterator[Task]) -> Bundle | None:
        """What is to be given again, else the next tasks, if there are any.

        Of those that were with a worker as it died, one runs at a time: it shows whose fault it is.
        """
        if self.again and (self.again[0].attempts == 1 or not self._suspected()):
            return self.again.popleft()
        if self._more:
            return Bundle([self._more.popleft()])
        taken = list(islice(tasks, self.size))
        return Bundle(taken) if taken else None

    def _suspected(self) -> bool:
        return any(bundle.attempts > 1 for lane in self.lanes for bundle, _ in lane.running)

    def give(self, lane: Lane, bundle: Bundle) -> Iterator[Outcome]:
        """Hand a bundle to a lane; where its process died in its sleep, another one takes its place."""
        lane.begin(self._began)
        try:
            future = lane.submit(bundle)
        except Exception as error:
            if not is_loss(error) or lane.start is None:
                raise
            self.again.appendleft(bundle)
            yield from self._broken(lane)
        else:
            future.add_done_callback(lambda _: self.ended.put(lane))

    def settle(self) -> Iterator[Outcome]:
        """Wait until something ends; what came of it."""
        lane = self.ended.get()
        while lane.running:
            place = next((n for n, (_, future) in enumerate(lane.running) if future.done()), None)
            if place is None:
                return
            bundle, future = lane.running[place]
            if not future.cancelled() and is_loss(future.exception() or Exception()):
                yield from self._broken(lane)
                return
            del lane.running[place]
            yield from self._results(lane, bundle, future)

    def end(self) -> None:
        """Nothing more is begun."""
        self.ending = True
        for lane in self.lanes:
            lane.drop()

    def _results(self, lane: Lane, bundle: Bundle, future: Future[list[Outcome]]) -> Iterator[Outcome]:
        error = None if future.cancelled() else future.exception()
        if self.ending and future.cancelled():
            return
        if is_killed(error):
            yield from self._suspect(bundle)
            return
        if future.cancelled() or error is not None:
            said = (
                "was given up by its executor"
                if error is None
                else f"{type(error).__name__}: {redact(error)}"
            )
            gone = error is None  # the executor itself: the rest would fare no better
            yield from (replace(_lost(task, said, bundle.attempts), fatal=gone) for task in bundle.tasks)
            return
        made = future.result()
        self._fit(lane, sum(one.seconds for one in made) / max(1, len(made)))
        again = bundle.attempts > 1
        yield from (replace(one, attempts=bundle.attempts) if again else one for one in made)

    def _fit(self, lane: Lane, seconds: float) -> None:
        """Bundles of pictures that take little."""
        wanted = max(1, min(lane.most, int(lane.seconds / max(seconds, 1e-4))))
        self.size = wanted if wanted < self.size else min(wanted, 2 * self.size)

    def _broken(self, lane: Lane) -> Iterator[Outcome]:
        """The first that the lane had in hand has had its attempt; the others are innocent."""
        if lane.start is None:
            while lane.running:
                bundle, _ = lane.running.popleft()
                yield from (_lost(one, "its executor broke", bundle.attempts) for one in bundle.tasks)
            return
        finished = [pair for pair in lane.running if pair[1].done() and not _is_lost(pair[1])]
        others = [bundle for bundle, future in lane.running if (bundle, future) not in finished]
        lane.running.clear()
        self._lost(lane.pid)
        lane.renew()
        for bundle, future in finished:
            yield from self._results(lane, bundle, future)
        if others:
            yield from self._suspect(others[0])
        self.again.extendleft(reversed(others[1:]))

    def _suspect(self, bundle: Bundle) -> Iterator[Outcome]:
        if len(bundle.tasks) == 1 and bundle.attempts >= ATTEMPTS:
            yield _lost(bundle.tasks[0], f"its worker died, {ATTEMPTS} times", bundle.attempts)
            return
        # one by one from here on, so that it shows whose fault it is
        self.again.extendleft(Bundle([task], bundle.attempts + 1) for task in reversed(bundle.tasks))


def stream(
    tasks: Iterator[Task],
    lanes: Sequence[Lane],
    *,
    stopped: Callable[[], bool],
    began: Began,
    lost: Callable[[int], object],
    more: deque[Task],
) -> Iterator[Outcome]:
    """Run tasks on lanes and yield what comes of each, as it comes.

    Parameters
    ----------
    tasks : taken as there is room.
    lanes : see `maskkit.batches.lanes`.
    stopped : asked before each bundle; once it says so, what runs is finished and nothing more is begun.
    began, lost : hear the number of a process that has started, or died.
    more : what comes up on the way, one at a time: each takes long.
    """
    state = _Stream(lanes, began, lost, more)
    while not stopped():
        lane = state.free()
        bundle = None if lane is None else state.next(tasks)
        if lane is not None and bundle is not None:
            yield from state.give(lane, bundle)
        elif state.busy:
            yield from state.settle()
        else:
            break
    state.end()
    while state.busy:
        yield from state.settle()


def _is_lost(future: Future[list[Outcome]]) -> bool:
    return not future.cancelled() and is_loss(future.exception() or Exception())


def _lost(task: Task, reason: str, attempts: int) -> Outcome:
    return Outcome(task.photo, task.output, task.name, "failed", reason, attempts=attempts)
