"""A Dask cluster as a lane: on this machine, or at the address of a scheduler.

Dask says of a dead worker that all it was given is suspect. What it gives up comes back one by one, alone.
"""

from __future__ import annotations

import logging
import os
import pickle
import secrets
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field, replace
from functools import partial
from importlib import import_module
from itertools import count
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any

from maskkit.batches import making
from maskkit.batches.lanes import Began, Bundle, Lane, cores
from maskkit.batches.objects import is_url
from maskkit.batches.tasks import Outcome, Setup, Task
from maskkit.codec.sources import names_file
from maskkit.errors import FetchError, MaskkitError, MissingExtraError
from maskkit.keywords import Options
from maskkit.recipe import Recipe
from maskkit.redact import redact

if TYPE_CHECKING:
    from maskkit.batches.cluster_worker import Weights

__all__ = ["LOCAL", "ClusterLane", "client_of", "cluster_lane"]

LOCAL = "local"
_SECONDS, _MOST = 0.5, 256  # of work in a bundle: five hundred times what the scheduler needs for it
_AHEAD, _LEAST = 8, 64  # bundles a thread, and in all: a cluster that adapts grows by what waits
_ANSWER = 20  # seconds until a scheduler must have answered


@dataclass(eq=False)
class ClusterLane(Lane):
    """A cluster, and what it has been given. ``began`` are the processes that have come to it."""

    client: Any = None
    own: bool = False
    cluster: Any = None
    key: str = ""
    known: set[int] = field(default_factory=set)
    _began: SimpleQueue[int] = field(default_factory=SimpleQueue)
    _keys: dict[Future[list[Outcome]], Any] = field(default_factory=dict)
    _numbers: count[int] = field(default_factory=count)

    @property
    def free(self) -> bool:
        """It has room by the threads that it has now; they come and go."""
        threads = sum(self.client.nthreads().values()) if len(self.running) >= _LEAST else 0
        return len(self.running) < max(_LEAST, _AHEAD * threads)

    def submit(self, bundle: Bundle) -> Future[list[Outcome]]:
        """Give it a bundle. Raises MaskkitError where the cluster is gone."""
        from maskkit.batches.cluster_worker import make_there

        told: Future[list[Outcome]] = Future()
        # keys of one group wait at the scheduler, not in the queue of a worker that may die
        key, sent = (self.key, next(self._numbers)), [_whole(task) for task in bundle.tasks]
        try:
            asked = self.client.submit(make_there, self.key, sent, key=key, pure=False)
        except Exception as error:
            raise MaskkitError(f"the cluster is gone: {redact(error)}") from None
        self._keys[told] = asked
        self.running.append((bundle, told))
        asked.add_done_callback(partial(self._settle, told, bundle.tasks))
        return told

    def _settle(self, told: Future[list[Outcome]], tasks: Sequence[Task], asked: Any) -> None:
        """What Dask says of a bundle, in a thread; a result that went with its worker comes anew."""
        try:
            made, error = asked.result(), None
        except Exception as raised:  # of the bundle, if its state says so; else of the scheduler
            made, error = [], raised
        self._keys.pop(told, None)
        if error is None:
            told.set_result([_named(one, task) for one, task in zip(made, tasks, strict=True)])
        elif asked.status == "error":
            told.set_exception(error)
        else:
            told.cancel()
            told.set_running_or_notify_cancel()

    def begin(self, began: Began) -> None:
        """Hear of the processes that have come."""
        try:
            while True:
                pid = self._began.get_nowait()
                self.known.add(pid)
                began(pid)
        except Empty:
            return

    def drop(self) -> None:
        """Take back what no worker has begun with."""
        busy = {key for keys in self.client.processing().values() for key in keys}
        waiting = [asked for asked in list(self._keys.values()) if asked.key not in busy]
        self.client.cancel(waiting, force=True)

    def died(self) -> set[int]:
        """The processes that were there and are not any more."""
        self.begin(lambda _: None)
        try:
            return self.known - set(self.client.run(_pid).values())
        except Exception:  # the whole cluster is gone
            return set(self.known)

    def end(self) -> None:
        """Leave the cluster as it was; one that was started here ends."""
        try:
            self.client.unregister_worker_plugin(self.key)
        except Exception:
            logging.getLogger("maskkit").info("the cluster went before the batch was at its end")
        if self.own:
            self.client.close()
        if self.cluster is not None:
            self.cluster.close()

    def hear(self, event: tuple[float, Mapping[str, int]]) -> None:
        """A worker says who it is."""
        self._began.put(event[1]["pid"])


def cluster_lane(setup: Setup, where: str | Any, workers: int | None = None) -> ClusterLane:
    """The lane of a cluster; recipe and weights go to each of its workers once, and to those that come later.

    Parameters
    ----------
    setup : what all pictures have in common.
    where : "local", the address of a scheduler, or a ``distributed.Client``, which stays its owner's.
    workers : how many processes a local cluster has; by default one a core.

    Raises
    ------
    MissingExtraError
        Without ``distributed``.
    MaskkitError
        If no scheduler answers, or a worker has no maskkit, or another version of it.
    """
    dask = _dask()
    from maskkit.batches.cluster_worker import Worker

    cluster, own = (_local(dask, workers or cores()) if where == LOCAL else None), isinstance(where, str)
    if own:  # what it warns of is gone on with, or told by us
        logging.getLogger("distributed.client").setLevel(logging.CRITICAL)
    try:
        client: Any = dask.Client(cluster or where, timeout=_ANSWER, set_as_default=False) if own else where
    except Exception as error:  # of any kind: a name without an address, time-outs, TLS
        raise MaskkitError(f"dask: {where}: no scheduler answers: {redact(error)}") from None
    key = f"maskkit-{secrets.token_hex(6)}"
    lane = ClusterLane(Executor(), making.make_known, 0, client=client, own=own, cluster=cluster, key=key)
    lane.seconds, lane.most = _SECONDS, _MOST
    try:
        client.subscribe_topic(key, lane.hear)
        weights = None if cluster else _weights(setup)
        recipe = setup.recipe.but(**_whole_files(_behind(setup.recipe)))
        there = pickle.dumps(replace(setup, recipe=recipe, orders=_path(setup.orders)))
        client.register_plugin(Worker(key, there, weights, own=bool(cluster)), name=key)
    except Exception as error:
        lane.end()
        raise MaskkitError(f"dask: a worker cannot begin: {redact(error)}") from None
    return lane


def client_of(executor: Executor) -> Any:
    """The client of an executor that Dask has made; None of any other."""
    return (
        getattr(executor, "_client", None) if type(executor).__module__.startswith("distributed.") else None
    )


def _dask() -> Any:
    try:
        return import_module("distributed")
    except ImportError:
        raise MissingExtraError("cluster", "distributed") from None


def _local(dask: Any, workers: int) -> Any:
    """A cluster of processes of one thread. A picture that kills its worker is given back at once."""
    with import_module("dask").config.set({"distributed.scheduler.allowed-failures": 0}):
        return dask.LocalCluster(
            n_workers=workers, threads_per_worker=1, dashboard_address=None, silence_logs=logging.CRITICAL
        )


def _weights(setup: Setup) -> Weights | None:
    """The file that the recipe's network is in, where it lies in the folder of the weights."""
    recipe = setup.recipe
    if recipe.mask is not None or recipe.source not in ("auto", "onnx"):
        return None
    from maskkit.batches.cluster_worker import Weights
    from maskkit.engines.inference import find_network
    from maskkit.engines.weights import digest, home

    try:
        path = find_network(recipe.model, setup.settings.get("fetch"), insist=recipe.source == "onnx")[1]
    except FetchError:  # "auto" goes without
        return None
    return Weights(path.name, digest(path), path.read_bytes()) if path.parent == home() else None


def _whole(task: Task) -> Task:
    """The same with whole paths: a worker stands in another folder."""
    photo, output, rejected = map(_path, (task.photo, task.output, task.rejected))
    changes = tuple(_whole_files(dict(task.changes)).items())
    return replace(task, photo=photo, output=output, rejected=rejected,
                   mask=task.mask and _path(task.mask), changes=changes)  # fmt: skip


def _named(made: Outcome, task: Task) -> Outcome:
    """The outcome with the paths as they were named here."""
    output = task.rejected if made.state == "rejected" else task.output
    return replace(made, photo=task.photo, output=output)


def _behind(recipe: Recipe) -> Options:
    return {"backdrop": recipe.backdrop, "screen": recipe.screen}


def _whole_files(options: Mapping[str, Any]) -> Options:
    """The options, with the whole path of each that names a file."""
    files = _behind(Recipe()).keys()
    return {
        name: _path(value) if name in files and isinstance(value, str) and names_file(value) else value
        for name, value in options.items()
    }


def _path(name: str) -> str:
    return str(Path(name).absolute()) if name and not is_url(name) else name


def _pid() -> int:
    return os.getpid()
