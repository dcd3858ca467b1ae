"""What a process of a pool does first. It must import nothing heavy: NumPy reads the environment once."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading

__all__ = ["begin", "undisturbed"]

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
    """End with the parent, keep to a share of the cores; what the environment says already is left."""
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


def undisturbed() -> None:
    """Let the parent decide when to end: a terminal sends Ctrl-C to every process of a command."""
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):  # Windows has no SIGHUP
        number = getattr(signal, name, None)
        if number is not None:
            signal.signal(number, signal.SIG_IGN)


def _discard_unfinished() -> None:
    from maskkit.codec.replacing import discard_unfinished

    discard_unfinished()
