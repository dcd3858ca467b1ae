"""What a process of the pool does first. It must import nothing heavy: NumPy reads the environment once."""

from __future__ import annotations

import multiprocessing
import os
import threading

__all__ = ["begin"]

# What linear algebra libraries ask for their number of threads. On two cores OpenBLAS's threads, waiting for
# each other in a loop, took a third of the CPU time of the classical engine.
_THREADS = ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")


def begin(threads: int) -> None:
    """End with the parent, keep to a share of the cores; what the environment says already is left."""
    parent = multiprocessing.parent_process()
    if parent is not None:

        def follow() -> None:
            parent.join()
            os._exit(1)

        threading.Thread(target=follow, daemon=True).start()
    for name in _THREADS:
        os.environ.setdefault(name, str(threads))
    from maskkit.kernels import set_threads

    set_threads(threads)
