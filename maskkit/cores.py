"""How many threads work on one picture, and what comes before them.

Needs no NumPy: decoding may begin while it is being imported.
"""

from __future__ import annotations

import os

from maskkit.errors import PixelError

__all__ = ["before_threads", "set_threads", "threads"]


def _available() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


_threads = int(os.environ.get("MASKKIT_THREADS") or _available())


def threads() -> int:
    """How many threads the kernels use: ``set_threads``, else MASKKIT_THREADS, else the cores available."""
    return _threads


def set_threads(count: int) -> None:
    """Use ``count`` threads from now on; results do not depend on it.

    >>> before = threads(); set_threads(1); threads()
    1
    >>> set_threads(before)
    """
    global _threads  # noqa: PLW0603 - the one process-wide setting
    if count < 1:
        raise PixelError(f"count: need at least 1 thread, got {count}")
    _threads = count


def before_threads() -> None:
    """Set what an import would set beside a thread: to be called before the first thread is started.

    OpenCV's import sets LD_LIBRARY_PATH. A variable that is new moves the whole environment in memory, where
    a thread may be reading it (libjpeg and the resolver do): rarely, that ended the process. A value that is
    replaced moves nothing.
    """
    os.environ.setdefault("LD_LIBRARY_PATH", "")
