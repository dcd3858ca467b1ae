"""The command line as a process."""

import os
import subprocess
import sys
from pathlib import Path

import maskkit as mk

PACKAGE = Path(mk.__file__).parent.parent  # the one under test: installed, or this checkout


def maskkit(*arguments, stdin=None, cwd=None, check=0):
    path = os.pathsep.join([str(PACKAGE), os.environ.get("PYTHONPATH", "")])
    environment = {**os.environ, "PYTHONPATH": path}
    environment.pop("MASKKIT_DEBUG", None)
    run = subprocess.run(
        [sys.executable, "-m", "maskkit", *map(str, arguments)],
        input=stdin,
        capture_output=True,
        check=False,
        cwd=cwd,
        env=environment,
    )
    assert run.returncode == check, run.stderr.decode()
    assert b"Traceback" not in run.stderr
    return run
