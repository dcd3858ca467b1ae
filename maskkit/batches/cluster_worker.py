"""What a worker of a Dask cluster keeps of each batch; the one module here that imports Dask."""

from __future__ import annotations

import os
import pickle
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from maskkit import __version__
from maskkit.batches import making
from maskkit.batches.child import undisturbed
from maskkit.batches.tasks import Outcome, Setup, Task
from maskkit.errors import MaskkitError

try:
    from distributed.diagnostics.plugin import WorkerPlugin
except ImportError:  # whoever imports every module of the package, as doctest does, needs no cluster
    WorkerPlugin = object  # type: ignore[assignment,misc,unused-ignore]

__all__ = ["Weights", "Worker", "make_there"]

_setups: dict[str, Setup] = {}  # of the batches that run now


@dataclass(frozen=True)
class Weights:
    """A file of weights: its name, its SHA-256, and what it holds."""

    name: str
    sha256: str
    content: bytes = field(repr=False)


class Worker(WorkerPlugin):  # type: ignore[misc,unused-ignore]
    """Travels to each worker once, to those that come later, too; ``own`` are those of a local cluster."""

    def __init__(self, key: str, setup: bytes, weights: Weights | None, *, own: bool) -> None:
        self.key, self.name, self._setup, self._weights, self._own = key, key, setup, weights, own
        self._version = __version__

    def setup(self, worker: Any) -> None:
        """Keep the setup, lay the weights where engines look for them, say who this is."""
        if self._version != __version__:
            raise MaskkitError(f"it has maskkit {__version__}, the batch is maskkit {self._version}")
        from maskkit.kernels import set_threads

        set_threads(1)  # there are as many pictures at once as the worker has threads
        if self._own and threading.current_thread() is threading.main_thread():
            undisturbed()
        if self._weights is not None:
            _lay(self._weights)
        _setups[self.key] = pickle.loads(self._setup)  # noqa: S301 - the batch's own
        worker.log_event(self.key, {"pid": os.getpid()})

    def teardown(self, worker: Any) -> None:  # noqa: ARG002 - Dask's signature
        """Forget the batch."""
        _setups.pop(self.key, None)


def make_there(key: str, tasks: Sequence[Task]) -> list[Outcome]:
    """`making.make_all` with the setup of that batch."""
    return making.make_all(_setups[key], tasks)


def _lay(weights: Weights) -> None:
    from maskkit.codec import atomic
    from maskkit.engines.weights import digest, home

    file = home() / weights.name
    if file.is_file() and digest(file) == weights.sha256:
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    with atomic(file) as temporary:
        temporary.write_bytes(weights.content)
