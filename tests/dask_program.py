"""A scheduler or a worker of Dask's, as a process of its own."""

import contextlib
import os
import signal
import subprocess
import sys


@contextlib.contextmanager
def dask_program(name, *options, stderr=subprocess.DEVNULL):
    """``dask NAME OPTIONS...``, which is killed with all its children at the end of the block."""
    process = subprocess.Popen(
        [sys.executable, "-m", f"distributed.cli.dask_{name}", *options],
        stdout=subprocess.DEVNULL, stderr=stderr, text=True, start_new_session=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
    )  # fmt: skip
    with process:
        try:
            yield process
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
