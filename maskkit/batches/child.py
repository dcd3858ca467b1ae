"""How a process of a pool begins. It must import nothing heavy: NumPy reads the environment once."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["ENDS", "begin", "undisturbed", "unheard"]

ENDS = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
"""The signals that end a process; Windows has no SIGHUP."""

# What linear algebra libraries ask for their number of threads. On two cores OpenBLAS's threads, waiting for
# each other in a loop, took a third of the CPU time of the classical engine.
_THREADS = (
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "OMP_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "OPENCV_FOR_THREADS_NUM",
)


def begin(threads: int) -> None:
    """End when the parent does and not before, keep to a share of the cores that the environment may set."""
    undisturbed()
    parent = multiprocessing.parent_process()
    if parent is not None:

        def follow() -> None:
            parent.join()
            _discard_unfinished()
            os._exit(1)

        threading.Thread(target=follow, daemon=True).start()
    for name in _THREADS:
        os.environ.setdefault(name, str(threads))
    from maskkit.kernels import set_threads

    set_threads(threads)


@contextmanager
def unheard() -> Iterator[None]:
    """A process that is started meanwhile hears no signal that ends it until it is `undisturbed`.

    A terminal sends Ctrl-C to every process of a command, also to one that has only begun to import. Where
    signals cannot be held back (Windows), nothing is.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ENDS)  # which a process inherits
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def undisturbed() -> None:
    """Let the parent decide when to end; what came until now is forgotten."""
    for number in ENDS:
        signal.signal(number, signal.SIG_IGN)
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDS)


def _discard_unfinished() -> None:
    from maskkit.codec.replacing import discard_unfinished

    discard_unfinished()
